/**
 * Secret messages over a whole server: keys are published, found and kept, and
 * nothing that is secret is in any byte that the server has or sends.
 */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { Recorder } from "../../lib/capture/mod.ts";
import { tap } from "../../lib/net/mod.ts";
import {
  importPublicKey,
  newMessageId,
  open,
  type OwnKeys,
  type PublicKey,
  Replays,
  seal,
  SecretError,
} from "../../lib/secret/mod.ts";
import { Logger } from "../../lib/server/mod.ts";
import { openStore } from "../../lib/store/mod.ts";
import type { PrivateMessageDelivery } from "../../lib/wire/mod.ts";
import { ALICE, BOB, MALLORY } from "../secret/key_ring.ts";
import { withFolder } from "../store/temporary_folder.ts";
import { ChatProto2Client } from "./chatproto2_client.ts";
import { withServer } from "./test_server.ts";

const PASSWORD = "correct horse battery staple";
const SECRET = "Treffpunkt Brunnen";
const OPEN = "Marktplatz um sieben";

/** Where words are looked for, and what all of its bytes are. */
type Places = Map<string, string>;

/** Whether a word is in a place, whatever its case. */
function holds(places: Places, place: string, word: string): boolean {
  const bytes = places.get(place);
  assert(bytes !== undefined, `there is no ${place}`);
  return bytes.toLowerCase().includes(word.toLowerCase());
}

async function latin1(path: string): Promise<string> {
  return new TextDecoder("latin1").decode(await Deno.readFile(path));
}

/** Runs `test` on a server with a disk, a log and a capture; shows all three. */
async function watched(
  folder: string,
  test: (port: number) => Promise<void>,
): Promise<Places> {
  const lines: string[] = [];
  const places: Places = new Map();
  const logger = new Logger({
    format: "text",
    level: "debug",
    write: (line) => lines.push(line),
    now: () => new Date(),
  });
  const data = `${folder}/data`;
  const log = await openStore({ folder: data });
  const recorder = Recorder.create(`${folder}/chat.pcap`);
  await withServer(async (port) => {
    const running = await tap({
      listen: { host: "127.0.0.1", port: 0 },
      to: { host: "127.0.0.1", port },
      observer: recorder,
    });
    try {
      await test(running.address.port);
      // While it runs its newest messages are in the journal.
      for await (const { name } of Deno.readDir(data)) {
        places.set(name, await latin1(`${data}/${name}`));
      }
    } finally {
      await running.close();
    }
  }, { log, logger });
  recorder.finish();
  places.set("capture", await latin1(`${folder}/chat.pcap`));
  places.set("log", lines.join("\n"));
  places.set("log.db after", await latin1(`${data}/log.db`));
  return places;
}

/** Somebody new with an account, whose texts travel as they are. */
async function register(
  port: number,
  username: string,
  { public: { der } }: OwnKeys,
): Promise<ChatProto2Client> {
  const client = await ChatProto2Client.connect(port, { coded: false });
  await client.answer(
    { type: "register", username, password: PASSWORD },
    "login_ack",
  );
  await client.answer({ type: "publish_key", key: der }, "publish_key");
  return client;
}

async function keyOf(
  client: ChatProto2Client,
  user: string,
): Promise<PublicKey> {
  const { key } = await client.answer({ type: "find_key", user }, "find_key");
  return await importPublicKey(key);
}

/** Alice's secret message to Bob, sealed to the key that the server names. */
async function sealed(alice: ChatProto2Client, text: string) {
  return await seal({
    sender: "alice",
    recipient: "bob",
    text,
    id: newMessageId(),
    ownKeys: ALICE,
    theirKey: await keyOf(alice, "bob"),
  });
}

/** Opens what arrived as its reader does, who has these keys. */
async function read(
  { sender, recipient, text }: PrivateMessageDelivery,
  ownKeys: OwnKeys,
) {
  if (typeof text === "string") throw new TypeError("it is not encrypted");
  const mine = ownKeys === ALICE;
  const theirKeys = [mine ? BOB.public : ALICE.public];
  const bytes = text;
  return await open({ sender, recipient, bytes, mine, ownKeys, theirKeys });
}

Deno.test("a secret message is in no byte of the server's log, its disk or a capture, and both read it", () =>
  withFolder(async (folder) => {
    const places = await watched(folder, async (port) => {
      const alice = await register(port, "alice", ALICE);
      const bob = await register(port, "Bob", BOB);
      for (const text of [OPEN, await sealed(alice, SECRET)]) {
        alice.ask({ type: "private_msg", recipient: "bob", text });
      }
      assertEquals((await bob.event("private_msg_delivery")).text, OPEN);
      const heard = await bob.event("private_msg_delivery");
      const { text, id } = await read(heard, BOB);
      assertEquals(text, SECRET);
      const room = heard.place?.room ?? 0;
      // Its author reads it too, from the history.
      const page = await alice.answer({ type: "history", room }, "history");
      const [, kept] = page.messages as PrivateMessageDelivery[];
      assert(kept !== undefined);
      assertEquals((await read(kept, ALICE)).text, SECRET);
      assertEquals((await read(kept, ALICE)).id, id);
      await alice.close();
      await bob.close();
    });
    for (const word of SECRET.split(" ")) {
      for (const place of places.keys()) {
        assert(!holds(places, place, word), `"${word}" is in ${place}`);
      }
    }
    // What is no secret is found there: the search is good for something.
    for (const place of ["capture", "log.db-wal", "log.db after"]) {
      assert(holds(places, place, OPEN), `"${OPEN}" is not in ${place}`);
    }
    assert(holds(places, "log", "alice"));
  }));

Deno.test("a key is kept by the store, and another takes its place", () =>
  withFolder(async (folder) => {
    await withServer(async (port) => {
      const bob = await register(port, "bob", BOB);
      await bob.answer(
        { type: "publish_key", key: MALLORY.public.der },
        "publish_key",
      );
      await bob.close();
    }, { log: await openStore({ folder }) });
    await withServer(async (port) => {
      const guest = await ChatProto2Client.login(port, "ann");
      const { fingerprint } = await keyOf(guest, "BOB");
      assertEquals(fingerprint, MALLORY.public.fingerprint);
      guest.ask({ type: "publish_key", key: ALICE.public.der });
      assertEquals((await guest.event("error_msg")).code, 403);
      guest.ask({ type: "find_key", user: "ann" });
      assertEquals((await guest.event("error_msg")).code, 404);
      await guest.close();
    }, { log: await openStore({ folder }) });
  }));

Deno.test("what was sent again, or passed on, is refused by its reader", () =>
  withServer(async (port) => {
    const alice = await register(port, "alice", ALICE);
    const bob = await register(port, "bob", BOB);
    const carol = await register(port, "carol", MALLORY);
    const text = await sealed(alice, "yes");
    const replays = new Replays();
    const sightings: string[] = [];
    for (let time = 0; time < 2; time++) {
      alice.ask({ type: "private_msg", recipient: "bob", text });
      const heard = await bob.event("private_msg_delivery");
      const { id } = await read(heard, BOB);
      sightings.push(replays.see(id, heard.place?.sequence ?? 0));
    }
    assertEquals(sightings, ["new", "replayed"]);
    carol.ask({ type: "private_msg", recipient: "bob", text });
    const moved = await bob.event("private_msg_delivery");
    const error = await assertRejects(() => read(moved, BOB), SecretError);
    assertEquals(error.kind, "other_conversation");
    for (const client of [alice, bob, carol]) await client.close();
  }));
