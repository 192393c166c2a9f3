/**
 * `chatp connect`.
 *
 * @module
 */

import { Command } from "@cliffy/command";
import {
  linkOpener,
  LoginError,
  runPipe,
  runTerminal,
  type SessionOptions,
  wireOf,
} from "../lib/client/mod.ts";
import {
  dataFolder,
  type DialOptions,
  type FailureKind,
  FAILURES,
  formatAddress,
  formatEndpoint,
  KnownServers,
  namesRelay,
  parseServer,
  readAuthority,
  type ServerAddress,
  UserError,
} from "../lib/net/mod.ts";
import {
  ERROR_CODES,
  parseRoomName,
  parseUsername,
  RemoteProtocolError,
} from "../lib/wire/mod.ts";
import { folderHelp, refuseOptions } from "./arguments.ts";
import { connectRelay, refusePeerKey } from "./connect_relay.ts";
import { secrecyOf } from "./connect_secrecy.ts";
import {
  forNewAccount,
  passwordIn,
  refuseLong,
  typedSecret,
  warnOfShort,
} from "./password.ts";
import { exitStatuses, failureText, reporting } from "./report.ts";
import { CLOCK, complain, milliseconds, writeOut } from "./session_world.ts";
import { CUT_SHORT, ending } from "./signals.ts";

/** What `chatp connect` was told besides its arguments. */
interface ConnectOptions {
  readonly room?: string | undefined;
  readonly passwordFile?: string | undefined;
  readonly json?: boolean | undefined;
  readonly ca?: string | undefined;
  readonly fingerprint?: string | undefined;
  readonly insecure?: boolean | undefined;
  readonly timeout: number;
  readonly linger: number;
  readonly plaintext?: boolean | undefined;
  readonly register?: boolean | undefined;
  readonly data?: string | undefined;
  readonly key?: string | undefined;
  readonly peerKey?: string | undefined;
}

type SessionBase = Omit<SessionOptions, "onEvent" | "clock">;

/** What a session needs; `register`: whether it is to make the account. */
type NewSession = (password?: string, register?: boolean) => SessionBase;

/** What a session's keys begin with, bytes; its count makes them 16. */
const KEY_BYTES = 12;

/** What was wrong, without the title that says it to programs. */
function detail({ code, message }: RemoteProtocolError): string {
  const title = `${ERROR_CODES[code].title}: `;
  return message.startsWith(title) ? message.slice(title.length) : message;
}

/** Checks a name by the wire's own rules. */
function checked(
  what: string,
  check: (name: string) => unknown,
  name: string,
): string {
  try {
    check(name);
    return name;
  } catch (error) {
    if (!(error instanceof RemoteProtocolError)) throw error;
    throw new UserError("usage", `"${name}" is no ${what}: ${detail(error)}`, {
      advice: "Choose another one",
    });
  }
}

/** Says which options do not do what somebody may believe. */
function warn(
  { tls, wire, version }: ServerAddress,
  options: ConnectOptions,
): void {
  if (wire === "cp" && options.room !== undefined) {
    complain("chatp: warning: --room means nothing on a wire without rooms");
  }
  if (tls && options.insecure) {
    complain(
      "chatp: warning: --insecure: whoever sits between you and the server " +
        "can read and change everything",
    );
  }
  if (options.register && wire !== "udpchat") {
    const { requests } = wireOf({ wire, version }).abilities;
    const how = requests.has("register")
      ? "type /register"
      : "type /register over chatps://, or have chatp user add make the " +
        "account where the server is";
    complain(`chatp: warning: --register is for udpchat://; ${how}`);
  }
  if (tls) return;
  for (const name of ["insecure", "ca", "fingerprint"] as const) {
    if (options[name] === undefined) continue;
    complain(`chatp: warning: --${name} means nothing on a plaintext wire`);
  }
}

/** What is said at the first contact with a server. */
function firstContact({ host, port }: ServerAddress, fingerprint: string) {
  complain(
    `First contact with ${formatEndpoint(host, port)}. ` +
      "Its certificate is remembered from now on; its SHA-256 fingerprint is\n" +
      `  ${fingerprint}\n` +
      "Compare it with the one that chatp serve shows its operator at the start.",
  );
}

/** What the session needs, from arguments, options and files. */
async function prepare(
  username: string,
  address: ServerAddress,
  options: ConnectOptions,
): Promise<NewSession> {
  const timeout = milliseconds("--timeout", options.timeout, 0.001);
  const { ca, fingerprint, insecure = false, plaintext = false } = options;
  const dial: DialOptions = {
    timeout,
    ...ca !== undefined && { ca: await readAuthority(ca) },
    ...fingerprint !== undefined && { fingerprint },
    insecure,
    pins: new KnownServers(dataFolder(options.data), (line, path) =>
      complain(
        `chatp: warning: line ${line} of ${path} is no known server`,
      )),
    onPinned: (found) => firstContact(address, found),
  };
  const secrecy = await secrecyOf(username, address, options);
  const fromFile = options.passwordFile === undefined
    ? undefined
    : await passwordIn(options.passwordFile);
  const { register } = options;
  if (register && address.wire === "udpchat" && fromFile !== undefined) {
    warnOfShort(fromFile);
  }
  const room = address.wire === "cp" ? undefined : options.room;
  const keys = crypto.getRandomValues(new Uint8Array(KEY_BYTES)).toHex();
  return (password = fromFile, make = register) => ({
    open: linkOpener({
      address,
      dial,
      hasPassword: password !== undefined,
      plaintext,
    }),
    username,
    password,
    room: room === undefined
      ? undefined
      : checked("name of a room", parseRoomName, room),
    register: make,
    keys,
    secrecy,
    loginTimeout: timeout,
    random: Math.random,
  });
}

function isInteractive(json: boolean): boolean {
  return !json && Deno.stdin.isTerminal() && Deno.stdout.isTerminal() &&
    Deno.env.get("TERM") !== "dumb";
}

/** How often somebody may mistype a password. */
const TRIES = 3;

/** Whether the server wants a password, or another one. */
function wantsPassword(error: unknown): boolean {
  return error instanceof LoginError && error.code === 401;
}

/** Whether the wire has accounts alone, and there is none of that name. */
function wantsAccount(error: unknown): boolean {
  return error instanceof LoginError && error.code === 404;
}

/**
 * A chat at the terminal; asks for a password when the server wants one.
 * `wanted`: whether an account is to be made if there is none. Gives the name of
 * who comes behind, if somebody does.
 */
async function chatAtTerminal(
  address: ServerAddress,
  session: NewSession,
  wanted = false,
): Promise<string | undefined> {
  let password: string | undefined;
  let register: boolean | undefined;
  for (let tries = 0;; tries++) {
    const base = session(password, register);
    const { error, next } = await runTerminal({
      session: base,
      clock: CLOCK,
      server: formatAddress(address),
      colours: !Deno.env.get("NO_COLOR"),
    });
    if (error === undefined) return next;
    if (wantsAccount(error) && !base.register) {
      const typed = password !== undefined;
      password = forNewAccount(base.username, base.password ?? "", {
        wanted,
        typed,
      });
      if (password === undefined) throw error;
      register = true;
      continue;
    }
    // What a file says is not asked for.
    const mayAsk = password !== undefined || base.password === undefined;
    if (!wantsPassword(error) || !mayAsk || tries === TRIES) throw error;
    if (tries > 0) console.error("That was not the password.");
    password = typedSecret(`Password of ${base.username}:`);
    if (password === "") throw error;
    refuseLong(password);
    // That of a new account is typed twice, so first it is asked for one.
    register = false;
  }
}

/**
 * Asks for another name where somebody else has the one that was wanted.
 *
 * @throws what came instead, or once more when there is no other name.
 */
function anotherName(error: unknown): string {
  if (!(error instanceof UserError) || error.kind !== "name_taken") throw error;
  complain(failureText(error));
  for (;;) {
    const name = prompt("Another name:")?.trim() ?? "";
    if (name === "") throw error;
    try {
      return checked("name for a user", parseUsername, name);
    } catch (mistake) {
      if (!(mistake instanceof UserError)) throw mistake;
      complain(failureText(mistake));
    }
  }
}

async function chatThroughPipes(
  session: SessionBase,
  { json = false, linger }: ConnectOptions,
): Promise<void> {
  // A server keeps the session of who just dies.
  using end = ending({ hangup: true });
  const stopped = end.signal.then(() => Deno.exitCode = CUT_SHORT);
  const error = await runPipe({
    session,
    clock: CLOCK,
    input: Deno.stdin.readable,
    write: writeOut,
    complain,
    json,
    linger: milliseconds("--linger", linger, 0),
    now: () => new Date(),
    stopped,
  });
  if (error === undefined) return;
  if (!wantsPassword(error) || session.password !== undefined) throw error;
  const advice = "Give the account's password with --password-file FILE";
  throw new UserError(error.kind, error.message, { advice });
}

async function connect(
  options: ConnectOptions,
  user: string,
  server?: string,
  port?: number,
): Promise<void> {
  if (namesRelay(user)) return await connectRelay(options, user, server);
  const address = parseServer(server, port);
  refusePeerKey(options);
  const username = checked("name for a user", parseUsername, user);
  warn(address, options);
  const session = await prepare(username, address, options);
  if (!isInteractive(options.json ?? false)) {
    return await chatThroughPipes(session(), options);
  }
  const { register } = options;
  let next = await chatAtTerminal(address, session, register);
  // The password and the key are those of who came first.
  const others = { ...options, passwordFile: undefined, key: undefined };
  while (next !== undefined) {
    const session = await prepare(next, address, others);
    // Who was in the chat does not lose it over a name.
    next = await chatAtTerminal(address, session, register)
      .catch(anotherName);
  }
}

/** What a client never meets: it listens nowhere, writes no file, keeps no accounts. */
const OF_OTHERS: ReadonlySet<FailureKind> = new Set<FailureKind>([
  "address_in_use",
  "address_unusable",
  "too_few_files",
  "file_exists",
  "file_unwritable",
  "no_account",
]);

/** Everything that `chatp connect` can fail with. */
export const CONNECT_FAILURES: readonly FailureKind[] =
  (Object.keys(FAILURES) as FailureKind[]).filter((kind) =>
    !OF_OTHERS.has(kind)
  );

/** `chatp connect`, as the command line sees it. */
export const connectCommand = new Command()
  .description(
    "Chat: at a terminal with line editing, through pipes line by line.\n\n" +
      "Without a server it is chatps://127.0.0.1:5555. A server is a host or " +
      "a URL;\nits scheme names the wire: chatps://, chatp://, jsons://, " +
      "json://,\nudpchat://, cps://, cp://. With ?v=1 behind the " +
      "port, ChatProto\nis 1.0 and not 2 (chatp://127.0.0.1:5555?v=1), and " +
      "JSON is v1 and not v2.\n\n" +
      "With --key, /secret NAME encrypts the messages to somebody end to end." +
      "\n\nrelay://HOST:PORT in the place of a user is another thing: " +
      "two people, each\nwith --key and --peer-key, and a server that can read " +
      `nothing.\n\nExit status:\n${exitStatuses(CONNECT_FAILURES)}`,
  )
  .arguments("<user:string> [server:string] [port:integer]", [
    "The name to be known by, or the URL of a relay.",
    "A host or a URL.",
    "The port, if it is not in the URL.",
  ])
  .option("--room <name:string>", "The room to join first.")
  .option(
    "--password-file <file:file>",
    "The file whose first line is the password.",
  )
  .option("--json", "Write every event as one line of JSON.")
  .option("--ca <file:file>", "Trust this authority or certificate alone, PEM.")
  .option(
    "--fingerprint <hex:string>",
    "Trust the certificate with this SHA-256 fingerprint alone.",
  )
  .option("--insecure", "Trust every certificate.")
  .option("--timeout <seconds:number>", "How long to wait for the server.", {
    default: 10,
  })
  .option(
    "--linger <seconds:number>",
    "How long to stay and listen when the piped input has ended.",
    { default: 0 },
  )
  .option(
    "--plaintext",
    "Let a password travel in plaintext to another machine.",
  )
  .option(
    "--register",
    "Make the account if there is none of that name (udpchat://).",
  )
  .option(
    "--data <folder:file>",
    folderHelp("The folder for what the client keeps"),
  )
  .option(
    "--key <file:file>",
    "Your private RSA key, PEM: for secret messages (/secret), or for a relay.",
  )
  .option(
    "--peer-key <file:file>",
    "On a relay: the other's public RSA key, PEM.",
  )
  .example("With the server on this machine", "chatp connect alice")
  .example(
    "With a server elsewhere",
    "chatp connect alice chat.example.org --room tea",
  )
  .example("From a script", "echo 'Build done' | chatp connect builder")
  .example(
    "With secret messages",
    "chatp connect alice --key me/private_key.pem",
  )
  .example(
    "Over a relay",
    "chatp connect relay://127.0.0.1:2000 --key me/private_key.pem " +
      "--peer-key you/public_key.pem",
  )
  .action(async function (options, ...args) {
    await reporting(() => {
      refuseOptions(this, args);
      return connect(options, ...args);
    });
    // A read of stdin that nobody waits for any more would keep us running.
    Deno.exit();
  });
