/**
 * `chatp capture`.
 *
 * @module
 */

import { Command, EnumType } from "@cliffy/command";
import {
  CAPTURE_FORMATS,
  type CaptureFormat,
  captureFormatter,
  readCapture,
  recordedText,
  Recorder,
} from "../lib/capture/mod.ts";
import {
  fileErrorMessage,
  formatEndpoint,
  parseListen,
  parseServer,
  tap,
  udpTap,
  UserError,
} from "../lib/net/mod.ts";
import { dissectorCommand } from "./capture_dissector.ts";
import { samplesCommand } from "./capture_samples.ts";
import { reporting, writeLine } from "./report.ts";
import { ending } from "./signals.ts";

/** What `chatp capture` was told. */
interface CaptureOptions {
  readonly listen?: string | undefined;
  readonly to?: string | undefined;
  readonly write?: string | undefined;
  readonly force?: boolean | undefined;
  readonly read?: string | undefined;
  readonly format: CaptureFormat;
}

const HOST = "127.0.0.1";

function usage(message: string): UserError {
  return new UserError("usage", message, {
    advice: "See chatp capture --help",
  });
}

/** `--listen`: a port of loopback, or an address. */
function listenAddress(text: string): { host: string; port: number } {
  const where = /^\d+$/.test(text) ? `${HOST}:${text}` : text;
  return parseListen(`chatp://${where}`);
}

/** A tap that can be ended. */
interface Running {
  readonly address: ServerPlace;
  end(): Promise<void>;
}

type ServerPlace = { readonly host: string; readonly port: number };

/** Starts a tap; `recorder` answers one as soon as there is one. */
async function startTap(
  listen: ServerPlace,
  to: ServerPlace,
  recorder: () => Recorder | undefined,
): Promise<Running> {
  const running = await tap({
    listen,
    to,
    observer: {
      open: (...seen) => recorder()?.open(...seen),
      data: (...seen) => recorder()?.data(...seen),
      close: (...seen) => recorder()?.close(...seen),
      failed: (_client, error) => console.error(error.message),
    },
  });
  return { address: running.address, end: () => running.cut() };
}

/** The same for datagrams. */
async function startUdpTap(
  listen: ServerPlace,
  to: ServerPlace,
  recorder: () => Recorder | undefined,
): Promise<Running> {
  // A server that is not there answers every datagram with the same.
  const told = new Set<string>();
  const running = await udpTap({
    listen,
    to,
    observer: {
      open: (...seen) => recorder()?.ofDatagrams.open?.(...seen),
      datagram: (...seen) => recorder()?.ofDatagrams.datagram?.(...seen),
      failed: ({ message }) => {
        if (!told.has(message)) console.error(`The tap: ${message}`);
        told.add(message);
      },
    },
  });
  return { address: running.address, end: () => running.close() };
}

async function record(
  { listen = "", to = "", write = "", force }: CaptureOptions,
): Promise<void> {
  const server = parseServer(to);
  let recorder: Recorder | undefined;
  const start = server.wire === "udpchat" ? startUdpTap : startTap;
  const running = await start(listenAddress(listen), server, () => recorder);
  using end = ending({ hangup: true });
  try {
    // Only now, so that a taken port costs nobody the file that is replaced.
    recorder = Recorder.create(write, { force: force ?? false });
    const { host, port } = running.address;
    console.log(
      `Recording ${formatEndpoint(host, port)} -> ` +
        `${formatEndpoint(server.host, server.port)} into ${write}`,
    );
    await Promise.race([end.signal, recorder.failure]);
  } finally {
    await running.end();
    recorder?.finish();
  }
  writeLine(`Recorded ${recordedText(recorder.counts)}`);
}

/** The bytes of a file, `-` for standard input. */
async function* chunksOf(path: string): AsyncGenerator<Uint8Array> {
  try {
    yield* path === "-"
      ? Deno.stdin.readable
      : (await Deno.open(path)).readable;
  } catch (error) {
    throw new UserError(
      "file_unreadable",
      `The file ${path} can't be read: ${fileErrorMessage(error)}`,
      { cause: error },
    );
  }
}

async function read(path: string, format: CaptureFormat): Promise<void> {
  const toLine = captureFormatter(format);
  const encoder = new TextEncoder();
  let held = "";
  const flush = () => {
    const bytes = encoder.encode(held);
    held = "";
    for (let at = 0; at < bytes.length;) {
      at += Deno.stdout.writeSync(bytes.subarray(at));
    }
  };
  const chunks = async function* () {
    for await (const chunk of chunksOf(path)) {
      yield chunk;
      // Everything that this chunk holds has been told.
      flush();
    }
  };
  try {
    for await (const event of readCapture(chunks())) {
      held += `${toLine(event)}\n`;
    }
    flush();
  } catch (error) {
    // Who reads the output has seen enough.
    if (error instanceof Deno.errors.BrokenPipe) return;
    flush();
    throw error;
  }
}

async function capture(
  options: CaptureOptions,
  showHelp: () => void,
): Promise<void> {
  const { listen, to, write, read: file } = options;
  const recording = [listen, to, write];
  if (recording.every((each) => each === undefined)) {
    if (file !== undefined) return await read(file, options.format);
    showHelp();
    Deno.exitCode = 2;
    return;
  }
  if (file !== undefined) {
    throw usage("A file is either read, with -r, or recorded, with -w");
  }
  if (recording.includes(undefined)) {
    throw usage("A recording needs all of --listen, --to and -w");
  }
  await record(options);
}

/** `chatp capture`, as the command line sees it. */
export const captureCommand = new Command()
  .description(
    "Record what a client and a server say as a pcap file, or print what " +
      "such a file holds. No privileges needed: it is a tap that forwards.",
  )
  .type("format", new EnumType(CAPTURE_FORMATS))
  .option(
    "--listen <address:string>",
    "Where clients connect: a port of this machine, or HOST:PORT; 0 takes " +
      "a free one.",
  )
  .option(
    "--to <address:string>",
    "The server: HOST:PORT, or udpchat://HOST:PORT for reliable UDP.",
  )
  .option("-w, --write <file:file>", "Record into this pcap file.")
  .option("--force", "Replace a file that is there already.")
  .option(
    "-r, --read <file:file>",
    "Print the frames of a pcap file, - for standard input.",
  )
  .option("--format <format:format>", "How -r prints.", {
    default: "text" as const,
  })
  .example(
    "Record a live session until Ctrl+C",
    "chatp capture --listen 5556 --to 127.0.0.1:5555 -w chat.pcap",
  )
  .example("Print what was said", "chatp capture -r chat.pcap")
  .action(function (options) {
    return reporting(() => capture(options, () => this.showHelp()));
  })
  .command("samples", samplesCommand)
  .command("dissector", dissectorCommand)
  .reset();
