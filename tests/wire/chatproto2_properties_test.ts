/**
 * What holds on ChatProto 2 for any bytes and for any conversation: any bytes
 * give messages or a RemoteProtocolError and nothing else, and are never held
 * beyond the limit; whatever was said is read as it was said, however its bytes
 * are cut.
 */
import fc from "fast-check";
import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import {
  type ChatProto2ClientCodec,
  type ChatProto2ServerCodec,
  isNotice,
  LocalProtocolError,
  PREFACE_BYTES,
  type Request,
  type ServerEvent,
  WIRE_LIMITS,
} from "../../lib/wire/mod.ts";
import { cut, cuts, string } from "./arbitraries.ts";
import { CASES } from "./chatproto2_cases.ts";
import { LOGGED_IN, LOL_CODE, Pair, type Step } from "./chatproto2_pair.ts";
import { golden, joined } from "./golden.ts";
import { drain, type Mistake, readAll } from "./wires.ts";

type Codec = ChatProto2ServerCodec | ChatProto2ClientCodec;

/** A varint before a frame may have seven bytes more than it needs. */
const MOST_PENDING = Math.max(WIRE_LIMITS.bodyBytes + 8, PREFACE_BYTES);

/** Reads pieces and checks on the way what holds for any of them. */
function readChecked(codec: Codec, pieces: readonly Uint8Array[]): number {
  let dead = false;
  let count = 0;
  for (const piece of pieces) {
    codec.receive(piece);
    const found: (Request | ServerEvent | Mistake)[] = drain(codec);
    codec.output();
    assertLessOrEqual(codec.pending, MOST_PENDING);
    if (dead) assertEquals([found, codec.pending], [[], 0]);
    const fatal = found.findIndex((each) => "fatal" in each && each.fatal);
    if (fatal >= 0) {
      assertEquals(fatal, found.length - 1, "something came after it");
      dead = true;
    }
    count += found.length;
  }
  return count;
}

const number = fc.oneof(
  fc.nat(5),
  fc.nat(300),
  fc.constantFrom(0, 1, 16, 17, Number.MAX_SAFE_INTEGER),
);

function varint(value: number): number[] {
  const bytes = [];
  for (; value > 0x7f; value = Math.floor(value / 0x80)) {
    bytes.push(value % 0x80 + 0x80);
  }
  return [...bytes, value];
}

/** Bytes that look like a frame, so that the readers get deep into it. */
const frame = fc.record({
  kind: fc.nat(15),
  flags: fc.nat(15),
  fields: fc.array(
    fc.oneof(
      number.map(varint),
      fc.uint8Array({ maxLength: 6 }).map((each) => [...each]),
      string.map((each) => {
        const bytes = new TextEncoder().encode(each);
        return [...varint(bytes.length), ...bytes];
      }),
    ),
    { maxLength: 6 },
  ),
  lie: fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, fc.nat(3)),
}).map(({ kind, flags, fields, lie }) => {
  const body = [kind << 4 | flags, ...fields.flat()];
  return new Uint8Array([...varint(body.length + lie), ...body]);
});

const stream = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: frame },
    { weight: 3, arbitrary: fc.constantFrom(...CASES.map(whole)) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 12 }) },
  ),
  { maxLength: 30 },
);

function whole({ bytes }: { readonly bytes: string }): Uint8Array {
  return golden(bytes);
}

const ENDS = {
  "server before a login": () => new Pair().server,
  "server with the text code": () => new Pair({ textCode: LOL_CODE }).server,
  "client that asked everything": () => {
    const pair = new Pair({ textCode: LOL_CODE });
    pair.run(LOGGED_IN);
    for (const { step } of CASES) {
      if (!("ask" in step) || isNotice(step.ask)) continue;
      try {
        pair.client.encode(step.ask);
      } catch (error) {
        assert(error instanceof LocalProtocolError);
      }
    }
    return pair.client;
  },
  "client that asked nothing": () => {
    const pair = new Pair();
    pair.run(LOGGED_IN);
    return pair.client;
  },
} as const satisfies Record<string, () => Codec>;

for (const [end, codec] of Object.entries(ENDS)) {
  Deno.test(`any bytes give a ChatProto 2 ${end} messages or a RemoteProtocolError`, () => {
    fc.assert(
      fc.property(stream, cuts, (pieces, at) => {
        const bytes = joined(...pieces);
        const whole = readChecked(codec(), [bytes]);
        assertEquals(readChecked(codec(), cut(bytes, at)), whole);
      }),
      { numRuns: 1500 },
    );
  });
}

Deno.test("any first bytes give a ChatProto 2 end nothing or a RemoteProtocolError", () => {
  fc.assert(
    fc.property(
      fc.constantFrom("", "43", "4350", "435002", "43500200"),
      fc.uint8Array({ maxLength: 20 }),
      (start, rest) => {
        for (const side of ["server", "client"] as const) {
          const fresh = new Pair()[side].constructor as new () => Codec;
          readChecked(new fresh(), [joined(golden(start), rest)]);
        }
      },
    ),
  );
});

// ---- any request

const text = fc.oneof(
  string,
  fc.uint8Array({ maxLength: 60 }),
  fc.constantFrom("lol", "lollol"),
);
const whole53 = fc.oneof(number, fc.maxSafeNat());
const handle = whole53.map((value) => Math.max(1, value));
const is = <Type extends string>(type: Type) => fc.constant(type);

/** Any request but a receipt; without `ref`, which depends on those before. */
const request = fc.oneof(
  fc.record({
    type: is("login"),
    username: string,
    password: string,
    keep: fc.constant(true),
  }, { requiredKeys: ["type", "username"] }),
  fc.record({
    type: is("resume"),
    token: string,
    // So that none of those behind it is without one.
    ref: whole53.map((ref) => Math.min(ref, Number.MAX_SAFE_INTEGER - 20)),
    positions: fc.array(fc.record({ room: handle, sequence: whole53 })),
  }),
  fc.record({ type: is("register"), username: string, password: string }, {
    requiredKeys: ["type", "password"],
  }),
  fc.record({
    type: is("change_password"),
    password: string,
    newPassword: string,
  }),
  fc.record({ type: is("room_msg"), room: handle, text }, {
    requiredKeys: ["type", "text"],
  }),
  fc.record({ type: is("private_msg"), recipient: string, text }),
  fc.record({ type: is("join_room"), room: string }),
  fc.record({ type: is("leave_room"), room: handle }),
  fc.record({ type: is("make_group"), room: string, users: fc.array(string) }),
  fc.record({ type: is("invite"), room: handle, user: string }),
  fc.record({ type: is("set_topic"), room: handle, topic: string }, {
    requiredKeys: ["type", "topic"],
  }),
  fc.record({
    type: is("set_away"),
    // None is not the same as an empty one, which is no reason.
    text: string.filter((each) => each !== ""),
  }, { requiredKeys: ["type"] }),
  fc.record({ type: is("list_rooms") }),
  fc.record({ type: is("list_users"), room: handle }, {
    requiredKeys: ["type"],
  }),
  fc.record({ type: is("list_members"), room: handle }),
  fc.record({
    type: is("history"),
    room: handle,
    before: whole53,
    after: whole53,
    since: whole53,
    limit: handle,
  }, { requiredKeys: ["type", "room"] }),
  fc.record({
    type: is("search"),
    words: string,
    room: handle,
    before: whole53,
    limit: handle,
  }, { requiredKeys: ["type", "words"] }),
  fc.record({ type: is("names"), handles: fc.array(handle) }),
  fc.record({ type: is("logout") }),
  fc.record({ type: is("publish_key"), key: fc.uint8Array() }),
  fc.record({ type: is("find_key"), user: string }),
) as fc.Arbitrary<Request>;

Deno.test("any requests are read by a ChatProto 2 server as they were asked", () => {
  fc.assert(
    fc.property(fc.array(request, { maxLength: 20 }), cuts, (asked, at) => {
      const { client, server } = new Pair({ textCode: LOL_CODE });
      const bytes = joined(...asked.map((each) => client.encode(each)));
      const read = readAll(server, ...cut(bytes, at)).map((each) => {
        if (!("type" in each)) return each;
        if (each.type !== "room_msg" && each.type !== "private_msg") {
          return each;
        }
        const { ref: _, ...rest } = each as { ref?: number };
        return rest;
      });
      assertEquals(read, asked);
    }),
    { numRuns: 500 },
  );
});

Deno.test("any receipts are read by a ChatProto 2 server as they were stated", () => {
  const receipt = fc.record({
    room: fc.integer({ min: 1, max: 3 }),
    received: whole53,
    unread: fc.nat(3),
  });
  fc.assert(
    fc.property(fc.array(receipt, { maxLength: 20 }), (stated) => {
      const pair = new Pair();
      const seen = new Map<number, number>();
      for (const { room, received, unread } of stated) {
        // What was read once is not taken back.
        const read = Math.max(
          seen.get(room) ?? 0,
          Math.max(0, received - unread),
        );
        seen.set(room, read);
        const asked = { type: "receipt", room, received, read } as const;
        const shown = Math.min(read, received);
        assertEquals(pair.run([{ ask: asked }]), [{
          type: "receipt",
          room,
          received,
          ...shown > 0 && { read: shown },
        }]);
      }
    }),
    { numRuns: 500 },
  );
});

// ---- any event

const name = fc.constantFrom("a", "bob", "日本", "x y");
const place = fc.record({
  id: whole53,
  room: handle,
  sequence: whole53,
  time: whole53,
  sender: handle,
}, { requiredKeys: ["id", "room", "sequence", "time"] });
const said = fc.oneof(
  fc.record({ type: is("room_msg"), room: name, sender: name, text, place }),
  fc.record({
    type: is("private_msg_delivery"),
    sender: name,
    recipient: name,
    text,
    place,
  }),
);

/** Any question and an answer to it. */
const exchange = fc.oneof(
  fc.tuple(
    fc.constant({ type: "list_members", room: 2 }),
    fc.record({
      type: is("list_members"),
      room: string,
      members: fc.array(fc.record({
        user: handle,
        name,
        account: fc.boolean(),
        here: fc.boolean(),
        away: string,
      }, { requiredKeys: ["user", "name", "account", "here"] })),
    }),
  ),
  fc.tuple(
    fc.constant({ type: "history", room: 2 }),
    fc.record({
      type: is("history"),
      room: string,
      messages: fc.array(said),
      more: fc.boolean(),
    }),
  ),
  fc.tuple(
    fc.constant({ type: "search", words: "x" }),
    fc.record({
      type: is("search"),
      messages: fc.array(said),
      more: fc.boolean(),
    }),
  ),
  fc.tuple(
    fc.constant({ type: "change_password", password: "", newPassword: "" }),
    fc.record({ type: is("change_password"), token: string }, {
      requiredKeys: ["type"],
    }),
  ),
  fc.tuple(
    fc.constant({ type: "find_key", user: "bob" }),
    fc.record({
      type: is("find_key"),
      user: string,
      key: fc.uint8Array({ maxLength: 600 }),
    }),
  ),
  fc.tuple(
    fc.constant({ type: "list_rooms" }),
    fc.record({ type: is("list_rooms"), rooms: fc.array(string) }),
  ),
  fc.tuple(
    fc.constant({ type: "names", handles: [] }),
    fc.record({
      type: is("names"),
      names: fc.array(fc.record({
        handle,
        kind: fc.constantFrom("user", "public", "group", "direct"),
        name: string,
      })),
    }),
  ),
) as fc.Arbitrary<[Request, ServerEvent]>;

Deno.test("any answers are read by a ChatProto 2 client as they were given", () => {
  fc.assert(
    fc.property(fc.array(exchange, { maxLength: 12 }), cuts, (all, at) => {
      const pair = new Pair({ textCode: LOL_CODE });
      pair.run(all.map(([ask]): Step => ({ ask })));
      const bytes = joined(...all.map(([, reply]) => pair.bytes({ reply })));
      assertEquals(
        readAll(pair.client, ...cut(bytes, at)),
        all.map(([, reply]) => reply),
      );
    }),
    { numRuns: 500 },
  );
});
