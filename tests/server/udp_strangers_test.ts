import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import { REQUEST_TYPES } from "../../lib/wire/mod.ts";
import { datagram } from "../wire/udpchat/server_scene.ts";
import { RawClient } from "./raw_client.ts";
import { closeAll, UdpClient, withUdp } from "./udp_client.ts";

/** The shortest that each type of request can be, as a client writes it. */
const SHORTEST: Readonly<Record<string, string>> = {
  USR_LOGIN: '{"type":"USR_LOGIN","username":"a","password":"b"}',
  USR_ADD: '{"type":"USR_ADD","username":"","password":"b"}',
  USR_LST: '{"type":"USR_LST"}',
  GRP_ADD: '{"type":"GRP_ADD","group":"x"}',
  GRP_SUB: '{"type":"GRP_SUB","group":"x"}',
  GRP_HST: '{"type":"GRP_HST"}',
  MSG_HST: '{"type":"MSG_HST"}',
  CHT: '{"type":"CHT","text":"x"}',
};

/** Everything a stranger may send: flags and body. */
const SAYINGS: readonly (readonly [flags: string, body: string])[] = [
  ...REQUEST_TYPES.map((type) => ["", SHORTEST[type] ?? ""] as const),
  ["S", ""],
  ["S", "{}"],
  ["S", '{"username":null}'],
  ["S", '{"username":"a"}'],
  ["S", '{"username":"a","token":"b"}'],
  ["F", ""],
  ["SF", ""],
  ["A", ""],
  ["A", '{"MessageID":1,"group":"x","username":"a"}'],
  ["ASF", "{}"],
  ["", ""],
  ["", "{"],
  ["", "[]"],
  ["", "\u0001"],
  ["", '{"type":"?"}'],
  ["", '{"type":"USR_LST","n":5}'],
];

/** The answers to a datagram have come when that to a second one has. */
async function exchange(
  client: UdpClient,
  bytes: Uint8Array,
): Promise<{ asked: number; answered: number }> {
  const FIN_ANSWER = 9;
  const before = client.receivedBytes;
  client.send(bytes);
  // Strangers have nothing to wait for but the answer to a FIN behind it.
  await client.fin();
  return {
    asked: bytes.length,
    answered: client.receivedBytes - before - FIN_ANSWER,
  };
}

for (const met of [false, true]) {
  const after = met ? "after a SYN" : "without a SYN";
  Deno.test(`a stranger is answered at most three times what it sent ${after}, repeats included`, () =>
    withUdp(async ({ udp }) => {
      let seqn = 100;
      for (const [flags, body] of SAYINGS) {
        const client = await UdpClient.open(udp);
        const bytes = datagram(seqn++, flags, body);
        for (let repeat = 0; repeat < 3; repeat++) {
          if (met) {
            // FINs have the SEQNs 0 and -1.
            client.send(datagram(7, "S", '{"username":null}'));
            await new Promise((resolve) =>
              client.socket.once("message", resolve)
            );
          }
          const { asked, answered } = await exchange(client, bytes);
          assertLessOrEqual(answered, 3 * asked, `${flags} ${body}`);
        }
        await client.close();
      }
    }));
}

Deno.test("nobody is sent more than three times as much before they have shown that they are there", () =>
  withUdp(async ({ udp, tcp }) => {
    const alice = await UdpClient.login(udp, "alice");
    await alice.fin();
    await alice.close();
    const bob = await RawClient.login(tcp, "bob");
    for (let n = 0; n < 50; n++) bob.say("x".repeat(1_000));
    for (let n = 0; n < 50; n++) await bob.event("room_msg_ack");
    const forged = await UdpClient.open(udp);
    forged.deaf = true;
    await forged.syn({ username: null });
    const named = { username: "alice", password: "secret" };
    await forged.ask({ type: "USR_LOGIN", ...named });
    const [sent, received] = [forged.sentBytes, forged.receivedBytes];
    assertLessOrEqual(received, 3 * sent);
    forged.deaf = false;
    // Whatever more comes from there has it probed again.
    await forged.syn({ username: null });
    // 50 messages of a thousand bytes.
    for (let n = 0; n < 50; n++) await forged.push("CHT");
    await forged.close();
    await bob.close();
  }, { limits: { requestBytes: 8_192 } }));

Deno.test("a flood of garbage and of requests from one address keeps nobody else from talking", () =>
  withUdp(async ({ udp, tcp }) => {
    const alice = await UdpClient.login(udp, "alice");
    const bob = await UdpClient.login(udp, "bob");
    const carol = await RawClient.login(tcp, "carol");
    const mallory = await UdpClient.login(udp, "mallory");
    let seqn = 1;
    let flooding = true;
    const flood = (async () => {
      while (flooding) {
        for (let n = 0; n < 100; n++) {
          const list = '{"type":"USR_LST"}';
          mallory.send(
            datagram(seqn++, "", n % 2 === 0 ? list : "{".repeat(99)),
          );
        }
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    })();
    const texts = Array.from({ length: 20 }, (_, n) => `message ${n}`);
    for (const [n, text] of texts.entries()) {
      const ack = await alice.say("alice", text, { ref: `${n}` });
      assertEquals(ack["status"], 200);
    }
    for (const text of texts) {
      assertEquals(await bob.heard(), `alice@General Chat Room: ${text}`);
      assertEquals((await carol.event("room_msg")).text, text);
    }
    flooding = false;
    await flood;
    await closeAll(alice, bob, mallory);
    await carol.close();
  }));

Deno.test("ACKs with much in them count by their bytes: nothing more of their address is read", () =>
  withUdp(async ({ udp }) => {
    const bomber = await UdpClient.open(udp);
    const other = await UdpClient.open(udp);
    await bomber.syn({ username: null });
    let answers = 0;
    bomber.socket.on("message", () => answers++);
    // Of eight datagrams that are looked at seven are left: it is 7 KiB long.
    const much = JSON.stringify({ x: Array(1_500).fill("[]") });
    bomber.send(datagram(1, "A", much));
    bomber.send(datagram(0, "S", '{"username":null}'));
    // When somebody else is answered twice, what came before was looked at.
    await other.syn({ username: null });
    await other.fin();
    assertEquals(answers, 0);
    // A short one costs nothing.
    other.send(datagram(1, "A", "{}"));
    await other.syn({ username: null });
    await closeAll(bomber, other);
  }, { limits: { requestsPerSecond: 0.001, requestBurst: 4 } }));

Deno.test("addresses without a login are bounded, and drive out nobody who has one", () =>
  withUdp(async ({ udp }) => {
    const alice = await UdpClient.login(udp, "alice");
    const early = await UdpClient.open(udp);
    await early.syn({ username: null });
    const others: UdpClient[] = [];
    for (let n = 0; n < 4; n++) {
      const other = await UdpClient.open(udp);
      await other.syn({ username: null });
      others.push(other);
    }
    // The server has forgotten its SYN.
    const forgotten = await early.ask({
      type: "USR_LOGIN",
      username: "alice",
      password: "a password that is long enough",
    });
    assertEquals(
      [forgotten["status"], forgotten["error"]],
      [401, "Not logged in or wrong password: say SYN first"],
    );
    assertEquals((await alice.say("alice", "still here"))["status"], 200);
    await closeAll(alice, early, ...others);
  }, { limits: { udpStrangers: 4 } }));

Deno.test("when as many as may are logged in over UDP, one more is told that the server is full", () =>
  withUdp(async ({ udp }) => {
    const alice = await UdpClient.login(udp, "alice");
    const bob = await UdpClient.open(udp);
    await bob.syn({ username: null });
    const named = { username: "alice", password: "secret" };
    const full = await bob.ask({ type: "USR_LOGIN", ...named });
    assertEquals([full["status"], full["code"]], [500, 503]);
    await alice.fin();
    const login = await bob.ask({ type: "USR_LOGIN", ...named });
    assertEquals(login["status"], 200);
    await closeAll(alice, bob);
  }, { limits: { udpAddresses: 1 } }));

Deno.test("guesses at a password over UDP are slowed down and bounded", () =>
  withUdp(async ({ udp }) => {
    await closeAll(await UdpClient.login(udp, "alice"));
    const guessers: UdpClient[] = [];
    for (let n = 0; n < 8; n++) {
      const guesser = await UdpClient.open(udp);
      await guesser.syn({ username: null });
      guessers.push(guesser);
    }
    const answers = await Promise.all(
      guessers.map((guesser) =>
        guesser.ask({
          type: "USR_LOGIN",
          username: "alice",
          password: "a guess that is wrong",
        })
      ),
    );
    const statuses = answers.map(({ status }) => status);
    assert(statuses.includes(429));
    assert(statuses.every((status) => status === 400 || status === 429));
    await closeAll(...guessers);
  }, { limits: { passwordChecks: 2 } }));
