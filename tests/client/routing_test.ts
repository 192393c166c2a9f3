import { assertEquals } from "@std/assert";
import {
  BASIC,
  type ChatRequest,
  CP,
  type Entry,
  FULL,
  Place,
  RoomBook,
  type Route,
  Routing,
  Whereabouts,
} from "../../lib/client/mod.ts";

/** Somebody in general and tea, at home in general. */
function stage() {
  const book = new RoomBook();
  book.connected();
  book.take({ type: "rooms", rooms: [state(1, "general"), state(2, "tea")] });
  const where = new Whereabouts(book, "general");
  return { book, where, routing: new Routing(book, where) };
}

function state(room: number, name: string, topic?: string) {
  const none = { last: 0, received: 0, read: 0, receivedByAll: 0 };
  return {
    ...none,
    room,
    kind: "public",
    name,
    ...topic !== undefined && { topic },
  } as const;
}

const OVER: Route = { abilities: FULL, takesPasswords: true, outstanding: [] };

const SAY: ChatRequest = { type: "room_msg", text: "hi" };
const LEAVE: ChatRequest = { type: "leave_room", room: "general" };
const REGISTER: ChatRequest = {
  type: "register",
  username: "ann",
  password: "long enough",
};
const TO_BOB: ChatRequest = {
  type: "private_msg",
  recipient: "bob",
  text: "hi",
};
const BOB: ChatRequest = { type: "history", room: "@bob" };
const MAKE: ChatRequest = { type: "make_group", room: "club", users: [] };

/** What becomes of a request that is meant for general. */
interface Case {
  readonly name: string;
  readonly request: ChatRequest;
  readonly over?: Partial<Route>;
  readonly entry?: Partial<Entry>;
  /** The request that is sent, why it is refused, or else what kind it is. */
  readonly step: unknown;
}

function entry(request: ChatRequest, more: Partial<Entry> = {}): Entry {
  return { ref: 1, request, place: new Place("general"), ...more };
}

const CASES: readonly Case[] = [
  {
    name: "a message for the room that one is in bears its handle",
    request: SAY,
    step: { ...SAY, room: 1 },
  },
  {
    name: "one for another room bears that room's",
    request: { ...SAY, room: "TEA" },
    step: { ...SAY, room: 2 },
  },
  {
    name: "on a wire with one room at a time it goes as it is",
    request: SAY,
    over: { abilities: BASIC },
    step: SAY,
  },
  {
    name: "what is about no room goes as it is",
    request: { type: "list_rooms" },
    step: { type: "list_rooms" },
  },
  {
    name: "a room that one is not in is refused",
    request: { ...SAY, room: "milk" },
    step: "You are in no room called milk",
  },
  {
    name: "what is meant for a room that was lost is refused",
    request: SAY,
    entry: { place: Object.assign(new Place("cups"), { lost: "It is full" }) },
    step: "It is full",
  },
  {
    name: "a room is refused by its name, whatever was lost",
    request: { ...LEAVE, room: "milk" },
    entry: { place: Object.assign(new Place("cups"), { lost: "It is full" }) },
    step: "You are in no room called milk",
  },
  {
    name: "a group that is being made is waited for",
    request: { ...SAY, room: "Club" },
    over: { outstanding: [entry(MAKE)] },
    step: undefined,
  },
  {
    name: "there are no messages with somebody whom one has not written to",
    request: BOB,
    step: "There are no messages between bob and you",
  },
  {
    name: "the first message to somebody is waited for",
    request: BOB,
    over: { outstanding: [entry(TO_BOB)] },
    step: undefined,
  },
  {
    name: "the first room can't be left",
    request: LEAVE,
    step: "Everybody is in general, it can't be left",
  },
  {
    name: "what the room is about is known here",
    request: { type: "show_topic" },
    step: { type: "show_topic", room: "general", topic: "" },
  },
  {
    name: "what the room is about may be about to change",
    request: { type: "show_topic" },
    over: { outstanding: [entry({ type: "set_topic", topic: "cups" })] },
    step: undefined,
  },
  {
    name: "who joins a room that one is in is there",
    request: { type: "join_room", room: "TEA" },
    step: { type: "join_room", room: "tea" },
  },
  {
    name: "who joins another asks",
    request: { type: "join_room", room: "milk" },
    step: { type: "join_room", room: "milk" },
  },
  {
    name: "a wire without rooms takes no message for one",
    request: SAY,
    over: { abilities: CP },
    step: "There are no rooms on the wire to this server",
  },
  {
    name: "a wire that can't carry a request is named",
    request: LEAVE,
    over: { abilities: BASIC },
    step: "The wire to this server can't carry that",
  },
  {
    name: "a password does not travel where it can be read",
    request: REGISTER,
    over: { takesPasswords: false },
    step:
      "The wire is plaintext to another machine, where passwords can be read",
  },
  {
    name: "a secret message is sealed first",
    request: TO_BOB,
    entry: { secret: true },
    step: "act",
  },
  {
    name: "what is sealed goes",
    request: TO_BOB,
    entry: { secret: true, sealed: new Uint8Array(1) },
    step: TO_BOB,
  },
  {
    name: "what is being sealed is waited for",
    request: TO_BOB,
    entry: { secret: true, acting: true },
    step: undefined,
  },
  {
    name: "a wire that carries nothing sealed takes no secret message",
    request: TO_BOB,
    over: { abilities: CP },
    entry: { secret: true },
    step: "The wire to this server can't carry secret messages",
  },
  {
    name: "what the client does itself it does on every wire",
    request: { type: "verify", user: "bob" },
    over: { abilities: BASIC },
    step: "act",
  },
];

for (const { name, request, over, entry: more, step } of CASES) {
  Deno.test(`routing: ${name}`, () => {
    const { routing } = stage();
    const done = routing.step(entry(request, more), { ...OVER, ...over });
    const found = done?.kind === "send"
      ? done.request
      : done?.kind === "answer"
      ? done.answer
      : done?.kind === "refuse"
      ? done.why
      : done?.kind;
    assertEquals(found, step);
  });
}

Deno.test("routing: whoever joins a room that one is in goes there", () => {
  const { routing, where } = stage();
  where.head("TEA");
  const join = { type: "join_room", room: "TEA" } as const;
  routing.step({ ref: 1, request: join, place: where.bound }, OVER);
  assertEquals([where.room, where.moving], ["tea", false]);
});

Deno.test("routing: the room that one is in is waited for until the server tells of it", () => {
  const { routing, where } = stage();
  where.arrived("milk", true);
  const step = () =>
    routing.step({ ref: 1, request: SAY, place: where.here }, OVER);
  assertEquals(step(), undefined);
});

Deno.test("routing: behind a login that resumes nothing handles are waited for", () => {
  const { routing, book } = stage();
  book.connected(false);
  assertEquals(routing.step(entry(SAY), OVER), undefined);
  book.take({ type: "rooms", rooms: [state(5, "general")] });
  const step = routing.step(entry(SAY), OVER);
  assertEquals(step?.kind === "send" && step.request, { ...SAY, room: 5 });
});
