/** Every command that has to do with rooms, through a pipe, at a real server. */

import { assertEquals } from "@std/assert";
import { Piper } from "./piper.ts";
import { withServer } from "../server/test_server.ts";

/** An event without what no test can know. */
function plain(line: string): Record<string, unknown> {
  const { time: _, ...event } = JSON.parse(line, (key, value) => {
    if (key === "sent") return undefined;
    return typeof value === "number" && ["id", "user"].includes(key)
      ? "number"
      : value;
  });
  return event;
}

Deno.test("through a pipe a group is made, shown, searched and left", async () => {
  await withServer(async (port) => {
    const url = `chatp://127.0.0.1:${port}`;
    const bob = new Piper("bob", url);
    bob.say("/rooms\n");
    await bob.hears("* rooms: general");
    const eve = new Piper("eve", url);
    eve.say("/rooms\n");
    await eve.hears("* rooms: general");
    const alice = new Piper("alice", url, { json: true });
    alice.say("/group crew bob\n/join crew\nHello crew\n/invite eve\n");
    alice.say("/members\n/history 1\n/history 1h\n/search hello\n");
    alice.say("/leave\n/invite eve crew\n").end();
    assertEquals((await alice.done)?.kind, "request_rejected");
    const member = (name: string) => (
      { user: "number", name, account: false, here: true }
    );
    const said = {
      type: "room_msg",
      room: "crew",
      sender: "alice",
      text: "Hello crew",
      history: true,
      id: "number",
      sequence: 1,
    };
    const found = { messages: [said], more: false };
    const events = alice.out.map(plain);
    assertEquals(events.filter(({ line }) => line !== undefined), [
      {
        type: "make_group",
        line: 1,
        room: "crew",
        users: ["alice", "bob"],
      },
      { type: "join_room", line: 2, room: "crew" },
      { type: "ack", line: 3, request: "room_msg", room: "crew", sequence: 1 },
      { type: "invite", line: 4, room: "crew", user: "eve" },
      {
        type: "list_members",
        line: 5,
        room: "crew",
        members: ["alice", "bob", "eve"].map(member),
      },
      { type: "history", line: 6, room: "crew", ...found },
      { type: "history", line: 7, room: "crew", ...found },
      { type: "search", line: 8, ...found },
      { type: "leave_room", line: 9, room: "crew" },
      {
        type: "error",
        line: 10,
        text: "Not sent: You are in no room called crew",
        hint: "/join it first",
      },
    ]);
    await eve.hears("* alice left general");
    await bob.hears("* alice left general");
    bob.end();
    assertEquals(await bob.done, undefined);
    await eve.hears("* bob left general");
    eve.end();
    assertEquals(await eve.done, undefined);
    assertEquals(bob.out.filter((line) => /crew/.test(line)), [
      "* alice made you a member of the group crew",
      "[crew] alice: Hello crew",
      "* eve joined crew",
      "* alice left crew",
    ]);
    assertEquals(eve.out.filter((line) => /crew/.test(line)), [
      "* alice made you a member of the group crew",
      "* alice left crew",
      "* bob left crew",
    ]);
  });
});

Deno.test("through a pipe a room can be named in the line behind the one that makes it", async () => {
  await withServer(async (port) => {
    const alice = new Piper("alice", `chatp://127.0.0.1:${port}`);
    alice.say("/group crew alice\n/members crew\n/leave crew\n/members crew\n");
    alice.say("/join tea\n/members tea\n").end();
    assertEquals((await alice.done)?.kind, "request_rejected");
    assertEquals(alice.out, [
      "* the group crew has alice",
      "* members of crew: alice (guest)",
      "* you have left crew",
      "* you are now in tea",
      "* members of tea: alice (guest)",
    ]);
    assertEquals(alice.errors.length, 1);
  });
});

Deno.test("through a pipe what two people wrote to each other is shown, from the first message on", async () => {
  await withServer(async (port) => {
    const url = `chatp://127.0.0.1:${port}`;
    const bob = new Piper("bob", url);
    bob.say("/history @alice\n/users\n");
    await bob.hears("* users in general: bob");
    const alice = new Piper("alice", url);
    alice.say("/msg Bob one\n/history @bob\n/msg bob two\n/history @BOB 1\n");
    await alice.hears("* 1 message, and more, with bob");
    bob.say("/history @alice 1h\n/msg alice three\n").end();
    assertEquals((await bob.done)?.kind, "request_rejected");
    await alice.hears("[private] bob: three");
    alice.end();
    assertEquals(await alice.done, undefined);
    assertEquals(alice.out, [
      "(earlier) [private] alice -> bob: one",
      "* 1 message with bob",
      "(earlier) [private] alice -> bob: two",
      "* 1 message, and more, with bob",
      "[private] bob: three",
      "* bob left general",
    ]);
    assertEquals(bob.out.slice(-5), [
      "[private] alice: one",
      "[private] alice: two",
      "(earlier) [private] alice: one",
      "(earlier) [private] alice: two",
      "* 2 messages with alice",
    ]);
    assertEquals(bob.errors.slice(0, 1), [
      "chatp: line 1: Not sent: There are no messages between alice and you " +
      "(/history). Type /msg alice <message>",
    ]);
  });
});

Deno.test("through a pipe what follows /leave is said in general, however fast it comes", async () => {
  await withServer(async (port) => {
    const url = `chatp://127.0.0.1:${port}`;
    const fast = new Piper("fast", url);
    fast.say("/join tea\n/leave\nhello\n/members\n/leave nosuch\n").end();
    assertEquals((await fast.done)?.message, "1 of 5 lines went undone");
    const slow = new Piper("slow", url);
    slow.say("/join tea\n/leave tea\n");
    await slow.hears("* you have left tea");
    slow.say("hello\n/members\n/leave nosuch\n/history 2\n").end();
    assertEquals((await slow.done)?.message, "1 of 6 lines went undone");
    assertEquals(fast.errors, slow.errors);
    assertEquals(fast.errors, [
      "chatp: line 5: Not sent: You are in no room called nosuch " +
      "(/leave). /join it first",
    ]);
    assertEquals(fast.out, [
      "* you are now in tea",
      "* you have left tea",
      "* members of general: fast (guest)",
    ]);
    assertEquals(slow.out.slice(-3), [
      "(earlier) [general] fast: hello",
      "(earlier) [general] slow: hello",
      "* 2 messages in general",
    ]);
  });
});

Deno.test("through a pipe a /leave of another room that fails changes nothing", async () => {
  await withServer(async (port) => {
    const alice = new Piper("alice", `chatp://127.0.0.1:${port}`);
    alice.say("/join @@\n/group crew alice\n/join crew\n/leave general\n");
    alice.say("in crew\n/history 1\n").end();
    assertEquals((await alice.done)?.message, "2 of 6 lines went undone");
    assertEquals(alice.out.slice(-2), [
      "(earlier) [crew] alice: in crew",
      "* 1 message in crew",
    ]);
  });
});

Deno.test("through a pipe what is behind a join that was refused is said nowhere, however late it comes", async () => {
  await withServer(async (port) => {
    const url = `chatp://127.0.0.1:${port}`;
    const bob = new Piper("bob", url);
    bob.say("/group crew bob\n");
    await bob.hears("* the group crew has bob");
    const alice = new Piper("alice", url, { json: true });
    alice.say("/join crew\n");
    const time = '"time":"1970-01-01T00:00:00.000Z"';
    await alice.hears(
      `{"type":"error",${time},"line":1,` +
        '"text":"Not allowed: nobody enters crew without an invitation","code":403}',
    );
    alice.say("for the crew\n/join general\nfor all\n").end();
    assertEquals((await alice.done)?.message, "2 of 4 lines went undone");
    assertEquals(alice.errors, [
      "chatp: line 1: Not allowed: nobody enters crew without an invitation (/join crew)",
      "chatp: line 2: It was meant for crew, and you are not there. " +
      "/join says where what follows is to be said",
    ]);
    await bob.hears("[general] alice: for all");
    bob.end();
    await bob.done;
    assertEquals(bob.out.filter((line) => /for the crew/.test(line)), []);
  });
});
