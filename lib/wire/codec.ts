/**
 * What a wire's codec offers: bytes in, messages out; messages in, bytes out.
 * No codec touches a socket, a clock or a timer.
 *
 * @module
 */

import type { ByteWriter } from "./bytes.ts";
import type { ServerEvent } from "./events.ts";
import type { Request } from "./requests.ts";

/** Reads one direction of one connection, however its bytes are cut. */
export interface Decoder<Message> {
  /** Takes the next bytes of the stream; keeps them, so don't reuse them. */
  receive(bytes: Uint8Array): void;
  /**
   * The next whole message, or undefined when more bytes are needed.
   *
   * @throws {RemoteProtocolError} in the place of a bad message. Unless it is
   * fatal, reading goes on behind it; after a fatal one nothing comes any more.
   */
  next(): Message | undefined;
  /** Bytes held that are not yet a whole message; never over the limit. */
  readonly pending: number;
  /**
   * Whether `next` has something that no bytes brought: what was said or passed
   * led to it. Absent where that can't be.
   */
  readonly ready?: boolean;
}

/**
 * How events look on a wire. The same event has the same bytes for everybody
 * who shares an encoding, so these are compared by identity: encode once,
 * write many.
 */
export interface EventEncoding {
  /** The wire and its version, such as `json2`. */
  readonly name: string;
  /**
   * Appends one event.
   *
   * @throws {LocalProtocolError} when it can't be carried.
   */
  write(writer: ByteWriter, event: ServerEvent): void;
}

/**
 * A server's end of one connection. Where a wire has no say in something, the
 * method that does it is absent.
 */
export interface ServerCodec extends Decoder<Request> {
  /** How this peer is to be spoken to; what it said so far may change it. */
  readonly encoding: EventEncoding;
  /**
   * Appends what has to stand before events of a room's stream (`streamOf`), so
   * that their bytes can be the same for everybody.
   */
  select?(writer: ByteWriter, room: number): void;
  /**
   * Appends the reply to the oldest request that has none, where a reply is more
   * than its event. Behind `select`, if it is of a room's stream.
   *
   * @throws {LocalProtocolError} when it can't be carried.
   */
  reply?(writer: ByteWriter, event: ServerEvent): void;
  /** Takes what the wire itself has to say now, such as a keepalive. */
  output?(): Uint8Array | undefined;
  /** True when the client has to send something every so often. */
  readonly keepsAlive?: boolean;
  /** True while something that came waits for a reply to be taken. */
  readonly waits?: boolean;
  /**
   * Lets pass what time has passed by `now`, ms: called before `receive` and
   * `reply`, and when it is due. Where time has a meaning `receive` takes what
   * one read brought.
   */
  tick?(now: number): void;
  /** When `tick` is due, ms; undefined when nothing is waited for. */
  readonly wakeAt?: number | undefined;
  /**
   * Takes how much came since the last call that was no request: what the wire
   * answers by itself counts against the peer's rate too.
   */
  takeAsides?(): number;
  /** Takes how many errors the wire has answered by itself since the last call. */
  takeRefused?(): number;
}

/**
 * A client's end of one connection.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { ChatProto1ClientCodec, ChatProto1ServerCodec } from "./mod.ts";
 *
 * const client = new ChatProto1ClientCodec();
 * const server = new ChatProto1ServerCodec();
 * const bytes = client.encode({ type: "join_room", room: "tea" });
 * assertEquals(bytes.toHex(), "4350010700000000050003746561");
 * server.receive(bytes.subarray(0, 10));
 * assertEquals(server.next(), undefined);
 * server.receive(bytes.subarray(10));
 * assertEquals(server.next(), { type: "join_room", room: "tea" });
 * ```
 */
export interface ClientCodec extends Decoder<ServerEvent> {
  /** The wire and its version, such as `json2`. */
  readonly name: string;
  /**
   * One request as bytes.
   *
   * @throws {LocalProtocolError} when it can't be carried.
   */
  encode(request: Request): Uint8Array;
  /** Takes what the wire itself has to say now, such as asking for a name. */
  output?(): Uint8Array | undefined;
  /** Shows that we are there; the server answers, too. */
  keepalive?(): Uint8Array | undefined;
  /** The last thing that is said. */
  farewell?(): Uint8Array | undefined;
  /**
   * Whether an event that came from here answers a request; absent where a
   * wire does not say.
   */
  answers?(event: ServerEvent): boolean;
}
