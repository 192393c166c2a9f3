/**
 * One captured TCP connection: its two streams, and the wire that it speaks.
 *
 * @module
 */

import type { Direction, Endpoint } from "../net/mod.ts";
import {
  detectWire,
  type Opening,
  OPENING_BYTES,
  parsePdu,
} from "../wire/mod.ts";
import { looksLikeFrames } from "./chatproto2_cutter.ts";
import type { Frame, FrameReader } from "./frame.ts";
import { HalfStream } from "./half_stream.ts";
import { WIRE_READERS, type WireReaders } from "./wire_readers.ts";

/** Both directions. */
export const DIRECTIONS: readonly Direction[] = ["up", "down"];

/** Something found in a connection's streams. Times: µs since 1970. */
export type StreamFinding =
  | {
    readonly event: "frame";
    readonly time: number;
    readonly direction: Direction;
    readonly frame: Frame;
  }
  /** The capture lacks so many bytes. */
  | {
    readonly event: "gap";
    readonly time: number;
    readonly direction: Direction;
    readonly bytes: number;
  };

interface Side {
  readonly stream: HalfStream;
  /** Undefined before the wire is known, and behind a gap. */
  reader: FrameReader | undefined;
  /** The stream's bytes before the wire is known. */
  opening: { readonly time: number; readonly bytes: Uint8Array }[];
}

function side(): Side {
  return { stream: new HalfStream(), reader: undefined, opening: [] };
}

/** What stands at the front of several pieces. */
function front(pieces: readonly { readonly bytes: Uint8Array }[]): Uint8Array {
  const bytes = pieces.flatMap((piece) => [
    ...piece.bytes.subarray(0, OPENING_BYTES),
  ]);
  return Uint8Array.from(bytes.slice(0, OPENING_BYTES));
}

/** Bytes that may wait for others to say what they are. */
const MOST_WAITING = 64;

/** The wire by bytes from its middle, where not every frame says what it is. */
function wireAmid(
  direction: Direction,
  pieces: readonly { readonly bytes: Uint8Array }[],
): Opening | undefined {
  const opening = detectWire(front(pieces));
  if (opening !== "unknown" && opening !== "json") return opening;
  const bytes = Uint8Array.from(pieces.flatMap((piece) => [...piece.bytes]));
  // A code of CP: its commands were found above.
  if (parsePdu(bytes).name !== undefined) return "cp";
  const looks = looksLikeFrames(direction, bytes);
  if (looks === "yes") return "chatproto2";
  return looks === "maybe" && bytes.length <= MOST_WAITING
    ? undefined
    : opening;
}

/** A connection. Segments go into its streams, `take` gives what they held. */
export class Conversation {
  /** Counts the capture's connections from 1. */
  readonly id: number;
  readonly client: Endpoint;
  readonly server: Endpoint;
  readonly #sides: Readonly<Record<Direction, Side>> = {
    up: side(),
    down: side(),
  };
  #readers: WireReaders | undefined;

  readonly #amid: boolean;

  /** `amid`: the capture has not seen how it began. */
  constructor(id: number, client: Endpoint, server: Endpoint, amid = false) {
    this.id = id;
    this.client = client;
    this.server = server;
    this.#amid = amid;
  }

  /** The stream of one direction, to put segments into. */
  stream(direction: Direction): HalfStream {
    return this.#sides[direction].stream;
  }

  /** Whether both directions have ended. */
  get finished(): boolean {
    return DIRECTIONS.every((direction) => this.stream(direction).finished);
  }

  /** What the streams gave since the last call, in order within a direction. */
  *take(): Generator<StreamFinding> {
    for (const direction of DIRECTIONS) {
      for (const piece of this.stream(direction).take()) {
        if ("missing" in piece) {
          yield* this.#gap(direction, piece.time, piece.missing);
        } else yield* this.#receive(direction, piece.time, piece.bytes);
      }
    }
  }

  /** Ends both streams: everything that is left in them. */
  *end(time: number): Generator<StreamFinding> {
    for (const direction of DIRECTIONS) this.stream(direction).flush(time);
    yield* this.take();
    yield* this.#decide("unknown");
    for (const direction of DIRECTIONS) yield* this.#rest(direction, time);
  }

  *#receive(
    direction: Direction,
    time: number,
    bytes: Uint8Array,
  ): Generator<StreamFinding> {
    const side = this.#sides[direction];
    if (this.#readers === undefined) {
      side.opening.push({ time, bytes });
      const opening = this.#amid
        ? wireAmid(direction, side.opening)
        : detectWire(front(side.opening));
      if (opening !== undefined) yield* this.#decide(opening);
      return;
    }
    const reader = side.reader ??= this.#readers[direction]();
    reader.receive(bytes);
    for (let frame = reader.next(); frame; frame = reader.next()) {
      yield { event: "frame", time, direction, frame };
    }
  }

  /** Reads what has come so far as `opening`, unless the wire is known. */
  *#decide(opening: Opening): Generator<StreamFinding> {
    if (this.#readers !== undefined) return;
    this.#readers = WIRE_READERS[opening]();
    for (const direction of DIRECTIONS) {
      const side = this.#sides[direction];
      const pieces = side.opening;
      side.opening = [];
      for (const { time, bytes } of pieces) {
        yield* this.#receive(direction, time, bytes);
      }
    }
  }

  /** Behind a gap nothing is known of frames: reading starts anew. */
  *#gap(
    direction: Direction,
    time: number,
    bytes: number,
  ): Generator<StreamFinding> {
    if (this.#sides[direction].opening.length > 0) {
      yield* this.#decide("unknown");
    }
    yield* this.#rest(direction, time);
    yield { event: "gap", time, direction, bytes };
  }

  *#rest(direction: Direction, time: number): Generator<StreamFinding> {
    const side = this.#sides[direction];
    const frame = side.reader?.end();
    side.reader = undefined;
    if (frame !== undefined) yield { event: "frame", time, direction, frame };
  }
}
