/**
 * Frames of a captured ChatProto 2 connection (docs/chatproto2.md).
 *
 * @module
 */

import type { Direction } from "../net/mod.ts";
import { FEATURES, RemoteProtocolError } from "../wire/mod.ts";
import { VERSION_2 } from "../wire/chatproto2/frame_stream.ts";
import { type Cut, Cutter, looksLikeFrames } from "./chatproto2_cutter.ts";
import type { ChatProto2Session } from "./chatproto2_session.ts";
import { shownFlags, tellFrame } from "./chatproto2_telling.ts";
import {
  bareFrame,
  type Frame,
  type FrameReader,
  NO_MESSAGE,
} from "./frame.ts";

const WIRE = "chatp2";
const PREFACE = [0x43, 0x50, VERSION_2] as const;

/** Reads one direction, and tells the other what it has to know. */
export class ChatProto2Frames implements FrameReader {
  readonly #direction: Direction;
  readonly #session: ChatProto2Session;
  readonly #otherVersion: () => FrameReader;
  /** The first bytes, before it is known what they are. */
  #opening: Uint8Array | undefined = new Uint8Array(0);
  #cutter: Cutter | undefined;
  /** Who reads instead. */
  #other: FrameReader | undefined;
  /** Bytes that are in no frame yet. */
  #held = 0;
  /** Those of them that can't be understood. */
  #lost = 0;

  /** `otherVersion` reads what is a ChatProto of another version. */
  constructor(
    direction: Direction,
    session: ChatProto2Session,
    otherVersion: () => FrameReader,
  ) {
    this.#direction = direction;
    this.#session = session;
    this.#otherVersion = otherVersion;
    session.lost(direction);
  }

  receive(bytes: Uint8Array): void {
    if (this.#other !== undefined) return this.#other.receive(bytes);
    this.#held += bytes.length;
    if (this.#opening === undefined) return this.#receive(bytes);
    const opening = Uint8Array.from([...this.#opening, ...bytes]);
    const at = PREFACE.findIndex((byte, index) => opening[index] !== byte);
    if (at !== -1 && at >= opening.length) {
      this.#opening = opening;
      return;
    }
    this.#opening = undefined;
    if (at === -1) this.#cutter = new Cutter(this.#direction, false);
    else if (at === 2) {
      this.#held = 0;
      this.#other = this.#otherVersion();
      return this.#other.receive(opening);
    }
    this.#receive(opening);
  }

  /** From the middle on, frames are read from where they seem to begin. */
  #receive(bytes: Uint8Array): void {
    if (this.#cutter === undefined) {
      if (looksLikeFrames(this.#direction, bytes) === "no") {
        this.#lost += bytes.length;
        return;
      }
      this.#cutter = new Cutter(this.#direction, true);
    }
    this.#cutter.receive(bytes);
  }

  next(): Frame | undefined {
    if (this.#other !== undefined) return this.#other.next();
    if (this.#lost > 0) {
      const bytes = this.#lost;
      this.#lost = 0;
      this.#held -= bytes;
      return bareFrame(WIRE, NO_MESSAGE.undecoded, bytes);
    }
    if (this.#cutter === undefined) return undefined;
    let cut: Cut | undefined;
    try {
      cut = this.#cutter.next();
    } catch (error) {
      return { ...this.#bare(NO_MESSAGE.malformed), ...badFrame(error) };
    }
    if (cut !== undefined) return this.#frame(cut);
    // Behind what is fatal a cutter takes no more.
    if (this.#held === this.#cutter.pending) return undefined;
    return this.#bare(NO_MESSAGE.undecoded);
  }

  end(): Frame | undefined {
    if (this.#other !== undefined) return this.#other.end();
    if (this.#held === 0) return undefined;
    const bytes = this.#held;
    this.#held = 0;
    return bareFrame(WIRE, NO_MESSAGE.incomplete, bytes);
  }

  #bare(type: string): Frame {
    const bytes = this.#held - (this.#cutter?.pending ?? 0);
    this.#held -= bytes;
    return bareFrame(WIRE, type, bytes);
  }

  #frame(cut: Cut): Frame {
    if (cut.what === "keepalive") return this.#bare(cut.what);
    if (cut.what === "preface") {
      this.#session.greeted(this.#direction, cut.features);
      const flags = shownFlags(cut.features, FEATURES);
      return { ...this.#bare(cut.what), flags };
    }
    const { row, kind } = cut;
    if (row === undefined) {
      const fields = kind < 0 ? {} : { kind };
      return { ...this.#bare(NO_MESSAGE.unknown), fields };
    }
    const bare = this.#bare(row.name.toLowerCase());
    try {
      return { ...bare, ...tellFrame(this.#session, this.#direction, cut) };
    } catch (error) {
      const fields = { kind: bare.type };
      return { ...bare, ...badFrame(error), fields };
    }
  }
}

/** What is told in the place of what can't be read. */
function badFrame(error: unknown): Pick<Frame, "type" | "error"> {
  if (!(error instanceof RemoteProtocolError)) throw error;
  return { type: NO_MESSAGE.malformed, error: error.message };
}
