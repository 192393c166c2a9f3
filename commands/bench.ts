/**
 * `chatp bench`.
 *
 * @module
 */

import { pbkdf2Sync, X509Certificate } from "node:crypto";
import { createSecureContext, type SecureContext } from "node:tls";
import { Command, EnumType } from "@cliffy/command";
import {
  bench,
  type BenchServer,
  type ConversationClock,
  type Format,
  FORMATS,
  inTls,
  parseWires,
  type Report,
  type Variant,
  VARIANTS,
  type Workload,
  WORKLOAD_BOUNDS,
  workloadFault,
  workloadHelp,
} from "../lib/bench/mod.ts";
import {
  type ChatStore,
  DEFAULT_LIMITS,
  MemoryStore,
  withoutRateLimits,
} from "../lib/chat/mod.ts";
import { makeCertificate } from "../lib/net/certificate.ts";
import { isRelay, parseListen, UserError } from "../lib/net/mod.ts";
import { ChatServer, type Opened, SILENT } from "../lib/server/mod.ts";
import { loadCommand } from "./bench_load.ts";
import { checkWritable, deliver, progress } from "./bench_output.ts";
import { reporting } from "./report.ts";
import { SECRETS } from "../lib/store/mod.ts";

/** What `chatp bench` was told. */
interface BenchCommandOptions extends Workload {
  readonly wires: string;
  readonly drop: number;
  readonly format: Format;
  readonly output?: string | undefined;
}

/** A certificate that lives as long as the process. */
interface Credentials {
  readonly secureContext: SecureContext;
  /** SHA-256, as clients compare it. */
  readonly fingerprint: string;
}

async function makeCredentials(): Promise<Credentials> {
  const { certificate, key } = await makeCertificate({
    name: "localhost",
    days: 1,
    kind: "ecdsa",
    now: new Date(),
  });
  return {
    secureContext: createSecureContext({ cert: certificate, key }),
    fingerprint: new X509Certificate(certificate).fingerprint256,
  };
}

/** A port of loopback for a variant. */
function listenAddress({ scheme }: Variant): Opened {
  const only = parseListen(`${scheme}://127.0.0.1:0`);
  const place = { host: only.host, port: only.port };
  return isRelay(only) || only.wire !== "udpchat" ? place : { ...place, only };
}

/**
 * A store in memory. Where a wire has no guests, everybody has an account; its
 * one round of PBKDF2 is for the bench, which doesn't measure how long a login
 * takes.
 */
async function storeFor(
  { password }: Variant,
  users: readonly string[],
): Promise<ChatStore> {
  const store = new MemoryStore();
  if (password === undefined) return store;
  const salt = new Uint8Array(16);
  const hash = pbkdf2Sync(password, salt, 1, 32, "sha256");
  const verifier = { rounds: 1, salt, hash };
  for (const name of users) {
    const handle = await store.handle();
    await store.save([{
      type: "put_person",
      person: { handle, name, verifier, created: 0 },
    }]);
  }
  return store;
}

/**
 * Starts servers for the bench: the real one, on loopback, without limits on
 * haste, and with rooms that show nothing of their past, since those of the
 * published figures had none. The certificate is made once, when the first
 * variant needs it.
 */
export function benchServers(drop = 0): (
  variant: Variant,
  clock: ConversationClock,
  users: readonly string[],
) => Promise<BenchServer> {
  let made: Promise<Credentials> | undefined;
  return async (variant, clock, users) => {
    const credentials = inTls(variant)
      ? await (made ??= makeCredentials())
      : undefined;
    const server = await ChatServer.start({
      listen: [listenAddress(variant)],
      openStore: () => storeFor(variant, users),
      secrets: SECRETS,
      limits: { ...withoutRateLimits(DEFAULT_LIMITS), joinHistory: 0 },
      plaintext: false,
      ...credentials && { secureContext: () => credentials.secureContext },
      logger: SILENT,
      clock,
      drop,
    });
    const { port } = server.addresses[0] as { port: number };
    return {
      host: "127.0.0.1",
      port,
      fingerprint: credentials?.fingerprint,
      taken: () => server.requests,
      settled: () => server.settled,
      lossy: drop > 0,
      close: () => server.close(),
    };
  };
}

/** Plays, with the bar; answers the report. */
async function run(
  workload: Workload,
  variants: readonly Variant[],
  drop: number,
): Promise<Report> {
  const bar = progress();
  try {
    return await bench(workload, variants, {
      startServer: benchServers(drop),
      onProgress: bar.show,
    });
  } finally {
    await bar.stop();
  }
}

/** The most that a bench gets through before the wire gives up. */
const MOST_DROPPED = 0.5;

function checkDrop(drop: number, variants: readonly Variant[]): void {
  const advice = "See chatp bench --help";
  if (!(drop >= 0 && drop <= MOST_DROPPED)) {
    const message = `--drop is a share from 0 to ${MOST_DROPPED}, not ${drop}`;
    throw new UserError("usage", message, { advice });
  }
  if (drop === 0 || variants.some(({ transport }) => transport === "udp")) {
    return;
  }
  throw new UserError(
    "usage",
    "--drop is about datagrams, and --wires names no wire that has any",
    { advice },
  );
}

async function benchAndReport(options: BenchCommandOptions): Promise<void> {
  const begin = performance.now();
  const { users, messages, seed, wires, drop, format, output } = options;
  const workload = { users, messages, seed };
  const fault = workloadFault(workload);
  if (fault !== undefined) {
    throw new UserError("usage", fault, { advice: "See chatp bench --help" });
  }
  const variants = parseWires(wires);
  checkDrop(drop, variants);
  if (output !== undefined) await checkWritable(output);
  const report = await run(workload, variants, drop);
  await deliver(FORMATS[format](report), output);
  const seconds = ((performance.now() - begin) / 1000).toFixed(1);
  const wireCount = variants.length === 1
    ? "1 wire"
    : `${variants.length} wires`;
  console.error(`Measured ${wireCount} in ${seconds} s`);
  if (report.clean) return;
  console.error("Not everything came once and in order: see the deliveries");
  Deno.exitCode = 1;
}

const { users, messages, seed } = WORKLOAD_BOUNDS;

/** `chatp bench`, as the command line sees it. */
export const benchCommand = new Command()
  .description(
    "Measure what each wire costs in bytes: one conversation, played over " +
      "all of them between a real server and real clients on this machine.",
  )
  .type("format", new EnumType(Object.keys(FORMATS) as Format[]))
  .option(
    "--users <number:integer>",
    workloadHelp("users"),
    { default: users.value as number },
  )
  .option(
    "--messages <number:integer>",
    workloadHelp("messages"),
    { default: messages.value as number },
  )
  .option(
    "--seed <number:integer>",
    workloadHelp("seed"),
    { default: seed.value as number },
  )
  .option(
    "--wires <list:string>",
    "What to measure, separated by commas.",
    { default: VARIANTS.map(({ wire }) => wire).join(",") },
  )
  .option(
    "--drop <share:number>",
    "The share of datagrams that the server ignores, 0 to 0.5, over udp.",
    { default: 0 },
  )
  .option("--format <format:format>", "How the report looks.", {
    default: "table" as const,
  })
  .option("--output <file:file>", "Write the report to a file.")
  .example("All wires, as a table", "chatp bench")
  .example(
    "Two of them, for a script",
    "chatp bench --wires json,chatp1 --format json",
  )
  .action((options) => reporting(() => benchAndReport(options)))
  .command("load", loadCommand)
  .reset();
