/**
 * Waiting, but not for ever: what nobody waits for may never come, and where
 * nothing else goes on Deno would end the whole run without a word about it.
 *
 * @module
 */

import type { Story } from "./story.ts";

/** ms that a server or a player may do nothing, before that is a fault. */
export const PATIENCE = 30_000;

/**
 * Waits until something has settled, or until nothing happened for `patience`
 * ms, going by a number that rises with what happens; answers what went wrong,
 * if anything did. Never rejects.
 */
export async function waitFor(
  something: Promise<unknown>,
  patience = PATIENCE,
  happened: () => number = () => 0,
): Promise<string | undefined> {
  const late = Promise.withResolvers<string>();
  let before = happened();
  // It also keeps the process alive where sockets and children don't.
  const timer = setInterval(() => {
    const now = happened();
    if (now === before) {
      late.resolve(`Nothing happens for ${patience / 1000} s`);
    }
    before = now;
  }, patience);
  const fault = await Promise.race([
    something.then(
      () => undefined,
      (error) => error instanceof Error ? error.message : String(error),
    ),
    late.promise,
  ]);
  clearInterval(timer);
  return fault;
}

/** Waits for a player to see that its server is dead; a fault if it doesn't. */
export async function seesTheEnd(
  player: { readonly doing: string },
  end: Promise<unknown>,
  story: Story,
  patience = PATIENCE,
): Promise<void> {
  const fault = await waitFor(end, patience);
  if (fault === undefined) return;
  story.blame("stuck", `The server is dead, but ${player.doing}. ${fault}`);
}
