/**
 * What was submitted and is not settled yet. Pure.
 *
 * What it guarantees, besides the order of requests and that nothing is said
 * twice (`backlog.ts`), or elsewhere (`routing.ts`):
 *
 * - Nothing MUST be sent past a join that is not answered.
 * - A message that is to be secret MUST NOT be sent before it is sealed, and
 *   MUST be sent again as the same bytes. While that is done, what was submitted
 *   behind it waits.
 *
 * A server that is asked too fast refuses everything until a second's worth of
 * requests has come in again. So after a 429 nothing more is sent until all
 * that is outstanding has its reply (`mustRest`); after a second's rest the
 * refused requests are sent again, in their order.
 *
 * @module
 */

import {
  errorCodeOf,
  LOBBY,
  type Request,
  type ServerEvent,
} from "../wire/mod.ts";
import { type Abilities, BASIC, hasRooms } from "./abilities.ts";
import { Backlog } from "./backlog.ts";
import {
  type Entry,
  type Fate,
  hasKey,
  moves,
  type Place,
  type Step,
} from "./entries.ts";
import {
  type ChatRequest,
  Exchange,
  isMessage,
  type Meaning,
} from "./exchange.ts";
import type { RoomBook } from "./room_book.ts";
import { type Route, Routing } from "./routing.ts";
import type { Whereabouts } from "./whereabouts.ts";

/** The most requests that wait for their reply at once, if a wire has no less. */
export const WINDOW = 32;

/** What an outbox goes by. */
export interface OutboxParts {
  readonly book: RoomBook;
  readonly where: Whereabouts;
  /** 24 hexadecimal digits by chance, for wires that have keys. */
  readonly keys?: string | undefined;
}

/** The requests of a session, across its connections. */
export class Outbox {
  #lastRef = 0;
  readonly #backlog = new Backlog();
  #exchange = new Exchange<Entry>("");
  #abilities: Abilities = BASIC;
  #takesPasswords = true;
  readonly #book: RoomBook;
  readonly #where: Whereabouts;
  readonly #routing: Routing;
  /** What the keys of this session begin with. */
  readonly #keys: string;

  constructor({ book, where, keys = "" }: OutboxParts) {
    this.#book = book;
    this.#where = where;
    this.#routing = new Routing(book, where);
    this.#keys = keys;
  }

  /** How many requests are neither done nor given up. */
  get unsettled(): number {
    return this.#backlog.size + this.#exchange.outstanding.length;
  }

  /** The number of the first message that the next connection will send. */
  get firstNumber(): number {
    return this.#backlog.firstNumber;
  }

  /** Whether something that was sent again has no answer yet. */
  get repeating(): boolean {
    return this.#backlog.hasRepeats ||
      this.#exchange.outstanding.some(({ again, number }) =>
        again && number !== undefined
      );
  }

  /** Whether something was sent that has no reply. */
  get waiting(): boolean {
    return this.#exchange.outstanding.length > 0;
  }

  /** Whether it is time to rest for a second and then call `rested`. */
  get mustRest(): boolean {
    return this.#backlog.hasDeferred && !this.waiting;
  }

  /**
   * Takes a request; gives the number by which its fate is told. `isSecret`:
   * whether one is to be sealed.
   */
  submit(
    request: ChatRequest,
    isSecret: (request: ChatRequest) => boolean = () => false,
  ): number {
    if (request.type === "join_room") this.#where.head(request.room);
    const ref = ++this.#lastRef;
    const addressed = hasRooms(this.#abilities)
      ? request
      : this.#where.addressed(request);
    const place = this.#where.bound;
    const next = this.#leads(request);
    const entry = { ref, request: addressed, place, ...next && { next } };
    const secret = isSecret(addressed);
    this.#backlog.add(secret ? { ...entry, secret } : entry);
    return ref;
  }

  /** Where it leads, if it leaves where one is to be. */
  #leads(request: ChatRequest): Place | undefined {
    if (request.type !== "leave_room") return undefined;
    if (!this.#abilities.requests.has(request.type)) return undefined;
    return this.#where.leave(request.room);
  }

  /** Takes a request of the client's own, which goes before all others. */
  ask(request: ChatRequest, settle: (fate: Fate) => void): void {
    const place = this.#where.here;
    this.#backlog.addFirst({ ref: 0, request, place, settle });
  }

  /**
   * It was sealed as these, or carried out. False when nobody waits for that any
   * more.
   */
  acted(entry: Entry, sealed: readonly Uint8Array[] = []): boolean {
    const { acting: _, ...rest } = entry;
    const whole = { left: sealed.length, failed: false };
    const parts = sealed.map((bytes) => ({ ...rest, sealed: bytes, whole }));
    return this.#backlog.replace(entry, parts);
  }

  /** A new connection is logged in. */
  connected(
    username: string,
    abilities: Abilities = BASIC,
    takesPasswords = true,
  ): void {
    this.#exchange = new Exchange(username);
    this.#takesPasswords = takesPasswords;
    this.#abilities = abilities;
  }

  /**
   * The session that was kept is over, and the next login begins another. Gives
   * what was sent in it, and nobody can know about.
   */
  renewed(): readonly Entry[] {
    // Keys go on counting whoever's session it is.
    if (this.#abilities.keyed) return [];
    return this.#backlog.renewed();
  }

  /** The next thing to do, or undefined while there is nothing or it must wait. */
  next(): Step | undefined {
    const { outstanding } = this.#exchange;
    const { window = WINDOW } = this.#abilities;
    const backlog = this.#backlog;
    if (backlog.hasDeferred || outstanding.length >= window) return;
    if (outstanding.some(({ request }) => moves(request))) return;
    const repeated = backlog.takeRepeat();
    if (repeated?.sent !== undefined) {
      return this.#send(repeated, repeated.sent);
    }
    const { first } = backlog;
    const step = first && this.#routing.step(first, this.#route);
    if (step === undefined) return;
    if (step.kind === "act") {
      step.entry.acting = true;
      return step;
    }
    backlog.takeFirst();
    if (step.kind === "refuse") this.#lose(step.entry, step.why);
    return step.kind === "send" ? this.#send(step.entry, step.request) : step;
  }

  get #route(): Route {
    return {
      abilities: this.#abilities,
      takesPasswords: this.#takesPasswords,
      outstanding: this.#exchange.outstanding,
    };
  }

  #send(entry: Entry, asked: Request): Step {
    const request = this.#keyed(entry, asSealed(entry, asked));
    entry.sent = request;
    delete entry.untaken;
    if (this.#abilities.many && isMessage(entry.request)) {
      this.#backlog.number(entry);
    }
    this.#exchange.sent(entry);
    return { kind: "send", entry, request };
  }

  /** With its key, where the wire has one: the same whenever it is sent. */
  #keyed({ ref }: Entry, request: Request): Request {
    if (!this.#abilities.keyed || !hasKey(request)) return request;
    const number = ref.toString(16).padStart(8, "0");
    return { ...request, idempotencyKey: this.#keys + number };
  }

  /**
   * Takes an event of the connection. Undefined is a refusal that is made up
   * for later: nobody needs to know.
   *
   * @throws {RemoteProtocolError} fatal, when it answers nothing.
   */
  receive(event: ServerEvent, isAnswer?: boolean): Meaning<Entry> | undefined {
    const meaning = this.#exchange.receive(event, isAnswer);
    this.#backlog.undoubted();
    if (meaning.kind === "refusal") {
      const { asked, error } = meaning;
      const code = error.code ?? errorCodeOf(error.text);
      if (code === 429 || code === 503) {
        this.#backlog.defer(asked, code === 429 && isAnswer === undefined);
        return undefined;
      }
      this.#lose(asked, error.text);
    } else if (meaning.kind === "reply" && event.type === "join_room") {
      this.#where.moved(meaning.asked.place, event.room);
    } else if (meaning.kind === "reply" && event.type === "make_group") {
      this.#book.made(event.room);
    } else if (meaning.kind === "reply" && event.type === "leave_room") {
      this.#where.left(event.room, LOBBY);
      const { next } = meaning.asked;
      if (next !== undefined) this.#where.moved(next, LOBBY);
    }
    return meaning;
  }

  /** It was refused: it may have led somewhere. */
  #lose({ request, place, next }: Entry, why: string): void {
    const room = request.type === "join_room" ? place : next;
    if (room !== undefined) this.#where.lost(room, why);
  }

  /** A second has passed: what was refused as too fast may be sent again. */
  rested(): void {
    this.#backlog.rested();
  }

  /**
   * The connection is gone. What was sent and can be asked twice waits for the
   * next one; gives the rest, which nobody can know about. Messages can in a
   * session that goes on (`goesOn`), kept or by keys.
   */
  broken(goesOn = false): readonly Entry[] {
    const { outstanding } = this.#exchange;
    this.#exchange = new Exchange("");
    return goesOn
      ? this.#backlog.repeat(outstanding, this.#abilities.keyed === true)
      : this.#backlog.broken(outstanding);
  }

  /** The session has ended: gives what was never sent. */
  abandoned(): readonly Entry[] {
    return this.#backlog.abandoned();
  }
}

/** The request with the bytes in the place of the text. */
function asSealed({ sealed }: Entry, request: Request): Request {
  return sealed !== undefined && request.type === "private_msg"
    ? { ...request, text: sealed }
    : request;
}
