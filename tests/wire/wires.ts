/**
 * Every codec under one interface, so that one suite runs for all of them.
 */
import {
  ByteWriter,
  CHATPROTO1_EVENTS,
  ChatProto1ClientCodec,
  ChatProto1ServerCodec,
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
export type WireId = "chatp1" | "json1" | "json2";

/** Any message, of either direction. */
export type Message = Request | ServerEvent;

/** One wire: both of its ends, and how a server writes. */
export interface Wire {
  readonly id: WireId;
  readonly server: () => ServerCodec;
  readonly client: () => ClientCodec;
  readonly events: EventEncoding;
  /** Bytes around the body or line: what `pending` may reach beyond 65,536. */
  readonly overhead: number;
}

/** All of them: a codec is done when it is here and the suite passes. */
export const WIRES: readonly Wire[] = [
  {
    id: "chatp1",
    server: () => new ChatProto1ServerCodec(),
    client: () => new ChatProto1ClientCodec(),
    events: CHATPROTO1_EVENTS,
    overhead: 9,
  },
  {
    id: "json1",
    server: () => new JsonServerCodec(),
    client: () => new JsonClientCodec(1),
    events: JSON_EVENTS[1],
    overhead: 0,
  },
  {
    id: "json2",
    server: () => new JsonServerCodec(),
    client: () => new JsonClientCodec(2),
    events: JSON_EVENTS[2],
    overhead: 0,
  },
];

/** The wire of that name. */
export function wireOf(id: string): Wire {
  const wire = WIRES.find((each) => each.id === id);
  if (wire === undefined) throw new Error(`no wire is called ${id}`);
  return wire;
}

/** What reads a direction: a server requests, a client events. */
export function decoderOf(wire: Wire, direction: Direction): Decoder<Message> {
  return direction === "request" ? wire.server() : wire.client();
}

/** A message as its sender writes it. */
export function encode(
  wire: Wire,
  direction: Direction,
  message: Message,
): Uint8Array {
  if (direction === "request") return wire.client().encode(message as Request);
  const writer = new ByteWriter();
  wire.events.write(writer, message as ServerEvent);
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
