/**
 * What the parts of the hub share: its limits, and how they say what they want
 * done.
 *
 * @module
 */

import {
  type ErrorCode,
  RemoteProtocolError,
  type ServerEvent,
} from "../wire/mod.ts";
import type { Effect, Publication } from "./effects.ts";
import type { Limits } from "./limits.ts";
import type { Person, Session } from "./people.ts";
import type { Asked, Question, QuestionKind, Questions } from "./questions.ts";
import { errorMessage, errorReply } from "./replies.ts";
import type { Change } from "./state.ts";
import { Unsaved } from "./unsaved.ts";

/** What the hub itself does for its parts. */
export interface Turns<Peer> {
  /** A session's request is answered: it is not busy any more. */
  release(session: Session<Peer>, now: number): void;
  /** What waited goes on, as far as it can. */
  proceed(session: Session<Peer>, now: number): void;
  /** Closes when everything told is out. */
  close(session: Session<Peer>, now: number): void;
}

/** What happens with a question's answer. */
type Then<Peer, Kind extends QuestionKind> = (
  answer: Questions<Peer>[Kind]["answer"],
  now: number,
) => void;

/** What goes to the listeners of a room. */
interface Published<Peer> {
  readonly listeners: Iterable<Session<Peer>>;
  readonly messages: Publication<Peer>[];
}

/** The shared part. */
export class Core<Peer> {
  readonly limits: Limits;
  readonly turns: Turns<Peer>;
  /** Nothing new is taken. */
  closing = false;
  #effects: Effect<Peer>[] = [];
  /** To whom the last effect that publishes goes, and what. */
  #published: Published<Peer> | undefined;
  readonly #unsaved = new Unsaved();

  constructor(limits: Limits, turns: Turns<Peer>) {
    this.limits = limits;
    this.turns = turns;
  }

  /** Takes what is to be done since the last call. */
  take(): Effect<Peer>[] {
    const effects = this.#effects;
    this.#effects = [];
    this.#published = undefined;
    return effects;
  }

  push(effect: Effect<Peer>): void {
    this.#effects.push(effect);
  }

  send(session: Session<Peer>, event: ServerEvent): void {
    if (!session.closed) this.#effects.push({ type: "send", session, event });
  }

  /** Answers a session's oldest request that has no answer. */
  reply(session: Session<Peer>, event: ServerEvent): void {
    if (session.closed) return;
    this.#effects.push({ type: "send", session, event, reply: true });
  }

  /** Tells every session of a person. */
  tell(person: Person<Peer>, event: ServerEvent): void {
    for (const session of person.sessions) this.send(session, event);
  }

  /**
   * Tells all who listen. What the same ones are told one after the other is
   * one effect: encoded and written once.
   */
  publish(
    listeners: Iterable<Session<Peer>>,
    messages: readonly Publication<Peer>[],
  ): void {
    const last = this.#effects.at(-1);
    const published = this.#published;
    if (
      last?.type === "publish" && published?.listeners === listeners &&
      areSame(last.members, listeners)
    ) {
      published.messages.push(...messages);
      return;
    }
    const members = [...listeners];
    if (members.length === 0 || messages.length === 0) return;
    const own = [...messages];
    this.#effects.push({ type: "publish", members, messages: own });
    this.#published = { listeners, messages: own };
  }

  /** Asks; exactly one of the two is called some time later. */
  ask<Kind extends QuestionKind>(
    question: Question<Peer, Kind>,
    answered: Then<Peer, Kind>,
    failed: (detail: string, now: number) => void,
  ): void {
    const asked: Asked<Peer, Kind> = { question, answered, failed };
    const heard = this.#heard(asked as Asked<Peer>);
    this.#effects.push({ type: "ask", asked: heard });
  }

  /** The same, but what has to be saved again hears of saves. */
  #heard(asked: Asked<Peer>): Asked<Peer> {
    const { question } = asked;
    if (question.kind !== "save") return asked;
    this.#unsaved.begin();
    return {
      question,
      answered: (answer, now) => {
        this.#unsaved.written(question.changes);
        asked.answered(answer, now);
        this.wake(now);
      },
      failed: (detail, now) => {
        this.#unsaved.refused();
        asked.failed(detail, now);
        this.wake(now);
      },
    };
  }

  /**
   * Asks for a session's request, behind which everything it asks waits. What
   * `answered` throws as a `RemoteProtocolError` is the reply, and so is a
   * failure; then, or when `answered` answers true, the session goes on.
   */
  askFor<Kind extends QuestionKind>(
    session: Session<Peer>,
    question: Question<Peer, Kind>,
    answered: (
      answer: Questions<Peer>[Kind]["answer"],
      now: number,
    ) => boolean,
  ): void {
    session.busy = true;
    this.ask(
      question,
      (answer, now) => this.attempt(session, now, () => answered(answer, now)),
      (detail, now) => this.fail(session, detail, now),
    );
  }

  /** A session's request can't be answered; it goes on. */
  fail(session: Session<Peer>, detail: string, now: number): void {
    if (session.closed) return;
    this.reply(session, errorMessage(500, detail));
    this.turns.release(session, now);
  }

  /** Goes on with a session's request; see {@link askFor}. */
  attempt(session: Session<Peer>, now: number, work: () => boolean): void {
    if (session.closed) return;
    try {
      if (!work()) return;
    } catch (error) {
      if (!(error instanceof RemoteProtocolError)) throw error;
      this.reply(session, errorReply(error));
    }
    this.turns.release(session, now);
  }

  /** Writes changes that nobody waits for; what can't be written is later. */
  save(changes: readonly Change[]): void {
    if (changes.length === 0) return;
    this.ask({ kind: "save", changes }, () => {}, (_, now) => {
      this.#unsaved.keep(changes, now);
    });
  }

  /** When `wake` wants to be called, ms; Infinity is never. */
  get nextWake(): number {
    return this.#unsaved.next;
  }

  /** Tries again what could not be written, when it is time. */
  wake(now: number): void {
    this.save(this.#unsaved.take(now));
  }

  /** Tries it as soon as it can be. */
  flush(): void {
    this.#unsaved.hurry();
    this.wake(-Infinity);
  }

  /** Ends a session with a reason. */
  dismiss(
    session: Session<Peer>,
    code: ErrorCode,
    detail: string,
    now: number,
  ): void {
    this.send(session, errorMessage(code, detail));
    this.turns.close(session, now);
  }
}

function areSame<Each>(
  members: readonly Each[],
  listeners: Iterable<Each>,
): boolean {
  let index = 0;
  for (const each of listeners) if (members[index++] !== each) return false;
  return index === members.length;
}
