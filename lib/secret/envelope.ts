/**
 * A secret message as bytes (docs/end_to_end.md, "The envelope"): where its
 * parts are, and nothing of what they mean. Pure.
 *
 * @module
 */

import {
  ByteWriter,
  PUBLIC_KEY_BITS,
  textBytes,
  WIRE_LIMITS,
} from "../wire/mod.ts";
import { SecretError } from "./secret_error.ts";

/** The first byte. */
export const VERSION = 1;

/** Bytes of a message's id. */
export const ID_BYTES = 16;

/** Bytes of AES-GCM's nonce and tag. */
export const GCM_BYTES = 28;

const DIGEST_BYTES = 32;

/** The key of a message, encrypted to one of its readers. */
export interface KeyBlock {
  /** SHA-256 of the public key that it is encrypted to. */
  readonly digest: Uint8Array;
  /** As many bytes as that key's modulus. */
  readonly block: Uint8Array;
}

/** What is in front of the text. */
export interface Head {
  readonly id: Uint8Array;
  /** Folded names. */
  readonly sender: string;
  readonly recipient: string;
  /** The recipient's, then the sender's own. */
  readonly blocks: readonly [KeyBlock, KeyBlock];
}

/** A whole envelope. */
export interface Envelope extends Head {
  /** All bytes of the head: what AES-GCM authenticates beside the text. */
  readonly head: Uint8Array<ArrayBuffer>;
  /** Nonce, ciphertext and tag. */
  readonly sealed: Uint8Array<ArrayBuffer>;
  /** All bytes in front of the signature's length: what is signed. */
  readonly signed: Uint8Array<ArrayBuffer>;
  readonly signature: Uint8Array<ArrayBuffer>;
}

function writeName(writer: ByteWriter, name: string): void {
  const start = writer.length;
  writer.u8(0);
  const bytes = writer.utf8(name);
  if (bytes < 1 || bytes > 0x7f) {
    throw new RangeError(`A folded name has 1 to 127 bytes, not ${bytes}`);
  }
  writer.setLength(start);
}

/**
 * The bytes of a head.
 *
 * @throws {RangeError} when a name is empty or too long to be one.
 */
export function writeHead(head: Head): Uint8Array<ArrayBuffer> {
  const writer = new ByteWriter(1_024);
  writer.u8(VERSION);
  writer.bytes(head.id);
  writeName(writer, head.sender);
  writeName(writer, head.recipient);
  for (const { digest, block } of head.blocks) {
    writer.bytes(digest);
    writer.u16(block.length);
    writer.bytes(block);
  }
  return writer.take();
}

/** Appends a part behind its length, two bytes. */
export function withPart(
  before: Uint8Array,
  part: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const writer = new ByteWriter(before.length + 2 + part.length);
  writer.bytes(before);
  writer.u16(part.length);
  writer.bytes(part);
  return writer.take();
}

/** Bytes of an envelope beside its text. */
export function overhead(
  { sender, recipient, blockBytes, signatureBytes }: {
    /** Folded names. */
    readonly sender: string;
    readonly recipient: string;
    /** Of both key blocks together. */
    readonly blockBytes: number;
    readonly signatureBytes: number;
  },
): number {
  const names = 2 + textBytes(sender) + textBytes(recipient);
  const blocks = 2 * (DIGEST_BYTES + 2) + blockBytes;
  return 1 + ID_BYTES + names + blocks + 2 + GCM_BYTES + 2 + signatureBytes;
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Takes an envelope apart, each part only if all of it is there. */
class Parts {
  readonly bytes: Uint8Array<ArrayBuffer>;
  at = 0;

  constructor(bytes: Uint8Array<ArrayBuffer>) {
    this.bytes = bytes;
  }

  take(length: number, what: string): Uint8Array<ArrayBuffer> {
    if (length > this.bytes.length - this.at) {
      throw new SecretError("malformed", `it ends within its ${what}`);
    }
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  name(what: string): string {
    const length = this.take(1, what)[0] as number;
    if (length < 1 || length > 0x7f) {
      throw new SecretError("malformed", `the ${what} has 1 to 127 bytes`);
    }
    try {
      return decoder.decode(this.take(length, what));
    } catch (error) {
      if (error instanceof SecretError) throw error;
      throw new SecretError("malformed", `the ${what} is not valid UTF-8`);
    }
  }

  /** A part behind its length, two bytes. */
  part(what: string, least: number, most: number): Uint8Array<ArrayBuffer> {
    const [high, low] = this.take(2, what) as unknown as [number, number];
    const length = high * 0x100 + low;
    if (length < least || length > most) {
      throw new SecretError(
        "malformed",
        `the ${what} has ${least} to ${most} bytes, here ${length}`,
      );
    }
    return this.take(length, what);
  }
}

const LEAST_BLOCK = PUBLIC_KEY_BITS.least / 8;
const MOST_BLOCK = PUBLIC_KEY_BITS.most / 8;

/**
 * Takes an envelope apart. The parts are views.
 *
 * @throws {SecretError} malformed, newer.
 */
export function readEnvelope(bytes: Uint8Array): Envelope {
  if (bytes.length > WIRE_LIMITS.textBytes) {
    throw new SecretError(
      "malformed",
      `it has at most ${WIRE_LIMITS.textBytes} bytes, here ${bytes.length}`,
    );
  }
  const parts = new Parts(Uint8Array.from(bytes));
  const version = parts.take(1, "version")[0] as number;
  if (version > VERSION) throw new SecretError("newer");
  if (version !== VERSION) {
    throw new SecretError("malformed", `there is no version ${version}`);
  }
  const id = parts.take(ID_BYTES, "id");
  const sender = parts.name("sender");
  const recipient = parts.name("recipient");
  const keyBlock = (): KeyBlock => ({
    digest: parts.take(DIGEST_BYTES, "fingerprint"),
    block: parts.part("key block", LEAST_BLOCK, MOST_BLOCK),
  });
  const blocks = [keyBlock(), keyBlock()] as const;
  const head = parts.bytes.subarray(0, parts.at);
  const sealed = parts.part("text", GCM_BYTES + 1, WIRE_LIMITS.textBytes);
  const signed = parts.bytes.subarray(0, parts.at);
  const signature = parts.part("signature", LEAST_BLOCK, MOST_BLOCK);
  if (parts.at < bytes.length) {
    throw new SecretError("malformed", "there is something behind it");
  }
  return { id, sender, recipient, blocks, head, sealed, signed, signature };
}
