import { assert, assertEquals, assertRejects } from "@std/assert";
import net from "node:net";
import {
  type Link,
  linkOpener,
  type LinkOptions,
  Session,
} from "../../lib/client/mod.ts";
import { parseServer, UserError } from "../../lib/net/mod.ts";
import type { Request, ServerEvent } from "../../lib/wire/mod.ts";
import { withServer } from "../server/test_server.ts";
import { FakeClock } from "./fakes.ts";

function opener(url: string, options: Partial<LinkOptions> = {}) {
  return linkOpener({
    address: parseServer(url),
    dial: { timeout: 10_000, insecure: true },
    hasPassword: false,
    plaintext: false,
    ...options,
  });
}

/** What a session with a peer ends with, whose first bytes are `answer`. */
async function ending(scheme: string, answer: string): Promise<UserError> {
  const peer = net.createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => socket.end(answer));
  });
  await new Promise<void>((resolve) =>
    peer.listen(0, "127.0.0.1", () => resolve())
  );
  const { port } = peer.address() as net.AddressInfo;
  try {
    const session = new Session({
      open: opener(`${scheme}://127.0.0.1:${port}`),
      username: "alice",
      loginTimeout: 10_000,
      clock: new FakeClock(),
      random: () => 0,
      onEvent: () => {},
    });
    session.start();
    const error = await session.ended;
    assert(error !== undefined);
    // The port differs each time.
    error.message = error.message.replaceAll(String(port), "PORT");
    return error;
  } finally {
    await new Promise((resolve) => peer.close(resolve));
  }
}

Deno.test("a peer that speaks something else is told apart on either wire", async () => {
  const http = "HTTP/1.1 400 Bad Request\r\n\r\n";
  const binary = await ending("chatp", http);
  assertEquals(binary.kind, "wrong_protocol");
  assertEquals(
    binary.message,
    "What answered at chatp://127.0.0.1:PORT does not speak ChatProto " +
      "(Malformed: a connection begins with the bytes 43 50 02)",
  );
  const json = await ending("json", http);
  assertEquals(json.kind, "wrong_protocol");
  assertEquals(
    json.message,
    "What answered at json://127.0.0.1:PORT does not speak JSON lines " +
      "(Malformed: the line is not JSON)",
  );
});

Deno.test("a TLS server on a plaintext wire is named as one", async () => {
  const error = await ending("chatp", "\x15\x03\x01\x00\x02\x02\x46");
  assertEquals(error.kind, "wrong_protocol");
  assertEquals(error.message, "127.0.0.1 speaks TLS on this port");
  assertEquals(error.advice, "Use chatps:// instead of chatp://");
});

Deno.test("a peer that closes without a word is told apart", async () => {
  assertEquals((await ending("chatp", "")).kind, "connection_lost");
});

Deno.test("no password is sent over plaintext to another machine", async () => {
  const { signal } = new AbortController();
  const error = await assertRejects(
    () => opener("chatp://192.0.2.1:5555", { hasPassword: true })(signal),
    UserError,
    "chatp://192.0.2.1:5555 is plaintext on another machine, " +
      "and the password could be read on the way",
  );
  assertEquals(error.kind, "plaintext_refused");
});

Deno.test("every wire logs in to a server", async () => {
  await withServer(async (port) => {
    for (
      const url of [
        `chatps://127.0.0.1:${port}`,
        `chatp://127.0.0.1:${port}`,
        `chatps://127.0.0.1:${port}?v=1`,
        `chatp://127.0.0.1:${port}?v=1`,
        `jsons://127.0.0.1:${port}`,
        `json://127.0.0.1:${port}`,
        `json://127.0.0.1:${port}?v=1`,
      ]
    ) {
      const hasPassword = true;
      const link = await opener(url, { hasPassword })(
        new AbortController().signal,
      );
      link.send({ type: "login", username: "alice", password: "x" });
      const event = await firstEvent(link) as ServerEvent;
      assert(event.type === "login_ack", url);
      assertEquals([event.username, event.room], ["alice", "general"], url);
      // Those who can follow streams are told who they are.
      assertEquals(event.user === undefined, !link.abilities.many, url);
    }
  });
});

/** The first event; then closes and waits for the end. */
async function firstEvent(link: Link): Promise<unknown> {
  let first: unknown;
  await new Promise<void>((resolve) => {
    link.start({
      heard: () => {},
      event: (event) => {
        first ??= event;
        link.end();
      },
      unreadable: (error) => {
        throw error;
      },
      closed: () => resolve(),
    });
  });
  return first;
}

/** A link whose events come one by one, each with whether it is an answer. */
async function logIn(url: string, login: Request) {
  const link = await opener(url)(new AbortController().signal);
  const seen: (readonly [string, boolean | undefined])[] = [];
  let wake = () => {};
  const closed = Promise.withResolvers<void>();
  link.start({
    heard: () => {},
    event: (event, isAnswer) => {
      seen.push([event.type, isAnswer]);
      wake();
    },
    unreadable: (error) => {
      throw error;
    },
    closed: () => closed.resolve(),
  });
  link.send(login);
  const find = async (type: string) => {
    for (;;) {
      const found = seen.find(([each]) => each === type);
      if (found !== undefined) return found[1];
      await new Promise<void>((resolve) => wake = resolve);
    }
  };
  await find("login_ack");
  return { link, find, closed: closed.promise };
}

Deno.test("the receipt of what one says is told apart from what one says with another client", async () => {
  await withServer(async (port) => {
    const url = `chatp://127.0.0.1:${port}`;
    const [username, password] = ["alice", "a long enough secret"];
    const here = await logIn(url, { type: "register", username, password });
    const there = await logIn(url, { type: "login", username, password });
    const said = {
      type: "private_msg",
      recipient: "alice",
      text: "me",
    } as const;
    here.link.send(said);
    assertEquals(await here.find("private_msg_delivery"), true);
    assertEquals(await there.find("private_msg_delivery"), false);
    for (const { link, closed } of [here, there]) {
      link.end();
      await closed;
    }
  });
});

Deno.test("a connection that is cut at the other end is told in words", async () => {
  const peer = net.createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => socket.resetAndDestroy());
  });
  await new Promise<void>((resolve) =>
    peer.listen(0, "127.0.0.1", () => resolve())
  );
  const { port } = peer.address() as net.AddressInfo;
  const link = await opener(`json://127.0.0.1:${port}`)(
    new AbortController().signal,
  );
  const closed = new Promise<UserError>((resolve) =>
    link.start({
      heard: () => {},
      event: () => {},
      unreadable: () => {},
      closed: resolve,
    })
  );
  link.send({ type: "list_users" });
  assertEquals(
    (await closed).message,
    `The connection to json://127.0.0.1:${port} broke: the other end is gone`,
  );
  await new Promise((resolve) => peer.close(resolve));
});

Deno.test("a server's end is told even if what waits for it can't be written", async () => {
  const peer = net.createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => socket.destroy());
  });
  await new Promise<void>((resolve) =>
    peer.listen(0, "127.0.0.1", () => resolve())
  );
  const { port } = peer.address() as net.AddressInfo;
  const open = opener(`json://127.0.0.1:${port}`);
  const link = await open(new AbortController().signal);
  // Over TLS a socket to a server that died can wait for its last writes for
  // ever; none can be brought to that at will.
  const { end } = net.Socket.prototype;
  net.Socket.prototype.end = function (this: net.Socket) {
    return this;
  };
  try {
    const { promise, resolve } = Promise.withResolvers<UserError>();
    link.start({
      heard: () => {},
      event: () => {},
      unreadable: () => {},
      closed: resolve,
    });
    link.send({ type: "list_users" });
    assertEquals((await promise).kind, "connection_lost");
  } finally {
    net.Socket.prototype.end = end;
    await new Promise((resolve) => peer.close(resolve));
  }
});
