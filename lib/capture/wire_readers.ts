/**
 * What cuts each wire into frames: our own by their codecs, TLS into records,
 * others not at all.
 *
 * @module
 */

import {
  ChatProto1ClientCodec,
  ChatProto1ServerCodec,
  type Decoder,
  JsonClientCodec,
  JsonServerCodec,
  type Opening,
  RemoteProtocolError,
  type Request,
  type ServerEvent,
} from "../wire/mod.ts";
import type { Direction } from "../net/mod.ts";
import { ChatProto2Frames } from "./chatproto2_frames.ts";
import { ChatProto2Session } from "./chatproto2_session.ts";
import { CpFrames, type CpSession } from "./cp_frames.ts";
import {
  bareFrame,
  type FieldValue,
  type Frame,
  type FrameReader,
  NO_MESSAGE,
} from "./frame.ts";
import { TlsFrames, TlsSession } from "./tls_records.ts";

/** A message's fields in their order, without what nobody should read. */
function shownFields(
  message: Request | ServerEvent,
): Pick<Frame, "fields" | "flags"> {
  const fields: Record<string, FieldValue> = {};
  const flags: string[] = [];
  for (const [name, value] of Object.entries(message)) {
    if (name === "type") continue;
    if (name === "history") flags.push("history");
    else if (name === "password") fields[name] = "***";
    else if (value instanceof Uint8Array) {
      flags.push("encrypted");
      fields[name] = `<${value.length} bytes>`;
    } else fields[name] = value as FieldValue;
  }
  return { fields, flags };
}

/** Frames of a wire that has a codec. */
class MessageFrames implements FrameReader {
  readonly #decoder: Decoder<Request | ServerEvent>;
  readonly #wire: () => string;
  /** Bytes received that are not yet part of a frame. */
  #held = 0;
  #dead = false;

  constructor(
    decoder: Decoder<Request | ServerEvent>,
    wire: () => string,
  ) {
    this.#decoder = decoder;
    this.#wire = wire;
  }

  receive(bytes: Uint8Array): void {
    this.#decoder.receive(bytes);
    this.#held += bytes.length;
  }

  next(): Frame | undefined {
    let message: Request | ServerEvent | undefined;
    try {
      message = this.#decoder.next();
    } catch (error) {
      if (!(error instanceof RemoteProtocolError)) throw error;
      this.#dead = error.fatal;
      return this.#bare(NO_MESSAGE.malformed, error.message);
    }
    if (message !== undefined) {
      const { type } = message;
      return { ...this.#bare(type), ...shownFields(message) };
    }
    // A decoder also consumes, without a word, what means nothing.
    if (this.#held === this.#decoder.pending) return undefined;
    return this.#bare(this.#dead ? NO_MESSAGE.undecoded : NO_MESSAGE.blank);
  }

  end(): Frame | undefined {
    if (this.#held === 0) return undefined;
    const bytes = this.#held;
    this.#held = 0;
    return bareFrame(this.#wire(), NO_MESSAGE.incomplete, bytes);
  }

  #bare(type: string, error?: string): Frame {
    const bytes = this.#held - this.#decoder.pending;
    this.#held -= bytes;
    return bareFrame(this.#wire(), type, bytes, error);
  }
}

/** Bytes of a wire that isn't read: a frame is what came together. */
class UnknownFrames implements FrameReader {
  readonly #wire: string;
  #held = 0;

  constructor(wire: string) {
    this.#wire = wire;
  }

  receive(bytes: Uint8Array): void {
    this.#held += bytes.length;
  }

  next(): Frame | undefined {
    if (this.#held === 0) return undefined;
    const bytes = this.#held;
    this.#held = 0;
    return bareFrame(this.#wire, NO_MESSAGE.bytes, bytes);
  }

  end(): Frame | undefined {
    return this.next();
  }
}

/** Makes the readers of a connection: one for each direction, and anew after a gap. */
export interface WireReaders {
  /** From client to server. */
  up(): FrameReader;
  /** From server to client. */
  down(): FrameReader;
}

function jsonReaders(): WireReaders {
  let wire = "json1";
  return {
    up() {
      const codec = new JsonServerCodec();
      return new MessageFrames(codec, () => {
        // A login tells the version; a reader made after a gap has not seen it.
        if (codec.encoding.name !== "json1") wire = codec.encoding.name;
        return wire;
      });
    },
    down: () => new MessageFrames(new JsonClientCodec(2), () => wire),
  };
}

const CHATPROTO1_READERS: WireReaders = {
  up: () => new MessageFrames(new ChatProto1ServerCodec(), () => "chatp1"),
  down: () => new MessageFrames(new ChatProto1ClientCodec(), () => "chatp1"),
};

function chatProto2Readers(): WireReaders {
  const session = new ChatProto2Session();
  // A server that knows ChatProto 1.0 alone says so in 1.0.
  const reader = (direction: Direction) => () =>
    new ChatProto2Frames(direction, session, CHATPROTO1_READERS[direction]);
  return { up: reader("up"), down: reader("down") };
}

function tlsReaders(): WireReaders {
  const session = new TlsSession();
  return {
    up: () => new TlsFrames(session),
    down: () => new TlsFrames(session),
  };
}

function cpReaders(): WireReaders {
  const session: CpSession = {};
  return {
    up: () => new CpFrames("up", session),
    down: () => new CpFrames("down", session),
  };
}

const unknownReaders = (wire: string) => (): WireReaders => ({
  up: () => new UnknownFrames(wire),
  down: () => new UnknownFrames(wire),
});

/** How each kind of opening is read. A new wire is a new row. */
export const WIRE_READERS: Readonly<Record<Opening, () => WireReaders>> = {
  chatproto: () => CHATPROTO1_READERS,
  chatproto2: chatProto2Readers,
  json: jsonReaders,
  tls: tlsReaders,
  cp: cpReaders,
  http: unknownReaders("http"),
  unknown: unknownReaders("unknown"),
};
