/**
 * A process whose senders append to a log and print what was acknowledged, for
 * tests that kill it or watch its system calls:
 *
 *   deno run senders.ts FOLDER DURABILITY CALLS REF...
 *
 * There is one sender for each REF, the number its first call starts with. Each
 * waits for an acknowledgement before it goes on; each call appends two
 * messages. A line: `ack ID SEQUENCE TEXT`.
 *
 * @module
 */

import { type Durability, openStore } from "../../lib/store/mod.ts";

/** Where a sender speaks: two of them share a room. */
export function roomOf(sender: number): string {
  return `#room ${sender % 2}`;
}

/** What a sender says under a ref. */
export function textOf(sender: number, ref: number): string {
  return `said by ${sender} as ${ref}.`;
}

if (import.meta.main) {
  const [folder = "", durability, calls, ...refs] = Deno.args;
  const log = await openStore({ folder, durability: durability as Durability });
  const encoder = new TextEncoder();
  const print = (line: string) =>
    Deno.stdout.writeSync(encoder.encode(`${line}\n`));
  await Promise.all(refs.map(async (first, sender) => {
    for (let call = 0; call < Number(calls); call++) {
      const drafts = [0, 1].map((index) => {
        const ref = Number(first) + 2 * call + index;
        return {
          room: roomOf(sender),
          sender: `${sender}`,
          text: textOf(sender, ref),
          time: Date.now(),
          session: `s${sender}`,
          ref,
        };
      });
      const stored = await log.append(drafts);
      stored.forEach(({ id, sequence }, index) =>
        print(`ack ${id} ${sequence} ${drafts[index]?.text}`)
      );
    }
  }));
  await log.close();
}
