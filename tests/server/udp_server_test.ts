import { assert, assertEquals, assertMatch } from "@std/assert";
import { ChatProto2Client } from "./chatproto2_client.ts";
import { RawClient } from "./raw_client.ts";
import { type Body, closeAll, UdpClient, withUdp } from "./udp_client.ts";

const LOBBY = "General Chat Room";

Deno.test("over UDP an account is made once, and logged into with its password alone", () =>
  withUdp(async ({ udp, log }) => {
    const alice = await UdpClient.open(udp);
    const named = { username: "alice", password: "secret" };
    const login = (password: string) =>
      alice.ask({ type: "USR_LOGIN", username: "alice", password });
    assertEquals(await alice.syn({ username: null }), {});
    const unknown = await login("secret");
    assertEquals([unknown["status"], unknown["response"]], [
      400,
      { no_account: true },
    ]);
    const made = await alice.ask({ type: "USR_ADD", ...named });
    assertEquals(made["status"], 200);
    const { created_user, token } = made["response"] as Body;
    assertEquals([created_user, typeof token], [true, "string"]);
    assertEquals(
      await alice.ask({ type: "USR_ADD", ...named }),
      { status: 200, error: null, response: { created_user: false } },
    );
    const wrong = await login("wrong");
    assertEquals([wrong["status"], wrong["code"]], [400, 401]);
    const right = await login("secret");
    assertEquals((right["response"] as Body)["username"], "alice");
    assertEquals(
      (await alice.ask({ type: "USR_LST" }))["response"],
      ["alice"],
    );
    assertEquals(log.filter((line) => /secret|wrong/.test(line)), []);
    assertMatch(
      log.join("\n"),
      /alice logged in, 127\.0\.0\.1:\d+ \(udpchat\)/,
    );
    await alice.close();
  }));

Deno.test("without accounts for everybody nobody makes one over UDP", () =>
  withUdp(async ({ udp }) => {
    const alice = await UdpClient.open(udp);
    await alice.syn({ username: null });
    const body = await alice.ask({
      type: "USR_ADD",
      username: "alice",
      password: "secret",
    });
    assertEquals([body["status"], body["code"]], [403, 403]);
    await alice.close();
  }, { accountsOnly: true }));

Deno.test("people on UDP, ChatProto 2 and JSON are in the same chat", () =>
  withUdp(async ({ udp, tcp }) => {
    const bob = await ChatProto2Client.login(tcp, "bob");
    const carol = await RawClient.login(tcp, "carol", "json2");
    const alice = await UdpClient.login(udp, "alice");
    await alice.probed();
    const time_sent = "2026-11-21T02:30:00.123456";
    const ack = await alice.say("alice", "hé all", { time_sent });
    assertEquals(ack, { status: 200, error: null, response: null });
    const own = await alice.push("CHT");
    assertEquals(
      [own["username"], own["text"], own["time_sent"], own["sequence"]],
      ["alice", "hé all", time_sent, 1],
    );
    assertEquals((await bob.event("room_msg")).text, "hé all");
    assertEquals((await carol.event("room_msg")).text, "hé all");
    bob.say("hi from bob", "general");
    assertEquals(await alice.heard(), `bob@${LOBBY}: hi from bob`);
    carol.say("hi from carol");
    assertEquals(await alice.heard(), `carol@${LOBBY}: hi from carol`);
    await closeAll(alice);
    await bob.close();
    await carol.close();
  }));

Deno.test("over UDP direct messages are of the group of the other one", () =>
  withUdp(async ({ udp, tcp }) => {
    const alice = await UdpClient.login(udp, "alice");
    const bob = await UdpClient.login(udp, "bob");
    const carol = await ChatProto2Client.login(tcp, "carol");
    await alice.say("alice", "psst", { group: "@bob" });
    assertEquals(await alice.heard(), "alice@@bob: psst");
    assertEquals(await bob.heard(), "alice@@alice: psst");
    await bob.say("bob", "yes?", { group: "@alice" });
    assertEquals(await alice.heard(), "bob@@bob: yes?");
    await alice.say("alice", "hello", { group: "@carol" });
    assertEquals((await carol.event("private_msg_delivery")).text, "hello");
    carol.ask({ type: "private_msg", recipient: "alice", text: "hi" });
    assertEquals(await alice.heard(), "alice@@carol: hello");
    assertEquals(await alice.heard(), "carol@@carol: hi");
    const groups = await alice.ask({ type: "GRP_HST", username: "alice" });
    assertEquals(
      (groups["response"] as Body[]).map(({ Name, Members }) => [
        Name,
        Members,
      ]),
      [
        [LOBBY, ["alice", "bob", "carol"]],
        ["@bob", ["alice", "bob"]],
        ["@carol", ["alice", "carol"]],
      ],
    );
    const history = await alice.ask({
      type: "MSG_HST",
      group: "@bob",
      username: "alice",
    });
    assertEquals(
      (history["response"] as Body[]).map(({ Username, Text }) =>
        `${Username}: ${Text}`
      ),
      ["alice: psst", "bob: yes?"],
    );
    await closeAll(alice, bob);
    await carol.close();
  }));

Deno.test("over UDP groups are made, told to their members, entered and talked in", () =>
  withUdp(async ({ udp }) => {
    const alice = await UdpClient.login(udp, "alice");
    const bob = await UdpClient.login(udp, "bob");
    await alice.probed();
    await bob.probed();
    const add = { type: "GRP_ADD", group: "cake", username: "alice" };
    const made = await alice.ask({ ...add, members: ["bob"] });
    const Members = ["alice", "bob"];
    assertEquals(made["response"], { group: "cake", Members });
    const told = { type: "GRP_SUB", group: "cake", Members };
    assertEquals(await alice.push("GRP_SUB"), told);
    assertEquals(await bob.push("GRP_SUB"), { ...told, by: "alice" });
    const again = await alice.ask({ ...add, members: ["bob"] });
    assertEquals([again["status"], again["code"]], [400, 409]);
    const nobody = await alice.ask({ ...add, group: "x", members: ["zoe"] });
    assertEquals(
      [nobody["status"], nobody["error"]],
      [400, "Not found: nobody is called zoe"],
    );
    const carol = await UdpClient.login(udp, "carol");
    const enter = { type: "GRP_SUB", username: "carol" };
    const refused = await carol.ask({ ...enter, group: "cake" });
    assertEquals(refused["status"], 403);
    const entered = await carol.ask({ ...enter, group: "tea" });
    assertEquals([entered["status"], entered["response"]], [200, null]);
    await bob.say("bob", "yum", { group: "cake" });
    assertEquals(await alice.heard(), "bob@cake: yum");
    await closeAll(alice, bob, carol);
  }));

Deno.test("MSG_RBA comes when everybody has a message, those on UDP and those on TCP", () =>
  withUdp(async ({ udp, tcp }) => {
    const alice = await UdpClient.login(udp, "alice");
    const bob = await UdpClient.login(udp, "bob");
    const carol = await RawClient.login(tcp, "carol");
    bob.deaf = true;
    await alice.say("alice", "all?");
    const { MessageID } = await alice.push("CHT");
    await carol.event("room_msg");
    bob.deaf = false;
    for (const client of [alice, bob]) {
      const told = await client.push("MSG_RBA");
      assertEquals(told, {
        type: "MSG_RBA",
        group: LOBBY,
        MessageID,
        sequence: 1,
      });
    }
    const history = await alice.ask({ type: "MSG_HST", username: "alice" });
    const [entry] = history["response"] as Body[];
    assertEquals([entry?.["Read_By_All"], entry?.["Text"]], [true, "all?"]);
    await closeAll(alice, bob);
    await carol.close();
  }));

Deno.test("over UDP a repeated ref is said once", () =>
  withUdp(async ({ udp }) => {
    const alice = await UdpClient.login(udp, "alice");
    const first = await alice.say("alice", "once", { ref: "0a" });
    const again = await alice.say("alice", "once", { ref: "0a" });
    assertEquals(first["sequence"], 1);
    assertEquals(again, { ...first, repeated: true });
    await alice.say("alice", "next");
    assertEquals(await alice.heard(), `alice@${LOBBY}: once`);
    assertEquals(await alice.heard(), `alice@${LOBBY}: next`);
    await alice.close();
  }));

Deno.test("over UDP whoever asks as somebody else gets 401", () =>
  withUdp(async ({ udp }) => {
    const alice = await UdpClient.login(udp, "alice");
    const bob = await UdpClient.login(udp, "bob");
    const forged = await bob.say("alice", "I am alice");
    assertEquals([forged["status"], forged["code"]], [401, 401]);
    await bob.say("bob", "I am bob");
    assertEquals(await alice.heard(), `bob@${LOBBY}: I am bob`);
    await closeAll(alice, bob);
  }));

Deno.test("over UDP a page of history goes on before what it showed", () =>
  withUdp(async ({ udp }) => {
    const alice = await UdpClient.login(udp, "alice");
    for (const text of ["one", "two", "three"]) await alice.say("alice", text);
    const page = async (more: Body) => {
      const body = await alice.ask({
        type: "MSG_HST",
        username: "alice",
        ...more,
      });
      return (body["response"] as Body[]).map(({ Text }) => Text);
    };
    assertEquals(await page({ limit: 2 }), ["two", "three"]);
    assertEquals(await page({ before: 2 }), ["one"]);
    await alice.close();
  }));

Deno.test("over UDP history is shown over the bounds of the hub's pages", () =>
  withUdp(async ({ udp }) => {
    const alice = await UdpClient.login(udp, "alice");
    const texts = Array.from({ length: 7 }, (_, n) => `message ${n}`);
    for (const text of texts) await alice.say("alice", text);
    const page = async (more: Body) => {
      const body = { type: "MSG_HST", username: "alice", ...more };
      const { response } = await alice.ask(body);
      return (response as Body[]).map(({ Text }) => Text);
    };
    assertEquals(await page({}), texts);
    assertEquals(await page({ limit: 5 }), texts.slice(-5));
    assertEquals(await page({ before: 6, limit: 4 }), texts.slice(1, 5));
    await alice.close();
  }, { limits: { historyPage: 2 } }));

Deno.test("half of what arrives may be ignored, and nothing is lost or doubled", () =>
  withUdp(async ({ udp }) => {
    const alice = await UdpClient.login(udp, "alice");
    const bob = await UdpClient.login(udp, "bob");
    const texts = Array.from({ length: 30 }, (_, n) => `message ${n}`);
    const said = Promise.all(
      texts.map((text, n) => alice.say("alice", text, { n, ref: `r${n}` })),
    );
    for (const reader of [alice, bob]) {
      const heard: string[] = [];
      while (heard.length < texts.length) heard.push(await reader.heard());
      assertEquals(
        heard.toSorted(),
        texts.map((text) => `alice@${LOBBY}: ${text}`).toSorted(),
      );
    }
    const sequences = (await said).map(({ sequence }) => sequence);
    assertEquals(sequences, texts.map((_, n) => n + 1));
    await closeAll(alice, bob);
  }, { drop: 0.5 }));

Deno.test("a server that closes answers what it took, and says so once", async () => {
  let answers: Promise<unknown>[] = [];
  let alice: UdpClient | undefined;
  await withUdp(async ({ udp, server, log }) => {
    alice = await UdpClient.login(udp, "alice");
    answers = [alice.say("alice", "last words")];
    // Its datagram is behind the one that is answered here.
    await alice.ask({ type: "USR_LST" });
    await server.close();
    assertEquals(log.filter((line) => line.includes("alice left")).length, 1);
  });
  const [answer] = await Promise.all(answers);
  assert((answer as Body)["status"] === 200);
  await alice?.close();
});
