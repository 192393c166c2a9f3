/**
 * A process that appends, takes handles and saves people, for tests that kill
 * it:
 *
 *   deno run savers.ts FOLDER DURABILITY FIRST
 *
 * Each step, from FIRST on, says its number in `#order` and then saves a room
 * of that name, without waiting in between; and it makes a guest under a new
 * handle. Lines: `handle HANDLE` when one was given, `saved STEP HANDLE` when
 * all of a step is acknowledged.
 *
 * @module
 */

import { type Durability, openStore } from "../../lib/store/mod.ts";

const [folder = "", durability, first] = Deno.args;
const store = await openStore({ folder, durability: durability as Durability });
const encoder = new TextEncoder();
const print = (line: string) =>
  Deno.stdout.writeSync(encoder.encode(`${line}\n`));
await store.load();
let step = Number(first);
await Promise.all(Array.from({ length: 20 }, async () => {
  for (;;) {
    const handle = await store.handle();
    print(`handle ${handle}`);
    const number = step++;
    const name = `${number}`;
    await Promise.all([
      store.append([{ room: "#order", sender: "x", text: name, time: 1 }]),
      store.save([
        { type: "put_person", person: { handle, name, created: number } },
        {
          type: "put_room",
          room: {
            handle,
            kind: "public",
            name,
            stream: `#${number}`,
            created: number,
          },
        },
        {
          type: "put_member",
          member: { room: handle, person: handle, received: 1, read: 0 },
        },
      ]),
    ]);
    print(`saved ${number} ${handle}`);
  }
}));
