/**
 * `chatp keys`: RSA keys for secret messages (docs/end_to_end.md) and for a
 * relay's clients (docs/relay.md).
 *
 * @module
 */

import { Command } from "@cliffy/command";
import {
  fingerprintOfKey,
  makeRsaPair,
  pairFiles,
  RSA_BITS,
  UserError,
  writeRsaPair,
} from "../lib/net/mod.ts";
import { refuseOptions } from "./arguments.ts";
import { reporting } from "./report.ts";

async function makeNew(name: string, bits: number): Promise<void> {
  if (name === "") {
    throw new UserError("usage", "The name of the pair is empty", {
      advice: "Give the folder that it is to be in, such as me",
    });
  }
  const pair = await makeRsaPair(bits);
  await writeRsaPair(name, pair);
  const files = pairFiles(name);
  console.log(`Private key  ${files.privateKey} (keep it secret)`);
  console.log(`Public key   ${files.publicKey} (others may have it)`);
  console.log(`Fingerprint  ${pair.fingerprint}`);
}

const newCommand = new Command()
  .description("Make a pair of keys in a folder of that name.")
  .arguments("<name:string>", ["The folder; it is made if it is not there."])
  .option("--bits <bits:integer>", "How long the keys are.", {
    default: RSA_BITS.safe,
  })
  .action(function ({ bits }, name) {
    return reporting(() => {
      refuseOptions(this, [name]);
      return makeNew(name, bits);
    });
  });

const fingerprintCommand = new Command()
  .description(
    "Show the SHA-256 fingerprint of a pair, from either of its files.",
  )
  .arguments("<file:file>", ["A private or a public key, PEM."])
  .action(function (_options, file) {
    return reporting(async () => {
      refuseOptions(this, [file]);
      console.log(await fingerprintOfKey(file));
    });
  });

/** `chatp keys`, as the command line sees it. */
export const keysCommand = new Command()
  .description(
    "RSA keys for secret messages and for a relay: new, fingerprint.",
  )
  .action(function () {
    this.showHelp();
    Deno.exitCode = 2;
  })
  .command("new", newCommand)
  .command("fingerprint", fingerprintCommand)
  .reset();
