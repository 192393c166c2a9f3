/**
 * What holds on every network, one sentence each; `network.ts` and
 * `conversation.ts` check them on the way:
 *
 * - what was acknowledged was released exactly once, in the order of `n`;
 * - nothing is released twice;
 * - once the network heals, everything is acknowledged or handed back;
 * - what is held stays within the bounds;
 * - waking at `nextWake` alone is enough, and never in vain.
 */
import { assertEquals, assertGreater, assertLess } from "@std/assert";
import { SeededRandom } from "../../../lib/bench/random.ts";
import { LINK_LIMITS } from "../../../lib/wire/mod.ts";
import { converse, type Outcome, type Plan } from "./conversation.ts";
import { FAIR } from "./network.ts";

/** A plan by chance: from a good network to a terrible one. */
function plan(random: SeededRandom): Plan {
  const heals = 3_000 + random.integer(20_000);
  const quickest = random.integer(100);
  const small = random.chance(0.5);
  const from = random.integer(heals);
  const until = Math.min(from + 8_000, heals);
  return {
    weather: {
      loss: random.pick([0, 0.1, 0.5, 0.9]),
      repeats: random.pick([0, 0.1, 0.5]),
      quickest,
      slowest: quickest + random.pick([0, 50, 500, 4_000]),
    },
    limits: small
      ? {
        ...LINK_LIMITS,
        window: 1 + random.integer(8),
        windowBytes: 50 + random.integer(5_000),
        unanswered: 1 + random.integer(8),
        held: random.integer(8),
        heldBytes: random.integer(5_000),
      }
      : LINK_LIMITS,
    requests: random.integer(40),
    pushes: random.integer(20),
    heals,
    late: random.pick([0, 0, 0.02]),
    thinks: 100,
    ...random.chance(0.3) && { blackout: { from, until } },
  };
}

/** Many conversations; a failing one says by which seed it can be repeated. */
function conversations(
  count: number,
  make: (random: SeededRandom) => Plan,
): Outcome[] {
  return Array.from({ length: count }, (_, seed) => {
    const random = new SeededRandom(seed);
    try {
      return converse(random, make(random));
    } catch (cause) {
      throw new Error(`The conversation of seed ${seed} failed`, { cause });
    }
  });
}

Deno.test("whatever a network does, everything said is released once and in order", () => {
  const outcomes = conversations(2_000, plan);
  // There was something to go wrong.
  assertGreater(outcomes.filter(({ given }) => given > 0).length, 200);
});

Deno.test("half of everything may be lost both ways, and fewer than one in a thousand is given up", () => {
  const outcomes = conversations(300, () => ({
    weather: { loss: 0.5, repeats: 0.05, quickest: 1, slowest: 10 },
    limits: LINK_LIMITS,
    requests: 40,
    pushes: 20,
    heals: 20_000,
    thinks: 10,
    late: 0,
  }));
  const given = outcomes.reduce((sum, outcome) => sum + outcome.given, 0);
  assertLess(given / (300 * 60), 0.001);
});

Deno.test("on a good network nothing is repeated, and nobody wakes", () => {
  const outcomes = conversations(100, () => ({
    weather: FAIR,
    limits: LINK_LIMITS,
    requests: 40,
    pushes: 20,
    heals: 20_000,
    thinks: 10,
    late: 0,
  }));
  assertEquals(outcomes.filter(({ wakings }) => wakings > 0), []);
});
