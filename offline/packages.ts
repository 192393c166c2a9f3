/**
 * Which packages a task uses: those of JSR, or the stand-ins in this folder.
 *
 * JSR if it answers. The answer is remembered in a file of the checkout, for
 * every registry address apart: "jsr" for good, "offline" for a day, so that
 * a later start asks nobody. `CHATP_PACKAGES=jsr|offline` decides instead.
 */

/** Where the five packages come from. */
export type Packages = "jsr" | "offline";

/** What the answer depends on; everything else is read from the checkout. */
export interface ChoiceContext {
  /** The environment: `CHATP_PACKAGES` and `JSR_URL` matter. */
  env: Record<string, string | undefined>;
  /** The file that remembers answers. */
  memory: URL;
  /** Now, in ms since 1970. */
  now: number;
  /** Says a line to the person who started the task. */
  say: (line: string) => void;
  /** Asks one address; {@linkcode fetch} if not given. */
  ask?: (address: URL, signal: AbortSignal) => Promise<Response>;
}

interface Remembered {
  packages: Packages;
  /** When it was found out, in ms since 1970. */
  since: number;
}

/** The registry that Deno itself asks when `JSR_URL` is not set. */
const PUBLIC_JSR = "https://jsr.io";
const ANSWER_TIMEOUT = 1500; // ms
const OFFLINE_FOR = 24 * 60 * 60 * 1000; // ms
const NAMES = [
  "@cliffy/command",
  "@std/assert",
  "@std/cli",
  "@std/crypto",
  "@std/streams",
];

/** Whether the registry knows all five packages, within the timeout. */
async function answers(
  registry: string,
  ask: NonNullable<ChoiceContext["ask"]>,
): Promise<boolean> {
  const base = registry.endsWith("/") ? registry : `${registry}/`;
  const timeout = AbortSignal.timeout(ANSWER_TIMEOUT);
  try {
    const found = await Promise.all(NAMES.map(async (name) => {
      const response = await ask(new URL(`${name}/meta.json`, base), timeout);
      const text = await response.text();
      return response.ok && Boolean(JSON.parse(text)?.versions);
    }));
    return found.every(Boolean);
  } catch {
    // No network, no such host, too slow, or not a registry: all the same.
    return false;
  }
}

/** What the file holds; nothing if it is missing or damaged. */
function recall(memory: URL): Record<string, Remembered> {
  try {
    return JSON.parse(Deno.readTextFileSync(memory)) ?? {};
  } catch {
    return {};
  }
}

function remember(memory: URL, answers: Record<string, Remembered>): void {
  try {
    // Renamed into place, because tasks may run side by side.
    const part = new URL(`${memory.href}.${Deno.pid}`);
    Deno.writeTextFileSync(part, JSON.stringify(answers) + "\n");
    Deno.renameSync(part, memory);
  } catch { /* a checkout that cannot be written asks every time */ }
}

/**
 * Decides which packages to use.
 *
 * @throws {RangeError} if `CHATP_PACKAGES` is neither `jsr` nor `offline`
 */
export async function choosePackages(
  context: ChoiceContext,
): Promise<Packages> {
  const { env, memory, now, say } = context;
  const forced = env.CHATP_PACKAGES || undefined;
  if (forced === "jsr" || forced === "offline") return forced;
  if (forced !== undefined) {
    throw new RangeError(
      `CHATP_PACKAGES must be "jsr" or "offline", but is "${forced}"`,
    );
  }
  const registry = env.JSR_URL || PUBLIC_JSR;
  const known = recall(memory);
  const last = known[registry];
  if (last?.packages === "jsr") return "jsr";
  const age = now - (last?.since ?? -Infinity);
  if (last?.packages === "offline" && age >= 0 && age < OFFLINE_FOR) {
    return "offline";
  }
  const packages = await answers(
      registry,
      context.ask ?? ((address, signal) => fetch(address, { signal })),
    )
    ? "jsr"
    : "offline";
  remember(memory, { ...known, [registry]: { packages, since: now } });
  if (packages === "offline") {
    say(
      "JSR does not answer: using the stand-ins in offline/ for a day " +
        "(CHATP_PACKAGES=jsr asks for JSR)",
    );
  }
  return packages;
}

/** The choice for this checkout and this process. */
export function chosenPackages(): Promise<Packages> {
  return choosePackages({
    env: {
      CHATP_PACKAGES: Deno.env.get("CHATP_PACKAGES"),
      JSR_URL: Deno.env.get("JSR_URL"),
    },
    memory: new URL("./.choice.json", import.meta.url),
    now: Date.now(),
    say: (line) => console.error(line),
  });
}

/**
 * The argument that makes `deno` use these packages, in a checkout whose folder
 * is `root`. With JSR that is a lock file of its own, which begins as a copy of
 * `deno.lock`: the hashes that Deno adds to it stay out of the committed one.
 */
export function packageArgument(packages: Packages, root: string): string {
  // Paths, not URLs: they may hold spaces and more.
  if (packages === "offline") {
    return `--import-map=${root}/offline/import_map.json`;
  }
  const [committed, own] = [`${root}/deno.lock`, `${root}/offline/.jsr.lock`];
  const changed = (path: string) => Deno.statSync(path).mtime?.getTime() ?? 0;
  try {
    if (changed(own) >= changed(committed)) return `--lock=${own}`;
  } catch { /* there is none yet */ }
  try {
    Deno.writeTextFileSync(own, Deno.readTextFileSync(committed));
    return `--lock=${own}`;
  } catch {
    return "--no-lock"; // a checkout that cannot be written
  }
}
