import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import {
  MAX_PACKET_BYTES,
  pcapFileHeader,
  PcapReader,
  writePcapRecord,
} from "../../lib/capture/mod.ts";
import { UserError } from "../../lib/net/mod.ts";
import { ByteWriter } from "../../lib/wire/mod.ts";

const hex = (text: string) => Uint8Array.fromHex(text.replaceAll(/\s/g, ""));

/** Big-endian, µs, raw IP, as ours are. */
const HEADER = hex(
  "a1b2c3d4 0002 0004 00000000 00000000 00040000 00000065",
);

/** At 2 s and 3 µs, the four bytes 45 00 00 04. */
const RECORD = hex("00000002 00000003 00000004 00000004 45000004");

function read(pieces: readonly Uint8Array[]) {
  const reader = new PcapReader();
  const packets = [];
  for (const piece of pieces) {
    reader.receive(piece);
    for (let packet = reader.next(); packet; packet = reader.next()) {
      packets.push({ ...packet, bytes: packet.bytes.slice() });
    }
  }
  return { packets, note: reader.end() };
}

const PACKET = {
  time: 2_000_003,
  linkType: 101,
  bytes: hex("45000004"),
  originalLength: 4,
};

Deno.test("a written pcap file has these bytes", () => {
  assertEquals(pcapFileHeader(), HEADER);
  const writer = new ByteWriter();
  writePcapRecord(writer, 2_000_003, hex("45000004"));
  assertEquals(writer.take(), RECORD);
});

Deno.test("a pcap file is read in either byte order and either unit of time", () => {
  const files: readonly (readonly [string, string])[] = [
    [
      "a1b2c3d4 0002 0004 00000000 00000000 00040000 00000065",
      "00000002 00000003 00000004 00000004 45000004",
    ],
    [
      "d4c3b2a1 0200 0400 00000000 00000000 00000400 65000000",
      "02000000 03000000 04000000 04000000 45000004",
    ],
    [
      "a1b23c4d 0002 0004 00000000 00000000 00040000 00000065",
      "00000002 00000bb8 00000004 00000004 45000004",
    ],
    [
      "4d3cb2a1 0200 0400 00000000 00000000 00000400 65000000",
      "02000000 b80b0000 04000000 04000000 45000004",
    ],
  ];
  for (const [header, record] of files) {
    assertEquals(read([hex(header + record)]).packets, [PACKET]);
  }
});

Deno.test("a pcap file is the same however its bytes are cut", () => {
  const file = Uint8Array.from([...HEADER, ...RECORD, ...RECORD]);
  const bytes = [...file].map((byte) => Uint8Array.of(byte));
  assertEquals(read(bytes), { packets: [PACKET, PACKET], note: undefined });
});

Deno.test("a packet that was cut says how long it was", () => {
  const { packets } = read([
    HEADER,
    hex("00000002 00000003 00000004 000005dc 45000004"),
  ]);
  assertEquals(packets, [{ ...PACKET, originalLength: 1_500 }]);
});

Deno.test("a file that ends within a packet is read up to there", () => {
  const { packets, note } = read([HEADER, RECORD, RECORD.subarray(0, 17)]);
  assertEquals(packets, [PACKET]);
  assertEquals(
    note,
    "The file ends within a packet: its last 17 bytes were not read",
  );
});

Deno.test("a packet of impossible length ends the reading before memory is taken", () => {
  const { packets, note } = read([
    HEADER,
    RECORD,
    hex("00000002 00000003 00040001 00040001"),
    new Uint8Array(MAX_PACKET_BYTES),
  ]);
  assertEquals(packets, [PACKET]);
  assertEquals(
    note,
    "The file is damaged at byte 44: a packet of 262145 bytes can't be",
  );
});

Deno.test("a file that is no pcap file is refused with what to do", () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ["", "The file is empty", "chatp capture -w"],
    ["a1b2c3d4", "at least 24 bytes, this one has 4", "chatp capture -w"],
    ["0a0d0d0a", "it is a pcapng file", "editcap -F pcap"],
    ["1f8b0800", "it is compressed with gzip", "gunzip"],
    ["28b52ffd", "it is compressed with Zstandard", "unzstd"],
    [`25504446${"00".repeat(20)}`, "begins with 25504446", "tcpdump -w"],
  ];
  for (const [file, message, advice] of cases) {
    const error = assertThrows(() => read([hex(file)]), UserError, message);
    assertEquals(error.kind, "file_unreadable");
    assertStringIncludes(error.advice, advice);
  }
});
