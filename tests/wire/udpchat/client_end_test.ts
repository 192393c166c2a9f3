import { assertEquals, assertStrictEquals } from "@std/assert";
import { ClientRooms } from "../../../lib/wire/mod.ts";
import { ClientScene, LOBBY, push, UNCOUNTED_LOBBY } from "./client_scene.ts";

const ok = (response: string) =>
  `{"status":200,"error":null,"response":${response}}`;

/** What is told of messages: type, sender or id, text, sequence. */
function messages(told: readonly unknown[]): unknown[] {
  return told.flatMap((each) => {
    if (!Array.isArray(each)) return [];
    const [type, { text, id, place }] = each;
    return place === undefined ? [] : [[type, text ?? id, place.sequence]];
  });
}

Deno.test("a client logs in behind a SYN, and asks for its rooms", () => {
  const alice = new ClientScene();
  assertEquals(
    alice.ask({ type: "login", username: "alice", password: "secret" }),
    ['0 {"username":null,"link":1000,"seqn":1000}'],
  );
  assertEquals(alice.hear(0, "A", "{}"), [
    '1000 {"type":"USR_LOGIN","username":"alice","password":"secret"}',
  ]);
  assertEquals(
    alice.hear(1000, "A", ok('{"username":"Alice","token":"t0ken"}')),
    ['1066 {"type":"GRP_HST","username":"Alice"}'],
  );
  assertEquals(alice.told(), [
    ["= login_ack", { username: "Alice", room: "general", token: "t0ken" }],
  ]);
  alice.hear(1066, "A", ok(LOBBY));
  assertEquals(alice.told(), [
    ["rooms", {
      rooms: [{
        room: 1,
        kind: "public",
        name: "general",
        last: 4,
        received: 4,
        read: 4,
        receivedByAll: 4,
      }],
    }],
    ["position", { room: 1, sequence: 4, time: 0 }],
  ]);
});

Deno.test("a client without a password learns that there is a server, and is told that it needs one", () => {
  const alice = new ClientScene();
  alice.ask({ type: "login", username: "alice" });
  assertEquals(alice.told(), []);
  assertEquals(alice.hear(0, "A", "{}"), []);
  assertEquals(alice.told(), [["= login_reject", {
    reason: "Not logged in or wrong password: " +
      "udpchat:// has no guests, and needs a password",
    code: 401,
  }]]);
});

Deno.test("a client tells a wrong password and a missing account apart, and makes the account", () => {
  const alice = new ClientScene();
  const login = { username: "alice", password: "secret" };
  alice.ask({ type: "login", ...login });
  alice.hear(0, "A", "{}");
  alice.hear(
    1000,
    "A",
    '{"status":400,"error":"Account doesn\'t exist.","response":{"no_account":true}}',
  );
  assertEquals(alice.told(), [["= login_reject", {
    reason: "Not found: alice has no account",
    code: 404,
    hint: "Make the account with --register",
  }]]);
  assertEquals(alice.ask({ type: "register", ...login }), [
    '-1 {"username":null,"link":1000,"seqn":1066}',
  ]);
  assertEquals(alice.hear(-1, "A", "{}"), [
    '1066 {"type":"USR_ADD","username":"alice","password":"secret"}',
  ]);
  alice.hear(1066, "A", ok('{"created_user":true,"token":"t0ken"}'));
  assertEquals(alice.told(), [
    ["= login_ack", { username: "alice", room: "general", token: "t0ken" }],
  ]);
  const other = new ClientScene();
  other.ask({ type: "login", ...login });
  other.hear(0, "A", "{}");
  other.hear(
    1000,
    "A",
    '{"status":400,"error":"Invalid credentials","response":null}',
  );
  assertEquals(other.told(), [
    ["= login_reject", { reason: "Invalid credentials", code: 401 }],
  ]);
});

Deno.test("a client goes on with a token, or is told that its session is over", () => {
  const rooms = new ClientRooms();
  new ClientScene(rooms).login();
  for (
    const [status, type] of [[200, "= login_ack"], [401, "= login_reject"]]
  ) {
    const alice = new ClientScene(rooms);
    const resume = { type: "resume", token: "t0ken", positions: [] } as const;
    assertEquals(alice.ask(resume), [
      '0 {"username":"alice","token":"t0ken","link":1000,"seqn":1000}',
    ]);
    alice.hear(0, "A", `{"status":${status},"error":null,"response":null}`);
    const [first = []] = alice.told() as string[][];
    assertStrictEquals(first[0], type);
  }
});

Deno.test("what is unread over one connection is over the next: how far a room was read is told once", () => {
  const rooms = new ClientRooms();
  const told = (list: string) => {
    const alice = new ClientScene(rooms);
    alice.ask({ type: "login", username: "alice", password: "secret" });
    alice.hear(0, "A", "{}");
    alice.hear(1000, "A", ok('{"username":"alice"}'));
    alice.hear(1066, "A", ok(list));
    const [, [, { rooms: [room] }]] = alice.told() as [
      unknown,
      [string, { rooms: { last: number; read: number }[] }],
    ];
    return [room?.last, room?.read];
  };
  assertEquals(told(LOBBY), [4, 4]);
  assertEquals(told(LOBBY), [4, 0]);
  // A shorter log is another one.
  assertEquals(told(LOBBY.replaceAll(":4", ":3")), [3, 3]);
});

Deno.test("messages carry a key, a place in their order and the author's time; an answer says where each stands", () => {
  const alice = new ClientScene().login();
  alice.now = 1_000;
  const say = (text: string, key: string) =>
    alice.ask({ type: "room_msg", room: 1, text, idempotencyKey: key });
  assertEquals(say("one", "k1"), [
    '1110 {"type":"CHT","group":"General Chat Room","text":"one",' +
    '"username":"alice","time_sent":"1970-01-01T00:00:01.000000",' +
    '"ref":"k1","n":0}',
  ]);
  const [second = ""] = alice.ask({
    type: "private_msg",
    recipient: "bob",
    text: "two",
    idempotencyKey: "k2",
  });
  assertStrictEquals(
    second.slice(second.indexOf("{")),
    '{"type":"CHT","group":"@bob","text":"two","username":"alice",' +
      '"time_sent":"1970-01-01T00:00:01.000000","ref":"k2","n":1}',
  );
  alice.hear(
    1110,
    "A",
    '{"status":200,"error":null,"response":null,"MessageID":9,"sequence":5}',
  );
  assertEquals(alice.told(), [["= room_msg_ack", {
    id: 9,
    place: { id: 9, room: 1, sequence: 5, time: 1_000 },
  }]]);
});

Deno.test("pushes are acknowledged as they come, and told once and in order", () => {
  const alice = new ClientScene().login();
  assertEquals(
    alice.hear(70, "", push({ id: 12, sequence: 6, text: "second" })),
    ['70 ACK {"MessageID":12,"group":"General Chat Room","username":"alice"}'],
  );
  assertEquals(alice.told(), []);
  alice.hear(71, "", push({ id: 11, sequence: 5, text: "first" }));
  alice.hear(72, "", push({ id: 12, sequence: 6, text: "second" }));
  assertEquals(messages(alice.told()), [
    ["room_msg", "first", 5],
    ["room_msg", "second", 6],
  ]);
});

Deno.test("one's own message has its turn among the others, and its push is not told", () => {
  const alice = new ClientScene().login();
  alice.ask({ type: "room_msg", room: 1, text: "mine" });
  const own = { id: 12, sequence: 6, text: "mine", username: "alice" };
  alice.hear(70, "", push({ ...own, seqn: 1110 }));
  alice.hear(
    1110,
    "A",
    '{"status":200,"error":null,"response":null,"MessageID":12,"sequence":6}',
  );
  assertEquals(alice.told(), []);
  alice.hear(71, "", push({ id: 11, sequence: 5, text: "first" }));
  assertEquals(messages(alice.told()), [
    ["room_msg", "first", 5],
    ["= room_msg_ack", 12, 6],
  ]);
});

Deno.test("a message that was in the log already does not wait for its turn", () => {
  const alice = new ClientScene().login();
  alice.ask({ type: "room_msg", room: 1, text: "mine" });
  alice.hear(
    1110,
    "A",
    '{"status":200,"error":null,"response":null,"MessageID":12,' +
      '"sequence":9,"repeated":true}',
  );
  assertEquals(alice.told(), [["= room_msg_ack", {
    id: 12,
    place: { id: 12, room: 1, sequence: 9, time: 0 },
    repeated: true,
  }]]);
});

Deno.test("answers that come in another order are told in the order of the requests", () => {
  const alice = new ClientScene().login();
  alice.ask({ type: "list_rooms" });
  const [asked = ""] = alice.ask({ type: "list_members", room: 1 });
  alice.hear(parseInt(asked), "A", ok(LOBBY));
  assertEquals(alice.told(), []);
  alice.hear(1110, "A", ok(LOBBY));
  assertEquals(alice.told(), [
    ["= list_rooms", { rooms: ["general"] }],
    ["= list_members", {
      room: "general",
      members: [{ user: 0, name: "alice" }, { user: 0, name: "bob" }],
    }],
  ]);
});

Deno.test("what stays missing for six seconds is fetched from the history", () => {
  const alice = new ClientScene().login();
  alice.hear(70, "", push({ id: 13, sequence: 7, text: "third" }));
  assertEquals(alice.pass(5_999), []);
  assertEquals(alice.pass(6_000), [
    '1110 {"type":"MSG_HST","group":"General Chat Room","username":"alice",' +
    '"before":7,"limit":2}',
  ]);
  alice.hear(
    1110,
    "A",
    ok(
      '[{"MessageID":11,"Username":"bob","Text":"first","Date_Sent":' +
        '"2026-11-21 02:30:00","Read_By_All":false,"sequence":5},' +
        '{"MessageID":12,"Username":"bob","Text":"second","Date_Sent":' +
        '"2026-11-21 02:30:01","Read_By_All":false,"sequence":6}]',
    ),
  );
  assertEquals(messages(alice.told()), [
    ["room_msg", "first", 5],
    ["room_msg", "second", 6],
    ["room_msg", "third", 7],
  ]);
});

Deno.test("what the history does not have either is not waited for", () => {
  const alice = new ClientScene().login();
  alice.hear(70, "", push({ id: 13, sequence: 7, text: "third" }));
  alice.pass(6_000);
  alice.hear(1110, "A", ok("[]"));
  assertEquals(messages(alice.told()), [["room_msg", "third", 7]]);
});

Deno.test("a private message from somebody new makes its room known before it is told", () => {
  const alice = new ClientScene().login();
  const sent = alice.hear(
    70,
    "",
    push({ id: 12, sequence: 2, text: "psst" }, "@bob"),
  );
  assertEquals(sent, [
    '70 ACK {"MessageID":12,"group":"@bob","username":"alice"}',
    '1110 {"type":"GRP_HST","username":"alice"}',
  ]);
  const bob = '{"Name":"@bob","Date_Created":"2026-11-21 02:30:00","Members":' +
    '["alice","bob"],"kind":"direct","sequence":2,"received":2,' +
    '"receivedByAll":2}';
  alice.hear(1110, "A", ok(`[${LOBBY.slice(1, -1)},${bob}]`));
  assertEquals(alice.told().map((each) => (each as string[])[0]), [
    "rooms",
    "private_msg_delivery",
    "position",
  ]);
});

Deno.test("of two people who begin to talk nothing is asked, whoever begins", () => {
  const alice = new ClientScene().login();
  const room = { kind: "direct", last: 0, received: 0, read: 0 };
  assertEquals(
    alice.hear(70, "", '{"type":"GRP_SUB","group":"@bob"}'),
    ["70 ACK {}"],
  );
  assertEquals(
    alice.hear(71, "", push({ id: 11, sequence: 1, text: "psst" }, "@bob")),
    ['71 ACK {"MessageID":11,"group":"@bob","username":"alice"}'],
  );
  const bob = alice.told() as [string, Record<string, unknown>][];
  assertEquals(bob.map(([type]) => type), [
    "rooms",
    "private_msg_delivery",
    "position",
  ]);
  assertEquals(bob[0]?.[1], {
    rooms: [{ room: 2, name: "bob", receivedByAll: 0, ...room }],
  });
  assertEquals(bob[2]?.[1], { room: 2, sequence: 1, time: 0 });

  const tell = (text: string) =>
    alice.ask({ type: "private_msg", recipient: "carol", text })[0] ?? "";
  const stored = (sequence: number) =>
    ok(`null,"MessageID":12,"sequence":${sequence}`);
  assertEquals(alice.hear(parseInt(tell("one")), "A", stored(1)), []);
  const carol = alice.told() as [string, Record<string, unknown>][];
  assertEquals(carol.map(([type]) => type), [
    "rooms",
    "position",
    "= private_msg_delivery",
  ]);
  assertEquals(carol[0]?.[1], {
    rooms: [{ room: 3, name: "carol", receivedByAll: 0, ...room }],
  });
  assertEquals(
    alice.hear(72, "", '{"type":"GRP_SUB","group":"@carol"}'),
    ["72 ACK {}"],
  );
  assertEquals(alice.hear(parseInt(tell("two")), "A", stored(2)), []);
  assertEquals(alice.told().length, 1);
});

Deno.test("the first message to somebody is told behind its room, also when a list came that was made before it", () => {
  const alice = new ClientScene().login();
  const tell = (recipient: string) =>
    parseInt(
      alice.ask({ type: "private_msg", recipient, text: "one" })[0] ?? "",
    );
  const [bob, carol] = [tell("bob"), tell("carol")];
  const stored = (id: number) => ok(`null,"MessageID":${id},"sequence":2`);
  const directs = (...names: string[]) =>
    ok(
      `[${
        names.map((name) =>
          `{"Name":"${name}","Date_Created":"2026-11-21 02:30:00","Members":` +
          '["alice","bob"],"kind":"direct","sequence":2,"received":2,' +
          '"receivedByAll":2}'
        )
      }]`,
    );
  const [first = ""] = alice.hear(bob, "A", stored(11));
  alice.hear(parseInt(first), "A", directs("@bob"));
  alice.told();
  const [second = ""] = alice.hear(carol, "A", stored(12));
  assertEquals(alice.told(), []);
  alice.hear(parseInt(second), "A", directs("@bob", "@carol"));
  assertEquals(alice.told().map((each) => (each as string[])[0]), [
    "rooms",
    "position",
    "= private_msg_delivery",
  ]);
});

Deno.test("what the server refuses is the reply, with our code or the nearest to the status", () => {
  const alice = new ClientScene().login();
  alice.ask({ type: "room_msg", room: 1, text: "one" });
  alice.hear(
    1110,
    "A",
    '{"status":429,"error":"Too fast: wait","response":null,"code":429}',
  );
  const [asked = ""] = alice.ask({ type: "join_room", room: "tea" });
  alice.hear(
    parseInt(asked),
    "A",
    '{"status":403,"error":"Not a member","response":null}',
  );
  assertEquals(alice.told(), [
    ["= error_msg", { code: 429, text: "Too fast: wait" }],
    ["= error_msg", { code: 403, text: "Not a member" }],
  ]);
});

Deno.test("a server that does not know the login any more is lost", () => {
  const alice = new ClientScene().login();
  alice.ask({ type: "room_msg", room: 1, text: "one" });
  alice.hear(1110, "A", '{"status":401,"error":"Log in","response":null}');
  assertEquals(alice.told(), [{ type: "lost", why: "logged_out" }]);
});

Deno.test("a silent server is lost after five seconds, also when only a keepalive went out", () => {
  const alice = new ClientScene().login();
  alice.end.keepalive(0);
  assertEquals(alice.sent(), [
    '-1 {"username":"alice","token":"t0ken","link":1000,"seqn":1110}',
  ]);
  alice.pass(4_999);
  assertEquals(alice.told(), []);
  alice.pass(5_000);
  assertEquals(alice.told(), [{ type: "lost", why: "silent" }]);
});

Deno.test("a keepalive lets the order count from 0 again, and waits while anything else does", () => {
  const alice = new ClientScene().login();
  alice.ask({ type: "list_rooms" });
  alice.end.keepalive(0);
  assertEquals(alice.sent(), []);
  alice.hear(1110, "A", ok(LOBBY));
  alice.end.keepalive(0);
  alice.hear(-1, "A", ok('{"username":"alice"}'));
  const [asked = ""] = alice.ask({ type: "list_rooms" });
  assertStrictEquals(
    asked.slice(asked.indexOf("{")),
    '{"type":"GRP_HST","username":"alice","n":0}',
  );
});

Deno.test("a client leaves when everything is acknowledged", () => {
  const alice = new ClientScene().login();
  alice.ask({ type: "list_rooms" });
  alice.end.finish(0);
  assertEquals(alice.sent(), []);
  assertEquals(alice.hear(1110, "A", ok(LOBBY)), ["-1 {}"]);
  alice.told();
  alice.hear(-1, "A", "{}");
  assertEquals(alice.told(), [{ type: "finished" }]);
});

Deno.test("what can't be read is acknowledged, and said", () => {
  const alice = new ClientScene().login();
  assertEquals(alice.hear(70, "", '{"type":"CHT","MessageID":"x"}'), [
    '70 ACK {"MessageID":"x","username":"alice"}',
  ]);
  const [event] = alice.told() as { type: string }[];
  assertStrictEquals(event?.type, "unreadable");
});

Deno.test("behind the end nothing comes, not even what can't be read", () => {
  const alice = new ClientScene().login();
  alice.hear(-1, "F");
  assertEquals(alice.told(), [{ type: "lost", why: "left" }]);
  alice.hear(5, "", "[]");
  alice.hear(6, "", '{"type":"GRP_SUB","group":""}');
  assertEquals(alice.told(), []);
});

Deno.test("messages of a server that does not count are counted, and told once by their ids", () => {
  const alice = new ClientScene().login(UNCOUNTED_LOBBY);
  alice.hear(70, "", push({ id: 31, text: "one" }));
  alice.hear(71, "", push({ id: 31, text: "one" }));
  alice.ask({ type: "room_msg", room: 1, text: "mine" });
  const [asked = ""] = alice.ask({ type: "room_msg", room: 1, text: "too" });
  // It acts upon them in whatever order they come.
  const own = { text: "too", username: "alice", seqn: parseInt(asked) };
  alice.hear(72, "", push({ id: 32, ...own }));
  alice.hear(parseInt(asked), "A", ok("null"));
  alice.hear(73, "", push({ id: 33, text: "two" }));
  alice.hear(1110, "A", ok("null"));
  const mine = { text: "mine", username: "alice", seqn: 1110 };
  alice.hear(74, "", push({ id: 34, ...mine }));
  assertEquals(messages(alice.told()), [
    ["room_msg", "one", 1],
    ["room_msg", "two", 2],
    ["= room_msg_ack", 0, 3],
    ["= room_msg_ack", 32, 4],
  ]);
  for (const [index, id] of [34, 31, 33, 32].entries()) {
    alice.hear(
      80 + index,
      "",
      `{"type":"MSG_RBA","group":"General Chat Room","MessageID":${id}}`,
    );
  }
  assertEquals(alice.told(), [
    ["received_by_all", { room: 1, sequence: 1 }],
    ["received_by_all", { room: 1, sequence: 3 }],
    ["received_by_all", { room: 1, sequence: 4 }],
  ]);
});

Deno.test("pushes of the original's server are told, though they repeat their author's fields", () => {
  const alice = new ClientScene().login(UNCOUNTED_LOBBY);
  const echo = (n: number) => `,"ref":"5d0c","n":${n},"type":"CHT"`;
  const hears = (seqn: number, id: number, username: string, n: number) =>
    alice.hear(
      seqn,
      "",
      push({ id, text: `${username} ${n}`, username, more: echo(n) }),
    );
  const ack = (seqn: number, id: number) => [
    `${seqn} ACK {"MessageID":${id},"group":"General Chat Room",` +
    `"username":"alice"}`,
  ];
  assertEquals(hears(70, 1, "bob", 3), ack(70, 1));
  assertEquals(hears(71, 2, "bob", 0), ack(71, 2));
  assertEquals(hears(72, 3, "carol", 0), ack(72, 3));
  assertEquals(messages(alice.told()), [
    ["room_msg", "bob 3", 1],
    ["room_msg", "bob 0", 2],
    ["room_msg", "carol 0", 3],
  ]);
});

Deno.test("rooms are asked for once, whatever is heard of them meanwhile, and again for a newer one", () => {
  const alice = new ClientScene();
  alice.ask({ type: "login", username: "alice", password: "secret" });
  alice.hear(0, "A", "{}");
  const [list] = alice.hear(1000, "A", ok('{"username":"alice"}'));
  assertEquals(list, '1066 {"type":"GRP_HST","username":"alice"}');
  alice.hear(70, "", push({ id: 5, sequence: 5 }));
  assertEquals(alice.hear(1066, "A", ok(LOBBY)), []);
  assertEquals(messages(alice.told()), [["room_msg", "hi", 5]]);

  alice.ask({ type: "join_room", room: "tea" });
  const [again] = alice.hear(1110, "A", ok("null"));
  assertEquals(again, '1174 {"type":"GRP_HST","username":"alice"}');
  // The list was made before bob made this one.
  alice.hear(71, "", '{"type":"GRP_SUB","group":"cakes","by":"bob"}');
  const entry = (name: string) =>
    `{"Name":"${name}","Date_Created":"2026-11-21 02:30:00","Members":[],` +
    `"sequence":0,"received":0,"receivedByAll":0}`;
  assertEquals(alice.hear(1174, "A", ok(`[${entry("tea")}]`)), [
    '1218 {"type":"GRP_HST","username":"alice"}',
  ]);
  const all = `[${entry("tea")},${entry("cakes")}]`;
  assertEquals(alice.hear(1218, "A", ok(all)), []);
  assertEquals(alice.ask({ type: "join_room", room: "tea" }).length, 1);
  assertEquals(alice.hear(1262, "A", ok("null")), []);
});

Deno.test("who makes one a member of a group is told, once, and the group is asked for", () => {
  const alice = new ClientScene().login();
  const body =
    '{"type":"GRP_SUB","group":"cake","Members":["bob","alice"],"by":"bob"}';
  assertEquals(alice.hear(70, "", body), [
    "70 ACK {}",
    '1110 {"type":"GRP_HST","username":"alice"}',
  ]);
  alice.hear(70, "", body);
  assertEquals(alice.told(), [
    ["invitation", { room: "cake", user: "bob", users: ["bob", "alice"] }],
  ]);
  // What one did oneself is no news, nor is the lobby.
  alice.hear(71, "", '{"type":"GRP_SUB","group":"pie","by":"alice"}');
  alice.hear(72, "", '{"type":"GRP_SUB","group":"General Chat Room"}');
  assertEquals(alice.told(), []);
});
