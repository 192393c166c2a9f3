import { assert, assertEquals } from "@std/assert";
import type { Message } from "../../lib/chat/log.ts";
import {
  DURABILITIES,
  type Durability,
  openStore,
} from "../../lib/store/mod.ts";
import { childArgs } from "./child.ts";
import { roomOf, textOf } from "./senders.ts";
import { withFolder } from "./temporary_folder.ts";

const SENDERS = 6;
const KILLS = 8;
/** Acknowledgements before a kill, at most. */
const MOST = 3_000;

/** An acknowledgement that somebody saw. */
interface Ack {
  readonly id: number;
  readonly sequence: number;
  readonly text: string;
}

function parseAck(line: string): Ack {
  const [, id, sequence, text = ""] = /^ack (\d+) (\d+) (.*)$/.exec(line) ?? [];
  return { id: Number(id), sequence: Number(sequence), text };
}

/** Runs the senders until they printed `count` lines, kills, reads the rest. */
async function runAndKill(
  folder: string,
  durability: Durability,
  refs: readonly number[],
  count: number,
): Promise<Ack[]> {
  const child = new Deno.Command(Deno.execPath(), {
    args: await childArgs(
      "senders.ts",
      folder,
      durability,
      "1000000000",
      ...refs.map(String),
    ),
    stdout: "piped",
  }).spawn();
  const acks: Ack[] = [];
  let rest = "";
  let killed = false;
  for await (const bytes of child.stdout.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + bytes).split("\n");
    // A line that the kill cut was seen by nobody.
    rest = lines.pop() ?? "";
    acks.push(...lines.map(parseAck));
    if (acks.length < count || killed) continue;
    // Right after an acknowledgement would always be the same moment.
    await new Promise((resolve) => setTimeout(resolve, 3 * Math.random()));
    child.kill("SIGKILL");
    killed = true;
  }
  const { signal } = await child.status;
  assertEquals(signal, "SIGKILL");
  return acks;
}

/**
 * Where each sender goes on: with the last call that it saw acknowledged, as
 * one would that is not sure.
 */
function nextRefs(acks: readonly Ack[]): number[] {
  const refs = new Array<number>(SENDERS).fill(0);
  for (const { text } of acks) {
    const [, sender, ref] = /^said by (\d+) as (\d+)\.$/.exec(text) ?? [];
    refs[Number(sender)] = Math.max(refs[Number(sender)] ?? 0, Number(ref) + 1);
  }
  // A call is two messages; of the last one only half may have been seen.
  return refs.map((ref) => Math.max(0, ref - 2 + ref % 2));
}

/** Checks one room against what was acknowledged there. */
function checkRoom(messages: readonly Message[], acks: readonly Ack[]): void {
  assertEquals(messages.length % 2, 0, "half of a call was written");
  const refs = new Map<string, number>();
  messages.forEach(({ id, sequence, sender, text }, index) => {
    assertEquals(sequence, index + 1, "a sequence is missing");
    assert(id > (messages[index - 1]?.id ?? 0), "an id does not rise");
    const ref = refs.get(sender) ?? 0;
    assertEquals(text, textOf(Number(sender), ref), "lost, doubled or swapped");
    refs.set(sender, ref + 1);
  });
  for (const ack of acks) {
    const { id, text } = messages[ack.sequence - 1] ?? {};
    assertEquals({ id, text }, { id: ack.id, text: ack.text }, "lost");
  }
}

/** Checks the log against everything that was acknowledged. */
async function checkLog(folder: string, acks: readonly Ack[]): Promise<void> {
  const log = await openStore({ folder });
  const ids = new Set<number>();
  for (const sender of [0, 1]) {
    const room = roomOf(sender);
    const messages = await log.page(room, { limit: 1e9 });
    checkRoom(
      messages,
      acks.filter(({ text }) => roomOf(Number(text.split(" ")[2])) === room),
    );
    assertEquals(await log.search([room], "said", { limit: 1e9 }), messages);
    for (const { id } of messages) {
      assert(!ids.has(id), "an id was given twice");
      ids.add(id);
    }
  }
  const [after] = await log.append([
    { room: "#room 0", sender: "x", text: "after", time: 0 },
  ]);
  assertEquals(after?.id, Math.max(...ids) + 1);
  await log.close();
}

for (const durability of DURABILITIES) {
  Deno.test(`log on disk (${durability}) has every acknowledged message once and in order after SIGKILLs`, async () => {
    await withFolder(async (folder) => {
      const acks: Ack[] = [];
      for (let kill = 0; kill < KILLS; kill++) {
        const count = 1 + Math.floor(Math.random() * MOST);
        const refs = nextRefs(acks);
        acks.push(...await runAndKill(folder, durability, refs, count));
      }
      await checkLog(folder, acks);
    });
  });
}
