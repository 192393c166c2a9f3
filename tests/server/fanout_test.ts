import { assertEquals, assertStrictEquals } from "@std/assert";
import { fanOut, written } from "../../lib/server/fanout.ts";
import {
  CHATPROTO1_EVENTS,
  type EventEncoding,
  JSON_EVENTS,
  type ServerEvent,
} from "../../lib/wire/mod.ts";

/** A member that keeps what is written to it. */
class Member {
  readonly written: Uint8Array[] = [];
  readonly selected: (number | undefined)[] = [];
  readonly peer: {
    encoding: EventEncoding;
    write(bytes: Uint8Array): void;
    select(room: number | undefined): void;
    reply(events: readonly ServerEvent[]): void;
  };

  constructor(encoding: EventEncoding) {
    this.peer = {
      encoding,
      write: (bytes) => this.written.push(bytes),
      select: (room) => this.selected.push(room),
      reply: (events) =>
        this.written.push(written((writer) => {
          for (const event of events) encoding.write(writer, event);
        })),
    };
  }

  get text(): string {
    return this.written.map((bytes) => new TextDecoder().decode(bytes)).join(
      "",
    );
  }
}

const said = (sender: string, text: string): ServerEvent => ({
  type: "room_msg",
  room: "r",
  sender,
  text,
});
const line = (sender: string, text: string) =>
  `{"type":"room_msg","room":"r","sender":"${sender}","text":"${text}"}\n`;
const ack = (id: number): ServerEvent => ({ type: "room_msg_ack", id });

Deno.test("a batch is encoded once per encoding and every reader gets the same buffer", () => {
  const readers = Array.from({ length: 50 }, () => new Member(JSON_EVENTS[2]));
  const binary = [new Member(CHATPROTO1_EVENTS), new Member(CHATPROTO1_EVENTS)];
  const counted = { json: 0, binary: 0 };
  const counting = (encoding: EventEncoding, name: "json" | "binary") => ({
    ...encoding,
    write: (...args: Parameters<EventEncoding["write"]>) => {
      counted[name]++;
      encoding.write(...args);
    },
  });
  const json = counting(JSON_EVENTS[2], "json");
  const chatp = counting(CHATPROTO1_EVENTS, "binary");
  for (const { peer } of readers) peer.encoding = json;
  for (const { peer } of binary) peer.encoding = chatp;
  const members = [...readers, ...binary];
  const encodings = fanOut(members as never, [
    { event: said("a", "1") },
    { event: said("b", "2") },
  ]);
  assertEquals([encodings, counted], [2, { json: 2, binary: 2 }]);
  for (const reader of readers) {
    assertEquals(reader.text, line("a", "1") + line("b", "2"));
    assertStrictEquals(reader.written[0], readers[0]?.written[0]);
  }
  assertStrictEquals(binary[0]?.written[0], binary[1]?.written[0]);
});

Deno.test("an author gets the shared buffer with its own pieces replaced by its receipts", () => {
  const [alice, bob, carol] = [
    new Member(JSON_EVENTS[1]),
    new Member(JSON_EVENTS[1]),
    new Member(JSON_EVENTS[1]),
  ];
  fanOut([alice, bob, carol] as never, [
    { event: said("b", "1"), author: bob, receipt: ack(1) },
    { event: said("a", "2"), author: alice, receipt: ack(2) },
    { event: said("a", "3"), author: alice, receipt: ack(3) },
    { event: said("c", "4"), author: carol },
  ] as never);
  const acked = (id: number) => `{"type":"room_msg_ack","id":${id}}\n`;
  assertEquals(
    alice?.text,
    line("b", "1") + acked(2) + acked(3) + line("c", "4"),
  );
  // Those in a row are one buffer.
  assertEquals(alice?.written.length, 3);
  assertEquals(
    bob?.text,
    acked(1) + line("a", "2") + line("a", "3") + line("c", "4"),
  );
  assertEquals(carol?.text, line("b", "1") + line("a", "2") + line("a", "3"));
});

Deno.test("nothing is encoded for all when only the author is there", () => {
  const alone = new Member(JSON_EVENTS[1]);
  const encodings = fanOut([alone] as never, [
    { event: said("a", "1"), author: alone, receipt: ack(1) },
  ] as never);
  assertEquals([encodings, alone.text], [
    0,
    '{"type":"room_msg_ack","id":1}\n',
  ]);
});

Deno.test("every reader is told the room of a stream's events before them", () => {
  const [author, other] = [
    new Member(JSON_EVENTS[1]),
    new Member(JSON_EVENTS[1]),
  ];
  const place = { id: 7, room: 12, sequence: 3, time: 0, pause: 0 };
  const event: ServerEvent = {
    type: "room_msg",
    room: "r",
    sender: "a",
    text: "1",
    place,
  };
  const receipt: ServerEvent = { type: "room_msg_ack", id: 7, place };
  fanOut([author, other] as never, [{ event, author, receipt }] as never);
  fanOut([other] as never, [{ event: said("a", "no stream") }]);
  assertEquals([author?.selected, other?.selected], [[12], [12, undefined]]);
});

Deno.test("every reader is told the room also when a batch begins with what had been said before", () => {
  const [author, other] = [
    new Member(JSON_EVENTS[1]),
    new Member(JSON_EVENTS[1]),
  ];
  const before = { id: 6, room: 12, sequence: 2, time: 0 };
  const repeated: ServerEvent = {
    type: "room_msg_ack",
    id: 6,
    place: before,
    repeated: true,
  };
  const place = { id: 7, room: 12, sequence: 3, time: 0, pause: 0 };
  const event: ServerEvent = {
    type: "room_msg",
    room: "r",
    sender: "b",
    text: "1",
    place,
  };
  fanOut([author, other] as never, [
    { author, receipt: repeated },
    { event, author: other },
  ] as never);
  assertEquals([author?.selected, other?.selected], [[12], [12]]);
});

Deno.test("at a turn's end readers are written to at once, who can be; authors are not", () => {
  const sent: string[] = [];
  const member = (name: string, atOnce: boolean) => {
    const write = (way: string) => (bytes: Uint8Array) =>
      void sent.push(`${name} ${way} ${new TextDecoder().decode(bytes)}`);
    return {
      peer: {
        encoding: JSON_EVENTS[2],
        write: write("queued"),
        select: () => {},
        reply: () => sent.push(`${name} replied`),
        ...atOnce && { writeNow: write("now") },
      },
    };
  };
  const [author, reader, other] = [
    member("author", true),
    member("reader", true),
    member("other", false),
  ];
  const message = { event: said("a", "hi"), author, receipt: ack(1) };
  fanOut([author, reader, other] as never, [message] as never, true);
  assertEquals(sent, [
    "author replied",
    `reader now ${line("a", "hi")}`,
    `other queued ${line("a", "hi")}`,
  ]);
  sent.length = 0;
  fanOut([reader] as never, [message] as never);
  assertEquals(sent, [`reader queued ${line("a", "hi")}`]);
});
