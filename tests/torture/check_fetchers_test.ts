/** The checks of what was fetched over CP find what they are there for. */

import { assertEquals } from "@std/assert";
import type { Message } from "../../lib/chat/mod.ts";
import { check } from "./check.ts";
import { messageKey, numberedText } from "./numbered_text.ts";
import { type FaultKind, type Fetched, type Said, Story } from "./story.ts";

const STREAM = "@1,2";

/**
 * Tess fetched what bob, a guest, said in two runs, three messages in each; one
 * of the first run came again in the second, another was encrypted.
 */
class Scene {
  readonly story = new Story();
  readonly messages: Message[] = [];
  readonly fetched: Fetched[] = [];

  constructor() {
    this.story.accounts.add("tess");
    this.story.fetchers.push({ name: "tess", fetched: this.fetched });
    for (const number of [1, 2, 8]) this.#say(number, 0);
    this.#fetch(2, 1);
    for (const number of [9, 10, 11]) this.#say(number, 1);
  }

  #say(number: number, life: number): void {
    const key = messageKey(1, number);
    const id = this.messages.length + 1;
    const text = numberedText(key);
    this.messages.push({
      id,
      sequence: id,
      room: STREAM,
      sender: "bob",
      time: 0,
      text,
    });
    const visit = {
      name: "bob",
      life,
      began: 0,
      views: [],
      direct: [],
      whole: false,
    };
    const said: Said = { key, visit, to: "@tess", fate: "acknowledged", id };
    this.story.said.set(key, said);
    this.#fetch(number, life);
  }

  #fetch(number: number, life: number): void {
    const key = number === 8 ? undefined : messageKey(1, number);
    this.fetched.push({ key, sender: "bob", life, fate: "confirmed" });
  }

  /** What was handed out in this place, changed. */
  change(place: number, change: Partial<Fetched>): void {
    this.fetched[place] = { ...this.fetched[place] as Fetched, ...change };
  }
}

/** What happens, as what it is found. */
const CASES: readonly [string, (scene: Scene) => void, FaultKind[]][] = [
  ["nothing", () => {}, []],
  [
    "one whose 250 did not come is handed out again",
    (scene) => {
      const { fetched } = scene;
      fetched.splice(5, 0, fetched[5] as Fetched);
      scene.change(5, { fate: "open" });
    },
    [],
  ],
  [
    "one whose 250 came is handed out again",
    ({ fetched }) => void fetched.splice(5, 0, fetched[5] as Fetched),
    ["repeated"],
  ],
  [
    "one never comes",
    ({ fetched }) => void fetched.splice(5, 1),
    ["missed"],
  ],
  [
    "one whose 250 did not come never comes again",
    (scene) => scene.change(5, { fate: "open" }),
    ["missed"],
  ],
  [
    "a server dies before it shows that a 250 came",
    (scene) => scene.change(6, { fate: "answered" }),
    [],
  ],
  [
    "an encrypted one never comes",
    ({ fetched }) => void fetched.splice(2, 1),
    ["missed"],
  ],
  [
    "the older one comes later",
    ({ fetched }) => void fetched.push(...fetched.splice(5, 1)),
    ["out of order"],
  ],
  [
    "one comes as of somebody else",
    (scene) => scene.change(5, { sender: "eve" }),
    ["unexpected"],
  ],
  [
    "one was for somebody else",
    ({ story }) => {
      const said = story.said.get(messageKey(1, 1)) as Said;
      story.said.set(said.key, { ...said, to: "@eve" });
    },
    ["foreign"],
  ],
  [
    "one is handed out that is not kept",
    (scene) => {
      const key = messageKey(1, 99);
      scene.fetched.push({ key, sender: "bob", life: 1, fate: "confirmed" });
    },
    ["seen but not kept"],
  ],
];

for (const [what, change, kinds] of CASES) {
  const as = kinds.length === 0 ? "no fault" : kinds.join(" and ");
  Deno.test(`the torture test finds ${as} for who fetches when ${what}`, () => {
    const scene = new Scene();
    change(scene);
    const { story, messages } = scene;
    check(story, [{ stream: STREAM, messages, last: messages.length }]);
    const found = new Set(story.faults.map(({ kind }) => kind));
    assertEquals(found, new Set(kinds));
  });
}
