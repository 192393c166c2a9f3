/**
 * What every log has to do: one suite, run for each of them.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import type {
  Draft,
  Message,
  MessageArchive,
  PageQuery,
} from "../../lib/chat/log.ts";

/** How the suite gets a log. */
export interface Implementation {
  readonly name: string;
  /** Runs `test` with a new, empty log, then closes it. */
  withLog(test: (log: MessageArchive) => Promise<void>): Promise<void>;
}

/** A draft with what a test does not care about filled in. */
export function draft(text: Draft["text"], more: Partial<Draft> = {}): Draft {
  return { room: "#general", sender: "ada", text, time: 1_000, ...more };
}

const texts = (messages: readonly Message[]) =>
  messages.map(({ text }) => text);
const sequences = (messages: readonly Message[]) =>
  messages.map(({ sequence }) => sequence);

type Case = [name: string, test: (log: MessageArchive) => Promise<void>];

const WRITING: readonly Case[] = [
  ["numbers messages from 1, in the log and in each room", async (log) => {
    assertEquals(
      await log.append([
        draft("a"),
        draft("b", { room: "#other" }),
        draft("c"),
      ]),
      [{ id: 1, sequence: 1 }, { id: 2, sequence: 1 }, { id: 3, sequence: 2 }],
    );
    assertEquals(await log.last("#general"), 2);
    assertEquals(await log.last("#other"), 1);
    assertEquals(await log.last("#nowhere"), 0);
  }],
  ["gives every field back as it was", async (log) => {
    const full = draft("said\nin two lines\u0000 and more", {
      room: "@1,2",
      sender: "Zoë",
      person: 9_007_199_254_740_991,
      time: 1_790_000_000_123,
      session: "s-1",
      ref: 0,
      sent: "2026-11-21T02:30:00.123456",
    });
    await log.append([full, draft("plain", { room: "@1,2" })]);
    assertEquals(await log.page("@1,2", { limit: 10 }), [
      { ...full, id: 1, sequence: 1 },
      { ...draft("plain"), room: "@1,2", id: 2, sequence: 2 },
    ]);
  }],
  ["answers an empty batch with nothing, in its turn", async (log) => {
    const order: string[] = [];
    await Promise.all([
      log.append([draft("a")]).then(() => order.push("a")),
      log.append([]).then((stored) => {
        assertEquals(stored, []);
        order.push("nothing");
      }),
      log.append([draft("b")]).then(() => order.push("b")),
    ]);
    assertEquals(order, ["a", "nothing", "b"]);
    assertEquals(await log.last("#general"), 2);
  }],
  ["settles appends in the order of the calls", async (log) => {
    const order: number[] = [];
    await Promise.all(Array.from({ length: 200 }, async (_, call) => {
      const batch = Array.from({ length: call % 3 }, () => draft(`${call}`));
      const stored = await log.append(batch);
      assertEquals(stored.length, batch.length);
      order.push(call);
    }));
    assertEquals(order, order.toSorted((a, b) => a - b));
    const page = await log.page("#general", { limit: 1_000 });
    const said = page.map(({ text }) => Number(text));
    assertEquals(said, said.toSorted((a, b) => a - b));
    assertEquals(sequences(page), page.map((_, index) => index + 1));
  }],
  ["stores a repeated (session, ref) once", async (log) => {
    const said = draft("once", { session: "s", ref: 7 });
    const [first] = await log.append([said]);
    assertEquals(first, { id: 1, sequence: 1 });
    const general = { room: "#general", time: 1_000 };
    assertEquals(
      await log.append([
        draft("between"),
        { ...said, text: "again", room: "#other" },
        draft("next", { session: "s", ref: 8 }),
        draft("in the same batch", { session: "s", ref: 8 }),
        draft("another session's", { session: "t", ref: 7 }),
      ]),
      [
        { id: 2, sequence: 2 },
        { id: 1, sequence: 1, repeated: general },
        { id: 3, sequence: 3 },
        { id: 3, sequence: 3, repeated: general },
        { id: 4, sequence: 4 },
      ],
    );
    assertEquals(
      texts(await log.page("#general", { limit: 10 })),
      ["once", "between", "next", "another session's"],
    );
    assertEquals(await log.last("#other"), 0);
  }],
  ["finds what was said under a (session, ref)", async (log) => {
    const said = draft("once", { session: "s", ref: 7, time: 5 });
    await log.append([draft("first"), said]);
    assertEquals(await log.find("s", 7), { ...said, id: 2, sequence: 2 });
    assertEquals(
      [await log.find("s", 8), await log.find("t", 7)],
      [undefined, undefined],
    );
    assertEquals(await log.prune(6), 1);
    assertEquals(await log.find("s", 7), undefined);
  }],
  ["stores a repeat among hundreds once", async (log) => {
    const said = (ref: number) =>
      draft(`${ref}`, { room: `#${ref % 3}`, session: "s", ref });
    const refs = (from: number, count: number) =>
      Array.from({ length: count }, (_, index) => from + index);
    const first = await log.append(refs(0, 100).map(said));
    // Some again, then new ones, one of them twice.
    const again = [...refs(70, 30), ...refs(100, 70), 150, ...refs(170, 30)];
    const stored = await log.append(again.map(said));
    assertEquals(
      stored.map(({ id }) => id),
      again.map((ref) => ref + 1),
    );
    assertEquals(
      stored.flatMap(({ repeated }, index) => repeated ? [again[index]] : []),
      [...refs(70, 30), 150],
    );
    assertEquals(
      stored.slice(0, 30),
      first.slice(70).map((place, index) => ({
        ...place,
        repeated: { room: `#${(70 + index) % 3}`, time: 1_000 },
      })),
    );
    for (const room of [0, 1, 2]) {
      const page = await log.page(`#${room}`, { limit: 999 });
      assertEquals(sequences(page), page.map((_, index) => index + 1));
      assertEquals(
        texts(page),
        refs(0, 200).filter((ref) => ref % 3 === room).map(String),
      );
    }
  }],
  [
    "stores the same words said twice twice when they have no ref",
    async (log) => {
      await log.append([
        draft("hello"),
        draft("hello"),
        draft("hello", { session: "s" }),
        draft("hello", { session: "s" }),
        draft("hello", { ref: 1 }),
        draft("hello", { ref: 1 }),
      ]);
      assertEquals(await log.last("#general"), 6);
      const page = await log.page("#general", { limit: 10 });
      assert(page.every((message) => !("session" in message)));
    },
  ],
  ["keeps ciphertext byte for byte, and a copy of its own", async (log) => {
    const buffer = Uint8Array.from({ length: 600 }, (_, index) => index % 256);
    const cipher = buffer.subarray(200, 500);
    const expected = cipher.slice();
    const appended = log.append([draft(cipher), draft(new Uint8Array(0))]);
    buffer.fill(0);
    await appended;
    const [message, empty] = await log.page("#general", { limit: 2 });
    assertEquals(message?.text, expected);
    assertEquals(empty?.text, new Uint8Array(0));
  }],
  ["takes 10,000 messages from many calls", async (log) => {
    const calls = Array.from(
      { length: 100 },
      (_, call) =>
        Array.from(
          { length: 100 },
          (_, index) =>
            draft(`${call * 100 + index}`, { room: `#room ${index % 7}` }),
        ),
    );
    const stored = (await Promise.all(calls.map((call) => log.append(call))))
      .flat();
    assertEquals(
      stored.map(({ id }) => id),
      stored.map((_, index) => index + 1),
    );
    let total = 0;
    for (let room = 0; room < 7; room++) {
      const page = await log.page(`#room ${room}`, { limit: 10_000 });
      assertEquals(sequences(page), page.map((_, index) => index + 1));
      total += page.length;
    }
    assertEquals(total, 10_000);
  }],
];

const READING: readonly Case[] = [
  ["gives pages, whatever their bounds", async (log) => {
    await log.append([1, 2, 3, 4, 5].map((n) => draft(`${n}`)));
    await log.append([draft("elsewhere", { room: "#other" })]);
    const page = async (
      query: { after?: number; before?: number },
      limit = 2,
    ) => sequences(await log.page("#general", { ...query, limit }));
    assertEquals(await page({}), [4, 5]);
    assertEquals(await page({}, 5), [1, 2, 3, 4, 5]);
    assertEquals(await page({}, 100), [1, 2, 3, 4, 5]);
    assertEquals(await page({}, 0), []);
    assertEquals(await page({ before: 5 }), [3, 4]);
    assertEquals(await page({ before: 2 }), [1]);
    assertEquals(await page({ before: 1 }), []);
    assertEquals(await page({ before: 100 }), [4, 5]);
    assertEquals(await page({ after: 0 }), [1, 2]);
    assertEquals(await page({ after: 3 }), [4, 5]);
    assertEquals(await page({ after: 4 }), [5]);
    assertEquals(await page({ after: 5 }), []);
    assertEquals(await page({ after: 100 }), []);
    assertEquals(await page({ after: 1, before: 5 }), [3, 4]);
    assertEquals(await page({ after: 1, before: 5 }, 9), [2, 3, 4]);
    assertEquals(await page({ after: 3, before: 4 }), []);
    assertEquals(await page({ after: 4, before: 2 }), []);
    assertEquals(await log.page("#nowhere", { limit: 5 }), []);
  }],
  ["gives what was said since a time", async (log) => {
    const times = [10, 20, 15, 30, 40];
    await log.append(times.map((time) => draft(`${time}`, { time })));
    await log.append([draft("elsewhere", { room: "#other", time: 50 })]);
    const page = async (query: Omit<PageQuery, "limit">, limit = 9) =>
      sequences(await log.page("#general", { ...query, limit }));
    assertEquals(await page({ since: 20 }), [2, 4, 5]);
    assertEquals(await page({ since: 20 }, 2), [2, 4]);
    assertEquals(await page({ since: 20 }, 0), []);
    assertEquals(await page({ since: 0 }, 2), [1, 2]);
    assertEquals(await page({ since: -1 }, 2), [1, 2]);
    assertEquals(await page({ since: 14.5 }), [2, 3, 4, 5]);
    assertEquals(await page({ since: 41 }), []);
    assertEquals(await page({ since: 15, after: 2 }, 2), [3, 4]);
    assertEquals(await page({ since: 15, after: 3 }), [4, 5]);
    assertEquals(await page({ since: 15, before: 5 }, 2), [3, 4]);
    assertEquals(await page({ since: 20, before: 5 }, 2), [2, 4]);
    assertEquals(await page({ since: 15, after: 1, before: 4 }), [2, 3]);
    assertEquals(await page({ since: 30, before: 4 }), []);
    assertEquals(await page({ since: 1, after: 5 }), []);
    assertEquals(await log.page("#nowhere", { since: 1, limit: 9 }), []);
  }],
  ["gives what was said since a time in a long room", async (log) => {
    // Minutes apart, every seventh clock half a minute slow.
    const time = (n: number) => 60_000 * n - (n % 7 === 0 ? 30_000 : 0);
    const all = Array.from({ length: 3_000 }, (_, index) => index + 1);
    await log.append(all.map((n) => draft(`${n}`, { time: time(n) })));
    await log.prune(time(101));
    for (let since = 0; since < time(3_100); since += 1_234_567) {
      const fit = all.filter((n) => n > 100 && time(n) >= since);
      const page = (query: Omit<PageQuery, "limit">) =>
        log.page("#general", { since, limit: 5, ...query });
      assertEquals(sequences(await page({})), fit.slice(0, 5));
      assertEquals(
        sequences(await page({ after: 1_000 })),
        fit.filter((n) => n > 1_000).slice(0, 5),
      );
      assertEquals(
        sequences(await page({ before: 2_000 })),
        fit.filter((n) => n < 2_000).slice(-5),
      );
    }
  }],
  ["tells rooms apart by every character of their keys", async (log) => {
    const rooms = ["#a", "#A", "#á", "#a ", "#", "", "#%", "#a' OR 1=1 --"];
    for (const room of rooms) await log.append([draft(room, { room })]);
    for (const room of rooms) {
      assertEquals(texts(await log.page(room, { limit: 10 })), [room]);
    }
  }],
  ["removes what is older and gives its numbers to nobody", async (log) => {
    await log.append([
      draft("oldest", { time: 1, session: "s", ref: 1 }),
      draft("young, said before an old one", { time: 30 }),
      draft("old needle", { time: 19 }),
      draft("other", { time: 2, room: "#other" }),
    ]);
    assertEquals(await log.prune(1), 0);
    assertEquals(await log.prune(20), 3);
    assertEquals(await log.prune(20), 0);
    assertEquals(sequences(await log.page("#general", { limit: 9 })), [2]);
    assertEquals(await log.page("#other", { limit: 9 }), []);
    assertEquals(await log.last("#general"), 3);
    assertEquals(await log.last("#other"), 1);
    assertEquals(await log.search(["#general"], "needle", { limit: 9 }), []);
    assertEquals(await log.prune(1_000), 1);
    assertEquals(
      await log.append([draft("new"), draft("new", { room: "#other" })]),
      [{ id: 5, sequence: 4 }, { id: 6, sequence: 2 }],
    );
    assertEquals(sequences(await log.page("#general", { limit: 9 })), [4]);
  }],
  ["removes thousands of messages while it takes more", async (log) => {
    await log.append(
      Array.from({ length: 2_500 }, (_, n) => draft(`${n}`, { time: n })),
    );
    const [removed, [stored]] = await Promise.all([
      log.prune(2_400),
      log.append([draft("meanwhile", { time: 9_999 })]),
    ]);
    assertEquals(removed, 2_400);
    assertEquals(stored, { id: 2_501, sequence: 2_501 });
    const left = await log.page("#general", { limit: 9_999 });
    assertEquals(left[0]?.sequence, 2_401);
    assertEquals(left.length, 101);
  }],
  [
    "removes what was said while the clock was set back, wherever it stands",
    async (log) => {
      const time = (n: number) => n >= 1_500 && n < 1_510 ? 5 : 1_000 + n;
      const drafts = Array.from(
        { length: 2_500 },
        (_, n) => draft(`${n}`, { time: time(n) }),
      );
      await log.append(drafts.slice(0, 1_505));
      await log.append(drafts.slice(1_505));
      assertEquals(await log.prune(10), 10);
      assertEquals(await log.prune(10), 0);
      const page = { limit: 9_999 };
      const all = Array.from(drafts, (_, n) => n + 1);
      const left = [...all.slice(0, 1_500), ...all.slice(1_510)];
      assertEquals(sequences(await log.page("#general", page)), left);
      await log.append([draft("the clock again", { time: 6 })]);
      assertEquals(await log.prune(7), 1);
      assertEquals(await log.prune(2_000), 1_000);
      assertEquals(
        sequences(await log.page("#general", page)),
        left.slice(1_000),
      );
      assertEquals(await log.append([draft("new")]), [
        { id: 2_502, sequence: 2_502 },
      ]);
    },
  ],
];

/** What was said, in many scripts. */
export const SAID = [
  "The Quick brown fox, don't you see?",
  "Café Zoë on Königstraße",
  "你好世界，今天天气很好",
  "ボードゲームをしよう",
  "Ship it 🚀🚀 ❤️ 👍🏽",
  "Привет, ОДИССЕЙ — Ὀδυσσεύς",
  "quickly now",
  "ﬁle no. １２",
  "안녕하세요 여러분",
  "x\u0000y",
] as const;

/** A query, and the texts of {@link SAID} that it finds. */
export const QUERIES: readonly [query: string, found: readonly number[]][] = [
  ["quick", [0, 6]],
  ["QUICK brown", [0]],
  ["brown quick", [0]],
  ["quick now", []],
  ["now quick", [6]],
  ["bro fox", []],
  ["fo", [0]],
  ["don't", [0]],
  ["dont", []],
  ["quick-brown", [0]],
  ["brown-quick", []],
  ["cafe", [1]],
  ["CAFÉ zoe", [1]],
  ["cafe\u0301", [1]],
  ["KÖNIGSTRASSE", [1]],
  ["konigstr", [1]],
  ["你好", [2]],
  ["好你", []],
  ["天气", [2]],
  ["好 世界", [2]],
  ["ゲーム", [3]],
  ["🚀", [4]],
  ["❤", [4]],
  ["👍", [4]],
  ["👍🏽 ship", [4]],
  ["👎", []],
  ["привет", [5]],
  ["οδυσσευσ", [5]],
  ["file 12", [7]],
  ["안녕", [8]],
  ["y", [0, 9]],
];

/** Nothing of this is a syntax error, and nothing of it finds everything. */
const HOSTILE = [
  "",
  " \t\n",
  '"',
  '""',
  "'",
  "*",
  "fox*",
  "\"fox\" OR 'x'",
  "fox AND",
  "AND",
  "NOT fox",
  "fox NEAR/2 brown",
  "NEAR(fox brown)",
  "text:fox",
  "room : 1",
  "{text}: fox",
  "^fox",
  "-fox",
  "(",
  ")(",
  "+",
  "\\",
  "%",
  "_",
  "a\u0000b",
  "\u0000",
  "\ud800",
  "\u0301",
  "；DROP TABLE message; --",
  "?1",
  ":a",
  "fox ".repeat(5_000),
  "(".repeat(5_000),
  Array.from({ length: 2_000 }, (_, n) => `w${n}`).join(" "),
  "x".repeat(100_000),
  "ﷺ".repeat(5_000),
] as const;

const SEARCHING: readonly Case[] = [
  [
    "finds all words in any letter case, without accents, in any script",
    async (log) => {
      await log.append(SAID.map((text) => draft(text)));
      for (const [query, found] of QUERIES) {
        assertEquals(
          texts(await log.search(["#general"], query, { limit: 99 })),
          found.map((index) => SAID[index] as string),
          `search for ${query}`,
        );
      }
    },
  ],
  [
    "finds in the named rooms alone, the newest that fit, oldest first",
    async (log) => {
      for (let n = 1; n <= 6; n++) {
        await log.append([draft(`needle ${n}`, { room: `#${n % 3}` })]);
      }
      const ids = async (
        rooms: string[],
        query: { before?: number; limit: number },
      ) => (await log.search(rooms, "needle", query)).map(({ id }) => id);
      assertEquals(await ids(["#1", "#2"], { limit: 9 }), [1, 2, 4, 5]);
      assertEquals(await ids(["#1", "#2"], { limit: 3 }), [2, 4, 5]);
      assertEquals(await ids(["#1", "#2"], { limit: 3, before: 4 }), [1, 2]);
      assertEquals(await ids(["#1", "#1"], { limit: 9 }), [1, 4]);
      assertEquals(await ids(["#1"], { limit: 0 }), []);
      assertEquals(await ids(["#1"], { limit: 9, before: 1 }), []);
      assertEquals(await ids([], { limit: 9 }), []);
      assertEquals(await ids(["#nowhere"], { limit: 9 }), []);
      const many = Array.from({ length: 1_000 }, (_, n) => `#${n}`);
      assertEquals(await ids(many, { limit: 9 }), [1, 2, 3, 4, 5, 6]);
    },
  ],
  [
    "never finds ciphertext, and neither senders nor room numbers",
    async (log) => {
      await log.append([
        draft(new TextEncoder().encode("secret needle")),
        draft("open needle", { sender: "needle" }),
        draft("nothing", { sender: "needle" }),
      ]);
      const found = await log.search(["#general"], "needle", { limit: 9 });
      assertEquals(texts(found), ["open needle"]);
      assertEquals(await log.search(["#general"], "secret", { limit: 9 }), []);
      assertEquals(await log.search(["#general"], "1", { limit: 9 }), []);
    },
  ],
  ["finds what was appended a moment ago, and it alone", async (log) => {
    for (let n = 0; n < 20; n++) {
      await log.append([draft(`needle ${n}`), draft("hay")]);
      const found = await log.search(["#general"], "needle", { limit: 99 });
      assertEquals(
        texts(found),
        Array.from({ length: n + 1 }, (_, said) => `needle ${said}`),
      );
    }
  }],
  ["takes any string as a query", async (log) => {
    await log.append([draft("a brown fox"), draft("nothing to see")]);
    for (const query of HOSTILE) {
      const found = await log.search(["#general"], query, { limit: 9 });
      assert(found.length < 2, `${query.slice(0, 40)} found ${texts(found)}`);
    }
    assertEquals(await log.last("#general"), 2);
  }],
];

/** Runs the suite for one implementation. */
export function testLog({ name, withLog }: Implementation): void {
  for (const [what, test] of [...WRITING, ...READING, ...SEARCHING]) {
    Deno.test(`${name} ${what}`, () => withLog(test));
  }
}
