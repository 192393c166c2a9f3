/** How much may wait to be opened. */

import { assertEquals } from "@std/assert";
import {
  SecretKeys,
  SecretPartners,
  SecretReader,
  type SessionEvent,
} from "../../lib/client/mod.ts";
import { KeyBook, ReplayBook } from "../../lib/secret/mod.ts";
import { ALICE, BOB } from "../secret/key_ring.ts";
import { withFolder } from "../store/temporary_folder.ts";
import { at, sealedBy } from "./secret_stage.ts";

const OWNER = { host: "here", username: "alice" } as const;

/** Alice's reader, whose server never says whose key is whose. */
async function reader(folder: string) {
  const events: SessionEvent[] = [];
  const full: boolean[] = [];
  const asked = Promise.withResolvers<void>();
  const book = new KeyBook(folder);
  const common = { server: "here:5555", username: "alice" };
  const made = new SecretReader({
    ...common,
    keys: ALICE,
    theirKeys: new SecretKeys({
      ...common,
      book,
      own: ALICE.public,
      ask: () => {
        asked.resolve();
        return new Promise(() => {});
      },
      warn: () => {},
    }),
    replays: await ReplayBook.open(folder),
    partners: await SecretPartners.open(folder, OWNER),
    tell: (event) => events.push(event),
    onFull: (isFull) => full.push(isFull),
  });
  return { made, book, events, full, asked: asked.promise };
}

const said = (text: Uint8Array, sequence: number) => ({
  type: "private_msg_delivery" as const,
  sender: "bob",
  recipient: "alice",
  text,
  place: at(sequence),
});

/** What became of each message. */
const kinds = (events: readonly SessionEvent[]) =>
  events.map((event) => "secret" in event ? event.secret?.kind : event.type);

Deno.test("nothing more is read while much waits to be opened, and all of it is shown", () =>
  withFolder(async (folder) => {
    const { made, book, events, full } = await reader(folder);
    await book.pin("here:5555", "bob", BOB.public);
    const messages = await Promise.all(
      Array.from({ length: 70 }, () => sealedBy(BOB)),
    );
    messages.forEach((text, index) => made.show(said(text, index + 1)));
    assertEquals(full, [true]);
    await made.flushed();
    assertEquals(full, [true, false]);
    assertEquals(kinds(events), messages.map(() => "opened"));
  }));

Deno.test("a server that does not say whose key it is makes nothing wait for ever", () =>
  withFolder(async (folder) => {
    const { made, events, full, asked } = await reader(folder);
    const text = await sealedBy(BOB);
    made.show(said(text, 1));
    const system = { type: "system_msg", text: "x" } as const;
    await asked;
    for (let count = 0; count < 1_200; count++) made.show(system);
    await made.flushed();
    assertEquals(kinds(events), [
      "refused",
      ...Array.from({ length: 1_200 }, () => "system_msg" as const),
    ]);
    assertEquals(full.at(-1), false);
  }));
