import { assertEquals } from "@std/assert";
import { Backlog, type ChatRequest, Place } from "../../lib/client/mod.ts";
import type { Entry } from "../../lib/client/mod.ts";

const PLACE = new Place("tea");

function entry(ref: number, request: ChatRequest = MESSAGE): Entry {
  return { ref, request, place: PLACE };
}

const MESSAGE: ChatRequest = { type: "room_msg", text: "hi" };
const LIST: ChatRequest = { type: "list_rooms" };
const TOPIC: ChatRequest = { type: "set_topic", topic: "cups" };

/** A backlog in which messages with these refs were sent, in this order. */
function sent(...refs: number[]) {
  const backlog = new Backlog();
  const entries = refs.map((ref) => entry(ref));
  for (const each of entries) backlog.number(each);
  return { backlog, entries };
}

/** What is to be sent, again or for the first time: each ref and number. */
function drained(backlog: Backlog): string[] {
  const all: string[] = [];
  let next = backlog.takeRepeat();
  for (; next; next = backlog.takeRepeat()) {
    all.push(`again ${next.ref} as ${next.number}`);
  }
  for (next = backlog.first; next; next = backlog.first) {
    backlog.takeFirst();
    all.push(`${next.ref} as ${next.number}`);
  }
  return all;
}

function refs(entries: readonly Entry[]): number[] {
  return entries.map(({ ref }) => ref);
}

Deno.test("what is submitted waits in its order, and what the client asks itself goes first", () => {
  const backlog = new Backlog();
  backlog.add(entry(1));
  backlog.add(entry(2));
  backlog.addFirst(entry(0, LIST));
  assertEquals(backlog.size, 3);
  assertEquals(drained(backlog), [
    "0 as undefined",
    "1 as undefined",
    "2 as undefined",
  ]);
  assertEquals(backlog.size, 0);
});

Deno.test("parts stand where their text stood", () => {
  const backlog = new Backlog();
  const [first, second] = [entry(1), entry(2)];
  backlog.add(first);
  backlog.add(second);
  assertEquals(backlog.replace(first, [entry(1), entry(1)]), true);
  assertEquals(backlog.replace(first, []), false);
  assertEquals(drained(backlog), [
    "1 as undefined",
    "1 as undefined",
    "2 as undefined",
  ]);
});

Deno.test("what was deferred is sent again before what came later, as another message", () => {
  const { backlog, entries: [first, second] } = sent(1, 2);
  backlog.add(entry(3));
  backlog.defer(first as Entry, false);
  backlog.defer(second as Entry, false);
  assertEquals([backlog.hasDeferred, backlog.size], [true, 3]);
  backlog.rested();
  assertEquals(backlog.hasDeferred, false);
  assertEquals(drained(backlog), [
    "1 as undefined",
    "2 as undefined",
    "3 as undefined",
  ]);
});

Deno.test("of what went over a connection that broke, what can be asked twice is, and the rest is given up", () => {
  const { backlog, entries: [message] } = sent(1);
  const open = [message as Entry, entry(2, LIST), entry(3, TOPIC)];
  backlog.add(entry(4));
  assertEquals(refs(backlog.broken(open)), [1, 3]);
  assertEquals(drained(backlog), ["2 as undefined", "4 as undefined"]);
});

Deno.test("a refusal that may have been last words leaves its message in doubt", () => {
  const { backlog, entries: [message] } = sent(1);
  backlog.defer(message as Entry, true);
  assertEquals(refs(backlog.broken([])), [1]);
  assertEquals(drained(backlog), []);
});

Deno.test("a refusal behind which something else came was none of the last words", () => {
  const { backlog, entries: [message] } = sent(1);
  backlog.defer(message as Entry, true);
  backlog.undoubted();
  assertEquals(refs(backlog.broken([])), []);
  assertEquals(drained(backlog), ["1 as undefined"]);
});

Deno.test("in a session that goes on messages are sent again under their numbers, in order", () => {
  const { backlog, entries } = sent(1, 2);
  backlog.add(entry(3));
  assertEquals(backlog.firstNumber, 2);
  const open = [...entries, entry(4, TOPIC)];
  assertEquals(refs(backlog.repeat(open, false)), [4]);
  assertEquals([backlog.hasRepeats, backlog.firstNumber], [true, 0]);
  assertEquals(drained(backlog), [
    "again 1 as 0",
    "again 2 as 1",
    "3 as undefined",
  ]);
});

Deno.test("what was deferred between others is sent again in its place", () => {
  const { backlog, entries } = sent(1, 2, 3);
  const [first, second, third] = entries as [Entry, Entry, Entry];
  backlog.defer(second, false);
  assertEquals(backlog.repeat([first, third], false), []);
  assertEquals(drained(backlog), [
    "again 1 as 0",
    "again 2 as 1",
    "again 3 as 2",
  ]);
});

Deno.test("what was deferred behind all others is not sent again before what was sent", () => {
  const { backlog, entries } = sent(1);
  backlog.defer(entry(2, LIST), false);
  assertEquals(backlog.repeat(entries, false), []);
  assertEquals(drained(backlog), ["again 1 as 0", "2 as undefined"]);
});

Deno.test("the next connection counts from a number behind which there is a message for each", () => {
  const { backlog, entries } = sent(1, 2, 3);
  const [first, , third] = entries as [Entry, Entry, Entry];
  // The second was answered: from the first on the server would count wrong.
  backlog.defer(first, false);
  assertEquals(backlog.repeat([third], false), []);
  assertEquals(backlog.firstNumber, 2);
  assertEquals(drained(backlog), ["again 3 as 2", "1 as undefined"]);
});

Deno.test("by keys everything that has one is sent again", () => {
  const backlog = new Backlog();
  const group = entry(2, { type: "make_group", room: "tea", users: [] });
  const open = [entry(1), group, entry(3, TOPIC)];
  assertEquals(refs(backlog.repeat(open, true)), [3]);
  assertEquals(drained(backlog), [
    "again 1 as undefined",
    "again 2 as undefined",
  ]);
});

Deno.test("when a session is over, nobody knows of what was sent in it, and numbers begin anew", () => {
  const { backlog, entries: [first, second] } = sent(1, 2);
  backlog.defer(second as Entry, false);
  backlog.repeat([first as Entry], false);
  assertEquals(refs(backlog.renewed()), [1]);
  assertEquals(backlog.firstNumber, 0);
  assertEquals(drained(backlog), ["2 as undefined"]);
});

Deno.test("at the end what was never sent is given up", () => {
  const backlog = new Backlog();
  backlog.add(entry(1));
  assertEquals(refs(backlog.abandoned()), [1]);
  assertEquals(backlog.size, 0);
});
