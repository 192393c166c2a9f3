/**
 * A relay on a free port, its log, and clients that read when they are told to.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import type net from "node:net";
import {
  Logger,
  type LogLevel,
  type RelayLimits,
  RelayServer,
} from "../../lib/server/mod.ts";
import { connectTcp, destroy } from "../net/sockets.ts";

/** Something that grows, and can be waited for. */
class Growing {
  #waiting: (() => void)[] = [];

  protected grown(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }

  /** Waits until it is so. */
  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }
}

/** A running relay and what it logs. */
export class RelayWorld extends Growing implements AsyncDisposable {
  readonly lines: string[] = [];
  readonly #clients: RawRelayClient[] = [];
  relay!: RelayServer;

  /** Starts one. */
  static async start(
    limits: Partial<RelayLimits> = {},
    level: LogLevel = "info",
  ): Promise<RelayWorld> {
    const world = new RelayWorld();
    const logger = new Logger({
      format: "text",
      level,
      write: (line) => {
        world.lines.push(line);
        world.grown();
      },
      now: () => new Date(0),
    });
    const options = { host: "127.0.0.1", port: 0, logger, limits };
    world.relay = await RelayServer.start(options);
    return world;
  }

  get port(): number {
    return this.relay.address.port;
  }

  /** Waits until there are so many lines. */
  async logged(count: number): Promise<readonly string[]> {
    await this.until(() => this.lines.length >= count);
    return this.lines;
  }

  /** A connection, after the relay has seen it: it has logged a line more. */
  async connect(): Promise<RawRelayClient> {
    const before = this.lines.length;
    const client = new RawRelayClient(await connectTcp(this.port));
    this.#clients.push(client);
    await this.logged(before + 1);
    return client;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { socket } of this.#clients) await destroy(socket);
    await this.relay.close();
  }
}

/** A connection that collects what comes. */
export class RawRelayClient extends Growing {
  readonly socket: net.Socket;
  /** What came and was not taken. */
  #bytes = Buffer.alloc(0);
  #ended = false;

  constructor(socket: net.Socket) {
    super();
    this.socket = socket;
    socket.on("data", (bytes: Uint8Array) => {
      this.#bytes = Buffer.concat([this.#bytes, bytes]);
      this.grown();
    });
    for (const event of ["end", "close"]) {
      socket.on(event, () => {
        this.#ended = true;
        this.grown();
      });
    }
  }

  /** Takes the next `count` bytes, as text. */
  async read(count: number): Promise<string> {
    await this.until(() => this.#bytes.length >= count || this.#ended);
    const taken = this.#bytes.subarray(0, count);
    this.#bytes = this.#bytes.subarray(count);
    return taken.toString();
  }

  /** All that comes until the relay ends, as text. */
  async rest(): Promise<string> {
    await this.until(() => this.#ended);
    return this.#bytes.toString();
  }
}
