/**
 * A process that makes accounts:
 *
 *   deno run account_adder.ts FOLDER NAME...
 *
 * @module
 */

import { openAccounts } from "../../lib/store/mod.ts";
import { parseUsername } from "../../lib/wire/mod.ts";

const [folder = "", ...names] = Deno.args;
const verifier = {
  rounds: 1,
  salt: new Uint8Array(16),
  hash: new Uint8Array(32),
};
const accounts = openAccounts(folder);
for (const name of names) accounts.add(parseUsername(name), verifier, 1);
accounts.close();
