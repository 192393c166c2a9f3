import { assertStrictEquals } from "@std/assert";
import { detectWire, type Opening, OPENING_BYTES } from "../../lib/wire/mod.ts";
import { golden } from "./golden.ts";

/** An opening, and how many of its bytes it takes to tell. */
const OPENINGS: readonly (readonly [
  bytes: string,
  opening: Opening,
  told: number,
])[] = [
  ["16 03 01 0200 01", "tls", 2],
  ["16 03 03 0200 01", "tls", 2],
  ["16 02 01 0200 01", "unknown", 2],
  ["43 50 01 01 00 00000007", "chatproto", 3],
  ["43 50 02 00 01 00000000", "chatproto2", 4],
  ["43 50 02 01 00 00000007", "chatproto", 4],
  ["43 50 ff", "chatproto", 3],
  ["43 50 00", "chatproto", 3],
  ["43 51 01", "unknown", 2],
  ["63 70 01", "unknown", 2],
  [`7b "type"`, "json", 1],
  [`"{}"`, "json", 1],
  [`"[1]"`, "unknown", 1],
  [`" {}"`, "unknown", 1],
  ["efbbbf 7b", "unknown", 1],
  [`"USERalice"`, "cp", 4],
  [`"userAlice"`, "cp", 4],
  [`"PASSword"`, "cp", 4],
  [`"SMSGbob:hi"`, "cp", 4],
  [`"RMSG" 0d0a`, "cp", 4],
  [`"tErM"`, "cp", 4],
  [`"USEFUL"`, "unknown", 4],
  [`"GET / HTTP/1.1"`, "http", 4],
  [`"get / HTTP/1.1"`, "http", 4],
  [`"GETS /"`, "unknown", 4],
  [`"HEAD / HTTP/1.1"`, "http", 5],
  [`"POST / HTTP/1.1"`, "http", 5],
  [`"PUT / HTTP/1.1"`, "http", 4],
  [`"PATCH / HTTP/1.1"`, "http", 6],
  [`"DELETE / HTTP/1.1"`, "http", 7],
  [`"OPTIONS * HTTP/1.1"`, "http", 8],
  [`"CONNECT a:1 HTTP/1.1"`, "http", 8],
  [`"CONNECTED"`, "unknown", 8],
  [`"TRACE / HTTP/1.1"`, "http", 6],
  [`"PRI * HTTP/2.0"`, "http", 6],
  ["00", "unknown", 1],
  ["ff ff", "unknown", 1],
  [`"hello"`, "unknown", 3],
];

for (const [written, opening, told] of OPENINGS) {
  Deno.test(`detectWire tells ${written} as ${opening} after ${told} bytes`, () => {
    const bytes = golden(written);
    for (let length = 0; length <= bytes.length; length++) {
      assertStrictEquals(
        detectWire(bytes.subarray(0, length)),
        length < told ? undefined : opening,
        `${length} bytes`,
      );
    }
  });
}

Deno.test("detectWire tells the beginning of a command of CP as CP when nothing follows it", () => {
  for (
    const [written, opening] of [
      [`"US"`, "cp"],
      [`"r"`, "cp"],
      [`"P"`, "cp"],
      [`"PAT"`, undefined],
      [`"HE"`, undefined],
      ["16", undefined],
      ["43 50 02", undefined],
      ["", undefined],
      [`"USERalice"`, "cp"],
      [`"USEFUL"`, "unknown"],
    ] as const
  ) {
    assertStrictEquals(detectWire(golden(written), true), opening, written);
  }
});

Deno.test("detectWire tells every eight bytes, whatever they begin with", () => {
  for (let first = 0; first <= 0xff; first++) {
    for (let second = 0; second <= 0xff; second++) {
      const bytes = new Uint8Array(OPENING_BYTES);
      bytes.set([first, second]);
      assertStrictEquals(typeof detectWire(bytes), "string");
    }
  }
});
