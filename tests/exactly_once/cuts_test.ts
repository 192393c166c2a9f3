/** Exactly once, whatever byte of a conversation a connection ends behind. */

import { assert, assertEquals } from "@std/assert";
import { converse } from "./conversation.ts";
import type { Cut, Direction } from "./cutting_proxy.ts";

/** Conversations at the same time. */
const AT_ONCE = 8;

/** Where a first connection is cut, so that a second one has much to do. */
const AMID: Readonly<Record<Direction, number>> = { up: 150, down: 320 };

/** Plays all of these, some at a time; answers how many cuts there were. */
async function playAll(
  plans: readonly (readonly Cut[])[],
  guest: boolean,
): Promise<number> {
  let cuts = 0;
  const left = plans.toReversed();
  const play = async () => {
    for (let plan = left.pop(); plan !== undefined; plan = left.pop()) {
      const report = await converse(plan, { guest });
      cuts += report.cuts;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, play));
  return cuts;
}

/** One cut behind each byte that a connection carries, from none to all. */
function each(connection: number, direction: Direction, bytes: number): Cut[] {
  return Array.from(
    { length: bytes + 1 },
    (_, after) => ({ connection, direction, after }),
  );
}

/** Whose first connection is cut on its way where. */
const FIRST: readonly [name: string, direction: Direction, guest: boolean][] = [
  [
    "everybody has every text once, wherever an account's bytes to the server end",
    "up",
    false,
  ],
  [
    "everybody has every text once, wherever the server's bytes to an account end",
    "down",
    false,
  ],
  [
    "everybody has every text once, wherever a guest's bytes to the server end",
    "up",
    true,
  ],
  [
    "everybody has every text once, wherever the server's bytes to a guest end",
    "down",
    true,
  ],
];

for (const [name, direction, guest] of FIRST) {
  Deno.test(name, async () => {
    const [first] = (await converse([], { guest })).carried;
    assert(first !== undefined);
    const plans = each(0, direction, first[direction]).map((cut) => [cut]);
    const cuts = await playAll(plans, guest);
    // A few bytes come together or apart, so the last may not be reached.
    assert(cuts > first[direction] * 0.95, `${cuts} cuts`);
  });
}

/** Who is cut again on the way back. */
const AGAIN: readonly [name: string, direction: Direction][] = [
  [
    "everybody has every text once, wherever the next bytes to the server end too",
    "up",
  ],
  [
    "everybody has every text once, wherever the next bytes to the client end too",
    "down",
  ],
];

for (const [name, direction] of AGAIN) {
  Deno.test(name, async () => {
    const amid = { connection: 0, direction, after: AMID[direction] };
    const { carried: [, second], cuts } = await converse([amid]);
    assertEquals(cuts, 1);
    assert(second !== undefined);
    const plans = each(1, direction, second[direction])
      .map((cut) => [amid, cut]);
    const all = await playAll(plans, false);
    assert(all > plans.length * 1.8, `${all} cuts`);
  });
}
