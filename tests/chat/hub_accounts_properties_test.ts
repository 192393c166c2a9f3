/**
 * Whatever fails, whenever: an account gets every message of its rooms, a kept
 * session gets each of them once, nobody gets another's, and what was told
 * holds over restarts.
 */

import fc from "fast-check";
import { assert, assertEquals } from "@std/assert";
import type { Request } from "../../lib/wire/mod.ts";
import { Client, type ClientOptions } from "./kept_client.ts";
import { type Link, World } from "./kept_world.ts";

const ACCOUNTS = ["ann", "ben", "cat"];

const CLIENTS: readonly ClientOptions[] = [
  { name: "ann", password: "of ann", reach: "many", keep: true },
  { name: "ann", password: "of ann", reach: "one" },
  { name: "ben", password: "of ben", reach: "many", keep: true },
  { name: "ben", password: "of ben", reach: "many" },
  { name: "cat", password: "of cat", reach: "one" },
  { name: "dan", reach: "many", keep: true },
  { name: "dan", reach: "many" },
  { name: "eve", reach: "one" },
];

/** What can happen; `who` and `which` choose among those that there are. */
type Step =
  | {
    readonly do: "in" | "out" | "end" | "leave" | "all";
    readonly who: number;
  }
  | { readonly do: "again"; readonly who: number; readonly which: number }
  | { readonly do: "some"; readonly who: number; readonly count: number }
  | { readonly do: "ask"; readonly who: number; readonly request: Request }
  | { readonly do: "each asks"; readonly request: Request }
  | { readonly do: "durable" | "failed" | "quiet" | "back" }
  | { readonly do: "answer" | "refuse"; readonly which: number }
  | { readonly do: "pass"; readonly time: number }
  | { readonly do: "restart"; readonly durable: number }
  | { readonly do: "remove" | "make"; readonly name: string };

/** RSA of 2,048 bits, as far as its form goes. */
const PUBLIC_KEY = Uint8Array.fromHex(
  "30820122300d06092a864886f70d01010105000382010f003082010a0282010100" +
    "a5".repeat(256) + "0203010001",
);

const who = fc.nat(CLIENTS.length - 1);
const name = fc.constantFrom("ann", "ben", "cat", "dan", "eve");
const group = fc.constantFrom("club", "band");
const open = fc.constantFrom("tea", "general");
const room = fc.oneof(
  group,
  open,
  name.map((user) => `@${user}`),
);

const request: fc.Arbitrary<Request> = fc.oneof(
  {
    weight: 16,
    arbitrary: fc.record({
      type: fc.constant("room_msg" as const),
      room: fc.oneof(fc.constantFrom("club", "general"), room),
      text: fc.constant(""),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant("private_msg" as const),
      recipient: name,
      text: fc.constant(""),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant("join_room" as const),
      room: fc.oneof({ weight: 3, arbitrary: open }, group),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant("leave_room" as const), room }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant("make_group" as const),
      room: group,
      users: fc.array(name, { maxLength: 2 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant("invite" as const),
      room: group,
      user: name,
    }),
  },
  fc.record({ type: fc.constant("history" as const), room }),
  fc.constant({ type: "search" as const, words: "word" }),
  fc.record({ type: fc.constant("list_members" as const), room }),
  fc.record({ type: fc.constant("list_users" as const), room }),
  fc.constant({ type: "list_rooms" as const }),
  fc.constant({
    type: "names" as const,
    handles: Array.from({ length: 60 }, (_, index) => index + 101),
  }),
  fc.record({
    type: fc.constant("register" as const),
    password: fc.constant("new"),
  }),
  fc.record({
    type: fc.constant("publish_key" as const),
    key: fc.constantFrom(PUBLIC_KEY, PUBLIC_KEY.subarray(1)),
  }),
  fc.record({ type: fc.constant("find_key" as const), user: name }),
);

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant("in" as const), who }) },
  {
    weight: 30,
    arbitrary: fc.record({ do: fc.constant("ask" as const), who, request }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant("each asks" as const), request }),
  },
  { weight: 8, arbitrary: fc.record({ do: fc.constant("all" as const), who }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("some" as const),
      who,
      count: fc.integer({ min: 1, max: 3 }),
    }),
  },
  fc.record({ do: fc.constantFrom("out", "end", "leave"), who }),
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("again" as const),
      who,
      which: fc.nat(9),
    }),
  },
  { weight: 4, arbitrary: fc.constantFrom({ do: "quiet" }, { do: "back" }) },
  { weight: 20, arbitrary: fc.constant({ do: "durable" as const }) },
  fc.constant({ do: "failed" as const }),
  {
    weight: 20,
    arbitrary: fc.record({
      do: fc.constant("answer" as const),
      which: fc.nat(5),
    }),
  },
  fc.record({ do: fc.constant("refuse" as const), which: fc.nat(5) }),
  fc.record({ do: fc.constant("pass" as const), time: fc.nat(3_000) }),
  fc.record({ do: fc.constant("restart" as const), durable: fc.nat(3) }),
);

/** Other programs that change accounts now and then. */
const changing: fc.Arbitrary<Step> = fc.oneof(
  { weight: 40, arbitrary: step },
  fc.record({ do: fc.constantFrom("remove", "make"), name }),
);

function act(world: World, step: Step): void {
  const client = "who" in step ? world.clients[step.who] : undefined;
  const link = client && world.link(client);
  switch (step.do) {
    case "in":
      if (client && link === undefined) logIn(world, client);
      break;
    case "ask":
      if (link !== undefined) ask(world, link, step.request);
      break;
    case "each asks":
      for (const each of world.clients) {
        const link = world.link(each);
        if (link !== undefined) ask(world, link, step.request);
      }
      break;
    case "again": {
      const said = client?.said ?? [];
      const again = said[step.which % Math.max(1, said.length)];
      if (link && client?.welcome && again) world.ask(link, again);
      break;
    }
    case "some":
      if (link !== undefined) take(world, link, step.count);
      break;
    case "all":
      if (link !== undefined) take(world, link, Infinity);
      break;
    case "out":
      if (link !== undefined) world.disconnect(link);
      break;
    case "leave":
      if (link !== undefined) world.ask(link, { type: "logout" });
      break;
    case "end":
      if (link !== undefined) {
        world.chat.hub.end(link.session, world.chat.now);
        world.work();
      }
      break;
    case "back":
      for (const each of world.clients) {
        if (world.link(each) === undefined) logIn(world, each);
      }
      break;
    case "quiet":
      settle(world);
      break;
    case "durable":
    case "failed":
      world.write(step.do === "durable");
      break;
    case "answer":
    case "refuse":
      world.answer(step.which, step.do === "answer");
      break;
    case "pass":
      world.pass(step.time);
      break;
    case "restart":
      world.restart(step.durable);
      break;
    case "remove":
      world.removeAccount(step.name);
      break;
    case "make":
      world.makeAccount(step.name);
      break;
  }
}

function logIn(world: World, client: Client): void {
  const link = world.connect(client);
  world.ask(link, client.login());
}

/** What only one wire can carry stays on it. */
const BASIC = /^(room_msg|private_msg|join_room|list_users|list_rooms)$/;

function ask(world: World, link: Link, request: Request): void {
  const { client } = link;
  if (!client.welcome) return;
  if (client.reach === "one" && !BASIC.test(request.type)) return;
  if (request.type !== "room_msg" && request.type !== "private_msg") {
    return world.ask(link, request);
  }
  const said = { ...request, text: world.text() };
  if (client.reach === "one" && said.type === "room_msg") delete said.room;
  world.ask(link, client.number(said));
}

/** Something arrives; then the client says what it has, and says again. */
function take(world: World, link: Link, count: number): void {
  const { client } = link;
  const before = client.welcome;
  if (count === Infinity) world.arrived(link);
  else world.arrive(link, count);
  if (link.session.closed || !client.welcome) return;
  if (!before) {
    for (const request of client.again) world.ask(link, request);
  }
  if (client.reach === "one") return;
  for (const { room, sequence: received } of client.positions) {
    world.ask(link, { type: "receipt", room, received });
  }
}

function run(steps: readonly Step[]): World {
  const clients = CLIENTS.map((options) => new Client({ ...options }));
  const world = new World(clients, ACCOUNTS);
  for (const each of steps) act(world, each);
  return world;
}

/** Everybody is in, and there is a group. */
const BEGINNING: readonly Step[] = [
  ...CLIENTS.map((_, who) => ({ do: "in", who } as const)),
  { do: "quiet" },
  {
    do: "ask",
    who: 0,
    request: { type: "make_group", room: "club", users: ["ben", "dan"] },
  },
  { do: "ask", who: 2, request: { type: "join_room", room: "tea" } },
  { do: "quiet" },
];

/** What ben says again is answered before he is shown it, behind a restart. */
const ANSWERED_FIRST: readonly Step[] = [
  ...BEGINNING,
  {
    do: "ask",
    who: 7,
    request: { type: "private_msg", recipient: "ben", text: "" },
  },
  { do: "quiet" },
  {
    do: "ask",
    who: 2,
    request: { type: "room_msg", room: "@eve", text: "" },
  },
  { do: "durable" },
  { do: "restart", durable: 0 },
  { do: "in", who: 2 },
  { do: "answer", which: 0 },
  { do: "answer", which: 0 },
  { do: "answer", which: 0 },
  { do: "all", who: 2 },
  { do: "answer", which: 1 },
];

/** A message is said again behind its room's end and new beginning. */
const MADE_AGAIN: readonly Step[] = [
  ...BEGINNING,
  { do: "ask", who: 2, request: { type: "room_msg", room: "tea", text: "" } },
  { do: "ask", who: 2, request: { type: "leave_room", room: "tea" } },
  { do: "durable" },
  { do: "durable" },
  { do: "ask", who: 0, request: { type: "join_room", room: "tea" } },
  { do: "again", who: 2, which: 0 },
];

/** A message is said again in a room whose end a server that dies takes back. */
const END_TAKEN_BACK: readonly Step[] = [
  ...BEGINNING,
  { do: "ask", who: 4, request: { type: "join_room", room: "tea" } },
  { do: "quiet" },
  { do: "ask", who: 2, request: { type: "room_msg", room: "tea", text: "" } },
  { do: "quiet" },
  { do: "ask", who: 2, request: { type: "leave_room", room: "tea" } },
  { do: "quiet" },
  { do: "ask", who: 4, request: { type: "join_room", room: "general" } },
  { do: "ask", who: 0, request: { type: "join_room", room: "tea" } },
  { do: "answer", which: 0 },
  { do: "again", who: 2, which: 0 },
  { do: "answer", which: 0 },
  { do: "all", who: 2 },
  { do: "restart", durable: 0 },
  { do: "in", who: 2 },
  { do: "quiet" },
  { do: "again", who: 2, which: 0 },
];

/** In one room at a time, ann is shown again what she left behind. */
const BACK_IN_GROUP: readonly Step[] = [
  ...BEGINNING,
  { do: "ask", who: 1, request: { type: "join_room", room: "club" } },
  { do: "ask", who: 0, request: { type: "room_msg", room: "club", text: "" } },
  { do: "ask", who: 1, request: { type: "join_room", room: "tea" } },
  { do: "ask", who: 1, request: { type: "join_room", room: "club" } },
];

/** Everything is answered and has arrived. */
function settle(world: World): void {
  for (let turn = 0; turn < 3; turn++) {
    world.settle();
    for (const client of world.clients) {
      const link = world.link(client);
      if (link !== undefined) take(world, link, Infinity);
    }
  }
  world.settle();
}

const steps = (of: fc.Arbitrary<Step>) =>
  fc.tuple(
    fc.constantFrom([], BEGINNING, BEGINNING, BEGINNING),
    fc.array(of, { maxLength: 150, size: "max" }),
  ).map(([beginning, then]) => [...beginning, ...then]);

Deno.test("whatever fails, each account is shown every message since it is a member, and nobody else's", () =>
  fc.assert(
    fc.property(steps(changing), fc.boolean(), (given, restarts) => {
      const world = run(given);
      settle(world);
      if (restarts) world.restart(0);
      world.pass(3_600_000);
      settle(world);
      for (const { name, verifier } of world.chat.state.people.values()) {
        if (verifier === undefined) continue;
        const password = new TextDecoder().decode(verifier.hash);
        const client = new Client({ name, password, reach: "many" });
        const link = world.connect(client);
        world.ask(link, client.login());
        settle(world);
        take(world, link, Infinity);
        const { person } = link.session;
        assert(person !== undefined && client.welcome, `${name} is in`);
        for (const [, { listening }] of link.session.seats) {
          assert(listening);
        }
        assertEquals([...link.session.seats].length, person.rooms.size);
        assertEquals(world.memberships.lacks(person), []);
      }
    }),
    {
      numRuns: 1_500,
      examples: [[[...MADE_AGAIN], false], [[...END_TAKEN_BACK], false], [[
        ...BACK_IN_GROUP,
      ], false]],
    },
  ));

Deno.test("whatever fails, a kept session that goes on has every message of its rooms once, and each request one reply", () =>
  fc.assert(
    fc.property(steps(step), fc.boolean(), (given, restarts) => {
      const world = run(given);
      if (restarts) world.restart(1);
      settle(world);
      for (const client of world.clients) {
        if (client.token === undefined) continue;
        if (world.link(client) === undefined) logIn(world, client);
      }
      settle(world);
      for (const { client, session, asked } of world.links.values()) {
        if (session.closed) continue;
        assertEquals([asked, session.backlog], [[], 0]);
        if (!client.welcome || client.reach === "one") continue;
        for (const [handle, { position, base }] of client.rooms) {
          const [room] = [...session.seats].find(([room]) =>
            room.handle === handle
          ) ?? [];
          // Another client of the account may have left it.
          if (room !== undefined) assertEquals(position ?? base, room.last);
        }
      }
    }),
    { numRuns: 1_500, examples: [[[...ANSWERED_FIRST], false]] },
  ));
