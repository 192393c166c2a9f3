/**
 * What is said over the connections of a session: requests out, and what the
 * server says as events for whoever shows them. Pure.
 *
 * @module
 */

import {
  type ErrorMessage,
  foldName,
  LOBBY,
  type Place,
  type ServerEvent,
} from "../wire/mod.ts";
import { AwayBook } from "./away_book.ts";
import type { Answer, SessionEvent } from "./events.ts";
import type { ChatRequest, Happening, Meaning } from "./exchange.ts";
import { HeldBack } from "./held_back.ts";
import {
  type Entry,
  type Fate,
  type Outcome,
  partner,
  type Reason,
  type Step,
  UNABLE,
} from "./entries.ts";
import { Outbox } from "./outbox.ts";
import { RoomBook } from "./room_book.ts";
import { Whereabouts } from "./whereabouts.ts";

/** Why something was not done. */
type Why = Pick<ErrorMessage, "code" | "hint">;

const OVER: Reason = { text: "Not sent: the session is over" };

const BROKEN: Reason = { text: "The connection broke before the answer" };

/** Who keeps secrets, where somebody does. */
export interface TalkSecrecy {
  /** Seals a message, or carries a request out, and says so to `acted`. */
  act(entry: Entry): void;
  /** A secret message to `user` is on the server's disk. */
  stored(user: string, sealed: Uint8Array, place: Place | undefined): void;
}

/** One session's side of the chat. */
export class Talk {
  readonly book = new RoomBook();
  readonly where: Whereabouts;
  readonly outbox: Outbox;
  /** Who is logged in, as the server writes it. */
  username: string;
  readonly #away = new AwayBook();
  readonly #held = new HeldBack();
  readonly #tell: (event: SessionEvent) => void;
  readonly #secrecy: TalkSecrecy | undefined;
  #over = false;

  /** `room` as in {@link Whereabouts}, `keys` as in {@link OutboxParts}. */
  constructor(
    { username, room, keys, tell, secrecy }: {
      readonly username: string;
      readonly room: string | undefined;
      readonly keys: string | undefined;
      readonly tell: (event: SessionEvent) => void;
      readonly secrecy?: TalkSecrecy | undefined;
    },
  ) {
    this.username = username;
    const { book } = this;
    const where = this.where = new Whereabouts(book, room);
    this.outbox = new Outbox({ book, where, keys });
    this.#tell = tell;
    this.#secrecy = secrecy;
  }

  /** Rooms to be in besides the one that one is in, and the first one. */
  get others(): string[] {
    const left = [LOBBY, this.where.room ?? ""].map(foldName);
    return this.book.named.map(({ name }) => name)
      .filter((name) => !left.includes(foldName(name)));
  }

  /** A new connection is made; see {@link RoomBook.connected}. */
  connected(resumes: boolean): void {
    this.book.connected(resumes);
    this.#away.connected();
  }

  // ---- what the server says

  /**
   * Takes what an event says of rooms and how far one has them. False when
   * there is nothing else to it, or it was told before.
   */
  note(event: ServerEvent, isAnswer: boolean | undefined): boolean {
    const news = this.book.take(event);
    this.#away.take(event);
    for (const each of news) this.#tell(each);
    switch (event.type) {
      case "rooms":
      case "position":
      case "received_by_all":
        return false;
      case "room_msg":
      case "private_msg_delivery":
        return isAnswer === true || event.place === undefined ||
          this.book.said(
            event.place,
            foldName(event.sender) === foldName(this.username),
          );
    }
    return true;
  }

  /** Tells what the rooms are about, where it was not told before. */
  tellTopics(): void {
    for (const news of this.book.takeTopics()) this.#tell(news);
  }

  /** All rooms were told anew: the one that one was in may not be among them. */
  checkRoom(): void {
    const left = this.where.room;
    if (left === undefined || this.book.find(left) !== undefined) return;
    this.where.left(left, LOBBY);
    this.#tell({ type: "moved", left, room: LOBBY });
  }

  /**
   * Takes an event; gives the server's last words, if it is those.
   *
   * @throws {RemoteProtocolError} fatal, when it answers nothing.
   */
  receive(
    event: ServerEvent,
    isAnswer: boolean | undefined,
  ): ErrorMessage | undefined {
    const meaning = this.outbox.receive(event, isAnswer);
    if (meaning?.kind === "last_words") return meaning.error;
    if (meaning?.kind === "happening") this.happened(meaning.event);
    else if (meaning !== undefined) this.#settle(meaning);
    if (!this.outbox.repeating) this.release();
    return undefined;
  }

  /** Something happened that nobody asked for. */
  happened(event: Happening): void {
    if (event.type === "moved") this.where.left(event.left, event.room);
    if (event.type === "topic") this.book.toldTopic(event.room);
    const mayBeOurs = this.outbox.repeating && "history" in event &&
      event.history === true &&
      foldName(event.sender) === foldName(this.username);
    if (!this.#held.take(event, mayBeOurs)) this.#tell(event);
  }

  /** Tells what was held back. */
  release(): void {
    for (const event of this.#held.release()) this.#tell(event);
  }

  #settle(meaning: Extract<Meaning<Entry>, { readonly asked: Entry }>): void {
    const { asked } = meaning;
    if (meaning.kind === "refusal") {
      const { text, ...why } = meaning.error;
      if (why.code === 404) this.#forget(asked.request);
      return this.refuse(asked, text, why);
    }
    const { event } = meaning;
    if (asked.settle) return asked.settle({ kind: "answered", event });
    switch (event.type) {
      case "room_msg_ack":
        return this.#acknowledge(asked, event);
      case "private_msg_delivery": {
        const { place, repeated: _, ...said } = event;
        this.#acknowledge(asked, place === undefined ? {} : { place });
        // What one writes to oneself comes once, as the receipt.
        if (foldName(event.recipient) === foldName(this.username)) {
          this.#tell({ ...said, ...place !== undefined && { place } });
        }
        return;
      }
      case "set_topic":
        this.book.toldTopic(event.room);
        return this.#answer(asked, event);
      case "history": {
        const { request } = asked;
        const isDirect = request.type === "history" &&
          partner(request.room) !== undefined;
        return this.#answer(
          asked,
          isDirect ? { ...event, room: `@${event.room}` } : event,
        );
      }
      default:
        // The outbox has looked at the type.
        this.#answer(asked, event as Answer);
    }
  }

  /**
   * Where there are no rooms, nothing goes any more to whom nobody is called. To
   * somebody else neither: a line may be under way, and was not for them.
   */
  #forget(request: ChatRequest): void {
    if (request.type !== "private_msg") return;
    if (partner(this.where.room) === undefined) return;
    this.where.left(`@${request.recipient}`, "");
  }

  #answer({ ref }: Entry, answer: Answer): void {
    this.#tell({ type: "answered", ref, answer });
  }

  #acknowledge(
    { ref, request, place: { room }, sealed, whole }: Entry,
    { id, place, repeated }: {
      readonly id?: number;
      readonly place?: Place;
      readonly repeated?: true;
    },
  ): void {
    const type = "acknowledged";
    if (sealed !== undefined && request.type === "private_msg") {
      this.#secrecy?.stored(request.recipient, sealed, place);
    }
    // Of a text in parts the last one tells, when all are there.
    const tells = whole === undefined || --whole.left === 0 && !whole.failed;
    const how = sealed === undefined ? {} : { sealed: true } as const;
    if (place === undefined) {
      if (!tells) return;
      return this.#tell({
        type,
        ref,
        request,
        ...id !== undefined && { id },
        ...how,
      });
    }
    this.#held.drop(place);
    const where = request.type === "private_msg"
      ? `@${request.recipient}`
      : room;
    if (tells) {
      this.#tell({
        type,
        ref,
        request,
        place,
        ...where !== undefined && { room: where },
        ...how,
      });
    }
    const news = this.book.stored(ref, place, repeated);
    if (news !== undefined) this.#tell(news);
    if (request.type !== "private_msg") return;
    const away = this.#away.remind(request.recipient);
    if (away !== undefined) this.#tell(away);
  }

  // ---- what is sent

  /** Does what can be done now, each by `send`. */
  pump(send: (step: Extract<Step, { kind: "send" }>) => void): void {
    for (let step = this.outbox.next(); step; step = this.outbox.next()) {
      const { entry } = step;
      switch (step.kind) {
        case "send":
          send(step);
          break;
        case "answer":
          this.#answer(entry, step.answer);
          break;
        case "act":
          this.#act(entry);
          break;
        case "refuse": {
          const { why, hint } = step;
          const also = hint === undefined ? {} : { hint };
          this.refuse(entry, `Not sent: ${why}`, also);
        }
      }
    }
  }

  // ---- what the client does itself

  #act(entry: Entry): void {
    if (this.#secrecy !== undefined) return this.#secrecy.act(entry);
    const { why: text, hint } = UNABLE;
    this.acted(entry, { kind: "refused", text, hint });
  }

  /** Something was sealed or carried out; nobody may wait for it any more. */
  acted(entry: Entry, outcome: Outcome): void {
    switch (outcome.kind) {
      case "sealed":
        this.outbox.acted(entry, outcome.parts);
        return;
      case "answered":
        if (this.outbox.acted(entry)) this.#answer(entry, outcome.answer);
        return;
      case "refused": {
        const { text, ...why } = outcome;
        if (this.outbox.acted(entry)) this.refuse(entry, text, why);
      }
    }
  }

  /** Asks something of the client's own; `settle` is told what came of it. */
  ask(request: ChatRequest, settle: (fate: Fate) => void): void {
    if (this.#over) return settle({ kind: "refused", ...OVER });
    this.outbox.ask(request, settle);
  }

  // ---- what is not done

  /** The session is over. */
  end(): void {
    this.#over = true;
    this.giveUp(this.outbox.broken());
    this.release();
    for (const entry of this.outbox.abandoned()) {
      this.refuse(entry, OVER.text);
    }
  }

  /** Nobody will know about these. */
  giveUp(entries: readonly Entry[]): void {
    for (const entry of entries) {
      const { ref, request, next } = entry;
      // Who meant to leave goes on there in any case.
      if (next !== undefined) this.where.moved(next, LOBBY);
      if (this.#settleFailed(entry, BROKEN)) continue;
      this.#tell({ type: "unconfirmed", ref, request });
    }
  }

  /** It was not done, and will not be. */
  refuse(entry: Entry, text: string, { code, hint }: Why = {}): void {
    const { ref, request } = entry;
    const reason: Reason = {
      text,
      ...code !== undefined && { code },
      ...hint !== undefined && { hint },
    };
    if (this.#settleFailed(entry, reason)) return;
    this.#tell({
      type: "refused",
      ref,
      request,
      ...reason,
    });
  }

  /** Whether nobody else is to be told that it failed. */
  #settleFailed({ settle, whole }: Entry, reason: Reason): boolean {
    settle?.({ kind: "refused", ...reason });
    const isTold = settle !== undefined || whole?.failed === true;
    if (whole !== undefined) whole.failed = true;
    return isTold;
  }
}
