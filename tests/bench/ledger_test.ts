import { assertEquals } from "@std/assert";
import { FrameLedger } from "../../lib/bench/frame_ledger.ts";
import { ledgersOf } from "../../lib/bench/ledger.ts";
import {
  type Measurement,
  parseWires,
  playVariant,
  total,
  type Variant,
} from "../../lib/bench/mod.ts";
import { startServer } from "./bench_server.ts";
import { measurement, TLS_FIGURES } from "./measurements.ts";

/** A preface, then LOGIN of "al" and SAY of "hi", both without a number. */
const UP = new Uint8Array([
  ...[0x43, 0x50, 2, 0, 1, 0, 0, 0, 0],
  ...[4, 0x40, 2, 0x61, 0x6c],
  ...[3, 0x10, 0x68, 0x69],
]);

const entry = (frame: string, field: string, bytes: number) => ({
  direction: "up" as const,
  frame,
  field,
  count: 1,
  bytes,
});

Deno.test("each byte of a frame belongs to one field, however the stream is cut", () => {
  for (const size of [1, 2, 3, UP.length]) {
    const ledger = new FrameLedger();
    for (let at = 0; at < UP.length; at += size) {
      ledger.receive("up", UP.subarray(at, at + size));
    }
    assertEquals(ledger.entries, [
      entry("preface", "preface", 9),
      entry("LOGIN", "length", 1),
      entry("LOGIN", "kind", 1),
      entry("LOGIN", "user", 3),
      entry("SAY", "length", 1),
      entry("SAY", "kind", 1),
      entry("SAY", "text", 2),
    ]);
  }
});

Deno.test("a reply is told by what it answers, and an empty frame is a keepalive", () => {
  const ledger = new FrameLedger();
  // JOIN of "a", then its REPLY and a keepalive.
  ledger.receive("up", UP.subarray(0, 9));
  ledger.receive("up", new Uint8Array([3, 0x80, 1, 0x61]));
  ledger.receive("down", UP.subarray(0, 9));
  ledger.receive("down", new Uint8Array([3, 0x80, 1, 0x61, 0]));
  const down = ledger.entries.filter(({ direction }) => direction === "down");
  assertEquals(
    down.map(({ frame, field, bytes }) => [frame, field, bytes]),
    [
      ["preface", "preface", 9],
      ["REPLY to JOIN", "length", 1],
      ["REPLY to JOIN", "kind", 1],
      ["REPLY to JOIN", "contents", 2],
      ["keepalive", "length", 1],
    ],
  );
});

function sum(values: readonly { readonly bytes: number }[]): number {
  return values.reduce((all, { bytes }) => all + bytes, 0);
}

Deno.test("a ledger's parts and their fields add up to all bytes, to the byte", async () => {
  const played: Measurement = await playVariant(
    parseWires("chatp2")[0] as Variant,
    { users: 4, messages: 120, seed: 3 },
    { startServer: (_, clock) => startServer(clock) },
  );
  const [ledger] = ledgersOf([played]);
  assertEquals(ledger?.total, total(played));
  assertEquals(sum(ledger?.parts ?? []), total(played));
  for (const { bytes, fields } of ledger?.parts ?? []) {
    assertEquals(
      Object.values(fields).reduce((all, each) => all + each),
      bytes,
    );
  }
});

Deno.test("in TLS what another ledger says is one part, with records, handshakes and alerts", () => {
  const frames = [{ ...entry("SAY", "text", 600), count: 7 }];
  const plain = { up: 600, down: 0, application: 600, frames };
  const ledgers = ledgersOf([
    measurement("json"),
    measurement("chatp2", plain),
    measurement("chatp2+tls", { ...TLS_FIGURES, frames }),
  ]);
  assertEquals(ledgers.map(({ wire, total, texts }) => [wire, total, texts]), [
    ["chatp2", 600, 600],
    ["chatp2+tls", 1600, 600],
  ]);
  assertEquals(
    ledgers[1]?.parts.map(({ name, count, bytes }) => [name, count, bytes]),
    [
      ["frames, as over chatp2", 7, 600],
      ["TLS records, 22 bytes each", 10, 220],
      ["TLS handshakes", 0, 500],
      ["TLS closing alerts", 0, 280],
    ],
  );
});
