/** What a session seals, opens, marks and refuses. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { BASIC, FULL, UDPCHAT } from "../../lib/client/mod.ts";
import { open } from "../../lib/secret/mod.ts";
import type { PrivateMessageRequest, Request } from "../../lib/wire/mod.ts";
import { ALICE, BOB, MALLORY } from "../secret/key_ring.ts";
import { withFolder } from "../store/temporary_folder.ts";
import { at, sealedBy, SecretStage } from "./secret_stage.ts";

const secret = { type: "secret", user: "bob" } as const;
const toBob = (text: string) =>
  ({ type: "private_msg", recipient: "bob", text }) as const;
const KEYS = { keys: { bob: BOB.public } } as const;

/** What a request says, opened by its reader, Bob. */
async function read(request: Request | undefined): Promise<string> {
  assert(request?.type === "private_msg", `${request?.type} was sent`);
  const { text: bytes } = request;
  assert(typeof bytes !== "string", `in the clear: ${bytes}`);
  const [sender, recipient] = ["alice", "bob"];
  const theirKeys = [ALICE.public];
  const how = { sender, recipient, mine: false, ownKeys: BOB, theirKeys };
  return (await open({ ...how, bytes })).text;
}

/** Somebody who has turned secrecy with Bob on. */
async function begun(
  folder: string,
  options: Parameters<typeof SecretStage.enter>[1] = KEYS,
): Promise<SecretStage> {
  const scene = await SecretStage.enter(folder, options);
  scene.session.submit(secret);
  await scene.told(2);
  return scene;
}

Deno.test("with /secret a private message is sealed, and what was typed keeps its order", () =>
  withFolder(async (folder) => {
    const scene = await SecretStage.enter(folder, KEYS);
    const { session } = scene;
    session.submit(toBob("in the clear"));
    const [before] = await scene.sent(1);
    assertEquals((before as PrivateMessageRequest).text, "in the clear");
    const said = { sender: "alice", recipient: "bob", text: "in the clear" };
    await scene.deliver({ ...said, place: at(1) });
    assertEquals(await scene.told(1), ["acknowledged 1"]);
    session.submit(secret);
    session.submit(toBob("one"));
    session.submit({ type: "list_rooms" });
    session.submit(toBob("two"));
    session.submit({ ...secret, off: true });
    session.submit(toBob("in the clear again"));
    const sent = await scene.sent(4);
    assertEquals(await read(sent[0]), "one");
    assertEquals(sent[1]?.type, "list_rooms");
    assertEquals(await read(sent[2]), "two");
    assertEquals((sent[3] as PrivateMessageRequest).text, "in the clear again");
    const { fingerprint } = BOB.public;
    assertEquals(await scene.told(3), [
      `warned: The key of bob is remembered from now on: ${fingerprint}`,
      `answered 2 ${
        JSON.stringify({ type: "secret", user: "bob", on: true, fingerprint })
      }`,
      `answered 6 ${
        JSON.stringify({ type: "secret", user: "bob", on: false })
      }`,
    ]);
    await scene.end();
  }));

Deno.test("what is sent again is the same bytes: after 429, and over the next connection", () =>
  withFolder(async (folder) => {
    const scene = await begun(folder);
    scene.session.submit(toBob("once"));
    const [first] = await scene.sent(1);
    await scene.link.say({ type: "error_msg", code: 429, text: "too fast" });
    await scene.stage.clock.pass(1_000);
    const [second] = await scene.sent(1);
    assertEquals(second, first);
    await scene.link.break();
    await scene.stage.clock.pass(1_000);
    await scene.stage.letIn();
    const again = await scene.sent(2);
    assertEquals(again.map(({ type }) => type), ["resume", "private_msg"]);
    assertEquals(again[1], first);
    await scene.end();
  }));

Deno.test("a long text goes in parts that are acknowledged together", () =>
  withFolder(async (folder) => {
    const scene = await begun(folder);
    const text = "Treffpunkt Brunnen ".repeat(420);
    scene.session.submit(toBob(text));
    const sent = await scene.sent(2);
    assertEquals(sent.length, 2);
    const parts = [await read(sent[0]), await read(sent[1])];
    assertEquals(parts.join(""), text);
    assert(parts[0]?.endsWith(" "), "cut within a word");
    const reply = (request: Request | undefined, sequence: number) => ({
      type: "private_msg_delivery" as const,
      sender: "alice",
      recipient: "bob",
      text: (request as PrivateMessageRequest).text,
      place: at(sequence),
    });
    await scene.link.say(reply(sent[0], 1));
    assertEquals(scene.events, []);
    await scene.link.say(reply(sent[1], 2));
    assertEquals(await scene.told(1), ["acknowledged 2"]);
    await scene.end();
  }));

Deno.test("of a long text of which a part went undone that is told once, and no acknowledgement", () =>
  withFolder(async (folder) => {
    await (await begun(folder)).end();
    const scene = await SecretStage.enter(folder, { abilities: BASIC });
    scene.session.submit(toBob("Treffpunkt Brunnen ".repeat(1_000)));
    const sent = await scene.sent(3) as PrivateMessageRequest[];
    assertEquals(sent.length, 3);
    const [first, , third] = sent.map(({ text }) => text);
    assert(first !== undefined && third !== undefined);
    const said = { sender: "alice", recipient: "bob" };
    await scene.deliver({ ...said, text: first });
    await scene.link.say({ type: "error_msg", code: 404, text: "gone" });
    assertEquals(await scene.told(1), ["refused 1: gone"]);
    await scene.deliver({ ...said, text: third });
    assertEquals(scene.events, []);
    assertEquals(scene.session.unsettled, 0);

    // Nor when the connection breaks: what was sent may have come or not.
    scene.session.submit(toBob("Treffpunkt Brunnen ".repeat(500)));
    await scene.sent(2);
    await scene.link.break();
    assertEquals((await scene.told(2)).toSorted(), ["lost", "unconfirmed"]);
    await scene.end();
  }));

Deno.test("nothing goes to a secret partner in the clear: not without a key of theirs or one's own, over no wire, and not in the next run", () =>
  withFolder(async (folder) => {
    const refusals: string[] = [];
    const runs = [
      {},
      { ...KEYS, ownKeys: null },
      { ...KEYS, abilities: UDPCHAT },
    ];
    for (const [index, options] of runs.entries()) {
      const scene = await SecretStage.enter(folder, options);
      if (index === 0) scene.session.submit(secret);
      scene.session.submit(toBob("hello"));
      const told = await scene.told(index === 0 ? 2 : 1);
      refusals.push(...told.filter((line) => line.startsWith("refused")));
      assertEquals(scene.link.sent, []);
      await scene.end();
    }
    const noKey = "There is no key to seal or open secret messages with";
    assertEquals(refusals, [
      "refused 1: Nothing is sent to bob: bob has no key",
      "refused 2: Nothing is sent to bob: bob has no key",
      `refused 1: Nothing is sent to bob: ${noKey}`,
      "refused 1: Not sent: The wire to this server can't carry secret messages",
    ]);
  }));

Deno.test("a key that has changed is refused loudly until it is accepted", () =>
  withFolder(async (folder) => {
    await (await begun(folder)).end();
    // In the next run the server has another key for Bob.
    const scene = await SecretStage.enter(folder, {
      keys: { bob: MALLORY.public },
    });
    scene.session.submit(toBob("one"));
    scene.session.submit(toBob("two"));
    const told = await scene.told(3);
    assertStringIncludes(told[0] ?? "", "warned: THE KEY OF bob HAS CHANGED");
    assertStringIncludes(told[0] ?? "", BOB.public.fingerprint);
    assertStringIncludes(told[0] ?? "", MALLORY.public.fingerprint);
    const changed = "Nothing is sent to bob: The key of bob has changed and " +
      "is not accepted";
    assertEquals(told.slice(1), [
      `refused 1: ${changed}`,
      `refused 2: ${changed}`,
    ]);
    assertEquals(scene.link.sent, []);
    scene.session.submit({ type: "verify", user: "bob" });
    assertStringIncludes((await scene.told(1))[0] ?? "", '"accepted":false');
    scene.session.submit({ type: "trust", user: "bob" });
    const { fingerprint } = MALLORY.public;
    assertEquals(await scene.told(1), [
      `answered 4 ${
        JSON.stringify({ type: "trust", user: "bob", fingerprint })
      }`,
    ]);
    scene.session.submit(toBob("three"));
    const [request] = await scene.sent(1);
    assert(request?.type === "private_msg" && request.text.length > 800);
    await scene.deliver({ text: await sealedBy(MALLORY), place: at(7) });
    assertEquals(await scene.told(1), ["opened bob: at six"]);
    await scene.end();
  }));

Deno.test("who has come anew may have another key: it is asked for before something is sealed to them", () =>
  withFolder(async (folder) => {
    const scene = await begun(folder);
    const { asked } = scene;
    assertEquals(asked, ["alice", "bob"]);
    scene.session.submit(toBob("one"));
    const [sent] = await scene.sent(1);
    const { text } = sent as PrivateMessageRequest;
    await scene.deliver({ sender: "alice", recipient: "bob", text });
    assertEquals([await scene.told(1), asked.length], [["acknowledged 2"], 2]);
    scene.keys.set("bob", MALLORY.public);
    await scene.link.say({
      type: "presence",
      room: "general",
      user: "Bob",
      here: true,
    });
    scene.session.submit(toBob("two"));
    const told = await scene.told(3);
    assertStringIncludes(told[1] ?? "", "THE KEY OF bob HAS CHANGED");
    assertStringIncludes(told[2] ?? "", "Nothing is sent to bob: The key of");
    assertEquals(scene.link.sent, []);
    await scene.end();
  }));

Deno.test("/trust accepts nothing that was not shown", () =>
  withFolder(async (folder) => {
    const scene = await begun(folder);
    scene.keys.set("bob", MALLORY.public);
    scene.session.submit({ type: "trust", user: "bob" });
    const told = await scene.told(2);
    assertStringIncludes(told[0] ?? "", "HAS CHANGED");
    assertEquals(
      told[1],
      "refused 2: The key of bob has changed and is not accepted",
    );
    await scene.end();
  }));

Deno.test("a secret message is read, in its place among the others, and its author's key asked for once", () =>
  withFolder(async (folder) => {
    const scene = await SecretStage.enter(folder, KEYS);
    await scene.deliver({ text: await sealedBy(BOB), place: at(1) });
    await scene.link.say({
      type: "room_msg",
      room: "general",
      sender: "bob",
      text: "to all",
    });
    await scene.deliver({ text: await sealedBy(BOB), place: at(2) });
    assertEquals((await scene.told(4)).slice(1), [
      "opened bob: at six",
      "bob: to all",
      "opened bob: at six",
    ]);
    assertEquals(scene.asked, ["alice", "bob"]);
    await scene.end();
  }));

Deno.test("a message that was changed in any byte, moved or signed by another is refused, and says why", () =>
  withFolder(async (folder) => {
    const scene = await begun(folder);
    const bytes = await sealedBy(BOB);
    for (let index = 0; index < bytes.length; index += 37) {
      const changed = Uint8Array.from(bytes);
      changed[index] = (changed[index] as number) ^ 1;
      await scene.deliver({ text: changed, place: at(index + 1) });
      const [line = ""] = (await scene.told(1)).slice(-1);
      assert(line.startsWith("refused bob: "), `byte ${index}: ${line}`);
    }
    await scene.deliver({ text: bytes, sender: "carol", place: at(1) });
    assertEquals(await scene.told(1), [
      "refused carol: This message is signed with a key that is not the known " +
      "one: no key of carol is known",
    ]);
    const toCarol = await sealedBy(BOB, { recipient: "carol" });
    await scene.deliver({ text: toCarol, place: at(2_000) });
    assertEquals(await scene.told(1), [
      "refused bob: This message belongs to another conversation: " +
      "bob wrote it to carol",
    ]);
    // Nor is it hers because the server says so.
    await scene.deliver({
      text: toCarol,
      recipient: "carol",
      place: at(2_002),
    });
    assertEquals(await scene.told(1), [
      "refused bob: This message belongs to another conversation: " +
      "bob wrote it to carol",
    ]);
    await scene.deliver({ text: await sealedBy(MALLORY), place: at(2_001) });
    assertEquals(await scene.told(1), [
      "refused bob: This message is signed with a key that is not the known one",
    ]);
    const misplaced = { text: bytes, recipient: "carol", place: at(2_003) };
    await scene.deliver(misplaced);
    assertEquals(await scene.told(1), [
      "refused bob: This message belongs to another conversation: " +
      "the server says that bob wrote it to carol",
    ]);
    await scene.end();
  }));

Deno.test("a replay is not shown, in this run or the next; where the later was first, that is said", () =>
  withFolder(async (folder) => {
    const scene = await begun(folder);
    const [text, other] = [await sealedBy(BOB), await sealedBy(BOB)];
    const replayed =
      "warned: A message of bob to alice that was shown before " +
      "came again as if it were new; it is left out";
    for (const sequence of [3, 8]) {
      await scene.deliver({ text, place: at(sequence) });
    }
    assertEquals(await scene.told(2), ["opened bob: at six", replayed]);
    await scene.deliver({ text: other, place: at(9) });
    await scene.deliver({ text: other, place: at(5), history: true });
    assertEquals(await scene.told(3), [
      "opened bob: at six",
      "warned: What bob says next was shown before, further down, where it " +
      "did not belong: forget it there",
      "opened bob: at six",
    ]);
    await scene.end();
    const next = await SecretStage.enter(folder, KEYS);
    await next.deliver({ text, place: at(12) });
    await next.deliver({ text, place: at(3), history: true });
    assertEquals(await next.told(2), [replayed, "opened bob: at six"]);
    await next.end();
  }));

Deno.test("a server that winds its log back can't show an old message as news, in this run or the next", () =>
  withFolder(async (folder) => {
    const scene = await begun(folder);
    const text = await sealedBy(BOB);
    const replayed =
      "warned: A message of bob to alice that was shown before " +
      "came again as if it were new; it is left out";
    // At its own place, in a room that is told anew under another handle.
    for (const room of [9, 10]) {
      await scene.deliver({ text, place: { ...at(3), room } });
    }
    assertEquals(await scene.told(2), ["opened bob: at six", replayed]);
    await scene.end();
    const next = await SecretStage.enter(folder, KEYS);
    await next.deliver({ text, place: at(3) });
    await next.deliver({ text, place: at(3), history: true });
    await next.deliver({ text, place: at(2) });
    assertEquals(await next.told(3), [
      replayed,
      "opened bob: at six",
      replayed,
    ]);
    await next.end();
  }));

Deno.test("what another client of the data folder has seen meanwhile is news to this one", () =>
  withFolder(async (folder) => {
    const one = await begun(folder);
    const other = await SecretStage.enter(folder, KEYS);
    const text = await sealedBy(BOB);
    for (const scene of [one, other]) {
      await scene.deliver({ text, place: at(3) });
      assertEquals(await scene.told(1), ["opened bob: at six"]);
    }
    await one.end();
    await other.end();
  }));

Deno.test("a secret message to oneself is shown once", () =>
  withFolder(async (folder) => {
    const scene = await SecretStage.enter(folder);
    scene.session.submit({ type: "secret", user: "alice" });
    const recipient = "alice";
    scene.session.submit({ type: "private_msg", recipient, text: "milk" });
    const [request] = await scene.sent(1);
    const { text } = request as PrivateMessageRequest;
    await scene.told(1);
    await scene.deliver({ sender: "alice", recipient, text, place: at(1) });
    assertEquals(await scene.told(2), ["acknowledged 2", "opened alice: milk"]);
    await scene.deliver({ sender: "alice", recipient, text, place: at(2) });
    const [line = ""] = await scene.told(1);
    assert(line.startsWith("warned: A message of alice to alice that"), line);
    await scene.end();
  }));

Deno.test("what one wrote oneself is a replay anywhere but where it was acknowledged", () =>
  withFolder(async (folder) => {
    const scene = await begun(folder);
    scene.session.submit(toBob("mine"));
    const [request] = await scene.sent(1);
    const { text } = request as PrivateMessageRequest;
    const said = { sender: "alice", recipient: "bob", text };
    await scene.deliver({ ...said, place: at(4) });
    assertEquals(await scene.told(1), ["acknowledged 2"]);
    await scene.deliver({ ...said, place: at(6) });
    assertEquals(await scene.told(1), [
      "warned: A message of alice to bob that was shown before came again as " +
      "if it were new; it is left out",
    ]);
    await scene.end();
  }));

Deno.test("a page of messages is opened, a replay in it left out, and what is from before all that was secret marked as such", () =>
  withFolder(async (folder) => {
    const scene = await begun(folder);
    const type = "private_msg_delivery" as const;
    const bytes = await sealedBy(BOB);
    const said = { type, sender: "bob", recipient: "alice" };
    scene.session.submit({ type: "search", words: "six" });
    await scene.sent(1);
    await scene.link.say({
      type: "search",
      messages: [
        { ...said, text: "four o'clock", place: at(1) },
        { ...said, text: bytes, place: at(2) },
        { ...said, text: "six o'clock", place: at(3) },
        { ...said, text: bytes, place: at(4) },
      ],
      more: false,
    });
    await scene.until(() => scene.events.length >= 3);
    const [warned, left, answered] = scene.events;
    assert(warned?.type === "warned" && left?.type === "warned");
    assertStringIncludes(warned.text, "The server is told the words");
    assert(answered?.type === "answered" && answered.answer.type === "search");
    assertEquals(
      answered.answer.messages.map((each) => [
        each.text,
        (each as { secret?: { kind: string } }).secret?.kind,
      ]),
      [
        ["four o'clock", "before"],
        ["at six", "opened"],
        ["six o'clock", "clear"],
      ],
    );
    await scene.end();
  }));

Deno.test("what comes unsealed from a secret partner is marked, with less alarm where it is from before all that was secret; from others it is not", () =>
  withFolder(async (folder) => {
    const scene = await begun(folder);
    await scene.deliver({ text: "send me money", place: at(1) });
    await scene.deliver({ sender: "carol", text: "hi", place: at(2) });
    const history = true;
    await scene.deliver({ text: "long ago", history, place: at(3) });
    await scene.deliver({ text: "some time ago", history });
    await scene.deliver({ text: await sealedBy(BOB), place: at(5) });
    await scene.deliver({ text: "lately", history, place: at(6) });
    assertEquals(await scene.told(6), [
      "clear bob: send me money",
      "private carol: hi",
      "before bob: long ago",
      "clear bob: some time ago",
      "opened bob: at six",
      "clear bob: lately",
    ]);
    await scene.end();
  }));

Deno.test("without a key a secret message says what to do", () =>
  withFolder(async (folder) => {
    const scene = await SecretStage.enter(folder, { ...KEYS, ownKeys: null });
    await scene.deliver({ text: await sealedBy(BOB), place: at(1) });
    assertEquals(await scene.told(1), [
      "refused bob: It is secret: to read it, connect with --key FILE, and " +
      "the key that it is sealed to",
    ]);
    await scene.end();
  }));

Deno.test("over ChatProto 1.0 and JSON a known key serves, and a message that comes twice as news is shown once", () =>
  withFolder(async (folder) => {
    await (await begun(folder)).end();
    const scene = await SecretStage.enter(folder, { abilities: BASIC });
    scene.session.submit(toBob("hello"));
    const [request] = await scene.sent(1);
    assertEquals(await read(request), "hello");
    const { text } = request as PrivateMessageRequest;
    await scene.deliver({ sender: "alice", recipient: "bob", text });
    assertEquals(await scene.told(1), ["acknowledged 1"]);
    const bytes = await sealedBy(BOB);
    for (let time = 0; time < 2; time++) await scene.deliver({ text: bytes });
    await scene.deliver({ text: bytes, history: true });
    const told = await scene.told(3);
    assertEquals(told.map((line) => line.slice(0, 18)), [
      "opened bob: at six",
      "warned: A message ",
      "opened bob: at six",
    ]);
    await scene.end();
    // What was seen where places are told is known where they are not.
    const placed = await SecretStage.enter(folder, KEYS);
    const seen = await sealedBy(BOB);
    await placed.deliver({ text: seen, place: at(5) });
    await placed.told(1);
    await placed.end();
    const basic = await SecretStage.enter(folder, { abilities: BASIC });
    await basic.deliver({ text: seen });
    await basic.deliver({ text: seen, history: true });
    const [warned = "", opened] = await basic.told(2);
    assertEquals(warned.slice(0, 18), "warned: A message ");
    assertEquals(opened, "opened bob: at six");
    await basic.end();
  }));

Deno.test("at another port of the host, on a wire without keys, what is known there serves", () =>
  withFolder(async (folder) => {
    const before = await begun(folder);
    const seen = await sealedBy(BOB);
    await before.deliver({ text: seen, place: at(5) });
    await before.told(1);
    await before.end();
    const server = "here:5556";
    const scene = await SecretStage.enter(folder, { abilities: BASIC, server });
    scene.session.submit(toBob("hello"));
    const [request] = await scene.sent(1);
    assertEquals(await read(request), "hello");
    await scene.deliver({ text: seen });
    await scene.deliver({ text: await sealedBy(BOB) });
    const [warned = "", opened] = await scene.told(2);
    assertEquals(warned.slice(0, 18), "warned: A message ");
    assertEquals(opened, "opened bob: at six");
    await scene.end();
  }));

Deno.test("one's key is published where the server has none or another, and only then", () =>
  withFolder(async (folder) => {
    const same = await SecretStage.enter(folder);
    assertEquals(same.asked, ["alice"]);
    await same.end();
    const other = await SecretStage.enter(folder, {
      keys: { alice: MALLORY.public },
    });
    assertEquals(other.asked, ["alice", "publish"]);
    await other.end();
  }));

Deno.test("what one writes to oneself is sealed to one's own key, whatever key the server names, and read", () =>
  withFolder(async (folder) => {
    for (const abilities of [FULL, BASIC]) {
      const scene = await SecretStage.enter(folder, { abilities });
      scene.keys.set("alice", MALLORY.public);
      scene.session.submit({ type: "secret", user: "alice" });
      assertEquals((await scene.told(1))[0]?.startsWith("answered 1"), true);
      const text = "to do";
      scene.session.submit({ type: "private_msg", recipient: "alice", text });
      const [request] = await scene.sent(1);
      assert(request?.type === "private_msg");
      await scene.deliver({
        sender: "alice",
        text: request.text,
        ...abilities.many && { place: at(1) },
      });
      assertEquals(await scene.told(2), [
        "acknowledged 2",
        "opened alice: to do",
      ]);
      await scene.end();
    }
  }));
