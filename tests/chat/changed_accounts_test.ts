import { assertEquals } from "@std/assert";
import type { Session } from "../../lib/chat/mod.ts";
import { ChatRoom, type Peer } from "./chat_room.ts";
import { error, reject, system, told, welcome } from "./expected.ts";

const end = ({ peer }: Session<Peer>) => [peer.take(), peer.closed] as const;
const ALONE = reject(401, "this name can be used with its password alone");

/** The hub hears of the accounts as they are now. */
function tellHub(room: ChatRoom): void {
  room.changeAccounts();
  room.hub.accountsChanged(room.accounts ?? [], room.now);
  room.accounts = undefined;
  room.work();
}

for (
  const { when, hear } of [
    { when: "once a second", hear: tellHub },
    { when: "at the next login", hear: (room: ChatRoom) => room.login("yan") },
  ]
) {
  Deno.test(`a guest gives way to an account of its name that another program made, noticed ${when}`, () => {
    const room = new ChatRoom();
    const zoe = room.login("Zoe");
    zoe.peer.take();
    room.addAccount("zoe", "mine");
    hear(room);
    assertEquals(
      zoe.peer.take().filter(({ type }) => type === "error_msg"),
      [error(401, "zoe has an account now")],
    );
    assertEquals(zoe.peer.closed, true);
    assertEquals(end(room.login("zoe")), [[ALONE], true]);
    const again = room.login("zoe", { password: "mine" });
    assertEquals(end(again), [[welcome("zoe")], false]);
  });

  Deno.test(`an account that another program removed is logged out, and its name free, noticed ${when}`, () => {
    const room = new ChatRoom();
    room.addAccount("alice", "secret");
    const alice = room.login("alice", {
      password: "secret",
      keep: true,
      reach: "many",
    });
    const [reply] = alice.peer.take();
    room.state.people.delete(101);
    room.changeAccounts();
    hear(room);
    assertEquals(
      alice.peer.take().filter(({ type }) => type === "error_msg"),
      [error(401, "this account was removed")],
    );
    assertEquals(alice.peer.closed, true);
    const token = reply?.type === "login_ack" && reply.token || "none";
    const resumed = room.connect();
    room.ask(resumed, { type: "resume", token, positions: [] });
    assertEquals(end(resumed), [
      [reject(401, "this session is over, log in by name")],
      true,
    ]);
    assertEquals(end(room.login("alice")), [[welcome("alice")], false]);
  });

  Deno.test(`an account whose password another program changed is logged out, noticed ${when}`, () => {
    const room = new ChatRoom();
    room.addAccount("alice", "secret");
    const alice = room.login("alice", {
      password: "secret",
      keep: true,
      reach: "many",
    });
    const [reply] = alice.peer.take();
    const record = room.state.people.get(101);
    if (record?.verifier === undefined) throw new Error("no alice");
    const hash = new TextEncoder().encode("new");
    const verifier = { ...record.verifier, hash };
    room.state.people.set(101, { ...record, verifier });
    room.changeAccounts();
    hear(room);
    assertEquals(
      alice.peer.take().filter(({ type }) => type === "error_msg"),
      [error(401, "the password was changed")],
    );
    // Not even after a restart.
    room.restart();
    const token = reply?.type === "login_ack" && reply.token || "none";
    const resumed = room.connect();
    room.ask(resumed, { type: "resume", token, positions: [] });
    assertEquals(end(resumed)[1], true);
    const again = room.login("alice", { password: "new" });
    assertEquals(end(again), [[welcome("alice")], false]);
  });
}

Deno.test("an account made anew under the same name is somebody else", () => {
  const room = new ChatRoom();
  room.addAccount("alice", "secret");
  room.addAccount("bob", "hidden");
  const [alice, bob] = [
    room.login("alice", { password: "secret" }),
    room.login("bob", { password: "hidden" }),
  ];
  room.ask(bob, { type: "private_msg", recipient: "alice", text: "psst" });
  room.durable();
  alice.peer.take();
  room.state.people.delete(101);
  room.addAccount("alice", "secret");
  tellHub(room);
  assertEquals(end(alice), [[error(401, "this account was removed")], true]);
  const other = room.login("alice", { password: "secret" });
  assertEquals(end(other), [[welcome("alice")], false]);
  bob.peer.take();
  room.ask(bob, { type: "private_msg", recipient: "alice", text: "who?" });
  room.durable();
  assertEquals(other.peer.take(), [told("bob", "alice", "who?")]);
  assertEquals(bob.peer.take(), [told("bob", "alice", "who?")]);
  assertEquals(room.hub.people, 2);
});

Deno.test("an account that others changed nothing about notices nothing", () => {
  const room = new ChatRoom();
  room.addAccount("alice", "secret");
  const alice = room.login("alice", { password: "secret" });
  alice.peer.take();
  room.addAccount("bob", "hidden");
  tellHub(room);
  room.login("bob", { password: "hidden" });
  assertEquals(end(alice), [[system("bob joined general")], false]);
});

for (const what of ["removed", "changed"]) {
  Deno.test(`nobody changes the password of an account that another program has ${what} and the hub has not heard of it`, () => {
    const room = new ChatRoom();
    room.addAccount("alice", "secret");
    const alice = room.login("alice", { password: "secret" });
    alice.peer.take();
    room.holding.add("hash");
    room.ask(alice, {
      type: "change_password",
      password: "secret",
      newPassword: "mine for ever",
    });
    const record = room.state.people.get(101);
    if (record?.verifier === undefined) throw new Error("no alice");
    if (what === "removed") room.state.people.delete(101);
    else {
      const verifier = { ...record.verifier, salt: new Uint8Array([7]) };
      room.state.people.set(101, { ...record, verifier });
    }
    const left = [...room.state.people.values()];
    room.changeAccounts();
    room.release();
    assertEquals(end(alice), [[
      error(
        401,
        what === "removed"
          ? "this account was removed"
          : "the password was changed",
      ),
    ], true]);
    assertEquals([...room.state.people.values()], left);
  });
}
