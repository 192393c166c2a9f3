/**
 * What the log of a stopped server holds.
 *
 * @module
 */

import { DatabaseSync } from "node:sqlite";
import type { Message } from "../../lib/chat/mod.ts";
import { openStore } from "../../lib/store/mod.ts";

/** The messages of one stream, in its order. */
export interface Kept {
  /** `#general`, or that of two people. */
  readonly stream: string;
  readonly messages: readonly Message[];
  /** The last sequence that was given, as the log says. */
  readonly last: number;
}

const PAGE = 10_000;

/** Reads everything, through the log's own reader. */
export async function readLog(folder: string): Promise<Kept[]> {
  const log = await openStore({ folder });
  try {
    const kept: Kept[] = [];
    for (const stream of streams(folder)) {
      const messages: Message[] = [];
      for (;;) {
        const page = await log.page(stream, {
          after: messages.at(-1)?.sequence ?? 0,
          limit: PAGE,
        });
        messages.push(...page);
        if (page.length < PAGE) break;
      }
      kept.push({ stream, messages, last: await log.last(stream) });
    }
    return kept;
  } finally {
    await log.close();
  }
}

/** The log tells no names of streams: docs/storage.md says where they stand. */
function streams(folder: string): string[] {
  const database = new DatabaseSync(`${folder}/log.db`, { readOnly: true });
  try {
    return database.prepare("SELECT key FROM room ORDER BY number").all()
      .map(({ key }) => String(key));
  } finally {
    database.close();
  }
}
