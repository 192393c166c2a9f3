/** The public keys of accounts. */

import { assertEquals } from "@std/assert";
import type { Request } from "../../lib/wire/mod.ts";
import { ChatRoom } from "./chat_room.ts";
import { error } from "./expected.ts";

/** A key of 2,048 bits, by the middle of its modulus. */
function key(byte: number): Uint8Array {
  return Uint8Array.fromHex(
    "30820122300d06092a864886f70d01010105000382010f003082010a0282010100" +
      "a5".repeat(100) + byte.toString(16).padStart(2, "0") + "a5".repeat(155) +
      "0203010001",
  );
}

const publish = (key: Uint8Array): Request => ({ type: "publish_key", key });
const find = (user: string): Request => ({ type: "find_key", user });

/** Alice, who has an account, and bob, a guest. */
function two() {
  const room = new ChatRoom();
  for (const name of ["alice", "Carol"]) room.addAccount(name, "secret");
  const login = (name: string) => {
    const session = room.login(name, {
      reach: "many",
      ...name !== "bob" && { password: "secret" },
    });
    session.peer.take();
    return session;
  };
  const [alice, bob] = [login("alice"), login("bob")];
  alice.peer.take();
  return { room, login, alice, bob };
}

Deno.test("a key that was published is handed out, to guests as well, and after a restart", () => {
  const { room, login, alice, bob } = two();
  room.ask(alice, publish(key(1)));
  assertEquals(alice.peer.take(), [{ type: "publish_key" }]);
  assertEquals(bob.peer.take(), []);
  room.ask(bob, find("ALICE"));
  const found = { type: "find_key", user: "alice", key: key(1) } as const;
  assertEquals(bob.peer.take(), [found]);
  room.restart();
  const again = login("bob");
  room.ask(again, find("alice"));
  assertEquals(again.peer.take(), [found]);
});

Deno.test("a new key takes the place of the one before, and outlives a new password", () => {
  const { room, login, alice, bob } = two();
  room.ask(alice, publish(key(1)));
  room.ask(alice, publish(key(2)));
  room.ask(alice, {
    type: "change_password",
    password: "secret",
    newPassword: "better",
  });
  assertEquals(alice.peer.take().map(({ type }) => type), [
    "publish_key",
    "publish_key",
    "change_password",
  ]);
  const found = { type: "find_key", user: "alice", key: key(2) } as const;
  room.ask(bob, find("alice"));
  assertEquals(bob.peer.take(), [found]);
  room.restart();
  const again = login("bob");
  room.ask(again, find("alice"));
  assertEquals(again.peer.take(), [found]);
});

Deno.test("who has no key, and who is nobody, has none to be handed out", () => {
  const { room, login, alice, bob } = two();
  for (
    const [user, said] of [
      ["alice", error(404, "alice has published no key")],
      ["carol", error(404, "Carol has published no key")],
      ["bob", error(404, "there is no account bob")],
      ["dave", error(404, "there is no account dave")],
    ] as const
  ) {
    room.ask(bob, find(user));
    assertEquals(bob.peer.take(), [said]);
  }
  room.ask(bob, find("a b"));
  const [refused] = bob.peer.take();
  assertEquals(refused?.type === "error_msg" && refused.code, 400);
  room.ask(alice, publish(key(1)));
  const { people } = room.state;
  for (const { name, handle } of people.values()) {
    if (name === "alice") people.delete(handle);
  }
  room.changeAccounts();
  login("Carol");
  bob.peer.take();
  room.ask(bob, find("alice"));
  assertEquals(bob.peer.take(), [error(404, "there is no account alice")]);
});

Deno.test("a guest has no key, and what is no key of RSA is none", () => {
  const { room, alice, bob } = two();
  room.ask(bob, publish(key(1)));
  assertEquals(bob.peer.take(), [
    error(403, "a key belongs to an account, a guest has none"),
  ]);
  const code = (bytes: Uint8Array) => {
    room.ask(alice, publish(bytes));
    return alice.peer.take().map((event) =>
      event.type === "error_msg" ? event.code : event.type
    );
  };
  assertEquals(code(new Uint8Array()), [400]);
  assertEquals(code(key(1).subarray(1)), [400]);
  assertEquals(code(new Uint8Array(551)), [413]);
  room.ask(bob, find("alice"));
  assertEquals(bob.peer.take(), [error(404, "alice has published no key")]);
});

Deno.test("a key that is not kept is not handed out", () => {
  const { room, alice, bob } = two();
  room.ask(alice, publish(key(1)));
  alice.peer.take();
  room.holding.add("save");
  room.ask(alice, publish(key(2)));
  room.ask(bob, find("alice"));
  assertEquals(alice.peer.take(), []);
  assertEquals(bob.peer.take(), [
    { type: "find_key", user: "alice", key: key(1) },
  ]);
  room.refuse("the disk is full");
  assertEquals(alice.peer.take(), [error(500, "the disk is full")]);
  room.ask(bob, find("alice"));
  assertEquals(bob.peer.take(), [
    { type: "find_key", user: "alice", key: key(1) },
  ]);
});

Deno.test("a key counts also when whoever published it is gone before it is kept", () => {
  const { room, alice, bob } = two();
  room.holding.add("save");
  room.ask(alice, publish(key(3)));
  room.disconnect(alice);
  room.release();
  room.ask(bob, find("alice"));
  assertEquals(bob.peer.take().at(-1), {
    type: "find_key",
    user: "alice",
    key: key(3),
  });
});
