/**
 * `chatp serve`.
 *
 * @module
 */

import { Command, EnumType } from "@cliffy/command";
import {
  type ChatStore,
  MemoryStore,
  withoutRateLimits,
} from "../lib/chat/mod.ts";
import {
  type Credentials,
  dataFolder,
  errorMessage,
  formatAddress,
  formatEndpoint,
  keptCredentials,
  loadCredentials,
  openFilesLimit,
  type ServerAddress,
  sharedAddresses,
  UserError,
} from "../lib/net/mod.ts";
import {
  ChatServer,
  type ListenAddress,
  LOG_FORMATS,
  LOG_LEVELS,
  type LogFormat,
  Logger,
  type LogLevel,
  type Opened,
  RelayServer,
} from "../lib/server/mod.ts";
import {
  DURABILITIES,
  type Durability,
  openStore,
  SECRETS,
} from "../lib/store/mod.ts";
import { folderHelp } from "./arguments.ts";
import { limitsOf } from "./serve_limits.ts";
import { giveBackMemory } from "./serve_memory.ts";
import type { ServeMetrics } from "./serve_metrics.ts";
import { type ServeOutput, serving } from "./serve_output.ts";
import { checkOpenUdp, dropNotice, droppedShare } from "./serve_udp.ts";
import { ending } from "./signals.ts";
import { type PortOptions, portsOf } from "./serve_ports.ts";
import { Reloads } from "./serve_reload.ts";
import { usingStore } from "./store_failure.ts";

/** What `chatp serve` was told. */
interface ServeOptions extends PortOptions {
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly data?: string | undefined;
  readonly memory?: boolean | undefined;
  readonly durability: Durability;
  readonly plaintext?: boolean | undefined;
  readonly drop?: number | undefined;
  readonly accountsOnly?: boolean | undefined;
  readonly retain?: number | undefined;
  readonly rateLimits: boolean;
  readonly limit?: readonly string[] | undefined;
  readonly sharedAddress?: readonly string[] | undefined;
  readonly logFormat: LogFormat;
  readonly logLevel: LogLevel;
}

/** Where the certificate comes from: the two files, or the data folder. */
function credentialSource(options: ServeOptions): () => Promise<Credentials> {
  const { cert, key, data } = options;
  if (cert !== undefined && key !== undefined) {
    return () => loadCredentials(cert, key);
  }
  if (cert === undefined && key === undefined) {
    return () => keptCredentials(dataFolder(data), new Date());
  }
  throw new UserError(
    "usage",
    `--${cert === undefined ? "key" : "cert"} was given alone`,
    { advice: "Give both --cert and --key, or neither" },
  );
}

/** The certificate in use, and how to look again. */
class Certificate {
  readonly #source: () => Promise<Credentials>;
  #current: Credentials;
  /** Settles when it was looked as often as it was asked for. */
  #looked: Promise<void> = Promise.resolve();

  private constructor(source: () => Promise<Credentials>, first: Credentials) {
    this.#source = source;
    this.#current = first;
  }

  static async load(options: ServeOptions): Promise<Certificate> {
    const source = credentialSource(options);
    return new Certificate(source, await source());
  }

  get current(): Credentials {
    return this.#current;
  }

  /**
   * Takes up changed files for new connections; keeps the old ones if bad. One
   * look after the other: the last that was asked for MUST be the one that holds.
   */
  reload(logger: Logger): Promise<void> {
    return this.#looked = this.#looked.then(() => this.#look(logger));
  }

  async #look(logger: Logger): Promise<void> {
    try {
      this.#current = await this.#source();
      announce(this.#current, logger);
    } catch (error) {
      // Whatever it was: people are being served.
      logger.error(`The certificate stays as it was: ${errorMessage(error)}`);
    }
  }
}

function announce({ fingerprint, warning }: Credentials, logger: Logger): void {
  if (warning !== undefined) logger.warn(warning);
  logger.info(`Certificate SHA-256 fingerprint ${fingerprint}`);
}

/** Messages kept with --memory, so that memory stays bounded. */
const KEPT_IN_MEMORY = 100_000;

/** The store that the options ask for. */
async function chosenStore(
  { memory, data, durability }: ServeOptions,
): Promise<ChatStore> {
  if (memory) return new MemoryStore(KEPT_IN_MEMORY);
  const folder = dataFolder(data);
  return await openStore({ folder, durability });
}

const DAY = 86_400_000;

/** The days of `--retain` in ms. */
function retention(days: number): number {
  if (days > 0 && Number.isFinite(days)) return days * DAY;
  throw new UserError(
    "usage",
    `--retain takes a number of days above 0, it says ${days}`,
    { advice: "Leave it out to keep messages for good" },
  );
}

/** Opens the port for metrics, if there is to be one. */
async function startMetrics(
  metrics: ListenAddress | undefined,
  logger: Logger,
  { notice }: ServeOutput,
): Promise<ServeMetrics | undefined> {
  if (metrics === undefined) return undefined;
  // Nobody else is to pay for it with time and memory.
  const { ServeMetrics } = await import("./serve_metrics.ts");
  return await ServeMetrics.start(metrics, logger, notice);
}

/** What the chat is made of besides its options. */
interface ChatParts {
  readonly logger: Logger;
  readonly certificate: Certificate | undefined;
  readonly metrics: ServeMetrics | undefined;
}

/** Starts the chat, if any port is for it. */
async function startChat(
  listen: readonly Opened[],
  options: ServeOptions,
  { logger, certificate, metrics }: ChatParts,
): Promise<ChatServer | undefined> {
  if (listen.length === 0) return undefined;
  const limits = limitsOf(options.limit);
  return await usingStore(() =>
    ChatServer.start({
      listen,
      openStore: () => chosenStore(options),
      secrets: SECRETS,
      limits: options.rateLimits ? limits : withoutRateLimits(limits),
      isShared: sharedAddresses(options.sharedAddress),
      plaintext: options.plaintext ?? false,
      openFiles: openFilesLimit(),
      accountsOnly: options.accountsOnly ?? false,
      drop: droppedShare(options.drop),
      ...options.retain !== undefined && { retain: retention(options.retain) },
      ...certificate && {
        secureContext: () => certificate.current.secureContext,
      },
      ...metrics && { onCommit: metrics.onCommit },
      tidy: () => giveBackMemory(logger),
      logger,
    })
  );
}

/** Says where the chat is. */
function announceChat(
  { addresses }: ChatServer,
  listen: readonly Opened[],
  logger: Logger,
): void {
  addresses.forEach(({ host, port }, index) => {
    const only = listen[index]?.only as ServerAddress | undefined;
    const where = only === undefined
      ? formatEndpoint(host, port)
      : formatAddress({ ...only, host, port });
    logger.info(`Server started on ${where}`);
  });
  logger.info("Waiting for connections...");
}

/** Does what SIGHUP asks for, and says so where that is nothing. */
function reload(certificate: Certificate | undefined, logger: Logger): void {
  if (certificate !== undefined) return void certificate.reload(logger);
  logger.info("SIGHUP: there is no certificate to read again");
}

async function serve(
  options: ServeOptions,
  output: ServeOutput,
): Promise<void> {
  // Before all else: unheard, the signal ends the process.
  using reloads = new Reloads();
  const logger = new Logger({
    format: options.logFormat,
    level: options.logLevel,
    write: output.line,
    now: () => new Date(),
  });
  output.logger = logger;
  const { chat, relays, metrics: watched } = portsOf(options);
  checkOpenUdp(options.listen, options.plaintext);
  const needsTls = chat.some(({ only }) => only?.tls ?? true);
  const certificate = needsTls ? await Certificate.load(options) : undefined;
  await using running = new AsyncDisposableStack();
  const metrics = await startMetrics(watched, logger, output);
  if (metrics !== undefined) running.defer(() => metrics.close());
  const parts = { logger, certificate, metrics };
  const server = await startChat(chat, options, parts);
  if (server !== undefined) running.defer(() => server.close());
  // Before anything is announced: who reads that may send a signal at once.
  using end = ending();
  for (const { host, port } of relays) {
    const relay = await RelayServer.start({ host, port, logger });
    running.defer(() => relay.close());
    metrics?.relays.push(relay);
  }
  if (metrics !== undefined) {
    metrics.chat = server;
    metrics.started = true;
  }
  if (server !== undefined) announceChat(server, chat, logger);
  if (options.drop) output.notice(dropNotice(options.drop, options.listen));
  if (certificate !== undefined) announce(certificate.current, logger);
  reloads.started(() => reload(certificate, logger));
  const lost = server?.storeLost ?? new Promise<never>(() => {});
  const why = await Promise.race([end.signal, reloads.terminalGone, lost]);
  if (why instanceof Error) logger.error(`${why.message}: shutting down`);
  else if (server !== undefined) logger.info(`${why}: shutting down`);
  await running.disposeAsync();
  if (server !== undefined) logger.info("Server stopped");
  // Whoever keeps it running is to start it again.
  if (why instanceof Error) await usingStore(() => Promise.reject(why));
}

/** `chatp serve`, as the command line sees it. */
export const serveCommand = new Command()
  .description("Run the server: one port for every wire, told by first bytes.")
  .type("format", new EnumType(LOG_FORMATS))
  .type("level", new EnumType(LOG_LEVELS))
  .type("durability", new EnumType(DURABILITIES))
  .option("--host <host:string>", "The address to listen on.", {
    default: "0.0.0.0",
  })
  .option(
    "--port <port:integer>",
    "The port to listen on; 0 takes a free one (default 5555).",
  )
  .option(
    "--listen <url:string>",
    "Listen for one wire, such as chatps://0.0.0.0:5556 or cp://:5035, or for " +
      "the two clients of a relay, relay://0.0.0.0:2000; can be repeated. " +
      "Without --port nothing else is opened.",
    { collect: true },
  )
  .option("--cert <file:file>", "The certificate, PEM.")
  .option("--key <file:file>", "The certificate's private key, PEM.")
  .option(
    "--data <folder:file>",
    folderHelp("The folder for what the server keeps"),
  )
  .option("--memory", "Keep messages in memory alone, the newest 100,000.")
  .option(
    "--durability <level:durability>",
    "What an acknowledged message survives: full (power loss), normal or " +
      "none (the end of the process).",
    { default: "full" as const },
  )
  .option(
    "--accounts-only",
    "Take nobody without an account; make them with chatp user add.",
  )
  .option(
    "--retain <days:number>",
    "Remove messages that are older than this many days.",
  )
  .option(
    "--metrics <address:string>",
    "Tell Prometheus how the server is on this HOST:PORT, or on a port of " +
      "this machine: /metrics, /healthz and /readyz.",
  )
  .option("--plaintext", "Take plaintext from other machines too.")
  .option(
    "--drop <share:number>",
    "Ignore this share of the UDP datagrams that arrive, 0 to 1, to show that " +
      "nothing is lost.",
  )
  .option("--no-rate-limits", "Let everybody ask as fast as they can.")
  .option(
    "--limit <setting:string>",
    "Another value for one of the limits in docs/limits.md, such as " +
      "connections=20000; can be repeated.",
    { collect: true },
  )
  .option(
    "--shared-address <address:string>",
    "An address or a network (10.0.0.0/8) that stands for many, such as a " +
      "proxy's: limits per address don't hold there, as they don't on " +
      "loopback; can be repeated.",
    { collect: true },
  )
  .option("--log-format <format:format>", "How log lines look.", {
    default: "text" as const,
  })
  .option(
    "--log-level <level:level>",
    "The least that is written to the log.",
    {
      default: "info" as const,
    },
  )
  .example("On all addresses, port 5555", "chatp serve")
  .example(
    "On a free port of this machine",
    "chatp serve --host 127.0.0.1 --port 0",
  )
  .example(
    "Reliable UDP on this machine",
    "chatp serve --listen udpchat://127.0.0.1",
  )
  .example("A relay for two, and no chat", "chatp serve --listen relay://:2000")
  .action((options) => serving((output) => serve(options, output)));
