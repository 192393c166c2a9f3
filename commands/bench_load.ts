/**
 * `chatp bench load`.
 *
 * @module
 */

import { Command, EnumType } from "@cliffy/command";
import {
  DEFAULT_LOAD_WIRE,
  isReportClean,
  listeningProcess,
  type Load,
  LOAD_BOUNDS,
  LOAD_FORMATS,
  LOAD_WIRES,
  type LoadBound,
  loadFault,
  loadHelp,
  type LoadMeasurement,
  type LoadPhase,
  LoadPlan,
  type LoadReport,
  type LoadServer,
  parseLoadWires,
  processRemark,
  runLoad,
  wireOf,
} from "../lib/bench/load/mod.ts";
import { counted } from "../lib/bench/figures.ts";
import { type Format, inTls, type StreamVariant } from "../lib/bench/mod.ts";
import {
  dataFolder,
  formatEndpoint,
  isLoopback,
  KnownServers,
  parseServer,
  readAuthority,
  type ServerAddress,
  UserError,
} from "../lib/net/mod.ts";
import { folderHelp, refuseOptions } from "./arguments.ts";
import { startLoadedServer } from "./bench_load_server.ts";
import { checkWritable, deliver, progress } from "./bench_output.ts";
import { reporting } from "./report.ts";
import { complain, milliseconds } from "./session_world.ts";
import { ending } from "./signals.ts";

/** What `chatp bench load` was told. */
interface LoadCommandOptions extends Load {
  readonly wires?: string | undefined;
  readonly format: Format;
  readonly output?: string | undefined;
  readonly ca?: string | undefined;
  readonly fingerprint?: string | undefined;
  readonly insecure?: boolean | undefined;
  readonly timeout: number;
  readonly data?: string | undefined;
}

/** Whom the load is put on. */
interface Target {
  /** In a few words, for the report. */
  readonly described: string;
  /** What there is to know of it behind the runs, in sentences. */
  readonly remarks: (measurements: readonly LoadMeasurement[]) => string[];
  readonly variants: readonly StreamVariant[];
  /** A server for one wire's run; it is closed behind it. */
  readonly open: () => Promise<LoadServer & { close(): Promise<void> }>;
}

/** Bytes of chance in the names of clients and rooms. */
const NAME_BYTES = 3;

function usage(message: string): UserError {
  return new UserError("usage", message, {
    advice: "See chatp bench load --help",
  });
}

/** How long to wait for a server, ms. */
function patience({ timeout }: LoadCommandOptions): number {
  return milliseconds("--timeout", timeout, 0.001, "chatp bench load");
}

/** Options that are about a server that somebody gave. */
const TRUST = ["ca", "fingerprint", "insecure", "data"] as const;

/** Nobody's server but ours, a fresh one for each wire. */
function ownServers(options: LoadCommandOptions): Target {
  const { wires } = options;
  const needless = TRUST.find((name) => options[name] !== undefined);
  if (needless !== undefined) {
    throw usage(
      `--${needless} is about a server that you name, and none was named`,
    );
  }
  // A server that was started is to be closed: nothing may fail behind that.
  const timeout = patience(options);
  return {
    described: "on a server started for it",
    remarks: () => [
      "The server: chatp serve in a process of its own on this machine, full " +
      "durability in a temporary folder, rate limits lifted",
    ],
    variants: parseLoadWires(wires ?? DEFAULT_LOAD_WIRE),
    open: async () => {
      const { port, pid, fingerprint, close } = await startLoadedServer();
      return {
        address: { host: "127.0.0.1", port },
        dial: { timeout, fingerprint },
        pid,
        close,
      };
    },
  };
}

/** Whether a host is this machine. */
function isHere(host: string): boolean {
  return host === "localhost" || isLoopback(host) ||
    Deno.networkInterfaces().some(({ address }) => address === host);
}

/** Somebody's server. */
async function givenServer(
  server: string,
  options: LoadCommandOptions,
): Promise<Target> {
  const { wires, ca, fingerprint, insecure = false } = options;
  const address = parseServer(server);
  const namesWire = server.includes("://");
  if (namesWire && wires !== undefined) {
    throw usage(
      "The server's URL names the wire, and --wires was given besides",
    );
  }
  const { host, port } = address;
  const pid = isHere(host) ? listeningProcess(port) : undefined;
  const where = formatEndpoint(host, port);
  const dial = {
    timeout: patience(options),
    ...ca !== undefined && { ca: await readAuthority(ca) },
    ...fingerprint !== undefined && { fingerprint },
    insecure,
    pins: new KnownServers(dataFolder(options.data)),
    onPinned: (found: string) =>
      complain(`First contact with ${where}; its fingerprint is ${found}`),
  };
  return {
    described: `on ${where}`,
    remarks: (measurements) => [
      processRemark(pid, isHere(host), measurements),
    ],
    variants: namesWire
      ? [wireOf(address)]
      : parseLoadWires(wires ?? DEFAULT_LOAD_WIRE),
    open: () =>
      Promise.resolve({ address, dial, pid, close: () => Promise.resolve() }),
  };
}

/** Says what somebody else's machine is about to get. */
function announce(
  { host, port }: ServerAddress,
  { load, messages, deliveries }: LoadPlan,
  prefix: string,
  wires: number,
): void {
  complain(
    `Sending to ${formatEndpoint(host, port)}` +
      `${wires > 1 ? `, for each of ${wires} wires` : ""}: ` +
      `${counted(load.clients, "client")}, ${
        counted(messages, "message")
      } at ` +
      `${load.rate.toLocaleString("en")}/s, ` +
      `${counted(deliveries, "delivery", "deliveries")}, in rooms ` +
      `that begin with ${prefix}; the server's log keeps the messages. ` +
      "Ctrl+C ends it.",
  );
}

const DOING: Readonly<Record<LoadPhase, string>> = {
  entering: "entering",
  sending: "sending",
  waiting: "waiting for what is on its way",
};

/** What was measured, and why that is not all. */
interface Outcome {
  readonly measurements: readonly LoadMeasurement[];
  readonly failure: unknown;
}

/** Runs all wires, until somebody ends it or one can't be run. */
async function runAll(
  target: Target,
  plan: LoadPlan,
  prefix: string,
): Promise<Outcome> {
  using end = ending({ hangup: true });
  const interruption = new AbortController();
  void end.signal.then(() => interruption.abort());
  const { signal } = interruption;
  const measurements: LoadMeasurement[] = [];
  const bar = progress();
  try {
    for (const variant of target.variants) {
      if (signal.aborted) break;
      const server = await target.open();
      try {
        measurements.push(
          await runLoad({
            server,
            variant,
            plan,
            prefix,
            signal,
            onProgress: (phase, share) =>
              bar.show(share, `${variant.wire}: ${DOING[phase]}`),
          }),
        );
      } finally {
        await server.close();
      }
    }
    return { measurements, failure: undefined };
  } catch (failure) {
    return { measurements, failure };
  } finally {
    await bar.stop();
  }
}

async function load(
  options: LoadCommandOptions,
  server: string | undefined,
): Promise<void> {
  const fault = loadFault(options);
  if (fault !== undefined) throw usage(fault);
  const { clients, rate, duration, rooms, format, output } = options;
  const plan = new LoadPlan({ clients, rate, duration, rooms });
  const target = server === undefined
    ? ownServers(options)
    : await givenServer(server, options);
  if (options.insecure && target.variants.some(inTls)) {
    complain(
      "chatp: warning: --insecure: any server is taken for the right one",
    );
  }
  if (output !== undefined) await checkWritable(output);
  const chance = crypto.getRandomValues(new Uint8Array(NAME_BYTES)).toHex();
  const prefix = `load-${chance}`;
  if (server !== undefined) {
    const address = parseServer(server);
    if (!isHere(address.host)) {
      announce(address, plan, prefix, target.variants.length);
    }
  }
  const { measurements, failure } = await runAll(target, plan, prefix);
  const { described, remarks } = target;
  const report: LoadReport = {
    server: described,
    remarks: remarks(measurements),
    measurements,
  };
  if (measurements.length > 0) {
    await deliver(LOAD_FORMATS[format](report), output);
  }
  if (failure !== undefined) throw failure;
  if (isReportClean(report)) return;
  complain("Not everything came once and in order: see what arrived");
  Deno.exitCode = 1;
}

const bound = (name: LoadBound) => LOAD_BOUNDS[name].value as number;

/** `chatp bench load`, as the command line sees it. */
export const loadCommand = new Command()
  .description(
    "Put a load on a server: clients that send on an open schedule, so that " +
      "latency counts from when a message was due, however late the server " +
      "made it. Without a server one is started for it.",
  )
  .type("format", new EnumType(Object.keys(LOAD_FORMATS) as Format[]))
  .arguments("[server:string]", ["A host or a URL, as of chatp connect."])
  .option("--clients <number:integer>", loadHelp("clients"), {
    default: bound("clients"),
  })
  .option("--rate <number:number>", loadHelp("rate"), {
    default: bound("rate"),
  })
  .option("--duration <seconds:number>", loadHelp("duration"), {
    default: bound("duration"),
  })
  .option("--rooms <number:integer>", loadHelp("rooms"), {
    default: bound("rooms"),
  })
  .option(
    "--wires <list:string>",
    `What to speak, in this order, separated by commas: ${
      LOAD_WIRES.map(({ wire }) => wire).join(", ")
    } (default ${DEFAULT_LOAD_WIRE}).`,
  )
  .option("--format <format:format>", "How the report looks.", {
    default: "table" as const,
  })
  .option("--output <file:file>", "Write the report to a file.")
  .option("--ca <file:file>", "Trust this authority or certificate alone, PEM.")
  .option(
    "--fingerprint <hex:string>",
    "Trust the certificate with this SHA-256 fingerprint alone.",
  )
  .option("--insecure", "Trust every certificate.")
  .option("--timeout <seconds:number>", "How long to wait for the server.", {
    default: 10,
  })
  .option("--data <folder:file>", folderHelp("The folder for known servers"))
  .example("On a server of its own", "chatp bench load")
  .example(
    "On yours, harder",
    "chatp bench load chatp://127.0.0.1:5555 --clients 200 --rate 500",
  )
  .action(function (options, ...args) {
    return reporting(() => {
      refuseOptions(this, args);
      return load(options, args[0]);
    });
  });
