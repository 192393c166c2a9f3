import { assert, assertEquals } from "@std/assert";
import {
  type ParsedSegment,
  parsePacket,
  StreamWriter,
} from "../../lib/capture/mod.ts";
import { BEGIN, packetsOf, type Said } from "./made_capture.ts";

/** Flags, relative sequence numbers and lengths, as tshark shows them. */
function told(said: readonly Said[]): string[] {
  const segments = packetsOf(said).map(({ packet }) => {
    const segment = parsePacket(packet);
    assert(typeof segment !== "string" && segment.transport === "tcp");
    return segment;
  });
  const [syn, synAck] = segments as [ParsedSegment, ParsedSegment];
  return segments.map(({ source, seqn, ack, flags, length }) => {
    const [own, other] = source.port === 5_555 ? [synAck, syn] : [syn, synAck];
    const names = ["fin", "syn", "rst", "psh", "ack"]
      .filter((_, bit) => (flags >> bit & 1) === 1).join("+");
    const acknowledged = flags & 0x10 ? ` ack ${(ack - other.seqn) >>> 0}` : "";
    return `${source.port === 5_555 ? "<-" : "->"} ${names} seq ${
      (seqn - own.seqn) >>> 0
    }${acknowledged} len ${length}`;
  });
}

const HANDSHAKE = [
  "-> syn seq 0 len 0",
  "<- syn+ack seq 0 ack 1 len 0",
  "-> ack seq 1 ack 1 len 0",
];

Deno.test("a request and its answer are acknowledged one by one", () => {
  assertEquals(told([["up", "abc"], ["down", "de"]]), [
    ...HANDSHAKE,
    "-> psh+ack seq 1 ack 1 len 3",
    "<- ack seq 1 ack 4 len 0",
    "<- psh+ack seq 1 ack 4 len 2",
    "-> ack seq 4 ack 3 len 0",
  ]);
});

Deno.test("what is longer than a segment goes in several, pushed at the end", () => {
  assertEquals(told([["down", new Uint8Array(3_000)]]), [
    ...HANDSHAKE,
    "<- ack seq 1 ack 1 len 1460",
    "-> ack seq 1 ack 1461 len 0",
    "<- ack seq 1461 ack 1 len 1460",
    "-> ack seq 1 ack 2921 len 0",
    "<- psh+ack seq 2921 ack 1 len 80",
    "-> ack seq 1 ack 3001 len 0",
  ]);
});

Deno.test("each direction ends with a FIN that is acknowledged", () => {
  assertEquals(
    told([["up", "a"], ["up", "fin"], ["down", "b"], ["down", "fin"]]),
    [
      ...HANDSHAKE,
      "-> psh+ack seq 1 ack 1 len 1",
      "<- ack seq 1 ack 2 len 0",
      "-> fin+ack seq 2 ack 1 len 0",
      "<- ack seq 1 ack 3 len 0",
      "<- psh+ack seq 1 ack 3 len 1",
      "-> ack seq 3 ack 2 len 0",
      "<- fin+ack seq 2 ack 3 len 0",
      "-> ack seq 3 ack 3 len 0",
    ],
  );
});

Deno.test("a reset ends both directions, and nothing follows", () => {
  assertEquals(told([["down", "reset"], ["up", "a"], ["up", "fin"]]), [
    ...HANDSHAKE,
    "<- rst+ack seq 1 ack 1 len 0",
  ]);
});

Deno.test("times rise from packet to packet, by a microsecond at least", () => {
  const times = packetsOf([["up", "a"], ["down", "b"]])
    .map(({ time }) => time - BEGIN * 1_000);
  assertEquals(times, [0, 1, 2, 1_000, 1_001, 2_000, 2_001]);
});

Deno.test("on loopback a segment is as long as it can be", () => {
  const lengths: number[] = [];
  const writer = new StreamWriter((_time, packet) =>
    lengths.push(packet.length)
  );
  const connection = {
    id: 1,
    client: { address: "127.0.0.1", port: 50_001 },
    server: { address: "127.0.0.2", port: 5_555 },
    time: BEGIN,
  };
  writer.open(connection);
  writer.data(connection, "up", new Uint8Array(65_536), BEGIN);
  assertEquals(lengths, [48, 48, 40, 65_535, 40, 81, 40]);
});
