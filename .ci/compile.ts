/**
 * `deno task compile [OPTION...]`: builds the single binary `./chatp`, or the
 * file that `--output=FILE` names.
 *
 * Deno downloads its base runtime once for this; `DENORT_BIN=FILE` names one
 * that is there already.
 */
import { deno, packages, V8_FLAGS } from "./deno.ts";

const output = Deno.args.some((arg) => /^(-o|--output)/.test(arg))
  ? []
  : ["--output=chatp"];
const code = await deno(
  "compile",
  "--allow-all",
  "--no-check",
  V8_FLAGS,
  // No import leads to a Worker's file.
  "--include=lib/store/log_worker.ts",
  ...output,
  await packages(),
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
