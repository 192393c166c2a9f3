import { assertEquals } from "@std/assert";
import { ByteQueue, TLS_CONTENT, tlsHeader } from "../../lib/wire/mod.ts";

Deno.test("a record's header is its type, its version and the bytes behind it", () => {
  // Application data of TLS 1.2's number, 0x4011 bytes.
  const bytes = Uint8Array.of(0x17, 0x03, 0x03, 0x40, 0x11, 0xff);
  const header = {
    type: TLS_CONTENT.application_data,
    major: 3,
    length: 16_401,
  };
  assertEquals(tlsHeader(bytes), header);
  const queue = new ByteQueue();
  queue.push(bytes);
  assertEquals(tlsHeader(queue), header);
});
