import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  type Direction,
  tap,
  type TapConnection,
  type TapEnd,
  type TapObserver,
} from "../../lib/net/mod.ts";
import { ByteMeter } from "./byte_meter.ts";
import {
  connectTcp,
  connectTls,
  destroy,
  freePort,
  freshPair,
  once,
  readAll,
  serveTcp,
  serveTls,
} from "./sockets.ts";

/** Writes down what a tap reports. */
class Notes implements TapObserver {
  readonly lines: string[] = [];
  readonly connections: TapConnection[] = [];
  readonly times: number[] = [];

  open(connection: TapConnection): void {
    this.connections.push(connection);
    this.times.push(connection.time);
    this.lines.push(`${connection.id} open`);
  }

  data(
    { id }: TapConnection,
    direction: Direction,
    bytes: Uint8Array,
    time: number,
  ): void {
    this.times.push(time);
    this.lines.push(`${id} ${direction} ${new TextDecoder().decode(bytes)}`);
  }

  close(
    { id }: TapConnection,
    direction: Direction,
    time: number,
    how: TapEnd,
  ): void {
    this.times.push(time);
    this.lines.push(`${id} ${direction} ${how}`);
  }

  failed(_client: unknown, error: Error): void {
    this.lines.push(error.message);
  }
}

const HERE = { host: "127.0.0.1", port: 0 };

Deno.test("a tap passes on what comes, reports it first, and passes half-closes on", async () => {
  await using server = await serveTcp((socket) => {
    socket.once("data", () => socket.write("pong"));
    socket.once("end", () => socket.end("bye"));
  });
  const notes = new Notes();
  let time = 0;
  const to = { host: "127.0.0.1", port: server.port };
  const tapped = await tap({
    listen: HERE,
    to,
    observer: notes,
    now: () => ++time,
  });
  const client = await connectTcp(tapped.address.port);
  client.write("ping");
  assertEquals(String(await once(client, "data")), "pong");
  client.end();
  assertEquals(await readAll(client), "bye");
  await destroy(client);
  await tapped.close();
  assertEquals(notes.lines, [
    "1 open",
    "1 up ping",
    "1 down pong",
    "1 up fin",
    "1 down bye",
    "1 down fin",
  ]);
  assertEquals(notes.times, [1, 2, 3, 4, 5, 6]);
  const [connection] = notes.connections;
  assertEquals(connection?.server, { address: "127.0.0.1", port: server.port });
  assertEquals(connection?.client.address, "127.0.0.1");
});

Deno.test("a reset from either side is passed on and reported once", async () => {
  await using server = await serveTcp((socket) => {
    socket.on("data", (bytes: Uint8Array) => {
      if (String(bytes) === "reset") socket.resetAndDestroy();
      else socket.write("ready");
    });
  });
  const notes = new Notes();
  const tapped = await tap({
    listen: HERE,
    to: { host: "127.0.0.1", port: server.port },
    observer: notes,
  });
  const first = await connectTcp(tapped.address.port);
  first.write("reset");
  const error = await once(first, "error") as { code?: string };
  assertEquals(error.code, "ECONNRESET");
  const second = await connectTcp(tapped.address.port);
  second.write("hello");
  await once(second, "data");
  second.resetAndDestroy();
  await tapped.close();
  assertEquals(notes.lines, [
    "1 open",
    "1 up reset",
    "1 down reset",
    "2 open",
    "2 up hello",
    "2 down ready",
    "2 up reset",
  ]);
});

Deno.test("a meter counts every byte of a long stream, which comes through unchanged", async () => {
  await using server = await serveTcp((socket) => {
    socket.pipe(socket);
  });
  const meter = new ByteMeter();
  const tapped = await tap({
    listen: HERE,
    to: { host: "127.0.0.1", port: server.port },
    observer: meter,
  });
  const client = await connectTcp(tapped.address.port);
  const sent = new Uint8Array(4_000_000);
  for (let index = 0; index < sent.length; index++) {
    sent[index] = (index * 31 + (index >> 8)) & 0xff;
  }
  client.end(sent);
  let at = 0;
  let wrong = 0;
  client.on("data", (bytes: Uint8Array) => {
    for (const byte of bytes) if (byte !== sent[at++]) wrong++;
  });
  await once(client, "end");
  await destroy(client);
  await tapped.close();
  assertEquals([at, wrong], [sent.length, 0]);
  const whole = { up: sent.length, down: sent.length };
  assertEquals(meter.total, whole);
  assertEquals(meter.connections, [1]);
  assertEquals(meter.connection(1), whole);
  assertEquals(meter.connection(2), { up: 0, down: 0 });
});

Deno.test("a slow reader slows the sender down", async () => {
  const size = 64_000_000;
  await using server = await serveTcp((socket) => {
    socket.end(new Uint8Array(size));
  });
  const meter = new ByteMeter();
  const tapped = await tap({
    listen: HERE,
    to: { host: "127.0.0.1", port: server.port },
    observer: meter,
  });
  const client = await connectTcp(tapped.address.port);
  let read = 0;
  let ahead = 0;
  client.on("data", (bytes: Uint8Array) => {
    read += bytes.length;
    ahead = Math.max(ahead, meter.total.down - read);
    client.pause();
    rest(8);
  });
  // Eight turns of the event loop for each of the tap's one.
  const rest = (turns: number): unknown =>
    turns === 0 ? client.resume() : setImmediate(() => rest(turns - 1));
  await once(client, "end");
  client.end();
  await destroy(client);
  await tapped.close();
  assertEquals(read, size);
  // What the system's own buffers hold, and no more.
  assert(ahead < size / 4, `the tap was ${ahead} bytes ahead`);
});

Deno.test("TLS goes through a tap, and the meter counts its records", async () => {
  await using server = await serveTls(await freshPair());
  const meter = new ByteMeter();
  const tapped = await tap({
    listen: HERE,
    to: { host: "127.0.0.1", port: server.port },
    observer: meter,
  });
  const client = await connectTls(tapped.address.port);
  client.write("hello");
  assertEquals(String(await once(client, "data")), "hello");
  const before = meter.total;
  client.write("hello");
  await once(client, "data");
  const { up, down } = meter.total;
  // Five bytes, and 22 for the record: header, inner type, authentication tag.
  assertEquals({ up: up - before.up, down: down - before.down }, {
    up: 27,
    down: 27,
  });
  await destroy(client);
  await tapped.close();
});

Deno.test("a server that can't be reached resets the client and is reported", async () => {
  const notes = new Notes();
  const tapped = await tap({
    listen: HERE,
    to: { host: "127.0.0.1", port: await freePort() },
    observer: notes,
  });
  const client = await connectTcp(tapped.address.port);
  await once(client, "error");
  await tapped.close();
  assertEquals(notes.lines.length, 1);
  assertMatch(
    notes.lines[0] ?? "",
    /could not reach 127\.0\.0\.1:\d+: nothing listens there$/,
  );
});

Deno.test("cutting a tap resets what is open", async () => {
  await using server = await serveTcp((socket) => socket.write("hello"));
  const tapped = await tap({
    listen: HERE,
    to: { host: "127.0.0.1", port: server.port },
    observer: {},
  });
  const client = await connectTcp(tapped.address.port);
  await once(client, "data");
  const lost = once(client, "error");
  await tapped.cut();
  assertEquals((await lost as { code?: string }).code, "ECONNRESET");
});
