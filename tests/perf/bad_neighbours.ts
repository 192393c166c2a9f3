/**
 * What a chat server has to bear: clients that do what they should not. Each is
 * started, goes on until it is stopped, and says then how it was treated.
 *
 * @module
 */

import type { Buffer } from "node:buffer";
import { once } from "node:events";
import net from "node:net";
import tls from "node:tls";
import { compressText } from "../../lib/wire/text_code/text_code.ts";
import { ChatProto2Client } from "../server/chatproto2_client.ts";
import { RawClient } from "../server/raw_client.ts";

/** How something was treated, in words, and how often. */
export type Outcome = Record<string, number>;

/** Where the others are. */
export interface Target {
  readonly port: number;
  /** The room in which they talk. */
  readonly room: string;
  /** False: the same, but as one should, to compare with. */
  readonly bad: boolean;
}

/** Stops, and says how it was treated. */
export type Stop = () => Promise<Outcome>;

/** One kind of bad neighbour. */
export interface BadNeighbour {
  /** What it is, for a table. */
  readonly what: string;
  /** What `chatp serve` is told besides, so that all of it fits in a round. */
  readonly serve?: readonly string[];
  /** The others are in TLS, and the server takes up its certificate again. */
  readonly reloads?: true;
  readonly start: (target: Target) => Promise<Stop>;
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Does something again and again until it is stopped; answers how to. */
function keepOn(work: () => Promise<void> | void): () => Promise<void> {
  let on = true;
  const done = (async () => {
    while (on) {
      try {
        await work();
      } catch {
        // It was turned away: it tries again.
        await pause(1);
      }
    }
  })();
  return () => {
    on = false;
    return done;
  };
}

const idle: Stop = () => Promise.resolve({});

/** Connects, and lets go of what comes, but for whether it says so. */
async function plain(port: number) {
  const socket = net.connect({ port, host: "127.0.0.1", noDelay: true });
  const heard = { muted: false, closed: false };
  socket.on("data", (bytes: Buffer) => {
    heard.muted ||= bytes.includes("muted");
  });
  socket.on("error", () => {});
  socket.on("close", () => heard.closed = true);
  await once(socket, "connect");
  return { socket, heard };
}

/** Waits until a socket takes more, or for a tenth of a second. */
async function drained(socket: net.Socket): Promise<void> {
  const signal = AbortSignal.timeout(100);
  await once(socket, "drain", { signal }).catch(() => {});
}

/** Whether a socket closes within so many ms. */
function closes(socket: net.Socket, ms: number): Promise<boolean> {
  return new Promise((resolve) => {
    if (socket.closed) return resolve(true);
    const timer = setTimeout(() => resolve(false), ms);
    socket.once("close", () => {
      clearTimeout(timer);
      resolve(true);
    });
  });
}

async function away(sockets: readonly net.Socket[]): Promise<void> {
  for (const socket of sockets) {
    if (socket.closed) continue;
    socket.destroy();
    await once(socket, "close");
  }
}

// ---- a reader that stalls

const STALLED = 4;
/** In the hall, whose only listeners they are. */
const TEXTS_A_SECOND = 500;

/** Some in the room and in a hall stop reading; in the hall much is said. */
export async function stalledReaders(
  { port, room, bad }: Target,
  count: number = STALLED,
): Promise<Stop> {
  const readers: ChatProto2Client[] = [];
  const hall = `${room} hall`;
  for (let index = 0; index < count; index++) {
    const reader = await ChatProto2Client.login(port, `stalled${index}`);
    for (const each of [room, hall]) {
      reader.ask({ type: "join_room", room: each });
      await reader.event("join_room");
    }
    reader.socket.removeAllListeners("data");
    if (bad) reader.socket.pause();
    else reader.socket.resume();
    readers.push(reader);
  }
  const talker = await RawClient.login(port, "talker");
  talker.ask({ type: "join_room", room: hall });
  await talker.event("join_room");
  talker.socket.removeAllListeners("data");
  talker.socket.resume();
  // Ciphertext goes out as it came: nothing is spent on making it shorter.
  const text = crypto.getRandomValues(new Uint8Array(8_000));
  const started = performance.now();
  let said = 0;
  const timer = setInterval(() => {
    const due = (performance.now() - started) * TEXTS_A_SECOND / 1000;
    for (; said < due; said++) talker.ask({ type: "room_msg", text });
  }, 5);
  return async () => {
    clearInterval(timer);
    await talker.close();
    const outcome: Outcome = { "closed": 0 };
    for (const { socket } of readers) {
      if (bad) {
        socket.resume();
        // What waits in the machine's own buffers comes first.
        outcome["closed"]! += Number(await closes(socket, 2_000));
      }
      await away([socket]);
    }
    return outcome;
  };
}

// ---- half frames

const HALF_SENDERS = 100;

/** They begin a message and send a byte of it now and then. */
async function halfFrames({ port, bad }: Target): Promise<Stop> {
  if (!bad) return idle;
  const clients: RawClient[] = [];
  for (let index = 0; index < HALF_SENDERS; index++) {
    const client = await RawClient.login(port, `half${index}`);
    client.write(Uint8Array.fromHex("43500104000000fff0"));
    clients.push(client);
  }
  const trickle = setInterval(() => {
    for (const client of clients) client.write("x");
  }, 50);
  return async () => {
    clearInterval(trickle);
    const closed = clients.filter(({ socket }) => socket.closed).length;
    for (const client of clients) await client.close();
    return { closed, open: HALF_SENDERS - closed };
  };
}

// ---- connections that never log in

const SILENT = 10_000;
const AT_ONCE = 100;

/** Half of them say nothing, half the first byte of a login. */
function neverLogIn({ port, bad }: Target): Promise<Stop> {
  if (!bad) return Promise.resolve(idle);
  const sockets: net.Socket[] = [];
  const stop = keepOn(async () => {
    if (sockets.length >= SILENT) return void await pause(20);
    const more = Array.from({ length: AT_ONCE }, async (_, index) => {
      const { socket } = await plain(port);
      if (index % 2 === 0) socket.write("{");
      sockets.push(socket);
    });
    await Promise.allSettled(more);
  });
  return Promise.resolve(async () => {
    await stop();
    const closed = sockets.filter((socket) => socket.closed).length;
    const outcome = { opened: sockets.length, closed };
    await away(sockets);
    return outcome;
  });
}

// ---- a flood

/** One client says things to everybody, as fast as its socket takes them. */
async function flood({ port, room, bad }: Target): Promise<Stop> {
  if (!bad) return idle;
  const { socket, heard } = await plain(port);
  // Each round has another: a mute goes with the name.
  const login = { type: "login", username: `f-${room.slice(0, 12)}`, v: 2 };
  socket.write(`${JSON.stringify(login)}\n`);
  const line = '{"type":"room_msg","text":"buy now, it is cheap"}\n';
  const some = line.repeat(500);
  let sent = 0;
  const stop = keepOn(async () => {
    if (heard.closed) return void await pause(20);
    sent += 500;
    if (!socket.write(some)) {
      await drained(socket);
    }
  });
  return async () => {
    await stop();
    const outcome = { sent, muted: Number(heard.muted) };
    await away([socket]);
    return outcome;
  };
}

// ---- a storm of people who come and go

const STORMERS = 50;

/** They log in under a new name, change rooms and leave, all the time. */
function comeAndGo({ port, bad }: Target): Promise<Stop> {
  if (!bad) return Promise.resolve(idle);
  let visits = 0;
  const stops = Array.from(
    { length: STORMERS },
    (_, index) =>
      keepOn(async () => {
        const name = `s${index}-${visits}`;
        const client = await RawClient.login(port, name, "json2");
        for (const room of ["here", "there", "general"]) {
          client.ask({ type: "join_room", room });
          await client.event("join_room");
        }
        await client.close();
        visits++;
      }),
  );
  return Promise.resolve(async () => {
    await Promise.all(stops.map((stop) => stop()));
    return { visits };
  });
}

// ---- bombs

/** A few bytes of the text code that would be a text of a million letters. */
function codedBomb(): Uint8Array {
  const coded = compressText("e".repeat(1_000_000)) ?? new Uint8Array();
  const most = coded.subarray(0, 60_000);
  const length = most.length + 1;
  const varint = [
    length & 0x7f | 0x80,
    length >> 7 & 0x7f | 0x80,
    length >> 14,
  ];
  return new Uint8Array([...varint, 0x11, ...most]);
}

const NESTED = `{"type":"list_rooms","x":${"[".repeat(32_000)}${
  "]".repeat(32_000)
}}\n`;

/** Much JSON in JSON, and texts that would be long, as fast as they are taken. */
async function bombs({ port, room, bad }: Target): Promise<Stop> {
  if (!bad) return idle;
  const clients: net.Socket[] = [];
  let sent = 0;
  const bomb = async (socket: net.Socket, bytes: Uint8Array | string) => {
    if (socket.closed) return void await pause(20);
    sent++;
    if (!socket.write(bytes)) {
      await drained(socket);
    }
  };
  const stops: (() => Promise<void>)[] = [];
  for (let index = 0; index < 4; index++) {
    const { socket } = await plain(port);
    const name = `b${index}-${room.slice(0, 12)}`;
    socket.write(`{"type":"login","username":"${name}","v":2}\n`);
    clients.push(socket);
    stops.push(keepOn(() => bomb(socket, NESTED)));
  }
  const { socket } = await ChatProto2Client.login(
    port,
    `c-${room.slice(0, 12)}`,
  );
  socket.removeAllListeners("data");
  socket.resume();
  clients.push(socket);
  const coded = codedBomb();
  stops.push(keepOn(() => bomb(socket, coded)));
  return async () => {
    await Promise.all(stops.map((stop) => stop()));
    await away(clients);
    return { sent };
  };
}

// ---- a certificate taken up again under load

const SHAKERS = 4;

/** Connections in TLS are made and left all the time, whatever `bad` is. */
function handshakes({ port }: Target): Promise<Stop> {
  const outcome: Outcome = { handshakes: 0, failed: 0 };
  const stops = Array.from({ length: SHAKERS }, () =>
    keepOn(async () => {
      const socket = tls.connect({
        port,
        host: "127.0.0.1",
        rejectUnauthorized: false,
      });
      const shaken = await Promise.race([
        once(socket, "secureConnect").then(() => true),
        once(socket, "close").then(() => false),
      ]).catch(() => false);
      outcome[shaken ? "handshakes" : "failed"]! += 1;
      socket.destroy();
      await pause(20);
    }));
  return Promise.resolve(async () => {
    await Promise.all(stops.map((stop) => stop()));
    return outcome;
  });
}

/** All of them, by name. */
export const BAD_NEIGHBOURS = {
  stall: {
    what: `${STALLED} readers stall, with 4 MB a second for each`,
    serve: [
      "--limit",
      "requestsPerSecond=10000",
      "--limit",
      "requestBurst=10000",
    ],
    start: (target) => stalledReaders(target),
  },
  half: {
    what: `${HALF_SENDERS} send half a message, a byte each 50 ms`,
    serve: ["--limit", "frameTimeout=2000"],
    start: halfFrames,
  },
  silent: {
    what: `${SILENT.toLocaleString("en")} connect and never log in`,
    start: neverLogIn,
  },
  flood: { what: "one says things as fast as it can", start: flood },
  storm: {
    what: `${STORMERS} log in, change rooms and leave all the time`,
    start: comeAndGo,
  },
  bombs: {
    what: "five send JSON 32,000 deep, and texts that expand",
    start: bombs,
  },
  reload: {
    what: "the certificate is taken up again every 100 ms",
    reloads: true,
    start: handshakes,
  },
} as const satisfies Record<string, BadNeighbour>;

/** The name of one. */
export type NeighbourName = keyof typeof BAD_NEIGHBOURS;
