/**
 * `deno task compile [OPTION...]`: builds the single binary `./chatp`, or the
 * file that `--output=FILE` names.
 *
 * Deno downloads its base runtime once for this; `DENORT_BIN=FILE` names one
 * that is there already.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { deno, denoJson, packages, V8_FLAGS } from "./deno.ts";

/** What `deno info --json` says of packages from npm; the path since 2.9. */
interface ModuleInfo {
  npmPackages: Record<
    string,
    { name: string; version: string; registryUrl: string; localPath?: string }
  >;
}

/**
 * The folders with npm packages' own tests. `deno compile` packs whole
 * packages and parses what looks like a program in them: with bintrees' test
 * data, 100,000 numbers, it ends in "has overflowed its stack".
 */
async function testsOfPackages(argument: string): Promise<string[]> {
  const { npmCache } = await denoJson<{ npmCache: string }>("info", "--json");
  // Fetches what is not there yet, too.
  const { npmPackages } = await denoJson<ModuleInfo>(
    "info",
    "--json",
    argument,
    "main.ts",
  );
  return Object.values(npmPackages).map((one) =>
    join(
      one.localPath ??
        join(npmCache, new URL(one.registryUrl).host, one.name, one.version),
      "test",
    )
  ).filter((folder) => existsSync(folder));
}

const output = Deno.args.some((arg) => /^(-o|--output)/.test(arg))
  ? []
  : ["--output=chatp"];
const argument = await packages();
const code = await deno(
  "compile",
  "--allow-all",
  "--no-check",
  V8_FLAGS,
  // No import leads to a Worker's file.
  "--include=lib/store/log_worker.ts",
  ...(await testsOfPackages(argument)).map((folder) => `--exclude=${folder}`),
  ...output,
  argument,
  ...Deno.args,
  "main.ts",
);
if (code !== 0 && !Deno.env.get("DENORT_BIN")) {
  console.error(
    `
If Deno's base runtime could not be downloaded: fetch the file "denort" of
Deno ${Deno.version.deno} for this system by other means and name it,

    DENORT_BIN=/path/to/denort deno task compile`,
  );
}
Deno.exit(code);
