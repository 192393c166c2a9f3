/**
 * What a ChatProto 2 connection does over time: its preface, what each end
 * remembers, what it makes of mistakes.
 */
import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import {
  ByteWriter,
  ChatProto2ClientCodec,
  ChatProto2ServerCodec,
  LocalProtocolError,
  OtherVersionError,
  RemoteProtocolError,
} from "../../lib/wire/mod.ts";
import { LOGGED_IN, LOL_CODE, Pair, type Step } from "./chatproto2_pair.ts";
import { golden, joined } from "./golden.ts";
import { drain, readAll } from "./wires.ts";

const plain = { textCode: false } as const;
const coded = { textCode: LOL_CODE } as const;

const loggedIn = (...steps: Step[]): Pair => {
  const pair = new Pair();
  pair.run([...LOGGED_IN, ...steps]);
  return pair;
};

/** A message from a person with this handle. */
const message = (sender: number, sequence: number) => ({
  type: "room_msg" as const,
  room: "general",
  sender: "somebody",
  text: `${sequence}`,
  place: {
    id: 0,
    room: 2,
    sequence,
    time: 1_800_000_000_000,
    sender,
    pause: 0,
  },
});

// ---- preface

Deno.test("the client begins with its preface, whatever it says first", () => {
  const hello = "435002000000000000";
  const asked = new ChatProto2ClientCodec(plain);
  assertEquals(
    asked.encode({ type: "list_rooms" }).toHex(),
    `${hello}01c0`,
  );
  assertStrictEquals(asked.output(), undefined);
  assertEquals(asked.encode({ type: "list_rooms" }).toHex(), "02c801");
  const alive = new ChatProto2ClientCodec(plain);
  assertEquals(alive.keepalive().toHex(), `${hello}00`);
  assertEquals(alive.keepalive().toHex(), "00");
  const quiet = new ChatProto2ClientCodec();
  assertEquals(quiet.output()?.toHex(), "435002000100000000");
});

for (
  const [offered, had, used] of [
    [coded, coded, 1],
    [coded, plain, 0],
    [plain, coded, 0],
    [plain, plain, 0],
  ] as const
) {
  const name = `${offered === coded} and ${had === coded}`;
  Deno.test(`the text code is in use if both ends have it: ${name}`, () => {
    const client = new ChatProto2ClientCodec(offered);
    const server = new ChatProto2ServerCodec(had);
    const say = { type: "room_msg", text: "lollol" } as const;
    // Before the answer nothing is coded.
    server.receive(client.encode(say));
    assertEquals(drain(server), [say]);
    const answer = server.output();
    assertEquals(answer?.toHex(), `435002000${used}00000000`);
    client.receive(answer ?? new Uint8Array());
    assertEquals(drain(client), []);
    const bytes = client.encode(say);
    assertEquals(bytes.toHex(), used === 1 ? "03190102" : "0818016c6f6c6c6f6c");
    server.receive(bytes);
    assertEquals(drain(server), [say]);
  });
}

Deno.test("texts are coded wherever they are, and read again", () => {
  const pair = new Pair(coded);
  pair.run(LOGGED_IN);
  const live = { ...message(3, 17), text: "lollol" };
  assertEquals(pair.bytes({ tell: live }).toHex(), "0230020311" + "0302");
  const { pause: _, ...place } = { ...live.place, id: 5 };
  const past: Step = { tell: { ...live, place, history: true } };
  assert(pair.bytes(past).toHex().endsWith("02"));
  const page: Step = {
    reply: {
      type: "history",
      room: "general",
      messages: [{ ...live, place }],
      more: false,
    },
  };
  const read = pair.run([past, { ask: { type: "history", room: 2 } }, page]);
  assertEquals(
    read.flatMap((each) =>
      "text" in each
        ? [each.text]
        : "messages" in each
        ? each.messages.map(({ text }) => text)
        : []
    ),
    ["lollol", "lollol"],
  );
});

Deno.test("before the preface nothing is said", () => {
  const server = new ChatProto2ServerCodec(plain);
  const writer = new ByteWriter();
  server.receive(golden("43 50 02 00 00"));
  assertEquals(drain(server), []);
  server.encoding.write(writer, { type: "error_msg", code: 401, text: "late" });
  assertStrictEquals(writer.length, 0);
  assertStrictEquals(server.output(), undefined);
});

Deno.test("a bad preface is answered by one, and by the cause", () => {
  for (
    const bytes of [
      "43 50 02 01 00 00000000",
      "43 50 02 00 00 00000001",
      "43 51",
      "43 50 03",
    ]
  ) {
    const server = new ChatProto2ServerCodec();
    assertEquals(readAll(server, golden(bytes)), [{ error: 400, fatal: true }]);
    assertEquals(server.output()?.toHex(), "435002000000000000");
    const writer = new ByteWriter();
    server.reply(writer, { type: "error_msg", code: 400, text: "no" });
    assertEquals(writer.take().toHex(), "06d09003026e6f");
  }
});

Deno.test("a server of ChatProto 1.0 is known by the third byte", () => {
  for (
    const [bytes, version] of [["43 50 01", 1], ["43 50 07 0b", 7]] as const
  ) {
    const client = new ChatProto2ClientCodec();
    client.encode({ type: "login", username: "alice" });
    client.receive(golden(bytes));
    const error = assertThrows(() => client.next(), OtherVersionError);
    assertInstanceOf(error, RemoteProtocolError);
    assertStrictEquals(error.version, version);
    assert(error.fatal);
    assertStrictEquals(client.pending, 0);
  }
});

Deno.test("all who have the same features share one encoding", () => {
  const encoding = (pair: Pair) => pair.server.encoding;
  assertStrictEquals(encoding(new Pair()), encoding(new Pair()));
  assertStrictEquals(encoding(new Pair(coded)), encoding(new Pair(coded)));
  assertStrictEquals(encoding(new Pair(coded, plain)), encoding(new Pair()));
  assert(encoding(new Pair(coded)) !== encoding(new Pair()));
});

// ---- keepalive

Deno.test("a keepalive is answered by one, and several at once by one", () => {
  const pair = new Pair();
  assert(!pair.server.keepsAlive);
  pair.server.receive(pair.client.keepalive());
  assertEquals(drain(pair.server), []);
  assert(pair.server.keepsAlive);
  assertEquals(pair.server.output(), new Uint8Array(1));
  assertStrictEquals(pair.server.output(), undefined);
  pair.server.receive(new Uint8Array(1000));
  assertEquals(drain(pair.server), []);
  assertEquals(pair.server.output(), new Uint8Array(1));
  pair.client.receive(new Uint8Array(1));
  assertEquals(drain(pair.client), []);
  assertStrictEquals(pair.client.keepalives, 1);
});

// ---- requests

Deno.test("a mistake in a request is refused under its number, in its turn", () => {
  const { server } = new Pair();
  const read = readAll(
    server,
    golden(`
      05 78 07 01 "a" 09         # PASSWORD 7 that ends in a field
      04 18 08 "hi"              # SAY 8
      03 88 09 05                # JOIN 9 that ends in a field
      04 18 0a ff fe             # SAY 10, no UTF-8
      04 19 0b "hi"              # SAY 11, coded
      02 c3                      # a LIST of nothing that there is
      00
    `),
  );
  assertEquals(read, [
    { error: 400, fatal: false },
    { type: "room_msg", text: "hi" },
    { error: 400, fatal: false },
    { error: 400, fatal: false },
    { error: 400, fatal: false },
    { error: 400, fatal: false },
  ]);
  const error = { type: "error_msg", code: 400, text: "Malformed: x" } as const;
  const numbers = [7, 8, 9, 10, 11].map((number) => {
    const writer = new ByteWriter();
    server.reply(writer, error);
    const bytes = writer.take();
    assertEquals(
      bytes.toHex(),
      golden(`06 98 0${number.toString(16)} 9003 01 "x"`).toHex(),
    );
    return bytes[2];
  });
  assertEquals(numbers, [7, 8, 9, 10, 11]);
  const writer = new ByteWriter();
  server.reply(writer, error);
  assertEquals(writer.take().toHex(), golden(`05 90 9003 01 "x"`).toHex());
});

for (
  const [what, bytes] of [
    ["a request number that is cut off", "02 18 80"],
    ["a request number beyond 2^53", "0a 18 ffffffffffffff10 00"],
    ["a RECEIPT of no room", "01 20"],
    ["a RECEIPT that is cut off", "02 24 05"],
    ["an extended kind that is cut off", "01 f0"],
    ["a length of nine bytes", "80 80 80 80 80 80 80 80 01"],
  ]
) {
  Deno.test(`the server closes after ${what}: nobody could be answered`, () => {
    const { server } = new Pair();
    assertEquals(readAll(server, golden(`${bytes} 00 00`)), [
      { error: 400, fatal: true },
    ]);
    assertStrictEquals(server.pending, 0);
    const writer = new ByteWriter();
    server.reply(writer, {
      type: "error_msg",
      code: 400,
      text: "Malformed: x",
    });
    assertEquals(writer.take().toHex(), golden(`05 d0 9003 01 "x"`).toHex());
  });
}

Deno.test("a frame over the limit is refused before any of it is held", () => {
  for (const end of [new Pair().server, new Pair().client]) {
    // 65,537
    assertEquals(readAll(end, golden("81 80 04")), [
      { error: 413, fatal: true },
    ]);
    assertStrictEquals(end.pending, 0);
  }
  const { server } = new Pair();
  const most = joined(golden("80 80 04 b0 00"), new Uint8Array(65_534));
  assertEquals(readAll(server, most.subarray(0, -1)), []);
  assertStrictEquals(server.pending, 65_538);
  assertEquals(readAll(server, most.subarray(-1)), [{
    type: "invite",
    room: 0,
    user: "",
  }]);
});

Deno.test("unknown kinds and fields behind the last are skipped", () => {
  const { server, client } = loggedIn();
  assertEquals(
    readAll(server, golden(`03 00 01 02  02 f0 7f  07 90 05 "later"`)),
    [{ type: "leave_room", room: 5 }],
  );
  assertEquals(
    readAll(client, golden(`03 00 01 02  02 f0 7f  06 40 02 10 05 "ab"`)),
    [{ type: "position", room: 2, sequence: 16, time: 5 }],
  );
});

Deno.test("numbers may have more bytes than they need, up to eight", () => {
  const { server } = new Pair();
  assertEquals(
    readAll(server, golden("89 80 00 90 85 80 80 80 80 80 80 00")),
    [{ type: "leave_room", room: 5 }],
  );
  assertEquals(readAll(server, golden("09 90 ffffffffffffff0f")), [
    { type: "leave_room", room: Number.MAX_SAFE_INTEGER },
  ]);
});

Deno.test("refs count every message of a session that is kept, bad ones too", () => {
  const { server } = new Pair();
  const say = golden(`03 10 "hi"`);
  const refs = (...bytes: Uint8Array[]) =>
    readAll(server, ...bytes).map((each) => "ref" in each ? each.ref : each);
  assertEquals(refs(say), [{ type: "room_msg", text: "hi" }]);
  server.receive(golden(`04 42 02 "al"`));
  assertEquals(server.next()?.type, "login");
  assertEquals(
    refs(say, golden("03 10 ff ff"), golden(`04 30 01 "b" "x"`), say),
    [0, { error: 400, fatal: false }, 2, 3],
  );
  // It will be refused, as somebody is about to be logged in.
  server.receive(golden(`04 42 02 "al" 06 50 01 "t" b0 01 00`));
  assertEquals(refs(new Uint8Array()).length, 2);
  assertEquals(refs(say), [4]);
});

Deno.test("a login that is refused leaves the door open for the next", () => {
  const { server } = new Pair();
  server.receive(golden(`05 63 01 "a" 01 "b"`));
  assertEquals(server.next()?.type, "register");
  const writer = new ByteWriter();
  server.reply(writer, { type: "error_msg", code: 409, text: "Name taken: a" });
  assertEquals(
    readAll(server, golden(`05 50 01 "t" ac 02`), golden(`03 10 "hi"`)).slice(
      1,
    ),
    [{ type: "room_msg", text: "hi", ref: 300 }],
  );
});

Deno.test("behind the last ref that is a number messages are refused, and nothing else", () => {
  const { server } = new Pair();
  // RESUME with 2^53 - 2 as its ref.
  const [, last, none, again, list] = readAll(
    server,
    golden(`0b 50 01 "t" fe ff ff ff ff ff ff 0f`),
    golden(`03 10 "hi"`),
    golden(`03 10 "ho"`),
    golden(`04 30 01 "b" "x"`),
    golden(`01 c0`),
  );
  assertEquals(last, { type: "room_msg", text: "hi", ref: 2 ** 53 - 2 });
  assertEquals(none, { type: "room_msg", text: "ho", ref: 2 ** 53 - 1 });
  assertEquals(again, { error: 400, fatal: false });
  assertEquals(list, { type: "list_rooms" });
});

Deno.test("the client lets no message have another ref than its turn's", () => {
  const client = new ChatProto2ClientCodec(plain);
  const say = (ref?: number) =>
    client.encode({
      type: "room_msg",
      text: "x",
      ...ref !== undefined && { ref },
    });
  assertThrows(() => say(0), LocalProtocolError);
  client.encode({ type: "login", username: "a", keep: true });
  say(0);
  assertThrows(() => say(0), LocalProtocolError);
  assertThrows(() => say(2), LocalProtocolError);
  say();
  client.encode({ type: "private_msg", recipient: "b", text: "x", ref: 2 });
  const resumed = new ChatProto2ClientCodec(plain);
  resumed.encode({ type: "resume", token: "t", positions: [], ref: 7 });
  resumed.encode({ type: "room_msg", text: "x", ref: 7 });
});

Deno.test("a request that can't be written counts for nothing", () => {
  const pair = loggedIn();
  const { client } = pair;
  const bad = { type: "leave_room", room: -1 } as const;
  assertThrows(() => client.encode(bad), LocalProtocolError);
  assertThrows(
    () => client.encode({ type: "room_msg", room: "nowhere", text: "x" }),
    LocalProtocolError,
  );
  assertThrows(
    () => client.encode({ type: "room_msg", text: "x".repeat(70_000), ref: 0 }),
    LocalProtocolError,
  );
  assertEquals(
    client.encode({ type: "room_msg", text: "x", ref: 0 }).toHex(),
    "021078",
  );
});

Deno.test("what answers nothing can't be written as a reply", () => {
  const { server } = new Pair();
  const writer = new ByteWriter();
  const room = "x";
  assertThrows(
    () => server.reply(writer, { type: "join_room", room }),
    LocalProtocolError,
  );
  assertThrows(
    () => server.encoding.write(writer, { type: "join_room", room }),
    LocalProtocolError,
  );
  server.receive(golden("01 c0"));
  server.next();
  for (
    const event of [
      { type: "room_msg_ack", id: 5 },
      { type: "presence", room, user: "a", here: true },
    ] as const
  ) assertThrows(() => server.reply(writer, event), LocalProtocolError);
  assertStrictEquals(writer.length, 0);
  server.reply(writer, { type: "list_rooms", rooms: [] });
  assertEquals(writer.take().toHex(), "0180");
});

// ---- lists

Deno.test("a list that is too long for its reply is cut, one that is news is not", () => {
  const pair = loggedIn({ ask: { type: "list_rooms" } });
  const rooms = Array.from(
    { length: 3000 },
    (_, index) => `${index}`.padEnd(30),
  );
  const [cut] = pair.run([{ reply: { type: "list_rooms", rooms } }]);
  assert(cut?.type === "list_rooms" && "rooms" in cut);
  assertEquals(cut.rooms, rooms.slice(0, Math.floor(65_535 / 31)));
  const states = rooms.map((name, index) => ({
    room: 10 + index,
    kind: "public" as const,
    name,
    last: 0,
    received: 0,
    read: 0,
    receivedByAll: 0,
  }));
  const told = pair.run([{ tell: { type: "rooms", rooms: states } }]);
  assertEquals(told.length, 2);
  assertEquals(
    told.flatMap((each) => each.type === "rooms" ? each.rooms : []),
    states,
  );
});

for (
  const [order, asked] of [
    ["newest", { type: "history", room: 2 }],
    ["oldest", { type: "history", room: 2, after: 1 }],
  ] as const
) {
  Deno.test(`of a page that is too long the ${order} come`, () => {
    const pair = loggedIn({ ask: asked });
    const messages = Array.from({ length: 90 }, (_, index) => ({
      type: "room_msg" as const,
      room: "general",
      sender: "bob",
      text: "x".repeat(800),
      place: { id: index + 1, room: 2, sequence: index + 1, time: 1 },
    }));
    const [page] = pair.run([{
      reply: { type: "history", room: "general", messages, more: false },
    }]);
    assert(page?.type === "history" && "messages" in page);
    assert(page.more);
    const { length } = page.messages;
    assert(length > 60);
    assertEquals(
      page.messages,
      order === "newest" ? messages.slice(-length) : messages.slice(0, length),
    );
  });
}

// ---- streams

Deno.test("a position that is not the count is a loss, and fatal", () => {
  const pair = loggedIn({ tell: message(3, 17) });
  const position = {
    type: "position",
    room: 2,
    sequence: 17,
    time: 5,
  } as const;
  assertEquals(pair.run([{ tell: position }]), [position]);
  const step = { tell: { ...position, sequence: 19 } };
  pair.client.receive(pair.bytes(step));
  const error = assertThrows(() => pair.client.next(), RemoteProtocolError);
  assert(error.fatal);
  assertEquals(
    error.detail,
    "messages of room 2 were lost: the server is at 19, what came here ends at 17",
  );
  assertEquals(readAll(pair.client, golden("00")), []);
});

for (
  const [what, before] of [
    ["it was left", [
      { ask: { type: "leave_room", room: 2 } },
      { reply: { type: "leave_room", room: "general" } },
    ]],
    ["another client left it", [
      { tell: { type: "moved", left: "general", room: "general" } },
    ]],
    ["it is told anew", [LOGGED_IN[2]]],
  ] as const satisfies [string, (Step | undefined)[]][]
) {
  Deno.test(`a room's count begins anew when ${what}`, () => {
    const pair = loggedIn(...before as Step[]);
    const late = message(3, 17);
    pair.client.receive(pair.bytes({ tell: late }));
    assertThrows(() => pair.client.next(), RemoteProtocolError);
    const other = loggedIn(...before as Step[]);
    const position = {
      type: "position",
      room: 2,
      sequence: 99,
      time: 5,
    } as const;
    other.run([{ tell: position }]);
    const [next] = other.run([{ tell: message(3, 100) }]);
    assert(next?.type === "room_msg" && "place" in next);
    assertEquals(next.place?.sequence, 100);
    assertEquals(next.place?.time, 5000);
  });
}

Deno.test("a message whose text can't be read still counts", () => {
  const pair = loggedIn({ tell: message(3, 17) });
  const bad = golden("03 10 03 ff");
  assertEquals(readAll(pair.client, bad), [{ error: 400, fatal: false }]);
  const position = {
    type: "position",
    room: 2,
    sequence: 18,
    time: 5,
  } as const;
  assertEquals(pair.run([{ tell: position }]), [position]);
});

Deno.test("a mistake that loses the count of a stream is fatal, others are not", () => {
  for (const bytes of ["02 14 03", "01 30", "02 40 02", "03 b0 07 00"]) {
    assertEquals(readAll(loggedIn().client, golden(bytes)), [
      { error: 400, fatal: true },
    ], bytes);
  }
  for (const bytes of ["03 c0 05 61", "02 70 07", "03 a0 02 01", "02 60 04"]) {
    assertEquals(readAll(loggedIn().client, golden(bytes)), [
      { error: 400, fatal: false },
    ], bytes);
  }
});

Deno.test("an answer to another request than the oldest is fatal", () => {
  for (const bytes of ["01 20", "04 98 01 9003 00", "01 80", "01 80 01"]) {
    const { client } = loggedIn(
      ...bytes.startsWith("01")
        ? []
        : [{ ask: { type: "list_rooms" } } as const],
    );
    assertEquals(readAll(client, golden(bytes)), [{ error: 400, fatal: true }]);
  }
  const asked = loggedIn({ ask: { type: "list_rooms" } });
  assertEquals(readAll(asked.client, golden("01 20")), [
    { error: 400, fatal: true },
  ]);
});

// ---- names

Deno.test("who is not known is asked for, and everything waits in its order", () => {
  const pair = loggedIn();
  const note = { type: "system_msg", text: "note" } as const;
  assertEquals(
    pair.run([
      { tell: message(3, 17) },
      { tell: message(44, 18) },
      { tell: note },
      { tell: message(45, 19) },
      { tell: message(44, 20) },
    ]).map((each) => "sender" in each && each.sender),
    ["bob"],
  );
  const question = pair.client.output();
  assertEquals(question?.toHex(), "04f0002c2d");
  assertStrictEquals(pair.client.output(), undefined);
  pair.server.receive(question ?? new Uint8Array());
  assertEquals(drain(pair.server), [{ type: "names", handles: [44, 45] }]);
  const told = pair.run([{
    reply: {
      type: "names",
      names: [{ handle: 44, kind: "user", name: "eve" }],
    },
  }]);
  assertEquals(
    told.map((each) => "sender" in each ? each.sender : each),
    ["eve", note, "#45", "eve"],
  );
});

Deno.test("without an answer people go by their numbers", () => {
  const senders = (pair: Pair) =>
    drain(pair.client).map((each) => "sender" in each ? each.sender : each);
  const refused = loggedIn({ tell: message(44, 17) });
  refused.server.receive(refused.client.output() ?? new Uint8Array());
  drain(refused.server);
  const no = { type: "error_msg", code: 429, text: "Too fast: no" } as const;
  refused.client.receive(refused.bytes({ reply: no }));
  assertEquals(senders(refused), ["#44"]);
  const ended = loggedIn({ tell: message(44, 17) });
  assertEquals(senders(ended), []);
  ended.client.giveUp();
  assertEquals(senders(ended), ["#44"]);
  const closed = loggedIn({ tell: message(44, 17) });
  const error = { type: "error_msg", code: 503, text: "x" } as const;
  closed.client.receive(closed.bytes({ tell: error }));
  assertEquals(senders(closed)[0], "#44");
  const broken = loggedIn({ tell: message(44, 17) });
  broken.client.receive(golden("ff ff ff 00"));
  assertEquals(senders(broken), ["#44", { error: 413, fatal: true }]);
});

Deno.test("a server that never says a name is not waited for forever", () => {
  const pair = loggedIn({ tell: message(44, 17) });
  const many = joined(
    ...Array.from({ length: 1000 }, () => golden(`03 10 03 "x"`)),
  );
  let told = 0;
  let rounds = 0;
  for (; told === 0 && rounds < 50; rounds++) {
    pair.client.receive(many.slice());
    told += drain(pair.client).length;
  }
  assertStrictEquals(told, 1 + rounds * 1000);
  assert(rounds < 30);
});
