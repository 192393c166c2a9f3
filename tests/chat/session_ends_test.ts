import { assertEquals } from "@std/assert";
import type { Session } from "../../lib/chat/mod.ts";
import { ChatRoom, type LoginOptions, type Peer } from "./chat_room.ts";
import { reject, said, system, welcome } from "./expected.ts";

type Someone = Session<Peer>;

const OVER = reject(401, "this session is over, log in by name");
const MINUTE = 60_000;
const DAY = 86_400_000;

/** Logs in for a session that is kept; answers it and its token. */
function keep(
  room: ChatRoom,
  name: string,
  options: LoginOptions = {},
): [Someone, string] {
  const session = room.login(name, { keep: true, reach: "many", ...options });
  const [reply] = session.peer.take();
  if (reply?.type !== "login_ack") throw new Error(`no login: ${reply?.type}`);
  return [session, reply.token ?? "none"];
}

/** The first reply to a resumption. */
function resume(room: ChatRoom, token: string) {
  const session = room.connect({ reach: "many" });
  room.ask(session, { type: "resume", token, positions: [] });
  return session.peer.take()[0];
}

Deno.test("a guest has ten minutes to come back, then its name is free and its token void", () => {
  const room = new ChatRoom();
  const [zoe, token] = keep(room, "zoe");
  room.disconnect(zoe);
  room.pass(10 * MINUTE - 1);
  assertEquals(room.login("zoe").peer.take(), [
    reject(409, "somebody is here as zoe"),
  ]);
  room.pass(1);
  assertEquals(resume(room, token), OVER);
  assertEquals(room.login("zoe").peer.take(), [welcome("zoe")]);
  assertEquals([room.state.sessions.size, room.state.people.size], [0, 0]);
});

Deno.test("an account has thirty days to come back", () => {
  const room = new ChatRoom();
  room.addAccount("alice", "secret");
  const [alice, token] = keep(room, "alice", { password: "secret" });
  room.disconnect(alice);
  room.pass(30 * DAY - 1);
  assertEquals(resume(room, token)?.type, "login_ack");
  const [other, second] = keep(room, "alice", { password: "secret" });
  room.disconnect(other);
  room.pass(30 * DAY);
  assertEquals(resume(room, second), OVER);
  assertEquals(room.state.people.size, 1);
});

Deno.test("the time goes on over a restart", () => {
  const room = new ChatRoom();
  const [zoe, token] = keep(room, "zoe");
  room.disconnect(zoe);
  room.pass(6 * MINUTE);
  room.restart();
  room.pass(4 * MINUTE);
  assertEquals(resume(room, token), OVER);
  assertEquals(room.state.people.size, 0);
});

Deno.test("who was here for long can come back after a server that died", () => {
  const room = new ChatRoom({ limits: { idleTimeout: Infinity } });
  room.addAccount("alice", "secret");
  const [, ofGuest] = keep(room, "zoe");
  const [, ofAccount] = keep(room, "alice", { password: "secret" });
  for (let day = 0; day < 44; day++) room.pass(DAY);
  for (let minute = 0; minute < 14; minute++) room.pass(MINUTE);
  room.restart();
  room.pass(0);
  assertEquals(resume(room, ofGuest)?.type, "login_ack");
  assertEquals(resume(room, ofAccount)?.type, "login_ack");
});

Deno.test("who came back at the last moment can do so again after a server that died", () => {
  const room = new ChatRoom();
  const [zoe, token] = keep(room, "zoe");
  room.disconnect(zoe);
  room.pass(9 * MINUTE);
  resume(room, token);
  room.pass(4 * MINUTE);
  room.restart();
  room.pass(0);
  assertEquals(resume(room, token)?.type, "login_ack");
});

Deno.test("a guest whose name got an account while the server was down is nobody any more", () => {
  const room = new ChatRoom();
  const [, token] = keep(room, "Zoe");
  room.addAccount("zoe", "mine");
  room.accounts = undefined;
  room.restart();
  assertEquals(resume(room, token), OVER);
  const zoe = room.login("zoe", { password: "mine" });
  assertEquals(zoe.peer.take(), [welcome("zoe")]);
});

Deno.test("a guest without a session that a server which died left behind is nobody any more", () => {
  const room = new ChatRoom();
  keep(room, "zoe");
  room.state.sessions.clear();
  room.restart();
  assertEquals(room.login("zoe").peer.take(), [welcome("zoe")]);
});

Deno.test("with --accounts-only no guest comes back", () => {
  const room = new ChatRoom();
  const [, token] = keep(room, "zoe");
  const strict = new ChatRoom({ accountsOnly: true });
  for (const record of room.state.people.values()) {
    strict.state.apply({ type: "put_person", person: record });
  }
  for (const session of room.state.sessions.values()) {
    strict.state.apply({ type: "put_session", session });
  }
  strict.restart();
  assertEquals(resume(strict, token), OVER);
});

Deno.test("an address has so many guests who may come back, an account so many sessions", () => {
  const room = new ChatRoom({ limits: { absentGuests: 2, absentSessions: 1 } });
  room.addAccount("alice", "secret");
  const tokens = (name: string, count: number, password?: string) =>
    Array.from({ length: count }, (_, index) => {
      const session = room.login(password ? name : `${name}${index}`, {
        keep: true,
        reach: "many",
        ...password !== undefined && { password },
      });
      const [ack] = session.peer.take();
      room.disconnect(session);
      return ack?.type === "login_ack" ? ack.token ?? "" : "";
    });
  const answer = (token: string) => {
    const session = room.connect({ reach: "many" });
    room.ask(session, { type: "resume", token, positions: [] });
    const [reply] = session.peer.take();
    return `${reply?.type}`;
  };
  const refused = ["login_reject", "login_ack", "login_ack"];
  assertEquals(tokens("guest", 3).map(answer), refused);
  assertEquals(tokens("alice", 2, "secret").map(answer), refused.slice(0, 2));
  assertEquals(room.hub.people, 3);
});

Deno.test("who was refused a thousand messages in one session is sent away", () => {
  const room = new ChatRoom();
  const zoe = room.login("zoe", { keep: true, reach: "many" });
  for (let ref = 0; ref <= 1_000; ref++) {
    room.now += 20;
    room.ask(zoe, { type: "private_msg", recipient: "no", text: "x", ref });
  }
  assertEquals(zoe.peer.closed, true);
  const told = zoe.peer.take();
  const codes = told.map((event) => "code" in event && event.code);
  assertEquals(codes.slice(-2), [404, 429]);
  assertEquals(room.state.rejections.length, 1_000);
});

Deno.test("a guest who logs out sets the name free at once, and leaves nothing behind", () => {
  const room = new ChatRoom();
  const [zoe, token] = keep(room, "zoe");
  const bob = room.login("bob");
  for (const each of [zoe, bob]) each.peer.take();
  room.ask(zoe, { type: "logout" });
  assertEquals([zoe.peer.take(), zoe.peer.closed], [[], true]);
  assertEquals(bob.peer.take(), [system("zoe left general")]);
  assertEquals([room.state.sessions.size, room.state.people.size], [0, 0]);
  assertEquals(resume(room, token), OVER);
  assertEquals(room.login("zoe").peer.take(), [welcome("zoe")]);
  room.restart();
  assertEquals(resume(room, token), OVER);
});

Deno.test("who logs out ends that session alone", () => {
  const room = new ChatRoom();
  room.addAccount("alice", "secret");
  const [phone, ofPhone] = keep(room, "alice", { password: "secret" });
  const [, ofDesk] = keep(room, "alice", { password: "secret" });
  const [gone, ofGone] = keep(room, "alice", { password: "secret" });
  room.disconnect(gone);
  room.ask(phone, { type: "logout" });
  assertEquals(room.state.sessions.size, 2);
  assertEquals(resume(room, ofPhone), OVER);
  assertEquals(resume(room, ofDesk)?.type, "login_ack");
  assertEquals(resume(room, ofGone)?.type, "login_ack");
});

Deno.test("what was said before a logout is stored and answered before the end", () => {
  const room = new ChatRoom();
  const [zoe] = keep(room, "zoe");
  for (const text of ["one", "two"]) room.say(zoe, text);
  room.ask(zoe, { type: "list_rooms" });
  room.ask(zoe, { type: "logout" });
  assertEquals([zoe.peer.take(), zoe.peer.closed], [[], false]);
  assertEquals(room.login("zoe").peer.take(), [
    reject(409, "somebody is here as zoe"),
  ]);
  for (let turn = 0; turn < 2; turn++) room.durable();
  assertEquals(zoe.peer.take().map(({ type }) => type), [
    "room_msg_ack",
    "room_msg_ack",
    "list_rooms",
  ]);
  assertEquals(zoe.peer.closed, true);
  assertEquals(room.login("zoe").peer.take()[0], welcome("zoe"));
});

Deno.test("a logout counts also when the connection ends before its turn", () => {
  const room = new ChatRoom();
  const [zoe, token] = keep(room, "zoe");
  const bob = room.login("bob");
  room.say(zoe, "last words");
  room.ask(zoe, { type: "logout" });
  room.disconnect(zoe);
  bob.peer.take();
  room.durable();
  assertEquals(bob.peer.take(), [said("zoe", "last words")]);
  assertEquals(resume(room, token), OVER);
  assertEquals([room.state.sessions.size, room.state.people.size], [0, 0]);
});

Deno.test("a logout is taken however fast one asked, logged in or not", () => {
  const limits = { requestsPerSecond: 1, requestBurst: 1 };
  const room = new ChatRoom({ limits });
  const [zoe] = keep(room, "zoe");
  room.ask(zoe, { type: "logout" });
  assertEquals([zoe.peer.take(), zoe.peer.closed], [[], true]);
  const nobody = room.connect({ reach: "many" });
  room.ask(nobody, { type: "logout" });
  assertEquals([nobody.peer.take(), nobody.peer.closed], [[], true]);
});
