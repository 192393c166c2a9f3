/** The checks of the torture test find what they are there for. */

import { assertEquals } from "@std/assert";
import type { Message } from "../../lib/chat/mod.ts";
import { check } from "./check.ts";
import type { Kept } from "./kept.ts";
import { keyOf, messageKey, numberedText } from "./numbered_text.ts";
import {
  type FaultKind,
  type Said,
  Story,
  type View,
  type Visit,
} from "./story.ts";

/** 25 messages of alice to the lobby, all seen by bob; 2 to bob himself. */
interface Scene {
  readonly story: Story;
  readonly alice: Visit;
  readonly bob: Visit;
  readonly said: Said[];
  lobby: Message[];
  direct: Message[];
  /** In the room of two others. */
  other: Message[];
  last: number;
}

const ROOM = "#general";
const BOTH = "@1,2";
const OTHERS = "@2,3";

function visit(name: string, room: string): Visit {
  const view: View = {
    room,
    entered: "login",
    replayed: [],
    live: [],
    whole: true,
  };
  return { name, life: 0, began: 0, views: [view], direct: [], whole: true };
}

function kept(key: number, id: number, sequence: number, room: string) {
  const text = numberedText(key);
  return { id, sequence, room, sender: "alice", time: 0, text };
}

function scene(): Scene {
  const story = new Story();
  const [alice, bob] = [visit("alice", ROOM), visit("bob", ROOM)];
  story.visits.push(alice, bob);
  const said: Said[] = [];
  for (let number = 1; number <= 27; number++) {
    const key = messageKey(0, number);
    const to = number <= 25 ? ROOM : "@bob";
    said.push({ key, visit: alice, to, fate: "acknowledged" });
    if (number <= 25) (said.at(-1) as Said).id = number;
    story.said.set(key, said.at(-1) as Said);
  }
  const keys = said.map(({ key }) => key);
  alice.views[0]?.live.push(...keys.slice(0, 25));
  // He came when there were 22.
  bob.views[0]?.replayed.push(...keys.slice(2, 22));
  bob.views[0]?.live.push(...keys.slice(22, 25));
  for (const { direct } of [alice, bob]) {
    direct.push(...keys.slice(25).map((key) => ({ key, history: false })));
  }
  return {
    story,
    alice,
    bob,
    said,
    lobby: keys.slice(0, 25).map((key, at) => kept(key, at + 1, at + 1, ROOM)),
    direct: keys.slice(25).map((key, at) => kept(key, at + 26, at + 1, BOTH)),
    other: [],
    last: 25,
  };
}

/** The kinds of fault that are found after something went wrong. */
function found(break_: (scene: Scene) => void): FaultKind[] {
  const made = scene();
  break_(made);
  const { story, lobby, direct, other, last } = made;
  const log: Kept[] = [
    { stream: ROOM, messages: lobby, last },
    { stream: BOTH, messages: direct, last: direct.length },
    { stream: OTHERS, messages: other, last: other.length },
  ];
  check(story, log);
  return [...new Set(story.faults.map(({ kind }) => kind))].sort();
}

const swap = (items: unknown[] | undefined, at: number) =>
  items?.splice(at, 2, items[at + 1], items[at]);

/** What goes wrong, and as what it is found. */
const CASES: readonly [string, (scene: Scene) => void, FaultKind[]][] = [
  ["nothing", () => {}, []],
  ["an unconfirmed message is kept", ({ said }) => {
    (said[24] as Said).fate = "unconfirmed";
  }, []],
  ["an unconfirmed message is not kept", (all) => {
    (all.said[24] as Said).fate = "unconfirmed";
    all.lobby.pop();
    all.last = 24;
    for (const { views } of [all.alice, all.bob]) views[0]?.live.pop();
  }, []],
  ["an acknowledged message is not kept", (all) => {
    all.lobby.pop();
    all.last = 24;
    for (const { views } of [all.alice, all.bob]) views[0]?.live.pop();
  }, ["lost"]],
  ["somebody saw what is not kept", (all) => {
    (all.said[24] as Said).fate = "unconfirmed";
    all.lobby.pop();
    all.last = 24;
    all.alice.views[0]?.live.pop();
  }, ["seen but not kept"]],
  ["a private message is kept twice", ({ direct, said }) => {
    direct.push(kept((said[26] as Said).key, 28, 3, BOTH));
  }, ["doubled", "missed"]],
  ["a message is kept that nobody sent", ({ direct }) => {
    direct.push(kept(messageKey(7, 1), 28, 3, BOTH));
  }, ["invented", "missed"]],
  ["a refused message is kept", ({ said }) => {
    (said[26] as Said).fate = "refused";
  }, ["invented"]],
  ["a message is kept under another name", ({ direct }) => {
    direct[0] = { ...direct[0] as Message, sender: "bob" };
  }, ["invented"]],
  ["a sequence is left out", (all) => {
    all.lobby = all.lobby.map((message, at) =>
      at < 20 ? message : { ...message, sequence: at + 2 }
    );
  }, ["misnumbered"]],
  ["an id is given twice", ({ lobby, direct }) => {
    direct[0] = { ...direct[0] as Message, id: (lobby[24] as Message).id };
  }, ["misnumbered"]],
  ["another id is kept than was acknowledged", ({ said }) => {
    (said[3] as Said).id = 5;
  }, ["misnumbered"]],
  ["an id of a later run is smaller", (all) => {
    const later: Visit = { ...all.alice, life: 1, views: [], direct: [] };
    const first = all.said[0] as Said;
    all.story.said.set(first.key, { ...first, visit: later });
  }, ["misnumbered", "wrong replay"]],
  ["a sender's messages are kept the other way round", (all) => {
    swap(all.lobby, 3);
    all.lobby = all.lobby.map((message, at) => ({
      ...message,
      id: at + 1,
      sequence: at + 1,
    }));
    for (const index of [3, 4]) delete (all.said[index] as Said).id;
    swap(all.alice.views[0]?.live, 3);
    swap(all.bob.views[0]?.replayed, 1);
  }, ["out of order"]],
  ["a reader saw another order", ({ bob }) => {
    swap(bob.views[0]?.live, 0);
  }, ["missed", "out of order"]],
  ["a reader saw one twice", ({ bob }) => {
    const live = bob.views[0]?.live ?? [];
    live.push(live[2] as number);
  }, ["repeated"]],
  ["a reader sees one as news that it has seen before", ({ bob }) => {
    const key = bob.views[0]?.live[2] as number;
    const view = { room: ROOM, entered: "join", whole: true } as const;
    bob.views.push({ ...view, replayed: [], live: [key] });
  }, ["repeated", "wrong replay"]],
  ["a reader is told as news what an earlier run was told", ({ bob }) => {
    Object.assign(bob, { life: 1 });
  }, ["wrong replay"]],
  ["somebody else sees a private message", (all) => {
    const carol = visit("carol", ROOM);
    carol.views.pop();
    carol.direct.push(...all.bob.direct);
    all.story.visits.push(carol);
  }, ["foreign"]],
  ["a private message is shown to a room", (all) => {
    all.bob.views[0]?.live.push(all.bob.direct[0]?.key as number);
  }, ["foreign"]],
  ["a private message is kept in the room of two others", (all) => {
    Object.assign(all.said[26] as Said, { to: "@carol" });
    const { direct } = all.bob;
    all.bob.whole = false;
    direct.pop();
  }, ["foreign"]],
  ["two people have two streams", (all) => {
    all.other.push({ ...all.direct.pop() as Message, sequence: 1 });
  }, ["misnumbered"]],
  ["a reader did not see one", ({ bob }) => {
    bob.views[0]?.live.splice(1, 1);
  }, ["missed"]],
  ["a reader did not see the end", ({ bob }) => {
    bob.views[0]?.live.pop();
  }, ["missed"]],
  ["a recipient did not see the first", ({ bob }) => {
    bob.direct.shift();
  }, ["missed"]],
  ["a recipient did not see the end", ({ bob }) => {
    bob.direct.pop();
  }, ["missed"]],
  ["a replay is too short", ({ bob }) => {
    bob.views[0]?.replayed.shift();
  }, ["wrong replay"]],
  ["news came as a replay", ({ bob }) => {
    const { replayed = [], live = [] } = bob.views[0] ?? {};
    replayed.push(live.shift() as number);
  }, ["wrong replay"]],
];

for (const [what, break_, kinds] of CASES) {
  const as = kinds.length === 0 ? "no fault" : kinds.join(" and ");
  Deno.test(`the torture test finds ${as} when ${what}`, () => {
    assertEquals(found(break_), kinds);
  });
}

Deno.test("a numbered text is told from one that was changed", () => {
  for (const key of [messageKey(0, 1), messageKey(3, 8), messageKey(11, 77)]) {
    const text = numberedText(key);
    assertEquals(keyOf(text), key);
    const changed = typeof text === "string"
      ? `${text.slice(0, -1)}!`
      : text.with(text.length - 1, 0);
    assertEquals(keyOf(changed), undefined);
  }
});
