/**
 * A session: somebody in a chat, across connections that come and go
 * (`connections.ts`). What is said is in `talk.ts`.
 *
 * @module
 */

import type { UserError } from "../net/mod.ts";
import type { Place } from "../wire/mod.ts";
import type { Abilities } from "./abilities.ts";
import { Connections } from "./connections.ts";
import type { Entry } from "./entries.ts";
import type { SessionEvent } from "./events.ts";
import type { ChatRequest } from "./exchange.ts";
import type { Unread } from "./room_book.ts";
import { Secrecy } from "./secrecy.ts";
import { Secrets } from "./secrets.ts";
import type { SessionOptions } from "./session_options.ts";
import { Talk } from "./talk.ts";

/** Somebody's session with a server. */
export class Session {
  /** Resolves at the end: with nothing when it was wanted, else with why. */
  readonly ended: Promise<UserError | undefined>;
  readonly #options: SessionOptions;
  readonly #talk: Talk;
  readonly #secrets: Secrets;
  readonly #secrecy: Secrecy | undefined;
  readonly #connections: Connections;
  readonly #resolveEnded: (error: UserError | undefined) => void;
  /** Whether one leaves once everything is settled. */
  #finishing = false;
  #settling: PromiseWithResolvers<void> | undefined;
  /** Whether whoever shows events takes none. */
  #paused = false;
  /** Whether too much waits to be opened. */
  #full = false;

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
    this.#connections = new Connections({
      options,
      talk: this.#talk,
      secrets: this.#secrets,
      events: {
        tell,
        met: () => void this.#secrecy?.publish(),
        changed: () => this.#checkSettled(),
        leaving: () => this.#finishing && this.unsettled === 0,
        hurried: () => this.#settling !== undefined && this.unsettled > 0,
        ended: (error) => this.#end(error),
      },
    });
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
    return this.#talk.where.room;
  }

  /** As {@link Whereabouts.strayedFrom}. */
  get strayedFrom(): string | undefined {
    return this.#talk.where.strayedFrom;
  }

  /** The names of the rooms that one is in, where one can be in several. */
  get rooms(): string[] {
    return this.#talk.book.named.map(({ name }) => name);
  }

  /** Those of them that are groups. */
  get groups(): string[] {
    return this.#talk.book.named.filter(({ kind }) => kind === "group")
      .map(({ name }) => name);
  }

  /** How much of these rooms was seen, where the wire tells. */
  get unread(): readonly Unread[] {
    return this.#talk.book.unread;
  }

  /** Whether a join waits to be sent or answered. */
  get moving(): boolean {
    return this.#talk.where.moving;
  }

  /** What the room is about that one is in, if that is known. */
  get topic(): string | undefined {
    const { book, where } = this.#talk;
    return book.find(where.room ?? "")?.topic;
  }

  /** Whether one logs in with a password; who does not is a guest. */
  get hasPassword(): boolean {
    return this.#secrets.hasPassword;
  }

  /** What the wire to this server carries. */
  get abilities(): Abilities {
    return this.#connections.abilities;
  }

  /** Requests that are neither done nor given up. */
  get unsettled(): number {
    return this.#talk.outbox.unsettled;
  }

  /** Makes the first connection. */
  start(): void {
    this.#connections.start();
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
    queueMicrotask(() => this.#connections.conversation?.pump());
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
    this.#connections.conversation?.oweReceipts();
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
    this.#finishing = true;
    await this.settled();
    this.close();
    return this.ended;
  }

  /**
   * Closes now, for good: what was sent still reaches the server, nothing is
   * waited for. Where sessions are kept, this one ends.
   */
  close(): void {
    this.#connections.close();
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
    this.#connections.pause(this.#paused || this.#full);
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
          queueMicrotask(() => this.#connections.conversation?.pump());
        }),
    });
  }

  async #act(entry: Entry): Promise<void> {
    const outcome = await this.#secrecy?.act(entry.request);
    if (outcome !== undefined) this.#talk.acted(entry, outcome);
    this.#connections.conversation?.pump();
    this.#checkSettled();
  }

  // ---- what becomes of it

  #end(error: UserError | undefined): void {
    const resolve = () => this.#resolveEnded(error);
    if (this.#secrecy === undefined) resolve();
    else void this.#secrecy.reader.flushed().then(resolve);
    this.#checkSettled();
  }

  #checkSettled(): void {
    if (this.#settling === undefined) return;
    if (this.#connections.isFirst || this.unsettled > 0) return;
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
    if (this.#secrecy === undefined) return this.#options.onEvent(event);
    this.#secrecy.happened(event);
    this.#secrecy.reader.show(event);
  }
}
