/**
 * A session: somebody in a chat, across connections that come and go.
 *
 * | phase | left when |
 * | --- | --- |
 * | connecting | the connection is made → entering; it fails → pausing, or the end |
 * | entering (`handshake.ts`) | one is in the room → ready; the session is over → connecting; a rejection → pausing, or the end |
 * | ready | the connection breaks → pausing |
 * | pausing | the pause is over → connecting |
 * | closing | the server has closed as well, or 2 s have passed |
 *
 * What is said is in `talk.ts`; whether the other end lives, in `liveness.ts`.
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
  type Place,
  RemoteProtocolError,
  type Request,
  type ServerEvent,
} from "../wire/mod.ts";
import { type Abilities, BASIC, hasRooms } from "./abilities.ts";
import { Conversation, REST } from "./conversation.ts";
import type { SessionEvent } from "./events.ts";
import type { Entry } from "./entries.ts";
import type { ChatRequest } from "./exchange.ts";
import { Handshake, type HandshakeStep, wrongAnswer } from "./handshake.ts";
import { type Link, type LinkEvents, OlderServerError } from "./link.ts";
import { LONGEST_SILENCE } from "./liveness.ts";
import type { Unread } from "./room_book.ts";
import { closedEarly, closedWith, Retries } from "./retry.ts";
import { Secrecy } from "./secrecy.ts";
import type { SessionOptions } from "./session_options.ts";
import { Secrets } from "./secrets.ts";
import { Talk } from "./talk.ts";

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
  readonly #talk: Talk;
  readonly #secrets: Secrets;
  readonly #secrecy: Secrecy | undefined;
  readonly #resolveEnded: (error: UserError | undefined) => void;
  readonly #aborting = new AbortController();
  readonly #retries = new Retries();
  #phase: Phase = "connecting";
  #link: Link | undefined;
  #abilities: Abilities = BASIC;
  /** While one is in the chat. */
  #conversation: Conversation | undefined;
  /** Cancels the one timer of the phase. */
  #cancel: () => void = () => {};
  #handshake: Handshake | undefined;
  /** True once the first connection was ready. */
  #met = false;
  #readySince = 0;
  #settling: PromiseWithResolvers<void> | undefined;
  /** Whether whoever shows events takes none. */
  #paused = false;
  /** Whether too much waits to be opened. */
  #full = false;
  #lastWords: ErrorMessage | undefined;
  /** Why one leaves, when that is not what was wanted. */
  #failure: UserError | undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
    const { username, password, room, keys } = options;
    const tell = (event: SessionEvent) => this.#tell(event);
    this.#secrecy = this.#keepSecrets();
    this.#talk = new Talk({
      username,
      room,
      keys,
      tell,
      secrecy: this.#secrecy && {
        act: (entry) => void this.#act(entry),
        stored: (...told) => this.#secrecy?.reader.stored(...told),
      },
    });
    this.#secrets = new Secrets(password);
    const { promise, resolve } = Promise.withResolvers<UserError | undefined>();
    this.ended = promise;
    this.#resolveEnded = resolve;
  }

  /** Who is logged in, as the server writes it. */
  get username(): string {
    return this.#talk.username;
  }

  /**
   * The room one is in; undefined before the first login. Where there are no
   * rooms it is `@` and whom one wrote to last, or empty.
   */
  get room(): string | undefined {
    return this.#talk.outbox.room;
  }

  /** The names of the rooms that one is in, where one can be in several. */
  get rooms(): string[] {
    return this.#talk.book.named.map(({ name }) => name);
  }

  /** How much of these rooms was seen, where the wire tells. */
  get unread(): readonly Unread[] {
    return this.#talk.book.unread;
  }

  /** Whether a join waits to be sent or answered. */
  get moving(): boolean {
    return this.#talk.outbox.moving;
  }

  /** What the room is about that one is in, if that is known. */
  get topic(): string | undefined {
    const { book, outbox } = this.#talk;
    return book.find(outbox.room ?? "")?.topic;
  }

  /** What the wire to this server carries. */
  get abilities(): Abilities {
    return this.#abilities;
  }

  /** Requests that are neither done nor given up. */
  get unsettled(): number {
    return this.#talk.outbox.unsettled;
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
    const ref = this.#talk.outbox.submit(
      request,
      (addressed) => this.isSecret(addressed),
    );
    this.#secrecy?.typed(request);
    // In a turn of its own, so that the caller knows the number before its fate.
    queueMicrotask(() => this.#conversation?.pump());
    return ref;
  }

  /** Whether it is a message that would be sealed, if it were submitted now. */
  isSecret(request: ChatRequest): boolean {
    return request.type === "private_msg" && this.isPartner(request.recipient);
  }

  /** Whether messages to this user are sealed: then they may be of any length. */
  isPartner(user: string): boolean {
    return this.#secrecy?.isPartner(user) ?? false;
  }

  /** Somebody saw the message that stands there. */
  seen(place: Place): void {
    this.#talk.book.seen(place);
    this.#conversation?.oweReceipts();
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

  /**
   * Closes now, for good: what was sent still reaches the server, nothing is
   * waited for. Where sessions are kept, this one ends.
   */
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

  /** Stops taking what the server says, until `resume`. */
  pause(): void {
    this.#paused = true;
    this.#throttle();
  }

  /** Goes on after `pause`. */
  resume(): void {
    this.#paused = false;
    this.#throttle();
  }

  #throttle(): void {
    const paused = this.#paused || this.#full;
    this.#conversation?.pause(paused);
    if (paused) this.#link?.pause();
    else this.#link?.resume();
  }

  // ---- secrets

  #keepSecrets(): Secrecy | undefined {
    const { secrecy, username, onEvent } = this.#options;
    return secrecy && new Secrecy({
      ...secrecy,
      username,
      tell: onEvent,
      onFull: (full) => {
        this.#full = full;
        this.#throttle();
      },
      ask: (request) =>
        new Promise((resolve) => {
          this.#talk.ask(request, resolve);
          queueMicrotask(() => this.#conversation?.pump());
        }),
    });
  }

  async #act(entry: Entry): Promise<void> {
    const outcome = await this.#secrecy?.act(entry.request);
    if (outcome !== undefined) this.#talk.acted(entry, outcome);
    this.#conversation?.pump();
    this.#checkSettled();
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
    const { outbox, book, others } = this.#talk;
    const { many } = this.#abilities = link.abilities;
    if (!many) this.#renew();
    this.#phase = "entering";
    const secrets = this.#secrets.login(many, {
      positions: book.positions,
      ref: outbox.firstNumber,
    });
    this.#handshake = new Handshake({
      ...secrets,
      username: this.#options.username,
      room: hasRooms(link.abilities) ? outbox.room : undefined,
      others: many ? others : [],
      many,
      again: this.#met,
      register: !this.#met && (this.#options.register ?? false),
      tls: link.tls,
    });
    this.#talk.connected(secrets.resume !== undefined);
    link.start(this.#linkEvents(link));
    this.#ask(this.#handshake.opening);
  }

  /** The session that was kept is over, as far as the server is concerned. */
  #renew(): void {
    this.#secrets.forget();
    this.#talk.giveUp(this.#talk.outbox.renewed());
    this.#talk.release();
  }

  /** Sends a request of the handshake, which is to be answered in time. */
  #ask(request: Request): void {
    const { loginTimeout, clock } = this.#options;
    const what = request.type === "join_room" ? "the join" : "the login";
    this.#cancel();
    this.#cancel = clock.after(loginTimeout, () =>
      this.#giveUp(
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
      heard: () => this.#conversation?.heard(),
      event: (event, isAnswer) => {
        if (current()) this.#receive(event, isAnswer);
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

  /** Gives the way into the chat up. Who was logged in does not just go. */
  #giveUp(error: UserError): void {
    const isFirst = !this.#met;
    if (isFirst && this.#handshake?.isNew === false) this.#leave(error);
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
    this.#tell({ type: "warned", text });
    void this.#connect();
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
      hurried: this.#settling !== undefined && this.unsettled > 0,
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
    const resolve = () => this.#resolveEnded(error);
    if (this.#secrecy === undefined) resolve();
    else void this.#secrecy.reader.flushed().then(resolve);
    this.#checkSettled();
  }

  // ---- what the server says

  #receive(event: ServerEvent, isAnswer: boolean | undefined): void {
    // Who goes before being let in waits for the end alone, and so does who
    // goes because of a failure.
    const isNew = this.#handshake !== undefined;
    const failed = this.#failure !== undefined;
    if (this.#phase === "closing" && (isNew || failed)) return;
    const all = event.type === "rooms" && this.#talk.book.expectsAll;
    const goesOn = this.#talk.note(event, isAnswer);
    if (this.#phase === "entering") {
      if (goesOn) this.#receiveEntering(event);
      return;
    }
    if (all) this.#talk.checkRoom();
    if (event.type === "rooms") this.#talk.tellTopics();
    if (goesOn) this.#receiveWhenReady(event, isAnswer);
    this.#conversation?.pump();
    this.#conversation?.oweReceipts();
    this.#checkSettled();
  }

  #receiveEntering(event: ServerEvent): void {
    const step = this.#handshake?.receive(event);
    switch (step?.kind) {
      case "show":
        return this.#talk.happened(step.event);
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
        return this.#link && this.#ready(this.#link, step);
      case "expired": {
        const link = this.#link;
        this.#link = undefined;
        this.#cancel();
        link?.destroy();
        this.#renew();
        return void this.#connect();
      }
      case "failed":
        return this.#giveUp(step.error);
    }
  }

  #ready(
    link: Link,
    { username, room, stranded }: HandshakeStep & { kind: "ready" },
  ): void {
    const again = this.#met;
    const { outbox } = this.#talk;
    this.#cancel();
    this.#met = true;
    this.#phase = "ready";
    this.#talk.username = username;
    this.#secrets.keep(this.#handshake?.token);
    this.#handshake = undefined;
    this.#retries.succeeded();
    this.#readySince = this.#options.clock.now();
    outbox.connected(username, link.abilities, link.takesPasswords);
    const conversation = this.#conversation = this.#converse(link);
    if (stranded === undefined) outbox.arrived(room);
    else {
      outbox.stranded(room, stranded.text);
      this.#tell({ type: "warned", ...stranded });
    }
    this.#tell({ type: "connected", username, room, again });
    if (!again) void this.#secrecy?.publish();
    this.#talk.tellTopics();
    conversation.pump();
    this.#checkSettled();
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
    conversation.pause(this.#paused || this.#full);
    return conversation;
  }

  #checkSettled(): void {
    if (this.#settling === undefined) return;
    const early = !this.#met && !this.#over;
    if (early || this.unsettled > 0) return;
    this.#settling.resolve();
    this.#settling = undefined;
  }

  #tell(event: SessionEvent): void {
    if (event.type === "refused") this.#secrets.refused(event.request);
    if (event.type !== "answered") return this.#show(event);
    const answer = this.#secrets.answered(event.answer);
    this.#show({ ...event, answer });
    if (answer.type === "register") void this.#secrecy?.publish();
  }

  #show(event: SessionEvent): void {
    if (this.#secrecy === undefined) this.#options.onEvent(event);
    else this.#secrecy.reader.show(event);
  }
}
