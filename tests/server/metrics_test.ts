/** What `--metrics` counts, of real connections. */

import { assert, assertEquals } from "@std/assert";
import { once } from "node:events";
import tls from "node:tls";
import {
  DEFAULT_LIMITS,
  type Draft,
  MemoryStore,
  withoutRateLimits,
} from "../../lib/chat/mod.ts";
import { Metrics, type Watched } from "../../lib/server/metrics.ts";
import { ChatServer, SILENT } from "../../lib/server/mod.ts";
import { SECRETS } from "../../lib/store/mod.ts";
import { connectTcp } from "../net/sockets.ts";
import { ChatProto2Client } from "./chatproto2_client.ts";
import { RawCp } from "./cp_client.ts";
import { MetricsPort } from "./metrics_port.ts";
import { RawClient } from "./raw_client.ts";
import { RelayWorld } from "./relay_world.ts";
import { testSecureContext } from "./test_server.ts";
import { UdpClient, type UdpServer, withUdp } from "./udp_client.ts";

/** A server whose metrics can be asked. */
interface World {
  readonly port: number;
  readonly metrics: MetricsPort;
}

async function withMetrics(
  test: (world: World) => Promise<void>,
  { limits = {}, log = new MemoryStore() }: {
    readonly limits?: Partial<typeof DEFAULT_LIMITS>;
    readonly log?: MemoryStore;
  } = {},
): Promise<void> {
  const watched: { -readonly [Key in keyof Watched]: Watched[Key] } = {
    chat: undefined,
    relays: [],
    started: true,
  };
  const metrics = await Metrics.load(() => watched);
  const server = watched.chat = await ChatServer.start({
    listen: [{ host: "127.0.0.1", port: 0 }],
    openStore: () => Promise.resolve(log),
    secrets: SECRETS,
    limits: { ...DEFAULT_LIMITS, ...limits },
    plaintext: false,
    secureContext: testSecureContext,
    logger: SILENT,
    onCommit: metrics.onCommit,
  });
  try {
    await using port = await MetricsPort.open(metrics, () => watched);
    await test({ port: server.addresses[0]?.port ?? 0, metrics: port });
  } finally {
    await server.close();
  }
}

Deno.test("metrics count connections by wire, people, messages, deliveries and commits", () =>
  withMetrics(async ({ port, metrics }) => {
    const alice = await RawClient.login(port, "alice");
    const bob = await RawClient.login(port, "bob", "json2", { secure: true });
    const carol = await ChatProto2Client.login(port, "carol");
    for (const text of ["one", "two", "three"]) {
      alice.say(text);
      await alice.event("room_msg_ack");
      await bob.event("room_msg");
    }
    bob.ask({ type: "private_msg", recipient: "alice", text: "psst" });
    await bob.event("private_msg_delivery");
    await alice.event("private_msg_delivery");
    assertEquals(await metrics.samples("chatp_connections"), {
      'chatp_connections{wire="chatproto",tls="false"}': 1,
      'chatp_connections{wire="json",tls="true"}': 1,
      'chatp_connections{wire="chatproto2",tls="false"}': 1,
    });
    assertEquals(await metrics.samples("chatp_people"), { chatp_people: 3 });
    // Three logins, three lines, and one for bob alone.
    assertEquals(await metrics.samples("chatp_requests_total"), {
      chatp_requests_total: 7,
    });
    assertEquals(await metrics.samples("chatp_messages_total"), {
      chatp_messages_total: 4,
    });
    // Three lines to three, and one to two.
    assertEquals(await metrics.samples("chatp_deliveries_total"), {
      chatp_deliveries_total: 11,
    });
    assertEquals(await metrics.samples("chatp_commit_seconds_count"), {
      chatp_commit_seconds_count: 4,
    });
    const all = 'chatp_commit_seconds_bucket{le="+Inf"}';
    assertEquals((await metrics.samples(all))[all], 4);
    assertEquals(await metrics.samples("chatp_rejected_total"), {});
    await bob.close();
    await alice.event("system_msg");
    assertEquals(await metrics.samples("chatp_connections"), {
      'chatp_connections{wire="chatproto",tls="false"}': 1,
      'chatp_connections{wire="chatproto2",tls="false"}': 1,
    });
    await alice.close();
    await carol.close();
  }));

Deno.test("metrics count a message that is said again once", () =>
  withMetrics(async ({ port, metrics }) => {
    const alice = await ChatProto2Client.connect(port);
    const login = { type: "login", username: "alice", keep: true } as const;
    const { token = "" } = await alice.answer(login, "login_ack");
    alice.say("once");
    await alice.event("room_msg_ack");
    await alice.close();
    const again = await ChatProto2Client.connect(port);
    const resume = { type: "resume", token, positions: [], ref: 0 } as const;
    await again.answer(resume, "login_ack");
    again.say("once");
    assertEquals((await again.event("room_msg_ack")).repeated, true);
    assertEquals(await metrics.samples("chatp_messages_total"), {
      chatp_messages_total: 1,
    });
    await again.close();
  }));

Deno.test("metrics count who is muted", () =>
  withMetrics(async ({ port, metrics }) => {
    const alice = await RawClient.login(port, "alice");
    for (let count = 0; count < 5; count++) alice.say("hi");
    for (let count = 0; count < 2; count++) await alice.event("room_msg_ack");
    const errors = [];
    for (let count = 0; count < 3; count++) {
      errors.push((await alice.event("error_msg")).text);
    }
    assertEquals(errors.at(-1)?.includes("muted"), true);
    assertEquals(await metrics.samples("chatp_mutes_total"), {
      chatp_mutes_total: 1,
    });
    assertEquals(await metrics.samples("chatp_rejected_total"), {
      'chatp_rejected_total{what="request",cause="429"}': 3,
    });
    await alice.close();
  }, { limits: { requestsPerSecond: 0.001, requestBurst: 3, muteAtOnce: 2 } }));

Deno.test("metrics count what is asked too fast, once a refusal", () =>
  withMetrics(async ({ port, metrics }) => {
    const alice = await RawClient.login(port, "alice");
    for (let count = 0; count < 5; count++) alice.say("hi");
    // The login and two lines were as much as she may ask.
    for (let count = 0; count < 2; count++) await alice.event("room_msg_ack");
    for (let count = 0; count < 3; count++) {
      assertEquals((await alice.event("error_msg")).code, 429);
    }
    assertEquals(await metrics.samples("chatp_rejected_total"), {
      'chatp_rejected_total{what="request",cause="429"}': 3,
    });
    assertEquals(await metrics.samples("chatp_messages_total"), {
      chatp_messages_total: 2,
    });
    await alice.close();
  }, { limits: { requestsPerSecond: 0.000_1, requestBurst: 3 } }));

Deno.test("metrics count requests before a login, names taken, texts too long, and who is nobody", () =>
  withMetrics(async ({ port, metrics }) => {
    const early = await RawClient.connect(port);
    early.say("hi");
    assertEquals((await early.event("error_msg")).code, 401);
    const alice = await RawClient.login(port, "alice");
    early.ask({ type: "login", username: "alice" });
    const { reason } = await early.event("login_reject");
    assertEquals(reason.split(":")[0], "Name taken");
    const json = await RawClient.login(port, "bob", "json2");
    json.write(`{"type":"room_msg","text":"${"x".repeat(8_193)}"}\n`);
    assertEquals((await json.event("error_msg")).code, 413);
    alice.ask({ type: "private_msg", recipient: "nobody", text: "hi" });
    assertEquals((await alice.event("error_msg")).code, 404);
    assertEquals(await metrics.samples("chatp_rejected_total"), {
      'chatp_rejected_total{what="request",cause="401"}': 1,
      'chatp_rejected_total{what="request",cause="404"}': 1,
      'chatp_rejected_total{what="request",cause="413"}': 1,
      'chatp_rejected_total{what="login",cause="409"}': 1,
    });
    await json.close();
    await early.close();
    await alice.close();
  }));

Deno.test("metrics count connections that have shown no wire yet, and what becomes of them", () =>
  withMetrics(async ({ port, metrics }) => {
    const silent = await connectTcp(port);
    const secure = tls.connect({ port, rejectUnauthorized: false });
    await once(secure, "secureConnect");
    // Whoever came before is let in before.
    const alice = await RawClient.login(port, "alice");
    assertEquals(await metrics.samples("chatp_connections"), {
      'chatp_connections{wire="chatproto",tls="false"}': 1,
      'chatp_connections{wire="none",tls="false"}': 1,
      'chatp_connections{wire="none",tls="true"}': 1,
    });
    for (const socket of [silent, secure]) {
      socket.write('{"type":"login","username":"bob"}\n');
      await once(socket, "data");
      socket.destroy();
      await alice.event("system_msg");
    }
    const { 'chatp_connections{wire="none",tls="true"}': none } = await metrics
      .samples("chatp_connections");
    assertEquals(none, undefined);
    await alice.close();
  }));

Deno.test("metrics count what CP asks of the chat as requests, and what it answers by itself as refused", () =>
  withMetrics(async ({ port, metrics }) => {
    const maker = await ChatProto2Client.connect(port);
    const account = { username: "alice", password: "mine" };
    await maker.answer({ type: "register", ...account }, "login_ack");
    const alice = await RawCp.connect(port);
    const asked: string[] = [];
    for (
      const pdu of [
        "USERalice", // answered by the wire
        "PASSwrong", // a login that is refused
        "USERalice",
        "PASSmine",
        "SMSGnobody:hi", // refused by the chat
        "201 recovered",
        "SMSGalice:hi",
        "WHAT", // refused by the wire, as are the next two
        "201 recovered",
        "SMSGalice:a:b",
        "USERbob",
      ]
    ) {
      alice.write(`${pdu}\r\n`);
      if (!pdu.startsWith("201")) asked.push((await alice.read()).slice(0, 3));
    }
    assertEquals(
      asked.join(" "),
      "220 565 220 230 545 240 500 546 500",
    );
    // The registration, two logins and two messages.
    assertEquals(await metrics.samples("chatp_requests_total"), {
      chatp_requests_total: 5,
    });
    assertEquals(await metrics.samples("chatp_rejected_total"), {
      'chatp_rejected_total{what="request",cause="400"}': 3,
      'chatp_rejected_total{what="request",cause="404"}': 1,
      'chatp_rejected_total{what="login",cause="401"}': 1,
    });
    await alice.close();
    await maker.close();
  }));

Deno.test("metrics count connections that are turned away", () =>
  withMetrics(async ({ port, metrics }) => {
    const browser = await connectTcp(port);
    browser.resume().end("GET / HTTP/1.1\r\n\r\n");
    await once(browser, "close");
    const silent = await connectTcp(port);
    silent.resume().end();
    await once(silent, "close");
    assertEquals(await metrics.samples("chatp_rejected_total"), {
      'chatp_rejected_total{what="connection",cause="http"}': 1,
      'chatp_rejected_total{what="connection",cause="no_wire"}': 1,
    });
  }));

Deno.test("metrics show what waits for a reader, and count it when it is dropped", () =>
  withMetrics(async ({ port, metrics }) => {
    const alice = await RawClient.login(port, "alice", "json2");
    const bob = await RawClient.login(port, "bob");
    bob.socket.pause();
    const dropped = 'chatp_rejected_total{what="notice",cause="429"}';
    let most = 0;
    let rejected: Record<string, number> = {};
    while (rejected[dropped] === undefined) {
      for (let count = 0; count < 20; count++) alice.say("x".repeat(8_000));
      for (let count = 0; count < 20; count++) {
        await alice.event("room_msg_ack");
      }
      const { chatp_queue_bytes = 0 } = await metrics.samples("chatp_queue");
      most = Math.max(most, chatp_queue_bytes);
      rejected = await metrics.samples("chatp_rejected_total");
    }
    assert(most > 8_000, `at most ${most} bytes waited`);
    assertEquals(rejected, { [dropped]: 1 });
    await bob.close();
    await alice.close();
  }, { limits: withoutRateLimits(DEFAULT_LIMITS) }));

/** A store that has every second append fail. */
class FailingStore extends MemoryStore {
  #appends = 0;

  override append(drafts: readonly Draft[]) {
    return this.#appends++ % 2 === 1
      ? Promise.reject(new Error("No space left on device"))
      : super.append(drafts);
  }
}

Deno.test("metrics count what the log did not take as refused, and no commit", () =>
  withMetrics(async ({ port, metrics }) => {
    const alice = await RawClient.login(port, "alice");
    alice.say("one");
    await alice.event("room_msg_ack");
    alice.say("two");
    assertEquals((await alice.event("error_msg")).code, 500);
    assertEquals(await metrics.samples("chatp_rejected_total"), {
      'chatp_rejected_total{what="request",cause="500"}': 1,
    });
    assertEquals(await metrics.samples("chatp_messages_total"), {
      chatp_messages_total: 1,
    });
    assertEquals(await metrics.samples("chatp_commit_seconds_count"), {
      chatp_commit_seconds_count: 1,
    });
    await alice.close();
  }, { log: new FailingStore() }));

/** The metrics of a server for UDP. */
async function udpMetrics({ server }: UdpServer): Promise<MetricsPort> {
  const watched = { chat: server, relays: [], started: true };
  const metrics = await Metrics.load(() => watched);
  return await MetricsPort.open(metrics, () => watched);
}

Deno.test("metrics count logins over UDP, and datagrams that are refused without one", () =>
  withUdp(async (world) => {
    await using metrics = await udpMetrics(world);
    const stranger = await UdpClient.open(world.udp);
    const { status } = await stranger.say("nobody", "hi");
    assertEquals(status, 401);
    const alice = await UdpClient.login(world.udp, "alice");
    assertEquals(await metrics.samples("chatp_connections"), {
      'chatp_connections{wire="udpchat",tls="false"}': 1,
    });
    assertEquals(await metrics.samples("chatp_rejected_total"), {
      'chatp_rejected_total{what="request",cause="401"}': 1,
    });
    await stranger.close();
    await alice.close();
  }));

Deno.test("metrics count the clients of a relay, without a chat", async () => {
  await using world = await RelayWorld.start();
  const watched = { chat: undefined, relays: [world.relay], started: true };
  await using metrics = await MetricsPort.open(
    await Metrics.load(() => watched),
    () => watched,
  );
  await world.connect();
  await world.logged(2);
  assertEquals(await metrics.samples("chatp_"), {
    'chatp_connections{wire="relay",tls="false"}': 1,
  });
  assertEquals(await metrics.ask("/readyz"), [200, "ok\n"]);
});
