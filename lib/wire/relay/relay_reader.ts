/**
 * What a client of the relay reads: a line of the server's, then blocks of its
 * own key's size, however the stream is cut (docs/relay.md, "On the line").
 * Pure: the cryptography comes in as an argument.
 *
 * It MUST NOT hold more than one block and what has just come.
 *
 * @module
 */

import { copyOf } from "../bytes.ts";
import type { Decoder } from "../codec.ts";
import { StreamReader } from "../stream_reader.ts";
import { EXIT, SERVER_FULL, SERVER_READY } from "./words.ts";

/** What the receiver's private key does. */
export interface BlockDecryption {
  /** Bytes of a block: those of the key's modulus. */
  readonly size: number;
  /** What is in a block; undefined when it was not made for this key. */
  decrypt(block: Uint8Array): Uint8Array | undefined;
}

/** What comes from the server of a relay. */
export type RelayEvent =
  | { readonly type: "ready" }
  | { readonly type: "full" }
  | {
    readonly type: "text";
    readonly ciphertext: Uint8Array;
    /** As it was sent: not made safe to show. */
    readonly text: string;
  }
  | { readonly type: "undecryptable"; readonly ciphertext: Uint8Array }
  | { readonly type: "exit"; readonly ciphertext: Uint8Array };

const OPENINGS = [
  { line: SERVER_READY, event: { type: "ready" } },
  { line: SERVER_FULL, event: { type: "full" } },
] as const;

/** Bytes that are not UTF-8 become U+FFFD: the peer may be any program. */
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Reads the server's side of one connection. */
export class RelayReader extends StreamReader implements Decoder<RelayEvent> {
  readonly #key: BlockDecryption;
  #ready = false;

  constructor(key: BlockDecryption) {
    super("event");
    this.#key = key;
  }

  /** The next event; after `full` and `exit` nothing comes any more. */
  next(): RelayEvent | undefined {
    return this.#ready ? this.#block() : this.#opening();
  }

  #opening(): RelayEvent | undefined {
    const length = Math.min(this.queue.length, SERVER_READY.length);
    let seen = "";
    for (let index = 0; index < length; index++) {
      seen += String.fromCharCode(this.queue.at(index));
    }
    const found = OPENINGS.find(({ line }) =>
      seen.startsWith(line) || line.startsWith(seen)
    );
    if (found === undefined) {
      this.fatal(
        400,
        "the server's first line is neither server ready nor server full",
      );
    }
    const { line, event } = found;
    if (seen.length < line.length) return undefined;
    this.queue.shift(line.length);
    if (event.type === "ready") this.#ready = true;
    else this.end();
    return event;
  }

  #block(): RelayEvent | undefined {
    const { size } = this.#key;
    if (this.queue.length < size) return undefined;
    const ciphertext = copyOf(this.queue.shift(size));
    const plaintext = this.#key.decrypt(ciphertext);
    if (plaintext === undefined) return { type: "undecryptable", ciphertext };
    const text = decoder.decode(plaintext);
    if (text !== EXIT) return { type: "text", ciphertext, text };
    this.end();
    return { type: "exit", ciphertext };
  }
}
