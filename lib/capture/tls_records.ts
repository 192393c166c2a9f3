/**
 * TLS records: what can be seen of them without the keys (RFC 8446, 5;
 * RFC 5246, 6.2).
 *
 * @module
 */

import {
  ByteQueue,
  TLS_1_3_SEAL_BYTES,
  TLS_CONTENT,
  TLS_HEADER_BYTES,
  tlsHeader,
} from "../wire/mod.ts";
import {
  bareFrame,
  type Frame,
  type FrameReader,
  NO_MESSAGE,
} from "./frame.ts";

/** RFC 5246 lets a protected record grow by 2,048 bytes; RFC 8446 by less. */
const MOST_RECORD_BYTES = 2 ** 14 + 2_048;

/** What a record holds, by the type in its header. */
const RECORD_TYPES: ReadonlyMap<number, string> = new Map(
  Object.entries(TLS_CONTENT).map(([name, type]) => [type, name]),
);

const SERVER_HELLO = 2;
const HANDSHAKE_TYPES: Readonly<Record<number, string>> = {
  0: "hello_request",
  1: "client_hello",
  [SERVER_HELLO]: "server_hello",
  4: "new_session_ticket",
  8: "encrypted_extensions",
  11: "certificate",
  12: "server_key_exchange",
  13: "certificate_request",
  14: "server_hello_done",
  15: "certificate_verify",
  16: "client_key_exchange",
  20: "finished",
  22: "certificate_status",
};

const VERSIONS: Readonly<Record<number, string>> = {
  0x0301: "TLS 1.0",
  0x0302: "TLS 1.1",
  0x0303: "TLS 1.2",
  0x0304: "TLS 1.3",
};
const TLS_1_3 = "TLS 1.3";

/** Bytes that protection adds to a record's content, header and all. */
const TLS_1_3_OVERHEAD = TLS_HEADER_BYTES + TLS_1_3_SEAL_BYTES;
const GCM_OVERHEAD = TLS_HEADER_BYTES + 8 + 16;
const CHACHA_OVERHEAD = TLS_HEADER_BYTES + 16;

/** Cipher suites of TLS 1.2 by how much they add (RFC 5288, 5289, 7905). */
const TLS_1_2_OVERHEAD: ReadonlyMap<number, number> = new Map([
  ...[0x009c, 0x009d, 0x009e, 0x009f, 0xc02b, 0xc02c, 0xc02f, 0xc030]
    .map((suite) => [suite, GCM_OVERHEAD] as const),
  ...[0xcca8, 0xcca9, 0xccaa]
    .map((suite) => [suite, CHACHA_OVERHEAD] as const),
]);

/** What both directions know of a connection, once the server's hello came. */
export class TlsSession {
  /** The version that was agreed on, such as `TLS 1.3`. */
  version: string | undefined;
  /** Bytes that a protected record has besides its content, where known. */
  overhead: number | undefined;

  /** Takes the version and cipher suite from a ServerHello's body. */
  serverHello(body: Uint8Array): void {
    const u16 = (at: number) => (body[at] ?? 0) << 8 | (body[at + 1] ?? 0);
    const suiteAt = 35 + (body[34] ?? 0);
    let version = u16(0);
    for (let at = suiteAt + 5; at + 4 <= body.length; at += 4 + u16(at + 2)) {
      if (u16(at) === EXTENSION_SUPPORTED_VERSIONS) version = u16(at + 4);
    }
    this.version = VERSIONS[version];
    this.overhead = this.version === TLS_1_3
      ? TLS_1_3_OVERHEAD
      : TLS_1_2_OVERHEAD.get(u16(suiteAt));
  }
}

const EXTENSION_SUPPORTED_VERSIONS = 43;

/** Cuts one direction of a TLS connection into records. */
export class TlsFrames implements FrameReader {
  readonly #session: TlsSession;
  readonly #queue = new ByteQueue();
  /** Whether records are protected from here on. */
  #protected = false;
  /** Bytes of a handshake message that go on in the next record. */
  #unfinished = 0;
  #dead = false;

  constructor(session: TlsSession) {
    this.#session = session;
  }

  receive(bytes: Uint8Array): void {
    this.#queue.push(bytes);
  }

  next(): Frame | undefined {
    const queue = this.#queue;
    if (this.#dead) return this.#all(NO_MESSAGE.undecoded);
    if (queue.length < TLS_HEADER_BYTES) return undefined;
    const { type: number, major, length } = tlsHeader(queue);
    const type = RECORD_TYPES.get(number);
    if (type === undefined || major !== 3 || length > MOST_RECORD_BYTES) {
      this.#dead = true;
      return this.#all(NO_MESSAGE.malformed, "This is no TLS record");
    }
    if (queue.length < TLS_HEADER_BYTES + length) return undefined;
    const record = queue.shift(TLS_HEADER_BYTES + length);
    return {
      ...bareFrame("tls", type, record.length),
      fields: this.#fields(record),
    };
  }

  end(): Frame | undefined {
    return this.#all(NO_MESSAGE.incomplete);
  }

  #all(type: string, error?: string): Frame | undefined {
    const bytes = this.#queue.length;
    if (bytes === 0) return undefined;
    this.#queue.clear();
    return bareFrame("tls", type, bytes, error);
  }

  #fields(record: Uint8Array): Frame["fields"] {
    const body = record.subarray(TLS_HEADER_BYTES);
    switch (record[0]) {
      case TLS_CONTENT.change_cipher_spec:
        // In TLS 1.3 this means nothing (RFC 8446, D.4).
        this.#protected = this.#session.version !== TLS_1_3;
        return {};
      case TLS_CONTENT.handshake:
        return this.#protected ? this.#inside(record) : this.#handshake(body);
      default:
        return this.#inside(record);
    }
  }

  /** How many bytes of content a protected record has, at most. */
  #inside(record: Uint8Array): Frame["fields"] {
    const { overhead } = this.#session;
    return overhead === undefined || record.length < overhead
      ? {}
      : { content_bytes: record.length - overhead };
  }

  #handshake(body: Uint8Array): Frame["fields"] {
    const messages: string[] = [];
    const u24 = (at: number) =>
      (body[at] ?? 0) << 16 | (body[at + 1] ?? 0) << 8 | (body[at + 2] ?? 0);
    let at = this.#unfinished;
    while (at + 4 <= body.length) {
      const end = at + 4 + u24(at + 1);
      const type = body[at] as number;
      messages.push(HANDSHAKE_TYPES[type] ?? `type ${type}`);
      if (type === SERVER_HELLO) {
        this.#session.serverHello(body.subarray(at + 4, end));
      }
      at = end;
    }
    this.#unfinished = Math.max(0, at - body.length);
    const { version } = this.#session;
    return {
      messages,
      ...messages.includes("server_hello") && version !== undefined &&
        { version },
    };
  }
}
