/** What a server looks at by itself, once a second. */

import { assertEquals } from "@std/assert";
import { MemoryStore } from "../../lib/chat/mod.ts";
import { StillClock } from "./still_clock.ts";
import { withServer } from "./test_server.ts";

const HOUR = 3_600_000;

/** A store that remembers what it was asked by the chores. */
class WatchedStore extends MemoryStore {
  /** How old the messages are that were to go, ms since 1970. */
  readonly pruned: number[] = [];
  #looked: () => void = () => {};

  /** Accounts are asked for at each look. */
  override accounts(): Promise<undefined> {
    this.#looked();
    return super.accounts();
  }

  override prune(olderThan: number): Promise<number> {
    this.pruned.push(olderThan);
    return super.prune(olderThan);
  }

  /** The next look has begun, and what it begins with is done. */
  look(): Promise<void> {
    return new Promise((resolve) => this.#looked = resolve);
  }
}

Deno.test("old messages are looked for at the start, and once an hour from then on", async () => {
  const log = new WatchedStore();
  const clock = new StillClock();
  const start = clock.now() + HOUR;
  clock.pass(HOUR);
  await withServer(async () => {
    assertEquals(log.pruned, [start - 1_000]);
    await log.look();
    clock.pass(HOUR - 1);
    await log.look();
    assertEquals(log.pruned.length, 1);
    clock.pass(1);
    await log.look();
    assertEquals(log.pruned, [start - 1_000, start + HOUR - 1_000]);
  }, { log, clock, retain: 1_000 });
});
