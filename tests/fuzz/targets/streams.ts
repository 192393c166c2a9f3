/**
 * Everything that reads a byte stream.
 *
 * @module
 */

import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import type { SeededRandom } from "../../../lib/bench/random.ts";
import {
  type Decoder,
  type Direction,
  ERROR_CODES,
  RelayReader,
  RemoteProtocolError,
  SERVER_READY,
  WIRE_LIMITS,
} from "../../../lib/wire/mod.ts";
import { CASES } from "../../wire/cases.ts";
import { golden, joined, lineBytes } from "../../wire/golden.ts";
import { PLAIN_KEY } from "../../wire/relay_key.ts";
import { encode, type Message, type Wire, wireOf } from "../../wire/wires.ts";
import { chatproto1Frame, jsonLine } from "../grammar.ts";
import { mutated } from "../mutate.ts";
import { bytes, text } from "../nonsense.ts";
import { chanceOf, cutUp, type Seen, type Target, written } from "../target.ts";
import { streamsOf } from "../traffic.ts";

/** Reads a stream, and may do more with each message. */
export interface StreamReader extends Pick<Decoder<unknown>, "pending"> {
  receive(bytes: Uint8Array): void;
  next(): unknown;
}

/** What is done to a stream that comes in these pieces: all that came of it. */
export function readPieces(
  reader: StreamReader,
  pieces: readonly Uint8Array[],
  most: number,
): unknown[] {
  const found: unknown[] = [];
  const total = pieces.reduce((sum, { length }) => sum + length, 0);
  let dead = false;
  for (const piece of pieces) {
    reader.receive(piece);
    for (;;) {
      assertLessOrEqual(found.length, total + 100, "more comes than came");
      try {
        const message = reader.next();
        if (message === undefined) break;
        assert(!dead, "something comes behind a fatal error");
        found.push(message);
      } catch (error) {
        if (!(error instanceof RemoteProtocolError)) throw error;
        assert(!dead, "an error comes behind a fatal one");
        assert(Object.hasOwn(ERROR_CODES, error.code));
        const { code, detail, fatal } = error;
        found.push({ type: `error ${code}`, detail, fatal });
        dead = fatal;
      }
    }
    assertLessOrEqual(reader.pending, dead ? 0 : most, "too much is held");
  }
  return found;
}

/** The types of what came, for the corpus. */
export function seenIn(found: readonly unknown[]): Seen {
  return new Set(
    found.map((each) => {
      const { type, detail = "" } = each as { type: string; detail?: string };
      return `${type} ${detail.replaceAll(/["\d][^ ]*/g, "…").slice(0, 60)}`;
    }),
  );
}

/** The same stream whole, in pieces and byte by byte; what comes is the same. */
export function checkCuts(
  open: () => StreamReader,
  stream: Uint8Array,
  most: number,
): unknown[] {
  const found = readPieces(open(), [Uint8Array.from(stream)], most);
  const cut = readPieces(open(), cutUp(stream, chanceOf(stream)), most);
  assertEquals(written(cut), written(found), "it matters how it is cut");
  if (stream.length > 300) return found;
  const single = Array.from(stream, (byte) => Uint8Array.of(byte));
  const one = readPieces(open(), single, most);
  assertEquals(written(one), written(found), "it matters how it is cut");
  return found;
}

/** Makes a stream: a changed one, or one after the grammar, or of both. */
export function streamMaker(frame: (random: SeededRandom) => Uint8Array) {
  return (
    random: SeededRandom,
    seed: Uint8Array,
    others: readonly Uint8Array[],
  ): Uint8Array => {
    if (random.chance(0.5)) return mutated(random, seed, others);
    const frames = Array.from(
      { length: 1 + random.integer(6) },
      () => frame(random),
    );
    if (random.chance(0.5)) frames.unshift(seed);
    const made = joined(...frames);
    return random.chance(0.7) ? made : mutated(random, made, others);
  };
}

/** What a wire loses of an event that says no code that it knows. */
function isCarried(wire: Wire, message: Message): boolean {
  return wire.id !== "chatp1" || message.type !== "error_msg" ||
    message.code !== undefined;
}

/** Every message as its sender writes it, read again. */
function checkAgain(
  wire: Wire,
  direction: Direction,
  found: readonly unknown[],
): void {
  for (const each of found) {
    const message = each as Message;
    if (message.type.startsWith("error ") || !isCarried(wire, message)) {
      continue;
    }
    // What is escaped, or says its version, may be longer than what came.
    if (written(message).length > WIRE_LIMITS.bodyBytes / 2) continue;
    const reader = direction === "request" ? wire.server() : wire.client();
    reader.receive(encode(wire, direction, message));
    assertEquals(written(reader.next()), written(message), "written, read");
  }
}

function basicTarget(
  name: string,
  wireId: "chatp1" | "json2",
  direction: Direction,
): Target {
  const wire = wireOf(wireId);
  const isJson = wireId === "json2";
  const open = (): StreamReader =>
    direction === "request" ? wire.server() : wire.client();
  const most = WIRE_LIMITS.bodyBytes + wire.overhead;
  return {
    name,
    invariant: "Any bytes give messages or a RemoteProtocolError, nothing " +
      "else, the same however they are cut; never is more held than a frame; " +
      "and each message is read again as it was written.",
    seeds: () => [
      ...CASES.filter((each) => each.direction === direction).map((each) => {
        const bytes = each.bytes[wireId];
        if (typeof bytes !== "string") return new Uint8Array(0);
        return isJson ? lineBytes(bytes) : golden(bytes);
      }),
      ...streamsOf(
        isJson ? "json" : "chatp1",
        direction === "request" ? "up" : "down",
      ),
    ],
    make: streamMaker((random) =>
      isJson ? jsonLine(random, direction) : chatproto1Frame(random, direction)
    ),
    run: (input) => {
      const found = checkCuts(open, input, most);
      checkAgain(wire, direction, found);
      return seenIn(found);
    },
  };
}

const RELAY: Target = {
  name: "relay-client",
  invariant: "Any bytes give a line of the server's and blocks, or one fatal " +
    "RemoteProtocolError, the same however they are cut, and never is more " +
    "held than a block.",
  seeds: () => [
    joined(
      new TextEncoder().encode(SERVER_READY),
      PLAIN_KEY.encrypt(new TextEncoder().encode("hi")),
      PLAIN_KEY.encrypt(new TextEncoder().encode("exit")),
    ),
    new TextEncoder().encode("server full\n"),
  ],
  make: streamMaker((random) =>
    random.chance(0.5)
      ? bytes(random, 20)
      : PLAIN_KEY.encrypt(new TextEncoder().encode(text(random)).slice(0, 15))
  ),
  run: (input) =>
    seenIn(
      checkCuts(() => new RelayReader(PLAIN_KEY), input, PLAIN_KEY.size),
    ),
};

/** The wires whose messages stand by themselves, and the relay's. */
export const STREAMS: readonly Target[] = [
  basicTarget("chatproto1-server", "chatp1", "request"),
  basicTarget("chatproto1-client", "chatp1", "event"),
  basicTarget("json-server", "json2", "request"),
  basicTarget("json-client", "json2", "event"),
  RELAY,
];
