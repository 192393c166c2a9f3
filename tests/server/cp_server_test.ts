/**
 * CP at a server: over real sockets, in the same chat as everybody.
 */
import { assert, assertEquals } from "@std/assert";
import { DEFAULT_LIMITS, MemoryStore } from "../../lib/chat/mod.ts";
import { ChatServer, Logger, SILENT } from "../../lib/server/mod.ts";
import { openStore, SECRETS } from "../../lib/store/mod.ts";
import { withFolder } from "../store/temporary_folder.ts";
import { ChatProto2Client } from "./chatproto2_client.ts";
import { RawCp } from "./cp_client.ts";
import { RawClient } from "./raw_client.ts";
import { StillClock } from "./still_clock.ts";
import {
  testSecureContext,
  type TestServerOptions,
  withServer,
} from "./test_server.ts";

const PASSWORD = "a long secret";

/** Makes accounts as their owners do, over another wire. */
async function register(port: number, ...names: string[]): Promise<void> {
  for (const username of names) {
    const client = await ChatProto2Client.connect(port);
    client.ask({ type: "register", username, password: PASSWORD });
    await client.event("login_ack");
    client.ask({ type: "logout" });
    await client.closed();
  }
}

/** Runs `test` with a server that has the accounts alice, bob and others. */
function withAccounts(
  test: (port: number) => Promise<void>,
  { others = [], ...options }:
    & TestServerOptions
    & { readonly others?: readonly string[] } = {},
): Promise<void> {
  return withServer(async (port) => {
    await register(port, "alice", "bob", ...others);
    await test(port);
  }, options);
}

/** A write of the original's client, and what its read then gets. */
type Exchange = readonly [write: string, read: string];

async function play(client: RawCp, script: readonly Exchange[]): Promise<void> {
  for (const [pdu, reply] of script) {
    assertEquals(await client.ask(pdu), reply, pdu);
  }
}

Deno.test("the original's client is served: no CRLF, one PDU a write, one reply a read", () =>
  withAccounts(async (port) => {
    const alice = await RawCp.connect(port);
    await play(alice, [
      ["USERalice", "220 received username successfully\r\n"],
      ["PASSa long secret", "230 user authenticated successfully\r\n"],
      ["SMSGbob:are you there?", "240 message successfully sent\r\n"],
      ["SMSGbob:still?", "240 message successfully sent\r\n"],
      [
        "SMSGbob:at 10:30",
        "546 too many : characters found in PDU from client\r\n",
      ],
      ["RMSG", "256 no new messages\r\n"],
      ["SMSGnobody:hi", "545 receiver user does not exist\r\n"],
    ]);
    alice.write("TERM");
    assertEquals(await alice.read(), "");
    const bob = await RawCp.connect(port);
    await play(bob, [
      ["USERbob", "220 received username successfully\r\n"],
      ["PASSwrong", "565 error authenticating user\r\n"],
      ["USERbob", "220 received username successfully\r\n"],
      ["PASSa long secret", "230 user authenticated successfully\r\n"],
      ["RMSG", "RMSGalice:are you there?\r\n"],
      ["250 received message", "RMSGalice:still?\r\n"],
      ["250 received message", "255 end of messages\r\n"],
      ["RMSG", "256 no new messages\r\n"],
    ]);
    await bob.close();
  }));

Deno.test("a message sent over CP comes live on every other wire, and the other way round it waits", () =>
  withAccounts(async (port) => {
    const cp = await RawCp.login(port, "bob", PASSWORD);
    const password = PASSWORD;
    for (const wire of ["chatp1", "json2"] as const) {
      const alice = await RawClient.login(port, "alice", wire, { password });
      assertEquals(
        await cp.ask(`SMSGalice:over ${wire}\r\n`),
        "240 message successfully sent\r\n",
      );
      const said = await alice.event("private_msg_delivery");
      assertEquals(
        [said.sender, said.recipient, said.text],
        ["bob", "alice", `over ${wire}`],
      );
      const text = `from ${wire}`;
      alice.ask({ type: "private_msg", recipient: "bob", text });
      await alice.event("private_msg_delivery");
      assertEquals(await cp.fetch(), [`alice:${text}`]);
      await alice.close();
    }
    const alice = await ChatProto2Client.login(port, "alice", { password });
    await cp.ask("SMSGalice:over chatp2\r\n");
    assertEquals(
      (await alice.event("private_msg_delivery")).text,
      "over chatp2",
    );
    await alice.close();
    await cp.close();
  }));

Deno.test("what other wires can say and CP can't comes as close as it can", () =>
  withAccounts(async (port) => {
    const password = PASSWORD;
    const alice = await ChatProto2Client.login(port, "wolfgang-amadeus", {
      password,
    });
    const tell = async (text: string | Uint8Array) => {
      alice.ask({ type: "private_msg", recipient: "bob", text });
      await alice.event("private_msg_delivery");
    };
    const long = "0123456789".repeat(150);
    await tell("two\nlines: Grüße");
    await tell(new Uint8Array(40));
    await tell(long);
    const bob = await RawCp.login(port, "bob", PASSWORD);
    assertEquals(await bob.fetch(), [
      "wolfgang-a:two lines: Grüße",
      "wolfgang-a:[end-to-end encrypted, this client can't read it]",
      // 1,024 bytes with the command, the name, the colon and CRLF.
      `wolfgang-a:${long.slice(0, 1007)}`,
      `wolfgang-a:${long.slice(1007)}`,
    ]);
    assertEquals(
      await bob.ask("SMSGwolfgang-amadeus:hi\r\n"),
      "545 receiver user does not exist\r\n",
    );
    await bob.close();
    await alice.close();
  }, { others: ["wolfgang-amadeus"] }));

Deno.test("a guest can't come in over CP, nor what is nobody's name, and all is refused alike", () =>
  withAccounts(async (port) => {
    const guest = await RawClient.login(port, "carol");
    const client = await RawCp.connect(port);
    for (const name of ["carol", "nobody", "alice", "*"]) {
      await play(client, [
        [`USER${name}\r\n`, "220 received username successfully\r\n"],
        ["PASSx\r\n", "565 error authenticating user\r\n"],
      ]);
    }
    // A guest can be written to, while it is there.
    await play(client, [
      ["USERalice\r\n", "220 received username successfully\r\n"],
      [`PASS${PASSWORD}\r\n`, "230 user authenticated successfully\r\n"],
      ["SMSGcarol:hi\r\n", "240 message successfully sent\r\n"],
    ]);
    assertEquals((await guest.event("private_msg_delivery")).text, "hi");
    await client.close();
    await guest.close();
  }));

Deno.test("a connection lost between a message and its 250 loses nothing", () =>
  withAccounts(async (port) => {
    const alice = await RawCp.login(port, "alice", PASSWORD);
    await alice.ask("SMSGbob:one\r\n");
    await alice.ask("SMSGbob:two\r\n");
    const bob = await RawCp.login(port, "bob", PASSWORD);
    assertEquals(await bob.ask("RMSG\r\n"), "RMSGalice:one\r\n");
    await bob.close();
    const again = await RawCp.login(port, "bob", PASSWORD);
    assertEquals(await again.ask("RMSG\r\n"), "RMSGalice:one\r\n");
    assertEquals(await again.ask("250 ok\r\n"), "RMSGalice:two\r\n");
    await again.close();
    const last = await RawCp.login(port, "bob", PASSWORD);
    assertEquals(await last.fetch(), ["alice:two"]);
    await last.close();
    await alice.close();
  }));

Deno.test("what another client of the account received meanwhile does not come again, nor the other way round", () =>
  withAccounts(async (port) => {
    const password = PASSWORD;
    const alice = await RawCp.login(port, "alice", PASSWORD);
    for (const text of ["one", "two", "three"]) {
      await alice.ask(`SMSGbob:${text}\r\n`);
    }
    const bob = await RawCp.login(port, "bob", PASSWORD);
    assertEquals(await bob.ask("RMSG\r\n"), "RMSGalice:one\r\n");
    const elsewhere = await ChatProto2Client.login(port, "bob", { password });
    const seen = [];
    for (let count = 0; count < 3; count++) {
      const { text, place } = await elsewhere.event("private_msg_delivery");
      seen.push(text);
      const { room = 0, sequence = 0 } = place ?? {};
      elsewhere.ask({ type: "receipt", room, received: sequence });
    }
    assertEquals(seen, ["one", "two", "three"]);
    // Its answer says that the receipts were taken.
    elsewhere.ask({ type: "list_rooms" });
    await elsewhere.event("list_rooms");
    assertEquals(await bob.ask("250 ok\r\n"), "255 end of messages\r\n");
    await elsewhere.close();
    await alice.ask("SMSGbob:four\r\n");
    assertEquals(await bob.fetch(), ["alice:four"]);
    const later = await ChatProto2Client.login(port, "bob", { password });
    const { rooms } = await later.event("rooms");
    const direct = rooms.find(({ kind }) => kind === "direct");
    assertEquals([direct?.last, direct?.received], [4, 4]);
    await later.close();
    await alice.close();
    await bob.close();
  }));

Deno.test("what one writes to oneself waits as well", () =>
  withAccounts(async (port) => {
    const alice = await RawCp.login(port, "alice", PASSWORD);
    await alice.ask("SMSGalice:note\r\n");
    assertEquals(await alice.fetch(), ["alice:note"]);
    assertEquals(await alice.fetch(), []);
    await alice.close();
  }));

Deno.test("what was received is gone after a restart, and what was not is there", () =>
  withFolder(async (folder) => {
    const log = () => openStore({ folder });
    await withServer(async (port) => {
      await register(port, "alice", "bob");
      const alice = await RawCp.login(port, "alice", PASSWORD);
      await alice.ask("SMSGbob:one\r\n");
      await alice.ask("SMSGbob:two\r\n");
      const bob = await RawCp.login(port, "bob", PASSWORD);
      assertEquals(await bob.ask("RMSG\r\n"), "RMSGalice:one\r\n");
      assertEquals(await bob.ask("250 ok\r\n"), "RMSGalice:two\r\n");
      await alice.close();
      await bob.close();
    }, { log: await log() });
    await withServer(async (port) => {
      const bob = await RawCp.login(port, "bob", PASSWORD);
      assertEquals(await bob.fetch(), ["alice:two"]);
      await bob.close();
    }, { log: await log() });
  }));

Deno.test("CP is served in TLS, on the shared port", () =>
  withAccounts(async (port) => {
    const alice = await RawCp.login(port, "alice", PASSWORD, { secure: true });
    assertEquals(
      await alice.ask("SMSGbob:hi\r\n"),
      "240 message successfully sent\r\n",
    );
    const plain = await RawCp.connect(port, { secure: true });
    await play(plain, [
      ["USERbob", "220 received username successfully\r\n"],
      [`PASS${PASSWORD}`, "230 user authenticated successfully\r\n"],
      ["RMSG", "RMSGalice:hi\r\n"],
      ["250", "255 end of messages\r\n"],
    ]);
    await alice.close();
    await plain.close();
  }));

/** A server with one port, which is for one wire alone. */
async function withPort(
  only: { scheme: "cp" | "cps" | "json"; wire: "cp" | "json"; tls: boolean },
  test: (port: number) => Promise<void>,
): Promise<void> {
  const server = await ChatServer.start({
    listen: [{ host: "127.0.0.1", port: 0, only }],
    openStore: () => Promise.resolve(new MemoryStore()),
    secrets: SECRETS,
    limits: DEFAULT_LIMITS,
    plaintext: false,
    secureContext: testSecureContext,
    logger: SILENT,
  });
  try {
    await test(server.addresses[0]?.port ?? 0);
  } finally {
    await server.close();
  }
}

Deno.test("a port for CP alone takes every byte for CP, a port for another wire none", async () => {
  await withPort({ scheme: "cp", wire: "cp", tls: false }, async (port) => {
    const client = await RawCp.connect(port);
    await play(client, [
      ["HELO", "500 bad command\r\n"],
      ["USERalice", "220 received username successfully\r\n"],
    ]);
    await client.close();
    // Of HTTP, or of ChatProto, and nothing follows.
    for (const begun of ["HE", "g", "C"]) {
      const slow = await RawCp.connect(port);
      await play(slow, [[begun, "500 bad command\r\n"]]);
      await slow.close();
    }
    const secure = await RawCp.connect(port, { secure: true });
    await play(secure, [
      [
        "USERalice",
        "500 Not allowed: this port serves cp:// alone\r\n",
      ],
    ]);
    assertEquals(await secure.read(), "");
  });
  const other = { scheme: "json", wire: "json", tls: false } as const;
  await withPort(other, async (port) => {
    const client = await RawCp.connect(port);
    await play(client, [
      ["USERalice", "500 Not allowed: this port serves json:// alone\r\n"],
    ]);
    assertEquals(await client.read(), "");
  });
});

Deno.test("a port for CP in TLS alone waits for TLS that comes byte by byte", () =>
  withPort({ scheme: "cps", wire: "cp", tls: true }, async (port) => {
    const slow = await RawCp.connect(port);
    slow.write("\x16");
    // The next one is answered after that one was silent for as long.
    const other = await RawCp.connect(port, { secure: true });
    await play(other, [["US", "500 bad command\r\n"]]);
    await other.close();
    // Of a handshake that fails no word of CP comes.
    slow.write("\x03\x01\0\x05hello");
    assertEquals(await slow.read(), "");
    await slow.close();
  }));

Deno.test("the beginning of a command is a bad one when nothing follows, also on the shared port and in TLS", () =>
  withServer(async (port) => {
    for (const secure of [false, true]) {
      const client = await RawCp.connect(port, { secure });
      await play(client, [
        ["US", "500 bad command\r\n"],
        ["USERalice", "220 received username successfully\r\n"],
      ]);
      await client.close();
    }
  }));

Deno.test("PDUs that come in one write are done one after the other, also when nothing follows", () =>
  withAccounts(async (port) => {
    const client = await RawCp.connect(port);
    client.socket.end(
      `USERalice\r\nPASS${PASSWORD}\r\nSMSGbob:piped\r\nRMSG\r\n`,
    );
    let text = "";
    for (let read = " "; read !== ""; text += read) read = await client.read();
    assertEquals(
      text.replaceAll(/ [^\r]*\r\n/g, " "),
      "220 230 240 256 ",
    );
  }));

Deno.test("silence, halves of PDUs and missing 250s are told by the server's clock", () => {
  const clock = new StillClock();
  return withAccounts(async (port) => {
    const alice = await RawCp.connect(port);
    alice.write("USERalice");
    await clock.passes(40);
    assertEquals(
      await alice.read(),
      "220 received username successfully\r\n",
    );
    await play(alice, [
      [`PASS${PASSWORD}`, "230 user authenticated successfully\r\n"],
      ["SMSGbob:hi", "240 message successfully sent\r\n"],
    ]);
    const bob = await RawCp.login(port, "bob", PASSWORD);
    assertEquals(await bob.ask("RMSG\r\n"), "RMSGalice:hi\r\n");
    await clock.passes(10_000);
    assertEquals(await bob.read(), "550 error downloading message\r\n");
    bob.write("201 ok\r\nSMSGalice:ha");
    await clock.passes(10_000);
    assertEquals(await bob.read(), "540 error sending message\r\n");
    bob.write("lf\r\n201 ok\r\n");
    assertEquals(await bob.fetch(), ["alice:hi"]);
    await alice.close();
    await bob.close();
  }, { clock, limits: { loginTimeout: 1_000_000 } });
});

Deno.test("who does not log in is told so before the close", () =>
  withServer(async (port) => {
    const client = await RawCp.connect(port);
    await play(client, [
      ["USERalice\r\n", "220 received username successfully\r\n"],
    ]);
    assertEquals(
      await client.read(),
      "500 Not logged in or wrong password: no login within 1 s\r\n",
    );
    assertEquals(await client.read(), "");
  }, { limits: { loginTimeout: 1_000 } }));

Deno.test("a server that goes down says so", async () => {
  const client = Promise.withResolvers<RawCp>();
  await withAccounts(async (port) => {
    client.resolve(await RawCp.login(port, "alice", PASSWORD));
  });
  const alice = await client.promise;
  assertEquals(
    await alice.read(),
    "500 Unavailable: the server is going down\r\n",
  );
  assertEquals(await alice.read(), "");
});

Deno.test("who sends too fast waits, and nothing is lost or refused", () =>
  withAccounts(async (port) => {
    const alice = await RawCp.login(port, "alice", PASSWORD);
    const bob = await RawCp.login(port, "bob", PASSWORD);
    const texts = Array.from({ length: 5 }, (_, index) => `text ${index}`);
    for (const text of texts) {
      assertEquals(
        await alice.ask(`SMSGbob:${text}\r\n`),
        "240 message successfully sent\r\n",
      );
    }
    assertEquals(await bob.fetch(), texts.map((text) => `alice:${text}`));
    await alice.close();
    await bob.close();
  }, { limits: { requestsPerSecond: 20, requestBurst: 4 } }));

Deno.test("a flood of bad commands ends its own connection, and hurts nobody else", () =>
  withAccounts(async (port) => {
    const alice = await RawCp.login(port, "alice", PASSWORD);
    const flooding = await RawCp.connect(port);
    const flood = "bad\r\n".repeat(20_000);
    // The first opens the connection as one of CP.
    flooding.write(`USERx\r\n${flood}`);
    let read = "";
    let last = "";
    for (;;) {
      read = await flooding.read();
      if (read === "") break;
      last = read;
      flooding.write(flood);
    }
    assert(
      last.endsWith("500 Too fast: too many commands that are none\r\n"),
      last.slice(-200),
    );
    assertEquals(
      await alice.ask("SMSGbob:hi\r\n"),
      "240 message successfully sent\r\n",
    );
    await alice.close();
  }));

Deno.test("no password and no message stands in the log", async () => {
  const lines: string[] = [];
  const logger = new Logger({
    format: "text",
    level: "debug",
    write: (line) => lines.push(line.replaceAll(/:\d{4,5} /g, ":PORT ")),
    now: () => new Date(0),
  });
  await withAccounts(async (port) => {
    lines.length = 0;
    const alice = await RawCp.connect(port);
    await alice.ask("USERalice\r\n");
    await alice.ask("PASSnot the one\r\n");
    await alice.ask("USERalice\r\n");
    await alice.ask(`PASS${PASSWORD}\r\n`);
    await alice.ask("SMSGbob:psst\r\n");
    alice.write("TERM\r\n");
    assertEquals(await alice.read(), "");
    const bob = await RawCp.login(port, "bob", PASSWORD);
    await bob.fetch();
    await bob.close();
  }, { logger });
  assertEquals(lines.filter((line) => line.includes("(cp)")).slice(0, 4), [
    "[DEBUG] 127.0.0.1:PORT (cp) connected",
    "[INFO] Login refused (401), 127.0.0.1:PORT (cp)",
    "[INFO] alice logged in, 127.0.0.1:PORT (cp)",
    "[INFO] alice left, 127.0.0.1:PORT (cp)",
  ]);
  const log = lines.join("\n");
  assertEquals(/secret|not the one|psst/.exec(log), null);
});
