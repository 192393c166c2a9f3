/**
 * `chatp user`: who has an account (docs/accounts.md).
 *
 * @module
 */

import { Command } from "@cliffy/command";
import { unicodeWidth } from "@std/cli/unicode-width";
import type { PersonRecord } from "../lib/chat/mod.ts";
import { nearest } from "../lib/client/mod.ts";
import { dataFolder, UserError } from "../lib/net/mod.ts";
import {
  type AccountFile,
  hashPassword,
  openAccounts,
} from "../lib/store/mod.ts";
import {
  foldName,
  type Name,
  parseUsername,
  printable,
  RemoteProtocolError,
} from "../lib/wire/mod.ts";
import { folderHelp, refuseOptions } from "./arguments.ts";
import { newPassword } from "./password.ts";
import { reporting } from "./report.ts";
import { usingStore } from "./store_failure.ts";

/** What each of the subcommands was told. */
interface UserOptions {
  readonly data?: string | undefined;
  readonly passwordFile?: string | undefined;
  readonly json?: boolean | undefined;
}

function parsedName(text: string): Name {
  try {
    return parseUsername(text);
  } catch (error) {
    if (!(error instanceof RemoteProtocolError)) throw error;
    const detail = error.message.replace(/^[^:]*: /, "");
    throw new UserError("usage", `"${text}" is no name for a user: ${detail}`, {
      advice: "Choose another one",
    });
  }
}

/** Does something with the accounts of the folder, and closes them. */
function usingAccounts<Result>(
  { data }: UserOptions,
  create: boolean,
  work: (accounts: AccountFile) => Result | Promise<Result>,
): Promise<Result> {
  const folder = dataFolder(data);
  return usingStore(async () => {
    const accounts = openAccounts(folder, { create });
    try {
      return await work(accounts);
    } finally {
      accounts.close();
    }
  });
}

function accountOf(
  accounts: AccountFile,
  { key }: Name,
): PersonRecord | undefined {
  return accounts.list().find(({ name }) => foldName(name) === key);
}

/** The name as its account shows it. */
function existing(accounts: AccountFile, name: Name): string {
  const account = accountOf(accounts, name);
  if (account !== undefined) return account.name;
  const names = accounts.list().map((each) => each.name);
  const guess = nearest(name.shown, names);
  const suggestion = guess === undefined ? "" : `. Did you mean ${guess}?`;
  throw new UserError(
    "no_account",
    `"${name.shown}" has no account${suggestion}`,
  );
}

async function add(text: string, options: UserOptions): Promise<void> {
  const name = parsedName(text);
  await usingAccounts(options, true, async (accounts) => {
    // Before anybody thinks of a password for it.
    const taken = accountOf(accounts, name)?.name;
    if (taken !== undefined) {
      throw new UserError("name_taken", `${taken} has an account already`, {
        advice: "Choose another name, or change the password with " +
          `chatp user passwd ${taken}`,
      });
    }
    const password = await newPassword(name.shown, options.passwordFile);
    accounts.add(name, await hashPassword(password), Date.now());
  });
  console.log(
    `${name.shown} has an account now: ` +
      `chatp connect ${name.shown} HOST asks for the password`,
  );
}

async function passwd(text: string, options: UserOptions): Promise<void> {
  const name = parsedName(text);
  const shown = await usingAccounts(options, false, async (accounts) => {
    const shown = existing(accounts, name);
    const password = await newPassword(shown, options.passwordFile);
    accounts.setVerifier(name, await hashPassword(password));
    return shown;
  });
  console.log(
    `${shown} has a new password: whoever is logged in with the old one has ` +
      "to log in again",
  );
}

async function remove(text: string, options: UserOptions): Promise<void> {
  const name = parsedName(text);
  const shown = await usingAccounts(options, false, (accounts) => {
    const shown = existing(accounts, name);
    accounts.remove(name);
    return shown;
  });
  console.log(
    `${shown} has no account any more: password, sessions and memberships are ` +
      "gone, what was said stays, and others may take the name",
  );
}

async function list(options: UserOptions): Promise<void> {
  const accounts = await usingAccounts(
    options,
    false,
    (accounts) => accounts.list(),
  );
  if (options.json) {
    for (const { name, created } of accounts) {
      console.log(JSON.stringify({ name, since: iso(created) }));
    }
  } else if (accounts.length === 0) {
    console.error("Nobody has an account: chatp user add NAME makes one");
  } else console.log(table(accounts));
}

/** `created`: ms since 1970. */
function iso(created: number): string {
  return new Date(created).toISOString();
}

/** Names, and the day (UTC) that each account was made. */
function table(accounts: readonly PersonRecord[]): string {
  const rows = [
    ["NAME", "SINCE"] as const,
    ...accounts.map(({ name, created }) =>
      [printable(name), iso(created).slice(0, 10)] as const
    ),
  ];
  const width = Math.max(...rows.map(([name]) => unicodeWidth(name)));
  return rows.map(([name, since]) =>
    `${name}${" ".repeat(width - unicodeWidth(name))}  ${since}`
  ).join("\n");
}

const FOLDER = folderHelp("The folder that the server keeps its chat in");
const PASSWORD_FILE = "The file whose first line is the password.";

const addCommand = new Command()
  .description(
    "Make an account: nobody comes in by that name without its password.\n\n" +
      "At a terminal the password is asked for; otherwise it is the first " +
      "line of\nstandard input.",
  )
  .arguments("<name:string>", ["The name to be known by."])
  .option("--password-file <file:file>", PASSWORD_FILE)
  .option("--data <folder:file>", FOLDER)
  .example("Asking for the password", "chatp user add alice")
  .example(
    "From a script",
    "openssl rand -base64 18 | tee alice.txt | chatp user add alice",
  )
  .action(function (options, name) {
    return reporting(() => {
      refuseOptions(this, [name]);
      return add(name, options);
    });
  });

const listCommand = new Command()
  .description("Print who has an account.")
  .option("--json", "Print each account as one line of JSON.")
  .option("--data <folder:file>", FOLDER)
  .action((options) => reporting(() => list(options)));

const passwdCommand = new Command()
  .description("Change the password of an account; its sessions end.")
  .arguments("<name:string>", ["Whose password."])
  .option("--password-file <file:file>", PASSWORD_FILE)
  .option("--data <folder:file>", FOLDER)
  .action(function (options, name) {
    return reporting(() => {
      refuseOptions(this, [name]);
      return passwd(name, options);
    });
  });

const removeCommand = new Command()
  .description("Remove an account. What it said stays in the rooms.")
  .arguments("<name:string>", ["Whose account."])
  .option("--data <folder:file>", FOLDER)
  .action(function (options, name) {
    return reporting(() => {
      refuseOptions(this, [name]);
      return remove(name, options);
    });
  });

/** `chatp user`, as the command line sees it. */
export const userCommand = new Command()
  .description(
    "Accounts: add, list, remove, passwd. The server may be running.",
  )
  .action(function () {
    this.showHelp();
    Deno.exitCode = 2;
  })
  .command("add", addCommand)
  .command("list", listCommand)
  .command("passwd", passwdCommand)
  .command("remove", removeCommand)
  .reset();
