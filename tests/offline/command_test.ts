/**
 * What `chatp` relies on in `@cliffy/command`. Imports the bare names alone, so
 * that it holds the stand-in and the real package to the same.
 */
import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { Command, EnumType, ValidationError } from "@cliffy/command";
import { CompletionsCommand } from "@cliffy/command/completions";
import { HelpCommand } from "@cliffy/command/help";

/** A tool like chatp; `ran` hears which command ran with what. */
function tool(ran: (...what: unknown[]) => void = () => {}) {
  const serve = new Command()
    .description("Start a server.\nWith more to say.")
    .type("wire", new EnumType(["json", "chatp1"]))
    .option("-p, --port <port:integer>", "The port.", { default: 7000 })
    .option("--host <host:string>", "The host.", { required: true })
    .option("--wire <wire:wire>", "A wire.", { collect: true })
    .option("--no-color", "No colours.")
    .option("--plaintext", "No TLS.", { conflicts: ["certificate"] })
    .option("--certificate <file:file>", "A certificate.")
    .option("--key <file:file>", "Its key.", { depends: ["certificate"] })
    .option("--size <size:number>", "Twice it.", {
      value: (n: number) => 2 * n,
    })
    .option("--log [level:string]", "A log.")
    .option("--secret-door", "Hidden.", { hidden: true })
    .example("A server", "chatp serve --host ::")
    .action((options) => {
      // Checks the inferred types: these lines must compile.
      const port: number = options.port;
      const host: string = options.host;
      const color: boolean = options.color;
      const wire: ("json" | "chatp1")[] | undefined = options.wire;
      const size: number | undefined = options.size;
      const log: string | true | undefined = options.log;
      const door: boolean | undefined = options.secretDoor;
      ran("serve", { port, host, color, wire, size, log, door });
    });
  const connect = new Command()
    .description("Join.")
    .alias("join")
    .arguments("<user:string> [server:string] [port:integer]", [
      "Who.",
      "Where.",
    ])
    .option("-l, --linger", "Stay.")
    .action((options, user, server, port) => {
      const name: string = user;
      const where: string | undefined = server;
      const door: number | undefined = port;
      const linger: boolean | undefined = options.linger;
      ran("connect", name, where, door, linger);
    });
  const files = new Command()
    .description("Read files.")
    .arguments("[files...:file]")
    .action(function (_options, ...names) {
      const all: string[] = names;
      ran("files", ...all, this.getLiteralArgs());
    });
  return new Command()
    .name("chatp")
    .version("1.2.3")
    .description("A chat.")
    .meta("Deno", "2")
    .globalOption("-v, --verbose", "Say more.")
    .command("serve", serve)
    .command("connect", connect)
    .command("files", files)
    .command("help", new HelpCommand().global())
    .command("completions", new CompletionsCommand())
    .reset()
    .noExit();
}

/** What a command line does: what ran, and what was printed. */
async function run(...args: string[]) {
  const ran: unknown[][] = [];
  const printed: string[] = [];
  const log = console.log;
  console.log = (...line) => printed.push(line.join(" "));
  try {
    await tool((...what) => ran.push(what)).parse(args);
  } finally {
    console.log = log;
  }
  // deno-lint-ignore no-control-regex -- colours are control sequences
  const output = printed.join("\n").replace(/\x1b\[\d+m/g, "");
  return { ran: ran[0], output };
}

Deno.test("options are read, typed and given their defaults", async () => {
  const base = {
    port: 7000,
    host: "::",
    color: true,
    wire: undefined,
    size: undefined,
    log: undefined,
    door: undefined,
  };
  const cases: [args: string, expected: Partial<typeof base> | object][] = [
    ["", {}],
    ["--port 1", { port: 1 }],
    ["--port=1", { port: 1 }],
    ["-p 1", { port: 1 }],
    ["-p1", { port: 1 }],
    ["--no-color", { color: false }],
    ["--wire json --wire chatp1", { wire: ["json", "chatp1"] }],
    ["--size 2.5", { size: 5 }],
    ["--log", { log: true }],
    ["--log debug", { log: "debug" }],
    ["--secret-door", { door: true }],
    ["--certificate a --key b", {}],
  ];
  for (const [args, expected] of cases) {
    const words = args.split(" ").filter(Boolean);
    const { ran } = await run("serve", "--host", "::", ...words);
    assertEquals(ran, ["serve", { ...base, ...expected }], args);
  }
});

Deno.test("arguments are read, typed and optional ones left out", async () => {
  const cases: [args: string[], ran: unknown[]][] = [
    [["connect", "bob"], ["connect", "bob", undefined, undefined, undefined]],
    [["join", "bob", "srv", "7"], ["connect", "bob", "srv", 7, undefined]],
    [["connect", "-l", "bob"], ["connect", "bob", undefined, undefined, true]],
    [["connect", "bob", "-l"], ["connect", "bob", undefined, undefined, true]],
    [["-v", "connect", "bob"], [
      "connect",
      "bob",
      undefined,
      undefined,
      undefined,
    ]],
    [["files"], ["files", []]],
    [["files", "a", "-v", "b"], ["files", "a", "b", []]],
    [["files", "a", "--", "-x"], ["files", "a", ["-x"]]],
  ];
  for (const [args, expected] of cases) {
    assertEquals((await run(...args)).ran, expected, args.join(" "));
  }
});

Deno.test("a wrong command line gives a ValidationError that says why", async () => {
  const cases: [args: string, message: string][] = [
    ["--nope", 'Unknown option "--nope".'],
    ["srve", 'Unknown command "srve". Did you mean command "serve"?'],
    ["help nope", 'Unknown command "nope".'],
    ["serve", 'Missing required option "--host".'],
    ["serve --host", 'Missing value for option "--host".'],
    [
      "serve --host a --prt 5",
      'Unknown option "--prt". Did you mean option "--port"?',
    ],
    [
      "serve --host a extra",
      'Unknown command "extra". Did you mean command "help"?',
    ],
    [
      "serve --host a --port x",
      'Option "--port" must be of type "integer", but got "x".',
    ],
    ["serve --host a --port 1.5", 'must be of type "integer"'],
    [
      "serve --host a --wire x",
      'but got "x". Expected values: "json", "chatp1"',
    ],
    ["serve --host a --host b", 'Option "--host" can only occur once'],
    ["serve --host a --no-color=1", "doesn't take a value"],
    [
      "serve --host a --certificate c --plaintext",
      'Option "--plaintext" conflicts with option "--certificate".',
    ],
    [
      "serve --host a --key k",
      'Option "--key" depends on option "--certificate".',
    ],
    ["serve --help --host a", 'Option "--help" cannot be combined'],
    ["connect", "Missing argument(s): user"],
    ["connect bob srv x", 'Argument "port" must be of type "integer"'],
    ["connect bob srv 7 more", "Too many arguments: more"],
    [
      "connect bob srv 7 --lnger",
      'Unknown option "--lnger". Did you mean option "--linger"?',
    ],
  ];
  for (const [args, message] of cases) {
    const error = await assertRejects(
      () => run(...args.split(" ")),
      ValidationError,
      message,
    );
    assertEquals(error.exitCode, 2, args);
  }
});

Deno.test("an error of an action is thrown as it is", async () => {
  const error = new TypeError("mine");
  const heard: unknown[] = [];
  const failing = new Command().name("x").noExit()
    .error((reason, cmd) => heard.push(reason, cmd.getName()))
    .command(
      "go",
      new Command().action(() => {
        throw error;
      }),
    ).reset();
  assertEquals(await assertRejects(() => failing.parse(["go"])), error);
  assertEquals(heard, [error, "go"]);
});

Deno.test("help tells usage, description, options, commands and examples", async () => {
  const { output } = await run("--help");
  for (
    const line of [
      "Usage:   chatp",
      "Version: 1.2.3",
      "Deno: 2",
      "  A chat.",
      "  -h, --help     - Show this help.",
      "  -v, --verbose  - Say more.",
      "  connect, join  <user> [server] [port]  - Join.",
    ]
  ) assertStringIncludes(output, line);
  const serve = (await run("help", "serve")).output;
  assertEquals((await run("serve", "-h")).output, serve);
  for (
    const line of [
      "Usage:   chatp serve --host <host>",
      "  Start a server.",
      "With more to say.",
      "(Default: 7000)",
      "(required)",
      '(Values: "json", "chatp1")',
      "(Conflicts: --certificate)",
      "(Depends: --certificate)",
      "  A server chatp serve --host ::",
    ]
  ) assertStringIncludes(serve, line);
  assert(!serve.includes("secret-door"));
  assertStringIncludes(
    (await run("connect", "-h")).output,
    "- Who.    (required)",
  );
});

Deno.test("a global command is known below its siblings too", async () => {
  const { output } = await run("serve", "help");
  assertStringIncludes(output, "Usage:   chatp serve");
  assertStringIncludes(output, "Show this help or the help of a sub-command.");
});

Deno.test("an action may use the tool that it belongs to", async () => {
  const found: string[] = [];
  const own = new Command().name("own")
    .action(() => found.push(own.getName()))
    .command("help", new HelpCommand().global());
  await own.parse([]);
  assertEquals(found, ["own"]);
});

Deno.test("a tool without an action shows its help when nothing is given", async () => {
  assertStringIncludes((await run()).output, "Usage:   chatp");
});

Deno.test("version is short by -V and long by --version", async () => {
  assertEquals((await run("-V")).output, "1.2.3");
  assertEquals((await run("--version")).output, "chatp 1.2.3\nDeno 2");
});

Deno.test("commands tell their parts, for a check of the documentation", () => {
  const main = tool();
  main.getHelp();
  assertEquals(
    main.getCommands().map((command) => command.getName()),
    ["serve", "connect", "files", "help", "completions"],
  );
  const [serve, connect] = main.getCommands();
  assertEquals(
    serve!.getOptions().map((option) => option.name),
    [
      "help",
      "verbose",
      "port",
      "host",
      "wire",
      "no-color",
      "plaintext",
      "certificate",
      "key",
      "size",
      "log",
    ],
  );
  assertEquals(serve!.getOptions()[2]!.flags, ["-p", "--port"]);
  assertEquals(serve!.getOptions()[2]!.description, "The port.");
  assertEquals(serve!.getOptions()[2]!.typeDefinition, "<port:integer>");
  assertEquals(serve!.getOptions()[2]!.default, 7000);
  assertEquals(serve!.getOptions(true).at(-1)!.hidden, true);
  assertEquals(serve!.getDescription(), "Start a server.\nWith more to say.");
  assertEquals(serve!.getShortDescription(), "Start a server.");
  assertEquals(
    connect!.getArguments().map(({ name, type, optional }) => [
      name,
      type,
      Boolean(optional),
    ]),
    [["user", "string", false], ["server", "string", true], [
      "port",
      "integer",
      true,
    ]],
  );
  assertEquals(connect!.getAliases(), ["join"]);
  assertEquals(connect!.getPath(), "chatp connect");
});

Deno.test("a wrong command line prints help and error and ends with 2", async () => {
  const { exit } = Deno;
  const { log, error } = console;
  const printed = { out: "", error: "" };
  const ended: unknown[] = [];
  Deno.exit = (code) => {
    ended.push(code);
    throw new Error("exit");
  };
  console.log = (text) => printed.out += text;
  console.error = (text) => printed.error += text;
  try {
    const command = new Command().name("x").option("--port <p:integer>", "P.");
    await assertRejects(() => command.parse(["--prot", "1"]), Error, "exit");
  } finally {
    Deno.exit = exit;
    Object.assign(console, { log, error });
  }
  assertEquals(ended, [2]);
  assertStringIncludes(printed.out, "Options:");
  assertStringIncludes(
    printed.error,
    'Unknown option "--prot". Did you mean option "--port"?',
  );
});

Deno.test("bash completes commands, options and values", async () => {
  const { output: script } = await run("completions", "bash");
  const cases: [words: string[], expected: string[]][] = [
    [["chatp", "se"], ["serve"]],
    [["chatp", "--ver"], ["--version", "--verbose"]],
    [["chatp", "serve", "--po"], ["--port"]],
    [["chatp", "serve", "--port", "1", "--no"], ["--no-color"]],
    [["chatp", "serve", "--wire", "ch"], ["chatp1"]],
    [["chatp", "connect", "--li"], ["--linger"]],
    [["chatp", "completions", "z"], ["zsh"]],
    [["chatp", "serve", "he"], ["help"]],
  ];
  const ask = cases.map(([words]) =>
    `COMP_WORDS=(${words.map((word) => `'${word}'`).join(" ")}); ` +
    `COMP_CWORD=${words.length - 1}; _chatp; echo "\${COMPREPLY[*]}"`
  ).join("\n");
  // The real package asks the tool for values; this function answers for it.
  const answer = "chatp() { printf 'json\\nchatp1\\n'; }";
  const bash = new Deno.Command("bash", {
    args: ["--norc", "-c", `${script}\n${answer}\n${ask}`],
  });
  const { stdout, stderr } = await bash.output();
  assertEquals(new TextDecoder().decode(stderr), "");
  assertEquals(
    new TextDecoder().decode(stdout).trim().split("\n").map((line) =>
      line.split(" ").sort()
    ),
    cases.map(([, expected]) => expected.toSorted()),
  );
});

Deno.test("every shell gets a script that names all commands", async () => {
  for (const shell of ["bash", "zsh", "fish"]) {
    const { output } = await run("completions", shell);
    for (const word of ["serve", "connect", "port", "linger"]) {
      assertStringIncludes(output, word);
    }
  }
});

Deno.test("a ValidationError can be thrown by an action", async () => {
  const error = new ValidationError("Bad name", { exitCode: 3 });
  assertInstanceOf(error, Error);
  assertEquals(error.exitCode, 3);
  const command = new Command().name("x").throwErrors().action(() => {
    throw error;
  });
  assertEquals(await assertRejects(() => command.parse([])), error);
});
