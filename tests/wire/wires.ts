/**
 * Every codec under one interface, so that one suite runs for all of them.
 */
import {
  ByteWriter,
  CHATPROTO1_EVENTS,
  ChatProto1ClientCodec,
  ChatProto1ServerCodec,
  CHATPROTO2_EVENTS,
  ChatProto2ClientCodec,
  ChatProto2ServerCodec,
  type ClientCodec,
  type Decoder,
  type Direction,
  type EventEncoding,
  JSON_EVENTS,
  JsonClientCodec,
  JsonServerCodec,
  RemoteProtocolError,
  type Request,
  type ServerCodec,
  type ServerEvent,
} from "../../lib/wire/mod.ts";

/** The wires and their versions. */
export type WireId = "chatp1" | "json1" | "json2" | "chatp2";

/** Any message, of either direction. */
export type Message = Request | ServerEvent;

/** One wire: both of its ends, and how a server writes. */
export interface Wire {
  readonly id: WireId;
  /** Whether its bytes are written as hex, else as a line. */
  readonly binary: boolean;
  readonly server: () => ServerCodec;
  readonly client: () => ClientCodec;
  readonly events: EventEncoding;
  /** Bytes around the body or line: what `pending` may reach beyond 65,536. */
  readonly overhead: number;
  /** The request that an event answers, where the wire tells which. */
  readonly asked?: (event: Message) => Request | undefined;
}

/** Those on which each message stands by itself. */
export const WIRES: readonly Wire[] = [
  {
    id: "chatp1",
    binary: true,
    server: () => new ChatProto1ServerCodec(),
    client: () => new ChatProto1ClientCodec(),
    events: CHATPROTO1_EVENTS,
    overhead: 9,
  },
  {
    id: "json1",
    binary: false,
    server: () => new JsonServerCodec(),
    client: () => new JsonClientCodec(1),
    events: JSON_EVENTS[1],
    overhead: 0,
  },
  {
    id: "json2",
    binary: false,
    server: () => new JsonServerCodec(),
    client: () => new JsonClientCodec(2),
    events: JSON_EVENTS[2],
    overhead: 0,
  },
];

const PLAIN = { textCode: false } as const;
const PREFACE = new Uint8Array([0x43, 0x50, 2, 0, 0, 0, 0, 0, 0]);

/** The preface read, as both ends have done before anything else. */
function greeted<Codec extends ServerCodec | ClientCodec>(codec: Codec): Codec {
  codec.output?.();
  codec.receive(PREFACE);
  if (codec.next() !== undefined) throw new Error("a preface is no message");
  codec.output?.();
  return codec;
}

/** What each reply of ChatProto 2 answers. */
const ASKED: Readonly<Record<string, Request>> = {
  login_ack: { type: "login", username: "x" },
  login_reject: { type: "login", username: "x" },
  join_room: { type: "join_room", room: "x" },
  list_users: { type: "list_users" },
  list_rooms: { type: "list_rooms" },
};

/** ChatProto 2 without features. */
const CHATPROTO2: Wire = {
  id: "chatp2",
  binary: true,
  server: () => greeted(new ChatProto2ServerCodec(PLAIN)),
  client: () => greeted(new ChatProto2ClientCodec(PLAIN)),
  events: CHATPROTO2_EVENTS,
  overhead: 8,
  asked: ({ type }) => ASKED[type],
};

/** All of them: a codec is done when it is here and the suite passes. */
export const ALL_WIRES: readonly Wire[] = [...WIRES, CHATPROTO2];

/** The wire of that name. */
export function wireOf(id: string): Wire {
  const wire = ALL_WIRES.find((each) => each.id === id);
  if (wire === undefined) throw new Error(`no wire is called ${id}`);
  return wire;
}

/** Asks what each of these events answers, when it is its turn to be read. */
class Asking implements Decoder<Message> {
  readonly #client: ClientCodec;
  readonly #due: (Request | undefined)[];
  #asked = false;

  constructor(client: ClientCodec, due: readonly (Request | undefined)[]) {
    this.#client = client;
    this.#due = [...due];
  }

  get pending(): number {
    return this.#client.pending;
  }

  receive(bytes: Uint8Array): void {
    this.#client.receive(bytes);
  }

  next(): Message | undefined {
    const [request] = this.#due;
    if (request !== undefined && !this.#asked) this.#client.encode(request);
    this.#asked = true;
    const event = this.#client.next();
    if (event === undefined) return undefined;
    this.#due.shift();
    this.#asked = false;
    return event;
  }
}

/**
 * What reads a direction: a server requests, a client events. `due`: what will
 * come, so that it can have asked for it.
 */
export function decoderOf(
  wire: Wire,
  direction: Direction,
  due: readonly Message[] = [],
): Decoder<Message> {
  if (direction === "request") return wire.server();
  if (wire.asked === undefined) return wire.client();
  return new Asking(wire.client(), due.map(wire.asked));
}

/** A message as its sender writes it. */
export function encode(
  wire: Wire,
  direction: Direction,
  message: Message,
): Uint8Array {
  if (direction === "request") return wire.client().encode(message as Request);
  const writer = new ByteWriter();
  const asked = wire.asked?.(message);
  if (asked === undefined) wire.events.write(writer, message as ServerEvent);
  else {
    const server = wire.server();
    server.receive(wire.client().encode(asked));
    server.next();
    server.reply?.(writer, message as ServerEvent);
  }
  return writer.take();
}

/** An error in the place of a message. */
export interface Mistake {
  readonly error: number;
  readonly fatal: boolean;
}

/** All that comes out now: messages, and errors in their places. */
export function drain(decoder: Decoder<Message>): (Message | Mistake)[] {
  const found: (Message | Mistake)[] = [];
  for (;;) {
    try {
      const message = decoder.next();
      if (message === undefined) return found;
      found.push(message);
    } catch (error) {
      if (!(error instanceof RemoteProtocolError)) throw error;
      found.push({ error: error.code, fatal: error.fatal });
    }
  }
}

/** All that comes out of the pieces, read one by one. */
export function readAll(
  decoder: Decoder<Message>,
  ...pieces: Uint8Array[]
): (Message | Mistake)[] {
  return pieces.flatMap((piece) => {
    decoder.receive(piece);
    return drain(decoder);
  });
}
