import net from "node:net";
import { createSecureContext } from "node:tls";
import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  isLoadClean,
  type Load,
  LOAD_FORMATS,
  LOAD_WIRES,
  LoadPlan,
  processRemark,
  runLoad,
} from "../../../lib/bench/load/mod.ts";
import { inTls, type StreamVariant } from "../../../lib/bench/mod.ts";
import {
  DEFAULT_LIMITS,
  type Limits,
  MemoryStore,
  withoutRateLimits,
} from "../../../lib/chat/mod.ts";
import { makeCertificate } from "../../../lib/net/certificate.ts";
import { UserError } from "../../../lib/net/mod.ts";
import { ChatServer, SILENT } from "../../../lib/server/mod.ts";
import { SECRETS } from "../../../lib/store/mod.ts";
import {
  Folder,
  startServer as startProcess,
} from "../../commands/chatp_process.ts";
import { startBadServer } from "../bad_server.ts";

const { certificate, key } = await makeCertificate({
  name: "localhost",
  days: 1,
  kind: "ecdsa",
  now: new Date(),
});
const secureContext = createSecureContext({ cert: certificate, key });

/** The real server, on a free port of loopback. */
async function startServer(limits: Limits = withoutRateLimits(DEFAULT_LIMITS)) {
  const server = await ChatServer.start({
    listen: [{ host: "127.0.0.1", port: 0 }],
    openStore: () => Promise.resolve(new MemoryStore()),
    secrets: SECRETS,
    limits,
    plaintext: false,
    secureContext: () => secureContext,
    logger: SILENT,
  });
  const { port } = server.addresses[0] as { port: number };
  return { port, [Symbol.asyncDispose]: () => server.close() };
}

/** A server as a load takes it. */
function at(port: number) {
  return {
    address: { host: "127.0.0.1", port },
    dial: { timeout: 5_000, insecure: true },
  };
}

function variant(wire: string): StreamVariant {
  return LOAD_WIRES.find((each) => each.wire === wire) as StreamVariant;
}

const SMALL: Load = { clients: 6, rate: 500, duration: 0.12, rooms: 1 };

for (const each of LOAD_WIRES) {
  Deno.test(`a load over ${each.wire} on a real server has everything once, in order`, async () => {
    await using server = await startServer();
    const phases: string[] = [];
    const { tally, delivery, acknowledgement, lateness, ...found } =
      await runLoad({
        server: { ...at(server.port), pid: Deno.pid },
        variant: each,
        plan: new LoadPlan({ ...SMALL, rooms: 2 }),
        prefix: "load-test",
        onProgress: (phase) => {
          if (phases.at(-1) !== phase) phases.push(phase);
        },
      });
    // 60 messages, each to the two others of its room.
    assertEquals(tally, {
      sent: 60,
      acknowledged: 60,
      refused: new Map(),
      due: 120,
      delivered: 120,
      lost: 0,
      doubled: 0,
      outOfOrder: 0,
      unexpected: 0,
      cutOff: 0,
      faults: [],
    });
    assert(isLoadClean(tally));
    assertEquals(
      [delivery.count, acknowledgement.count, lateness.count],
      [120, 60, 60],
    );
    assertEquals(phases.slice(0, 2), ["entering", "sending"]);
    assertEquals(found.interrupted, false);
    assert(found.generatorCpu >= 0 && found.seconds >= 0.12);
    assertEquals(found.server?.cpu === undefined, Deno.build.os !== "linux");
  });
}

Deno.test("a load finds out a server that doubles, loses and reorders", async () => {
  const server = await startBadServer({ late: 6 });
  try {
    const { tally, verdict } = await runLoad({
      server: at(server.port),
      variant: variant("json"),
      plan: new LoadPlan({ clients: 3, rate: 1000, duration: 0.03, rooms: 1 }),
      prefix: "load-test",
      patience: 300,
    });
    // The first comes twice to two, the second to neither, and one comes
    // behind the next of its sender to two.
    assertEquals([tally.sent, tally.acknowledged], [30, 30]);
    assertEquals([tally.due, tally.delivered], [60, 58]);
    assertEquals([tally.doubled, tally.lost, tally.outOfOrder], [2, 2, 2]);
    assertEquals([tally.unexpected, tally.cutOff], [0, 0]);
    assertEquals(tally.faults.map(({ client }) => client), [0, 1, 2]);
    assertEquals(isLoadClean(tally), false);
    assertEquals([verdict.side, verdict.reason], [
      "server",
      "2 deliveries did not come, and then nothing came for 0.3 s: it " +
      "stopped, or it or the network lost them, see its log; the latencies " +
      "are those of what came",
    ]);
  } finally {
    await server.close();
  }
});

const LEAKS: Readonly<Record<string, (room: string) => string>> = {
  "as what it is": (room) => room,
  "as said in the lobby": () => "general",
};

for (const [how, leaks] of Object.entries(LEAKS)) {
  Deno.test(`a load finds out a server that tells other rooms what is said in one, ${how}`, async () => {
    const server = await startBadServer({ leaks });
    try {
      const { tally } = await runLoad({
        server: at(server.port),
        variant: variant("json"),
        plan: new LoadPlan({
          clients: 4,
          rate: 1000,
          duration: 0.02,
          rooms: 2,
        }),
        prefix: "load-test",
        patience: 300,
      });
      // Of the other room two hear the first message twice, the second never,
      // and 18 once. Bob's hello is no part of the load.
      assertEquals(tally.unexpected, 40);
      assertEquals([tally.delivered, tally.doubled, tally.lost], [19, 1, 1]);
      assertEquals(isLoadClean(tally), false);
    } finally {
      await server.close();
    }
  });
}

Deno.test("a load never tells more messages a second than were asked for, and less when they came late", async () => {
  await using server = await startServer();
  const run = (rate: number, duration: number) =>
    runLoad({
      server: at(server.port),
      variant: variant("chatp1"),
      plan: new LoadPlan({ clients: 2, rate, duration, rooms: 1 }),
      prefix: "load-test",
    });
  const measurement = await run(10, 0.2);
  const report = {
    server: "on a test",
    remarks: [],
    measurements: [measurement],
  };
  const [found] = JSON.parse(LOAD_FORMATS.json(report)).wires;
  assertEquals(found.acknowledged, 2);
  assert(found.seconds >= 0.2, found.seconds);
  assert(found.messagesPerSecond <= 10, found.messagesPerSecond);
  const { seconds, delivery } = await run(100_000, 0.1);
  assert(seconds * 1000 >= (delivery.max as number));
});

Deno.test("a load over ChatProto 2 says what was received a second after it, though nothing else is said", async () => {
  await using server = await startServer();
  const own = variant("chatp2");
  const receipt = new AbortController();
  const { tally } = await runLoad({
    server: at(server.port),
    variant: {
      ...own,
      codec: (options) => {
        const codec = own.codec(options);
        const encode = codec.encode.bind(codec);
        codec.encode = (request) => {
          if (request.type === "receipt") receipt.abort();
          return encode(request);
        };
        return codec;
      },
    },
    // Who hears the first says the second, ten seconds later.
    plan: new LoadPlan({ clients: 2, rate: 0.1, duration: 20, rooms: 1 }),
    prefix: "load-test",
    signal: receipt.signal,
  });
  assertEquals([tally.sent, tally.delivered], [1, 1]);
});

Deno.test("a load on a server of another kind says that it is one", async () => {
  const peer = net.createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
  });
  await new Promise<void>((resolve) =>
    peer.listen(0, "127.0.0.1", () => resolve())
  );
  const { port } = peer.address() as net.AddressInfo;
  try {
    for (
      const [wire, why] of [
        ["json", "the line is not JSON"],
        ["chatp1", "a frame begins with the protocol number 0x4350"],
        ["chatp2", "a connection begins with the bytes 43 50 02"],
      ] as const
    ) {
      const error = await assertRejects(
        () =>
          runLoad({
            server: at(port),
            variant: variant(wire),
            plan: new LoadPlan(SMALL),
            prefix: "load-test",
          }),
        UserError,
      );
      assertEquals([error.kind, error.message], [
        "wrong_protocol",
        `What answered at 127.0.0.1:${port} does not speak ${wire} (Malformed: ${why})`,
      ]);
    }
  } finally {
    await new Promise((resolve) => peer.close(resolve));
  }
});

Deno.test("a load whose wait for what is lost is cut short blames nobody for it", async () => {
  const server = await startBadServer();
  const end = new AbortController();
  try {
    const { tally, verdict } = await runLoad({
      server: at(server.port),
      variant: variant("json"),
      plan: new LoadPlan({ clients: 3, rate: 1000, duration: 0.03, rooms: 1 }),
      prefix: "load-test",
      patience: Infinity,
      signal: end.signal,
      onProgress: (phase) => {
        if (phase === "waiting") end.abort();
      },
    });
    assert(tally.lost >= 2);
    assertEquals(verdict.side, "unknown");
    assert(verdict.reason.includes("was cut short"), verdict.reason);
  } finally {
    await server.close();
  }
});

Deno.test("a load on a server that cuts everybody off ends with what there was", async () => {
  const server = await startBadServer({ cutOffAfter: 10 });
  try {
    const { tally, interrupted, verdict } = await runLoad({
      server: at(server.port),
      variant: variant("json"),
      // Nobody is there to keep a schedule of an hour.
      plan: new LoadPlan({ clients: 2, rate: 100, duration: 3_600, rooms: 1 }),
      prefix: "load-test",
      // Nobody is there for whom there would be anything to wait.
      patience: Infinity,
    });
    assertEquals(tally.cutOff, 2);
    assertEquals(tally.delivered, 9);
    assertEquals(isLoadClean(tally), false);
    assertEquals(
      verdict.reason,
      "2 connections to it ended before the run did: see its log",
    );
    assertEquals(interrupted, true);
  } finally {
    await server.close();
  }
});

Deno.test("a load on a server that is killed says that its process has ended", async () => {
  await using data = await Folder.make();
  const { server, port } = await startProcess(data.path);
  await using _server = server;
  const { pid } = server;
  let killed = false;
  const measurement = await runLoad({
    server: { ...at(port), pid },
    variant: variant("json"),
    plan: new LoadPlan({ clients: 2, rate: 100, duration: 3_600, rooms: 1 }),
    prefix: "load-test",
    onProgress: (phase, share) => {
      if (killed || phase !== "sending" || share === 0) return;
      // It may be told more than once before the connections are gone.
      killed = true;
      server.signal("SIGKILL");
    },
  });
  const { verdict, tally } = measurement;
  assertEquals(tally.cutOff, 2);
  const linux = Deno.build.os === "linux";
  assertEquals(
    verdict.reason,
    linux
      ? "its process ended during the run, and 2 connections with it: see its log"
      : "2 connections to it ended before the run did: see its log",
  );
  assertEquals(
    processRemark(pid, true, [measurement]),
    `Process ${pid}, which listened there, ended during a run: of that run ` +
      "the server's CPU and memory are not known",
  );
  assertEquals(
    processRemark(pid, true, []),
    `The server's CPU and memory are those of process ${pid}, which listens there`,
  );
});

Deno.test("a load counts what a server refuses as too fast, and calls nothing of it lost", async () => {
  await using server = await startServer({
    ...DEFAULT_LIMITS,
    requestsPerSecond: 1,
    requestBurst: 12,
  });
  for (const wire of ["json", "chatp1", "chatp2"]) {
    const { tally, verdict } = await runLoad({
      server: at(server.port),
      variant: variant(wire),
      plan: new LoadPlan({ clients: 2, rate: 1000, duration: 0.1, rooms: 1 }),
      prefix: `load-${wire}`,
    });
    const refused = tally.refused.get(429) ?? 0;
    assert(refused > 0, wire);
    assertEquals(tally.sent, 100);
    assertEquals(tally.acknowledged + refused, 100);
    assertEquals([tally.due, tally.lost], [tally.acknowledged, 0]);
    assert(isLoadClean(tally), wire);
    assertEquals(verdict.side, "server");
    assert(verdict.reason.includes("--no-rate-limits"), verdict.reason);
  }
});

Deno.test("a load that is ended early tells what there was", async () => {
  await using server = await startServer();
  const end = new AbortController();
  const { tally, interrupted } = await runLoad({
    server: at(server.port),
    variant: variant("chatp1"),
    plan: new LoadPlan({ ...SMALL, duration: 3_600 }),
    prefix: "load-test",
    signal: end.signal,
    onProgress: (phase, share) => {
      if (phase === "sending" && share > 0) end.abort();
    },
  });
  assertEquals(interrupted, true);
  assert(tally.sent > 0 && tally.sent < 1_800_000);
  assertEquals(tally.acknowledged, tally.sent);
  assert(isLoadClean(tally));
});

Deno.test("a load that is ended before its first message has no figures of it, in any format", async () => {
  await using server = await startServer();
  const end = new AbortController();
  const measurement = await runLoad({
    server: { ...at(server.port), pid: Deno.pid },
    variant: variant("chatp1"),
    plan: new LoadPlan(SMALL),
    prefix: "load-test",
    signal: end.signal,
    onProgress: () => end.abort(),
  });
  assertEquals(measurement.tally.sent, 0);
  const { side, reason } = measurement.verdict;
  assertEquals([side, reason], ["unknown", "nothing was sent"]);
  const report = {
    server: "on a test",
    remarks: [],
    measurements: [measurement],
  };
  const [found] = JSON.parse(LOAD_FORMATS.json(report)).wires;
  const [names = [], cells = []] = LOAD_FORMATS.csv(report).split("\n")
    .map((line) => line.split(","));
  for (
    const name of [
      "messagesPerSecond",
      "deliveriesPerSecond",
      "seconds",
      "deliveryP50",
      "acknowledgementMax",
      "serverCpuShare",
      "generatorCpuShare",
      "lateness",
    ]
  ) {
    assertEquals([name, found[name]], [name, null]);
    assertEquals([name, cells[names.indexOf(name)]], [name, ""]);
  }
  for (const write of Object.values(LOAD_FORMATS)) {
    assertEquals(write(report).match(/NaN|Infinity|undefined/), null);
  }
});

Deno.test("a load whose only message gets no answer has 0 messages a second", async () => {
  const server = await startBadServer({ deaf: true });
  try {
    const measurement = await runLoad({
      server: at(server.port),
      variant: variant("json"),
      plan: new LoadPlan({ clients: 2, rate: 1, duration: 1, rooms: 1 }),
      prefix: "load-test",
      patience: 10,
    });
    const report = {
      server: "on a test",
      remarks: [],
      measurements: [measurement],
    };
    const [found] = JSON.parse(LOAD_FORMATS.json(report)).wires;
    const { sent, lost, messagesPerSecond, seconds, bottleneck } = found;
    assertEquals(
      { sent, lost, messagesPerSecond, seconds, bottleneck },
      {
        sent: 1,
        lost: 1,
        messagesPerSecond: 0,
        seconds: 1,
        bottleneck: "server",
      },
    );
    const table = LOAD_FORMATS.table(report);
    assertEquals(table.includes("NaN"), false);
    assertEquals(
      table.split("\n")[0],
      "2 clients in one room, 1 message/s for 1 s (1 message), on a test",
    );
    assert(table.includes("json: client 1: 1 lost, 0 doubled"), table);
  } finally {
    await server.close();
  }
});

Deno.test("a load whose names are taken says so, and lets go of who was in", async () => {
  await using server = await startServer();
  const run = (prefix: string, signal: AbortSignal) =>
    runLoad({
      server: at(server.port),
      variant: variant("chatp1"),
      plan: new LoadPlan({ ...SMALL, duration: 3_600 }),
      prefix,
      signal,
      onProgress: (phase) => {
        if (phase === "sending") sending.resolve();
      },
    });
  const sending = Promise.withResolvers<void>();
  const end = new AbortController();
  const first = run("load-test", end.signal);
  await sending.promise;
  const error = await assertRejects(
    () => run("load-test", end.signal),
    UserError,
  );
  assertEquals(error.kind, "login_rejected");
  end.abort();
  assert(isLoadClean((await first).tally));
});

const REJECTIONS: readonly (readonly [
  reason: string,
  kind: string,
  advice: string,
])[] = [
  [
    "Not allowed: this server takes plaintext from its own machine only",
    "plaintext_refused",
    "Use a wire that the server takes from here: one in TLS (chatps://, " +
    "jsons:// or --wires with +tls), or have it started with --plaintext",
  ],
  [
    "Not logged in or wrong password: this name can be used with its password alone",
    "login_rejected",
    "The clients of a load are guests: a server with --accounts-only takes none",
  ],
  [
    "Too fast: an address has at most 100 connections, and yours has them",
    "login_rejected",
    "Try fewer clients, or ask the server's operator",
  ],
];

for (const [reason, kind, advice] of REJECTIONS) {
  Deno.test(`a load that is not let in says what to try: ${reason}`, async () => {
    const server = await startBadServer({ rejection: reason });
    try {
      const error = await assertRejects(
        () =>
          runLoad({
            server: at(server.port),
            variant: variant("json"),
            plan: new LoadPlan(SMALL),
            prefix: "load-test",
          }),
        UserError,
      );
      assertEquals(
        [error.kind, error.message, error.advice],
        [kind, `The server rejected the login of a client: ${reason}`, advice],
      );
    } finally {
      await server.close();
    }
  });
}

Deno.test("a load can be put on wires with and without TLS", () => {
  assertEquals(LOAD_WIRES.map((each) => [each.wire, inTls(each)]), [
    ["json", false],
    ["json+tls", true],
    ["chatp1", false],
    ["chatp1+tls", true],
    ["chatp2", false],
    ["chatp2+tls", true],
  ]);
});
