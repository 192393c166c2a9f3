import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import type net from "node:net";
import type { SecureContext } from "node:tls";
import {
  fingerprintOf,
  type Incoming,
  listen,
  type Listener,
  type ListenOptions,
  UserError,
} from "../../lib/net/mod.ts";
import {
  connectTcp,
  connectTls,
  contextOf,
  destroy,
  freshPair,
  once,
  readAll,
} from "./sockets.ts";

const PAIR = await freshPair();

/** What a listener handed over or refused, to be waited for. */
class Hall implements AsyncDisposable {
  readonly #came: Incoming[] = [];
  readonly #refused: string[] = [];
  readonly #waiting = new Set<() => void>();
  listener!: Listener;

  static async open(options: Partial<ListenOptions> = {}): Promise<Hall> {
    const hall = new Hall();
    hall.listener = await listen({
      host: "127.0.0.1",
      port: 0,
      firstBytesTimeout: 20_000,
      openings: 4_000,
      onConnection: (incoming) => {
        hall.#came.push(incoming);
        hall.#tell();
      },
      onRefused: (reason) => {
        hall.#refused.push(reason);
        hall.#tell();
      },
      ...options,
    });
    return hall;
  }

  get port(): number {
    return this.listener.address.port;
  }

  /** The next connection handed over. */
  came = () => this.#next(this.#came);

  /** Why the next connection was refused. */
  refused = () => this.#next(this.#refused);

  async #next<Item>(items: Item[]): Promise<Item> {
    for (;;) {
      const item = items.shift();
      if (item !== undefined) return item;
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  #tell(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve(this.listener.close());
  }
}

const secureContext = () => contextOf(PAIR);

/** First bytes, and the wire that they are of. */
const OPENINGS: readonly (readonly [string, Incoming["wire"]])[] = [
  ["CP\x01\x01", "chatproto"],
  ['{"type":"login"}\n', "json"],
  ["USERalice\r\n", "cp"],
  ["GET / HTTP/1.1\r\n\r\n", "http"],
  ["\x00nonsense", "unknown"],
];

for (const [bytes, wire] of OPENINGS) {
  Deno.test(`${JSON.stringify(bytes)} is handed over as ${wire}, whole, on both sides of TLS`, async () => {
    await using hall = await Hall.open({ secureContext });
    for (const connect of [connectTcp, connectTls]) {
      const client = await connect(hall.port);
      client.end(bytes);
      const incoming = await hall.came();
      assertEquals(incoming.wire, wire);
      assertEquals(incoming.tls, connect === connectTls);
      assertEquals(incoming.loopback, true);
      assertEquals(incoming.remote.address, "127.0.0.1");
      assertEquals(await readAll(incoming.socket), bytes);
      incoming.socket.end("goodbye");
      assertEquals(await readAll(client), "goodbye");
      await destroy(client);
      await destroy(incoming.socket);
    }
  });
}

Deno.test("an opening that comes byte by byte is put together", async () => {
  await using hall = await Hall.open();
  const client = await connectTcp(hall.port);
  for (const byte of "OPTION") {
    await new Promise((resolve) => client.write(byte, resolve));
  }
  client.end("S / HTTP/1.1\r\n");
  const { wire, socket } = await hall.came();
  assertEquals(wire, "http");
  assertEquals(await readAll(socket), "OPTIONS / HTTP/1.1\r\n");
  await destroy(socket);
  await destroy(client);
});

Deno.test("a connection that shows no wire in time is closed and reported", async () => {
  await using hall = await Hall.open({ firstBytesTimeout: 20, secureContext });
  for (const bytes of ["", "US", "\x16\x03\x01"]) {
    const client = await connectTcp(hall.port);
    if (bytes !== "") client.write(bytes);
    assertEquals(await hall.refused(), "it showed no wire in time");
    client.on("error", () => {});
    await destroy(client);
  }
});

Deno.test("a connection that ends before it showed its wire is reported", async () => {
  await using hall = await Hall.open({ secureContext });
  const silent = await connectTcp(hall.port);
  silent.end();
  assertMatch(await hall.refused(), /^it ended/);
  await destroy(silent);
  const secure = await connectTls(hall.port);
  secure.end();
  assertMatch(await hall.refused(), /^TLS: it ended/);
  await destroy(secure);
  const cut = await connectTcp(hall.port);
  cut.resetAndDestroy();
  await hall.refused();
  await destroy(cut);
});

Deno.test("a failed TLS handshake is reported with its cause and hurts nobody", async () => {
  await using hall = await Hall.open({ secureContext });
  const client = await connectTcp(hall.port);
  client.on("error", () => {});
  client.resume();
  client.write(Uint8Array.of(0x16, 3, 1, 0, 5, 1, 2, 3, 4, 5));
  assertMatch(await hall.refused(), /^TLS: .*corrupt/);
  await destroy(client);
  const next = await connectTls(hall.port);
  next.write("{}\n");
  const { socket } = await hall.came();
  await destroy(next);
  await destroy(socket);
});

Deno.test("without a certificate TLS is not served", async () => {
  await using hall = await Hall.open();
  const attempt = connectTls(hall.port);
  assertEquals(await hall.refused(), "TLS is not served");
  await assertRejects(() => attempt);
});

Deno.test("TLS within TLS is handed over as unknown, whole", async () => {
  await using hall = await Hall.open({ secureContext });
  const client = await connectTls(hall.port);
  client.end("\x16\x03\x01hello");
  const { wire, tls, socket } = await hall.came();
  assertEquals([wire, tls], ["unknown", true]);
  assertEquals(await readAll(socket), "\x16\x03\x01hello");
  await destroy(socket);
  await destroy(client);
});

Deno.test("the certificate is looked up at each connection", async () => {
  let context: SecureContext = contextOf(PAIR);
  await using hall = await Hall.open({ secureContext: () => context });
  const other = await freshPair();
  for (const pair of [PAIR, other]) {
    context = contextOf(pair);
    const client = await connectTls(hall.port);
    assertEquals(
      client.getPeerCertificate().fingerprint256,
      fingerprintOf(pair.certificate),
    );
    client.end();
    await hall.refused();
    await destroy(client);
  }
});

Deno.test("an error of a connection that was handed over does not end the process", async () => {
  await using hall = await Hall.open();
  const client = await connectTcp(hall.port);
  client.write("{");
  const { socket } = await hall.came();
  const closed = new Promise((resolve) => socket.once("close", resolve));
  socket.resume();
  client.resetAndDestroy();
  await closed;
});

Deno.test("closing cuts what has not shown its wire and leaves the rest", async () => {
  const hall = await Hall.open();
  const shown = await connectTcp(hall.port);
  shown.write("{");
  const { socket } = await hall.came();
  const silent = await connectTcp(hall.port);
  // The next one is accepted after the silent one was.
  const after = await connectTcp(hall.port);
  after.write("{");
  const last = await hall.came();
  hall.listener.close();
  assertEquals(await hall.refused(), "the server is closing");
  await ended(silent);
  socket.end("still here");
  assertEquals(await readAll(shown), "still here");
  for (const each of [shown, socket, after, last.socket]) await destroy(each);
  hall.listener.close();
});

async function ended(socket: net.Socket): Promise<void> {
  socket.resume();
  await once(socket, "end").catch(() => {});
  await destroy(socket);
}

Deno.test("an address that can't be listened on is told in one line", async () => {
  await using hall = await Hall.open();
  const cases = [
    ["127.0.0.1", hall.port, "address_in_use", /is in use/],
    ["203.0.113.9", 0, "address_unusable", /no such address/],
    ["nothing.invalid", 0, "address_unusable", /was not found/],
  ] as const;
  for (const [host, port, kind, said] of cases) {
    const error = await assertRejects(
      () => Hall.open({ host, port }),
      UserError,
    );
    assertEquals(error.kind, kind);
    assertMatch(error.message, said);
    assertEquals(error.status, 1);
    assert(!error.message.includes("\n"));
  }
});
