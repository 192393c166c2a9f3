import { assertEquals } from "@std/assert";
import { captureFormatter } from "../../lib/capture/mod.ts";

/** The lines above the tables, of a capture with `count` of everything. */
function told(count: number): string[] {
  const text = captureFormatter("text")({
    event: "summary",
    summary: {
      packets: count,
      connections: count,
      up: count,
      down: 0,
      total: count,
      missing: count,
      repeated: count,
      errors: count,
      leftOut: { "IP fragments": count },
      wires: [],
    },
  });
  return text.split("\n").slice(1);
}

Deno.test("a summary says one of something and several of it in other words", () => {
  assertEquals(told(1), [
    "1 packet, 1 connection, 1 byte of payload: 1 up (->), 0 down (<-)",
    "1 byte is missing from the capture",
    "1 byte came more than once",
    "1 malformed frame",
    "1 packet was not read: IP fragments",
  ]);
  assertEquals(told(2), [
    "2 packets, 2 connections, 2 bytes of payload: 2 up (->), 0 down (<-)",
    "2 bytes are missing from the capture",
    "2 bytes came more than once",
    "2 malformed frames",
    "2 packets were not read: IP fragments",
  ]);
});
