/**
 * How long an account takes to get what it missed: a server on disk, somebody
 * who is gone while others talk, and comes back.
 *
 * @module
 */

import { join } from "node:path";
import { LINES } from "../../lib/bench/corpus.ts";
import { parseUsername } from "../../lib/wire/mod.ts";
import { hashPassword, openAccounts } from "../../lib/store/mod.ts";
import { Folder, startServer } from "../commands/chatp_process.ts";
import { RawClient, type TestWire } from "../server/raw_client.ts";

const NAME = "absent";
const PASSWORD = "not here";

/** One way of coming back. */
interface Return {
  readonly wire: TestWire;
  readonly secure: boolean;
}

const RETURNS: readonly Return[] = [
  { wire: "chatp1", secure: false },
  { wire: "chatp1", secure: true },
  { wire: "json2", secure: false },
  { wire: "json2", secure: true },
];

/** What one return took. */
export interface CaughtUp extends Return {
  readonly messages: number;
  /** ms from connecting to the answer of the login: a password's arithmetic. */
  readonly login: number;
  /** ms from there to the last message. */
  readonly rest: number;
}

async function addAccount(folder: string): Promise<void> {
  const accounts = openAccounts(folder);
  const verifier = await hashPassword(PASSWORD);
  accounts.add(parseUsername(NAME), verifier, Date.now());
  accounts.close();
}

function logIn(port: number, { wire, secure }: Return): Promise<RawClient> {
  return RawClient.login(port, NAME, wire, { secure, password: PASSWORD });
}

/** Says something and waits until all of it is acknowledged. */
async function talk(speaker: RawClient, count: number): Promise<void> {
  for (let index = 0; index < count; index++) {
    speaker.say(LINES[index % LINES.length] as string);
  }
  for (let index = 0; index < count; index++) {
    await speaker.event("room_msg_ack");
  }
}

async function comeBack(
  port: number,
  way: Return,
  messages: number,
): Promise<CaughtUp> {
  const start = performance.now();
  const client = await logIn(port, way);
  const answered = performance.now();
  for (let index = 0; index < messages; index++) {
    const { history } = await client.event("room_msg");
    if (!history) throw new Error("What was missed is not flagged as history");
  }
  const end = performance.now();
  await client.close();
  return { ...way, messages, login: answered - start, rest: end - answered };
}

/** Misses so many messages, once for each way of coming back. */
export async function catchUp(messages: number): Promise<CaughtUp[]> {
  await using data = await Folder.make();
  const { server, port } = await startServer(data.path, "--no-rate-limits");
  await using _ = server;
  await addAccount(join(data.path, "chatp"));
  const speaker = await RawClient.login(port, "speaker");
  const first = await logIn(port, RETURNS[0] as Return);
  await first.close();
  const results: CaughtUp[] = [];
  for (const way of RETURNS) {
    await speaker.event("system_msg");
    await talk(speaker, messages);
    results.push(await comeBack(port, way, messages));
    await speaker.event("system_msg");
  }
  await speaker.close();
  return results;
}
