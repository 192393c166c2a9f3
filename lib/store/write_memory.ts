/**
 * Writes on their way to the log's thread, and what became of them, packed in
 * memory that both threads see: to clone every message there and back costs
 * both threads far more. It holds one question, then its answer.
 *
 * The memory begins with three lengths, 4 bytes each: how many numbers there
 * are, and how many bytes of the other two kinds. From byte 16 on are the
 * numbers (doubles, in the machine's order), then UTF-8, then other bytes.
 *
 * @module
 */

import { deserialize, serialize } from "node:v8";
import type { Draft, Stored } from "../chat/log.ts";
import type { Outcome, Save } from "./protocol.ts";

/** Appends and saves that are to be one transaction. */
export interface Writes {
  readonly batches: readonly (readonly Draft[])[];
  readonly saves: readonly Save[];
}

/** Bytes before the numbers. */
const HEADER = 16;
const NUMBER = Float64Array.BYTES_PER_ELEMENT;

/** What a memory has at first, bytes. It grows with what is put there. */
const FIRST_SIZE = 64 * 1024;
/** Addresses that are kept for it, bytes: no memory before it grows. */
const LARGEST_SIZE = 1024 * 1024 * 1024;

/** Numbers that a draft takes. */
const FIELDS = 8;

/** In the place of what a draft doesn't have. */
const NONE = -1;

const encoder = new TextEncoder();
/** A mark at its beginning is a character like any other. */
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** One thread's hold on the memory. */
export class WriteMemory {
  readonly #lengths: Int32Array;

  /** @param shared the other thread's {@link WriteMemory.shared} */
  constructor(
    readonly shared = new SharedArrayBuffer(FIRST_SIZE, {
      maxByteLength: LARGEST_SIZE,
    }),
  ) {
    this.#lengths = new Int32Array(shared, 0, 3);
  }

  /** @throws {RangeError} when it is more than the largest memory. */
  putWrites({ batches, saves }: Writes): void {
    const drafts = batches.reduce((sum, { length }) => sum + length, 0);
    const numbers = this.#numbers(1 + batches.length + drafts * FIELDS);
    let text = "";
    const bytes: Uint8Array[] = [];
    let at = 0;
    numbers[at++] = batches.length;
    for (const batch of batches) {
      numbers[at++] = batch.length;
      for (const draft of batch) {
        const { room, sender, session, sent } = draft;
        const words = typeof draft.text === "string" ? draft.text : "";
        if (typeof draft.text !== "string") bytes.push(draft.text);
        numbers[at++] = room.length;
        numbers[at++] = sender.length;
        // Of bytes instead: how many, from -1 downwards.
        numbers[at++] = typeof draft.text === "string"
          ? words.length
          : NONE - draft.text.length;
        numbers[at++] = session?.length ?? NONE;
        numbers[at++] = sent?.length ?? NONE;
        numbers[at++] = draft.person ?? NONE;
        numbers[at++] = draft.time;
        numbers[at++] = draft.ref ?? NONE;
        text += room + sender + words + (session ?? "") + (sent ?? "");
      }
    }
    if (saves.length > 0) bytes.push(serialize(saves));
    this.#put(at, text, bytes);
  }

  takeWrites(): Writes {
    const { numbers, text, bytes } = this.#take();
    let [number, char, byte] = [0, 0, 0];
    const next = () => numbers[number++] as number;
    const chars = (length: number) => text.slice(char, char += length);
    const batches: Draft[][] = [];
    for (let left = next(); left > 0; left--) {
      const batch: Draft[] = [];
      for (let drafts = next(); drafts > 0; drafts--) {
        const [room, sender, words, session, sent] = [
          next(),
          next(),
          next(),
          next(),
          next(),
        ];
        const [person, time, ref] = [next(), next(), next()];
        batch.push({
          room: chars(room),
          sender: chars(sender),
          text: words >= 0
            ? chars(words)
            : bytes.slice(byte, byte += NONE - words),
          time,
          ...(session >= 0 && { session: chars(session) }),
          ...(sent >= 0 && { sent: chars(sent) }),
          ...(person >= 0 && { person }),
          ...(ref >= 0 && { ref }),
        });
      }
      batches.push(batch);
    }
    const saves = byte < bytes.length ? deserialize(bytes.subarray(byte)) : [];
    return { batches, saves };
  }

  /** @throws {RangeError} as {@link putWrites}. */
  putOutcomes(outcomes: readonly Outcome[]): void {
    const stored = outcomes.flatMap((each) =>
      "stored" in each ? each.stored : []
    );
    const plain = outcomes.some((each) => "error" in each) ||
      stored.some(({ repeated }) => repeated !== undefined);
    if (plain) return this.#putPlain(outcomes);
    const numbers = this.#numbers(stored.length * 2);
    let at = 0;
    for (const { id, sequence } of stored) {
      numbers[at++] = id;
      numbers[at++] = sequence;
    }
    this.#put(at, "", []);
  }

  /** Anything but messages that were all stored is rare. */
  #putPlain(outcomes: readonly Outcome[]): void {
    this.#put(0, "", [serialize(outcomes)]);
  }

  /** What became of these batches. */
  takeOutcomes(batches: Writes["batches"]): readonly Outcome[] {
    const { numbers, bytes } = this.#take();
    if (bytes.length > 0) return deserialize(bytes);
    let at = 0;
    return batches.map(({ length }) => {
      const stored: Stored[] = [];
      for (let left = length; left > 0; left--) {
        const [id, sequence] = [numbers[at++], numbers[at++]];
        stored.push({ id: id as number, sequence: sequence as number });
      }
      return { stored };
    });
  }

  /** Where so many numbers are put. */
  #numbers(count: number): Float64Array {
    this.#grow(HEADER + count * NUMBER);
    return new Float64Array(this.shared, HEADER, count);
  }

  /** Puts the rest behind so many numbers, which are there. */
  #put(count: number, text: string, bytes: readonly Uint8Array[]): void {
    const textFrom = HEADER + count * NUMBER;
    const bytesLength = bytes.reduce((sum, { length }) => sum + length, 0);
    // A unit of a string is three bytes of UTF-8 at most.
    this.#grow(textFrom + text.length * 3 + bytesLength);
    const all = new Uint8Array(this.shared);
    const { written } = encoder.encodeInto(text, all.subarray(textFrom));
    let at = textFrom + written;
    for (const part of bytes) {
      all.set(part, at);
      at += part.length;
    }
    this.#lengths.set([count, written, bytesLength]);
  }

  /** The numbers are those of the memory: what is put next is in their place. */
  #take(): { numbers: Float64Array; text: string; bytes: Uint8Array } {
    const [count, textLength, bytesLength] = this.#lengths as unknown as [
      number,
      number,
      number,
    ];
    const textFrom = HEADER + count * NUMBER;
    const bytesFrom = textFrom + textLength;
    const end = bytesFrom + bytesLength;
    const all = new Uint8Array(this.shared);
    return {
      numbers: new Float64Array(this.shared, HEADER, count),
      text: decoder.decode(all.subarray(textFrom, bytesFrom)),
      bytes: all.slice(bytesFrom, end),
    };
  }

  #grow(needed: number): void {
    const size = this.shared.byteLength;
    if (needed <= size) return;
    this.shared.grow(Math.max(needed, Math.min(size * 2, LARGEST_SIZE)));
  }
}
