/**
 * The connections of a session, one after the other.
 *
 * | phase | left when |
 * | --- | --- |
 * | connecting | the connection is made → entering; it fails → pausing, or the end |
 * | entering (`entrance.ts`) | one is in the room → ready; the session is over → connecting; a rejection → pausing, or the end |
 * | ready (`conversation.ts`) | the connection breaks → pausing |
 * | pausing | the pause is over → connecting |
 * | closing | the server has closed as well, or 2 s have passed |
 *
 * The first connection has one try, and its failure ends the session; a later
 * one is made again with growing pauses (`backoff.ts`) until it succeeds or
 * the failure is one that waiting does not mend. Clock, timers and chance come
 * in from outside.
 *
 * @module
 */

import { UserError } from "../net/mod.ts";
import {
  type ErrorMessage,
  RemoteProtocolError,
  type ServerEvent,
} from "../wire/mod.ts";
import { type Abilities, BASIC, hasRooms } from "./abilities.ts";
import { Conversation } from "./conversation.ts";
import { type Arrival, Entrance } from "./entrance.ts";
import type { SessionEvent } from "./events.ts";
import { wrongAnswer } from "./handshake.ts";
import { type Link, type LinkEvents, OlderServerError } from "./link.ts";
import { LONGEST_SILENCE } from "./liveness.ts";
import { closedEarly, closedWith, Retries } from "./retry.ts";
import type { Secrets } from "./secrets.ts";
import type { SessionOptions } from "./session_options.ts";
import type { Talk } from "./talk.ts";

/** How long the server may take to close when we do, ms. */
const CLOSE_TIMEOUT = 2_000;

type Phase =
  | "connecting"
  | "entering"
  | "ready"
  | "pausing"
  | "closing"
  | "ended";

/** What connections tell their session. */
export interface ConnectionsEvents {
  tell(event: SessionEvent): void;
  /** One is in the chat for the first time. */
  met(): void;
  /** Whether one leaves, and nothing is left to send. */
  leaving(): boolean;
  /** Something may be settled. */
  changed(): void;
  /** Whether only the end is waited for, with something left to send. */
  hurried(): boolean;
  /** Why it is over; undefined: it was wanted. */
  ended(error: UserError | undefined): void;
}

/** What they are made of. */
export interface ConnectionsParts {
  readonly options: SessionOptions;
  readonly talk: Talk;
  readonly secrets: Secrets;
  readonly events: ConnectionsEvents;
}

/** All of them. */
export class Connections {
  readonly #options: SessionOptions;
  readonly #talk: Talk;
  readonly #secrets: Secrets;
  readonly #events: ConnectionsEvents;
  readonly #aborting = new AbortController();
  readonly #retries = new Retries();
  #phase: Phase = "connecting";
  #link: Link | undefined;
  #abilities: Abilities = BASIC;
  /** Until one is in the chat. */
  #entrance: Entrance | undefined;
  /** While one is in the chat. */
  #conversation: Conversation | undefined;
  /** Ends the pause, or the wait for the server to close. */
  #cancel: () => void = () => {};
  /** True once the first connection was ready. */
  #met = false;
  #readySince = 0;
  /** Whether nobody takes what comes. */
  #paused = false;
  #lastWords: ErrorMessage | undefined;
  /** Why one leaves, when that is not what was wanted. */
  #failure: UserError | undefined;

  constructor({ options, talk, secrets, events }: ConnectionsParts) {
    this.#options = options;
    this.#talk = talk;
    this.#secrets = secrets;
    this.#events = events;
  }

  /** What the wire to this server carries. */
  get abilities(): Abilities {
    return this.#abilities;
  }

  /** The one over which one is in the chat; undefined while there is none. */
  get conversation(): Conversation | undefined {
    return this.#conversation;
  }

  /** Whether the first one is still to be ready. */
  get isFirst(): boolean {
    return !this.#met && !this.#over;
  }

  /** Makes the first one. */
  start(): void {
    void this.#connect();
  }

  /** Nobody takes what comes, or somebody does again. */
  pause(paused: boolean): void {
    this.#paused = paused;
    this.#conversation?.pause(paused);
    if (paused) this.#link?.pause();
    else this.#link?.resume();
  }

  /** Closes now, for good: what was sent still reaches the server. */
  close(): void {
    if (this.#phase === "closing" || this.#phase === "ended") return;
    // What was submitted in this turn goes out first.
    this.#conversation?.pump();
    this.#conversation?.sendReceipts();
    this.#leave();
  }

  /** Says that one leaves, where that is of use; `failure`: why, if it failed. */
  #leave(failure?: UserError): void {
    const link = this.#link;
    const { many } = this.#abilities;
    const isKnown = many
      ? this.#phase === "ready" || this.#phase === "entering"
      : this.#phase === "ready" && failure === undefined;
    if (link === undefined || !isKnown) return this.#end(failure);
    this.#failure = failure;
    if (many) link.send({ type: "logout" });
    this.#stopTimers();
    this.#phase = "closing";
    this.#cancel = this.#options.clock.after(
      CLOSE_TIMEOUT,
      () => this.#end(failure),
    );
    link.end();
  }

  async #connect(): Promise<void> {
    this.#phase = "connecting";
    this.#lastWords = undefined;
    let link: Link;
    try {
      link = await this.#options.open(this.#aborting.signal);
    } catch (error) {
      if (this.#over) return;
      if (!(error instanceof UserError)) throw error;
      return this.#failed(error);
    }
    if (this.#over) return link.destroy();
    this.#link = link;
    this.#enter(link);
  }

  #enter(link: Link): void {
    const { outbox, where, book, others } = this.#talk;
    const { many } = this.#abilities = link.abilities;
    if (!many) this.#renew();
    this.#phase = "entering";
    const secrets = this.#secrets.login(many, {
      positions: book.positions,
      ref: outbox.firstNumber,
    });
    const entrance = this.#entrance = new Entrance({
      handshake: {
        ...secrets,
        username: this.#options.username,
        room: hasRooms(link.abilities) ? where.room : undefined,
        others: many ? others : [],
        many,
        again: this.#met,
        register: !this.#met && (this.#options.register ?? false),
        tls: link.tls,
      },
      link,
      clock: this.#options.clock,
      timeout: this.#options.loginTimeout,
      happened: (event) => this.#talk.happened(event),
      ready: (arrival) => this.#ready(link, arrival),
      expired: () => this.#expired(link),
      failed: (error) => this.#giveUp(error),
    });
    this.#talk.connected(secrets.resume !== undefined);
    link.start(this.#linkEvents(link));
    entrance.start();
  }

  #expired(link: Link): void {
    this.#link = undefined;
    link.destroy();
    this.#renew();
    void this.#connect();
  }

  /** The session that was kept is over, as far as the server is concerned. */
  #renew(): void {
    this.#secrets.forget();
    this.#talk.giveUp(this.#talk.outbox.renewed());
    this.#talk.release();
  }

  /** True when a session that is over must not act any more. */
  get #over(): boolean {
    return this.#phase === "ended";
  }

  #linkEvents(link: Link): LinkEvents {
    const current = () => this.#link === link && !this.#over;
    return {
      heard: () => this.#conversation?.heard(),
      event: (event, isAnswer) => {
        if (current()) this.#receive(event, isAnswer);
      },
      unreadable: (error) => {
        if (!current()) return;
        this.#events.tell({
          type: "warned",
          text:
            `The server sent something that can't be read: ${error.message}`,
        });
      },
      closed: (error) => {
        if (current()) this.#broken(error);
      },
    };
  }

  /** Gives the way into the chat up. Who was logged in does not just go. */
  #giveUp(error: UserError): void {
    const isFirst = !this.#met;
    if (isFirst && this.#entrance?.isNew === false) this.#leave(error);
    else this.#drop(error);
  }

  /** Gives a connection up for a reason of ours. */
  #drop(error: UserError): void {
    const link = this.#link;
    this.#broken(error);
    link?.destroy();
  }

  #broken(error: UserError): void {
    this.#link = undefined;
    this.#stopTimers();
    if (this.#phase === "closing") return this.#end(this.#failure);
    if (this.#phase === "ready") {
      const goesOn = this.#secrets.token !== undefined ||
        this.#abilities.keyed === true;
      this.#talk.giveUp(this.#talk.outbox.broken(goesOn));
      this.#retries.broke(this.#options.clock.now() - this.#readySince);
    }
    if (error instanceof OlderServerError) return this.#connectToOlder(error);
    this.#failed(this.#explained(error));
  }

  #connectToOlder({ message: text }: OlderServerError): void {
    this.#events.tell({ type: "warned", text });
    void this.#connect();
  }

  /** The failure, with what more is known about it. */
  #explained(error: UserError): UserError {
    if (error.kind !== "connection_lost") return error;
    if (this.#phase === "entering" && this.#entrance?.isNew) {
      return closedEarly(error);
    }
    return this.#lastWords ? closedWith(this.#lastWords, error) : error;
  }

  #failed(error: UserError): void {
    if (!this.#met) return this.#end(error);
    const { clock, random } = this.#options;
    const next = this.#retries.next(error.kind, {
      hurried: this.#events.hurried(),
      chance: random(),
    });
    if (next === undefined) return this.#end(error);
    if (this.#events.leaving()) {
      const { attempt, broke } = next;
      const reason = error.message;
      this.#events.tell({ type: "lost", reason, attempt, broke });
      return this.#end();
    }
    this.#phase = "pausing";
    this.#cancel = clock.after(next.pause, () => void this.#connect());
    this.#events.tell({ type: "lost", reason: error.message, ...next });
    this.#events.changed();
  }

  #stopTimers(): void {
    this.#cancel();
    this.#entrance?.stop();
    this.#conversation?.stop();
    this.#conversation = undefined;
  }

  #end(error?: UserError): void {
    if (this.#over) return;
    this.#stopTimers();
    this.#phase = "ended";
    this.#aborting.abort();
    const link = this.#link;
    this.#link = undefined;
    link?.destroy();
    this.#talk.end();
    this.#events.ended(error);
  }

  // ---- what the server says

  #receive(event: ServerEvent, isAnswer: boolean | undefined): void {
    // Who goes before being let in waits for the end alone, and so does who
    // goes because of a failure.
    const isNew = this.#entrance !== undefined;
    const failed = this.#failure !== undefined;
    if (this.#phase === "closing" && (isNew || failed)) return;
    const all = event.type === "rooms" && this.#talk.book.expectsAll;
    const goesOn = this.#talk.note(event, isAnswer);
    if (this.#phase === "entering") {
      if (goesOn) this.#entrance?.receive(event);
      return;
    }
    if (all) this.#talk.checkRoom();
    if (event.type === "rooms") this.#talk.tellTopics();
    if (goesOn) this.#receiveWhenReady(event, isAnswer);
    this.#conversation?.pump();
    this.#conversation?.oweReceipts();
    this.#events.changed();
  }

  #ready(link: Link, { username, room, stranded }: Arrival): void {
    const again = this.#met;
    const { outbox, where } = this.#talk;
    this.#met = true;
    this.#phase = "ready";
    this.#talk.username = username;
    this.#secrets.keep(this.#entrance?.token);
    this.#entrance = undefined;
    this.#retries.succeeded();
    this.#readySince = this.#options.clock.now();
    outbox.connected(username, link.abilities, link.takesPasswords);
    const conversation = this.#conversation = this.#converse(link);
    if (stranded === undefined) where.arrived(room, hasRooms(link.abilities));
    else {
      where.stranded(room, stranded.text);
      this.#events.tell({ type: "warned", ...stranded });
    }
    this.#events.tell({ type: "connected", username, room, again });
    if (!again) this.#events.met();
    this.#talk.tellTopics();
    conversation.pump();
    this.#events.changed();
  }

  #receiveWhenReady(event: ServerEvent, isAnswer: boolean | undefined): void {
    try {
      const words = this.#talk.receive(event, isAnswer);
      if (words !== undefined) this.#lastWords = words;
    } catch (error) {
      if (!(error instanceof RemoteProtocolError)) throw error;
      this.#leave(wrongAnswer(error.message));
    }
  }

  #converse(link: Link): Conversation {
    const silent = `The server has said nothing for ${
      LONGEST_SILENCE / 1000
    } s`;
    const conversation = new Conversation({
      link,
      talk: this.#talk,
      secrets: this.#secrets,
      clock: this.#options.clock,
      dead: () => this.#drop(new UserError("connection_lost", silent)),
    });
    conversation.pause(this.#paused);
    return conversation;
  }
}
