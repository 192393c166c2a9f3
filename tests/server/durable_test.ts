/**
 * With full durability nobody is told of a message before the disk has it: not
 * its author, not its readers. Held by the system calls of a real server.
 */

import { assert, assertEquals } from "@std/assert";
import { Folder } from "../commands/chatp_process.ts";
import {
  straceMissing,
  type SystemCall,
  TracedServer,
} from "../torture/system_calls.ts";
import { RawClient } from "./raw_client.ts";

const missing = Deno.build.os === "linux"
  ? await straceMissing()
  : "strace is for Linux";

const ROUNDS = 15;
const AT_ONCE = 4;

/** What was said, and how its acknowledgement looks on its wire. */
interface Said {
  readonly text: string;
  /** As in `SystemCall.data`; none where the delivery is the receipt. */
  readonly receipt?: string;
}

function binaryReceipt(id: number): string {
  const digits = String(id);
  const length = String.fromCharCode(digits.length);
  const body = String.fromCharCode(digits.length + 2);
  return `CP\x01\x0c\x00\x00\x00\x00${body}\x00${length}${digits}`;
}

const jsonReceipt = (id: number) => `{"type":"room_msg_ack","id":${id}}\n`;

/** Says some at once; answers when all are acknowledged. */
async function say(
  client: RawClient,
  texts: readonly string[],
  receipt: (id: number) => string,
): Promise<Said[]> {
  for (const text of texts) client.say(text);
  const said: Said[] = [];
  for (const text of texts) {
    const { id } = await client.event("room_msg_ack");
    said.push({ text, receipt: receipt(id) });
  }
  return said;
}

/** Tells bob some at once; answers when alice has the receipts. */
async function tell(alice: RawClient, texts: readonly string[]) {
  for (const text of texts) {
    alice.ask({ type: "private_msg", recipient: "bob", text });
  }
  for (const text of texts) {
    assertEquals((await alice.event("private_msg_delivery")).text, text);
  }
  return texts.map((text): Said => ({ text }));
}

/** Alice on JSON and bob on ChatProto 1.0 talk, both at the same time. */
async function converse(port: number): Promise<Said[]> {
  const alice = await RawClient.login(port, "alice", "json2");
  const bob = await RawClient.login(port, "bob", "chatp1");
  const said: Said[] = [];
  const texts = (what: string, round: number) =>
    Array.from({ length: AT_ONCE }, (_, at) => `${what}.${round}.${at}.`);
  for (let round = 0; round < ROUNDS; round++) {
    const both = await Promise.all([
      say(alice, texts("alice-said", round), jsonReceipt),
      say(bob, texts("bob-said", round), binaryReceipt),
    ]);
    said.push(...both.flat(), ...await tell(alice, texts("psst", round)));
  }
  await alice.close();
  await bob.close();
  return said;
}

/** The moment from which a text is on disk. */
function durableFrom(text: string, calls: readonly SystemCall[]): number {
  const toLog = calls.filter(({ target }) => target.endsWith("/log.db-wal"));
  const written = toLog.find(({ name, data }) =>
    name.startsWith("pwrite") && data.includes(text)
  );
  assert(written !== undefined, `${text} was not written to the log`);
  const synced = toLog.find(({ name, entered }) =>
    /^f(data)?sync$/.test(name) && entered > written.returned
  );
  assert(synced !== undefined, `${text} was not synced`);
  return synced.returned;
}

Deno.test({
  name:
    "nobody is told of a message before the sync of the disk that covers it" +
    (missing === undefined ? "" : ` (skipped: ${missing})`),
  ignore: missing !== undefined,
  fn: async () => {
    await using folder = await Folder.make();
    await using server = await TracedServer.start(folder.path);
    const said = await converse(server.port);
    const calls = await server.stop();
    const told = calls.filter(({ target }) => target.startsWith("TCP"));
    for (const { text, receipt = text } of said) {
      const durable = durableFrom(text, calls);
      for (const words of [text, receipt]) {
        const tellings = told.filter(({ data }) => data.includes(words));
        assert(tellings.length > 0, `Nobody was told ${words}`);
        for (const { entered } of tellings) {
          const what = `${words} told at ${entered}, on disk at ${durable}`;
          assert(entered > durable, what);
        }
      }
    }
    assertEquals(said.length, 3 * ROUNDS * AT_ONCE);
  },
});
