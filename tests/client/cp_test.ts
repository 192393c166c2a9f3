/**
 * A client on a wire without rooms: CP.
 */
import { assertEquals } from "@std/assert";
import { CP, linkOpener, Session } from "../../lib/client/mod.ts";
import { parseServer } from "../../lib/net/mod.ts";
import { ChatProto2Client } from "../server/chatproto2_client.ts";
import { RawCp } from "../server/cp_client.ts";
import { withServer } from "../server/test_server.ts";
import { FakeClock, type FakeLink, settle, Stage } from "./fakes.ts";

const PASSWORD = "a long secret";

const say = (text: string) => ({ type: "room_msg", text }) as const;
const tell = (recipient: string, text: string) =>
  ({ type: "private_msg", recipient, text }) as const;

/** Logged in as alice, over a link that carries what CP does. */
async function entered(): Promise<Stage> {
  const stage = new Stage({ password: PASSWORD });
  stage.abilities = CP;
  stage.session.start();
  await settle();
  await letIn(stage.link);
  stage.take();
  return stage;
}

async function letIn(link: FakeLink): Promise<void> {
  await link.say({ type: "login_ack", username: "alice", room: "" });
  link.take();
}

const receipt = (recipient: string, text: string) =>
  ({
    type: "private_msg_delivery",
    sender: "alice",
    recipient,
    text,
  }) as const;

Deno.test("where there are no rooms a line goes to whom one wrote last, or is refused", async () => {
  const stage = await entered();
  const { session, link } = stage;
  session.submit(say("hello"));
  session.submit({ type: "list_rooms" });
  await settle();
  assertEquals(stage.take(), [
    "refused 1: Not sent: There are no rooms on the wire to this server",
    "refused 2: Not sent: The wire to this server can't carry that",
  ]);
  assertEquals(session.room, "");
  session.submit(tell("bob", "hi"));
  session.submit(say("you there?"));
  assertEquals(session.room, "@bob");
  session.submit(tell("carol", "and you?"));
  session.submit(say("hm"));
  await settle();
  for (
    const [to, text] of [
      ["bob", "hi"],
      ["bob", "you there?"],
      ["carol", "and you?"],
      ["carol", "hm"],
    ] as const
  ) {
    // One at a time.
    assertEquals(link.take(), [`private_msg ${to} ${text}`]);
    await link.say(receipt(to, text));
  }
  assertEquals(stage.take(), [3, 4, 5, 6].map((ref) => `acknowledged ${ref}`));
  session.close();
});

Deno.test("where there are no rooms no line goes to a name that nobody has, nor to who was written to before", async () => {
  const stage = await entered();
  const { session, link } = stage;
  const nobody = "Not found: receiver user does not exist";
  session.submit(tell("bob", "hi"));
  await settle();
  await link.say(receipt("bob", "hi"));
  session.submit(tell("bib", "x"));
  await settle();
  assertEquals(session.room, "@bib");
  await link.say({ type: "error_msg", code: 404, text: nobody });
  assertEquals(session.room, "");
  session.submit(say("are you there?"));
  await settle();
  // Another refusal says nothing of the name.
  session.submit(tell("bob", "y"));
  await settle();
  await link.say({ type: "error_msg", code: 500, text: "Internal error" });
  assertEquals(session.room, "@bob");
  session.submit(tell("bib", "z"));
  session.submit(tell("carol", "hi"));
  await settle();
  await link.say({ type: "error_msg", code: 404, text: nobody });
  assertEquals(session.room, "@carol");
  assertEquals(link.take(), [
    "private_msg bob hi",
    "private_msg bib x",
    "private_msg bob y",
    "private_msg bib z",
    "private_msg carol hi",
  ]);
  assertEquals(stage.take(), [
    "acknowledged 1",
    `refused 2: ${nobody}`,
    "refused 3: Not sent: There are no rooms on the wire to this server",
    "refused 4: Internal error",
    `refused 5: ${nobody}`,
  ]);
  session.close();
});

Deno.test("what was sent over CP and not answered when the connection broke is unconfirmed, the rest goes out later", async () => {
  const stage = await entered();
  stage.session.submit(tell("bob", "one"));
  stage.session.submit(say("two"));
  await settle();
  assertEquals(stage.link.take(), ["private_msg bob one"]);
  await stage.link.break();
  await stage.clock.pass(60_000);
  assertEquals(stage.link.take(), ["login alice a long secret"]);
  await stage.link.say({ type: "login_ack", username: "alice", room: "" });
  assertEquals(stage.link.take(), ["private_msg bob two"]);
  assertEquals(stage.session.room, "@bob");
  assertEquals(stage.take().filter((line) => !line.startsWith("lost")), [
    "unconfirmed 1",
    "connected  again",
  ]);
  stage.session.close();
});

Deno.test("a server of CP is asked every 3 s for what waits, however much is sent", async () => {
  const stage = await entered();
  const { session, link } = stage;
  const before = link.keepalives;
  for (let second = 0; second < 9; second++) {
    session.submit(tell("bob", "hi"));
    await settle();
    await link.say(receipt("bob", "hi"));
    await stage.clock.pass(1_000);
  }
  assertEquals(link.keepalives - before, 3);
  // One that says nothing for 30 s is held for dead.
  await stage.clock.pass(30_000);
  assertEquals(link.destroyed, true);
  session.close();
});

Deno.test("a client on CP writes to everybody and gets what waits, plain and in TLS", async () => {
  await withServer(async (port) => {
    for (const username of ["alice", "bob"]) {
      const client = await ChatProto2Client.connect(port);
      client.ask({ type: "register", username, password: PASSWORD });
      await client.event("login_ack");
      client.ask({ type: "logout" });
      await client.closed();
    }
    for (const scheme of ["cp", "cps"]) {
      const bob = await RawCp.login(port, "bob", PASSWORD);
      await bob.ask("SMSGalice:one\r\n");
      const seen: string[] = [];
      let wake = () => {};
      const clock = new FakeClock();
      const session = new Session({
        open: linkOpener({
          address: parseServer(`${scheme}://127.0.0.1:${port}`),
          dial: { timeout: 10_000, insecure: true },
          hasPassword: true,
          plaintext: false,
        }),
        username: "alice",
        password: PASSWORD,
        loginTimeout: 10_000,
        clock,
        random: () => 0,
        onEvent: (event) => {
          if (event.type === "private_msg_delivery") {
            seen.push(`${event.sender}: ${event.text}`);
          } else seen.push(event.type);
          wake();
        },
      });
      const find = async (line: string) => {
        while (!seen.includes(line)) {
          await new Promise<void>((resolve) => wake = resolve);
        }
      };
      session.start();
      await find("bob: one");
      await bob.ask("SMSGalice:two\r\n");
      await clock.pass(3_000);
      await find("bob: two");
      session.submit(tell("bob", "hi"));
      session.submit(say("you there?"));
      await session.settled();
      session.submit(tell("nobody", "hi"));
      await session.settled();
      session.submit(tell("alice", "note"));
      await session.settled();
      await clock.pass(3_000);
      await bob.ask("SMSGalice:three\r\n");
      await clock.pass(3_000);
      await find("bob: three");
      assertEquals(seen, [
        "connected",
        "bob: one",
        "bob: two",
        "acknowledged",
        "acknowledged",
        "refused",
        "acknowledged",
        "alice: note",
        "bob: three",
      ]);
      session.close();
      assertEquals(await session.ended, undefined);
      assertEquals(await bob.fetch(), ["alice:hi", "alice:you there?"]);
      await bob.close();
    }
  });
});

Deno.test("a client on CP that has no password is told to give one", async () => {
  await withServer(async (port) => {
    const session = new Session({
      open: linkOpener({
        address: parseServer(`cp://127.0.0.1:${port}`),
        dial: { timeout: 10_000 },
        hasPassword: false,
        plaintext: false,
      }),
      username: "alice",
      loginTimeout: 10_000,
      clock: new FakeClock(),
      random: () => 0,
      onEvent: () => {},
    });
    session.start();
    const error = await session.ended;
    assertEquals(error?.kind, "login_rejected");
    assertEquals(
      error?.message,
      "The server rejected the login: Not logged in or wrong password: " +
        "this wire takes accounts, with their password",
    );
  });
});
