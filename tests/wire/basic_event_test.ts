import { assertEquals, assertThrows } from "@std/assert";
import {
  ByteWriter,
  LocalProtocolError,
  type ServerEvent,
} from "../../lib/wire/mod.ts";
import { golden, lineBytes } from "./golden.ts";
import { WIRES } from "./wires.ts";

/** What ChatProto 1.0 and JSON make a system message of. */
const TOLD: readonly {
  readonly event: ServerEvent;
  readonly chatp1: string;
  readonly json: string;
}[] = [
  {
    event: { type: "presence", room: "tea", user: "bob", here: true },
    chatp1: `4350 01 0a 00 00000010 000e "bob joined tea"`,
    json: `{"type":"system_msg","text":"bob joined tea"}`,
  },
  {
    event: { type: "presence", room: "tea", user: "bob", here: false },
    chatp1: `4350 01 0a 00 0000000e 000c "bob left tea"`,
    json: `{"type":"system_msg","text":"bob left tea"}`,
  },
  {
    event: { type: "crowd", room: "tea", joined: 37, left: 12, here: 1004 },
    chatp1: `4350 01 0a 00 00000029 0027 "37 joined tea, 12 left: 1,004"
      " are there"`,
    json:
      `{"type":"system_msg","text":"37 joined tea, 12 left: 1,004 are there"}`,
  },
  {
    event: { type: "crowd", room: "tea", joined: 1000, left: 0, here: 1200 },
    chatp1: `4350 01 0a 00 00000023 0021 "1,000 joined tea: 1,200 are there"`,
    json: `{"type":"system_msg","text":"1,000 joined tea: 1,200 are there"}`,
  },
  {
    event: { type: "crowd", room: "tea", joined: 0, left: 5, here: 101 },
    chatp1: `4350 01 0a 00 0000001b 0019 "5 left tea: 101 are there"`,
    json: `{"type":"system_msg","text":"5 left tea: 101 are there"}`,
  },
  {
    event: { type: "crowd", room: "tea", joined: 0, left: 0, here: 101 },
    chatp1: `4350 01 0a 00 00000017 0015 "101 are there, in tea"`,
    json: `{"type":"system_msg","text":"101 are there, in tea"}`,
  },
  {
    event: { type: "invitation", room: "den", user: "bob" },
    chatp1: `4350 01 0a 00 00000049 0047 "bob made you a member of the group"
      " den: join it to read and write there"`,
    json:
      `{"type":"system_msg","text":"bob made you a member of the group den: ` +
      `join it to read and write there"}`,
  },
  {
    event: { type: "moved", left: "den", room: "general" },
    chatp1: `4350 01 0a 00 0000003e 003c "You left den with another client,"
      " this one is in general now"`,
    json: `{"type":"system_msg","text":"You left den with another client, ` +
      `this one is in general now"}`,
  },
];

/** What they say nothing of. */
const UNTOLD: readonly ServerEvent[] = [
  {
    type: "rooms",
    rooms: [{
      room: 1,
      kind: "public",
      name: "general",
      last: 1,
      received: 1,
      read: 1,
      receivedByAll: 1,
    }],
  },
  { type: "leave_room", room: "tea" },
  { type: "make_group", room: "den", users: ["bob"] },
  { type: "invite", room: "den", user: "bob" },
  {
    type: "list_members",
    room: "den",
    members: [{ user: 2, name: "bob", account: true, here: false }],
  },
  {
    type: "history",
    room: "den",
    messages: [{ type: "room_msg", room: "den", sender: "bob", text: "hi" }],
    more: false,
  },
  { type: "search", messages: [], more: false },
  { type: "names", names: [{ handle: 2, kind: "user", name: "bob" }] },
  { type: "register", username: "bob" },
  { type: "change_password" },
  { type: "received_by_all", room: 1, sequence: 1 },
];

for (const { id, events } of WIRES) {
  const written = (event: ServerEvent) => {
    const writer = new ByteWriter();
    // What stands before it stays as it is.
    writer.u8(0x78);
    events.write(writer, event);
    const bytes = writer.take();
    assertEquals(bytes[0], 0x78);
    return bytes.slice(1);
  };

  for (const { event, chatp1, json } of TOLD) {
    const what = "here" in event && !event.here ? "absence" : event.type;
    Deno.test(`${id} tells of a ${what} in a system message`, () => {
      const expected = id === "chatp1" ? golden(chatp1) : lineBytes(json);
      assertEquals(written(event), expected);
    });
  }

  Deno.test(`${id} has not a byte for what it can't tell`, () => {
    for (const event of UNTOLD) {
      assertEquals([event.type, written(event).length], [event.type, 0]);
    }
  });

  Deno.test(`${id} tells nothing of a message but what it always did`, () => {
    const place = { id: 7, room: 1, sequence: 3, time: 5, sender: 2 };
    const plain = { type: "room_msg_ack", id: 7 } as const;
    assertEquals(written({ ...plain, place }), written(plain));
    const login = {
      type: "login_ack",
      username: "bob",
      room: "general",
    } as const;
    assertEquals(
      written({ ...login, user: 2, token: "secret" }),
      written(login),
    );
  });

  Deno.test(`${id} does not know an event that does not exist`, () => {
    const event = { type: "toString" } as unknown as ServerEvent;
    assertThrows(() => written(event), LocalProtocolError);
  });
}
