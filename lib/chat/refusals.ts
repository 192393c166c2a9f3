/**
 * Messages that are not taken. One with a ref may be a repetition, for the
 * client's connection may have ended before the answer came:
 *
 * - What is in the log MUST be acknowledged, whatever speaks against saying it
 *   now: an author who is refused says it again, as another message.
 * - What was refused for what it is MUST be refused again: a new try has a new
 *   ref. What came too fast, or while the server goes down, was not looked at;
 *   its ref stays free.
 *
 * Whoever floods costs no look into the log, but with refs that may be in it.
 *
 * @module
 */

import { refusal, type RemoteProtocolError } from "../wire/mod.ts";
import type { Core } from "./core.ts";
import type { KeptSession } from "./kept_sessions.ts";
import { type MessageRequest, repetition } from "./messages.ts";
import type { Session } from "./people.ts";
import { errorMessage, errorReply } from "./replies.ts";
import type { Rooms } from "./rooms.ts";

/** A message that may be a repetition. */
interface Repeatable<Peer> {
  readonly session: Session<Peer>;
  readonly kept: KeptSession<Peer>;
  readonly request: MessageRequest;
  readonly ref: number;
}

/** Says no. */
export class Refusals<Peer> {
  readonly #core: Core<Peer>;
  readonly #rooms: Rooms<Peer>;

  constructor(core: Core<Peer>, rooms: Rooms<Peer>) {
    this.#core = core;
    this.#rooms = rooms;
  }

  /**
   * What this message was refused for.
   *
   * @throws {RemoteProtocolError} that, not fatal.
   */
  check({ kept }: Session<Peer>, { ref }: MessageRequest): void {
    if (ref === undefined) return;
    const rejection = kept?.rejection(ref);
    if (rejection === undefined) return;
    throw refusal(rejection.code, rejection.detail);
  }

  /**
   * Answers a message that can't be said, and remembers that it was; false when
   * that has to wait.
   */
  refuse(
    session: Session<Peer>,
    request: MessageRequest,
    error: RemoteProtocolError,
  ): boolean {
    const { kept } = session;
    const { ref } = request;
    if (ref === undefined || !kept || kept.rejection(ref) !== undefined) {
      this.#core.reply(session, errorReply(error));
      return true;
    }
    const message = { session, kept, request, ref };
    return this.#look(message, (now) => {
      if (kept.crowded) {
        this.#core.reply(session, errorReply(error));
        this.#core.dismiss(session, 429, "too many refused messages", now);
        return true;
      }
      this.#keep(message, error);
      return false;
    });
  }

  /**
   * Answers a message that nobody looks at now, and forgets it; false when that
   * has to wait. A fatal error closes.
   */
  turnAway(
    session: Session<Peer>,
    request: MessageRequest,
    error: RemoteProtocolError,
    now: number,
  ): boolean {
    const { kept } = session;
    const { ref } = request;
    if (ref === undefined || kept === undefined) {
      this.#core.reply(session, errorReply(error));
      if (error.fatal) this.#core.turns.close(session, now);
      return true;
    }
    if (error.fatal) {
      // Last words answer nothing, so the message is repeated once more.
      this.#core.dismiss(session, error.code, error.detail, now);
      return true;
    }
    const { code, detail } = kept.rejection(ref) ?? error;
    const unknown = () => {
      this.#core.reply(session, errorMessage(code, detail));
      return true;
    };
    return kept.mayHaveSaid(ref)
      ? this.#look({ session, kept, request, ref }, unknown)
      : unknown();
  }

  /** Acknowledges what is in the log; goes on by `unknown` with what is not. */
  #look(
    { session, kept, request, ref }: Repeatable<Peer>,
    unknown: (now: number) => boolean,
  ): boolean {
    // The log finds nothing that is still on its way there.
    if (kept.inFlight > 0) return false;
    const question = { kind: "find", session: kept.key, ref } as const;
    this.#core.askFor(session, question, (first, now) => {
      if (first === undefined) return unknown(now);
      const room = this.#rooms.byStream(first.room);
      this.#core.reply(session, repetition(room, first, request));
      return true;
    });
    return true;
  }

  /** Refuses, once that is kept. */
  #keep(
    { session, kept, ref }: Repeatable<Peer>,
    error: RemoteProtocolError,
  ): void {
    const { code, detail } = error;
    kept.reject(ref, { code, detail });
    const rejection = { session: kept.handle, ref, code, detail };
    const changes = [{ type: "put_rejection", rejection } as const];
    const answer = (error: RemoteProtocolError, now: number) =>
      this.#core.attempt(session, now, () => {
        throw error;
      });
    this.#core.ask(
      { kind: "save", changes },
      (_, now) => answer(error, now),
      (detail, now) => {
        // What a restart forgets was never said.
        kept.forgetRejection(ref);
        answer(refusal(500, detail), now);
      },
    );
  }
}
