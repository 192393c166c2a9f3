/**
 * Handles for a running server, from blocks that are reserved on disk: one
 * transaction gives many, and a crash loses what is left of a block.
 *
 * @module
 */

import type { Thread } from "./thread.ts";

/** Handles in a block. */
export const HANDLES_AT_ONCE = 1_000;

/** Hands out handles, each once. */
export class Handles {
  readonly #thread: Thread;
  #next = 1;
  /** The first behind the block. */
  #end = 1;
  #reserving: Promise<void> | undefined;

  constructor(thread: Thread) {
    this.#thread = thread;
  }

  /** As `StateStore.handle`. */
  async next(): Promise<number> {
    // Others may have used a block up that we waited for together.
    while (this.#next === this.#end) {
      this.#reserving ??= this.#reserve();
      await this.#reserving;
    }
    return this.#next++;
  }

  async #reserve(): Promise<void> {
    try {
      const count = HANDLES_AT_ONCE;
      this.#next = await this.#thread.ask({ type: "handles", count });
      this.#end = this.#next + count;
    } finally {
      this.#reserving = undefined;
    }
  }
}
