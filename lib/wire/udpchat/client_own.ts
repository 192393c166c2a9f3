/**
 * Messages of one's own: on their way, in the log, and pushed back by the server.
 *
 * An answer says where a message stands. Where the server does not count (the
 * original's), its push does, which has the SEQN of the request.
 *
 * @module
 */

import type { Place, ServerEvent } from "../events.ts";
import type { PrivateMessageRequest } from "../requests.ts";
import type { ChatPush, readStored } from "./client_bodies.ts";
import type { Reply } from "./client_replies.ts";
import type { MessageRequest } from "./client_requests.ts";
import type { ClientRoom } from "./client_room.ts";

/** A message whose place is known, until the server's own copy comes. */
interface OwnMessage {
  readonly room: ClientRoom;
  id?: number;
  sequence?: number;
}

/** How many are known. */
const MOST_OWN = 256;

/** One connection's. */
export class OwnMessages {
  /** By SEQN. */
  readonly #known = new Map<number, OwnMessage>();

  /** One is on its way. */
  add(seqn: number, room: ClientRoom): void {
    this.#known.set(seqn, { room });
    const [oldest] = this.#known.keys();
    if (this.#known.size > MOST_OWN && oldest !== undefined) {
      this.#known.delete(oldest);
    }
  }

  /** The server has refused one. */
  drop(seqn: number): void {
    this.#known.delete(seqn);
  }

  /** One is in the log, as the ACK of its request says: makes its reply. */
  stored(
    { seqn, request, room, username }: {
      readonly seqn: number;
      readonly request: MessageRequest;
      readonly room: ClientRoom;
      readonly username: string;
    },
    { repeated, ...stored }: ReturnType<typeof readStored>,
    reply: Reply,
    now: number,
  ): void {
    const own = this.#known.get(seqn);
    if (!repeated) {
      if (stored.sequence !== undefined) room.stored(stored.sequence);
      reply.own = { room, sequence: stored.sequence };
    }
    reply.make = () => {
      const id = stored.id ?? own?.id;
      // What the server does not count has its number when it is told.
      const sequence = stored.sequence ?? room.count(id);
      if (!repeated) room.tell(sequence);
      if (own !== undefined) own.sequence = sequence;
      const place = { id: id ?? 0, room: room.handle, sequence, time: now };
      const again = repeated ? { repeated } as const : {};
      return request.type === "room_msg"
        ? { type: "room_msg_ack", id: place.id, place, ...again }
        : { ...delivery(request, username, place), ...again };
    };
  }

  /** Whether a push is of one of these: it is told by its answer. */
  takes(
    { id, sequence, requestSeqn = 0, history }: ChatPush,
    room: ClientRoom,
  ): boolean {
    const own = history ? undefined : this.#known.get(requestSeqn);
    if (own?.room !== room) return false;
    own.id = id;
    if (sequence === undefined && own.sequence !== undefined) {
      room.learn(id, own.sequence);
    }
    return true;
  }
}

function delivery(
  { recipient, text }: PrivateMessageRequest,
  sender: string,
  place: Place,
) {
  const type = "private_msg_delivery";
  return {
    type,
    sender,
    recipient,
    text,
    place,
  } as const satisfies ServerEvent;
}
