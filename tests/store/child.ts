/**
 * Programs of the tests that run in a process of their own.
 *
 * @module
 */

import { packages, root } from "../../.ci/deno.ts";
import { fileURLToPath } from "node:url";

/** The arguments with which Deno runs one that lies in this folder. */
export async function childArgs(
  name: string,
  ...args: string[]
): Promise<string[]> {
  const script = fileURLToPath(new URL(name, import.meta.url));
  const config = `--config=${root}/deno.json`;
  const options = ["--allow-all", "--no-check", config, await packages()];
  return ["run", ...options, script, ...args];
}
