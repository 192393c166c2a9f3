import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import {
  ByteWriter,
  CIPHERTEXT,
  KeptLogins,
  REQUEST_TYPES,
  type Said,
  UDPCHAT_EVENTS,
} from "../../../lib/wire/mod.ts";
import { datagram, LOBBY_STATE, PAIR_STATE, Scene } from "./server_scene.ts";

/** 2026-11-21T02:30:00.123Z. */
const TIME = 1_795_228_200_123;

const place = (sequence: number, room = 1) => ({
  id: 70 + sequence,
  room,
  sequence,
  time: TIME,
  pause: 0,
});

const said = (sequence: number, text: string, sender = "bob"): Said => ({
  type: "room_msg",
  room: "general",
  sender,
  text,
  place: place(sequence),
});

/** Each request: its body, what the hub is asked, its reply, the answer. */
const REQUESTS = [
  {
    body: '{"type": "USR_LST"}',
    request: { type: "list_people" },
    reply: { type: "list_people", users: ["alice", "bob"] },
    answer: '{"status":200,"error":null,"response":["alice","bob"]}',
  },
  {
    body: '{"type":"GRP_ADD","group":"cake","members":["bob"],' +
      '"username":"alice","ref":"0a1b","n":0}',
    request: {
      type: "make_group",
      room: "cake",
      users: ["bob"],
      idempotencyKey: "0a1b",
    },
    reply: { type: "make_group", room: "cake", users: ["alice", "bob"] },
    answer: '{"status":200,"error":null,"response":' +
      '{"group":"cake","Members":["alice","bob"]}}',
  },
  {
    body: '{"type": "GRP_ADD", "group": "cake", "username": "alice"}',
    request: { type: "make_group", room: "cake", users: [] },
    reply: {
      type: "error_msg",
      code: 409,
      text: "Name taken: the name cake is taken",
    },
    answer: '{"status":400,"error":"Name taken: the name cake is taken",' +
      '"response":null,"code":409}',
  },
  {
    body: '{"type": "GRP_SUB", "group": "tea", "username": "ALICE"}',
    request: { type: "join_room", room: "tea" },
    reply: { type: "join_room", room: "tea" },
    answer: '{"status":200,"error":null,"response":null}',
  },
  {
    body: '{"type":"GRP_SUB","group":"General Chat Room","username":"alice"}',
    request: { type: "join_room", room: "general" },
    reply: { type: "join_room", room: "general" },
    answer: '{"status":200,"error":null,"response":null}',
  },
  {
    body: '{"type": "GRP_HST", "username": "alice"}',
    request: { type: "list_own_rooms" },
    reply: {
      type: "list_own_rooms",
      rooms: [
        {
          ...LOBBY_STATE,
          last: 7,
          received: 6,
          receivedByAll: 5,
          created: TIME,
          users: ["alice", "bob"],
        },
        { ...PAIR_STATE, created: TIME, users: ["alice", "bob"] },
      ],
    },
    answer: '{"status":200,"error":null,"response":[' +
      '{"Name":"General Chat Room","Date_Created":"2026-11-21 02:30:00",' +
      '"Members":["alice","bob"],"kind":"public","sequence":7,"received":6,' +
      '"receivedByAll":5},' +
      '{"Name":"@bob","Date_Created":"2026-11-21 02:30:00",' +
      '"Members":["alice","bob"],"kind":"direct","sequence":0,"received":0,' +
      '"receivedByAll":0}]}',
  },
  {
    body: '{"type":"MSG_HST","group":"@bob","username":"alice",' +
      '"before":9,"limit":2}',
    request: { type: "history", room: "@bob", before: 9, limit: 2 },
    reply: {
      type: "history",
      room: "bob",
      messages: [
        {
          type: "private_msg_delivery",
          sender: "bob",
          recipient: "alice",
          text: "hé",
          place: { ...place(3, 2), sent: "2026-11-21T03:30:00" },
        },
        {
          type: "private_msg_delivery",
          sender: "alice",
          recipient: "bob",
          text: new Uint8Array([1, 2, 3]),
          place: place(4, 2),
        },
      ],
      more: true,
      receivedByAll: 3,
    },
    answer: '{"status":200,"error":null,"response":[' +
      '{"MessageID":73,"Username":"bob","Text":"hé",' +
      '"Date_Sent":"2026-11-21 02:30:00","Read_By_All":true,"sequence":3,' +
      '"time_sent":"2026-11-21T03:30:00"},' +
      `{"MessageID":74,"Username":"alice","Text":"${CIPHERTEXT}",` +
      '"Date_Sent":"2026-11-21 02:30:00","Read_By_All":false,"sequence":4,' +
      '"time_sent":"2026-11-21T02:30:00.123000"}]}',
  },
  {
    body: '{"type": "CHT", "text": "h\\u00e9", "group": "General Chat Room", ' +
      '"time_sent": "2026-11-21T03:30:00.123456", "username": "alice"}',
    request: {
      type: "room_msg",
      room: "general",
      text: "hé",
      sent: "2026-11-21T03:30:00.123456",
    },
    reply: { type: "room_msg_ack", id: 71, place: place(1), repeated: true },
    answer: '{"status":200,"error":null,"response":null}',
  },
  {
    body: '{"type":"CHT","text":"hi","username":"alice","ref":"0a"}',
    request: {
      type: "room_msg",
      room: "general",
      text: "hi",
      idempotencyKey: "0a",
    },
    reply: { type: "room_msg_ack", id: 71, place: place(1), repeated: true },
    answer: '{"status":200,"error":null,"response":null,' +
      '"MessageID":71,"sequence":1,"repeated":true}',
  },
  {
    body: '{"type":"CHT","text":"psst","group":"@bob","username":"alice"}',
    request: { type: "private_msg", recipient: "bob", text: "psst" },
    reply: {
      type: "error_msg",
      code: 404,
      text: "Not found: nobody here is called bob",
    },
    answer: '{"status":400,"error":"Not found: nobody here is called bob",' +
      '"response":null,"code":404}',
  },
] as const;

for (const { body, request, reply, answer } of REQUESTS) {
  Deno.test(`the server's end answers ${body.slice(0, 60)}`, () => {
    const scene = new Scene().login();
    assertEquals(scene.hear(50, "", body), []);
    assertEquals(scene.wanted(), [{ type: "request", request, visit: 1 }]);
    assertEquals(scene.reply(reply), [`50 ACK ${answer}`]);
    assertEquals(scene.hear(50, "", body), [`50 ACK ${answer}`]);
    const again = scene.wanted().filter((event) =>
      (event as { type: string }).type !== "receipt"
    );
    assertEquals(again, []);
  });
}

Deno.test("every type of request has its example", () => {
  const shown = new Set([
    ...REQUESTS.map(({ body }) => JSON.parse(body).type),
    "USR_LOGIN",
    "USR_ADD",
  ]);
  assertEquals(REQUEST_TYPES.filter((type) => !shown.has(type)), []);
});

/** What is no request, and what is wrong with it. */
const MISTAKES = [
  ['{"type": "DANCE", "username": "alice"}', 'there is no type "DANCE"'],
  ['{"type": 7}', 'the field "type" is a text'],
  ["{}", 'the field "type" is missing'],
  [
    '{"type":"CHT","username":"alice","group":"x"}',
    'the field "text" is missing',
  ],
  [
    '{"type":"CHT","username":"alice","text":["x"]}',
    'the field "text" is a text',
  ],
  [
    '{"type":"GRP_ADD","username":"alice","group":"x","members":"bob"}',
    'the field "members" is a list of names',
  ],
  [
    '{"type":"MSG_HST","username":"alice","before":0}',
    'the field "before" is a whole number from 1',
  ],
  [
    '{"type":"CHT","username":"alice","text":"x","ref":"a b"}',
    'the field "ref" has 1 to 64 characters, none of them a space',
  ],
  [
    '{"type":"CHT","username":"alice","text":"x","time_sent":"2026-11-21T02:30:00Z"}',
    'the field "time_sent" is a time without a zone, with at most 9 digits behind the second, such as 2026-11-21T02:30:00.123456',
  ],
  [
    '{"type":"CHT","username":"alice","text":"x","time_sent":"2026-02-30T02:30:00"}',
    'the field "time_sent" is a time without a zone, with at most 9 digits behind the second, such as 2026-11-21T02:30:00.123456',
  ],
  [
    '{"type":"CHT","username":"alice","text":"x","time_sent":"2026-11-21T02:30:00.1234567890"}',
    'the field "time_sent" is a time without a zone, with at most 9 digits behind the second, such as 2026-11-21T02:30:00.123456',
  ],
  [
    '{"type":"CHT","username":"alice","text":"x","time_sent":"2026-11-21T02:30:00."}',
    'the field "time_sent" is a time without a zone, with at most 9 digits behind the second, such as 2026-11-21T02:30:00.123456',
  ],
  [
    '{"type":"CHT","username":"alice","text":"x","time_sent":"2026-11-21T02:30.5"}',
    'the field "time_sent" is a time without a zone, with at most 9 digits behind the second, such as 2026-11-21T02:30:00.123456',
  ],
  [
    '{"type":"CHT","username":"alice","text":"x","time_sent":"2026-11-21T02:30:60"}',
    'the field "time_sent" is a time without a zone, with at most 9 digits behind the second, such as 2026-11-21T02:30:00.123456',
  ],
] as const;

for (const [body, detail] of MISTAKES) {
  Deno.test(`the server's end takes ${body} for a mistake`, () => {
    const scene = new Scene().login();
    scene.hear(50, "", body);
    const [mistake] = scene.end.events();
    assert(mistake?.type === "mistake");
    assertEquals([mistake.error.code, mistake.error.detail], [400, detail]);
  });
}

for (
  const time of [
    "2026-11-21T02:30",
    "2026-11-21 02:30:00",
    "2026-11-21T02:30:00.5",
    "2026-11-21T02:30:00.12",
    "2026-11-21T02:30:00.123",
    "2026-11-21T02:30:00.123456",
    "2026-11-21T02:30:00.123456789",
    "2024-02-29T23:59:59.9",
  ]
) {
  Deno.test(`the server's end passes on the time ${time} as it came`, () => {
    const scene = new Scene().login();
    const fields = '"type":"CHT","username":"alice","text":"x"';
    scene.hear(50, "", `{${fields},"time_sent":"${time}"}`);
    const [asked] = scene.end.events();
    assert(asked?.type === "request" && asked.request.type === "room_msg");
    assertEquals(asked.request.sent, time);
  });
}

Deno.test("what a newcomer is shown of the past counts as received when it has arrived", () => {
  const scene = new Scene().login();
  const list = (seqn: number) => {
    scene.hear(seqn, "", '{"type":"GRP_HST","username":"alice"}');
    scene.wanted();
    const room = {
      ...LOBBY_STATE,
      last: 3,
      received: 3,
      created: TIME,
      users: ["alice"],
    };
    const [answer = ""] = scene.reply({
      type: "list_own_rooms",
      rooms: [room],
    });
    return answer.match(/"sequence":\d+,"received":\d+/)?.[0];
  };
  const pushed = [2, 3].flatMap((sequence) =>
    scene.tell({ ...said(sequence, "hi"), history: true })
  );
  scene.tell({ type: "position", room: 1, sequence: 3, time: 0 });
  const [first = 0, second = 0] = pushed.map((push) => parseInt(push));
  assertEquals(list(50), '"sequence":3,"received":1');
  scene.hear(second, "A", "{}");
  assertEquals(list(51), '"sequence":3,"received":1');
  scene.hear(first, "A", "{}");
  assertEquals(list(52), '"sequence":3,"received":3');
});

Deno.test("who asks as somebody else, or does not say as whom, gets 401", () => {
  const scene = new Scene().login();
  for (const [seqn, username] of [[60, '"bob"'], [61, "null"]] as const) {
    scene.hear(seqn, "", `{"type":"GRP_HST","username":${username}}`);
    const [mistake] = scene.end.events();
    assert(mistake?.type === "mistake");
    assertEquals(
      [mistake.error.code, mistake.error.detail],
      [401, "you are logged in as alice"],
    );
    scene.reply({ type: "error_msg", code: 401, text: "Not logged in: you" });
  }
});

const LOGIN =
  '{"type": "USR_LOGIN", "username": "alice", "password": "long enough a one"}';

Deno.test("a login is taken only after a SYN", () => {
  const scene = new Scene();
  const refused = '4 ACK {"status":401,"error":"Not logged in or wrong ' +
    'password: say SYN first","response":null,"code":401}';
  assertEquals(scene.hear(4, "", LOGIN), [refused]);
  assertEquals(scene.wanted(), [{ type: "refused", code: 401 }]);
  assertEquals(scene.hear(0, "S", '{"username": null}'), ["0 ACK {}"]);
  assertEquals(scene.hear(5, "", LOGIN), []);
  const request = {
    type: "login",
    username: "alice",
    password: "long enough a one",
    account: true,
    keep: true,
  };
  assertEquals(scene.wanted(), [{ type: "open", request, visit: 1 }]);
  assertEquals(
    scene.reply({
      type: "login_ack",
      username: "Alice",
      room: "general",
      token: "t0ken",
    }),
    [
      '5 ACK {"status":200,"error":null,"response":' +
      '{"username":"Alice","token":"t0ken"}}',
      '1000 {"type":"MSG_RBA","group":"General Chat Room",' +
      '"MessageID":0,"sequence":0}',
    ],
  );
});

/** What a login is rejected with, and what that is here. */
const REJECTED = [
  [
    404,
    "Not found: there is no account alice",
    '{"status":400,"error":"Not found: there is no account alice",' +
    '"response":{"no_account":true},"code":404}',
  ],
  [
    401,
    "Not logged in or wrong password: the name or the password is wrong",
    '{"status":400,"error":"Not logged in or wrong password: the name or the ' +
    'password is wrong","response":null,"code":401}',
  ],
  [
    429,
    "Too fast: too many passwords are being checked",
    '{"status":429,"error":"Too fast: too many passwords are being checked",' +
    '"response":null,"code":429}',
  ],
  [
    503,
    "Unavailable: the server is full",
    '{"status":500,"error":"Unavailable: the server is full",' +
    '"response":null,"code":503}',
  ],
] as const;

for (const [code, reason, answer] of REJECTED) {
  Deno.test(`a login that is rejected with ${code} is told so, and may be tried again`, () => {
    const scene = new Scene();
    scene.hear(0, "S");
    scene.hear(5, "", LOGIN);
    scene.wanted();
    assertEquals(scene.reply({ type: "login_reject", code, reason }), [
      `5 ACK ${answer}`,
    ]);
    assertEquals(scene.wanted(), [{ type: "close", forGood: false, visit: 1 }]);
    scene.visit.closed(0);
    scene.hear(6, "", LOGIN);
    assertEquals(scene.wanted().length, 1);
  });
}

Deno.test("USR_ADD makes an account and logs in, or says that there is one", () => {
  const add = '{"type": "USR_ADD", "username": "alice", "password": "secret"}';
  const request = {
    type: "register",
    username: "alice",
    password: "secret",
    keep: true,
  };
  const scene = new Scene();
  scene.hear(0, "S");
  scene.hear(5, "", add);
  assertEquals(scene.wanted(), [{ type: "open", request, visit: 1 }]);
  assertEquals(
    scene.reply({ type: "error_msg", code: 409, text: "Name taken: it is" }),
    ['5 ACK {"status":200,"error":null,"response":{"created_user":false}}'],
  );
  scene.hear(6, "", add);
  scene.wanted();
  const [answer] = scene.reply({
    type: "login_ack",
    username: "alice",
    room: "general",
    token: "t",
  });
  assertEquals(
    answer,
    '6 ACK {"status":200,"error":null,' +
      '"response":{"created_user":true,"token":"t"}}',
  );
});

Deno.test("what is asked while a login is decided waits for it", () => {
  const scene = new Scene();
  scene.hear(0, "S");
  scene.hear(5, "", LOGIN);
  assertEquals(scene.hear(6, "", '{"type": "USR_LST"}'), []);
  assertEquals(scene.wanted().length, 1);
  scene.reply({ type: "login_ack", username: "alice", room: "general" });
  const request = { type: "list_people" };
  assertEquals(scene.wanted(), [{ type: "request", request, visit: 1 }]);
});

Deno.test("a message is pushed to everybody in the same bytes, and to its author with its SEQN", () => {
  const writer = new ByteWriter();
  UDPCHAT_EVENTS.write(writer, said(1, "hi"));
  const batch = writer.take();
  const body = (seqn: number, sender: string) =>
    `{"type":"CHT","MessageID":71,"msg_seqn":${seqn},` +
    `"group":"General Chat Room","username":"${sender}","text":"hi",` +
    `"time_sent":"2026-11-21T02:30:00.123000","sequence":1}`;
  const reader = new Scene().login();
  reader.visit.write(batch, 0);
  const [push] = reader.end.datagrams();
  assertEquals(
    new TextDecoder().decode(push?.subarray(7)),
    body(1, "bob"),
  );
  const author = new Scene().login();
  author.hear(50, "", '{"type":"CHT","text":"hi","username":"alice"}');
  assertEquals(
    author.reply({ type: "room_msg_ack", id: 71, place: place(1) })
      .map((line) => line.replace(/^1\d+ /, "N ")),
    [
      '50 ACK {"status":200,"error":null,"response":null}',
      `N ${body(50, "alice")}`,
    ],
  );
});

Deno.test("a private message is of the group of the other one for each of the two", () => {
  const event: Said = {
    type: "private_msg_delivery",
    sender: "bob",
    recipient: "alice",
    text: "psst",
    place: place(1, 2),
  };
  const group = (viewer: Scene, shown: Said) => {
    const writer = new ByteWriter();
    UDPCHAT_EVENTS.write(writer, shown);
    viewer.visit.write(writer.take(), 0);
    return /"group":"(.*?)"/.exec(viewer.sent()[0] ?? "")?.[1];
  };
  assertEquals(group(new Scene().login(), event), "@bob");
  const own = { ...event, sender: "alice", recipient: "bob" };
  assertEquals(group(new Scene().login(), own), "@bob");
});

Deno.test("a replay is marked, and what is end-to-end encrypted is not shown", () => {
  const scene = new Scene().login();
  const text = new Uint8Array([1]);
  const [push] = scene.tell({ ...said(1, ""), text, history: true });
  assert(push?.includes(`"text":"${CIPHERTEXT}"`));
  assert(push?.endsWith('"sequence":1,"history":true}'));
});

/** Pushes so many messages; answers their SEQNs. */
function push(scene: Scene, ...sequences: number[]): number[] {
  return sequences.map((sequence) => {
    const [line = ""] = scene.tell(said(sequence, "x"));
    return parseInt(line);
  });
}

const receipt = (received: number, visit = 1) => ({
  type: "receipt",
  receipt: { type: "receipt", room: 1, received },
  visit,
});

const turn = (scene: Scene) => {
  scene.end.turn();
  return scene.wanted();
};

Deno.test("what counts as received ends before the oldest push without an ACK", () => {
  const scene = new Scene().login();
  const [one = 0, two = 0, three = 0] = push(scene, 1, 2, 3);
  const ack = '{"MessageID": 1, "group": "x", "username": "alice"}';
  scene.hear(two, "A", ack);
  assertEquals(turn(scene), []);
  scene.hear(one, "A", ack);
  assertEquals(turn(scene), [receipt(2)]);
  scene.hear(one, "A", ack);
  assertEquals(turn(scene), []);
  scene.hear(three, "A", ack);
  assertEquals(turn(scene), [receipt(3)]);
});

Deno.test("several ACKs of a turn are one receipt", () => {
  const scene = new Scene().login();
  for (const seqn of push(scene, 1, 2, 3)) scene.hear(seqn, "A", "{}");
  assertEquals(turn(scene), [receipt(3)]);
});

Deno.test("fetching counts as receiving", () => {
  const scene = new Scene().login();
  scene.hear(50, "", '{"type":"MSG_HST","username":"alice"}');
  scene.wanted();
  scene.reply({
    type: "history",
    room: "general",
    messages: [said(1, "a"), said(2, "b")],
    more: false,
  });
  assertEquals(scene.wanted(), [receipt(2)]);
});

Deno.test("as much of a page as fits is shown, the newest", () => {
  const scene = new Scene().login();
  scene.hear(50, "", '{"type":"MSG_HST","username":"alice"}');
  // Each of these characters is six in JSON.
  const text = "\u0001".repeat(8_000);
  const messages = [said(1, text), said(2, text), said(3, "end")];
  scene.visit.reply(
    { type: "history", room: "general", messages, more: false },
    0,
  );
  const [bytes = new Uint8Array()] = scene.end.datagrams();
  assert(bytes.length > 40_000 && bytes.length < 60_000);
  const { response } = JSON.parse(new TextDecoder().decode(bytes.subarray(7)));
  assertEquals(
    response.map(({ sequence }: { sequence: number }) => sequence),
    [2, 3],
  );
});

/** A page of the lobby's history, from one sequence to another. */
const page = (first: number, last: number, more: boolean, text = "x") => ({
  type: "history" as const,
  room: "general",
  messages: Array.from(
    { length: last - first + 1 },
    (_, at) => said(first + at, text),
  ),
  more,
});

/** The sequences in the answer to MSG_HST, which has come. */
function shownSequences([line = ""]: readonly string[]): number[] {
  const { response } = JSON.parse(line.replace(/^50 ACK /, ""));
  return response.map(({ sequence }: { sequence: number }) => sequence);
}

/** What the hub is asked for. */
const asksFor = (which: Readonly<Record<string, number>>) => [{
  type: "request",
  request: { type: "history", room: "general", ...which },
  visit: 1,
}];

Deno.test("MSG_HST is answered with as many pages as there are and were asked for", () => {
  const scene = new Scene().login();
  scene.hear(50, "", '{"type":"MSG_HST","username":"alice","limit":5}');
  assertEquals(scene.wanted(), asksFor({ limit: 5 }));
  assertEquals(scene.reply(page(8, 9, true)), []);
  assertEquals(scene.wanted(), asksFor({ before: 8, limit: 3 }));
  // What is asked meanwhile is answered meanwhile.
  scene.hear(51, "", '{"type":"USR_LST"}');
  scene.wanted();
  assertEquals(scene.reply(page(6, 7, true)), []);
  assertEquals(scene.wanted(), asksFor({ before: 6, limit: 1 }));
  const [list] = scene.reply({ type: "list_people", users: [] });
  assertEquals(list?.slice(0, 6), "51 ACK");
  assertEquals(shownSequences(scene.reply(page(5, 5, true))), [5, 6, 7, 8, 9]);
  assertEquals(scene.wanted(), [receipt(9)]);
});

Deno.test("MSG_HST asks for no more pages than a datagram holds, and eight at most", () => {
  for (const [text, pages] of [["x".repeat(20_000), 3], ["x", 8]] as const) {
    const scene = new Scene().login();
    scene.hear(50, "", '{"type":"MSG_HST","username":"alice"}');
    let sent: string[] = [];
    let asked = 0;
    for (let last = 20; sent.length === 0; last--) {
      asked++;
      scene.wanted();
      sent = scene.reply(page(last, last, true, text));
    }
    assertEquals(asked, pages);
    const shown = shownSequences(sent);
    assertEquals(shown.at(-1), 20);
    assertEquals(shown.length, text.length > 1 ? 2 : 8);
  }
});

Deno.test("MSG_HST is answered with what there is when the hub refuses another page", () => {
  const scene = new Scene().login();
  scene.hear(50, "", '{"type":"MSG_HST","username":"alice"}');
  scene.reply(page(8, 9, true));
  const refused = { type: "error_msg", code: 429, text: "Too fast" } as const;
  assertEquals(shownSequences(scene.reply(refused)), [8, 9]);
});

Deno.test("lists are cut to what a datagram holds", () => {
  const users = Array.from({ length: 4_000 }, (_, at) => `somebody-${at}-ééé`);
  const replies = [
    ["USR_LST", { type: "list_people", users }],
    [
      "GRP_HST",
      {
        type: "list_own_rooms",
        rooms: [
          { ...LOBBY_STATE, created: TIME, users },
          { ...PAIR_STATE, created: TIME, users: ["alice", "bob"] },
        ],
      },
    ],
    ["GRP_ADD", { type: "make_group", room: "cake", users }],
  ] as const;
  for (const [type, reply] of replies) {
    const scene = new Scene().login();
    scene.hear(50, "", `{"type":"${type}","username":"alice","group":"cake"}`);
    scene.visit.reply(reply, 0);
    const [bytes = new Uint8Array()] = scene.end.datagrams();
    assert(bytes.length > 29_000 && bytes.length < 60_000, type);
    const { status } = JSON.parse(new TextDecoder().decode(bytes.subarray(7)));
    assertEquals(status, 200);
  }
});

Deno.test("MSG_RBA is pushed once for each message that was pushed", () => {
  const scene = new Scene().login();
  push(scene, 1, 2, 3);
  const told = (sequence: number) =>
    scene.tell({ type: "received_by_all", room: 1, sequence })
      .map((line) => line.replace(/^\d+ /, ""));
  const rba = (id: number, sequence: number) =>
    '{"type":"MSG_RBA","group":"General Chat Room",' +
    `"MessageID":${id},"sequence":${sequence}}`;
  assertEquals(told(2), [rba(71, 1), rba(72, 2)]);
  assertEquals(told(2), []);
  assertEquals(told(3), [rba(73, 3)]);
});

Deno.test("MSG_RBA is told of the newest thousand", () => {
  const scene = new Scene({ sendQueue: Infinity }).login();
  const all = Array.from({ length: 1_001 }, (_, at) => at + 1);
  for (const sequence of all) {
    const [line = ""] = scene.tell(said(sequence, "x"));
    scene.hear(parseInt(line), "A", "{}");
  }
  let count = 0;
  scene.visit.send(
    { type: "received_by_all", room: 1, sequence: 1_001 },
    0,
  );
  for (let lines = scene.sent(); lines.length > 0;) {
    count += lines.length;
    lines = lines.flatMap((line) => scene.hear(parseInt(line), "A", "{}"));
  }
  assertStrictEquals(count, 1_000);
});

Deno.test("GRP_SUB is pushed for each room that becomes one's own", () => {
  const scene = new Scene().login();
  const told = (...events: Parameters<Scene["tell"]>[0][]) =>
    events.flatMap((event) => scene.tell(event))
      .map((line) => line.replace(/^\d+ /, ""));
  const group = {
    ...LOBBY_STATE,
    room: 3,
    kind: "group",
    name: "cake",
  } as const;
  assertEquals(
    told(
      {
        type: "invitation",
        room: "cake",
        user: "bob",
        users: ["bob", "alice"],
      },
      { type: "rooms", rooms: [group] },
    ),
    ['{"type":"GRP_SUB","group":"cake","Members":["bob","alice"],"by":"bob"}'],
  );
  const direct = { ...PAIR_STATE, room: 4, name: "carol" };
  assertEquals(told({ type: "rooms", rooms: [direct] }), [
    '{"type":"GRP_SUB","group":"@carol","Members":["alice","carol"]}',
  ]);
  const own = { ...PAIR_STATE, room: 7, name: "alice" };
  assertEquals(told({ type: "rooms", rooms: [own] }), [
    '{"type":"GRP_SUB","group":"@alice","Members":["alice"]}',
  ]);
  const joined = { ...LOBBY_STATE, room: 5, name: "tea" };
  assertEquals(told({ type: "rooms", rooms: [joined, group] }), [
    '{"type":"GRP_SUB","group":"tea"}',
  ]);
  scene.hear(
    50,
    "",
    '{"type":"GRP_ADD","group":"pie","members":["bob"],"username":"alice"}',
  );
  scene.reply({ type: "make_group", room: "pie", users: ["alice", "bob"] });
  const made = { ...group, room: 6, name: "pie" };
  assertEquals(told({ type: "rooms", rooms: [made] }), [
    '{"type":"GRP_SUB","group":"pie","Members":["alice","bob"]}',
  ]);
});

Deno.test("presence, topics and the like are not carried", () => {
  const scene = new Scene().login();
  assertEquals(
    scene.tell({ type: "presence", room: "general", user: "x", here: true }),
    [],
  );
  assertEquals(scene.tell({ type: "system_msg", text: "hello" }), []);
  const writer = new ByteWriter();
  UDPCHAT_EVENTS.write(writer, {
    type: "topic",
    room: "general",
    user: "bob",
    topic: "tea",
  });
  assertStrictEquals(writer.length, 0);
});

/** An address that was lost is probed and shows that it is there. */
function probed(scene: Scene, sent: readonly string[]): void {
  assertEquals(sent.map((line) => line.replace(/^\d+ /, "")), [
    '{"type":"MSG_RBA","group":"General Chat Room","MessageID":0,"sequence":0}',
  ]);
  assertEquals(scene.wanted(), []);
  scene.hear(parseInt(sent[0] ?? ""), "A", "{}");
}

Deno.test("who acknowledges nothing is lost, and goes on where they were", () => {
  const scene = new Scene().login();
  const [one = 0] = push(scene, 1, 2, 3);
  scene.hear(one, "A", "{}");
  turn(scene);
  scene.pass(5_000);
  assertEquals(scene.wanted(), [
    { type: "close", forGood: false, visit: 1 },
    { type: "gone", username: "alice", why: "unreachable" },
  ]);
  assertEquals(scene.end.username(scene.now), "alice");
  scene.now = 604_999;
  probed(scene, scene.hear(50, "", '{"type":"USR_LST","username":"alice"}'));
  const request = {
    type: "resume",
    token: "t0ken",
    positions: [{ room: 1, sequence: 1 }],
  };
  assertEquals(scene.wanted(), [{ type: "open", request, visit: 2 }]);
  scene.reply({ type: "login_ack", username: "alice", room: "general" });
  assertEquals(scene.wanted(), [
    { type: "request", request: { type: "list_people" }, visit: 2 },
  ]);
  const [again = ""] = scene.tell({ ...said(2, "x"), history: true });
  scene.hear(parseInt(again), "A", "{}");
  assertEquals(turn(scene), [receipt(2, 2)]);
});

Deno.test("who is lost is not logged in any more after ten minutes", () => {
  const scene = new Scene().login();
  push(scene, 1);
  scene.pass(5_000);
  scene.wanted();
  scene.now = 605_000;
  assertEquals(
    scene.hear(50, "", '{"type":"GRP_HST", "username": "alice"}'),
    [
      '50 ACK {"status":401,"error":"Not logged in or wrong password: log in ' +
      'first, with a SYN and USR_LOGIN","response":null,"code":401}',
    ],
  );
  assertEquals(scene.wanted(), [{ type: "refused", code: 401 }]);
});

Deno.test("a lost session is replied to before it ends, and then resumed", () => {
  const scene = new Scene().login();
  push(scene, 1);
  scene.hear(50, "", '{"type":"CHT","text":"hi","username":"alice"}');
  scene.wanted();
  scene.pass(5_000);
  assertEquals(scene.wanted(), [
    { type: "gone", username: "alice", why: "unreachable" },
  ]);
  assertEquals(scene.hear(60, "", '{"type":"USR_LST"}'), []);
  assertEquals(scene.wanted(), []);
  const answer = '{"status":200,"error":null,"response":null}';
  const [replied, ...probe] = scene.reply({
    type: "room_msg_ack",
    id: 72,
    place: place(2),
  });
  assertEquals(replied, `50 ACK ${answer}`);
  assertEquals(scene.wanted(), [{ type: "close", forGood: false, visit: 1 }]);
  assertEquals(
    scene.hear(50, "", '{"type":"CHT","text":"hi","username":"alice"}'),
    [`50 ACK ${answer}`],
  );
  probed(scene, probe);
  const wanted = scene.wanted() as { type: string }[];
  assertEquals(wanted.map(({ type }) => type), ["open"]);
  scene.reply({ type: "login_ack", username: "alice", room: "general" });
  const request = { type: "list_people" };
  assertEquals(scene.wanted(), [{ type: "request", request, visit: 2 }]);
});

Deno.test("a SYN with a name takes a login up again, from its own address without a token", () => {
  const scene = new Scene().login();
  const ok =
    '0 ACK {"status":200,"error":null,"response":{"username":"alice"}}';
  assertEquals(scene.hear(0, "S", '{"username": "alice"}'), [ok]);
  assertEquals(scene.wanted(), []);
  push(scene, 1);
  scene.pass(5_000);
  scene.wanted();
  probed(scene, scene.hear(0, "S", '{"username": "alice"}'));
  assertEquals(scene.hear(0, "S", '{"username": "alice"}'), []);
  assertEquals(scene.hear(0, "S", '{"username": "alice"}'), []);
  assertEquals(scene.wanted().length, 1);
  assertEquals(
    scene.reply({ type: "login_ack", username: "alice", room: "general" }),
    [ok],
  );
});

/** A login from an address that acknowledges nothing, with 68 bytes in all. */
function spoofed(): Scene {
  const scene = new Scene();
  scene.end.receive(datagram(0, "S"), 0);
  const login = '{"type":"USR_LOGIN","username":"dave","password":"pw"}';
  scene.end.receive(datagram(7, "", login), 0);
  scene.wanted();
  scene.visit.reply({
    type: "login_ack",
    username: "dave",
    room: "general",
    token: "t".repeat(32),
  }, 0);
  return scene;
}

/** Bytes that are sent until a time, from now on. */
function sentUntil(scene: Scene, until: number): number {
  scene.wakeUntil(until);
  return scene.end.datagrams().reduce((sum, { length }) => sum + length, 0);
}

Deno.test("an address that acknowledges nothing is sent a login's probes, and else three times what came from it at most", () => {
  const scene = spoofed();
  // 9 bytes have answered the SYN; the ACK has 108, the probe 80.
  assertEquals(sentUntil(scene, 4_999), 9 + 108 + 20 * 80);
  assertEquals(sentUntil(scene, 5_000), 0);
  assertEquals(scene.wanted(), [
    { type: "close", forGood: false, visit: 1 },
    { type: "gone", username: "dave", why: "unreachable" },
  ]);
  // Of the 204 bytes 87 are left, and each SYN brings 21 and is answered with 9.
  const sent = [1, 2, 3, 4, 5, 6, 7].map((n) => {
    scene.end.receive(datagram(0, "S"), scene.now);
    return sentUntil(scene, 5_000 + 5_600 * n);
  });
  assertEquals(sent, [9 + 80, 9, 9, 9, 9, 9, 9 + 80]);
  assertEquals(scene.wanted(), []);
});

Deno.test("an address that was lost is taken for somebody there again when it acknowledges a probe, and nothing else", () => {
  const scene = spoofed();
  scene.pass(5_000);
  scene.wanted();
  const syn = '{"username":"dave","token":"tttttttttttttttttttttttttttttttt"}';
  assertEquals(scene.hear(0, "S", syn), [
    '1080 {"type":"MSG_RBA","group":"General Chat Room",' +
    '"MessageID":0,"sequence":0}',
  ]);
  // The first probe is not waited for any more.
  for (const seqn of [1000, 1079, 1081]) scene.hear(seqn, "A", "{}");
  assertEquals(scene.wanted(), []);
  scene.hear(1080, "A", "{}");
  const wanted = scene.wanted() as { type: string }[];
  assertEquals(wanted.map(({ type }) => type), ["open"]);
});

Deno.test("what is asked from where somebody was lost is refused when nobody acknowledges the probe, and never done", () => {
  const scene = spoofed();
  scene.pass(5_000);
  scene.wanted();
  const old = '{"type":"CHT","group":"General Chat Room","username":"dave",' +
    `"text":"old${" ".repeat(60)}"}`;
  for (let minute = 0; minute < 3; minute++) {
    // The same one: a minute later it counts as new.
    scene.hear(77, "", old);
    const before = scene.now;
    assertEquals(scene.wanted(), []);
    scene.pass(before + 5_000);
    assertEquals(scene.wanted(), [{ type: "refused", code: 401 }]);
    scene.pass(before + 61_000);
  }
  // Nor when somebody logs in there after all.
  scene.hear(78, "", old);
  const login = '{"type":"USR_LOGIN","username":"dave","password":"pw"}';
  scene.hear(79, "", login);
  const wanted = () =>
    (scene.wanted() as { type: string }[]).map(({ type }) => type);
  assertEquals(wanted(), ["refused", "open"]);
  scene.reply({ type: "login_ack", username: "dave", room: "general" });
  assertEquals(wanted(), []);
});

Deno.test("what is asked from where somebody was lost is done once the probe is acknowledged", () => {
  const scene = spoofed();
  scene.pass(5_000);
  scene.wanted();
  const sent = scene.hear(
    77,
    "",
    '{"type":"CHT","group":"General Chat Room","username":"dave","text":"hi"}',
  );
  const probe = /^(\d+) \{"type":"MSG_RBA"/.exec(sent[0] ?? "")?.[1];
  scene.hear(Number(probe), "A", "{}");
  const wanted = () =>
    (scene.wanted() as { type: string }[]).map(({ type }) => type);
  assertEquals(wanted(), ["open"]);
  scene.reply({ type: "login_ack", username: "dave", room: "general" });
  assertEquals(wanted(), ["request"]);
});

Deno.test("a SYN with a token resumes from another address, at what has arrived", () => {
  const logins = new KeptLogins();
  const old = new Scene({ logins }).login();
  const [one = 0] = push(old, 1, 2);
  old.hear(one, "A", "{}");
  const scene = new Scene({ logins });
  const syn = '{"username":"alice","token":"t0ken","link":1,"seqn":1}';
  assertEquals(scene.hear(0, "S", syn), []);
  const request = {
    type: "resume",
    token: "t0ken",
    positions: [{ room: 1, sequence: 1 }],
  };
  assertEquals(scene.wanted(), [{ type: "open", request, visit: 1 }]);
  assertEquals(
    scene.reply({ type: "login_ack", username: "alice", room: "general" }),
    [
      '0 ACK {"status":200,"error":null,"response":{"username":"alice"}}',
      '1000 {"type":"MSG_RBA","group":"General Chat Room",' +
      '"MessageID":0,"sequence":0}',
    ],
  );
  assertEquals(old.end.username(0), undefined);
  assertEquals(scene.end.username(0), "alice");
});

Deno.test("a SYN with a wrong token is answered 401, and a login may follow", () => {
  const scene = new Scene();
  scene.hear(0, "S", '{"username":"alice","token":"wrong wrong wrong wrong"}');
  scene.wanted();
  const code = 401;
  const reason = "Not logged in or wrong password: this session is over";
  assertEquals(scene.reply({ type: "login_reject", code, reason }), [
    '0 ACK {"status":401,"error":"Not logged in or wrong password: this ' +
    'session is over","response":null,"code":401}',
  ]);
  scene.wanted();
  scene.hear(5, "", LOGIN);
  assertEquals(scene.wanted().length, 1);
});

Deno.test("a token is no other one's", () => {
  const scene = new Scene();
  scene.hear(0, "S", '{"username":"bob","token":"t0ken t0ken t0ken t0ken"}');
  scene.wanted();
  const sent = scene.reply({
    type: "login_ack",
    username: "alice",
    room: "general",
  });
  assertEquals(sent.map((line) => line.slice(0, 20)), ['0 ACK {"status":401,']);
  assertEquals(scene.wanted(), [{ type: "close", forGood: false, visit: 1 }]);
  assertEquals(scene.end.username(0), undefined);
});

for (const [seqn, body] of [[0, "{}"], [-1, ""]] as const) {
  Deno.test(`a FIN with the SEQN ${seqn} logs out for good`, () => {
    const scene = new Scene().login();
    assertEquals(scene.hear(seqn, "F", body), [`${seqn} ACK {}`]);
    assertEquals(scene.wanted(), [
      { type: "gone", username: "alice", why: "logged out" },
      { type: "close", forGood: true, visit: 1 },
    ]);
    assertEquals(scene.hear(seqn, "F", body), [`${seqn} ACK {}`]);
    assertEquals(scene.wanted(), []);
    scene.visit.write(new Uint8Array(), 0);
    assertEquals(scene.tell(said(1, "x")), []);
    const [refused] = scene.hear(9, "", '{"type":"USR_LST"}');
    assertEquals(refused?.slice(0, 20), '9 ACK {"status":401,');
  });
}

Deno.test("who was lost and says FIN has its token ended", () => {
  const scene = new Scene().login();
  push(scene, 1);
  scene.pass(5_000);
  scene.wanted();
  scene.hear(0, "F");
  const wanted = scene.wanted() as { type: string }[];
  assertEquals(wanted.map(({ type }) => type), ["gone", "open"]);
  scene.reply({ type: "login_ack", username: "alice", room: "general" });
  assertEquals(scene.wanted(), [{ type: "close", forGood: true, visit: 2 }]);
});

Deno.test("another login takes the place of the first when it succeeds, and not before", () => {
  const scene = new Scene().login();
  scene.hear(50, "", '{"type":"USR_LOGIN","username":"bob","password":"no"}');
  scene.wanted();
  const reject = {
    type: "login_reject",
    code: 401,
    reason: "Not logged in",
  } as const;
  scene.reply(reject);
  scene.wanted();
  assertEquals(scene.end.username(0), "alice");
  scene.hear(51, "", '{"type":"USR_LOGIN","username":"bob","password":"yes"}');
  scene.wanted();
  scene.reply({
    type: "login_ack",
    username: "bob",
    room: "general",
    token: "b",
  });
  assertEquals(scene.wanted(), [{ type: "close", forGood: true, visit: 1 }]);
  assertEquals(scene.end.username(0), "bob");
});

Deno.test("who acknowledges too slowly is lost, once more waits than may", () => {
  const lost = (bytes: number) => {
    const scene = new Scene({ sendQueue: bytes }).login();
    for (let sequence = 1; sequence <= 40; sequence++) {
      scene.tell(said(sequence, "x".repeat(8_000)));
    }
    return scene.wanted();
  };
  // 131,072 bytes are on their way: 16 of them; 24 wait, of 8,163 bytes each or
  // one less, where the sequence has one digit.
  const queued = 24 * 8_163;
  const gone = {
    type: "gone",
    username: "alice",
    why: "acknowledges too slowly",
  };
  assertEquals(lost(queued + 24 * 4), []);
  assertEquals(lost(queued - 8_163), [
    { type: "close", forGood: false, visit: 1 },
    gone,
  ]);
});

Deno.test("nothing but one short push and short answers goes to an address before it has acknowledged that push", () => {
  const scene = new Scene();
  scene.hear(0, "S");
  scene.hear(5, "", '{"type":"USR_LOGIN","username":"alice","password":"x"}');
  scene.wanted();
  const sent = scene.reply({
    type: "login_ack",
    username: "alice",
    room: "general",
    token: "t",
  });
  assertEquals(sent.length, 2);
  scene.tell({ type: "rooms", rooms: [LOBBY_STATE] });
  assertEquals(scene.tell(said(1, "x")), []);
  scene.hear(6, "", '{"type":"USR_LST"}');
  scene.wanted();
  const users = Array.from({ length: 20 }, (_, at) => `user${at}`);
  assertEquals(scene.reply({ type: "list_people", users }), []);
  assertEquals(scene.hear(6, "", '{"type":"USR_LST"}'), []);
  const released = scene.hear(1000, "A", "{}");
  assertEquals(
    released.map((line) => /^6 ACK|"type":"\w+"/.exec(line)?.[0]),
    ["6 ACK", "6 ACK", '"type":"CHT"'],
  );
});

Deno.test("an error that repeats what was asked is cut", () => {
  const scene = new Scene().login();
  const group = "x".repeat(60_000);
  scene.hear(
    50,
    "",
    `{"type":"MSG_HST","group":"${group}","username":"alice"}`,
  );
  scene.wanted();
  const text = `Not found: there is no room ${group} for you`;
  const [answer = ""] = scene.reply({ type: "error_msg", code: 404, text });
  assert(
    answer.startsWith('50 ACK {"status":400,"error":"Not found: there is'),
  );
  assert(answer.length < 1_000);
});
