/**
 * Stands between a client and its server, and cuts a connection behind any
 * byte.
 *
 * @module
 */

import net from "node:net";
import { serveTcp, type TestServer } from "../net/sockets.ts";

/** From the client, or to it. */
export type Direction = "up" | "down";

/** Which connection is cut, and behind how many bytes in a direction. */
export interface Cut {
  /** 0, 1, 2 …, as they come. */
  readonly connection: number;
  readonly direction: Direction;
  readonly after: number;
}

/** A proxy that may cut. */
export class CuttingProxy implements AsyncDisposable {
  /** Bytes that each connection carried. */
  readonly carried: Record<Direction, number>[] = [];
  /** How many cuts there were. */
  cuts = 0;
  readonly #port: number;
  readonly #planned: readonly Cut[];
  #server: TestServer | undefined;
  readonly #open = new Set<net.Socket>();

  private constructor(port: number, planned: readonly Cut[]) {
    this.#port = port;
    this.#planned = planned;
  }

  /** Starts one on a free port, before a server. */
  static async start(
    port: number,
    planned: readonly Cut[],
  ): Promise<CuttingProxy> {
    const proxy = new CuttingProxy(port, planned);
    proxy.#server = await serveTcp((socket) => proxy.#accept(socket));
    return proxy;
  }

  get port(): number {
    return this.#server?.port ?? 0;
  }

  #accept(client: net.Socket): void {
    const connection = this.carried.push({ up: 0, down: 0 }) - 1;
    const port = this.#port;
    const server = net.connect({ port, host: "127.0.0.1", noDelay: true });
    client.setNoDelay();
    this.#open.add(server);
    server.once("close", () => this.#open.delete(server));
    server.on("error", () => {});
    const ends = [client, server] as const;
    const close = () => ends.forEach((end) => end.destroy());
    for (const end of ends) end.once("close", close);
    let alive = true;
    const pass = (direction: Direction, from: net.Socket, to: net.Socket) => {
      const cut = this.#planned.find((cut) =>
        cut.connection === connection && cut.direction === direction
      );
      const carried = this.carried[connection] as Record<Direction, number>;
      from.on("data", (bytes: Uint8Array) => {
        if (!alive) return;
        const left = (cut?.after ?? Infinity) - carried[direction];
        carried[direction] += Math.min(left, bytes.length);
        if (bytes.length < left) return void to.write(bytes);
        alive = false;
        this.cuts++;
        to.write(bytes.subarray(0, left), close);
      });
    };
    pass("up", client, server);
    pass("down", server, client);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server?.[Symbol.asyncDispose]();
    for (const socket of this.#open) socket.destroy();
  }
}
