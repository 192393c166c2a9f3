/** Secret messages over connections that are cut, with a whole server. */

import { assert, assertEquals } from "@std/assert";
import {
  linkOpener,
  SecretPartners,
  Session,
  type SessionEvent,
} from "../../lib/client/mod.ts";
import { parseServer } from "../../lib/net/mod.ts";
import { KeyBook, type OwnKeys, ReplayBook } from "../../lib/secret/mod.ts";
import { ALICE, BOB } from "../secret/key_ring.ts";
import { withServer } from "../server/test_server.ts";
import { withFolder } from "../store/temporary_folder.ts";
import { HASTY, PATIENT, withCutter } from "./cutter.ts";

const PASSWORD = "long enough a secret";

/** Somebody with keys, and a data folder of their own. */
async function session(
  { username, port, folder, keys, onEvent, password }: {
    readonly username: string;
    readonly port: number;
    readonly folder: string;
    readonly keys: OwnKeys;
    readonly onEvent: (event: SessionEvent) => void;
    readonly password?: string;
  },
): Promise<Session> {
  const host = "127.0.0.1";
  const made = new Session({
    open: linkOpener({
      address: parseServer(`chatp://${host}:${port}`),
      dial: { timeout: 10_000 },
      hasPassword: password !== undefined,
      plaintext: false,
    }),
    username,
    password,
    loginTimeout: 1_000_000,
    clock: password === undefined ? PATIENT : HASTY,
    random: () => 0,
    onEvent,
    secrecy: {
      // The same server, whichever way one gets there.
      server: "server",
      keys,
      book: new KeyBook(`${folder}/${username}`),
      replays: await ReplayBook.open(`${folder}/${username}`),
      partners: await SecretPartners.open(`${folder}/${username}`, {
        host,
        username,
      }),
    },
  });
  made.start();
  return made;
}

Deno.test("wherever the connection is cut, each secret message is read once, in order, and none is taken for a replay", () =>
  withServer((port) =>
    withFolder(async (folder) => {
      const texts = Array.from({ length: 20 }, (_, index) => `m${index}`);
      const heard: string[] = [];
      const all = Promise.withResolvers<void>();
      const published = Promise.withResolvers<void>();
      const bob = await session({
        username: "bob",
        port,
        folder,
        keys: BOB,
        onEvent: (event) => {
          if (event.type === "warned" && /is published/.test(event.text)) {
            published.resolve();
          }
          if (event.type !== "private_msg_delivery") return;
          const kind = "secret" in event ? event.secret?.kind : "private";
          heard.push(`${kind} ${event.text}`);
          if (heard.length === texts.length) all.resolve();
        },
      });
      bob.submit({ type: "register", password: PASSWORD });
      await published.promise;
      const alice = await session({
        username: "alice",
        port,
        folder,
        keys: ALICE,
        onEvent: () => {},
      });
      alice.submit({ type: "register", password: PASSWORD });
      await alice.finish();

      const budgets = [600, 1_400, 2_500, 900, 3_000, 200, 4_000, 1_100, 2_000];
      await withCutter(port, budgets, async (cut) => {
        const told: SessionEvent[] = [];
        const alice = await session({
          username: "alice",
          port: cut,
          folder,
          keys: ALICE,
          onEvent: (event) => told.push(event),
          password: PASSWORD,
        });
        alice.submit({ type: "secret", user: "bob" });
        for (const text of texts) {
          alice.submit({ type: "private_msg", recipient: "bob", text });
        }
        await all.promise;
        assertEquals(await alice.finish(), undefined);
        const refs = (type: string) =>
          told.flatMap((event) =>
            event.type === type && "ref" in event ? [event.ref] : []
          );
        assertEquals(refs("acknowledged"), texts.map((_, index) => index + 2));
        assertEquals([...refs("unconfirmed"), ...refs("refused")], []);
        const warned = told.flatMap((event) =>
          event.type === "warned" ? [event.text] : []
        );
        // She has to learn of his key, and nothing else.
        assertEquals(
          warned.filter((text) => !text.startsWith("The key of bob")),
          [],
        );
        assert(told.filter(({ type }) => type === "lost").length > 3);
        assertEquals(
          told.filter(({ type }) => type === "private_msg_delivery"),
          [],
        );
      });
      assertEquals(heard, texts.map((text) => `opened ${text}`));
      bob.close();
      await bob.ended;
    })
  ));
