import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  type Endpoint,
  UdpPort,
  udpTap,
  type UdpTapObserver,
  type UdpTapOptions,
  UserError,
} from "../../lib/net/mod.ts";

/** A port, and what came to it. */
class Peer implements AsyncDisposable {
  readonly #came: [text: string, from: Endpoint][] = [];
  #waiting: (() => void)[] = [];
  port!: UdpPort;

  static async open(host = "127.0.0.1"): Promise<Peer> {
    const peer = new Peer();
    peer.port = await UdpPort.open({
      host,
      port: 0,
      onDatagram: (bytes, from) => {
        peer.#came.push([new TextDecoder().decode(bytes), from]);
        for (const wake of peer.#waiting.splice(0)) wake();
      },
      onError: (error) => {
        throw error;
      },
    });
    return peer;
  }

  say(text: string, { host, port }: { host: string; port: number }): void {
    this.port.send(new TextEncoder().encode(text), { address: host, port });
  }

  async heard(): Promise<[text: string, from: Endpoint]> {
    for (;;) {
      const first = this.#came.shift();
      if (first !== undefined) return first;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.port.close();
  }
}

/** Runs `test` with a tap before a server; `lines` is what it reports. */
async function tapped(
  test: (
    tap: { readonly host: string; readonly port: number },
    server: Peer,
    lines: string[],
  ) => Promise<void>,
  { host = "127.0.0.1", ...options }:
    & Partial<UdpTapOptions>
    & { host?: string } = {},
): Promise<void> {
  await using server = await Peer.open(host);
  const lines: string[] = [];
  const decoder = new TextDecoder();
  const observer: UdpTapObserver = {
    open: ({ id }) => lines.push(`${id} open`),
    datagram: ({ id }, direction, bytes) =>
      lines.push(`${id} ${direction} ${decoder.decode(bytes)}`),
    failed: (error) => lines.push(error.message),
  };
  const tap = await udpTap({
    listen: { host, port: 0 },
    to: server.port.address,
    observer,
    ...options,
  });
  try {
    await test(tap.address, server, lines);
  } finally {
    await tap.close();
  }
}

const back = ({ address, port }: Endpoint) => ({ host: address, port });

for (const host of ["127.0.0.1", "::1"]) {
  Deno.test(`datagrams go through a tap on ${host} both ways, each client by a port of its own`, () =>
    tapped(async (tap, server, lines) => {
      await using one = await Peer.open(host);
      await using two = await Peer.open(host);
      one.say("a", tap);
      const [a, from] = await server.heard();
      two.say("b", tap);
      const [b, other] = await server.heard();
      assertEquals([a, b], ["a", "b"]);
      assert(from.port !== other.port);
      server.say("to two", back(other));
      assertEquals((await two.heard())[0], "to two");
      server.say("to one", back(from));
      const [text, { port }] = await one.heard();
      assertEquals([text, port], ["to one", tap.port]);
      one.say("a again", tap);
      assertEquals(await server.heard(), ["a again", from]);
      assertEquals(lines, [
        "1 open",
        "1 up a",
        "2 open",
        "2 up b",
        "2 down to two",
        "1 down to one",
        "1 up a again",
      ]);
    }, { host }));
}

Deno.test("an empty datagram and one of 60,000 bytes are passed on as they are", () =>
  tapped(async (tap, server) => {
    await using one = await Peer.open();
    for (const text of ["", "x".repeat(60_000)]) {
      one.say(text, tap);
      const [heard, from] = await server.heard();
      assert(heard === text);
      server.say(text, back(from));
      assert((await one.heard())[0] === text);
    }
  }));

Deno.test("what others send to a client's port is not passed on", () =>
  tapped(async (tap, server, lines) => {
    await using one = await Peer.open();
    await using stranger = await Peer.open();
    one.say("a", tap);
    const [, from] = await server.heard();
    stranger.say("forged", back(from));
    server.say("b", back(from));
    assertEquals((await one.heard())[0], "b");
    assertEquals(lines, ["1 open", "1 up a", "1 down b"]);
  }));

Deno.test("one client more than there may be, and the one silent the longest is let go", () =>
  tapped(async (tap, server, lines) => {
    await using one = await Peer.open();
    await using two = await Peer.open();
    await using three = await Peer.open();
    one.say("1", tap);
    await server.heard();
    two.say("2", tap);
    const [, second] = await server.heard();
    one.say("1 again", tap);
    const [, first] = await server.heard();
    three.say("3", tap);
    await server.heard();
    // Nobody is there any more to pass this on.
    server.say("to two", back(second));
    server.say("to one", back(first));
    assertEquals((await one.heard())[0], "to one");
    two.say("2 again", tap);
    const [, anew] = await server.heard();
    assert(anew.port !== second.port);
    assertEquals(
      lines.filter((line) => line.includes("open") || line.includes("to two")),
      ["1 open", "2 open", "3 open", "4 open"],
    );
  }, { mostClients: 2 }));

Deno.test("a server's name is looked up, and one that has no address is told", async () => {
  const listen = { host: "127.0.0.1", port: 0 };
  const error = await assertRejects(
    () => udpTap({ listen, to: { host: "no.invalid", port: 1 }, observer: {} }),
    UserError,
  );
  assertEquals(error.kind, "name_not_found");
});

Deno.test("a port that is taken is told", async () => {
  await using taken = await Peer.open();
  const { port } = taken.port.address;
  const listen = { host: "127.0.0.1", port };
  const error = await assertRejects(
    () => udpTap({ listen, to: { host: "127.0.0.1", port: 9 }, observer: {} }),
    UserError,
  );
  assertEquals(error.kind, "address_in_use");
});
