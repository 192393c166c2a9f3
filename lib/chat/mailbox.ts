/**
 * Private messages that wait for somebody whose wire fetches them (CP). They
 * are what lies beyond the cursor, so what another client of the account has
 * received is not among them.
 *
 * @module
 */

import type { PrivateMessageDelivery } from "../wire/mod.ts";
import type { Core } from "./core.ts";
import type { Message } from "./log.ts";
import {
  directStream,
  type Person,
  type Room,
  type Session,
} from "./people.ts";
import { fitting } from "./queries.ts";
import type { Receipts } from "./receipts.ts";
import { said } from "./rooms.ts";

/** What it is made of. */
export interface MailboxParts<Peer> {
  readonly core: Core<Peer>;
  readonly receipts: Receipts<Peer>;
}

/** Everybody's. */
export class Mailbox<Peer> {
  readonly #parts: MailboxParts<Peer>;

  constructor(parts: MailboxParts<Peer>) {
    this.#parts = parts;
  }

  /** Answers with the oldest that wait, some time later. */
  list(session: Session<Peer>, person: Person<Peer>): void {
    const rooms = [...person.rooms].filter((room) =>
      room.kind === "direct" && firstDue(room, person) <= room.last
    );
    // More rooms have their turn when these have nothing more.
    const some = rooms.slice(0, this.#parts.core.limits.historyPage);
    this.#collect(session, person, some, []);
  }

  /** Asks room by room; then replies, and answers true. */
  #collect(
    session: Session<Peer>,
    person: Person<Peer>,
    [room, ...others]: readonly Room<Peer>[],
    found: PrivateMessageDelivery[],
  ): boolean {
    const { core, receipts } = this.#parts;
    const { historyPage: limit, pageBytes } = core.limits;
    if (room === undefined) {
      found.sort((a, b) => (a.place?.id ?? 0) - (b.place?.id ?? 0));
      const messages = fitting(found, limit, pageBytes, true);
      core.reply(session, { type: "list_waiting", messages });
      return true;
    }
    const query = { after: firstDue(room, person) - 1, limit };
    const toOneself = directStream(person.handle, person.handle);
    const question = { kind: "page", stream: room.stream, query } as const;
    core.askFor(session, question, (page, now) => {
      const shown = page.filter(({ sequence }) => sequence <= room.last);
      const waiting = shown.filter(({ person: by }) =>
        by !== person.handle || room.stream === toOneself
      );
      found.push(...waiting.flatMap((message) => delivered(room, message)));
      const last = shown.at(-1)?.sequence ?? room.last;
      if (waiting.length > 0) {
        return this.#collect(session, person, others, found);
      }
      // What one said to others waits for nobody; nor does what was removed.
      const has = { room: room.handle, received: last };
      receipts.state(session, room, has, now);
      const rest = last < room.last ? [room, ...others] : others;
      return this.#collect(session, person, rest, found);
    });
    return false;
  }
}

/** The sequence behind what somebody has of a room. */
function firstDue<Peer>(room: Room<Peer>, person: Person<Peer>): number {
  return (room.members.get(person)?.received ?? room.last) + 1;
}

function delivered<Peer>(
  room: Room<Peer>,
  message: Message,
): PrivateMessageDelivery[] {
  const event = said(room, message, message);
  return event.type === "private_msg_delivery" ? [event] : [];
}
