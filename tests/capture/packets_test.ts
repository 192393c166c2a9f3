import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  behindLink,
  encodePacket,
  internetChecksum,
  type LeftOut,
  LINK_TYPES,
  parsePacket,
  type TcpSegment,
} from "../../lib/capture/mod.ts";

const hex = (text: string) => Uint8Array.fromHex(text.replaceAll(/\s/g, ""));

const CLIENT = { address: "127.0.0.1", port: 50_001 };
const SERVER = { address: "127.0.0.1", port: 5_555 };

const SYN: TcpSegment = {
  source: CLIENT,
  destination: SERVER,
  seqn: 0x01020304,
  ack: 0,
  flags: 0x02,
  window: 65_535,
  options: hex("020405b4 01030307"),
  payload: new Uint8Array(0),
};

const DATA: TcpSegment = {
  source: CLIENT,
  destination: SERVER,
  seqn: 0x01020305,
  ack: 0x0a0b0c0e,
  flags: 0x18,
  window: 512,
  payload: new TextEncoder().encode("abc"),
};

const FIN_IPV6: TcpSegment = {
  source: { address: "::1", port: 50_001 },
  destination: { address: "2001:db8::2", port: 5_555 },
  seqn: 1,
  ack: 2,
  flags: 0x11,
  window: 512,
  payload: new Uint8Array(0),
};

const SYN_BYTES = hex(`
  4500 0030 0000 4000 4006 3cc6 7f000001 7f000001
  c351 15b3 01020304 00000000 7002 ffff a90b 0000 020405b4 01030307
`);
const DATA_BYTES = hex(`
  4500 002b 0007 4000 4006 3cc4 7f000001 7f000001
  c351 15b3 01020305 0a0b0c0e 5018 0200 f83f 0000 616263
`);
const FIN_IPV6_BYTES = hex(`
  60000000 0014 06 40
  00000000 00000000 00000000 00000001
  20010db8 00000000 00000000 00000002
  c351 15b3 00000001 00000002 5011 0200 a710 0000
`);

Deno.test("the checksum is that of RFC 1071's example", () => {
  // Section 3: the sum of these words is ddf2.
  assertEquals(internetChecksum(hex("0001 f203 f4f5 f6f7")), 0x220d);
});

Deno.test("the checksum of an IPv4 header is the one it carries, and over it 0", () => {
  const zeroed = "4500 0073 0000 4000 4011 0000 c0a80001 c0a800c7";
  const filled = "4500 0073 0000 4000 4011 b861 c0a80001 c0a800c7";
  assertEquals(internetChecksum(hex(zeroed)), 0xb861);
  assertEquals(internetChecksum(hex(filled)), 0);
});

Deno.test("an odd byte at the end counts as a word's first", () => {
  assertEquals(
    internetChecksum(hex("0001 f2")),
    internetChecksum(hex("0001 f200")),
  );
});

Deno.test("segments become these packets", () => {
  assertEquals(encodePacket(SYN), SYN_BYTES);
  assertEquals(encodePacket(DATA, 7), DATA_BYTES);
  assertEquals(encodePacket(FIN_IPV6), FIN_IPV6_BYTES);
});

Deno.test("packets are read back", () => {
  const options = new Uint8Array(0);
  assertEquals(parsePacket(SYN_BYTES), {
    transport: "tcp",
    ...SYN,
    length: 0,
  });
  assertEquals(parsePacket(DATA_BYTES), {
    transport: "tcp",
    ...DATA,
    options,
    length: 3,
  });
  assertEquals(parsePacket(FIN_IPV6_BYTES), {
    transport: "tcp",
    ...FIN_IPV6,
    options,
    length: 0,
  });
});

Deno.test("an IPv4 address beside an IPv6 one is mapped", () => {
  const packet = encodePacket({ ...FIN_IPV6, destination: SERVER });
  assertEquals(
    packet.subarray(24, 40),
    hex("00000000 00000000 0000ffff 7f000001"),
  );
});

Deno.test("a packet's link header, VLAN tags and padding are stepped over", () => {
  const cases: readonly (readonly [number, string])[] = [
    [LINK_TYPES.null, "02000000"],
    [LINK_TYPES.loop, "00000002"],
    [LINK_TYPES.ethernet, "000000000001 000000000002 0800"],
    [LINK_TYPES.ethernet, "000000000001 000000000002 8100 0001 0800"],
    [LINK_TYPES.ethernet, "000000000001 000000000002 88a8 0001 8100 0002 0800"],
    [LINK_TYPES.raw, ""],
    [LINK_TYPES.ipv4, ""],
    [LINK_TYPES.linuxCooked, "0000 0304 0006 000000000000 0000 0800"],
    [LINK_TYPES.linuxCooked2, "0800 0000 00000001 0304 00 06 0000000000000000"],
  ];
  for (const [linkType, header] of cases) {
    const packet = Uint8Array.from([
      ...hex(header),
      ...DATA_BYTES,
      // Ethernet frames are padded to 60 bytes.
      ...hex("000000"),
    ]);
    const behind = behindLink(linkType, packet) as Uint8Array;
    const segment = parsePacket(behind);
    assert(typeof segment !== "string", String(segment));
    assertEquals(segment.payload, DATA.payload);
  }
  assertEquals(behindLink(147, DATA_BYTES), undefined);
});

Deno.test("a packet whose length segmentation offload left 0 is as long as it was", () => {
  const ipv4 = DATA_BYTES.slice();
  ipv4.set([0, 0], 2);
  const segment = parsePacket(ipv4);
  assert(typeof segment !== "string", String(segment));
  assertEquals(segment.payload, DATA.payload);
  const ipv6 = encodePacket({ ...FIN_IPV6, payload: DATA.payload });
  ipv6.set([0, 0], 4);
  // The capture lacks the last byte.
  const cut = parsePacket(ipv6.subarray(0, 62), 63);
  assert(typeof cut !== "string", String(cut));
  assertEquals(cut.payload, DATA.payload.subarray(0, 2));
  assertEquals(cut.length, 3);
});

Deno.test("a packet that was cut keeps the length that it had", () => {
  const segment = parsePacket(DATA_BYTES.subarray(0, 41), 43);
  assert(typeof segment !== "string");
  assertEquals(segment.payload, new TextEncoder().encode("a"));
  assertEquals(segment.length, 3);
});

Deno.test("IPv6 extension headers are stepped over", () => {
  const packet = Uint8Array.from([
    ...hex("60000000 001c 00 40"),
    ...FIN_IPV6_BYTES.subarray(8, 40),
    ...hex("06 00 0104 00000000"),
    ...FIN_IPV6_BYTES.subarray(40),
  ]);
  const segment = parsePacket(packet);
  assert(typeof segment !== "string", String(segment));
  assertEquals(segment.source, FIN_IPV6.source);
  assert(segment.transport === "tcp");
  assertEquals(segment.flags, FIN_IPV6.flags);
});

Deno.test("what is no TCP segment is left out with its cause", () => {
  const changed = (at: number, ...bytes: number[]) => {
    const packet = DATA_BYTES.slice();
    packet.set(bytes, at);
    return packet;
  };
  const cases: readonly (readonly [Uint8Array, LeftOut])[] = [
    [new Uint8Array(0), "not IP"],
    [changed(0, 0x10), "not IP"],
    [changed(9, 1), "not TCP or UDP"],
    // Read as a datagram, its length would be more than there is.
    [changed(9, 17), "cut or damaged"],
    [changed(6, 0x20), "IP fragments"],
    [changed(6, 0, 5), "IP fragments"],
    [changed(0, 0x44), "cut or damaged"],
    [changed(32, 0xf0), "cut or damaged"],
    [DATA_BYTES.subarray(0, 30), "cut or damaged"],
  ];
  for (const [packet, cause] of cases) assertEquals(parsePacket(packet), cause);
});

Deno.test("what can't be a packet is refused", () => {
  const name = { address: "localhost", port: 1 };
  assertThrows(
    () => encodePacket({ ...DATA, source: name }),
    RangeError,
    'An IP address was expected, found "localhost"',
  );
  assertThrows(
    () => encodePacket({ ...DATA, payload: new Uint8Array(65_496) }),
    RangeError,
    "A segment has at most 65495 bytes, this one has 65496",
  );
});

Deno.test("any segment comes back from its packet, its checksums right", () => {
  const endpoint = fc.record({
    address: fc.oneof(fc.ipV4(), fc.ipV6()),
    port: fc.integer({ min: 0, max: 65_535 }),
  });
  const u32 = fc.integer({ min: 0, max: 0xffffffff });
  fc.assert(fc.property(
    endpoint,
    endpoint,
    u32,
    u32,
    fc.uint8Array({ maxLength: 3_000 }),
    (source, destination, seqn, ack, payload) => {
      const packet = encodePacket({
        ...DATA,
        source,
        destination,
        seqn,
        ack,
        payload,
      });
      const parsed = parsePacket(packet);
      assert(typeof parsed !== "string" && parsed.transport === "tcp");
      assertEquals(parsed.payload, payload);
      assertEquals([parsed.seqn, parsed.ack], [seqn, ack]);
      assertEquals(parsed.source.port, source.port);
      const isIpv4 = (packet[0] as number) >> 4 === 4;
      const addresses = isIpv4
        ? packet.subarray(12, 20)
        : packet.subarray(8, 40);
      const tcp = packet.subarray(isIpv4 ? 20 : 40);
      const pseudo = ~internetChecksum(addresses) & 0xffff;
      assertEquals(internetChecksum(tcp, pseudo + 6 + tcp.length), 0);
      if (isIpv4) assertEquals(internetChecksum(packet.subarray(0, 20)), 0);
    },
  ));
});
