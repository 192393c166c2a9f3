/**
 * One session's requests, however many it sends at once: each in its turn.
 *
 * Each MUST be answered once, and in order. Messages to one stream are on their
 * way to the log together; anything else waits until they are answered, and so
 * do the requests behind it.
 *
 * @module
 */

import { RemoteProtocolError } from "../wire/mod.ts";
import type { Core } from "./core.ts";
import type { Dispatch } from "./dispatch.ts";
import { isMessage } from "./messages.ts";
import type { Session, Step } from "./people.ts";
import type { Refusals } from "./refusals.ts";
import { errorReply } from "./replies.ts";
import type { Sessions } from "./sessions.ts";
import type { Speech } from "./speech.ts";

/** What does the steps. */
export interface PipelineParts<Peer> {
  readonly core: Core<Peer>;
  readonly sessions: Sessions<Peer>;
  readonly speech: Speech<Peer>;
  readonly refusals: Refusals<Peer>;
  readonly dispatch: Dispatch<Peer>;
}

/** The order of requests; what waits is in each session. */
export class Pipeline<Peer> {
  readonly #core: Core<Peer>;
  readonly #sessions: Sessions<Peer>;
  readonly #speech: Speech<Peer>;
  readonly #refusals: Refusals<Peer>;
  readonly #dispatch: Dispatch<Peer>;

  constructor(parts: PipelineParts<Peer>) {
    this.#core = parts.core;
    this.#sessions = parts.sessions;
    this.#speech = parts.speech;
    this.#refusals = parts.refusals;
    this.#dispatch = parts.dispatch;
  }

  /** Takes a step, and does it if nothing is before it. */
  take(session: Session<Peer>, step: Step, now: number): void {
    if (session.closed) return;
    session.waiting.push(step);
    if (session.waiting.length === 1) this.proceed(session, now);
  }

  /** Does what waits, as far as it goes. */
  proceed(session: Session<Peer>, now: number): void {
    session.again = true;
    if (session.running) return;
    session.running = true;
    const { waiting } = session;
    while (session.again) {
      session.again = false;
      while (
        waiting.first !== undefined && this.#act(session, waiting.first, now)
      ) waiting.shift();
    }
    session.running = false;
  }

  /** A request is answered that something else was waited for. */
  release(session: Session<Peer>, now: number): void {
    if (session.closed) return;
    session.busy = false;
    if (session.person === undefined) {
      this.#sessions.awaitLogin(session, now);
    }
    this.proceed(session, now);
  }

  /** Does one step, or answers false when it has to wait. */
  #act(session: Session<Peer>, step: Step, now: number): boolean {
    if (session.busy) return false;
    if (step.kind === "request" && isMessage(step.request)) {
      return this.#speech.say(session, step.request, now);
    }
    if (session.inFlight > 0) return false;
    if (step.kind === "untimely") {
      return this.#refusals.turnAway(session, step.request, step.error, now);
    }
    if (step.kind === "end" || step.kind === "logout") {
      this.#sessions.close(session, now);
    } else if (step.kind === "mistake") {
      this.#core.reply(session, errorReply(step.error));
      if (step.error.fatal) this.#sessions.close(session, now);
    } else {
      try {
        this.#dispatch.answer(session, step.request, now);
      } catch (error) {
        if (!(error instanceof RemoteProtocolError)) throw error;
        this.#core.reply(session, errorReply(error));
      }
    }
    return true;
  }
}
