import { assertEquals } from "@std/assert";
import { withOlderServer } from "./older_server.ts";
import { CLOCK, Piper } from "./piper.ts";
import { withServer } from "../server/test_server.ts";

Deno.test("two people chat through pipes, and both end well", async () => {
  await withServer(async (port) => {
    const bob = new Piper("bob", `chatps://127.0.0.1:${port}`);
    bob.say("/rooms\n");
    await bob.hears("* rooms: general");
    const alice = new Piper("alice", `json://127.0.0.1:${port}`);
    alice.say("hel").say("lo\r\n\n  \n/msg bob ps\x1bst\n/users\n").end();
    assertEquals(await alice.done, undefined);
    assertEquals(alice.out, ["* users in general: alice, bob"]);
    await bob.hears("* alice left general");
    bob.say("/join tea time\n/quit\nnever said\n");
    assertEquals(await bob.done, undefined);
    assertEquals(bob.out, [
      "* rooms: general",
      "* alice joined general",
      "[general] alice: hello",
      "[private] alice: ps\\x1bst",
      "* alice left general",
      "* you are now in tea time",
    ]);
    assertEquals([...alice.errors, ...bob.errors], []);
  });
});

Deno.test("a line that is not done is named, and the rest is done", async () => {
  await withServer(async (port) => {
    const alice = new Piper("alice", `chatp://127.0.0.1:${port}`);
    alice.say("one\n/hlep\n/msg nobody hi\ntwo").end();
    const error = await alice.done;
    assertEquals(error?.kind, "request_rejected");
    assertEquals(error?.message, "2 of 4 lines went undone");
    assertEquals(alice.errors, [
      "chatp: line 2: There is no command /hlep. " +
      "Did you mean /help? /help lists the commands",
      "chatp: line 3: Not found: nobody here is called nobody (to nobody: hi)",
    ]);
  });
});

Deno.test("an only line that is not done is not counted", async () => {
  await withServer(async (port) => {
    const alice = new Piper("alice", `chatp://127.0.0.1:${port}`);
    alice.say("/hlep\n").end();
    const error = await alice.done;
    assertEquals(error?.message, "The line went undone");
  });
});

Deno.test("JSON tells which line each acknowledgement and error is for", async () => {
  await withServer(async (port) => {
    const alice = new Piper("alice", `json://127.0.0.1:${port}`, {
      json: true,
    });
    alice.say("one\n\n/msg alice me\n/j\n/msg nobody hi\n").end();
    await alice.done;
    const time = '"time":"1970-01-01T00:00:00.000Z"';
    assertEquals(alice.out.toSorted(), [
      `{"type":"ack",${time},"line":1,"request":"room_msg","id":1}`,
      `{"type":"ack",${time},"line":3,"request":"private_msg"}`,
      `{"type":"connected",${time},"username":"alice","room":"general","again":false}`,
      `{"type":"error",${time},"line":4,"text":"/j lacks its <room>","hint":"Type /join <room>"}`,
      `{"type":"error",${time},"line":5,"text":"Not found: nobody here is called nobody","code":404,` +
      '"hint":"Check the spelling; list the users or the rooms to see who is there"}',
      `{"type":"private_msg",${time},"sender":"alice","recipient":"alice","text":"me","history":false}`,
    ]);
  });
});

Deno.test("more than a server takes at once arrives whole and in order", async () => {
  await withServer(
    async (port) => {
      const bob = new Piper("bob", `chatp://127.0.0.1:${port}`);
      bob.say("/rooms\n");
      await bob.hears("* rooms: general");
      const alice = new Piper("alice", `chatp://127.0.0.1:${port}`);
      const texts = Array.from({ length: 150 }, (_, index) => `m${index}`);
      alice.say(texts.join("\n")).end();
      assertEquals(await alice.done, undefined);
      bob.end();
      await bob.done;
      assertEquals(
        bob.out.filter((line) => line.startsWith("[")),
        texts.map((text) => `[general] alice: ${text}`),
      );
    },
    { limits: { requestsPerSecond: 100, requestBurst: 60 } },
  );
});

Deno.test("whoever lingers hears what comes after the end of the input", async () => {
  await withServer(async (port) => {
    const passed: (() => void)[] = [];
    const bob = new Piper("bob", `chatp://127.0.0.1:${port}`, {
      linger: 3_600_000,
      clock: {
        now: () => performance.now(),
        after: (delay, run) => {
          if (delay === 3_600_000) passed.push(run);
          return CLOCK.after(delay, run);
        },
      },
    });
    bob.say("/rooms\n").end();
    await bob.hears("* rooms: general");
    const alice = new Piper("alice", `chatp://127.0.0.1:${port}`);
    alice.say("still there?").end();
    await alice.done;
    await bob.hears("[general] alice: still there?");
    passed.forEach((run) => run());
    assertEquals(await bob.done, undefined);
  });
});

Deno.test("a taken name ends the chat before the input is touched", async () => {
  await withServer(async (port) => {
    const first = new Piper("alice", `chatp://127.0.0.1:${port}`);
    first.say("/rooms\n");
    await first.hears("* rooms: general");
    const second = new Piper("ALICE", `chatps://127.0.0.1:${port}`);
    second.say("hello\n").end();
    const error = await second.done;
    assertEquals([error?.kind, error?.status], ["name_taken", 20]);
    assertEquals(second.errors, []);
    first.end();
    await first.done;
  });
});

Deno.test("a reader who is gone ends the chat quietly", async () => {
  await withServer(async (port) => {
    const alice = new Piper("alice", `chatp://127.0.0.1:${port}`, {
      write: () => Promise.reject(new Deno.errors.BrokenPipe()),
      linger: 3_600_000,
    });
    alice.say("one\n/rooms\n");
    assertEquals(await alice.done, undefined);
    assertEquals(alice.errors, []);
  });
});

Deno.test("a server that goes down for good leaves nothing in doubt that it acknowledged", async () => {
  await withServer(async (port, server) => {
    const alice = new Piper("alice", `chatp://127.0.0.1:${port}`);
    alice.say("one\n/rooms\n");
    await alice.hears("* rooms: general");
    await server.close();
    alice.end();
    assertEquals(await alice.done, undefined);
    assertEquals(alice.errors.length <= 2, true);
  });
});

Deno.test("a server that knows 1.0 alone is spoken to in 1.0, and what is missing is told in one line", async () => {
  await withServer(async (port) => {
    await withOlderServer(port, async (older) => {
      const alice = new Piper("alice", `chatp://127.0.0.1:${older}`);
      alice.say("one\n/users\n").end();
      assertEquals(await alice.done, undefined);
      assertEquals(alice.out, ["* users in general: alice"]);
      assertEquals(alice.errors, [
        `chatp: chatp://127.0.0.1:${older} is an older server, which speaks ` +
        "ChatProto 1.0: there is no history, no groups, no receipts, and " +
        "after a lost connection nobody knows whether a message arrived",
      ]);
    });
  });
});

Deno.test("JSON tells where each message stands and when all have it", async () => {
  await withServer(async (port) => {
    const url = `chatp://127.0.0.1:${port}`;
    const bob = new Piper("bob", url);
    bob.say("/rooms\n");
    await bob.hears("* rooms: general");
    const alice = new Piper("alice", url, { json: true });
    alice.say("one\n");
    const time = '"time":"1970-01-01T00:00:00.000Z"';
    await alice.hears(
      `{"type":"received_by_all",${time},"room":"general","sequence":1}`,
    );
    const events = alice.out.map((line) => JSON.parse(line));
    const ack = events.find(({ type }) => type === "ack");
    assertEquals([ack.line, ack.room, ack.sequence], [1, "general", 1]);
    assertEquals(typeof ack.sent, "string");
    await bob.hears("[general] alice: one");
    alice.end();
    bob.end();
    assertEquals([await alice.done, await bob.done], [undefined, undefined]);
  });
});

Deno.test("through a pipe nobody logs in as somebody else", async () => {
  await withServer(async (port) => {
    const alice = new Piper("alice", `chatp://127.0.0.1:${port}`);
    alice.say("/login bob\n/members\n").end();
    assertEquals((await alice.done)?.kind, "request_rejected");
    assertEquals(alice.out, ["* members of general: alice (guest)"]);
    assertEquals(alice.errors, [
      "chatp: line 1: Through a pipe nobody else can log in. Run chatp connect with the other name",
    ]);
  });
});

Deno.test("through a pipe passwords are the lines that follow, and are told to nobody", async () => {
  await withServer(async (port) => {
    const alice = new Piper("alice", `chatp://127.0.0.1:${port}`);
    alice.say("/register\na long enough secret\n/members\n/passwd\n");
    alice.say("not the password\nanother one for me\n").end();
    assertEquals((await alice.done)?.kind, "request_rejected");
    assertEquals(alice.out, [
      "* you have an account now: your name needs your password",
      "* members of general: alice",
    ]);
    assertEquals(alice.errors.length, 1);
    assertEquals(/secret|another/.test(alice.errors.join()), false);
  });
});

Deno.test("through a pipe a short new password is taken with a warning", async () => {
  await withServer(async (port) => {
    const url = `chatp://127.0.0.1:${port}`;
    const alice = new Piper("alice", url, { json: true });
    const warning = "a password of fewer than 8 characters is soon guessed";
    alice.say("/register\nseven77\n/passwd\nseven77\neight888\n").end();
    assertEquals(await alice.done, undefined);
    assertEquals(alice.errors, [`chatp: ${warning}`]);
    assertEquals(
      alice.out.filter((line) => line.includes("guessed")),
      [`{"type":"error","time":"1970-01-01T00:00:00.000Z","text":"${warning}"}`],
    );
  });
});

Deno.test("with --room, nothing is written of the rooms that one did not ask for", async () => {
  await withServer(async (port) => {
    const url = `chatp://127.0.0.1:${port}`;
    const bob = new Piper("bob", url, { room: "ci" });
    bob.say("/rooms\n");
    await bob.hears("* rooms: ci, general");
    const alice = new Piper("alice", url);
    alice.say("to all\n/join ci\nto ci\n/msg bob psst\n").end();
    assertEquals(await alice.done, undefined);
    await bob.hears("* alice left ci");
    assertEquals(bob.out, [
      "* rooms: ci, general",
      "* alice joined ci",
      "[ci] alice: to ci",
      "[private] alice: psst",
      "* alice left ci",
    ]);
    bob.end();
    await bob.done;
  });
});

Deno.test("what the wire can't carry is refused with the command that was typed", async () => {
  await withServer(async (port) => {
    const alice = new Piper("alice", `json://127.0.0.1:${port}`);
    alice.say("/away\n/away lunch\n/back\n").end();
    assertEquals((await alice.done)?.kind, "request_rejected");
    assertEquals(
      alice.errors,
      ["/away", "/away lunch", "/back"].map((typed, index) =>
        `chatp: line ${index + 1}: Not sent: The wire to this server can't ` +
        `carry that (${typed}). Connect with chatps:// to a server that ` +
        "speaks ChatProto 2"
      ),
    );
  });
});

Deno.test("through a pipe, topics and who is away are lines and JSON", async () => {
  await withServer(async (port) => {
    const url = `chatp://127.0.0.1:${port}`;
    const bob = new Piper("bob", url);
    bob.say("/topic\n/topic cake at four\n/topic\n/away lunch\n");
    await bob.hears("* you are away: lunch");
    const alice = new Piper("alice", url, { json: true });
    const time = '"time":"1970-01-01T00:00:00.000Z"';
    alice.say("/members\n/topic -delete\n/msg bob psst\n/msg bob hey\n");
    alice.say("/topic\n/away tea\n/away\n").end();
    assertEquals(await alice.done, undefined);
    const about = alice.out.filter((line) => /topic|away/u.test(line));
    assertEquals(about.slice(0, 1).concat(about.slice(2)), [
      `{"type":"topic",${time},"room":"general","topic":"cake at four"}`,
      `{"type":"set_topic",${time},"line":2,"room":"general","topic":""}`,
      `{"type":"away",${time},"user":"bob","text":"lunch"}`,
      `{"type":"topic",${time},"line":5,"room":"general","topic":""}`,
      `{"type":"set_away",${time},"line":6,"text":"tea"}`,
      `{"type":"set_away",${time},"line":7}`,
    ]);
    const { members } = JSON.parse(about[1] ?? "");
    assertEquals(
      members.map((each: { name: string; away?: string }) => each.away),
      [undefined, "lunch"],
    );
    await bob.hears("* alice left general");
    bob.say("/back\n").end();
    assertEquals(await bob.done, undefined);
    assertEquals(bob.out, [
      "* general has no topic",
      "* you set the topic of general: cake at four",
      "* topic of general: cake at four",
      "* you are away: lunch",
      "* alice joined general",
      "* alice took the topic of general away",
      "[private] alice: psst",
      "[private] alice: hey",
      "* alice is away: tea",
      "* alice is back",
      "* alice left general",
      "* you are not away",
    ]);
  });
});

Deno.test("with --room, topics of other rooms are not written", async () => {
  await withServer(async (port) => {
    const url = `chatp://127.0.0.1:${port}`;
    const bob = new Piper("bob", url);
    bob.say("/topic cake\n/join ci\n/topic builds\n");
    await bob.hears("* you set the topic of ci: builds");
    const alice = new Piper("alice", url, { room: "ci" });
    alice.say("/rooms\n");
    await alice.hears("* rooms: ci, general");
    bob.say("/join general\n/topic pie\n/join ci\n/topic tests\n").end();
    await bob.done;
    await alice.hears("* bob left ci");
    alice.end();
    await alice.done;
    assertEquals(alice.out, [
      "* topic of ci: builds",
      "* rooms: ci, general",
      "* bob set the topic of ci: tests",
      "* bob left ci",
    ]);
  });
});

Deno.test("a command whose passwords do not come is not done, and is told with its line", async () => {
  await withServer(async (port) => {
    const url = `chatp://127.0.0.1:${port}`;
    const alice = new Piper("alice", url);
    alice.say("one\n/register\n").end();
    const error = await alice.done;
    assertEquals(
      [error?.kind, error?.message],
      ["request_rejected", "1 of 2 lines went undone"],
    );
    assertEquals(alice.errors, [
      "chatp: line 2: The input ended before the passwords were there. " +
      "Nothing was changed; each password is a line behind the command",
    ]);
    const bob = new Piper("bob", url, { json: true });
    bob.say("\n/passwd\nthe old one").end();
    assertEquals((await bob.done)?.status, 22);
    assertEquals(
      bob.out.at(-1),
      '{"type":"error","time":"1970-01-01T00:00:00.000Z","line":2,' +
        '"text":"The input ended before the passwords were there",' +
        '"hint":"Nothing was changed; each password is a line behind the command"}',
    );
  });
});

Deno.test("the answer to a command with passwords bears the command's line, and no password is said", async () => {
  await withServer(async (port) => {
    const url = `chatp://127.0.0.1:${port}`;
    const alice = new Piper("alice", url, { json: true });
    alice.say("/passwd\nthe old one\nthe new one\n\n/register\nlong enough\n");
    // An empty password is none, and the one behind it is a password still.
    alice.say("/passwd\n\nthe new one\n/users\n").end();
    assertEquals((await alice.done)?.message, "2 of 4 lines went undone");
    const events = alice.out.map((line) => JSON.parse(line));
    assertEquals(
      events.filter(({ line }) => line).map(({ line, type }) => [type, line])
        .toSorted(),
      [["error", 1], ["error", 7], ["list_users", 10], ["register", 5]],
    );
    assertEquals(alice.errors.toSorted(), [
      "chatp: line 1: Not allowed: a guest has no password (/passwd)",
      "chatp: line 7: Nothing was typed. Type /passwd to begin again",
    ]);
  });
});

Deno.test("a line that is not UTF-8 is refused, and the lines around it are said", async () => {
  await withServer(async (port) => {
    const url = `chatp://127.0.0.1:${port}`;
    const alice = new Piper("alice", url, { json: true });
    alice.say("\ufeffgr\u00fcn \ufffd\n");
    // Cut within a character, and beside one.
    alice.put([0x61, 0xc3]).put([0xbc, 0x0a, 0x61, 0xff, 0xfe]).put([0x62]);
    alice.say("\r\n/history\n").end();
    assertEquals((await alice.done)?.message, "1 of 4 lines went undone");
    const events = alice.out.map((line) => JSON.parse(line));
    const { text, hint } = events.find(({ line }) => line === 3);
    assertEquals(
      [text, hint],
      [
        "The line has bytes that are not UTF-8",
        "Convert the input, as with iconv -f ISO-8859-1 -t UTF-8",
      ],
    );
    const { messages } = events.find(({ line }) => line === 4);
    assertEquals(
      messages.map((each: { text: string }) => each.text),
      ["gr\u00fcn \ufffd", "a\u00fc"],
    );
  });
});
