/**
 * How `chatp serve` gives back memory.
 *
 * @module
 */

import type { Logger } from "../lib/server/mod.ts";

/**
 * Has V8 give back all that it does not need. It lets itself be asked only with
 * `--expose-gc` (`.ci/deno.ts`); without that nothing is done.
 */
export function giveBackMemory(logger: Logger): void {
  const { gc } = globalThis as { gc?: (options: object) => void };
  if (gc === undefined) return;
  const before = residentMegabytes();
  gc({ type: "major", flavor: "last-resort" });
  logger.debug(
    `Memory after a rush: ${before} MB, tidied up: ${residentMegabytes()} MB`,
  );
}

function residentMegabytes(): string {
  return (Deno.memoryUsage().rss / 1e6).toFixed(1);
}
