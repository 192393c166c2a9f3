/**
 * A session: somebody in a chat, across connections that come and go.
 *
 * | phase | left when |
 * | --- | --- |
 * | connecting | the connection is made → entering; it fails → pausing, or the end |
 * | entering (`handshake.ts`) | one is in the room → ready; a rejection → pausing, or the end |
 * | ready | the connection breaks → pausing |
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
  foldName,
  RemoteProtocolError,
  type Request,
  type ServerEvent,
} from "../wire/mod.ts";
import type { SessionEvent } from "./events.ts";
import type { ChatRequest } from "./exchange.ts";
import { Handshake, type HandshakeStep, wrongAnswer } from "./handshake.ts";
import type { Link, LinkEvents, OpenLink } from "./link.ts";
import { type Entry, Outbox } from "./outbox.ts";
import { closedEarly, closedWith, Retries } from "./retry.ts";

/** The time, and a way to be called later. */
export interface Clock {
  /** ms. */
  now(): number;
  /** Calls `run` after `delay` ms, unless the function it gives is called. */
  after(delay: number, run: () => void): () => void;
}

/** How a session is made. */
export interface SessionOptions {
  readonly open: OpenLink;
  readonly username: string;
  readonly password?: string | undefined;
  /** The room to join; default: the one that the login leads to. */
  readonly room?: string | undefined;
  /** How long a login may take, ms. */
  readonly loginTimeout: number;
  readonly clock: Clock;
  /** From 0 to 1. */
  readonly random: () => number;
  readonly onEvent: (event: SessionEvent) => void;
}

/** The rest after a 429: the server refills its measure in it, ms. */
const REST = 1_000;

/** How long a reply may take before the connection is held for dead, ms. */
const ANSWER_TIMEOUT = 30_000;

/** How long the server may take to close when we do, ms. */
const CLOSE_TIMEOUT = 2_000;

type Phase =
  | "connecting"
  | "entering"
  | "ready"
  | "pausing"
  | "closing"
  | "ended";

/** Somebody's session with a server. */
export class Session {
  /** Resolves at the end: with nothing when it was wanted, else with why. */
  readonly ended: Promise<UserError | undefined>;
  readonly #options: SessionOptions;
  readonly #outbox: Outbox;
  readonly #resolveEnded: (error: UserError | undefined) => void;
  readonly #aborting = new AbortController();
  readonly #retries = new Retries();
  #phase: Phase = "connecting";
  #link: Link | undefined;
  /** Cancels the one timer of the phase. */
  #cancel: () => void = () => {};
  #cancelRest: (() => void) | undefined;
  #cancelWatch: (() => void) | undefined;
  #username: string;
  #handshake: Handshake | undefined;
  /** True once the first connection was ready. */
  #met = false;
  #readySince = 0;
  #heard = 0;
  #settling: PromiseWithResolvers<void> | undefined;
  #paused = false;
  #lastWords: ErrorMessage | undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#username = options.username;
    this.#outbox = new Outbox(options.room);
    const { promise, resolve } = Promise.withResolvers<UserError | undefined>();
    this.ended = promise;
    this.#resolveEnded = resolve;
  }

  /** Who is logged in, as the server writes it. */
  get username(): string {
    return this.#username;
  }

  /** The room one is in; undefined before the first login. */
  get room(): string | undefined {
    return this.#outbox.room;
  }

  /** Requests that are neither done nor given up. */
  get unsettled(): number {
    return this.#outbox.unsettled;
  }

  /** Makes the first connection. */
  start(): void {
    void this.#connect();
  }

  /**
   * Sends a request as soon as that is possible. Gives the number by which an
   * event tells its fate. After the end it does nothing.
   */
  submit(request: ChatRequest): number {
    const ref = this.#outbox.submit(request);
    // In a turn of its own, so that the caller knows the number before its fate.
    queueMicrotask(() => this.#pump());
    return ref;
  }

  /**
   * Waits until everything submitted is settled, or the session is over. While
   * it waits, a connection that can't be made again ends the session after a
   * few tries.
   */
  settled(): Promise<void> {
    this.#settling ??= Promise.withResolvers();
    const { promise } = this.#settling;
    this.#checkSettled();
    return promise;
  }

  /** Closes once everything submitted is settled. */
  async finish(): Promise<UserError | undefined> {
    await this.settled();
    this.close();
    return this.ended;
  }

  /** Closes now: what was sent still reaches the server, nothing is waited for. */
  close(): void {
    if (this.#phase === "closing" || this.#phase === "ended") return;
    const link = this.#link;
    if (link === undefined || this.#phase !== "ready") return this.#end();
    this.#stopTimers();
    this.#phase = "closing";
    this.#cancel = this.#options.clock.after(CLOSE_TIMEOUT, () => this.#end());
    link.end();
  }

  /** Stops taking what the server says, until `resume`. */
  pause(): void {
    this.#paused = true;
    this.#link?.pause();
  }

  /** Goes on after `pause`. */
  resume(): void {
    this.#paused = false;
    this.#heard = this.#options.clock.now();
    this.#link?.resume();
  }

  // ---- the connection

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
    const { username, password } = this.#options;
    this.#phase = "entering";
    this.#handshake = new Handshake({
      username,
      password,
      room: this.#outbox.room,
      again: this.#met,
      tls: link.tls,
    });
    link.start(this.#linkEvents(link));
    this.#ask(this.#handshake.opening);
  }

  /** Sends a request of the handshake, which is to be answered in time. */
  #ask(request: Request): void {
    const { loginTimeout, clock } = this.#options;
    const what = request.type === "login" ? "the login" : "the join";
    this.#cancel();
    this.#cancel = clock.after(loginTimeout, () =>
      this.#drop(
        new UserError(
          "timed_out",
          `The server did not answer ${what} within ${loginTimeout / 1000} s`,
          { advice: "Check that a chat server of this wire listens there" },
        ),
      ));
    this.#link?.send(request);
  }

  /** True when a session that is over must not act any more. */
  get #over(): boolean {
    return this.#phase === "ended";
  }

  #linkEvents(link: Link): LinkEvents {
    const current = () => this.#link === link && !this.#over;
    return {
      event: (event) => {
        if (current()) this.#receive(event);
      },
      unreadable: (error) => {
        if (!current()) return;
        this.#tell({
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

  /** Gives a connection up for a reason of ours. */
  #drop(error: UserError): void {
    const link = this.#link;
    this.#broken(error);
    link?.destroy();
  }

  #broken(error: UserError): void {
    this.#link = undefined;
    this.#stopTimers();
    if (this.#phase === "closing") return this.#end();
    if (this.#phase === "ready") {
      this.#giveUpOutstanding();
      this.#retries.broke(this.#options.clock.now() - this.#readySince);
    }
    this.#failed(this.#explained(error));
  }

  /** The failure, with what more is known about it. */
  #explained(error: UserError): UserError {
    if (error.kind !== "connection_lost") return error;
    if (this.#phase === "entering" && this.#handshake?.isNew) {
      return closedEarly(error);
    }
    return this.#lastWords ? closedWith(this.#lastWords, error) : error;
  }

  #failed(error: UserError): void {
    if (!this.#met) return this.#end(error);
    const { clock, random } = this.#options;
    const next = this.#retries.next(error.kind, {
      hurried: this.#settling !== undefined && this.#outbox.unsettled > 0,
      chance: random(),
    });
    if (next === undefined) return this.#end(error);
    this.#phase = "pausing";
    this.#cancel = clock.after(next.pause, () => void this.#connect());
    this.#tell({ type: "lost", reason: error.message, ...next });
    this.#checkSettled();
  }

  #stopTimers(): void {
    this.#cancel();
    this.#cancelRest?.();
    this.#cancelWatch?.();
    this.#cancelRest = this.#cancelWatch = undefined;
  }

  #end(error?: UserError): void {
    if (this.#over) return;
    this.#stopTimers();
    this.#phase = "ended";
    this.#aborting.abort();
    const link = this.#link;
    this.#link = undefined;
    link?.destroy();
    this.#giveUpOutstanding();
    for (const entry of this.#outbox.abandoned()) {
      this.#refuse(entry, "Not sent: the session is over");
    }
    this.#resolveEnded(error);
    this.#checkSettled();
  }

  // ---- what the server says

  #receive(event: ServerEvent): void {
    this.#heard = this.#options.clock.now();
    if (this.#phase === "entering") this.#receiveEntering(event);
    else this.#receiveWhenReady(event);
  }

  #receiveEntering(event: ServerEvent): void {
    const step = this.#handshake?.receive(event);
    switch (step?.kind) {
      case "show":
        return this.#tell(step.event);
      case "send":
        return this.#ask(step.request);
      case "rest":
        this.#cancel();
        this.#cancel = this.#options.clock.after(
          REST,
          () => this.#ask(step.request),
        );
        return;
      case "ready":
        return this.#ready(step);
      case "failed":
        return this.#drop(step.error);
    }
  }

  #ready(
    { username, room, stranded }: HandshakeStep & { kind: "ready" },
  ): void {
    const again = this.#met;
    this.#cancel();
    this.#met = true;
    this.#phase = "ready";
    this.#username = username;
    this.#retries.succeeded();
    this.#readySince = this.#options.clock.now();
    this.#outbox.connected(username);
    if (stranded === undefined) this.#outbox.arrived(room);
    else {
      this.#outbox.stranded(room, stranded.text);
      this.#tell({ type: "warned", ...stranded });
    }
    this.#tell({ type: "connected", username, room, again });
    this.#pump();
    this.#checkSettled();
  }

  #receiveWhenReady(event: ServerEvent): void {
    let meaning;
    try {
      meaning = this.#outbox.receive(event);
    } catch (error) {
      if (!(error instanceof RemoteProtocolError)) throw error;
      return this.#drop(wrongAnswer(error.message));
    }
    switch (meaning?.kind) {
      case "happening":
        this.#tell(meaning.event);
        break;
      case "reply":
        this.#settle(meaning.asked, meaning.event);
        break;
      case "refusal":
        this.#refuse(meaning.asked, meaning.error.text, meaning.error);
        break;
      case "last_words":
        this.#lastWords = meaning.error;
        break;
    }
    this.#pump();
    this.#checkSettled();
  }

  #settle({ ref, request }: Entry, event: ServerEvent): void {
    switch (event.type) {
      case "join_room":
      case "list_users":
      case "list_rooms":
        return this.#tell({ type: "answered", ref, answer: event });
      case "room_msg_ack":
        return this.#tell({ type: "acknowledged", ref, request, id: event.id });
      case "private_msg_delivery":
        this.#tell({ type: "acknowledged", ref, request });
        // What one writes to oneself comes once, as the receipt.
        if (foldName(event.recipient) === foldName(this.#username)) {
          this.#tell(event);
        }
    }
  }

  // ---- what is sent

  #pump(): void {
    if (this.#phase !== "ready") return;
    for (let step = this.#outbox.next(); step; step = this.#outbox.next()) {
      const { entry } = step;
      if (step.kind === "send") this.#link?.send(entry.request);
      else this.#refuse(entry, `Not sent: ${step.why}`);
    }
    this.#rest();
    this.#watch();
  }

  #rest(): void {
    if (!this.#outbox.mustRest || this.#cancelRest !== undefined) return;
    this.#cancelRest = this.#options.clock.after(REST, () => {
      this.#cancelRest = undefined;
      this.#outbox.rested();
      this.#pump();
    });
  }

  /** A connection over which no reply comes is dead, whatever TCP thinks. */
  #watch(): void {
    if (!this.#outbox.waiting || this.#cancelWatch !== undefined) return;
    const { clock } = this.#options;
    const since = clock.now();
    this.#cancelWatch = clock.after(ANSWER_TIMEOUT, () => {
      this.#cancelWatch = undefined;
      const alive = this.#heard >= since || this.#paused;
      if (alive || !this.#outbox.waiting) return this.#watch();
      this.#drop(
        new UserError(
          "connection_lost",
          `The server has not answered for ${ANSWER_TIMEOUT / 1000} s`,
        ),
      );
    });
  }

  #giveUpOutstanding(): void {
    for (const { ref, request } of this.#outbox.broken()) {
      this.#tell({ type: "unconfirmed", ref, request });
    }
  }

  #refuse(
    { ref, request }: Entry,
    text: string,
    { code, hint }: Pick<ErrorMessage, "code" | "hint"> = {},
  ): void {
    this.#tell({
      type: "refused",
      ref,
      request,
      text,
      ...code !== undefined && { code },
      ...hint !== undefined && { hint },
    });
  }

  #checkSettled(): void {
    if (this.#settling === undefined) return;
    const early = !this.#met && !this.#over;
    if (early || this.#outbox.unsettled > 0) return;
    this.#settling.resolve();
    this.#settling = undefined;
  }

  #tell(event: SessionEvent): void {
    this.#options.onEvent(event);
  }
}
