/**
 * One who sends as fast as it may and notes when each was acknowledged.
 *
 * @module
 */

import { once } from "node:events";
import { Buffer } from "node:buffer";
import net from "node:net";
import { LINES } from "../../lib/bench/corpus.ts";
import {
  ChatProto1ClientCodec,
  MESSAGES,
  type Request,
} from "../../lib/wire/mod.ts";
import { FrameCounter } from "./frame_counter.ts";

const ACKNOWLEDGED = MESSAGES.room_msg_ack.code;
const DELIVERED = MESSAGES.room_msg.code;
const codec = new ChatProto1ClientCodec();

/** What all senders of a run add up. */
export class Tally {
  acknowledged = 0;
  delivered = 0;
  /** ms from sending to acknowledgement. */
  readonly latencies: number[] = [];
}

/** The frames of some lines, in one buffer, and where each ends. */
const FRAMES = (() => {
  const frames = LINES.map((text) => codec.encode({ type: "room_msg", text }));
  let end = 0;
  const ends = frames.map(({ length }) => end += length);
  return { bytes: Buffer.concat(frames), ends };
})();

/** A connection over ChatProto 1.0 without TLS. */
export class Sender {
  readonly #socket: net.Socket;
  readonly #tally: Tally;
  readonly #sentAt: number[] = [];
  #oldest = 0;
  #line = 0;
  #arrived = new Map<number, () => void>();
  /** Called when something was acknowledged. */
  onAcknowledged: () => void = () => {};

  private constructor(socket: net.Socket, tally: Tally) {
    this.#socket = socket;
    this.#tally = tally;
    const counter = new FrameCounter();
    socket.on("data", (bytes: Buffer) => {
      const before = this.#oldest;
      const now = performance.now();
      counter.count(bytes, (type) => this.#take(type, now));
      if (this.#oldest > before) this.onAcknowledged();
    });
  }

  /** Connects, logs in, and goes to a room if one is given. */
  static async enter(
    port: number,
    username: string,
    room: string | undefined,
    tally: Tally,
  ): Promise<Sender> {
    const socket = net.connect({ port, host: "127.0.0.1", noDelay: true });
    await once(socket, "connect");
    const sender = new Sender(socket, tally);
    await sender.#ask({ type: "login", username }, MESSAGES.login_ack.code);
    if (room === undefined) return sender;
    await sender.#ask({ type: "join_room", room }, MESSAGES.join_room.code);
    return sender;
  }

  #ask(request: Request, reply: number): Promise<void> {
    this.#socket.write(codec.encode(request));
    return new Promise((resolve) => this.#arrived.set(reply, resolve));
  }

  /** Messages that are not acknowledged. */
  get unanswered(): number {
    return this.#sentAt.length - this.#oldest;
  }

  /** Sends the next lines. */
  send(count: number): void {
    const { bytes, ends } = FRAMES;
    const now = performance.now();
    for (let left = count; left > 0;) {
      const some = Math.min(left, ends.length - this.#line);
      const from = ends[this.#line - 1] ?? 0;
      this.#socket.write(bytes.subarray(from, ends[this.#line + some - 1]));
      this.#line = (this.#line + some) % ends.length;
      left -= some;
    }
    for (let index = 0; index < count; index++) this.#sentAt.push(now);
  }

  #take(type: number, now: number): void {
    if (type === DELIVERED) this.#tally.delivered++;
    else if (type === ACKNOWLEDGED) {
      const sentAt = this.#sentAt[this.#oldest++] as number;
      this.#tally.acknowledged++;
      this.#tally.latencies.push(now - sentAt);
    } else this.#arrived.get(type)?.();
  }

  /** Waits until everything is acknowledged, then hangs up. */
  async leave(): Promise<void> {
    if (this.unanswered > 0) {
      await new Promise<void>((resolve) =>
        this.onAcknowledged = () => this.unanswered === 0 && resolve()
      );
    }
    this.#socket.destroy();
    await once(this.#socket, "close");
  }
}
