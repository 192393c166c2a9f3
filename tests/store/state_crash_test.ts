import { assertEquals } from "@std/assert";
import {
  DURABILITIES,
  type Durability,
  openStore,
} from "../../lib/store/mod.ts";
import { childArgs } from "./child.ts";
import { withFolder } from "./temporary_folder.ts";

const KILLS = 5;
/** Lines before a kill, at most: some blocks of handles. */
const MOST = 4_000;

/** Runs the savers until they printed `count` lines, kills, reads the rest. */
async function runAndKill(
  folder: string,
  durability: Durability,
  first: number,
  count: number,
): Promise<string[]> {
  const child = new Deno.Command(Deno.execPath(), {
    args: await childArgs("savers.ts", folder, durability, `${first}`),
    stdout: "piped",
  }).spawn();
  const lines: string[] = [];
  let rest = "";
  let killed = false;
  for await (const bytes of child.stdout.pipeThrough(new TextDecoderStream())) {
    const split = (rest + bytes).split("\n");
    rest = split.pop() ?? "";
    lines.push(...split);
    if (lines.length < count || killed) continue;
    // Right after an acknowledgement would always be the same moment.
    await new Promise((resolve) => setTimeout(resolve, 3 * Math.random()));
    child.kill("SIGKILL");
    killed = true;
  }
  const { signal } = await child.status;
  assertEquals(signal, "SIGKILL");
  return lines;
}

/**
 * Checks the store against what was acknowledged; answers the next step.
 * `cut`: steps that a kill cut in two.
 */
async function check(
  folder: string,
  saved: ReadonlyMap<number, number>,
  cut: Set<number>,
): Promise<number> {
  const store = await openStore({ folder });
  const { people, rooms, members } = await store.load();
  const handles = people.map(({ handle }) => handle);
  assertEquals(rooms.map(({ handle }) => handle), handles, "half a save");
  assertEquals(members.map(({ room }) => room), handles, "half a save");
  const kept = new Map(people.map(({ handle, name }) => [+name, handle]));
  for (const [step, handle] of saved) {
    assertEquals(kept.get(step), handle, `step ${step} is lost`);
  }
  const page = await store.page("#order", { limit: 1e9 });
  const said = page.map(({ text }) => Number(text));
  assertEquals(new Set(said).size, said.length);
  // A step says something before it saves. So what was saved was said, and of
  // what was said the last alone may not have been saved any more.
  const last = said.at(-1) as number;
  if (!kept.has(last)) cut.add(last);
  const expected = said.filter((step) => !cut.has(step));
  assertEquals(
    [...kept.keys()].sort((a, b) => a - b),
    expected.toSorted((a, b) => a - b),
  );
  await store.close();
  return 1 + Math.max(...said);
}

for (const durability of DURABILITIES) {
  Deno.test(`state on disk (${durability}) has every acknowledged save, and no handle twice, after SIGKILLs`, async () => {
    await withFolder(async (folder) => {
      const handles: number[] = [];
      const saved = new Map<number, number>();
      const cut = new Set<number>();
      let first = 0;
      for (let kill = 0; kill < KILLS; kill++) {
        const count = 1 + Math.floor(Math.random() * MOST);
        for (const line of await runAndKill(folder, durability, first, count)) {
          const [what, a, b] = line.split(" ");
          if (what === "handle") handles.push(Number(a));
          else saved.set(Number(a), Number(b));
        }
        first = await check(folder, saved, cut);
      }
      assertEquals(new Set(handles).size, handles.length);
    });
  });
}
