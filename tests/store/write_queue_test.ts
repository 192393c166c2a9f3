import { assertEquals } from "@std/assert";
import type { Draft } from "../../lib/chat/log.ts";
import type { Outcome } from "../../lib/store/protocol.ts";
import type { Writes } from "../../lib/store/write_memory.ts";
import { WriteQueue } from "../../lib/store/write_queue.ts";
import { draft } from "./log_conformance.ts";

/** Takes effect when everything that is ready has happened. */
const settle = () => new Promise<void>((resolve) => setTimeout(resolve));

/** A queue whose transactions and pauses end when the test says so. */
class Desk {
  readonly queue: WriteQueue;
  /** Texts of what each transaction wrote, `!` for a save; and how it ends. */
  readonly open: { texts: string[]; end: () => void }[] = [];
  /** Pauses that were begun, and how each is over. */
  readonly pauses: { over: () => void; calledOff: boolean }[] = [];
  readonly settled: string[] = [];
  #id = 0;

  constructor() {
    const thread = { write: (writes: Writes) => this.#write(writes) };
    const later = (over: () => void, ms: number) => {
      assertEquals(ms, 3);
      const pause = { over, calledOff: false };
      this.pauses.push(pause);
      return () => pause.calledOff = true;
    };
    this.queue = new WriteQueue(thread, later, () => 0);
  }

  /** So much is written, all at one time, that more of it is expected. */
  async hurry(): Promise<void> {
    for (let count = 0; count < 20; count++) this.append("hurry");
    await settle();
    await this.end();
    this.settled.length = 0;
  }

  #write({ batches, saves }: Writes): Promise<readonly Outcome[]> {
    const saved = new Set(saves.map(({ at }) => at));
    const texts = batches.flatMap((batch, at) =>
      saved.has(at) ? ["!"] : batch.map(({ text }) => String(text))
    );
    const { promise, resolve } = Promise.withResolvers<readonly Outcome[]>();
    const stored = batches.map((batch) => ({
      stored: batch.map(() => ({ id: ++this.#id, sequence: this.#id })),
    }));
    this.open.push({ texts, end: () => resolve(stored) });
    return promise;
  }

  append(...texts: string[]): void {
    const drafts: Draft[] = texts.map((text) => draft(text));
    void this.queue.append(drafts).then(() => {
      this.settled.push(...texts);
    });
  }

  save(): void {
    void this.queue.save([]).then(() => this.settled.push("!"));
  }

  /** The transaction that runs ends; answers what the next one writes. */
  async end(): Promise<string[] | undefined> {
    this.open.shift()?.end();
    await settle();
    return this.open[0]?.texts;
  }
}

Deno.test("who waits for each answer is written at once, every time", async () => {
  const desk = new Desk();
  for (const text of ["a", "b", "c", "d"]) {
    desk.append(text);
    await settle();
    assertEquals(desk.open[0]?.texts, [text]);
    assertEquals(await desk.end(), undefined);
  }
  assertEquals(desk.settled, ["a", "b", "c", "d"]);
  assertEquals(desk.pauses, []);
});

Deno.test("what comes while a transaction runs is the next one, saves in their place", async () => {
  const desk = new Desk();
  desk.append("a");
  await settle();
  desk.save();
  desk.append("b");
  desk.save();
  assertEquals(await desk.end(), ["!", "b", "!"]);
  assertEquals(await desk.end(), undefined);
  assertEquals(desk.settled, ["a", "!", "b", "!"]);
});

Deno.test("where writes come thick, the next waits until as many are there as could have come again", async () => {
  const desk = new Desk();
  await desk.hurry();
  desk.append(..."abcdefghijklmnopqr");
  await settle();
  assertEquals(desk.open, []);
  desk.append("s");
  assertEquals(desk.open, []);
  desk.append("t");
  assertEquals(desk.open[0]?.texts, [..."abcdefghijklmnopqrst"]);
  assertEquals(desk.pauses.map(({ calledOff }) => calledOff), [true]);
});

Deno.test("who gathers waits no longer than the pause", async () => {
  const desk = new Desk();
  await desk.hurry();
  desk.append("a");
  desk.save();
  await settle();
  assertEquals(desk.open, []);
  desk.pauses[0]?.over();
  assertEquals(desk.open[0]?.texts, ["a", "!"]);
  assertEquals(await desk.end(), undefined);
  assertEquals(desk.settled, ["a", "!"]);
});

Deno.test("what is gathered is waited for", async () => {
  const desk = new Desk();
  await desk.hurry();
  desk.append("a");
  await settle();
  let idle = false;
  void desk.queue.idle().then(() => idle = true);
  desk.pauses[0]?.over();
  await settle();
  assertEquals(idle, false);
  await desk.end();
  assertEquals(idle, true);
});

Deno.test("saves alone gather nothing", async () => {
  const desk = new Desk();
  await desk.hurry();
  desk.save();
  await settle();
  assertEquals(desk.open[0]?.texts, ["!"]);
});

Deno.test("of many at once half is written ahead, the rest when there is enough of it", async () => {
  const desk = new Desk();
  desk.append("a");
  await settle();
  const texts = Array.from({ length: 300 }, (_, index) => `${index}`);
  for (const text of texts) desk.append(text);
  await settle();
  assertEquals(desk.open.map(({ texts }) => texts), [
    ["a"],
    texts.slice(0, 150),
  ]);
  assertEquals(desk.settled, []);
  await desk.end();
  assertEquals(desk.open.map(({ texts }) => texts), [
    texts.slice(0, 150),
    texts.slice(150, 278),
  ]);
  assertEquals(desk.settled, ["a"]);
  await desk.end();
  assertEquals(desk.open.map(({ texts }) => texts), [texts.slice(150, 278)]);
  assertEquals(desk.settled.length, 151);
  assertEquals(await desk.end(), undefined);
  desk.pauses[0]?.over();
  assertEquals(desk.open[0]?.texts, texts.slice(278));
  await desk.end();
  assertEquals(desk.settled, ["a", ...texts]);
});

Deno.test("a transaction has 1 MiB of text, or one append of more", async () => {
  const desk = new Desk();
  desk.append("a");
  await settle();
  const half = "x".repeat(1024 * 512);
  for (const text of [half, half, "b", half + half + half, "c"]) {
    desk.append(text);
  }
  const lengths: (number[] | undefined)[] = [];
  for (let count = 0; count < 3; count++) {
    await desk.end();
    desk.pauses.at(-1)?.over();
    lengths.push(desk.open[0]?.texts.map(({ length }) => length));
  }
  assertEquals(lengths, [[524_288, 524_288], [1], [1_572_864]]);
});

Deno.test("too few for a transaction are not written ahead", async () => {
  const desk = new Desk();
  desk.append("a");
  await settle();
  const texts = Array.from({ length: 127 }, (_, index) => `${index}`);
  for (const text of texts) desk.append(text);
  await settle();
  assertEquals(desk.open.length, 1);
  desk.append("last");
  await settle();
  assertEquals(desk.open[1]?.texts, [...texts, "last"]);
});

Deno.test("what fails fails alone, and the next is written", async () => {
  const thread = {
    write: ({ batches }: Writes) =>
      batches[0]?.[0]?.text === "bad"
        ? Promise.reject(new Error("the thread died"))
        : Promise.resolve([{ stored: [{ id: 1, sequence: 1 }] }]),
  };
  const queue = new WriteQueue(thread);
  const bad = queue.append([draft("bad")]).then(() => "?", String);
  assertEquals(await bad, "Error: the thread died");
  assertEquals(await queue.append([draft("good")]), [{ id: 1, sequence: 1 }]);
});
