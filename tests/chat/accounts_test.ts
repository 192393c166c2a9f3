import { assert, assertEquals } from "@std/assert";
import { ChatRoom, type Peer } from "./chat_room.ts";
import {
  ack,
  before,
  error,
  reject,
  said,
  system,
  told,
  welcome,
} from "./expected.ts";
import type { Session } from "../../lib/chat/mod.ts";

/** A room whose accounts are alice, with the password "secret", and bob. */
function withAccounts(options = {}): ChatRoom {
  const room = new ChatRoom(options);
  room.addAccount("alice", "secret");
  room.addAccount("bob", "hidden");
  return room;
}

/** What a session was told, and whether it is closed. */
const end = ({ peer }: Session<Peer>) => [peer.take(), peer.closed] as const;

const WRONG = reject(401, "the name or the password is wrong");
const ALONE = reject(401, "this name can be used with its password alone");

Deno.test("a name that has an account is let in with its password alone", () => {
  const room = withAccounts();
  const right = room.login("Alice", { password: "secret" });
  assertEquals(end(right), [[welcome("alice")], false]);
  assertEquals(end(room.login("alice")), [[ALONE], true]);
  const wrong = room.login("alice", { password: "Secret" });
  assertEquals(end(wrong), [[WRONG], true]);
  assertEquals(right.peer.take(), []);
});

Deno.test("another name is a guest's, with or without a password, and a note says so", () => {
  const room = withAccounts();
  assertEquals(end(room.login("zoe")), [[welcome("zoe")], false]);
  assertEquals(end(room.login("yan", { password: "secret" })), [[
    welcome("yan"),
    system("yan has no account here: you are a guest"),
  ], false]);
  assertEquals(room.delays, []);
});

Deno.test("with --accounts-only an unknown name gets the very replies of a known one, and costs the same", () => {
  const room = withAccounts({ accountsOnly: true });
  room.holding.add("verify");
  const replies = ["alice", "nobody"].map((name) => {
    const wrong = room.login(name, { password: "no" });
    assertEquals([end(wrong), room.held.length], [[[], false], 1]);
    room.release();
    return [end(wrong), end(room.login(name))];
  });
  assertEquals(replies, [
    [[[WRONG], true], [[ALONE], true]],
    [[[WRONG], true], [[ALONE], true]],
  ]);
  assertEquals(room.delays, [0, 0]);
});

Deno.test("where a wire takes accounts alone, an unknown name and a guest's get the very replies of a known one, and cost the same", () => {
  const room = withAccounts();
  room.login("carol");
  room.holding.add("verify");
  const replies = ["alice", "nobody", "carol"].map((name) => {
    const wrong = room.login(name, { password: "no", accountsOnly: true });
    assertEquals([end(wrong), room.held.length], [[[], false], 1]);
    room.release();
    return [end(wrong), end(room.login(name, { accountsOnly: true }))];
  });
  assertEquals(replies, [
    [[[WRONG], true], [[ALONE], true]],
    [[[WRONG], true], [[ALONE], true]],
    [[[WRONG], true], [[ALONE], true]],
  ]);
  assertEquals(room.delays, [0, 0, 0]);
});

Deno.test("with --accounts-only nobody registers", () => {
  const room = withAccounts({ accountsOnly: true });
  const session = room.connect();
  room.ask(session, { type: "register", username: "zoe", password: "mine" });
  assertEquals(session.peer.take(), [
    error(403, "accounts are made by whoever runs this server"),
  ]);
});

Deno.test("guesses are put off for longer and longer, then refused without a check", () => {
  const room = withAccounts();
  const replies = Array.from(
    { length: 11 },
    (_, index) =>
      room.login("alice", { password: "?", address: `192.0.2.${index}` })
        .peer.take()[0],
  );
  assertEquals(room.delays, [0, 0, 0, 0, 250, 750, 1750, 3750, 7750]);
  assertEquals(replies.slice(8), [
    WRONG,
    reject(429, "too many failed tries, the next one in 16 s"),
    reject(429, "too many failed tries, the next one in 16 s"),
  ]);
  // A name that nobody has is counted just so, and others are not slower.
  room.login("bob", { password: "hidden" });
  assertEquals(room.delays.slice(9), [0]);
});

Deno.test("passwords that wait to be checked are so many and no more", () => {
  const room = withAccounts({ limits: { passwordChecks: 2 } });
  room.holding.add("verify");
  const [one, two, three] = ["secret", "no", "secret"].map((password) =>
    room.login("alice", { password })
  ) as [Session<Peer>, Session<Peer>, Session<Peer>];
  const many = reject(429, "too many passwords are being checked");
  assertEquals(end(three), [[many], true]);
  room.release();
  // The client may be gone: its place is free when its check is done.
  room.disconnect(two);
  room.refuse("no thread");
  assertEquals(end(one), [[welcome("alice")], false]);
  const four = room.login("alice", { password: "secret" });
  room.release();
  assertEquals(end(four), [[welcome("alice")], false]);
});

Deno.test("who was removed or got another password while theirs was checked is not let in", () => {
  const room = withAccounts();
  room.holding.add("verify");
  const alice = room.login("alice", { password: "secret" });
  const bob = room.login("bob", { password: "hidden" });
  room.state.people.delete(101);
  room.addAccount("alice", "another");
  const record = room.state.people.get(102);
  if (record?.verifier === undefined) throw new Error("no bob");
  const verifier = { ...record.verifier, salt: new Uint8Array([7]) };
  room.state.people.set(102, { ...record, verifier });
  room.changeAccounts();
  room.hub.accountsChanged(room.accounts ?? [], room.now);
  room.release();
  room.release();
  assertEquals(end(alice), [[WRONG], true]);
  assertEquals(end(bob), [[WRONG], true]);
});

Deno.test("a guest registers and keeps its name, its rooms and what was said to it", () => {
  const room = withAccounts();
  const [zoe, bob] = [
    room.login("zoe", { reach: "many" }),
    room.login("bob", { password: "hidden" }),
  ];
  room.ask(bob, { type: "private_msg", recipient: "zoe", text: "psst" });
  room.durable();
  room.ask(zoe, { type: "join_room", room: "den" });
  zoe.peer.take();
  room.ask(zoe, { type: "register", password: "mine" });
  assertEquals(zoe.peer.take(), [{ type: "register", username: "zoe" }]);
  room.ask(zoe, { type: "register", password: "again" });
  assertEquals(zoe.peer.take(), [error(409, "you have an account")]);
  room.disconnect(zoe);
  room.restart();
  assertEquals(end(room.login("zoe")), [[ALONE], true]);
  const again = room.login("zoe", { password: "mine" });
  assertEquals(again.peer.take(), [
    welcome("zoe"),
    before(told("bob", "zoe", "psst")),
  ]);
  room.ask(again, { type: "list_rooms" });
  assertEquals(again.peer.take(), [
    { type: "list_rooms", rooms: ["den", "general"] },
  ]);
});

Deno.test("who isn't logged in registers a free name and is logged in", () => {
  const room = withAccounts();
  const [zoe, taker] = [room.connect(), room.login("yan")];
  taker.peer.take();
  const asked = {
    type: "register",
    username: "zoe",
    password: "mine",
  } as const;
  room.ask(zoe, { ...asked, username: "BOB" });
  room.ask(zoe, { ...asked, username: "Yan" });
  room.ask(zoe, { ...asked, password: "" });
  room.ask(zoe, asked);
  assertEquals(zoe.peer.take(), [
    error(409, "BOB is taken"),
    error(409, "Yan is taken"),
    error(400, "the password is empty"),
    welcome("zoe"),
  ]);
  assertEquals(taker.peer.take(), [system("zoe joined general")]);
  const second = room.login("zoe", { password: "mine" });
  assertEquals(end(second), [[welcome("zoe")], false]);
});

Deno.test("who changes the password stays, alone and under a new token: other sessions and all tokens end", () => {
  const room = withAccounts();
  const login = () =>
    room.login("alice", { password: "secret", keep: true, reach: "many" });
  const [one, two, three] = [login(), login(), login()];
  room.disconnect(three);
  const [ackOne] = one.peer.take();
  two.peer.take();
  const change = { type: "change_password", newPassword: "new" } as const;
  room.ask(one, { ...change, password: "wrong" });
  room.ask(one, { ...change, password: "secret" });
  const [wrong, changed] = one.peer.take();
  assertEquals(wrong, error(401, "the password is wrong"));
  assert(changed?.type === "change_password" && changed.token !== undefined);
  assertEquals(one.peer.closed, false);
  assertEquals(end(two), [[error(401, "the password was changed")], true]);
  assertEquals(room.state.sessions.size, 1);
  const resume = (token: string) => {
    const resumed = room.connect({ reach: "many" });
    room.ask(resumed, { type: "resume", token, positions: [] });
    return end(resumed);
  };
  const token = ackOne?.type === "login_ack" && ackOne.token || "none";
  const over = reject(401, "this session is over, log in by name");
  assertEquals(resume(token), [[over], true]);
  room.restart();
  assertEquals(resume(token), [[over], true]);
  assertEquals(resume(changed.token)[1], false);
  assertEquals(end(room.login("alice", { password: "secret" }))[0], [WRONG]);
  const again = room.login("alice", { password: "new" });
  assertEquals(end(again), [[welcome("alice")], false]);
});

Deno.test("a kept session counts its messages on under its new token", () => {
  const room = withAccounts();
  const before = room.login("alice", {
    password: "secret",
    keep: true,
    reach: "many",
  });
  room.ask(before, { type: "room_msg", text: "once", ref: 0 });
  room.durable();
  before.peer.take();
  room.ask(before, {
    type: "change_password",
    password: "secret",
    newPassword: "new",
  });
  const [changed] = before.peer.take();
  assert(changed?.type === "change_password" && changed.token !== undefined);
  room.disconnect(before);
  const after = room.connect({ reach: "many" });
  room.ask(after, { type: "resume", token: changed.token, positions: [] });
  after.peer.take();
  room.ask(after, { type: "room_msg", text: "once", ref: 0 });
  room.durable();
  const [answer] = after.peer.take();
  assert(answer?.type === "room_msg_ack" && answer.repeated === true);
});

Deno.test("who is gone before the new password is written leaves no token behind", () => {
  const room = withAccounts();
  const alice = room.login("alice", {
    password: "secret",
    keep: true,
    reach: "many",
  });
  const [ack] = alice.peer.take();
  room.holding.add("save");
  room.ask(alice, {
    type: "change_password",
    password: "secret",
    newPassword: "new",
  });
  room.disconnect(alice);
  room.holding.clear();
  room.release();
  assertEquals(room.state.sessions.size, 0);
  const resumed = room.connect({ reach: "many" });
  const token = ack?.type === "login_ack" && ack.token || "none";
  room.ask(resumed, { type: "resume", token, positions: [] });
  assertEquals(end(resumed), [
    [reject(401, "this session is over, log in by name")],
    true,
  ]);
});

Deno.test("a new token holds over a restart, also when the session was written meanwhile under the one before", () => {
  const room = withAccounts({ limits: { accountSession: 2_000 } });
  const alice = room.login("alice", {
    password: "secret",
    keep: true,
    reach: "many",
  });
  alice.peer.take();
  room.holding.add("save");
  room.ask(alice, {
    type: "change_password",
    password: "secret",
    newPassword: "new",
  });
  // It is in use still, of which the store is to hear.
  room.pass(1_000);
  assertEquals(room.held.length, 2);
  while (room.held.length > 0) room.release();
  const [changed] = alice.peer.take();
  assert(changed?.type === "change_password" && changed.token !== undefined);
  room.holding.clear();
  room.restart();
  const again = room.connect({ reach: "many" });
  room.ask(again, { type: "resume", token: changed.token, positions: [] });
  assertEquals(again.peer.take()[0]?.type, "login_ack");
});

Deno.test("who keeps no session gets no token with a new password", () => {
  const room = withAccounts();
  const alice = room.login("alice", { password: "secret", reach: "many" });
  alice.peer.take();
  room.ask(alice, {
    type: "change_password",
    password: "secret",
    newPassword: "new",
  });
  assertEquals(alice.peer.take(), [{ type: "change_password" }]);
  assertEquals(room.state.sessions.size, 0);
});

Deno.test("a guest has no password to change", () => {
  const room = new ChatRoom();
  const zoe = room.login("zoe");
  zoe.peer.take();
  room.ask(zoe, { type: "change_password", password: "", newPassword: "new" });
  assertEquals(zoe.peer.take(), [error(403, "a guest has no password")]);
});

Deno.test("one account is online with several clients: each gets everything, others see one person", () => {
  const room = withAccounts();
  const bob = room.login("bob", { password: "hidden" });
  bob.peer.take();
  const login = () => room.login("alice", { password: "secret" });
  const [one, two] = [login(), login()];
  assertEquals(bob.peer.take(), [system("alice joined general")]);
  assertEquals(one.peer.take(), [welcome("alice")]);
  assertEquals(two.peer.take(), [welcome("alice")]);
  assertEquals(room.hub.people, 2);
  room.say(one, "hi");
  room.durable();
  assertEquals(one.peer.take(), [ack(1)]);
  assertEquals(two.peer.take(), [said("alice", "hi")]);
  room.ask(two, { type: "private_msg", recipient: "bob", text: "psst" });
  room.durable();
  const private_ = told("alice", "bob", "psst");
  assertEquals([one.peer.take(), two.peer.take()], [[private_], [private_]]);
  assertEquals(bob.peer.take(), [said("alice", "hi"), private_]);
  room.ask(bob, { type: "list_users" });
  room.disconnect(one);
  room.disconnect(two);
  assertEquals(bob.peer.take(), [
    { type: "list_users", room: "general", users: ["alice", "bob"] },
    system("alice left general"),
  ]);
});
