/**
 * The capture reader: files of any bytes, and well-made files of what was said
 * and lost on every wire.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import {
  captureFormatter,
  DatagramWriter,
  readCapture,
  type ReadingEvent,
  StreamWriter,
} from "../../../lib/capture/mod.ts";
import { type Direction, UserError } from "../../../lib/net/mod.ts";
import { printable } from "../../../lib/wire/mod.ts";
import { TALK, udpPackets } from "../../capture/udpchat_made.ts";
import {
  BEGIN,
  fileOf,
  type MadePacket,
  packetsOf,
} from "../../capture/made_capture.ts";
import {
  chatproto1Frame,
  chatproto2Frame,
  cpRead,
  datagram,
  jsonLine,
  preface,
} from "../grammar.ts";
import { mutated } from "../mutate.ts";
import { bytes } from "../nonsense.ts";
import { readScript, scriptMaker, type Step, writeScript } from "../script.ts";
import { chanceOf, cutUp, type Seen, type Target, written } from "../target.ts";
import type { Served } from "../memory_chat.ts";
import { trafficOf } from "../traffic.ts";

const WIRES: readonly Served[] = ["chatp1", "json", "chatp2", "cp"];

/** No figure is none. */
function checkFigures(value: unknown): void {
  if (typeof value === "number") assert(Number.isFinite(value), "no number");
  if (value instanceof Map) [...value.values()].forEach(checkFigures);
  else if (typeof value === "object" && value !== null) {
    Object.values(value).forEach(checkFigures);
  }
}

/** Everything in a file, and what is told of it. */
async function read(file: readonly Uint8Array[]): Promise<string[]> {
  const text = captureFormatter("text");
  const json = captureFormatter("json");
  const lines: string[] = [];
  for await (const event of readCapture(file)) {
    checkFigures(event);
    const told = text(event);
    const isSafe = told.split("\n").every((line) => printable(line) === line);
    assert(isSafe, "what is unsafe to show is told");
    JSON.parse(json(event));
    lines.push(told, json(event));
    if (lines.length === 2 || event.event === "summary") checkFigures(event);
  }
  return lines;
}

/** What kinds of things were found. */
function kinds(lines: readonly string[]): Seen {
  const seen = new Set<string>();
  for (const line of lines.filter((each) => each.startsWith("{"))) {
    const event = JSON.parse(line) as ReadingEvent & {
      readonly wire?: string;
      readonly type?: string;
      readonly error?: string;
    };
    const { wire = "", type = "", error } = event;
    if (type.length > 30) continue;
    seen.add(`${event.event} ${wire} ${type} ${error !== undefined}`);
  }
  return seen;
}

/** Reads a file whole and in pieces: the same is told, or the same refusal. */
async function checkFile(file: Uint8Array): Promise<Seen> {
  try {
    const lines = await read([file]);
    assertEquals(
      written(await read(cutUp(file, chanceOf(file)))),
      written(lines),
    );
    return kinds(lines);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    assertEquals(error.kind, "file_unreadable");
    return new Set([error.message.slice(0, 20)]);
  }
}

const said = (wire: Served) =>
  trafficOf(wire).map(({ all }) =>
    all.slice(0, 40).map(([way, bytes]) => [way, bytes] as const)
  );

const FILE: Target = {
  name: "capture-file",
  invariant: "Any bytes are told as a capture, or refused as none, the same " +
    "however they are cut; no line has anything that is unsafe to show, and " +
    "every figure is a number.",
  seeds: () => [
    ...WIRES.map((wire) =>
      fileOf(packetsOf([...said(wire)[0] ?? [], ["up", "fin"]]))
    ),
    fileOf(udpPackets(TALK)),
    fileOf([]),
  ],
  make: mutated,
  run: checkFile,
};

const MOST_DATAGRAM = 60_000;

/** Puts what happens on four connections, and to packets, into a file. */
class Network {
  readonly packets: MadePacket[] = [];
  readonly #streams = new StreamWriter((time, packet) =>
    this.packets.push({ time, packet })
  );
  readonly #datagrams = new DatagramWriter((time, packet) =>
    this.packets.push({ time, packet })
  );
  readonly #ended = new Set<string>();
  #time = BEGIN;

  play({ does, bytes }: Step): void {
    this.#time++;
    const id = 1 + (does >> 3 & 3);
    const direction: Direction = does % 2 === 0 ? "up" : "down";
    const kind = does % 8 >> 1;
    if (kind === 3) return this.#damage(bytes);
    const port = kind === 2 ? 5_000 : 5_555;
    const connection = {
      id,
      client: { address: "192.0.2.1", port: 50_000 + id },
      server: { address: "192.0.2.2", port },
      time: this.#time,
    };
    if (kind === 2) {
      const datagram = bytes.subarray(0, MOST_DATAGRAM);
      this.#datagrams.datagram(connection, direction, datagram, this.#time);
      return;
    }
    if (!this.#ended.has(`${id}`)) {
      this.#ended.add(`${id}`);
      this.#streams.open(connection);
    }
    const end = `${id} ${direction}`;
    if (this.#ended.has(end)) return;
    if (kind === 0) {
      this.#streams.data(connection, direction, bytes, this.#time);
      return;
    }
    this.#ended.add(end);
    const how = bytes[0] === 1 ? "reset" : "fin";
    this.#streams.close(connection, direction, this.#time, how);
  }

  /** The last packet is lost, comes twice, late, short or changed. */
  #damage([kind = 0, high = 0, low = 0, value = 0]: Uint8Array): void {
    const last = this.packets.pop();
    if (last === undefined) return;
    const at = (high * 0x100 + low) % last.packet.length;
    const packet = Uint8Array.from(last.packet);
    packet[at] = value;
    const before = this.packets.length - 1 - low % 4;
    if (kind % 5 === 1) this.packets.push(last, last);
    else if (kind % 5 === 2) this.packets.splice(Math.max(0, before), 0, last);
    else if (kind % 5 === 3) {
      this.packets.push({ ...last, packet: last.packet.slice(0, at) });
    } else if (kind % 5 === 4) this.packets.push({ ...last, packet });
  }
}

const TALKED: Target = {
  name: "capture-packets",
  invariant: "Whatever is said, lost, repeated or damaged on any wire, its " +
    "capture is told, the same however the file is cut; no line has anything " +
    "that is unsafe to show, and every figure is a number.",
  seeds: () => [
    ...WIRES.flatMap((wire) =>
      said(wire).map((pieces) =>
        writeScript(
          pieces.map(([way, bytes]) => ({
            does: Number(way === "down"),
            bytes,
          })),
        )
      )
    ),
    writeScript(TALK.map(([, way, what]) => ({
      does: 4 + Number(way === "down"),
      bytes: what instanceof Uint8Array ? what : datagramBytes(what),
    }))),
  ],
  make: scriptMaker((random) => {
    const does = random.integer(32);
    const way = does % 2 === 0 ? "request" : "event";
    const kind = does % 8 >> 1;
    if (kind === 2) return { does, bytes: datagram(random) };
    if (kind > 0) return { does, bytes: bytes(random, 4) };
    const say = random.pick([
      () => chatproto1Frame(random, way),
      () => jsonLine(random, way),
      () => chatproto2Frame(random, way),
      () => preface(random),
      () => cpRead(random),
      () => bytes(random, 40),
    ]);
    return { does, bytes: say() };
  }),
  run: (input) => {
    const network = new Network();
    for (const step of readScript(input)) network.play(step);
    return checkFile(fileOf(network.packets));
  },
};

function datagramBytes(
  what: Exclude<typeof TALK[number][2], Uint8Array>,
): Uint8Array {
  return udpPackets([[0, "up", what]])[0]?.packet.slice(28) ??
    new Uint8Array(0);
}

/** The capture reader. */
export const CAPTURE: readonly Target[] = [FILE, TALKED];
