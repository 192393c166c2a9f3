/**
 * What people say about rooms and themselves: topics, and being away.
 *
 * @module
 */

import {
  checkText,
  refusal,
  type SetAwayRequest,
  type SetTopicRequest,
  textBytes,
} from "../wire/mod.ts";
import type { Core } from "./core.ts";
import { isCrowd } from "./crowds.ts";
import { findOwnRoom, type Places } from "./find_room.ts";
import type { Person, Room, Session } from "./people.ts";
import { roomChange } from "./records.ts";

/** What sayings are made of. */
export interface SayingParts<Peer> extends Places<Peer> {
  readonly core: Core<Peer>;
}

/** All of them. */
export class Sayings<Peer> {
  readonly #parts: SayingParts<Peer>;

  constructor(parts: SayingParts<Peer>) {
    this.#parts = parts;
  }

  /**
   * Sets a topic, once it is kept if the room is; answers some time later.
   *
   * @throws {RemoteProtocolError} 400, 403, 404, 413, not fatal.
   */
  setTopic(
    session: Session<Peer>,
    person: Person<Peer>,
    current: Room<Peer>,
    { room: asked, topic }: SetTopicRequest,
  ): void {
    const { core } = this.#parts;
    const room = asked === undefined
      ? current
      : findOwnRoom(this.#parts, person, asked);
    if (room.kind === "direct") throw refusal(400, "two people need no topic");
    this.#checkLine("a topic", topic);
    const told = () => {
      room.topic = topic === "" ? undefined : topic;
      const at = { room: room.name.shown, topic };
      const user = person.name.shown;
      const others = [...room.listeners].filter((each) => each !== session);
      core.publish(others, [{ event: { type: "topic", user, ...at } }]);
      core.reply(session, { type: "set_topic", ...at });
    };
    if (!room.stored && room.storing === 0) return told();
    session.busy = true;
    this.#keep(room, topic, (now) => {
      told();
      core.attempt(session, now, () => true);
    }, (detail, now) => core.fail(session, detail, now));
  }

  /** Writes a topic; whatever is written of the room meanwhile has it too. */
  #keep(
    room: Room<Peer>,
    topic: string,
    kept: (now: number) => void,
    failed: (detail: string, now: number) => void,
  ): void {
    const { core, rooms } = this.#parts;
    const wanted = { topic };
    room.newTopic = wanted;
    room.stored = true;
    const changes = [roomChange(room)];
    const settled = () => {
      const last = room.newTopic === wanted;
      if (last) room.newTopic = undefined;
      return last;
    };
    core.ask({ kind: "save", changes }, (_, now) => {
      settled();
      kept(now);
    }, (detail, now) => {
      const there = rooms.byHandle(room.handle) === room;
      // What was written of the room meanwhile has a topic that was refused.
      if (settled() && there) core.save([roomChange(room)]);
      failed(detail, now);
    });
  }

  /**
   * Says that somebody doesn't look, to those who see them, if that is new; not
   * to a crowd, where nobody is told who comes and goes either.
   *
   * @throws {RemoteProtocolError} 400, 413, not fatal.
   */
  setAway(
    session: Session<Peer>,
    person: Person<Peer>,
    { text }: SetAwayRequest,
  ): void {
    const { core } = this.#parts;
    if (text !== undefined) {
      checkText(text);
      this.#checkLine("a reason to be away", text);
    }
    const said = text === undefined ? {} : { text };
    if (person.away !== text) {
      person.away = text;
      this.#tellAway(session, person, said);
    }
    core.reply(session, { type: "set_away", ...said });
  }

  #tellAway(
    session: Session<Peer>,
    person: Person<Peer>,
    said: Pick<SetAwayRequest, "text">,
  ): void {
    const { core } = this.#parts;
    const seers = new Set<Session<Peer>>();
    for (const room of person.rooms) {
      if (isCrowd(room, core.limits)) continue;
      for (const listener of room.listeners) seers.add(listener);
    }
    seers.delete(session);
    const user = person.name.shown;
    core.publish(seers, [{ event: { type: "away", user, ...said } }]);
  }

  #checkLine(what: string, text: string): void {
    const { topicBytes: most } = this.#parts.core.limits;
    const bytes = textBytes(text);
    if (bytes > most) {
      const detail = `${what} has at most ${most} bytes, this one has ${bytes}`;
      throw refusal(413, detail);
    }
    if (/\p{Cc}/u.test(text)) {
      throw refusal(400, `${what} is one line, without control characters`);
    }
  }
}
