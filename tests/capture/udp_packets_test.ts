import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  encodeUdpPacket,
  internetChecksum,
  parsePacket,
  type UdpDatagram,
} from "../../lib/capture/mod.ts";

const hex = (text: string) => Uint8Array.fromHex(text.replaceAll(/\s/g, ""));

const CLIENT = { address: "127.0.0.1", port: 50_001 };
const SERVER = { address: "127.0.0.1", port: 5_000 };

const ABC: UdpDatagram = {
  source: CLIENT,
  destination: SERVER,
  payload: new TextEncoder().encode("abc"),
};
const ABC_BYTES = hex(`
  4500 001f 0007 4000 4011 3cc5 7f000001 7f000001
  c351 1388 000b 6699 616263
`);

Deno.test("a datagram becomes this packet, and is read back", () => {
  assertEquals(encodeUdpPacket(ABC, 7), ABC_BYTES);
  assertEquals(parsePacket(ABC_BYTES), { transport: "udp", ...ABC, length: 3 });
});

Deno.test("a checksum that comes to 0 is written as ffff, since 0 means none", () => {
  assertEquals(
    encodeUdpPacket({ ...ABC, payload: hex("2afe") }),
    hex(`
      4500 001e 0000 4000 4011 3ccd 7f000001 7f000001
      c351 1388 000a ffff 2afe
    `),
  );
});

Deno.test("beside an IPv6 address an IPv4 one is mapped", () => {
  const source = { address: "::1", port: 50_001 };
  const payload = new TextEncoder().encode("ab");
  assertEquals(
    encodeUdpPacket({ source, destination: SERVER, payload }),
    hex(`
      60000000 000a 11 40
      00000000 00000000 00000000 00000001
      00000000 00000000 0000ffff 7f000001
      c351 1388 000a 489c 6162
    `),
  );
});

Deno.test("a datagram that was cut keeps the length that it had", () => {
  const cut = parsePacket(ABC_BYTES.subarray(0, 29), ABC_BYTES.length);
  assert(typeof cut !== "string");
  assertEquals([cut.payload.length, cut.length], [1, 3]);
});

Deno.test("what stands behind a datagram in its packet is none of it", () => {
  const padded = Uint8Array.from([...ABC_BYTES, 0, 0, 0]);
  padded[3] = 0x22;
  const parsed = parsePacket(padded);
  assert(typeof parsed !== "string");
  assertEquals(parsed.payload, ABC.payload);
});

Deno.test("datagrams with a length that can't be are left out", () => {
  for (const length of [0, 7, 12, 0xffff]) {
    const packet = ABC_BYTES.slice();
    new DataView(packet.buffer).setUint16(24, length);
    assertEquals(parsePacket(packet), "cut or damaged");
  }
  assertEquals(parsePacket(ABC_BYTES.subarray(0, 27)), "cut or damaged");
});

Deno.test("a datagram has at most 65,507 bytes", () => {
  const most = { ...ABC, payload: new Uint8Array(65_507) };
  assertEquals(encodeUdpPacket(most).length, 65_535);
  assertThrows(
    () => encodeUdpPacket({ ...ABC, payload: new Uint8Array(65_508) }),
    RangeError,
    "A datagram has at most 65507 bytes",
  );
});

Deno.test("checksums of datagrams are right", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 3_000 }), (payload) => {
    const packet = encodeUdpPacket({ ...ABC, payload });
    const udp = packet.subarray(20);
    const pseudo = ~internetChecksum(packet.subarray(12, 20)) & 0xffff;
    assertEquals(internetChecksum(udp, pseudo + 17 + udp.length), 0);
    assertEquals(internetChecksum(packet.subarray(0, 20)), 0);
  }));
});
