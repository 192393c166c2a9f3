import { assert, assertEquals } from "@std/assert";
import {
  converse,
  DURATION,
  type Workload,
  workloadFault,
} from "../../lib/bench/mod.ts";
import { LINES, NAMES, ROOMS } from "../../lib/bench/corpus.ts";
import { ChatModel } from "../../lib/bench/chat_model.ts";
import { parseRoomName, parseUsername } from "../../lib/wire/mod.ts";

const FIVE: Workload = { users: 5, messages: 815, seed: 1 };

Deno.test("the same seed gives the same conversation, on every machine", () => {
  const { users, steps } = converse(FIVE);
  assertEquals(users, ["alice", "bob", "carol", "dave", "erin"]);
  assertEquals(steps.slice(0, 8), [
    { time: 0, user: 0, action: { type: "login", username: "alice" } },
    { time: 2000, user: 1, action: { type: "login", username: "bob" } },
    { time: 4000, user: 2, action: { type: "login", username: "carol" } },
    { time: 6000, user: 3, action: { type: "login", username: "dave" } },
    { time: 8000, user: 4, action: { type: "login", username: "erin" } },
    { time: 10467, user: 1, action: { type: "room_msg", text: "sleep well" } },
    {
      time: 10854,
      user: 1,
      action: { type: "room_msg", text: "define broke" },
    },
    {
      time: 10922,
      user: 2,
      action: {
        type: "private_msg",
        recipient: "alice",
        text: "12:30 is fine",
      },
    },
  ]);
  assertEquals(converse(FIVE), converse({ ...FIVE }));
});

Deno.test("another seed gives another conversation", () => {
  const texts = (seed: number) =>
    converse({ ...FIVE, seed }).steps.map(({ action }) => action);
  assert(JSON.stringify(texts(1)) !== JSON.stringify(texts(2)));
});

Deno.test("a conversation has as many messages as were asked for", () => {
  for (const messages of [1, 7, 815]) {
    const { steps } = converse({ users: 3, messages, seed: 4 });
    const said = steps.filter(({ action }) =>
      action.type === "room_msg" || action.type === "private_msg"
    );
    assertEquals(said.length, messages);
  }
});

Deno.test("about a tenth of the messages is private, and all else occurs", () => {
  const { steps } = converse(FIVE);
  const count = (type: string) =>
    steps.filter(({ action }) => action.type === type).length;
  assertEquals(count("login"), 5);
  assertEquals(count("quit"), 5);
  assert(count("private_msg") > 815 / 20 && count("private_msg") < 815 / 5);
  for (const type of ["join_room", "list_users", "list_rooms"]) {
    assert(count(type) > 0, type);
  }
});

Deno.test("the steps' times rise from 0 to 163 s", () => {
  for (const seed of [1, 2, 3]) {
    const times = converse({ ...FIVE, seed }).steps.map(({ time }) => time);
    assertEquals(times[0], 0);
    assertEquals(times.at(-1), 163_000);
    assertEquals(times, times.toSorted((a, b) => a - b));
  }
  assertEquals(DURATION, 163_000);
});

Deno.test("nobody talks to an empty room or before logging in", () => {
  const { users, steps } = converse({ users: 2, messages: 500, seed: 9 });
  const model = new ChatModel(users);
  for (const step of steps) {
    const due = model.apply(step);
    const { type } = step.action;
    if (type !== "room_msg" && type !== "private_msg") continue;
    assert(due.some(({ kind }) => kind === "delivery"), JSON.stringify(step));
  }
});

Deno.test("200 people have names of their own that the wires allow", () => {
  const { users } = converse({ users: 200, messages: 1, seed: 1 });
  assertEquals(new Set(users).size, 200);
  for (const name of users) assertEquals(parseUsername(name).shown, name);
});

Deno.test("the corpus is several hundred different lines of a chat's length", () => {
  const bytes = LINES.map((line) => new TextEncoder().encode(line).length);
  const mean = bytes.reduce((sum, each) => sum + each, 0) / bytes.length;
  assert(LINES.length > 500, `${LINES.length} lines`);
  assertEquals(new Set(LINES).size, LINES.length);
  assert(mean > 25 && mean < 45, `mean ${mean}`);
  assertEquals(LINES.filter((line) => line.trim() !== line), []);
  assertEquals(new Set(NAMES).size, NAMES.length);
  for (const room of ROOMS) assertEquals(parseRoomName(room).shown, room);
});

Deno.test("a workload out of bounds is refused with the bounds", () => {
  assertEquals(workloadFault(FIVE), undefined);
  assertEquals(
    workloadFault({ ...FIVE, users: 1 }),
    "--users is a whole number from 2 to 200, not 1",
  );
  assertEquals(
    workloadFault({ ...FIVE, users: 201 }),
    "--users is a whole number from 2 to 200, not 201",
  );
  assertEquals(
    workloadFault({ ...FIVE, messages: 0 }),
    "--messages is a whole number from 1 to 100,000, not 0",
  );
  assertEquals(
    workloadFault({ ...FIVE, messages: 2.5 }),
    "--messages is a whole number from 1 to 100,000, not 2.5",
  );
  assertEquals(
    workloadFault({ ...FIVE, seed: -1 }),
    "--seed is a whole number from 0 to 4,294,967,295, not -1",
  );
  assertEquals(
    workloadFault({ users: 200, messages: 100_000, seed: 1 }),
    "--users times --messages is at most 2,000,000, " +
      "for every delivery is kept account of",
  );
});
