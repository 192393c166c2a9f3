/** `chatp capture` as a process. */

import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import net from "node:net";
import { once } from "node:events";
import { dissectorSource } from "../../lib/capture/mod.ts";
import { Chatp, chatp, Folder } from "../commands/chatp_process.ts";
import { ChatProto2Client } from "../server/chatproto2_client.ts";
import { RawClient } from "../server/raw_client.ts";
import { withServer } from "../server/test_server.ts";
import { UdpClient, withUdp } from "../server/udp_client.ts";

const RECORDING = /^Recording 127\.0\.0\.1:(\d+) -> (127\.0\.0\.1:\d+) into/;

/** What ends a recording on this system: with SIGHUP its terminal is gone. */
const ENDS: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? ["SIGINT"]
  : ["SIGINT", "SIGTERM", "SIGHUP"];

for (const signal of ENDS) {
  Deno.test(`a live session is recorded until ${signal}, then read`, async () => {
    await using folder = await Folder.make();
    const data = folder.path;
    const path = `${data}/chat.pcap`;
    await withServer(async (port) => {
      await using capture = await Chatp.start(
        ["capture", "--listen", "0", "--to", `127.0.0.1:${port}`, "-w", path],
        { data },
      );
      const [, tapPort, server] = await capture.out.find(RECORDING);
      assertEquals(server, `127.0.0.1:${port}`);
      const al = await RawClient.login(Number(tapPort), "al", "json2");
      al.say("hello");
      await al.event("room_msg_ack");
      capture.signal(signal);
      assertEquals(await capture.status(), 0);
      // 39 + 54 and 35 + 31 bytes; nobody had left yet.
      assertEquals(
        capture.out.all.at(-1),
        "Recorded 11 packets, 159 bytes, 1 connection",
      );
      await al.closed();
    });
    const { code, out } = await chatp(["capture", "-r", path], { data });
    assertEquals(code, 0);
    assertStringIncludes(out.join("\n"), '35 B text="hello"');
    assertStringIncludes(out.join("\n"), "159 bytes of payload");
  });
}

Deno.test("a live session of ChatProto 2 is recorded, then read with its names", async () => {
  await using folder = await Folder.make();
  const data = folder.path;
  const path = `${data}/chat.pcap`;
  await withServer(async (port) => {
    await using capture = await Chatp.start(
      ["capture", "--listen", "0", "--to", `127.0.0.1:${port}`, "-w", path],
      { data },
    );
    const [, tapPort] = await capture.out.find(RECORDING);
    const al = await ChatProto2Client.login(Number(tapPort), "al");
    await al.answer(
      { type: "room_msg", text: "see you there" },
      "room_msg_ack",
    );
    await al.ping();
    capture.signal("SIGINT");
    assertEquals(await capture.status(), 0);
    await al.closed();
  });
  const { out } = await chatp(["capture", "-r", path], { data });
  const told = out.map((line) => line.replaceAll(/ +/g, " "));
  for (
    const line of [
      /-> chatp2 preface 9 B \[text_code\]$/,
      /-> chatp2 login 5 B n=0 user="al"$/,
      /<- chatp2 welcome .* user="al" room="general"/,
      /-> chatp2 say \d+ B n=0 text="see you there" \[coded\]$/,
      /<- chatp2 stored \d+ B n=0 room="general" sequence=1\b/,
      /<- chatp2 keepalive 1 B$/,
    ]
  ) assert(told.some((each) => line.test(each)), `${line}\n${told.join("\n")}`);
});

Deno.test("a live session over reliable UDP is recorded, then read", async () => {
  await using folder = await Folder.make();
  const data = folder.path;
  const path = `${data}/chat.pcap`;
  await withUdp(async ({ udp }) => {
    const to = `udpchat://127.0.0.1:${udp}`;
    await using capture = await Chatp.start(
      ["capture", "--listen", "0", "--to", to, "-w", path],
      { data },
    );
    const [, tapPort, server] = await capture.out.find(RECORDING);
    assertEquals(server, `127.0.0.1:${udp}`);
    const al = await UdpClient.login(Number(tapPort), "al", "open sesame");
    await al.say("al", "see you there", { ref: "1" });
    await al.heard();
    await al.fin();
    capture.signal("SIGINT");
    assertEquals(await capture.status(), 0);
    const bytes = al.sentBytes + al.receivedBytes;
    assertMatch(
      capture.out.all.at(-1) ?? "",
      new RegExp(`^Recorded \\d+ packets, ${bytes} bytes, 1 connection$`),
    );
    await al.close();
  });
  const { out } = await chatp(["capture", "-r", path], { data });
  const told = out.map((line) => line.replaceAll(/ +/g, " "));
  for (
    const line of [
      / open 127\.0\.0\.1:\d+ -> 127\.0\.0\.1:\d+ \(udp\)$/,
      /-> udpchat SYN \d+ B SEQN=(0|-1) username=null link=/,
      /-> udpchat USR_ADD .* username="al" password="\*\*\*"$/,
      /<- udpchat ACK .* to="USR_ADD" .*"token":"\*\*\*"/,
      /-> udpchat CHT .* username="al" text="see you there" ref="1"$/,
      /<- udpchat ACK .* to="CHT" status=200 .* sequence=1 \(\d+\.\d{3} ms\)$/,
      /<- udpchat CHT .* group="General Chat Room" username="al"/,
      /-> udpchat ACK .* to="CHT" MessageID=/,
      /-> udpchat FIN 9 B SEQN=/,
      / close \(fin\)$/,
      /^\d+ round trips? of datagrams ->: /,
    ]
  ) assert(told.some((each) => line.test(each)), `${line}\n${told.join("\n")}`);
  assert(!out.join("").includes("open sesame"));
});

Deno.test("samples are made of every wire named, and read as JSON", async () => {
  await using folder = await Folder.make();
  const data = folder.path;
  const samples = [
    "capture",
    "samples",
    `${data}/pcaps`,
    "--messages",
    "5",
    "--wires",
    "json,chatp1",
  ];
  const made = await chatp(samples, { data });
  assertEquals(made.code, 0, made.err.join("\n"));
  const names = await Array.fromAsync(Deno.readDir(`${data}/pcaps`));
  assertEquals(
    names.map(({ name }) => name).sort(),
    ["v2_traffic.pcap", "v3_traffic.pcap"],
  );
  const read = await chatp(
    ["capture", "-r", `${data}/pcaps/v3_traffic.pcap`, "--format", "json"],
    { data },
  );
  const events = read.out.map((line) => JSON.parse(line));
  assertEquals(events[0].event, "open");
  assertEquals(events.at(-1).event, "summary");
  assertEquals(events.at(-1).connections, 5);
  // The conversation's own clock: it ends after 163 s.
  const seconds =
    (Date.parse(events.at(-2).time) - Date.parse(events[0].time)) /
    1_000;
  assert(seconds > 160 && seconds < 170, `${seconds} s`);
  const again = await chatp(samples, { data });
  assertEquals(again.code, 1);
  assertStringIncludes(again.err[1] ?? "", "--force");
});

Deno.test("the dissector is printed, with nothing else", async () => {
  await using folder = await Folder.make();
  const { code, out, err } = await chatp(["capture", "dissector"], {
    data: folder.path,
  });
  assertEquals([code, err], [0, []]);
  assertEquals(`${out.join("\n")}\n`, dissectorSource());
});

Deno.test("a taken port costs nobody the file that was to be replaced", async () => {
  await using folder = await Folder.make();
  const data = folder.path;
  const path = `${data}/a.pcap`;
  await Deno.writeTextFile(path, "precious");
  const taken = net.createServer().listen(0, "127.0.0.1");
  await once(taken, "listening");
  const { port } = taken.address() as net.AddressInfo;
  try {
    const { code } = await chatp([
      "capture",
      "--listen",
      `127.0.0.1:${port}`,
      "--to",
      "127.0.0.1:1",
      "-w",
      path,
      "--force",
    ], { data });
    assertEquals(code, 1);
    assertEquals(await Deno.readTextFile(path), "precious");
  } finally {
    taken.close();
    await once(taken, "close");
  }
});

Deno.test("a server that can't be reached is told, and recording goes on", async () => {
  await using folder = await Folder.make();
  const data = folder.path;
  // A port on which nothing listens any more.
  const free = net.createServer().listen(0, "127.0.0.1");
  await once(free, "listening");
  const { port } = free.address() as net.AddressInfo;
  free.close();
  await once(free, "close");
  await using capture = await Chatp.start([
    "capture",
    "--listen",
    "0",
    "--to",
    `127.0.0.1:${port}`,
    "-w",
    `${data}/a.pcap`,
  ], { data });
  const [, tapPort] = await capture.out.find(RECORDING);
  const socket = net.connect(Number(tapPort), "127.0.0.1");
  socket.on("error", () => {});
  const closed = new Promise((resolve) => socket.once("close", resolve));
  await capture.err.find(
    /The tap could not reach 127\.0\.0\.1:\d+: nothing listens there$/m,
  );
  await closed;
  capture.signal("SIGINT");
  assertEquals(await capture.status(), 0);
});

const MISTAKES: readonly (readonly [readonly string[], number, string])[] = [
  [["--listen", "0"], 2, "needs all of --listen, --to and -w"],
  [["-r", "a", "-w", "b"], 2, "either read, with -r, or recorded, with -w"],
  [["-r", "missing.pcap"], 24, "missing.pcap can't be read"],
  [["samples", ".", "--messages", "0"], 2, "--messages is a whole number"],
  [["samples", ".", "--wires", "x"], 2, 'There is no wire "x"'],
];

Deno.test("mistakes are told in one line each, with their exit status", async () => {
  await using folder = await Folder.make();
  for (const [args, status, message] of MISTAKES) {
    const { code, err } = await chatp(["capture", ...args], {
      data: folder.path,
    });
    assertEquals(code, status, args.join(" "));
    assertStringIncludes(err[0] ?? "", message);
  }
});

Deno.test("without anything to do capture shows its help and exits with 2", async () => {
  await using folder = await Folder.make();
  const { code, out } = await chatp(["capture"], { data: folder.path });
  assertEquals(code, 2);
  assertStringIncludes(out.join("\n"), "chatp capture --listen 5556");
});
