/**
 * What was submitted and is not settled yet. Pure.
 *
 * What it guarantees:
 *
 * - Requests are sent in the order in which they were submitted.
 * - A message MUST NOT be sent a second time unless the server said that it
 *   did not act on the first (429, 503), or knows it by its number in a session
 *   that is kept, or by its key. There each message is said once, however often
 *   it is sent.
 * - A message MUST NOT be said in another room than the one that its author
 *   meant: nothing is sent past a join that is not answered, and when the join
 *   fails, what was meant for that room is refused.
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
  foldName,
  LOBBY,
  type Request,
  type ServerEvent,
} from "../wire/mod.ts";
import { type Abilities, BASIC, hasRooms } from "./abilities.ts";
import {
  type Entry,
  EXPOSED,
  type Fate,
  hasKey,
  hasPassword,
  isRepeatable,
  moves,
  nothingWith,
  partner,
  Place,
  ROOMLESS,
  STAYING,
  type Step,
  UNABLE,
  UNSEALED,
} from "./entries.ts";
import {
  type ChatRequest,
  Exchange,
  isLocal,
  isMessage,
  type Meaning,
  REQUESTS,
} from "./exchange.ts";
import { type OwnRoom, RoomBook } from "./room_book.ts";

/** The most requests that wait for their reply at once, if a wire has no less. */
export const WINDOW = 32;

/** The requests of a session, across its connections. */
export class Outbox {
  #lastRef = 0;
  #queue: Entry[] = [];
  /** Refused for being too fast, or because the server goes down. */
  #deferred: Entry[] = [];
  /** The one deferred by the very last event, which may have been last words. */
  #doubtful: Entry | undefined;
  /**
   * Sent over an earlier connection of a session that goes on, in order, and
   * before what is in the queue.
   */
  #again: Entry[] = [];
  /** The number of the next message of a kept session. */
  #nextNumber = 0;
  #exchange = new Exchange<Entry>("");
  #abilities: Abilities = BASIC;
  #takesPasswords = true;
  readonly #book: RoomBook;
  /** What the keys of this session begin with. */
  readonly #keys: string;
  /** Where the session is. */
  #here: Place;
  /** Where what is submitted next is meant to be said. */
  #bound: Place;

  /**
   * `room`: the room to be in, if not the one that a login leads to. `keys`: 24
   * hexadecimal digits by chance, for wires that have keys.
   */
  constructor(room?: string, book: RoomBook = new RoomBook(), keys = "") {
    this.#keys = keys;
    this.#here = new Place(room);
    this.#bound = this.#here;
    this.#book = book;
  }

  /** The room to be in; undefined before the first login. */
  get room(): string | undefined {
    return this.#here.room;
  }

  /** Whether one is to go to another room. */
  get moving(): boolean {
    return this.#bound !== this.#here;
  }

  /** How many requests are neither done nor given up. */
  get unsettled(): number {
    return this.#queue.length + this.#deferred.length + this.#again.length +
      this.#exchange.outstanding.length;
  }

  /** The number of the first message that the next connection will send. */
  get firstNumber(): number {
    return this.#again.find(({ number }) => number !== undefined)?.number ??
      this.#nextNumber;
  }

  /** Whether something that was sent again has no answer yet. */
  get repeating(): boolean {
    return this.#again.length > 0 ||
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
    return this.#deferred.length > 0 && !this.waiting;
  }

  /**
   * Takes a request; gives the number by which its fate is told. `isSecret`:
   * whether one is to be sealed.
   */
  submit(
    request: ChatRequest,
    isSecret: (request: ChatRequest) => boolean = () => false,
  ): number {
    if (request.type === "join_room") this.#bound = new Place(request.room);
    const ref = ++this.#lastRef;
    const addressed = this.#addressed(request);
    const entry = { ref, request: addressed, place: this.#bound };
    const secret = isSecret(addressed);
    this.#queue.push(secret ? { ...entry, secret } : entry);
    return ref;
  }

  /** Where there are no rooms, what names nobody is for who was named last. */
  #addressed(request: ChatRequest): ChatRequest {
    if (hasRooms(this.#abilities)) return request;
    if (request.type === "private_msg") {
      this.#here.room = `@${request.recipient}`;
    }
    const recipient = partner(this.#here.room);
    if (request.type !== "room_msg" || recipient === undefined) return request;
    return { type: "private_msg", recipient, text: request.text };
  }

  /** Takes a request of the client's own, which goes before all others. */
  ask(request: ChatRequest, settle: (fate: Fate) => void): void {
    this.#queue.unshift({ ref: 0, request, place: this.#here, settle });
  }

  /**
   * It was sealed as these, or carried out. False when nobody waits for that any
   * more.
   */
  acted(entry: Entry, sealed: readonly Uint8Array[] = []): boolean {
    const index = this.#queue.indexOf(entry);
    if (index < 0) return false;
    const { acting: _, ...rest } = entry;
    const whole = { left: sealed.length, failed: false };
    const parts = sealed.map((bytes) => ({ ...rest, sealed: bytes, whole }));
    this.#queue.splice(index, 1, ...parts);
    return true;
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
    const again = this.#again;
    this.#again = [];
    this.#nextNumber = 0;
    return this.#giveUp(
      again.filter(({ untaken }) => untaken),
      again.filter(({ untaken }) => !untaken),
    );
  }

  /** The session is in the room that it was to be in, or in its first one. */
  arrived(room: string): void {
    if (hasRooms(this.#abilities)) this.#here.room = room;
    else this.#here.room ??= room;
  }

  /** The session can't be where it was to be, and is in `room` instead. */
  stranded(room: string, why: string): void {
    if (this.#here.room === room) return;
    const place = new Place(room);
    this.#here.lost = why;
    if (this.#bound === this.#here) this.#bound = place;
    this.#here = place;
  }

  /** The next thing to do, or undefined while there is nothing or it must wait. */
  next(): Step | undefined {
    const { outstanding } = this.#exchange;
    const { window = WINDOW } = this.#abilities;
    if (this.#deferred.length > 0 || outstanding.length >= window) return;
    if (outstanding.some(({ request }) => moves(request))) return;
    const repeated = this.#again.shift();
    if (repeated?.sent !== undefined) {
      return this.#send(repeated, repeated.sent);
    }
    const [entry] = this.#queue;
    const step = entry && this.#step(entry);
    if (step !== undefined && step.kind !== "act") this.#queue.shift();
    return step;
  }

  /** What is to be done before it is sent, if anything is. */
  #act(entry: Entry): Step | undefined {
    const isOpen = entry.secret === true && entry.sealed === undefined;
    if (!isOpen && !isLocal(entry.request)) return undefined;
    entry.acting = true;
    return { kind: "act", entry };
  }

  #step(entry: Entry): Step | undefined {
    const { request, place } = entry;
    const { requests, many, sealed } = this.#abilities;
    if (entry.acting) return undefined;
    if (request.type === "room_msg" && !hasRooms(this.#abilities)) {
      return { kind: "refuse", entry, ...ROOMLESS };
    }
    if (!requests.has(request.type) && !isLocal(request)) {
      return { kind: "refuse", entry, ...UNABLE };
    }
    if (!this.#takesPasswords && hasPassword(request)) {
      return { kind: "refuse", entry, ...EXPOSED };
    }
    if (entry.secret && !sealed) return { kind: "refuse", entry, ...UNSEALED };
    const act = this.#act(entry);
    if (act !== undefined) return act;
    if (request.type === "room_msg" && place.lost !== undefined) {
      return { kind: "refuse", entry, why: place.lost };
    }
    if (!many) return this.#send(entry, request as Request);
    const named = REQUESTS[request.type].room !== undefined;
    // Handles of an earlier connection may mean nothing on this one.
    if ((named || request.type === "join_room") && this.#book.outdated) {
      return undefined;
    }
    if (request.type === "join_room") {
      const known = this.#book.find(request.room);
      if (known === undefined) return this.#send(entry, request);
      this.#here = place;
      place.room = known.name;
      const { type } = request;
      return { kind: "answer", entry, answer: { type, room: known.name } };
    }
    if (!named) {
      return this.#send(entry, request as Request);
    }
    const { room: asked } = request as { readonly room?: string };
    const own = this.#book.find(asked ?? place.room ?? "");
    if (own !== undefined) {
      if (request.type === "show_topic") return this.#showTopic(entry, own);
      const stays = request.type === "leave_room" &&
        foldName(own.name) === foldName(LOBBY);
      if (stays) return { kind: "refuse", entry, ...STAYING };
      return this.#send(entry, { ...request, room: own.room } as Request);
    }
    // The server tells of a room right behind its answer to what led there.
    const name = asked ?? place.room ?? "";
    const isHere = place === this.#here &&
      foldName(name) === foldName(place.room ?? "");
    if (isHere || this.#isComing(name)) return undefined;
    const other = partner(asked);
    if (other !== undefined) {
      if (this.#writesTo(other)) return undefined;
      return { kind: "refuse", entry, ...nothingWith(other) };
    }
    const why = place.lost ??
      `You are in no room called ${asked ?? place.room}`;
    return { kind: "refuse", entry, why, hint: "/join it first" };
  }

  /** Whether a group of this name is being made. */
  #isComing(name: string): boolean {
    const key = foldName(name);
    return this.#book.isComing(name) ||
      this.#exchange.outstanding.some(({ request }) =>
        request.type === "make_group" && foldName(request.room) === key
      );
  }

  /** Whether a message to somebody is on its way, perhaps the first. */
  #writesTo(user: string): boolean {
    const key = foldName(user);
    return this.#exchange.outstanding.some(({ request }) =>
      request.type === "private_msg" && foldName(request.recipient) === key
    );
  }

  /** In its turn: one that was set before may not be answered yet. */
  #showTopic(entry: Entry, { name, topic }: OwnRoom): Step | undefined {
    if (this.waiting) return undefined;
    const answer = { type: "show_topic", room: name, topic } as const;
    return { kind: "answer", entry, answer };
  }

  #send(entry: Entry, asked: Request): Step {
    const request = this.#keyed(entry, asSealed(entry, asked));
    entry.sent = request;
    delete entry.untaken;
    if (this.#abilities.many && isMessage(entry.request)) {
      entry.number ??= this.#nextNumber++;
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
    this.#doubtful = undefined;
    if (meaning.kind === "refusal") {
      const { asked, error } = meaning;
      const code = error.code ?? errorCodeOf(error.text);
      if (code === 429 || code === 503) {
        this.#deferred.push(asked);
        asked.untaken = true;
        if (code === 429 && isAnswer === undefined) this.#doubtful = asked;
        return undefined;
      }
      if (asked.request.type === "join_room") this.#lose(asked, error.text);
    } else if (meaning.kind === "reply" && event.type === "join_room") {
      this.#here = meaning.asked.place;
      this.#here.room = event.room;
    } else if (meaning.kind === "reply" && event.type === "make_group") {
      this.#book.made(event.room);
    } else if (meaning.kind === "reply" && event.type === "leave_room") {
      this.left(event.room, LOBBY);
    }
    return meaning;
  }

  /** One is not in the room any more; if one was there, one is in `next` now. */
  left(room: string, next: string): void {
    this.#book.leave(room);
    if (foldName(this.#here.room ?? "") !== foldName(room)) return;
    this.stranded(next, `You have left ${room}`);
  }

  #lose({ place }: Entry, why: string): void {
    place.lost = why;
    if (this.#bound === place) this.#bound = this.#here;
  }

  /**
   * A second has passed: what was deferred may be sent again. A message is
   * another one by its number then, as the numbers of a connection only rise.
   */
  rested(): void {
    for (const entry of this.#deferred) delete entry.number;
    this.#requeue(this.#deferred);
    this.#deferred = [];
    this.#doubtful = undefined;
  }

  /**
   * The connection is gone. What was sent and can be asked twice waits for the
   * next one; gives the rest, which nobody can know about. Messages can in a
   * session that goes on (`goesOn`), kept or by keys.
   */
  broken(goesOn = false): readonly Entry[] {
    const { outstanding } = this.#exchange;
    this.#exchange = new Exchange("");
    const sent = [...outstanding, ...this.#again];
    if (goesOn) return this.#repeat(sent);
    this.#again = [];
    // A 429 as the very last word may have been for a reader that fell behind;
    // then it answered nothing, and the message may be on disk.
    const doubtful = this.#deferred.filter((entry) => entry === this.#doubtful);
    const deferred = this.#deferred.filter((entry) => entry !== this.#doubtful);
    this.#deferred = [];
    return this.#giveUp(deferred, [...doubtful, ...sent]);
  }

  /** Queues again what can be; gives the rest of what was sent. */
  #giveUp(
    deferred: readonly Entry[],
    sent: readonly Entry[],
  ): readonly Entry[] {
    for (const entry of [...deferred, ...sent]) delete entry.number;
    this.#requeue([...deferred, ...sent.filter(isRepeatable)]);
    return sent.filter((entry) => !isRepeatable(entry));
  }

  /**
   * What was sent is sent again, in its order, and with it what was deferred and
   * submitted before: under its own number, which the server left free. Gives
   * the rest of what was sent.
   */
  #repeat(open: readonly Entry[]): readonly Entry[] {
    const { keyed } = this.#abilities;
    const first = this.#firstRepeated([...this.#deferred, ...open]);
    const isNumbered = ({ number }: Entry) =>
      number !== undefined && number >= first;
    const goesOn = (entry: Entry) =>
      entry.untaken || isNumbered(entry) || isRepeatable(entry) ||
      keyed === true && hasKey(entry.request);
    const going = open.filter(goesOn);
    const last = Math.max(
      ...[...going, ...this.#deferred.filter(isNumbered)].map(({ ref }) => ref),
    );
    const goesAlong = (entry: Entry) =>
      entry.ref <= last &&
      (keyed === true || entry.number === undefined || isNumbered(entry));
    const queued = this.#deferred.filter((entry) => !goesAlong(entry));
    this.#again = inOrder([...this.#deferred.filter(goesAlong), ...going]);
    for (const entry of this.#again) entry.again = true;
    for (const entry of queued) delete entry.number;
    this.#deferred = [];
    this.#doubtful = undefined;
    this.#requeue(queued);
    return open.filter((entry) => !goesOn(entry));
  }

  /**
   * The number with which the next connection can begin. It numbers by counting,
   * so from there on there must be a message for each.
   */
  #firstRepeated(entries: readonly Entry[]): number {
    const numbers = new Set(entries.map(({ number }) => number));
    let first = this.#nextNumber;
    while (numbers.has(first - 1)) first--;
    return first;
  }

  /** The session has ended: gives what was never sent. */
  abandoned(): readonly Entry[] {
    const queue = this.#queue;
    this.#queue = [];
    return queue;
  }

  #requeue(entries: readonly Entry[]): void {
    this.#queue = inOrder([...entries, ...this.#queue]);
  }
}

/** In the order in which they were submitted; parts of one text stay in theirs. */
function inOrder(entries: readonly Entry[]): Entry[] {
  return entries.toSorted((a, b) => a.ref - b.ref);
}

/** The request with the bytes in the place of the text. */
function asSealed({ sealed }: Entry, request: Request): Request {
  return sealed !== undefined && request.type === "private_msg"
    ? { ...request, text: sealed }
    : request;
}
