/**
 * One direction of a captured ChatProto 2 connection cut into frames, from its
 * preface or from its middle on, and how a middle is known.
 *
 * @module
 */

import type { Direction } from "../net/mod.ts";
import {
  CLIENT_FRAMES,
  type FieldReader,
  type FrameRow,
  RemoteProtocolError,
  SERVER_FRAMES,
  SERVER_KINDS,
  TEXT_CODE,
} from "../wire/mod.ts";
import { FrameStream, KEEPALIVE } from "../wire/chatproto2/frame_stream.ts";
import { readFields } from "./chatproto2_fields.ts";

function byKind(rows: readonly FrameRow[]): ReadonlyMap<number, FrameRow> {
  return new Map(rows.map((row) => [row.kind, row]));
}

/** The frames of each direction by their kinds. */
export const FRAME_ROWS: Readonly<
  Record<Direction, ReadonlyMap<number, FrameRow>>
> = { up: byKind(CLIENT_FRAMES), down: byKind(SERVER_FRAMES) };

/** A frame that was cut off. */
export interface CutFrame {
  readonly what: "frame";
  /** -1 for one that no frame has. */
  readonly kind: number;
  readonly flags: number;
  /** Undefined for a kind that is unknown. */
  readonly row: FrameRow | undefined;
  /** Its fields, until the next is cut off. */
  readonly reader: FieldReader;
}

/** What is cut off a stream. */
export type Cut =
  | { readonly what: "preface"; readonly features: number }
  | { readonly what: "keepalive" }
  | CutFrame;

/** Cuts one direction into frames. */
export class Cutter extends FrameStream {
  readonly #rows: ReadonlyMap<number, FrameRow>;
  #greeted = false;

  /** `amid`: no preface will come. */
  constructor(direction: Direction, amid: boolean) {
    super(direction === "up" ? "request" : "event");
    this.#rows = FRAME_ROWS[direction];
    if (amid) this.peerFeatures = 0;
    this.#greeted = amid;
  }

  /**
   * The next that is whole.
   *
   * @throws {RemoteProtocolError} fatal.
   */
  next(): Cut | undefined {
    if (!this.readPreface()) return undefined;
    if (!this.#greeted) {
      this.#greeted = true;
      return { what: "preface", features: this.peerFeatures ?? 0 };
    }
    if (!this.readFrame()) return undefined;
    const { kind, flags, fields: reader } = this;
    if (kind === KEEPALIVE) return { what: "keepalive" };
    return { what: "frame", kind, flags, row: this.#rows.get(kind), reader };
  }
}

/** Whether a frame is exactly what the tables say. */
function isStrict({ row, flags, reader }: CutFrame): boolean {
  if (row === undefined) return false;
  const known = Object.values(row.flags).reduce((all, bit) => all | bit, 0);
  if ((flags & ~known) !== 0) return false;
  readFields({ reader, textCode: TEXT_CODE }, row.fields, flags);
  // What a REPLY has behind its number is its request's affair.
  return !reader.more || row.kind === SERVER_KINDS.reply;
}

/**
 * Whether these bytes are frames of a direction, the last of them maybe cut:
 * `maybe` when nothing speaks against it, and nothing but keepalives for it.
 */
export function looksLikeFrames(
  direction: Direction,
  bytes: Uint8Array,
): "yes" | "maybe" | "no" {
  const cutter = new Cutter(direction, true);
  cutter.receive(bytes);
  let found = "no" as "yes" | "maybe" | "no";
  try {
    for (let cut = cutter.next(); cut !== undefined; cut = cutter.next()) {
      if (cut.what === "frame") {
        if (!isStrict(cut)) return "no";
        found = "yes";
      } else if (found === "no") found = "maybe";
    }
  } catch (error) {
    if (!(error instanceof RemoteProtocolError)) throw error;
    return "no";
  }
  return found;
}
