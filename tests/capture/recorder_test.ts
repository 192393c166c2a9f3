import {
  assert,
  assertEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import {
  captureFormatter,
  type ReadingEvent,
  recordedText,
  Recorder,
  retell,
  SetClock,
} from "../../lib/capture/mod.ts";
import { tap, type TapObserver, UserError } from "../../lib/net/mod.ts";
import { RawClient, type TestWire } from "../server/raw_client.ts";
import { withServer } from "../server/test_server.ts";
import { readAll } from "./made_capture.ts";
import { complaints, hasTshark, payloadByPort, skipReason } from "./tshark.ts";
import { withFolder } from "../store/temporary_folder.ts";

const hex = (text: string) => Uint8Array.fromHex(text);

/** Runs `test` with a port from which a tap leads to a server. */
async function throughTap(
  observer: TapObserver,
  test: (port: number) => Promise<void>,
): Promise<void> {
  await withServer(async (port) => {
    const running = await tap({
      listen: { host: "127.0.0.1", port: 0 },
      to: { host: "127.0.0.1", port },
      observer,
    });
    try {
      await test(running.address.port);
    } finally {
      await running.close();
    }
  });
}

async function leave(client: RawClient): Promise<void> {
  client.socket.end();
  await client.closed();
}

/** Two people talk, one of them much; both leave. */
async function chat(
  port: number,
  [first, second]: readonly [TestWire, TestWire],
  secure: boolean,
): Promise<void> {
  const al = await RawClient.login(port, "al", first, { secure });
  const bo = await RawClient.login(port, "bo", second, { secure });
  const long = "x".repeat(8_000);
  for (const text of ["hi", "größer", long]) {
    al.say(text);
    const heard = await bo.event("room_msg");
    assertEquals(heard.text, text);
  }
  bo.ask({ type: "private_msg", recipient: "al", text: "psst" });
  await al.event("private_msg_delivery");
  await leave(al);
  await leave(bo);
}

Deno.test("what was recorded is told in words, of one too", () => {
  const one = { packets: 1, up: 1, down: 0, connections: 1 };
  assertEquals(recordedText(one), "1 packet, 1 byte, 1 connection");
  const more = { packets: 15, up: 40, down: 26, connections: 2 };
  assertEquals(recordedText(more), "15 packets, 66 bytes, 2 connections");
});

Deno.test("what goes through a tap is read from its recording", async () => {
  await withFolder(async (folder) => {
    const path = `${folder}/chat.pcap`;
    const recorder = Recorder.create(path);
    await throughTap(
      recorder,
      (port) => chat(port, ["json2", "chatp1"], false),
    );
    recorder.finish();
    const events = await readAll(await Deno.readFile(path));
    const toLine = captureFormatter("text");
    const text = events.map(toLine).join("\n");
    assertStringIncludes(text, 'username="al"');
    assertStringIncludes(text, "-> json2   room_msg");
    assertStringIncludes(text, 'text="größer"');
    assertStringIncludes(text, "<- chatp1  private_msg_delivery");
    const last = events.at(-1) as ReadingEvent & { event: "summary" };
    const { connections, packets, up, down, errors, missing } = last.summary;
    assertEquals({ connections, packets, up, down }, recorder.counts);
    assertEquals({ errors, missing }, { errors: 0, missing: 0 });
    const closed = events.filter((each) => each.event === "close");
    assertEquals(closed.map(({ how }) => how), ["fin", "fin"]);
  });
});

for (const secure of [false, true]) {
  Deno.test({
    name: `tshark reads a recording ${
      secure ? "in TLS" : "in plaintext"
    } without a warning and counts the same bytes${skipReason}`,
    ignore: !hasTshark,
    fn: () =>
      withFolder(async (folder) => {
        const path = `${folder}/chat.pcap`;
        const recorder = Recorder.create(path);
        // On fixed ports, since tshark takes some others for other protocols.
        const observer = retell(recorder, {
          server: { address: "127.0.0.1", port: 5_555 },
          client: (id) => ({ address: "127.0.0.1", port: 50_000 + id }),
          now: () => Date.now(),
        });
        await throughTap(
          observer,
          (port) => chat(port, ["json2", "chatp1"], secure),
        );
        recorder.finish();
        assertEquals(await complaints(path), "");
        const sums = await payloadByPort(path);
        const { up, down } = recorder.counts;
        assertEquals(sums.get(5_555), down);
        assertEquals(
          (sums.get(50_001) ?? 0) + (sums.get(50_002) ?? 0),
          up,
        );
      }),
  });
}

Deno.test({
  name:
    `tshark reads IPv6, long pieces and both ends closing without a warning${skipReason}`,
  ignore: !hasTshark,
  fn: () =>
    withFolder(async (folder) => {
      const path = `${folder}/made.pcap`;
      const recorder = Recorder.create(path);
      const connection = {
        id: 1,
        client: { address: "2001:db8::1", port: 50_001 },
        // Not 5555, which tshark takes for SigComp and reads two bytes of.
        server: { address: "::1", port: 5_556 },
        time: 1_000,
      };
      recorder.open(connection);
      recorder.data(connection, "up", new Uint8Array(200_000), 1_001);
      recorder.data(connection, "down", new Uint8Array(1), 1_001);
      recorder.close(connection, "down", 1_002, "fin");
      recorder.data(connection, "up", new Uint8Array(1_441), 1_003);
      recorder.close(connection, "up", 1_004, "fin");
      recorder.finish();
      assertEquals(await complaints(path), "");
      assertEquals(
        await payloadByPort(path),
        new Map([[50_001, 201_441], [5_556, 1]]),
      );
    }),
});

Deno.test({
  name:
    `tshark reads recorded datagrams, the longest too, without a warning${skipReason}`,
  ignore: !hasTshark,
  fn: () =>
    withFolder(async (folder) => {
      const path = `${folder}/made.pcap`;
      const recorder = Recorder.create(path);
      const { open, datagram } = recorder.ofDatagrams;
      for (const [id, address] of ["127.0.0.1", "2001:db8::1"].entries()) {
        const connection = {
          id,
          client: { address, port: 50_001 },
          server: { address, port: 5_000 },
          time: 1_000,
        };
        const json = `{"text":"${"x".repeat(65_000)}"}`;
        const long = new TextEncoder().encode(`\0\0\0\x01\0\0\0${json}`);
        open?.(connection);
        datagram?.(connection, "up", long, 1_001);
        datagram?.(connection, "down", hex("00000001010000"), 1_001);
        datagram?.(connection, "up", hex("ffffffff000001"), 1_001);
      }
      recorder.finish();
      assertEquals(await complaints(path), "");
      assertEquals(
        await payloadByPort(path, "udp"),
        new Map([[50_001, 2 * (65_018 + 7)], [5_000, 14]]),
      );
      assertEquals(recorder.counts, {
        connections: 2,
        packets: 6,
        up: 2 * (65_018 + 7),
        down: 14,
      });
    }),
});

Deno.test({
  name: "a recording is for its owner alone, also where another file was",
  ignore: Deno.build.os === "windows",
  fn: () =>
    withFolder(async (folder) => {
      const path = `${folder}/a.pcap`;
      await Deno.writeTextFile(path, "x".repeat(100), { mode: 0o644 });
      Recorder.create(path, { force: true }).finish();
      const { mode, size } = await Deno.stat(path);
      assertEquals((mode ?? 0) & 0o777, 0o600);
      assertEquals(size, 24);
    }),
});

Deno.test("a file that is there already is not replaced unasked", async () => {
  await withFolder(async (folder) => {
    const path = `${folder}/a.pcap`;
    await Deno.writeTextFile(path, "precious");
    const error = assertThrows(() => Recorder.create(path), UserError);
    assertEquals(error.kind, "file_exists");
    assertStringIncludes(error.advice, "--force");
    assertEquals(await Deno.readTextFile(path), "precious");
  });
});

Deno.test("a file that can't be written is told in one line", async () => {
  await withFolder((folder) => {
    const error = assertThrows(
      () => Recorder.create(`${folder}/none/a.pcap`),
      UserError,
    );
    assertStringIncludes(error.message, "can't be written");
    return Promise.resolve();
  });
});

Deno.test({
  name: "a full disk is told in one line",
  ignore: Deno.build.os !== "linux",
  fn: () => {
    assertThrows(
      () => Recorder.create("/dev/full", { force: true }),
      UserError,
      "can't be written",
    );
  },
});

Deno.test("after every observation the file is whole", async () => {
  await withFolder(async (folder) => {
    const path = `${folder}/a.pcap`;
    const recorder = Recorder.create(path);
    const connection = {
      id: 1,
      client: { address: "127.0.0.1", port: 50_001 },
      server: { address: "127.0.0.1", port: 5_555 },
      time: 1_000,
    };
    const notes = async () =>
      (await readAll(await Deno.readFile(path)))
        .filter(({ event }) => event === "note");
    assertEquals(await notes(), []);
    recorder.open(connection);
    assertEquals(await notes(), []);
    recorder.data(connection, "up", new Uint8Array(5_000), 1_001);
    assertEquals(await notes(), []);
    recorder.finish();
  });
});

Deno.test("a set clock never goes back", () => {
  const clock = new SetClock(1_000);
  clock.set(5_000);
  const before = clock.now();
  clock.set(2_000);
  assert(before >= 5_000);
  assert(clock.now() >= before);
});
