/**
 * A log that lives as long as the process.
 *
 * @module
 */

import type {
  Draft,
  Message,
  MessageArchive,
  PageQuery,
  SearchQuery,
  Stored,
} from "./log.ts";
import { foldedWords, holds, parseQuery } from "./search_words.ts";

/** A room's messages by sequence, one at least, and the last it gave. */
interface Stream {
  messages: Message[];
  last: number;
}

/**
 * Keeps messages in memory; durable until the process ends. It keeps the
 * newest, `most` at least and twice as many at the most.
 *
 * Of streams without messages it knows the last sequences, of as many: those
 * that were emptied last, or asked for. One that is not known, new or not, goes
 * on behind the highest that was forgotten, since none MUST be given twice: the
 * one gap that there can be in a room's sequences.
 */
export class MemoryLog implements MessageArchive {
  readonly #most: number;
  #id = 0;
  /** Messages in all streams. */
  #held = 0;
  /** Those with messages. */
  readonly #streams = new Map<string, Stream>();
  /** The last sequences of others; those known longer are in the second. */
  #empty = new Map<string, number>();
  #emptyLonger = new Map<string, number>();
  /** The highest sequence of a stream that is not known any more. */
  #forgotten = 0;
  /** Where each (session, ref) was put. */
  readonly #refs = new Map<string, Map<number, Message>>();

  /** `most`: messages of all rooms together; by default all. */
  constructor(most = Infinity) {
    this.#most = most;
  }

  append(drafts: readonly Draft[]): Promise<readonly Stored[]> {
    return Promise.resolve(drafts.map((draft) => this.#write(draft)));
  }

  #write(draft: Draft): Stored {
    const { room, sender, person, text, time, session, ref, sent } = draft;
    const authored = session !== undefined && ref !== undefined;
    if (authored) {
      const first = this.#refs.get(session)?.get(ref);
      if (first !== undefined) return repeated(first);
    }
    const stream = this.#stream(room);
    const stored: Stored = { id: ++this.#id, sequence: ++stream.last };
    const message: Message = {
      ...stored,
      room,
      sender,
      ...person !== undefined && { person },
      text: typeof text === "string" ? text : text.slice(),
      time,
      ...authored && { session, ref },
      ...sent !== undefined && { sent },
    };
    stream.messages.push(message);
    if (authored) {
      const refs = this.#refs.get(session) ?? new Map<number, Message>();
      this.#refs.set(session, refs.set(ref, message));
    }
    // Seldom, many at once: so that no array is moved at each message.
    if (++this.#held > 2 * this.#most) {
      this.#remove(({ id }) => id <= this.#id - this.#most);
    }
    return stored;
  }

  #stream(room: string): Stream {
    const known = this.#streams.get(room);
    if (known !== undefined) return known;
    const stream = { messages: [], last: this.#lastOfEmpty(room) };
    this.#empty.delete(room);
    this.#emptyLonger.delete(room);
    this.#streams.set(room, stream);
    return stream;
  }

  #lastOfEmpty(room: string): number {
    return this.#empty.get(room) ?? this.#emptyLonger.get(room) ??
      this.#forgotten;
  }

  /** Keeps in mind where a stream without messages goes on. */
  #noteEmpty(room: string, last: number): void {
    this.#emptyLonger.delete(room);
    this.#empty.set(room, last);
    if (this.#empty.size <= this.#most) return;
    for (const gone of this.#emptyLonger.values()) {
      this.#forgotten = Math.max(this.#forgotten, gone);
    }
    this.#emptyLonger = this.#empty;
    this.#empty = new Map();
  }

  page(
    room: string,
    { after, before, since, limit }: PageQuery,
  ): Promise<readonly Message[]> {
    const all = this.#streams.get(room)?.messages ?? [];
    const from = all.findIndex(({ sequence }) => sequence > (after ?? 0));
    const to = all.findLastIndex(({ sequence }) =>
      sequence < (before ?? Infinity)
    );
    const between = from < 0 ? [] : all.slice(from, to + 1);
    const within = since === undefined
      ? between
      : between.filter(({ time }) => time >= since);
    const bounded = after !== undefined || since !== undefined;
    return Promise.resolve(
      bounded && before === undefined
        ? within.slice(0, limit)
        : within.slice(Math.max(0, within.length - limit)),
    );
  }

  search(
    rooms: readonly string[],
    words: string,
    { before = Infinity, limit }: SearchQuery,
  ): Promise<readonly Message[]> {
    const phrases = parseQuery(words);
    if (phrases.length === 0) return Promise.resolve([]);
    const found: Message[] = [];
    for (const room of new Set(rooms)) {
      for (const message of this.#streams.get(room)?.messages ?? []) {
        if (message.id >= before || typeof message.text !== "string") continue;
        const text = foldedWords(message.text);
        if (phrases.every((phrase) => holds(text, phrase))) found.push(message);
      }
    }
    found.sort((a, b) => a.id - b.id);
    return Promise.resolve(found.slice(Math.max(0, found.length - limit)));
  }

  find(session: string, ref: number): Promise<Message | undefined> {
    return Promise.resolve(this.#refs.get(session)?.get(ref));
  }

  last(room: string): Promise<number> {
    const stream = this.#streams.get(room);
    if (stream !== undefined) return Promise.resolve(stream.last);
    const last = this.#lastOfEmpty(room);
    // Who has asked counts on from there.
    this.#noteEmpty(room, last);
    return Promise.resolve(last);
  }

  prune(olderThan: number): Promise<number> {
    return Promise.resolve(this.#remove(({ time }) => time < olderThan));
  }

  /** Lets go of what is old; answers how many messages that were. */
  #remove(isOld: (message: Message) => boolean): number {
    const before = this.#held;
    for (const [room, stream] of this.#streams) {
      const kept: Message[] = [];
      for (const message of stream.messages) {
        if (isOld(message)) this.#forget(message);
        else kept.push(message);
      }
      this.#held -= stream.messages.length - kept.length;
      stream.messages = kept;
      if (kept.length > 0) continue;
      this.#streams.delete(room);
      this.#noteEmpty(room, stream.last);
    }
    return before - this.#held;
  }

  #forget({ session, ref }: Message): void {
    if (session === undefined || ref === undefined) return;
    const refs = this.#refs.get(session);
    refs?.delete(ref);
    if (refs?.size === 0) this.#refs.delete(session);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** Where a message stands that was said again. */
function repeated({ id, sequence, room, time }: Message): Stored {
  return { id, sequence, repeated: { room, time } };
}
