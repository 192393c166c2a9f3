import { assertEquals } from "@std/assert";
import {
  JSON_EVENTS,
  jsonLine,
  type LineContext,
  plainLine,
  type SessionEvent,
} from "../../lib/client/mod.ts";

const CONTEXT: LineContext = {
  time: new Date("2026-11-21T02:30:00.123Z"),
  username: "alice",
  lineOf: (ref) => ref === 4 ? 11 : undefined,
};

const TIME = '"time":"2026-11-21T02:30:00.123Z"';

/** Each event, its line for people, and its line of JSON. */
const CASES: readonly (readonly [SessionEvent, string | undefined, string])[] =
  [
    [
      { type: "room_msg", room: "general", sender: "bob", text: "hi" },
      "[general] bob: hi",
      `{"type":"room_msg",${TIME},"room":"general","sender":"bob","text":"hi","history":false}`,
    ],
    [
      {
        type: "room_msg",
        room: "tea",
        sender: "bob",
        text: "a\nb\x1b[2J\u202e\u0085",
        history: true,
      },
      "(earlier) [tea] bob: a\\nb\\x1b[2J\\u202e\\x85",
      `{"type":"room_msg",${TIME},"room":"tea","sender":"bob",` +
      '"text":"a\\nb\\u001b[2J\\u202e\\u0085","history":true}',
    ],
    [
      {
        type: "room_msg",
        room: "tea",
        sender: "bob",
        text: Uint8Array.of(1, 2, 255),
      },
      "[tea] bob: [encrypted, 3 bytes]",
      `{"type":"room_msg",${TIME},"room":"tea","sender":"bob","history":false,"encrypted":true,"refused":"This is no secret message between two people"}`,
    ],
    [
      {
        type: "private_msg_delivery",
        sender: "bob",
        recipient: "alice",
        text: "psst",
      },
      "[private] bob: psst",
      `{"type":"private_msg",${TIME},"sender":"bob","recipient":"alice","text":"psst","history":false}`,
    ],
    [
      {
        type: "private_msg_delivery",
        sender: "alice",
        recipient: "bob",
        text: "from my other device",
      },
      "[private] alice -> bob: from my other device",
      `{"type":"private_msg",${TIME},"sender":"alice","recipient":"bob","text":"from my other device","history":false}`,
    ],
    [
      {
        type: "private_msg_delivery",
        sender: "bob",
        recipient: "alice",
        text: "at six",
        secret: { kind: "opened" },
      },
      "[secret] bob: at six",
      `{"type":"private_msg",${TIME},"sender":"bob","recipient":"alice","text":"at six","history":false,"encrypted":true}`,
    ],
    [
      {
        type: "private_msg_delivery",
        sender: "bob",
        recipient: "alice",
        text: Uint8Array.of(1, 2, 255),
        secret: { kind: "refused", why: "Was\x1bchanged" },
      },
      "[secret, not opened] bob: Was\\x1bchanged",
      `{"type":"private_msg",${TIME},"sender":"bob","recipient":"alice","history":false,"encrypted":true,"refused":"Was\\u001bchanged"}`,
    ],
    [
      {
        type: "private_msg_delivery",
        sender: "bob",
        recipient: "alice",
        text: "send me money",
        history: true,
        secret: { kind: "before" },
      },
      "(earlier) [private, not secret] bob: send me money",
      `{"type":"private_msg",${TIME},"sender":"bob","recipient":"alice","text":"send me money","history":true,"encrypted":false}`,
    ],
    [
      {
        type: "answered",
        ref: 4,
        answer: { type: "secret", user: "bob", on: true, fingerprint: "AA:BB" },
      },
      "* messages to bob are secret from now on; bob's key is AA:BB, " +
      "/verify bob compares it",
      `{"type":"secret",${TIME},"line":11,"user":"bob","on":true,"fingerprint":"AA:BB"}`,
    ],
    [
      {
        type: "answered",
        ref: 4,
        answer: { type: "secret", user: "bob", on: false },
      },
      "* messages to bob are NOT secret from now on",
      `{"type":"secret",${TIME},"line":11,"user":"bob","on":false}`,
    ],
    [
      {
        type: "answered",
        ref: 4,
        answer: { type: "trust", user: "bob", fingerprint: "AA:BB" },
      },
      "* you trust the key of bob from now on: AA:BB",
      `{"type":"trust",${TIME},"line":11,"user":"bob","fingerprint":"AA:BB"}`,
    ],
    [
      {
        type: "answered",
        ref: 4,
        answer: {
          type: "verify",
          user: "bob",
          number: "12345",
          accepted: false,
        },
      },
      "* safety number with bob and the NEW key, which is not accepted: 12345",
      `{"type":"verify",${TIME},"line":11,"user":"bob","number":"12345","accepted":false}`,
    ],
    [
      { type: "system_msg", text: "bob joined general" },
      "* bob joined general",
      `{"type":"system_msg",${TIME},"text":"bob joined general"}`,
    ],
    [
      {
        type: "answered",
        ref: 4,
        answer: {
          type: "list_users",
          room: "general",
          users: ["alice", "bob"],
        },
      },
      "* users in general: alice, bob",
      `{"type":"list_users",${TIME},"line":11,"room":"general","users":["alice","bob"]}`,
    ],
    [
      {
        type: "answered",
        ref: 4,
        answer: { type: "list_rooms", rooms: ["general"] },
      },
      "* rooms: general",
      `{"type":"list_rooms",${TIME},"line":11,"rooms":["general"]}`,
    ],
    [
      { type: "answered", ref: 4, answer: { type: "join_room", room: "tea" } },
      "* you are now in tea",
      `{"type":"join_room",${TIME},"line":11,"room":"tea"}`,
    ],
    [
      {
        type: "acknowledged",
        ref: 4,
        request: { type: "room_msg", text: "x" },
        id: 17,
      },
      undefined,
      `{"type":"ack",${TIME},"line":11,"request":"room_msg","id":17}`,
    ],
    [
      {
        type: "acknowledged",
        ref: 4,
        request: { type: "private_msg", recipient: "bob", text: "at six" },
        sealed: true,
      },
      undefined,
      `{"type":"ack",${TIME},"line":11,"request":"private_msg","encrypted":true}`,
    ],
    [
      {
        type: "room_msg",
        room: "tea",
        sender: "bob",
        text: "hi",
        history: true,
        place: { id: 7, room: 4, sequence: 3, time: 1000 },
      },
      "(earlier) [tea] bob: hi",
      `{"type":"room_msg",${TIME},"room":"tea","sender":"bob","text":"hi","history":true,` +
      '"id":7,"sequence":3,"sent":"1970-01-01T00:00:01.000Z"}',
    ],
    [
      {
        type: "acknowledged",
        ref: 4,
        request: { type: "room_msg", text: "x" },
        room: "tea",
        place: { id: 0, room: 4, sequence: 3, time: 1000 },
      },
      undefined,
      `{"type":"ack",${TIME},"line":11,"request":"room_msg","room":"tea","sequence":3,` +
      '"sent":"1970-01-01T00:00:01.000Z"}',
    ],
    [
      { type: "received_by_all", room: "tea", sequence: 3, refs: [4, 5] },
      undefined,
      `{"type":"received_by_all",${TIME},"room":"tea","sequence":3}`,
    ],
    [
      { type: "caught_up", room: "tea", last: 3 },
      undefined,
      `{"type":"caught_up",${TIME},"room":"tea","last":3}`,
    ],
    [
      {
        type: "presence",
        room: "tea",
        user: "bob",
        here: true,
        handles: { room: 4, user: 5 },
      },
      "* bob joined tea",
      `{"type":"presence",${TIME},"room":"tea","user":"bob","here":true}`,
    ],
    [
      {
        type: "crowd",
        room: "tea",
        joined: 37,
        left: 12,
        here: 1004,
        roomHandle: 4,
      },
      "* 37 joined tea, 12 left: 1,004 are there",
      `{"type":"crowd",${TIME},"room":"tea","joined":37,"left":12,"here":1004}`,
    ],
    [
      { type: "invitation", room: "club", user: "bob" },
      "* bob made you a member of the group club",
      `{"type":"invitation",${TIME},"room":"club","user":"bob"}`,
    ],
    [
      { type: "moved", left: "tea", room: "general" },
      "* you are not in tea any more, you are now in general",
      `{"type":"moved",${TIME},"left":"tea","room":"general"}`,
    ],
    [
      { type: "answered", ref: 4, answer: { type: "leave_room", room: "tea" } },
      "* you have left tea",
      `{"type":"leave_room",${TIME},"line":11,"room":"tea"}`,
    ],
    [
      {
        type: "answered",
        ref: 4,
        answer: { type: "make_group", room: "club", users: ["alice", "bob"] },
      },
      "* the group club has alice, bob",
      `{"type":"make_group",${TIME},"line":11,"room":"club","users":["alice","bob"]}`,
    ],
    [
      {
        type: "answered",
        ref: 4,
        answer: { type: "invite", room: "club", user: "bob" },
      },
      "* bob is in club now",
      `{"type":"invite",${TIME},"line":11,"room":"club","user":"bob"}`,
    ],
    [
      {
        type: "answered",
        ref: 4,
        answer: {
          type: "list_members",
          room: "club",
          members: [
            { user: 1, name: "alice", account: true, here: true },
            { user: 2, name: "bob", account: true, here: false },
            { user: 3, name: "eve", account: false, here: true },
            {
              user: 4,
              name: "dan",
              account: false,
              here: true,
              away: "\x1b[2Jtea",
            },
          ],
        },
      },
      "* members of club: alice, bob (offline), eve (guest), " +
      "dan (guest, away: \\x1b[2Jtea)",
      `{"type":"list_members",${TIME},"line":11,"room":"club","members":[` +
      '{"user":1,"name":"alice","account":true,"here":true},' +
      '{"user":2,"name":"bob","account":true,"here":false},' +
      '{"user":3,"name":"eve","account":false,"here":true},' +
      '{"user":4,"name":"dan","account":false,"here":true,"away":"\\u001b[2Jtea"}]}',
    ],
    [
      { type: "topic", room: "tea", user: "bob", topic: "cake\x1b[2J\u202e" },
      "* bob set the topic of tea: cake\\x1b[2J\\u202e",
      `{"type":"topic",${TIME},"room":"tea","user":"bob","topic":"cake\\u001b[2J\\u202e"}`,
    ],
    [
      { type: "topic", room: "tea", user: "bob", topic: "" },
      "* bob took the topic of tea away",
      `{"type":"topic",${TIME},"room":"tea","user":"bob","topic":""}`,
    ],
    [
      { type: "room_topic", room: "tea", topic: "cake\x07" },
      "* topic of tea: cake\\x07",
      `{"type":"topic",${TIME},"room":"tea","topic":"cake\\u0007"}`,
    ],
    [
      {
        type: "answered",
        ref: 4,
        answer: { type: "show_topic", room: "tea", topic: "" },
      },
      "* tea has no topic",
      `{"type":"topic",${TIME},"line":11,"room":"tea","topic":""}`,
    ],
    [
      {
        type: "answered",
        ref: 4,
        answer: { type: "set_topic", room: "tea", topic: "cake" },
      },
      "* you set the topic of tea: cake",
      `{"type":"set_topic",${TIME},"line":11,"room":"tea","topic":"cake"}`,
    ],
    [
      { type: "away", user: "bob", text: "lunch\x1b]0;" },
      "* bob is away: lunch\\x1b]0;",
      `{"type":"away",${TIME},"user":"bob","text":"lunch\\u001b]0;"}`,
    ],
    [
      { type: "away", user: "bob" },
      "* bob is back",
      `{"type":"away",${TIME},"user":"bob"}`,
    ],
    [
      { type: "answered", ref: 4, answer: { type: "set_away", text: "lunch" } },
      "* you are away: lunch",
      `{"type":"set_away",${TIME},"line":11,"text":"lunch"}`,
    ],
    [
      { type: "answered", ref: 4, answer: { type: "set_away" } },
      "* you are not away",
      `{"type":"set_away",${TIME},"line":11}`,
    ],
    [
      {
        type: "answered",
        ref: 4,
        answer: {
          type: "history",
          room: "tea",
          more: true,
          messages: [{
            type: "room_msg",
            room: "tea",
            sender: "bob",
            text: "\x1b[2J",
          }],
        },
      },
      "(earlier) [tea] bob: \\x1b[2J\n* 1 message, and more, in tea",
      `{"type":"history",${TIME},"line":11,"room":"tea","more":true,"messages":[` +
      '{"type":"room_msg","room":"tea","sender":"bob","text":"\\u001b[2J","history":true}]}',
    ],
    [
      {
        type: "answered",
        ref: 4,
        answer: { type: "search", messages: [], more: false },
      },
      "* no messages found",
      `{"type":"search",${TIME},"line":11,"messages":[],"more":false}`,
    ],
    [
      {
        type: "answered",
        ref: 4,
        answer: { type: "register", username: "alice" },
      },
      "* you have an account now: your name needs your password",
      `{"type":"register",${TIME},"line":11,"username":"alice"}`,
    ],
    [
      { type: "answered", ref: 4, answer: { type: "change_password" } },
      "* your password is changed, and your other clients are logged out",
      `{"type":"change_password",${TIME},"line":11}`,
    ],
    [
      {
        type: "refused",
        ref: 4,
        request: { type: "room_msg", text: "x" },
        text: "Too large: x",
        code: 413,
        hint: "Less",
      },
      undefined,
      `{"type":"error",${TIME},"line":11,"text":"Too large: x","code":413,"hint":"Less"}`,
    ],
    [
      {
        type: "unconfirmed",
        ref: 4,
        request: { type: "room_msg", text: "x" },
      },
      undefined,
      `{"type":"unconfirmed",${TIME},"line":11,"request":"room_msg"}`,
    ],
    [
      { type: "warned", text: "odd" },
      undefined,
      `{"type":"error",${TIME},"text":"odd"}`,
    ],
    [
      { type: "connected", username: "alice", room: "general", again: false },
      undefined,
      `{"type":"connected",${TIME},"username":"alice","room":"general","again":false}`,
    ],
    [
      { type: "lost", reason: "cut", attempt: 1, pause: 500, broke: true },
      undefined,
      `{"type":"lost",${TIME},"reason":"cut","attempt":1,"pause":500,"broke":true}`,
    ],
  ];

Deno.test("every event has its line for people, or none", () => {
  for (const [event, plain] of CASES) {
    assertEquals(plainLine(event, CONTEXT), plain);
  }
});

Deno.test("every event has its line of JSON", () => {
  for (const [event, , json] of CASES) {
    assertEquals(jsonLine(event, CONTEXT), json);
  }
});

Deno.test("the table of JSON events names every type and every field", () => {
  const found = new Set<string>();
  for (const [, , json] of CASES) {
    const { type, time: _, ...fields } = JSON.parse(json) as {
      type: keyof typeof JSON_EVENTS;
    } & Record<string, unknown>;
    found.add(type);
    const known = JSON_EVENTS[type].fields as readonly string[];
    for (const name of Object.keys(fields)) {
      assertEquals(
        known.includes(name) || known.includes(`${name}?`),
        true,
        `${type}.${name}`,
      );
    }
    for (const name of known) {
      assertEquals(name.endsWith("?") || name in fields, true, name);
    }
  }
  assertEquals(found, new Set(Object.keys(JSON_EVENTS)));
});
