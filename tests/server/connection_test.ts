import { assertEquals } from "@std/assert";
import { Duplex } from "node:stream";
import { DEFAULT_LIMITS, Hub, type Limits } from "../../lib/chat/mod.ts";
import type { Clock } from "../../lib/server/clock.ts";
import { Connection } from "../../lib/server/connection.ts";
import {
  ChatProto1ServerCodec,
  type Request,
  type ServerCodec,
} from "../../lib/wire/mod.ts";
import { StillClock } from "./still_clock.ts";

/** A peer that never ends what it sends. */
function endlessPeer(): Duplex {
  return new Duplex({ read() {}, write: (_bytes, _encoding, done) => done() });
}

const nothing = () => {};

/** What a test may choose. */
interface ConnectedOptions {
  readonly tls?: boolean;
  readonly limits?: Partial<Limits>;
  readonly clock?: Clock;
  /** Told of each request. */
  readonly asked?: (request: Request) => void;
}

/** A connection on a socket, begun. */
function connected(
  socket: Duplex,
  codec: ServerCodec,
  { tls = false, limits, clock, asked = nothing }: ConnectedOptions = {},
): Connection {
  const connection = new Connection({
    socket,
    codec,
    limits: { ...DEFAULT_LIMITS, ...limits },
    ...clock && { clock },
    events: {
      request: (_connection, request) => asked(request),
      mistake: nothing,
      refused: nothing,
      end: nothing,
      gone: nothing,
      closed: nothing,
      dropped: nothing,
      queued: nothing,
      stalled: nothing,
    },
    remote: { address: "192.0.2.1", port: 1 },
    wire: "chatproto",
    tls,
  });
  const hub = new Hub<Connection>({ limits: DEFAULT_LIMITS });
  connection.session = hub.connect(connection, { now: 0 });
  connection.start();
  return connection;
}

Deno.test("what comes behind a close is not kept", async () => {
  const socket = endlessPeer();
  const codec = new ChatProto1ServerCodec();
  const connection = connected(socket, codec);
  connection.close();
  const taken = new Promise((resolve) => socket.on("data", resolve));
  socket.push(new Uint8Array(10_000));
  await taken;
  assertEquals(codec.pending, 0);
  socket.destroy();
  await new Promise((resolve) => socket.on("close", resolve));
});

/** A wire on which each byte is the same request, or a keepalive. */
class OneRequest implements ServerCodec {
  readonly encoding = new ChatProto1ServerCodec().encoding;
  readonly keepsAlive = true;
  readonly #request: Request | undefined;
  pending = 0;

  constructor(request?: Request) {
    this.#request = request;
  }

  receive({ length }: Uint8Array): void {
    if (this.#request !== undefined) this.pending += length;
  }

  next(): Request | undefined {
    if (this.pending === 0) return undefined;
    this.pending--;
    return this.#request;
  }
}

const LONG: readonly Request[] = [
  { type: "login", username: "ann" },
  { type: "resume", token: "token", positions: [] },
  { type: "register", username: "ann", password: "long enough" },
  { type: "join_room", room: "tea" },
  { type: "leave_room", room: "tea" },
  { type: "make_group", room: "tea", users: [] },
  { type: "list_users" },
  { type: "list_rooms" },
  { type: "list_own_rooms" },
  { type: "list_people" },
  { type: "list_waiting" },
  { type: "list_members", room: "tea" },
  { type: "history", room: "tea" },
  { type: "search", words: "cup" },
  { type: "names", handles: [1] },
];

Deno.test("of requests that have long replies one is taken up at a time", () => {
  for (const request of LONG) {
    const asked: string[] = [];
    const connection = connected(endlessPeer(), new OneRequest(request), {
      asked: ({ type }) => asked.push(type),
    });
    connection.heard(new Uint8Array(3));
    assertEquals(asked, [request.type]);
    connection.resume();
    assertEquals(asked, [request.type, request.type]);
  }
});

Deno.test("requests that have short replies are taken up at once", () => {
  let asked = 0;
  const codec = new OneRequest({ type: "room_msg", text: "hi" });
  const connection = connected(endlessPeer(), codec, { asked: () => asked++ });
  connection.heard(new Uint8Array(3));
  assertEquals(asked, 3);
});

/** What a test may choose of a peer. */
interface SlowPeerOptions extends ConnectedOptions {
  /** Default: of ChatProto 1.0. */
  readonly codec?: ServerCodec;
}

/** A peer that takes what is written to it when the test says so. */
class SlowPeer {
  readonly taking: (() => void)[] = [];
  readonly socket = new Duplex({
    read() {},
    write: (_bytes, _encoding, done) => void this.taking.push(done),
  });
  readonly connection: Connection;

  constructor(tls: boolean, options: SlowPeerOptions = {}) {
    const { codec = new ChatProto1ServerCodec() } = options;
    this.connection = connected(this.socket, codec, { ...options, tls });
  }

  say(text: string): void {
    this.connection.write(new TextEncoder().encode(text));
    this.connection.flush();
  }

  async close(): Promise<void> {
    this.socket.destroy();
    await new Promise((resolve) => this.socket.on("close", resolve));
  }
}

for (const tls of [false, true]) {
  const where = tls ? "in TLS" : "without TLS";

  Deno.test(`what the socket takes later is known when it has, ${where}`, async () => {
    const peer = new SlowPeer(tls);
    const told: string[] = [];
    peer.say("first");
    peer.connection.whenTaken(() => told.push("taken"));
    const first = peer.connection.taken().then((taken) =>
      told.push(`${taken}`)
    );
    await new Promise((resolve) => setTimeout(resolve));
    assertEquals(told, []);
    peer.taking.shift()?.();
    await first;
    assertEquals(told, ["taken", "true"]);
    assertEquals(await peer.connection.taken(), true);
    await peer.close();
  });

  Deno.test(`who closes learns whether the last words were taken, ${where}`, async () => {
    const peer = new SlowPeer(tls);
    peer.say("first");
    peer.connection.write(new Uint8Array(1));
    const closing = peer.connection.close();
    peer.taking.shift()?.();
    await new Promise((resolve) => setTimeout(resolve));
    peer.taking.shift()?.();
    assertEquals(await closing, true);
    await peer.close();
  });

  Deno.test(`who had too much unread is read from again, however little that is, ${where}`, async () => {
    const limits = { sendQueue: 400 };
    const peer = new SlowPeer(tls, { limits, codec: new OneRequest() });
    const { connection, socket, taking } = peer;
    peer.say("x".repeat(200));
    connection.heard(new Uint8Array(1));
    assertEquals(socket.isPaused(), true);
    taking.shift()?.();
    while (socket.isPaused()) await new Promise((done) => setTimeout(done));
    await peer.close();
  });

  Deno.test(`who is not read from is alive while it takes something, ${where}`, async () => {
    const clock = new StillClock();
    const limits = { silence: 1_000, sendQueue: 4_000 };
    const codec = new OneRequest();
    const peer = new SlowPeer(tls, { clock, limits, codec });
    const { connection, socket, taking } = peer;
    const later = (ms: number) => {
      clock.pass(ms);
      connection.checkAlive(clock.now());
      return socket.destroyed;
    };
    for (let count = 0; count < 5; count++) peer.say("x".repeat(1_000));
    connection.heard(new Uint8Array(1));
    assertEquals(socket.isPaused(), true);
    for (let left = 5; left > 2; left--) {
      // The silence, and what waits for it at two bytes a ms.
      assertEquals(later(1_000 + left * 500), false);
      taking.shift()?.();
      await new Promise((resolve) => setTimeout(resolve));
      assertEquals(later(1), false);
    }
    assertEquals(later(2_000), false);
    assertEquals(later(1), true);
    await peer.close();
  });

  Deno.test(`who was not read from is not silent when it is, ${where}`, async () => {
    const clock = new StillClock();
    const limits = { silence: 1_000, sendQueue: 400 };
    const codec = new OneRequest();
    const peer = new SlowPeer(tls, { clock, limits, codec });
    const { connection, socket, taking } = peer;
    peer.say("x".repeat(200));
    connection.heard(new Uint8Array(1));
    clock.pass(1_050);
    connection.checkAlive(clock.now());
    assertEquals(socket.isPaused(), true);
    taking.shift()?.();
    while (socket.isPaused()) await new Promise((done) => setTimeout(done));
    clock.pass(1_000);
    connection.checkAlive(clock.now());
    assertEquals(socket.destroyed, false);
    clock.pass(1);
    connection.checkAlive(clock.now());
    assertEquals(socket.destroyed, true);
    await peer.close();
  });
}
