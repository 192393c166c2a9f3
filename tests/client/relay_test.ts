/** A client of the relay against a real one: its whole output, by hand. */

import { assertEquals } from "@std/assert";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { type RelayOptions, runRelay } from "../../lib/client/mod.ts";
import { parseRelay, type UserError } from "../../lib/net/mod.ts";
import { RelayServer, SILENT } from "../../lib/server/mod.ts";
import { freePort, serveTcp } from "../net/sockets.ts";
import { PLAIN_KEY } from "../wire/relay_key.ts";
import { FakeClock } from "./fakes.ts";

/** Somebody at a client of the relay. */
class Person {
  readonly result: Promise<UserError | undefined>;
  readonly clock = new FakeClock();
  readonly complaints: string[] = [];
  #shown = "";
  #waiting: (() => void)[] = [];
  readonly #input = new TransformStream<Uint8Array, Uint8Array>();
  readonly #keys = this.#input.writable.getWriter();

  constructor(port: number, options: Partial<RelayOptions> = {}) {
    this.result = runRelay({
      address: parseRelay(`relay://127.0.0.1:${port}`),
      dial: { timeout: 20_000 },
      own: PLAIN_KEY,
      peer: PLAIN_KEY,
      input: this.#input.readable,
      write: (bytes) => {
        this.#shown += new TextDecoder().decode(bytes);
        for (const wake of this.#waiting.splice(0)) wake();
        return Promise.resolve();
      },
      complain: (line) => this.complaints.push(line),
      clock: this.clock,
      linger: 0,
      ...options,
    });
  }

  type(text: string): void {
    this.put(new TextEncoder().encode(text));
  }

  put(bytes: Uint8Array): void {
    // When the conversation is over nobody reads it.
    this.#keys.write(bytes).catch(() => {});
  }

  end(): void {
    this.#keys.close().catch(() => {});
  }

  /** Waits until a line is shown. */
  async sees(line: string): Promise<void> {
    while (!this.shown.includes(line)) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  get shown(): string[] {
    return this.#shown.split("\n").slice(0, -1);
  }
}

/** Bytes of memory that something still refers to. */
function bytesInUse(): number {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
  const { heapUsed, external } = Deno.memoryUsage();
  return heapUsed + external;
}

/** Starts a relay, and one person or two at it. */
async function withRelay(
  run: (relay: RelayServer, port: number) => Promise<void>,
): Promise<void> {
  const relay = await RelayServer.start({
    host: "127.0.0.1",
    port: 0,
    logger: SILENT,
  });
  try {
    await run(relay, relay.address.port);
  } finally {
    await relay.close();
  }
}

async function couple(port: number): Promise<[Person, Person]> {
  const alice = new Person(port);
  await alice.sees("connected to server at 127.0.0.1");
  const bob = new Person(port);
  for (const each of [alice, bob]) await each.sees("server ready");
  return [alice, bob];
}

Deno.test("two people see what the seed's see, and exit ends both", () =>
  withRelay(async (_relay, port) => {
    const [alice, bob] = await couple(port);
    alice.type("hello there\n");
    await bob.sees("hello there");
    bob.type("hey\n");
    await alice.sees("hey");
    bob.type("exit\nnot sent\n");
    assertEquals([await alice.result, await bob.result], [
      undefined,
      undefined,
    ]);
    assertEquals(alice.shown, [
      "connected to server at 127.0.0.1",
      "server ready",
      "sent 16 / 16 bytes",
      "received 16 bytes",
      "ciphertext:",
      "----------------",
      "03686579000000000000000000000000",
      "----------------",
      "plaintext:",
      "----------------",
      "hey",
      "----------------",
      "received 16 bytes",
      "closing connection due to exit instruction",
    ]);
    assertEquals(bob.shown, [
      "connected to server at 127.0.0.1",
      "server ready",
      "received 16 bytes",
      "ciphertext:",
      "----------------",
      "0b68656c6c6f20746865726500000000",
      "----------------",
      "plaintext:",
      "----------------",
      "hello there",
      "----------------",
      "sent 16 / 16 bytes",
      "sent 16 / 16 bytes",
      "closing connection due to exit instruction",
    ]);
  }));

Deno.test("a longer text goes in several blocks, empty lines not at all, and exit only as a whole text", () =>
  withRelay(async (_relay, port) => {
    const [alice, bob] = await couple(port);
    alice.type("\r\n\nfifteen bytes..exit\nEXIT\n");
    await bob.sees("EXIT");
    assertEquals(alice.shown.slice(2), [
      "sent 32 / 32 bytes",
      "sent 16 / 16 bytes",
    ]);
    assertEquals(bob.shown.filter((_, index) => (index - 2) % 9 === 7), [
      "fifteen bytes.",
      ".exit",
      "EXIT",
    ]);
    alice.type("exit\n");
    await Promise.all([alice.result, bob.result]);
  }));

Deno.test("a line that is no UTF-8 is told and not sent, the others are", () =>
  withRelay(async (_relay, port) => {
    const [alice, bob] = await couple(port);
    alice.type("\ufeffhi\n\n");
    // "\xfc" of Latin-1, then the first half of a character of UTF-8.
    alice.put(new Uint8Array([0x66, 0xfc, 0x72, 0x0a, 0xc3]));
    alice.put(new Uint8Array([0xbc, 0x0a]));
    await bob.sees("\u00fc");
    alice.end();
    const [error] = await Promise.all([alice.result, bob.result]);
    assertEquals([error?.kind, error?.message, error?.advice], [
      "request_rejected",
      "1 of 3 lines were not sent",
      "See the errors above",
    ]);
    assertEquals(alice.complaints, [
      "chatp: line 3: The line has bytes that are not UTF-8. " +
      "Convert the input, as with iconv -f ISO-8859-1 -t UTF-8",
    ]);
    assertEquals(bob.shown.filter((_, index) => (index - 2) % 9 === 7), [
      "hi",
      "\u00fc",
    ]);
  }));

Deno.test("control characters from the other never reach the output", () =>
  withRelay(async (_relay, port) => {
    const [alice, bob] = await couple(port);
    alice.type("\x1b[2J\r\u202e\x07!\n");
    await bob.sees("\\x1b[2J\\r\\u202e\\x07!");
    alice.end();
    await Promise.all([alice.result, bob.result]);
  }));

Deno.test("a block that was not made for this key is told, and the next one read", () =>
  withRelay(async (_relay, port) => {
    const alice = new Person(port, {
      peer: {
        ...PLAIN_KEY,
        encrypt: (text) =>
          text[0] === 0x3f
            ? new Uint8Array(16).fill(255)
            : PLAIN_KEY.encrypt(text),
      },
    });
    await alice.sees("connected to server at 127.0.0.1");
    const bob = new Person(port);
    await alice.sees("server ready");
    alice.type("?\nhi\nexit\n");
    assertEquals(await bob.result, undefined);
    assertEquals(bob.shown.slice(2, 17), [
      "received 16 bytes",
      "ciphertext:",
      "----------------",
      "ffffffffffffffffffffffffffffffff",
      "----------------",
      "no plaintext: the block was not made for this key",
      "received 16 bytes",
      "ciphertext:",
      "----------------",
      "02686900000000000000000000000000",
      "----------------",
      "plaintext:",
      "----------------",
      "hi",
      "----------------",
    ]);
    await alice.result;
  }));

Deno.test("a server that closes ends both without a failure", () =>
  withRelay(async (relay, port) => {
    const both = await couple(port);
    const closed = relay.close();
    for (const each of both) {
      assertEquals(await each.result, undefined);
      assertEquals(each.shown.slice(2), [
        "closing connection as the server closed it",
      ]);
    }
    await closed;
  }));

Deno.test("who waits alone when the server closes is told that nobody came", () =>
  withRelay(async (relay, port) => {
    const alice = new Person(port);
    await alice.sees("connected to server at 127.0.0.1");
    const closed = relay.close();
    const error = await alice.result;
    await closed;
    assertEquals([error?.kind, error?.message], [
      "connection_lost",
      `The connection to relay://127.0.0.1:${port} was closed before the other client came`,
    ]);
  }));

Deno.test("a third person is told that the server is full", () =>
  withRelay(async (_relay, port) => {
    const [alice, bob] = await couple(port);
    const carol = new Person(port);
    const error = await carol.result;
    assertEquals([error?.kind, error?.message], [
      "unavailable",
      `relay://127.0.0.1:${port} serves two clients already`,
    ]);
    assertEquals(carol.shown, [
      "connected to server at 127.0.0.1",
      "server full",
    ]);
    alice.type("exit\n");
    await Promise.all([alice.result, bob.result]);
  }));

Deno.test("at the end of the input all is sent, and listened for as long as was asked", () =>
  withRelay(async (_relay, port) => {
    const alice = new Person(port, { linger: 5_000 });
    await alice.sees("connected to server at 127.0.0.1");
    const bob = new Person(port);
    await bob.sees("server ready");
    alice.type("hi");
    alice.end();
    await bob.sees("hi");
    bob.type("still there?\n");
    await alice.sees("still there?");
    while (alice.clock.timers === 0) {
      await new Promise((resolve) => setTimeout(resolve));
    }
    await alice.clock.pass(5_000);
    assertEquals([await alice.result, await bob.result], [
      undefined,
      undefined,
    ]);
    assertEquals(
      alice.shown.at(-1),
      "closing connection at the end of the input",
    );
    assertEquals(
      bob.shown.at(-1),
      "closing connection as the server closed it",
    );
  }));

/** What a server says before it closes, and what comes of it. */
const ODD: readonly (readonly [string, string, string])[] = [
  ["HTTP/1.1 400 Bad Request\r\n", "wrong_protocol", "is no relay: "],
  ["server re", "connection_lost", "was closed before the other client came"],
  ["server ready\n12345", "connection_lost", "within a block, after 5 of 16"],
];

for (const [said, kind, message] of ODD) {
  Deno.test(`a server that says ${JSON.stringify(said)} and closes is ${kind}`, async () => {
    await using server = await serveTcp((socket) => {
      socket.end(said);
      socket.resume();
    });
    const error = await new Person(server.port).result;
    assertEquals(error?.kind, kind);
    assertEquals(error?.message.includes(message), true, error?.message);
  });
}

Deno.test("where nothing listens is told as by any client", async () => {
  const port = await freePort();
  const error = await new Person(port).result;
  assertEquals([error?.kind, error?.message], [
    "refused",
    `127.0.0.1:${port} refused the connection`,
  ]);
});

Deno.test("who has nothing to say does not wait for the other without limit", () =>
  withRelay(async (_relay, port) => {
    const alice = new Person(port);
    await alice.sees("connected to server at 127.0.0.1");
    alice.end();
    assertEquals(await alice.result, undefined);
    assertEquals(alice.shown, [
      "connected to server at 127.0.0.1",
      "closing connection at the end of the input",
    ]);
  }));

Deno.test("a connection that breaks while a line is written ends it all", async () => {
  await using server = await serveTcp((socket) => {
    socket.write("server ready\n");
    socket.once("data", () => socket.resetAndDestroy());
  });
  const alice = new Person(server.port);
  await alice.sees("server ready");
  alice.type(`${"x".repeat(10_000_000)}\nnot sent\n`);
  const error = await alice.result;
  assertEquals(error?.kind, "connection_lost");
  assertEquals(alice.shown.slice(2), []);
});

Deno.test("nothing is kept of a line that was sent", async () => {
  await using server = await serveTcp((socket) => {
    socket.write("server ready\n");
    socket.resume();
  });
  let sent = "";
  let tell = () => {};
  const alice = new Person(server.port, {
    write: (bytes) => {
      sent += new TextDecoder().decode(bytes).replace(/^[^s].*\n/gm, "");
      tell();
      return Promise.resolve();
    },
  });
  const say = async (lines: number) => {
    sent = "";
    for (let line = 0; line < lines; line++) {
      alice.type(`${"x".repeat(15_000)}\n`);
    }
    while (sent.split("sent 16000 / 16000 bytes\n").length <= lines) {
      await new Promise<void>((resolve) => tell = resolve);
    }
    return bytesInUse();
  };
  const before = await say(10);
  const more = await say(1_000) - before;
  assertEquals(more < 4_000_000, true, `${more} bytes more`);
  alice.end();
  await alice.result;
});
