import { assertLessOrEqual } from "@std/assert";
import fc from "fast-check";
import { REQUEST_TYPES, type ServerEvent } from "../../../lib/wire/mod.ts";
import { datagram, LOBBY_STATE, Scene } from "./server_scene.ts";

const field = fc.oneof(
  fc.string({ maxLength: 12, unit: "binary" }),
  fc.constantFrom("alice", "General Chat Room", "@bob", null, 7, true),
  fc.array(fc.string({ maxLength: 3 }), { maxLength: 3 }),
);

const body = fc.oneof(
  fc.record({
    type: fc.constantFrom(...REQUEST_TYPES),
    username: field,
    password: field,
    group: field,
    text: field,
    members: field,
    ref: field,
    time_sent: field,
    token: field,
    n: fc.integer({ min: 0, max: 3 }),
  }, { requiredKeys: [] }).map((fields) => JSON.stringify(fields)),
  fc.string({ maxLength: 20, unit: "binary" }),
);

const seqn = fc.oneof(
  fc.integer({ min: -3, max: 8 }),
  fc.integer({ min: 1_000, max: 1_100 }),
);
const flags = fc.constantFrom("", "", "", "S", "F", "SF", "A", "A", "AS");

const place = { id: 1, room: 1, sequence: 1, time: 0 };

/** Whatever a hub may say, asked for or not. */
const EVENTS: readonly ServerEvent[] = [
  { type: "login_ack", username: "alice", room: "general", token: "t" },
  { type: "login_reject", code: 401, reason: "Not logged in" },
  { type: "error_msg", code: 429, text: "Too fast" },
  { type: "room_msg_ack", id: 1, place },
  { type: "room_msg", room: "general", sender: "bob", text: "x", place },
  { type: "rooms", rooms: [LOBBY_STATE] },
  { type: "received_by_all", room: 1, sequence: 9 },
  { type: "position", room: 1, sequence: 9, time: 0 },
  { type: "history", room: "general", messages: [], more: false },
  { type: "list_people", users: ["alice"] },
];

const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.tuple(fc.constant("hear" as const), seqn, flags, body),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(
      fc.constantFrom("reply" as const, "send" as const),
      fc.constantFrom(...EVENTS),
    ),
  },
  fc.tuple(fc.constantFrom("closed" as const, "turn" as const)),
  fc.tuple(fc.constant("pass" as const), fc.integer({ min: 1, max: 700_000 })),
);

type Step = typeof step extends fc.Arbitrary<infer Each> ? Each : never;

/** Does a step; answers how many bytes came in. */
function take(scene: Scene, done: Step): number {
  switch (done[0]) {
    case "hear": {
      const bytes = datagram(done[1], done[2], done[3]);
      scene.end.receive(bytes, scene.now);
      return bytes.length;
    }
    case "reply":
    case "send":
      scene.opened?.[done[0]](done[1], scene.now);
      return 0;
    case "closed":
      scene.opened?.closed(scene.now);
      return 0;
    case "turn":
      scene.end.turn();
      return 0;
    case "pass":
      scene.wakeUntil(scene.now + done[1]);
      return 0;
  }
}

Deno.test("whatever comes from whom, the server's end takes it", () => {
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 60 }),
      fc.boolean(),
      (steps, isIn) => {
        const scene = isIn ? new Scene().login() : new Scene();
        for (const done of steps) {
          take(scene, done);
          scene.wanted();
          scene.end.datagrams();
        }
      },
    ),
    { numRuns: 1_000 },
  );
});

/** A login that succeeds. */
const LOGIN: readonly Step[] = [
  ["hear", 0, "S", ""],
  ["hear", 1, "", '{"type":"USR_LOGIN","username":"alice","password":"x"}'],
  ["reply", { ...EVENTS[0], token: "t".repeat(32) } as ServerEvent],
];

/** What a right password may have an address sent besides: twenty probes. */
const LENT = 1_600;

Deno.test("an address that acknowledges nothing is never sent more than three times what came from it, but for the probes of a login", () => {
  const steps = fc.array(step, { maxLength: 60 });
  fc.assert(
    fc.property(steps, fc.boolean(), (steps, isIn) => {
      const scene = new Scene();
      let [heard, sent, lent] = [0, 0, 0];
      for (const done of [...isIn ? LOGIN : [], ...steps]) {
        if (done[0] === "hear" && done[2].includes("A")) continue;
        if (done[0] === "reply" && done[1].type === "login_ack") lent += LENT;
        heard += take(scene, done);
        scene.wanted();
        for (const { length } of scene.end.datagrams()) sent += length;
        assertLessOrEqual(sent, 3 * heard + lent);
      }
    }),
    { numRuns: 1_000 },
  );
});
