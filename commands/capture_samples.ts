/**
 * `chatp capture samples`.
 *
 * @module
 */

import { Command } from "@cliffy/command";
import {
  converse,
  parseWires,
  playVariant,
  type Variant,
  VARIANTS,
  type Workload,
  WORKLOAD_BOUNDS,
  workloadFault,
  workloadHelp,
} from "../lib/bench/mod.ts";
import { isClean } from "../lib/bench/deliveries.ts";
import {
  recordedText,
  Recorder,
  retell,
  SetClock,
} from "../lib/capture/mod.ts";
import {
  fileErrorMessage,
  SCHEMES,
  type TapObserver,
  UserError,
} from "../lib/net/mod.ts";
import { refuseOptions } from "./arguments.ts";
import { benchServers } from "./bench.ts";
import { reporting } from "./report.ts";

/** What `chatp capture samples` was told. */
interface SamplesOptions {
  readonly wires: string;
  readonly users: number;
  readonly messages: number;
  readonly seed: number;
  readonly force?: boolean | undefined;
}

const HOST = "127.0.0.1";

/** Where the servers of all samples stand, in the samples. */
const SAMPLE_SERVERS = {
  tcp: { address: HOST, port: 5555 },
  udp: { address: HOST, port: SCHEMES.udpchat.port },
} as const;

/** The port of a sample's first client is one more. */
const SAMPLE_CLIENT_PORTS = 50_000;

/** What a recorder takes of a variant's tap. */
export function recorderOf(
  recorder: Recorder,
  { transport }: Variant,
): TapObserver {
  if (transport === "tcp") return recorder;
  const { open, datagram } = recorder.ofDatagrams;
  return { ...open && { open }, ...datagram && { data: datagram } };
}

/** Plays one variant into a file, on the conversation's own clock. */
async function sample(
  variant: Variant,
  workload: Workload,
  path: string,
  force: boolean,
  startServer: ReturnType<typeof benchServers>,
): Promise<void> {
  const recorder = Recorder.create(path, { force });
  const { steps } = converse(workload);
  const begin = Date.now();
  const clock = new SetClock(begin);
  const { transport } = variant;
  const observer = retell(recorderOf(recorder, variant), {
    server: SAMPLE_SERVERS[transport],
    client: (id) => ({ address: HOST, port: SAMPLE_CLIENT_PORTS + id }),
    now: () => clock.now(),
  });
  try {
    const { tally } = await playVariant(variant, workload, {
      startServer,
      observers: [observer],
      onProgress: (done) => clock.set(begin + (steps[done]?.time ?? 0)),
    });
    if (!isClean(tally)) {
      console.error(`${path}: not everything came once and in order`);
      Deno.exitCode = 1;
    }
  } finally {
    recorder.finish();
  }
  console.log(`${path}: ${recordedText(recorder.counts)}`);
}

/** Nothing is played when its last file could not be written. */
async function checkNew(path: string): Promise<void> {
  const isThere = await Deno.lstat(path).then(() => true, () => false);
  if (!isThere) return;
  throw new UserError("file_exists", `The file ${path} is there already`);
}

async function samples(
  options: SamplesOptions,
  folder: string,
): Promise<void> {
  const { users, messages, seed } = options;
  const workload = { users, messages, seed };
  const fault = workloadFault(workload);
  if (fault !== undefined) {
    throw new UserError("usage", fault, {
      advice: "See chatp capture samples --help",
    });
  }
  const variants = parseWires(options.wires);
  try {
    await Deno.mkdir(folder, { recursive: true });
  } catch (error) {
    throw new UserError(
      "file_unwritable",
      `The folder ${folder} can't be made: ${fileErrorMessage(error)}`,
      { advice: "Choose another folder", cause: error },
    );
  }
  const force = options.force ?? false;
  const paths = variants.map(({ captureName }) => `${folder}/${captureName}`);
  if (!force) await Promise.all(paths.map(checkNew));
  const startServer = benchServers();
  for (const [index, variant] of variants.entries()) {
    const path = paths[index] as string;
    await sample(variant, workload, path, force, startServer);
  }
}

const { users, messages, seed } = WORKLOAD_BOUNDS;

/** `chatp capture samples`, as the command line sees it. */
export const samplesCommand = new Command()
  .description(
    "Play the conversation of chatp bench over every wire into sample files.",
  )
  .arguments("[folder:file]")
  .option(
    "--wires <list:string>",
    "What to play, separated by commas.",
    { default: VARIANTS.map(({ wire }) => wire).join(",") },
  )
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
  .option("--force", "Replace files that are there already.")
  .action(function (options, folder) {
    return reporting(() => {
      refuseOptions(this, [folder]);
      return samples(options, folder ?? ".");
    });
  });
