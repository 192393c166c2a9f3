/** The port for metrics: its paths, and clients that behave badly. */

import { assertEquals } from "@std/assert";
import { once } from "node:events";
import net from "node:net";
import {
  DEFAULT_LIMITS,
  type Draft,
  MemoryStore,
  type Stored,
} from "../../lib/chat/mod.ts";
import { Metrics, type Watched } from "../../lib/server/metrics.ts";
import { ChatServer, SILENT } from "../../lib/server/mod.ts";
import { SECRETS } from "../../lib/store/mod.ts";
import { MetricsPort } from "./metrics_port.ts";
import { RawClient } from "./raw_client.ts";
import { withServer } from "./test_server.ts";

const NOTHING: Watched = { chat: undefined, relays: [], started: false };

async function openPort(
  watched: () => Watched = () => NOTHING,
  limits = {},
): Promise<MetricsPort> {
  const metrics = await Metrics.load(watched);
  return await MetricsPort.open(metrics, watched, limits);
}

/** A client of it that closes when the port does. */
async function connect({ port }: MetricsPort): Promise<net.Socket> {
  const socket = net.connect({ host: "127.0.0.1", port });
  socket.on("error", () => {});
  await once(socket, "connect");
  return socket.resume();
}

Deno.test("the metrics port answers its paths, and nothing else", async () => {
  await using port = await openPort();
  const url = `http://127.0.0.1:${port.port}`;
  const response = await fetch(`${url}/metrics?x=1`);
  assertEquals(response.status, 200);
  assertEquals(
    response.headers.get("content-type"),
    "text/plain; version=0.0.4; charset=utf-8",
  );
  assertEquals(
    (await response.text()).split("\n")[1],
    "# TYPE chatp_connections gauge",
  );
  assertEquals(await port.ask("/healthz"), [200, "ok\n"]);
  assertEquals(await port.ask("/readyz"), [503, "the server is starting\n"]);
  for (const path of ["/", "/metrics/", "/healthz/x", "//metrics"]) {
    assertEquals(await port.ask(path), [
      404,
      "There is /metrics, /healthz, /readyz, and nothing else\n",
    ]);
  }
});

Deno.test("the metrics port takes a path with its address before it", async () => {
  await using port = await openPort();
  for (
    const [target, status] of [
      ["http://127.0.0.1:9100/healthz", 200],
      ["HTTP://chat.example.org/healthz?x=1", 200],
      ["http://127.0.0.1:9100", 404],
      ["http://127.0.0.1:9100/health", 404],
    ] as const
  ) {
    const socket = await connect(port);
    socket.write(`GET ${target} HTTP/1.1\r\nHost: x\r\n\r\n`);
    const [answer] = await once(socket, "data");
    assertEquals(String(answer).split(" ", 2)[1], String(status), target);
    socket.destroy();
  }
});

Deno.test("the metrics port takes GET and HEAD alone", async () => {
  await using port = await openPort();
  const url = `http://127.0.0.1:${port.port}/healthz`;
  for (const method of ["POST", "PUT", "DELETE", "OPTIONS"]) {
    const response = await fetch(url, { method });
    assertEquals(response.status, 405);
    assertEquals(response.headers.get("allow"), "GET, HEAD");
    assertEquals(await response.text(), "Ask with GET or HEAD\n");
  }
  const head = await fetch(url, { method: "HEAD" });
  assertEquals(head.status, 200);
  assertEquals(head.headers.get("content-length"), "3");
  assertEquals(await head.text(), "");
});

/** A store whose end can be put off. */
class HeldStore extends MemoryStore {
  readonly released = Promise.withResolvers<void>();

  override async close(): Promise<void> {
    await this.released.promise;
    await super.close();
  }
}

Deno.test("readyz is 200 while the chat runs, and 503 from when it shuts down", async () => {
  const store = new HeldStore();
  const chat = await ChatServer.start({
    listen: [{ host: "127.0.0.1", port: 0 }],
    openStore: () => Promise.resolve(store),
    secrets: SECRETS,
    limits: DEFAULT_LIMITS,
    plaintext: false,
    logger: SILENT,
  });
  await using port = await openPort(() => ({
    ...NOTHING,
    chat,
    started: true,
  }));
  assertEquals(await port.ask("/readyz"), [200, "ok\n"]);
  const closed = chat.close();
  assertEquals(await port.ask("/readyz"), [
    503,
    "the server is shutting down\n",
  ]);
  assertEquals(await port.ask("/healthz"), [200, "ok\n"]);
  store.released.resolve();
  await closed;
});

/** A store on a disk that can be full. */
class SmallStore extends MemoryStore {
  full = false;
  checks = 0;

  override async append(drafts: readonly Draft[]): Promise<readonly Stored[]> {
    this.#look();
    return await super.append(drafts);
  }

  override async check(): Promise<void> {
    this.checks++;
    await Promise.resolve();
    this.#look();
  }

  #look(): void {
    if (this.full) throw new Error("There is no room");
  }
}

Deno.test("readyz is 503 from when something could not be written until the store can be written again", async () => {
  const store = new SmallStore();
  await withServer(async (chatPort, chat) => {
    await using port = await openPort(() => ({
      ...NOTHING,
      chat,
      started: true,
    }));
    const alice = await RawClient.login(chatPort, "alice");
    const say = async (text: string) => {
      alice.say(text);
      for (;;) {
        const { type } = await alice.next();
        if (type === "room_msg_ack" || type === "error_msg") return type;
      }
    };
    assertEquals(await say("one"), "room_msg_ack");
    store.full = true;
    // Nobody has noticed yet.
    assertEquals(await port.ask("/readyz"), [200, "ok\n"]);
    assertEquals(store.checks, 0);
    assertEquals(await say("two"), "error_msg");
    const trouble = "nothing can be kept: see the server's log\n";
    assertEquals(await port.ask("/readyz"), [503, trouble]);
    assertEquals(await port.ask("/healthz"), [200, "ok\n"]);
    assertEquals(await port.ask("/readyz"), [503, trouble]);
    assertEquals(store.checks, 2);
    store.full = false;
    assertEquals(await port.ask("/readyz"), [200, "ok\n"]);
    assertEquals(store.checks, 3);
    assertEquals(await port.ask("/readyz"), [200, "ok\n"]);
    assertEquals(store.checks, 3);
    await alice.close();
  }, { log: store });
});

Deno.test("the metrics port cuts a client that asks nothing in time, or takes too long to", async () => {
  await using port = await openPort(undefined, { timeout: 50 });
  for (const begun of ["", "GET /metr", "GET /metrics HTTP/1.1\r\nA: "]) {
    const socket = await connect(port);
    const closed = once(socket, "close");
    socket.write(begun);
    await closed;
  }
  assertEquals((await port.ask("/healthz"))[0], 200);
});

Deno.test("the metrics port has few connections: one more, and the oldest is cut", async () => {
  await using port = await openPort(undefined, { connections: 2 });
  const sockets = [];
  for (let count = 0; count < 2; count++) {
    sockets.push(await connect(port));
  }
  const closed = once(sockets[0]!, "close");
  assertEquals((await port.ask("/healthz"))[0], 200);
  await closed;
  assertEquals(sockets[1]?.destroyed, false);
  sockets[1]?.destroy();
});

Deno.test("the metrics port closes with clients that are still there", async () => {
  const port = await openPort();
  const closed = once(await connect(port), "close");
  assertEquals((await port.ask("/healthz"))[0], 200);
  await port[Symbol.asyncDispose]();
  await closed;
});
