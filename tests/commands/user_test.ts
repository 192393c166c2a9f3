/** `chatp user`: accounts in the folder of a stopped and of a running server. */

import { DatabaseSync } from "node:sqlite";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { openAccounts, verifyPassword } from "../../lib/store/mod.ts";
import { Chatp, chatp, Folder, startServer } from "./chatp_process.ts";
import { hasScript, TypedChatp } from "./typed_chatp.ts";

const PASSWORD = "Tr0ub4dor&3";
const OTHER = "correct horse battery staple";

/** Runs `chatp user …`, which must show neither password. */
async function user(
  line: string,
  data: string,
  input = "",
): Promise<{ code: number; out: string[]; err: string[] }> {
  const result = await chatp(["user", ...line.split(" ")], { data, input });
  const shown = [...result.out, ...result.err].join("\n");
  assert(!shown.includes(PASSWORD) && !shown.includes(OTHER), shown);
  return result;
}

/** Whether that is the password of the account, as a server would find it. */
async function hasPassword(
  data: string,
  name: string,
  password: string,
): Promise<boolean> {
  const accounts = openAccounts(`${data}/chatp`, { create: false });
  const account = accounts.list().find((each) => each.name === name);
  accounts.close();
  return await verifyPassword(password, account?.verifier);
}

/** A folder with the accounts alice and Zoë. */
async function twoAccounts(): Promise<Folder> {
  const data = await Folder.make();
  await user("add alice", data.path, `${PASSWORD}\n`);
  await user("add Zoë", data.path, `${OTHER}\n`);
  return data;
}

/** The files in the data folder; none when there is no such folder. */
function filesIn(data: string): string[] {
  try {
    return [...Deno.readDirSync(`${data}/chatp`)].map(({ name }) => name);
  } catch (error) {
    assert(error instanceof Deno.errors.NotFound);
    return [];
  }
}

Deno.test("an account is added, listed, given another password and removed", async () => {
  await using data = await Folder.make();
  assertEquals(await user("add alice", data.path, `${PASSWORD}\n`), {
    code: 0,
    out: [
      "alice has an account now: chatp connect alice HOST asks for the password",
    ],
    err: [],
  });
  assert(await hasPassword(data.path, "alice", PASSWORD));
  const { out } = await user("list", data.path);
  assertMatch(out.join("\n"), /^NAME {3}SINCE\nalice {2}\d{4}-\d\d-\d\d$/);

  assertEquals(await user("passwd ALICE", data.path, `${OTHER}\r\n`), {
    code: 0,
    out: [
      "alice has a new password: whoever is logged in with the old one has " +
      "to log in again",
    ],
    err: [],
  });
  assert(await hasPassword(data.path, "alice", OTHER));
  assert(!(await hasPassword(data.path, "alice", PASSWORD)));
  assertEquals((await user("list", data.path)).out, out);

  assertEquals(await user("remove alice", data.path), {
    code: 0,
    out: [
      "alice has no account any more: password, sessions and memberships are " +
      "gone, what was said stays, and others may take the name",
    ],
    err: [],
  });
  assertEquals(await user("list", data.path), {
    code: 0,
    out: [],
    err: ["Nobody has an account: chatp user add NAME makes one"],
  });
});

Deno.test("the list is a table for people and a line of JSON an account for programs", async () => {
  await using data = await twoAccounts();
  const { out: json } = await user("list --json", data.path);
  const accounts = json.map((line) => JSON.parse(line));
  assertEquals(accounts.map(({ name }) => name), ["alice", "Zoë"]);
  for (const account of accounts) {
    assertEquals(Object.keys(account), ["name", "since"]);
    assertMatch(account.since, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  }
  const [alice, zoe] = accounts.map(({ since }) => since.slice(0, 10));
  assertEquals((await user("list", data.path)).out, [
    "NAME   SINCE",
    `alice  ${alice}`,
    `Zoë    ${zoe}`,
  ]);
});

Deno.test("the password of an account is in no file, and the files are for their owner alone", async () => {
  await using data = await twoAccounts();
  assertEquals(filesIn(data.path).sort(), ["log.db", "log.lock"]);
  for (const name of filesIn(data.path)) {
    const path = `${data.path}/chatp/${name}`;
    const text = new TextDecoder("latin1").decode(await Deno.readFile(path));
    assert(!text.includes(PASSWORD) && !text.includes(OTHER), path);
    if (Deno.build.os === "windows") continue;
    assertEquals((await Deno.stat(path)).mode! & 0o777, 0o600, path);
  }
});

Deno.test("accounts can be changed while a server runs on that folder", async () => {
  await using data = await Folder.make();
  const { server } = await startServer(data.path);
  await using _ = server;
  assertEquals((await user("add alice", data.path, PASSWORD)).code, 0);
  assertEquals((await user("passwd alice", data.path, OTHER)).code, 0);
  assert(await hasPassword(data.path, "alice", OTHER));
  const { out } = await user("list --json", data.path);
  assertEquals(out.map((line) => JSON.parse(line).name), ["alice"]);
  assertEquals((await user("remove alice", data.path)).code, 0);
  assertEquals((await user("list", data.path)).out, []);
});

Deno.test("a password is the first line of a file, and others who can read it are warned of", async () => {
  await using data = await Folder.make();
  const file = `${data.path}/password`;
  await Deno.writeTextFile(file, `${PASSWORD}\nnot this\n`, { mode: 0o600 });
  const line = `add alice --password-file ${file}`;
  assertEquals((await user(line, data.path, OTHER)).err, []);
  assert(await hasPassword(data.path, "alice", PASSWORD));
  if (Deno.build.os === "windows") return;
  await Deno.chmod(file, 0o644);
  const { code, err } = await user(
    `passwd alice --password-file ${file}`,
    data.path,
  );
  assertEquals(code, 0);
  assertEquals(err, [
    `chatp: warning: others can read ${file}; chmod 600 keeps it to you`,
  ]);
});

Deno.test("a pipe is read as far as its first line, and need not end", async () => {
  await using data = await Folder.make();
  await using process = await Chatp.start(["user", "add", "alice"], {
    data: data.path,
  });
  await process.write(`${PASSWORD}\nmore`);
  assertEquals(await process.status(), 0);
  assert(await hasPassword(data.path, "alice", PASSWORD));
});

Deno.test("a password of fewer than eight characters is taken with a warning", async () => {
  await using data = await Folder.make();
  const { code, err } = await user("add alice", data.path, "ä€😀4567\n");
  assertEquals([code, err], [0, [
    "chatp: warning: a password of fewer than 8 characters is soon guessed",
  ]]);
  assertEquals((await user("add bob", data.path, "ä€😀45678\n")).err, []);
});

const SKIPPED = hasScript() ? "" : " (skipped: util-linux's script is missing)";

Deno.test({
  name: `at a terminal the password is asked for twice and not shown${SKIPPED}`,
  ignore: SKIPPED !== "",
  fn: async () => {
    await using data = await Folder.make();
    const terminal = await TypedChatp.start(["user", "add", "bob"], data.path);
    await terminal.tellSecret("New password of bob:", PASSWORD);
    await terminal.tellSecret("The same again:", PASSWORD);
    assertEquals(await terminal.status(), 0);
    assertMatch(terminal.seen, /bob has an account now: /);
    assert(!terminal.seen.includes(PASSWORD.slice(1)), terminal.seen);
    assert(await hasPassword(data.path, "bob", PASSWORD));
  },
});

Deno.test({
  name: `two passwords that are not the same change nothing${SKIPPED}`,
  ignore: SKIPPED !== "",
  fn: async () => {
    await using data = await twoAccounts();
    const args = ["user", "passwd", "alice"];
    const terminal = await TypedChatp.start(args, data.path);
    await terminal.tellSecret("New password of alice:", OTHER);
    await terminal.tellSecret("The same again:", PASSWORD);
    assertEquals(await terminal.status(), 2);
    assertMatch(terminal.seen, /The two passwords are not the same/);
    assert(await hasPassword(data.path, "alice", PASSWORD));
  },
});

Deno.test({
  name:
    `a password with a key in it that types nothing is asked for again, as nobody could see that${SKIPPED}`,
  ignore: SKIPPED !== "",
  fn: async () => {
    await using data = await Folder.make();
    const terminal = await TypedChatp.start(["user", "add", "bob"], data.path);
    // Ctrl+U, an arrow, and Backspace behind a letter of two bytes.
    for (const typed of ["misstyp\x15", "x\x1b[D", "x\u00e4\x7f"]) {
      await terminal.tellSecret("New password of bob:", typed + PASSWORD);
      await terminal.until("only Backspace erases here");
    }
    await terminal.tellSecret("New password of bob:", `x\x7f${PASSWORD}`);
    await terminal.tellSecret("The same again:", `${PASSWORD}\x17`);
    await terminal.until("only Backspace erases here");
    await terminal.tellSecret("The same again:", PASSWORD);
    assertEquals(await terminal.status(), 0);
    assert(await hasPassword(data.path, "bob", PASSWORD));
  },
});

Deno.test({
  name: `Ctrl+D alone is no password${SKIPPED}`,
  ignore: SKIPPED !== "",
  fn: async () => {
    await using data = await Folder.make();
    const terminal = await TypedChatp.start(["user", "add", "bob"], data.path);
    await terminal.tellSecret("New password of bob:", "x\x7f\x04");
    assertEquals(await terminal.status(), 2);
    assertMatch(terminal.seen, /The password is empty/);
  },
});

/** Command line, what it reads, status, message, advice. */
type Mistake = readonly [string, string, number, string, string];

const MISTAKES: readonly Mistake[] = [
  [
    "add ALICE",
    OTHER,
    20,
    "alice has an account already",
    "Choose another name, or change the password with chatp user passwd alice",
  ],
  [
    "add a;b",
    OTHER,
    2,
    '"a;b" is no name for a user: a user name is made of letters, digits, ' +
    "'_', '.' and '-'",
    "Choose another one",
  ],
  [
    "add bob",
    `\n${OTHER}\n`,
    2,
    "The first line of standard input is empty",
    "Write the password in it, or name a file with --password-file",
  ],
  [
    "add bob",
    "é".repeat(513),
    2,
    "The first line of standard input has 1026 bytes, a password has at most " +
    "1024",
    "Choose a shorter one",
  ],
  [
    "passwd alice",
    "with\ta tab\n",
    2,
    "The first line of standard input has a control character in it",
    "Write the password in it, or name a file with --password-file",
  ],
  [
    "passwd alice",
    "x\ufffdy",
    2,
    "The first line of standard input is no UTF-8",
    "Write the password in it, or name a file with --password-file",
  ],
  [
    "passwd alice --password-file FOLDER/empty",
    OTHER,
    2,
    "The first line of FOLDER/empty is empty",
    "Write the password in the first line",
  ],
  [
    "passwd alice --password-file FOLDER/none",
    OTHER,
    24,
    "Cannot read FOLDER/none: No such file or directory",
    "Check its name and permissions",
  ],
  [
    `add bob --password=${OTHER.slice(0, 7)}`,
    OTHER,
    2,
    'Unknown option "--password". Did you mean option "--password-file"?',
    "See chatp user add --help",
  ],
  [
    "passwd alcie",
    OTHER,
    28,
    '"alcie" has no account. Did you mean alice?',
    "See who has one with chatp user list",
  ],
  [
    "remove somebody",
    "",
    28,
    '"somebody" has no account',
    "See who has one with chatp user list",
  ],
  [
    "remove --dta=FOLDER",
    "",
    2,
    'Unknown option "--dta". Did you mean option "--data"?',
    "See chatp user remove --help",
  ],
  ...["list", "remove alice", "passwd alice"].map((line): Mistake => [
    `${line} --data FOLDER/chatp/nothing`,
    OTHER,
    25,
    "No server has kept anything in FOLDER/chatp/nothing yet",
    "Name the server's folder with --data",
  ]),
];

Deno.test("every mistake is told in two lines, with its status, and changes nothing", async (t) => {
  await using data = await twoAccounts();
  const here = (text: string) => text.replaceAll("FOLDER", data.path);
  await Deno.writeTextFile(`${data.path}/empty`, "\n", { mode: 0o600 });
  const { out: before } = await user("list --json", data.path);
  for (const [line, input, status, message, advice] of MISTAKES) {
    await t.step(`chatp user ${line}`, async () => {
      assertEquals(await user(here(line), data.path, input), {
        code: status,
        out: [],
        err: [`chatp: ${here(message)}`, `  try: ${advice}`],
      });
    });
  }
  assertEquals((await user("list --json", data.path)).out, before);
  assert(await hasPassword(data.path, "alice", PASSWORD));
  assertEquals(filesIn(data.path).sort(), ["log.db", "log.lock"]);
});

/** What may be wrong with a file: how it comes about, and how it is told. */
const BROKEN: readonly (readonly [string, (file: string) => void, RegExp])[] = [
  [
    "is damaged",
    (file) => Deno.writeTextFileSync(file, "no database ".repeat(1_000)),
    /^chatp: \S+log\.db is no database: .*\n {2}try: Restore the file/,
  ],
  [
    "was written by a newer chatp",
    (file) => {
      using database = new DatabaseSync(file);
      database.exec("PRAGMA user_version = 99");
    },
    /^chatp: \S+log\.db has version 99 .*\n {2}try: Use the newer chatp/,
  ],
];

for (const [what, destroy, told] of BROKEN) {
  Deno.test(`a file that ${what} is told as that and left as it is`, async () => {
    await using data = await twoAccounts();
    const file = `${data.path}/chatp/log.db`;
    destroy(file);
    const before = await Deno.readFile(file);
    for (const line of ["add bob", "list", "passwd alice", "remove alice"]) {
      const { code, out, err } = await user(line, data.path, PASSWORD);
      assertEquals([code, out, err.length], [25, [], 2]);
      assertMatch(err.join("\n"), told);
    }
    assertEquals(await Deno.readFile(file), before);
  });
}

Deno.test("a file that another program keeps locked is told as that", async () => {
  await using data = await twoAccounts();
  using other = new DatabaseSync(`${data.path}/chatp/log.db`);
  other.exec("BEGIN IMMEDIATE");
  const { code, out, err } = await user("remove alice", data.path);
  assertEquals([code, out], [25, []]);
  assertMatch(err.join("\n"), /log\.db is locked by another program: .*\n/);
  assertMatch(err[1] ?? "", /^ {2}try: Let the other program finish/);
});
