import { assertEquals } from "@std/assert";
import { RECORD_BYTES, RecordReader } from "../../lib/bench/tls_records.ts";

const HANDSHAKE = 22;
const CHANGE_CIPHER_SPEC = 20;
const APPLICATION_DATA = 23;

/** A record with a header in front of `length` bytes. */
function record(type: number, length: number): number[] {
  return [
    type,
    3,
    3,
    length >> 8,
    length & 0xff,
    ...Array.from({ length }, () => 0xff),
  ];
}

/** An encrypted record that holds `content` bytes. */
function sealed(content: number): number[] {
  return record(APPLICATION_DATA, content + 17);
}

/** What a server sends: two messages of 40 and 300 bytes, then goodbye. */
const DOWN = new Uint8Array([
  ...record(HANDSHAKE, 122),
  ...record(CHANGE_CIPHER_SPEC, 1),
  ...sealed(900), // EncryptedExtensions … Finished
  ...sealed(70), // NewSessionTicket
  ...sealed(70), // NewSessionTicket
  ...sealed(40),
  ...sealed(300),
  ...sealed(2), // close_notify
]);

/** 5 bytes a header; 17 bytes a seal. */
const HANDSHAKE_BYTES = (5 + 122) + (5 + 1) + (22 + 900) + 2 * (22 + 70);

Deno.test("a record costs 22 bytes", () => assertEquals(RECORD_BYTES, 22));

Deno.test("tickets belong to the handshake, alerts to neither", () => {
  const reader = new RecordReader();
  reader.receive(DOWN);
  assertEquals(reader.split(340), {
    handshake: HANDSHAKE_BYTES,
    records: 2,
    closing: 24,
    exact: true,
  });
});

Deno.test("records are read however the stream is cut", () => {
  for (const size of [1, 2, 3, 7, 1000]) {
    const reader = new RecordReader();
    for (let at = 0; at < DOWN.length; at += size) {
      reader.receive(DOWN.subarray(at, at + size));
    }
    assertEquals(reader.split(340).handshake, HANDSHAKE_BYTES);
  }
});

Deno.test("a message of two bytes is no closing alert, unless it comes last and adds up as one", () => {
  const down = new Uint8Array([
    ...sealed(900),
    ...sealed(2), // a message
    ...sealed(40),
    ...sealed(2),
  ]);
  const split = (application: number) => {
    const reader = new RecordReader();
    reader.receive(down);
    return reader.split(application);
  };
  const handshake = 22 + 900;
  assertEquals(split(42), { handshake, records: 2, closing: 24, exact: true });
  assertEquals(split(44), { handshake, records: 3, closing: 0, exact: true });
});

Deno.test("a connection without application data is all handshake", () => {
  const reader = new RecordReader();
  reader.receive(DOWN.subarray(0, HANDSHAKE_BYTES));
  assertEquals(reader.split(0), {
    handshake: HANDSHAKE_BYTES,
    records: 0,
    closing: 0,
    exact: true,
  });
});

Deno.test("records that don't add up are told", () => {
  const reader = new RecordReader();
  reader.receive(DOWN);
  assertEquals(reader.split(339).exact, false);
  const half = new RecordReader();
  half.receive(DOWN.subarray(0, DOWN.length - 1));
  assertEquals(half.split(340).exact, false);
});
