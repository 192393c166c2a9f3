/**
 * `deno task install [--root DIR]`: puts `chatp` on the PATH, into
 * `~/.deno/bin` or `DIR/bin`. It runs from this checkout, with the packages that
 * are chosen now.
 */
import { deno, packages, root, V8_FLAGS } from "./deno.ts";

const argument = await packages();
// `deno install` copies a configuration and would resolve its packages, which
// must not happen offline: there the import map says everything.
const settings = argument.startsWith("--import-map")
  ? [argument, "--no-config", "--no-lock"]
  : [`--config=${root}/deno.json`, "--no-lock"];
const code = await deno(
  "install",
  "--global",
  "--force",
  "--allow-all",
  "--no-check",
  V8_FLAGS,
  "--name=chatp",
  ...settings,
  ...Deno.args,
  `${root}/main.ts`,
);
Deno.exit(code);
