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
import { PduLedger } from "../../lib/bench/pdu_ledger.ts";
import { benchServers } from "../../commands/bench.ts";
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

for (const wire of ["chatp2", "cp"]) {
  Deno.test(`the parts of the ledger of ${wire} and their fields add up to all bytes, to the byte`, async () => {
    const played: Measurement = await playVariant(
      parseWires(wire)[0] as Variant,
      { users: 4, messages: 120, seed: 3 },
      { startServer: benchServers() },
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
}

const PDUS = "USERal\r\nPASSx:\r\nSMSGbob:a\r: b\r\nRMSG\r\n250 thanks\r\n" +
  "250\r\nHELLO\r\nTERM\r\nSM";

Deno.test("each byte of a PDU belongs to one field, however the stream is cut", () => {
  const bytes = new TextEncoder().encode(PDUS);
  for (const size of [1, 2, 3, bytes.length]) {
    const ledger = new PduLedger();
    const found: string[] = [];
    for (let at = 0; at < bytes.length; at += size) {
      const pdus = ledger.receive("up", bytes.subarray(at, at + size));
      found.push(...pdus.map(({ name, bytes }) => `${name} ${bytes}`));
    }
    assertEquals(found, [
      ...["USER 8", "PASS 8", "SMSG 15", "RMSG 6"],
      ...["250 12", "250 5", "unknown 7", "TERM 6"],
    ]);
    assertEquals(ledger.entries, [
      entry("USER", "command", 4),
      entry("USER", "name", 2),
      entry("USER", "CRLF", 2),
      entry("PASS", "command", 4),
      entry("PASS", "password", 2),
      entry("PASS", "CRLF", 2),
      entry("SMSG", "command", 4),
      // With its `:`.
      entry("SMSG", "name", 4),
      entry("SMSG", "text", 5),
      entry("SMSG", "CRLF", 2),
      entry("RMSG", "command", 4),
      entry("RMSG", "CRLF", 2),
      { ...entry("250", "code", 6), count: 2 },
      // With its space.
      entry("250", "words", 7),
      { ...entry("250", "CRLF", 4), count: 2 },
      entry("unknown", "contents", 5),
      entry("unknown", "CRLF", 2),
      entry("TERM", "command", 4),
      entry("TERM", "CRLF", 2),
    ]);
  }
});

Deno.test("in TLS what another ledger says is one part, with records, handshakes and alerts", () => {
  const frames = [{ ...entry("SAY", "text", 600), count: 7 }];
  const plain = { up: 600, down: 0, application: 600, frames };
  const pdus = [{ ...entry("SMSG", "text", 1_000), count: 7 }];
  const ledgers = ledgersOf([
    measurement("json"),
    measurement("chatp2", plain),
    measurement("chatp2+tls", { ...TLS_FIGURES, frames }),
    measurement("cp", { frames: pdus }),
  ]);
  assertEquals(ledgers.map(({ wire, total, texts }) => [wire, total, texts]), [
    ["chatp2", 600, 600],
    ["chatp2+tls", 1600, 600],
    // These go as they are.
    ["cp", 1000, undefined],
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
