/**
 * A client of CP made of a socket and texts, as the original's: one write a
 * PDU, and one read for the reply.
 *
 * @module
 */

import net from "node:net";
import tls from "node:tls";
import { connected, endsWhole } from "./connected.ts";

/** A connection whose reads can be waited for. */
export class RawCp {
  readonly socket: net.Socket;
  readonly #reads: string[] = [];
  #wake = () => {};
  #closed = false;

  private constructor(socket: net.Socket) {
    this.socket = socket;
    socket.on("data", (bytes: Uint8Array) => {
      this.#reads.push(new TextDecoder().decode(bytes));
      this.#wake();
    });
    socket.on("error", () => {});
    endsWhole(socket);
    socket.on("close", () => {
      this.#closed = true;
      this.#wake();
    });
  }

  static async connect(
    port: number,
    { secure = false, host = "127.0.0.1" } = {},
  ): Promise<RawCp> {
    const socket = secure
      ? tls.connect({ port, host, rejectUnauthorized: false })
      : net.connect({ port, host, noDelay: true });
    const client = new RawCp(socket);
    await connected(socket, secure);
    return client;
  }

  /** Connects and logs in, with CRLF behind each PDU. */
  static async login(
    port: number,
    username: string,
    password: string,
    options: { secure?: boolean } = {},
  ): Promise<RawCp> {
    const client = await RawCp.connect(port, options);
    for (const pdu of [`USER${username}`, `PASS${password}`]) {
      const reply = await client.ask(`${pdu}\r\n`);
      if (!/^2[23]0 /.test(reply)) throw new Error(`${pdu}: ${reply}`);
    }
    return client;
  }

  /** One write. */
  write(pdu: string): void {
    this.socket.write(pdu);
  }

  /** One write, and the read that follows. */
  ask(pdu: string): Promise<string> {
    this.write(pdu);
    return this.read();
  }

  /** One read; empty once the server has closed. */
  async read(): Promise<string> {
    for (;;) {
      const read = this.#reads.shift();
      if (read !== undefined) return read;
      if (this.#closed) return "";
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }

  /** All that waits: `sender:text` of each, answered by a 250. */
  async fetch(): Promise<string[]> {
    const found: string[] = [];
    let reply = await this.ask("RMSG\r\n");
    for (; reply.startsWith("RMSG"); reply = await this.ask("250 ok\r\n")) {
      found.push(reply.slice(4, -2));
    }
    const end = found.length === 0 ? "256" : "255";
    if (!reply.startsWith(end)) throw new Error(`RMSG: ${reply}`);
    return found;
  }

  /** Cuts the connection, and waits until it is so. */
  async close(): Promise<void> {
    this.socket.destroy();
    while (await this.read() !== "");
  }
}
