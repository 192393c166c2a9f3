/** Runs `deno` for the tasks, with the packages that this checkout uses. */
import { dirname } from "node:path";
import { chosenPackages, packageArgument } from "../offline/packages.ts";

/** The folder of the checkout. */
export const root: string = dirname(import.meta.dirname!);

/**
 * How chatp is run.
 *
 * - What a server makes for a message lives for a turn of the event loop: V8's
 *   usual room for such things, 50 MB, is not given back while anything happens,
 *   and a smaller one is quicker besides.
 * - A server asks V8 to give back memory in a quiet moment after a rush
 *   (`lib/server/tidying.ts`): by itself it would not.
 */
export const V8_FLAGS = "--v8-flags=--max-semi-space-size=2,--expose-gc";

/** The argument that names them; ends the process if the choice is wrong. */
export async function packages(): Promise<string> {
  try {
    return packageArgument(await chosenPackages(), root);
  } catch (error) {
    console.error(`error: ${(error as Error).message}`);
    Deno.exit(2);
  }
}

/** Runs `deno` in the checkout with this terminal; gives its exit status. */
export async function deno(...args: string[]): Promise<number> {
  const child = new Deno.Command(Deno.execPath(), { args, cwd: root }).spawn();
  return (await child.status).code;
}

/** What `deno` prints in the checkout, as JSON; ends the process if it fails. */
export async function denoJson<T>(...args: string[]): Promise<T> {
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args,
    cwd: root,
    stderr: "inherit",
  }).output();
  if (code !== 0) Deno.exit(code);
  return JSON.parse(new TextDecoder().decode(stdout));
}

/** Which of these files and folders of the checkout exist. */
export function existing(...names: string[]): string[] {
  return names.filter((name) => {
    try {
      return Boolean(Deno.statSync(`${root}/${name}`));
    } catch {
      return false;
    }
  });
}
