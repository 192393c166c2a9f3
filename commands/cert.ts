/**
 * `chatp cert`.
 *
 * @module
 */

import { Command } from "@cliffy/command";
import {
  fingerprintOf,
  makeCertificate,
  writeCredentials,
} from "../lib/net/mod.ts";
import { reporting } from "./report.ts";

/** What `chatp cert` was told. */
interface CertOptions {
  readonly rsa?: boolean | undefined;
  readonly days: number;
  readonly name: string;
  readonly cert: string;
  readonly key: string;
  readonly force?: boolean | undefined;
}

async function cert(options: CertOptions): Promise<void> {
  const pair = await makeCertificate({
    name: options.name,
    days: options.days,
    kind: options.rsa ? "rsa" : "ecdsa",
    now: new Date(),
  });
  await writeCredentials(pair, {
    certificateFile: options.cert,
    keyFile: options.key,
    force: options.force ?? false,
  });
  console.log(`Certificate  ${options.cert}`);
  console.log(`Key          ${options.key} (keep it secret)`);
  console.log(`Fingerprint  ${fingerprintOf(pair.certificate)}`);
}

/** `chatp cert`, as the command line sees it. */
export const certCommand = new Command()
  .description(
    "Make a self-signed certificate and its key, for serve --cert --key.",
  )
  .option("--name <name:string>", "The server's name or IP address.", {
    default: "localhost",
  })
  .option("--days <days:integer>", "Days that it is valid.", { default: 365 })
  .option("--rsa", "Make an RSA-2048 key instead of ECDSA P-256.")
  .option("--cert <file:file>", "Where to write the certificate.", {
    default: "server.crt",
  })
  .option("--key <file:file>", "Where to write the key.", {
    default: "server.key",
  })
  .option("--force", "Replace files that are there.")
  .action((options) => reporting(() => cert(options)));
