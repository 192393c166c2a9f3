/**
 * A bad network in front of a UDP server: it loses a share of all datagrams in
 * each direction, and counts what is sent into it.
 *
 * @module
 */

import dgram from "node:dgram";
import { Buffer } from "node:buffer";
import type { SeededRandom } from "../../lib/bench/random.ts";

/** What was sent in one direction, before anything was lost. */
export interface Traffic {
  datagrams: number;
  /** UDP payload. */
  bytes: number;
  acks: number;
  /** Datagrams that are no ACK and were sent before, to the byte. */
  retransmissions: number;
  lost: number;
}

const traffic = (): Traffic => ({
  datagrams: 0,
  bytes: 0,
  acks: 0,
  retransmissions: 0,
  lost: 0,
});

/** Where the ACK flag stands in a datagram. */
const ACK_FLAG = 4;

/** One client, and the port on which the server hears it. */
class Path {
  readonly socket = dgram.createSocket("udp4");
  /** What was sent each way. */
  readonly up = new Set<string>();
  readonly down = new Set<string>();
  readonly opened: Promise<void>;

  constructor(port: number) {
    // Nobody may listen there for a while.
    this.socket.on("error", () => {});
    this.opened = new Promise((resolve) =>
      this.socket.connect(port, "127.0.0.1", () => resolve())
    );
  }
}

/** The network. */
export class LossyRelay {
  /** From the clients to the server. */
  readonly up = traffic();
  readonly down = traffic();
  readonly #front = dgram.createSocket("udp4");
  readonly #paths = new Map<number, Path>();
  readonly #server: number;
  readonly #loss: number;
  readonly #random: SeededRandom;

  private constructor(server: number, loss: number, random: SeededRandom) {
    this.#server = server;
    this.#loss = loss;
    this.#random = random;
  }

  /** Lays one to the server on that port of loopback. */
  static async open(
    server: number,
    loss: number,
    random: SeededRandom,
  ): Promise<LossyRelay> {
    const relay = new LossyRelay(server, loss, random);
    const front = relay.#front;
    front.on("message", (bytes, { port }) => void relay.#rise(bytes, port));
    await new Promise<void>((resolve) =>
      front.bind(0, "127.0.0.1", () => resolve())
    );
    return relay;
  }

  /** Where clients send to. */
  get port(): number {
    return this.#front.address().port;
  }

  async #rise(bytes: Uint8Array, client: number): Promise<void> {
    let path = this.#paths.get(client);
    if (path === undefined) {
      path = this.#lay(client);
      this.#paths.set(client, path);
    }
    if (!this.#carries(bytes, this.up, path.up)) return;
    await path.opened;
    path.socket.send(bytes, () => {});
  }

  #lay(client: number): Path {
    const path = new Path(this.#server);
    path.socket.on("message", (bytes) => {
      if (!this.#carries(bytes, this.down, path.down)) return;
      this.#front.send(bytes, client, "127.0.0.1", () => {});
    });
    return path;
  }

  /** Counts a datagram; answers whether it gets through. */
  #carries(bytes: Uint8Array, traffic: Traffic, sent: Set<string>): boolean {
    traffic.datagrams++;
    traffic.bytes += bytes.length;
    if (bytes[ACK_FLAG] === 0) {
      const key = Buffer.from(bytes).toString("latin1");
      if (sent.has(key)) traffic.retransmissions++;
      sent.add(key);
    } else traffic.acks++;
    if (!this.#random.chance(this.#loss)) return true;
    traffic.lost++;
    return false;
  }

  close(): void {
    this.#front.close();
    for (const { socket } of this.#paths.values()) socket.close();
  }
}
