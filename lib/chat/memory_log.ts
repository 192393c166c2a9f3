/**
 * A log that lives as long as the process.
 *
 * @module
 */

import type { Draft, MessageLog, Stored } from "./log.ts";

/** Numbers messages and keeps nothing else; durable until the process ends. */
export class MemoryLog implements MessageLog {
  #id = 0;
  readonly #sequences = new Map<string, number>();

  append(drafts: readonly Draft[]): Promise<readonly Stored[]> {
    return Promise.resolve(drafts.map(({ room }) => {
      const sequence = (this.#sequences.get(room) ?? 0) + 1;
      this.#sequences.set(room, sequence);
      return { id: ++this.#id, sequence };
    }));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
