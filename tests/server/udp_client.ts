/**
 * A client of `udpchat://` for tests: a socket, a reliable link, and pushes that
 * can be waited for; and a server with a port for it.
 *
 * @module
 */

import dgram from "node:dgram";
import { once } from "node:events";
import {
  type ChatStore,
  DEFAULT_LIMITS,
  type Limits,
  MemoryStore,
} from "../../lib/chat/mod.ts";
import { parseListen, type ServerAddress } from "../../lib/net/mod.ts";
import { ChatServer, Logger } from "../../lib/server/mod.ts";
import { SECRETS } from "../../lib/store/mod.ts";
import { type DatagramBody, ReliableLink } from "../../lib/wire/mod.ts";

/** What a test may choose. */
export interface UdpServerOptions {
  readonly limits?: Partial<Limits>;
  readonly store?: ChatStore;
  readonly drop?: number;
  readonly accountsOnly?: boolean;
}

/** A server, where it is, and what it wrote to its log. */
export interface UdpServer {
  readonly udp: number;
  readonly tcp: number;
  readonly server: ChatServer;
  readonly log: readonly string[];
}

/** Runs `test` with a server for UDP and TCP, then closes it. */
export async function withUdp(
  test: (server: UdpServer) => Promise<void>,
  options: UdpServerOptions = {},
): Promise<void> {
  const { limits, store = new MemoryStore(), ...rest } = options;
  const log: string[] = [];
  const only = parseListen("udpchat://127.0.0.1:0") as ServerAddress;
  const server = await ChatServer.start({
    listen: [{ host: "127.0.0.1", port: 0, only }, {
      host: "127.0.0.1",
      port: 0,
    }],
    openStore: () => Promise.resolve(store),
    secrets: SECRETS,
    limits: { ...DEFAULT_LIMITS, ...limits },
    plaintext: false,
    logger: new Logger({
      format: "text",
      level: "info",
      write: (line) => log.push(line),
      now: () => new Date(0),
    }),
    ...rest,
  });
  const [udp, tcp] = server.addresses;
  try {
    await test({ udp: udp?.port ?? 0, tcp: tcp?.port ?? 0, server, log });
  } finally {
    await server.close();
  }
}

/** Fields of a body. */
export type Body = Readonly<Record<string, unknown>>;

/** A client on a port of its own. */
export class UdpClient {
  /** It acknowledges nothing. */
  deaf = false;
  readonly socket: dgram.Socket;
  readonly #server: number;
  readonly #link: ReliableLink;
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #answers = new Map<number, (body: DatagramBody) => void>();
  readonly #pushes: Body[] = [];
  readonly #seen = new Set<unknown>();
  readonly #probed = Promise.withResolvers<void>();
  #waiting: (() => void)[] = [];
  /** Bytes of datagrams. */
  sentBytes = 0;
  receivedBytes = 0;

  private constructor(socket: dgram.Socket, server: number) {
    this.socket = socket;
    this.#server = server;
    const [seqn = 0] = crypto.getRandomValues(new Int32Array(1));
    this.#link = new ReliableLink({ seqn });
    this.#timer = setInterval(() => this.#wake(), 20);
    socket.on("message", (bytes) => this.#receive(bytes));
  }

  /** Opens a port of loopback. */
  static async open(server: number): Promise<UdpClient> {
    const socket = dgram.createSocket("udp4");
    socket.bind(0, "127.0.0.1");
    await once(socket, "listening");
    return new UdpClient(socket, server);
  }

  /** Opens a port, says SYN, and makes an account or logs in. */
  static async login(
    server: number,
    username: string,
    password = "secret",
  ): Promise<UdpClient> {
    const client = await UdpClient.open(server);
    await client.syn({ username: null });
    const added = await client.ask({ type: "USR_ADD", username, password });
    if ((added["response"] as Body)?.["created_user"] === true) return client;
    const body = await client.ask({ type: "USR_LOGIN", username, password });
    if (body["status"] !== 200) throw new Error(JSON.stringify(body));
    return client;
  }

  #wake(): void {
    this.#link.wake(Date.now());
    this.#flush();
  }

  #receive(bytes: Uint8Array): void {
    this.receivedBytes += bytes.length;
    if (this.deaf && bytes[4] === 0) return;
    this.#link.receive(bytes, Date.now());
    this.#flush();
  }

  #flush(): void {
    for (const event of this.#link.events()) {
      if (event.type === "acknowledged") {
        this.#answers.get(event.seqn)?.(event.body);
      } else if (event.type === "request") {
        const { MessageID, group } = event.body;
        this.#link.answer(event.seqn, { MessageID, group });
        this.#pushed(event.body);
      }
    }
    for (const bytes of this.#link.datagrams()) this.send(bytes);
  }

  /** What comes again after a loss is known by its id. */
  #pushed(body: Body): void {
    if (body["MessageID"] === 0) return this.#probed.resolve();
    if (body["type"] === "CHT") {
      if (this.#seen.has(body["MessageID"])) return;
      this.#seen.add(body["MessageID"]);
    }
    this.#pushes.push(body);
    for (const wake of this.#waiting.splice(0)) wake();
  }

  /** Sends bytes as they are. */
  send(bytes: Uint8Array): void {
    this.sentBytes += bytes.length;
    this.socket.send(bytes, this.#server, "127.0.0.1");
  }

  #answer(seqn: number): Promise<DatagramBody> {
    const { promise, resolve } = Promise.withResolvers<DatagramBody>();
    this.#answers.set(seqn, resolve);
    this.#flush();
    return promise;
  }

  /** Asks; answers the ACK's body. */
  ask(body: Body): Promise<DatagramBody> {
    return this.#answer(this.#link.send(body, Date.now()));
  }

  syn(body: Body): Promise<DatagramBody> {
    return this.#answer(this.#link.sendSyn(body, Date.now()));
  }

  fin(): Promise<DatagramBody> {
    return this.#answer(this.#link.sendFin(Date.now()));
  }

  /** Says something to a group. */
  say(username: string, text: string, more: Body = {}): Promise<DatagramBody> {
    return this.ask({ type: "CHT", username, text, ...more });
  }

  /** Waits for the first push, by whose ACK an address shows that it is ours. */
  probed(): Promise<void> {
    return this.#probed.promise;
  }

  /** The next push of a type; those before it are dropped. */
  async push(type: string): Promise<Body> {
    for (;;) {
      const body = this.#pushes.shift();
      if (body?.["type"] === type) return body;
      if (body !== undefined) continue;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** The next message: who said it, in which group, and what. */
  async heard(): Promise<string> {
    const { username, group, text } = await this.push("CHT");
    return `${username}@${group}: ${text}`;
  }

  /** Falls silent. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.socket.close();
    await once(this.socket, "close");
  }
}

/** Closes them all. */
export async function closeAll(...clients: UdpClient[]): Promise<void> {
  for (const client of clients) await client.close();
}
