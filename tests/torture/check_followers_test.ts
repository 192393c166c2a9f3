/** The checks of what kept sessions are due find what they are there for. */

import { assertEquals } from "@std/assert";
import type { Message } from "../../lib/chat/mod.ts";
import type { Seen } from "../exactly_once/followed_rooms.ts";
import { check } from "./check.ts";
import { messageKey, numberedText } from "./numbered_text.ts";
import { type FaultKind, LOBBY, type Said, Story } from "./story.ts";

const DIRECT = "@1,2";
const ROOMS = new Map([[LOBBY, 1], [DIRECT, 2]]);

/** Ida has a kept session, bob is a guest; each says some, in two runs. */
class Scene {
  readonly story = new Story();
  readonly log = new Map<string, Message[]>();
  readonly seen: Seen[] = [];
  readonly said: Said[] = [];
  readonly ida = {
    name: "ida",
    seen: this.seen,
    faults: [] as string[],
    unanswered: 0,
    resumed: 1,
    saidAgain: 1,
  };

  constructor() {
    this.story.accounts.add("ida");
    this.story.followers.push(this.ida);
    for (const life of [0, 1]) {
      for (let round = 0; round < 3; round++) {
        this.#say("ida", life, LOBBY, LOBBY);
        this.#say("bob", life, LOBBY, LOBBY);
        this.#say("ida", life, DIRECT, "@bob");
        this.#say("bob", life, DIRECT, "@ida");
      }
    }
  }

  #say(name: string, life: number, room: string, to: string): void {
    const id = this.said.length + 1;
    const key = messageKey(name === "ida" ? 0 : 1, id);
    const text = numberedText(key);
    const messages = this.log.get(room) ?? [];
    this.log.set(room, messages);
    const sequence = messages.length + 1;
    messages.push({ id, sequence, room, sender: name, time: 0, text });
    const visit = {
      name,
      life,
      began: 0,
      views: [],
      direct: [],
      whole: false,
    };
    const own = name === "ida"
      ? { runs: { first: life, last: life }, sequence }
      : { id };
    const said: Said = { key, visit, to, fate: "acknowledged", ...own };
    this.said.push(said);
    this.story.said.set(key, said);
    const history = life === 0;
    this.seen.push({ room: ROOMS.get(room) ?? 0, sequence, text, history });
  }
}

/** What happens, as what it is found. */
const CASES: readonly [string, (scene: Scene) => void, FaultKind[]][] = [
  ["nothing", () => {}, []],
  [
    "a message of the first run was said again in the second",
    ({ said }) => {
      const { runs } = said[8] as Said;
      if (runs) runs.last = 1;
    },
    [],
  ],
  ["one is left out", ({ seen }) => void seen.splice(4, 1), ["missed"]],
  ["the last one never comes", ({ seen }) => void seen.pop(), ["missed"]],
  [
    "a room is never shown",
    ({ seen }) => {
      const rest = seen.filter(({ room }) => room === 1);
      seen.splice(0, Infinity, ...rest);
    },
    ["missed"],
  ],
  [
    "one comes twice",
    ({ seen }) => void seen.splice(5, 0, seen[4] as Seen),
    ["repeated"],
  ],
  [
    "one comes again behind a kill",
    ({ seen }) => void seen.push(seen[4] as Seen),
    ["repeated", "missed"],
  ],
  [
    "two come under each other's sequence",
    ({ seen }) => {
      const [one, other] = [seen[0] as Seen, seen[1] as Seen];
      seen[0] = { ...one, text: other.text };
      seen[1] = { ...other, text: one.text };
    },
    ["misnumbered"],
  ],
  [
    "a private message is shown in a room",
    ({ seen }) => {
      seen[0] = { ...seen[0] as Seen, text: (seen[2] as Seen).text };
    },
    ["foreign", "missed"],
  ],
  [
    "something is shown that is not kept",
    ({ seen }) => {
      const text = numberedText(messageKey(0, 99));
      seen[0] = { ...seen[0] as Seen, text };
    },
    ["seen but not kept"],
  ],
  ["an answer never comes", ({ ida }) => void ida.unanswered++, ["unanswered"]],
  [
    "an answer comes out of turn",
    ({ ida }) => void ida.faults.push("ida answered out of turn"),
    ["unexpected"],
  ],
  [
    "an answer says another place",
    ({ said }) => void ((said[0] as Said).sequence = 2),
    ["misnumbered"],
  ],
  [
    "what was refused is kept",
    ({ said }) => void ((said[0] as Said).fate = "refused"),
    ["invented"],
  ],
  [
    "an answer was for nothing",
    ({ log, seen }) => {
      log.get(LOBBY)?.pop();
      seen.splice(seen.findLastIndex(({ room }) => room === 1), 1);
    },
    ["lost"],
  ],
];

for (const [what, change, kinds] of CASES) {
  const as = kinds.length === 0 ? "no fault" : kinds.join(" and ");
  Deno.test(`the torture test finds ${as} for a kept session when ${what}`, () => {
    const scene = new Scene();
    change(scene);
    const { story, log } = scene;
    const kept = [...log].map(([stream, messages]) => ({
      stream,
      messages,
      last: messages.length,
    }));
    check(story, kept);
    const found = new Set(story.faults.map(({ kind }) => kind));
    assertEquals(found, new Set(kinds));
  });
}
