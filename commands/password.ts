/**
 * Where passwords come from: a file, the terminal or a pipe. Never the command
 * line, which every process on the machine can read.
 *
 * @module
 */

import { promptSecret } from "@std/cli/prompt-secret";
import { hasControls, shortness } from "../lib/client/mod.ts";
import { fileErrorMessage, UserError } from "../lib/net/mod.ts";
import { PASSWORD_BYTES } from "../lib/store/mod.ts";
import { printable } from "../lib/wire/mod.ts";

/** Bytes of standard input after which its first line is too long anyway. */
const MOST_INPUT = 65_536;

const LINE_FEED = 0x0a;

/** Nothing, Ctrl+D, and Ctrl+C where it does not end us: on Windows. */
const LEAVING: ReadonlySet<string> = new Set(["", "\x04", "\x03"]);

/** Where a password came from, for errors. */
interface Source {
  readonly password: string;
  /** "The password" or "The first line of …". */
  readonly what: string;
  readonly advice: string;
}

/**
 * The password that an account is to have: the first line of `file` if one is
 * named; at a terminal what is typed twice, unseen; else the first line of
 * standard input. A short one is warned of on stderr.
 *
 * @throws {UserError} usage, file_unreadable; the message never has the
 * password.
 */
export async function newPassword(
  name: string,
  file: string | undefined,
): Promise<string> {
  const source = file !== undefined
    ? await fromFile(file)
    : Deno.stdin.isTerminal()
    ? fromTerminal(name)
    : await fromInput();
  return checked(source);
}

/**
 * The password in the first line of a file, to log in with. If others can read
 * the file, a warning on stderr says so.
 *
 * @throws {UserError} usage when the line is empty or too long;
 * file_unreadable.
 */
export async function passwordIn(file: string): Promise<string> {
  const { password, what, advice } = await fromFile(file);
  if (password === "") throw usage(`${what} is empty`, advice);
  refuseLong(password, what);
  return password;
}

/**
 * Refuses what no account has for a password, and some wires can't carry.
 *
 * @throws {UserError} usage.
 */
export function refuseLong(password: string, what = "The password"): void {
  const bytes = new TextEncoder().encode(password).length;
  if (bytes <= PASSWORD_BYTES) return;
  throw usage(
    `${what} has ${bytes} bytes, a password has at most ${PASSWORD_BYTES}`,
    "Choose a shorter one",
  );
}

/**
 * Has a secret typed, unseen. Of the keys that edit a line Backspace alone does
 * so here, and half a character at that where it has several bytes. Any other
 * key would be part of the secret, which nobody could see: then it is asked for
 * again. Gives "" when nothing was typed, or Ctrl+D alone, or at no terminal.
 */
export function typedSecret(question: string): string {
  for (;;) {
    const typed = promptSecret(question) ?? "";
    if (LEAVING.has(typed)) return "";
    if (!hasControls(typed) && !typed.includes("\ufffd")) return typed;
    console.error(
      "That has half a character in it, or a key that types none; only " +
        "Backspace erases here.\nType it again, or press Enter to leave.",
    );
  }
}

function usage(message: string, advice: string): UserError {
  return new UserError("usage", message, { advice });
}

function firstLine(text: string): string {
  const [line = ""] = text.split(/\r?\n/, 1);
  return line;
}

async function fromFile(path: string): Promise<Source> {
  try {
    const text = await Deno.readTextFile(path);
    await warnOfReaders(path);
    return {
      password: firstLine(text),
      what: `The first line of ${path}`,
      advice: "Write the password in the first line",
    };
  } catch (cause) {
    throw new UserError(
      "file_unreadable",
      `Cannot read ${path}: ${fileErrorMessage(cause)}`,
      { cause },
    );
  }
}

async function warnOfReaders(path: string): Promise<void> {
  const { mode, isFile } = await Deno.stat(path);
  if (!isFile || mode === null || (mode & 0o077) === 0) return;
  console.error(
    `chatp: warning: others can read ${printable(path)}; ` +
      "chmod 600 keeps it to you",
  );
}

/**
 * The password of an account that is to be made, of which a login with
 * `password` has told that there is none. Unless it is `wanted` already, asks
 * whether to make it; what was `typed` is typed again. A short one is warned of
 * on stderr. Gives undefined when there is to be none.
 *
 * @throws {UserError} usage.
 */
export function forNewAccount(
  name: string,
  password: string,
  { wanted, typed }: { readonly wanted: boolean; readonly typed: boolean },
): string | undefined {
  if (!wanted) {
    const question = `Nobody is called ${name} here. Make the account? [y/N]`;
    const answer = prompt(question)?.trim().toLowerCase() ?? "";
    if (answer !== "y" && answer !== "yes") return undefined;
  }
  if (typed) return typeAgain(name, password);
  warnOfShort(password);
  return password;
}

/**
 * Has a password typed again that nobody saw. If that is another one, both are
 * asked for anew; gives what was typed twice, or undefined when nothing is.
 */
function typeAgain(name: string, password: string): string | undefined {
  for (let typed = password; typed !== "";) {
    if (typedSecret("The same password again:") === typed) {
      warnOfShort(typed);
      return typed;
    }
    console.error(
      "The two passwords are not the same. Try again, or press Enter to leave.",
    );
    typed = typedSecret(`New password of ${name}:`);
    refuseLong(typed);
  }
  return undefined;
}

function fromTerminal(name: string): Source {
  const password = typedSecret(`New password of ${name}:`);
  if (password !== "" && typedSecret("The same again:") !== password) {
    throw usage(
      "The two passwords are not the same; nothing was changed",
      "Try again",
    );
  }
  return { password, what: "The password", advice: "Try again with another" };
}

/** Reads no further than the first line: a pipe may stay open. */
async function fromInput(): Promise<Source> {
  const bytes: number[] = [];
  const chunk = new Uint8Array(4_096);
  while (!bytes.includes(LINE_FEED) && bytes.length < MOST_INPUT) {
    const length = await Deno.stdin.read(chunk);
    if (length === null) break;
    bytes.push(...chunk.subarray(0, length));
  }
  return {
    password: firstLine(new TextDecoder().decode(Uint8Array.from(bytes))),
    what: "The first line of standard input",
    advice: "Write the password in it, or name a file with --password-file",
  };
}

function checked({ password, what, advice }: Source): string {
  if (password === "") throw usage(`${what} is empty`, advice);
  // What stands for bytes that are no UTF-8: many texts would be one password.
  if (password.includes("\ufffd")) throw usage(`${what} is no UTF-8`, advice);
  if (hasControls(password)) {
    throw usage(`${what} has a control character in it`, advice);
  }
  refuseLong(password, what);
  warnOfShort(password);
  return password;
}

/** Warns of a short password on stderr. */
export function warnOfShort(password: string): void {
  const text = shortness(password);
  if (text !== undefined) console.error(`chatp: warning: ${text}`);
}
