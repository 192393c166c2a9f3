/**
 * Frames: the smallest parts of a wire that mean something, with their sizes.
 * Every byte of a stream belongs to exactly one frame.
 *
 * @module
 */

/** One of several things of the same shape that a frame lists. */
export type FieldItem = Readonly<Record<string, string | number>>;

/** What a frame says: text, numbers, lists; whatever JSON has. */
export type FieldValue =
  | string
  | number
  | boolean
  | null
  | readonly FieldValue[]
  | { readonly [name: string]: FieldValue };

/** One frame of one direction. */
export interface Frame {
  /** The wire and its version, such as `json2`. */
  readonly wire: string;
  /** The message's type, or one of {@link NO_MESSAGE}. */
  readonly type: string;
  /** All bytes of the frame: header, body, line feed. */
  readonly bytes: number;
  /** What it says; a password is `***`, a ciphertext its size. */
  readonly fields: Readonly<Record<string, FieldValue>>;
  /** Flags that are set and seen in no field: `history`, `encrypted`; `repeated`. */
  readonly flags: readonly string[];
  /** Of an acknowledgement: how long after what it acknowledges, ms. */
  readonly roundTrip?: number;
  /** The numbers of what `fields` has by name, where a wire has such numbers. */
  readonly handles?: Readonly<Record<string, number>>;
  /** What is wrong with it. */
  readonly error?: string;
}

/** Types of frames that are no message. */
export const NO_MESSAGE = {
  /** What the wire forbids; the frame has an error. */
  malformed: "(malformed)",
  /** What follows something after which a wire can't be understood. */
  undecoded: "(undecoded)",
  /** A kind that readers skip, as they don't know it. */
  unknown: "(unknown)",
  /** Lines without anything in them. */
  blank: "(blank)",
  /** The beginning of a frame whose rest never came. */
  incomplete: "(incomplete)",
  /** Bytes of a wire that isn't known. */
  bytes: "(bytes)",
} as const;

/** Cuts one direction of a connection into frames. */
export interface FrameReader {
  /** Takes the next bytes of the stream and keeps them. */
  receive(bytes: Uint8Array): void;
  /** The next whole frame, or undefined when more bytes are needed. */
  next(): Frame | undefined;
  /** The rest, at the end of the stream, or undefined when there is none. */
  end(): Frame | undefined;
}

/** A frame that says nothing. */
export function bareFrame(
  wire: string,
  type: string,
  bytes: number,
  error?: string,
): Frame {
  const frame = { wire, type, bytes, fields: {}, flags: [] };
  return error === undefined ? frame : { ...frame, error };
}
