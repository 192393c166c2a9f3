/** The checks of what accounts are due find what they are there for. */

import { assertEquals } from "@std/assert";
import type { Message } from "../../lib/chat/mod.ts";
import { check, type Checked } from "./check.ts";
import { messageKey, numberedText } from "./numbered_text.ts";
import { type FaultKind, LOBBY, Story, type Visit } from "./story.ts";

const RED = "#red";
const BOTH = "@1,2";

/** What bob says in the first run of a server and in the second. */
const SPEECH: readonly (readonly [string, number])[][] = [
  [[LOBBY, 18], [RED, 30], [BOTH, 5]],
  [[LOBBY, 2], [RED, 2], [BOTH, 1]],
];

/** Places of a stream: from, up to and without. */
type Places = readonly [number, number];

/**
 * Ann is an account. She comes, says goodbye, comes again and goes to red; the
 * server is killed; she comes back for good.
 */
class Scene {
  readonly story = new Story();
  readonly log = new Map<string, Message[]>();
  readonly first: Visit;
  readonly second: Visit;
  readonly third: Visit;

  constructor() {
    this.story.accounts.add("ann");
    SPEECH.forEach((parts, life) => this.#speak(parts, life));
    this.first = this.come(0);
    this.see(this.first, { live: [0, 10] });
    this.hear(this.first, { live: [0, 2] });
    this.first.ended = this.story.moment();
    this.second = this.come(0);
    this.see(this.second, { replayed: [10, 15], live: [15, 16] });
    this.hear(this.second, { replayed: [2, 3], live: [3, 4] });
    this.story.enter(this.second, RED, "join");
    this.see(this.second, { replayed: [0, 5], live: [5, 8] });
    this.third = this.come(1);
    this.see(this.third, { replayed: [14, 18], live: [18, 20] });
    this.hear(this.third, { replayed: [3, 5], live: [5, 6] });
    this.story.enter(this.third, RED, "join");
    this.see(this.third, { replayed: [8, 30], live: [30, 32] });
  }

  #speak(parts: readonly (readonly [string, number])[], life: number): void {
    const visit = this.#visit("bob", life);
    for (const [room, count] of parts) {
      const messages = this.log.get(room) ?? [];
      this.log.set(room, messages);
      for (let left = count; left > 0; left--) {
        const id = this.story.said.size + 1;
        const key = messageKey(0, id);
        const to = room === BOTH ? "@ann" : room;
        this.story.said.set(key, { key, visit, to, fate: "acknowledged" });
        const [sequence, text] = [messages.length + 1, numberedText(key)];
        messages.push({ id, sequence, room, sender: "bob", time: 0, text });
      }
    }
  }

  #visit(name: string, life: number): Visit {
    const began = this.story.moment();
    return { name, life, began, views: [], direct: [], whole: false };
  }

  /** Ann connects. */
  come(life: number): Visit {
    const visit = this.#visit("ann", life);
    this.story.visits.push(visit);
    this.story.enter(visit, LOBBY, "login");
    return visit;
  }

  /** The keys of messages. */
  keys(stream: string, [from, end]: Places): number[] {
    return this.log.get(stream)?.slice(from, end)
      .map(({ id }) => messageKey(0, id)) ?? [];
  }

  /** She sees this of the room she is in, and nothing else. */
  see(visit: Visit, seen: { replayed?: Places; live?: Places }): void {
    const { room, replayed, live } = visit.views.at(-1) as Visit["views"][0];
    const { replayed: before = [0, 0], live: now = [0, 0] } = seen;
    replayed.splice(0, Infinity, ...this.keys(room, before));
    live.splice(0, Infinity, ...this.keys(room, now));
  }

  /** She sees these private messages, and no others. */
  hear(visit: Visit, seen: { replayed?: Places; live?: Places }): void {
    const { replayed = [0, 0], live = [0, 0] } = seen;
    visit.direct.splice(
      0,
      Infinity,
      ...this.keys(BOTH, replayed).map((key) => ({ key, history: true })),
      ...this.keys(BOTH, live).map((key) => ({ key, history: false })),
    );
  }
}

/** What a check comes to after something went another way. */
function checked(
  change: (scene: Scene) => void,
): Checked & { readonly kinds: FaultKind[] } {
  const scene = new Scene();
  change(scene);
  const { story, log } = scene;
  const kept = [...log].map(([stream, messages]) => ({
    stream,
    messages,
    last: messages.length,
  }));
  const { faults } = story;
  const result = check(story, kept);
  return { ...result, kinds: [...new Set(faults.map(({ kind }) => kind))] };
}

/** What is found then, and how much comes again. */
function found(change: (scene: Scene) => void): [FaultKind[], number] {
  const { kinds, shownAgain } = checked(change);
  return [kinds, shownAgain];
}

/** The first view of a connection alone. */
const arrivalOnly = (visit: Visit) => visit.views.splice(1);

/** What happens, as what it is found, and how much comes again. */
const CASES: readonly [string, (scene: Scene) => void, FaultKind[], number][] =
  [
    ["the last second comes again after a kill", () => {}, [], 3],
    [
      "nothing comes again after a kill",
      (scene) => {
        const { third } = scene;
        scene.hear(third, { replayed: [4, 5], live: [5, 6] });
        arrivalOnly(third);
        scene.see(third, { replayed: [16, 18], live: [18, 20] });
        scene.story.leave("ann", RED);
      },
      [],
      0,
    ],
    [
      "a private message that waited is left out",
      (scene) => {
        scene.hear(scene.second, { replayed: [3, 4] });
        scene.hear(scene.third, { replayed: [4, 5], live: [5, 6] });
      },
      ["missed"],
      2,
    ],
    [
      "the first private message is left out",
      (scene) => {
        scene.hear(scene.first, { live: [1, 2] });
      },
      ["missed"],
      3,
    ],
    [
      "the last private message never comes",
      (scene) => {
        scene.hear(scene.third, { replayed: [3, 5] });
      },
      ["missed"],
      3,
    ],
    [
      "a room goes on too late after a kill",
      (scene) => {
        arrivalOnly(scene.third);
        scene.see(scene.third, { replayed: [17, 18], live: [18, 20] });
        scene.story.leave("ann", RED);
      },
      ["missed"],
      1,
    ],
    [
      "a room goes on too late after a kill that cut the connection",
      (scene) => {
        scene.second.failure = "EPIPE";
        arrivalOnly(scene.third);
        scene.see(scene.third, { replayed: [17, 18], live: [18, 20] });
        scene.story.leave("ann", RED);
      },
      [],
      1,
    ],
    [
      "a room goes on too late after a kill that cut another connection",
      (scene) => {
        scene.first.failure = "EPIPE";
        arrivalOnly(scene.third);
        scene.see(scene.third, { replayed: [17, 18], live: [18, 20] });
        scene.story.leave("ann", RED);
      },
      ["missed"],
      1,
    ],
    [
      "another client saw what this one did not",
      (scene) => {
        const other = scene.come(0);
        scene.see(other, { replayed: [12, 16], live: [16, 17] });
        scene.story.visits.splice(-2, 2, other, scene.third);
        arrivalOnly(scene.third);
        scene.see(scene.third, { replayed: [17, 18], live: [18, 20] });
        scene.story.leave("ann", RED);
      },
      [],
      1 + 4,
    ],
    [
      "a room's end never comes",
      (scene) => {
        arrivalOnly(scene.third);
        scene.see(scene.third, { replayed: [14, 18], live: [18, 19] });
        scene.story.leave("ann", RED);
      },
      ["missed"],
      3,
    ],
    [
      "a member of another room misses something",
      (scene) => {
        scene.see(scene.third, { replayed: [10, 30], live: [30, 32] });
      },
      ["missed"],
      3,
    ],
    [
      "a member of another room misses its end",
      (scene) => {
        scene.see(scene.third, { replayed: [8, 30], live: [30, 31] });
      },
      ["missed"],
      3,
    ],
    [
      "a member of another room never goes there again",
      ({ story, third }) => {
        arrivalOnly(third);
        story.stays[0]?.views.pop();
      },
      ["missed"],
      3,
    ],
    [
      "somebody left another room and comes back",
      (scene) => {
        scene.third.views.pop();
        scene.story.leave("ann", RED);
        scene.story.enter(scene.third, RED, "join");
        scene.see(scene.third, { replayed: [10, 30], live: [30, 32] });
      },
      [],
      3,
    ],
    [
      "a member that comes back is shown too little of the past",
      (scene) => {
        scene.see(scene.second, { replayed: [0, 5], live: [5, 15] });
        scene.see(scene.third, { replayed: [15, 30], live: [30, 32] });
      },
      ["wrong replay"],
      3,
    ],
    [
      "a room's messages come again after a goodbye",
      (scene) => {
        arrivalOnly(scene.second);
        scene.see(scene.second, { replayed: [9, 15], live: [15, 16] });
        scene.story.stays.splice(0, 1);
      },
      ["repeated"],
      4,
    ],
    [
      "private messages come again after a goodbye",
      (scene) => {
        scene.hear(scene.second, { replayed: [1, 3], live: [3, 4] });
      },
      ["repeated"],
      4,
    ],
    [
      "they come again after a connection was cut",
      (scene) => {
        scene.hear(scene.second, { replayed: [1, 3], live: [3, 4] });
        delete scene.first.ended;
      },
      [],
      4,
    ],
    [
      "what was missed comes unflagged",
      (scene) => {
        scene.hear(scene.third, { live: [3, 6] });
      },
      ["wrong replay"],
      2,
    ],
    [
      "news comes before what was missed",
      ({ third }) => {
        third.direct.splice(
          0,
          2,
          ...third.direct.slice(0, 2).map(
            ({ key }, index) => ({ key, history: index > 0 }),
          ),
        );
      },
      ["wrong replay"],
      2,
    ],
  ];

for (const [what, change, kinds, again] of CASES) {
  const as = kinds.length === 0 ? "no fault" : kinds.join(" and ");
  Deno.test(`the torture test finds ${as} for an account when ${what}`, () => {
    assertEquals(found(change), [kinds, again]);
  });
}

Deno.test("what went down with a connection that was cut is counted, and the rest is missed", () => {
  const late = (cut: "first" | "second" | undefined) => {
    const { kinds, unread } = checked((scene) => {
      if (cut !== undefined) scene[cut].failure = "EPIPE";
      arrivalOnly(scene.third);
      scene.see(scene.third, { replayed: [18, 19], live: [19, 20] });
      scene.story.leave("ann", RED);
    });
    return [kinds, unread];
  };
  assertEquals(late(undefined), [["missed"], 0]);
  assertEquals(late("first"), [["missed"], 0]);
  assertEquals(late("second"), [[], 2]);
});
