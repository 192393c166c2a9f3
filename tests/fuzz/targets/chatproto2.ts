/**
 * ChatProto 2, both ends, with and without the text code; the text code; the
 * first bytes.
 *
 * @module
 */

import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import {
  ByteWriter,
  ChatProto2ClientCodec,
  ChatProto2ServerCodec,
  detectWire,
  isNotice,
  LocalProtocolError,
  OPENING_BYTES,
  RemoteProtocolError,
  type Request,
  type ServerEvent,
  streamOf,
  textBytes,
  WIRE_LIMITS,
} from "../../../lib/wire/mod.ts";
import {
  compressText,
  expandText,
} from "../../../lib/wire/text_code/text_code.ts";
import { CASES } from "../../wire/chatproto2_cases.ts";
import { Pair } from "../../wire/chatproto2_pair.ts";
import { joined } from "../../wire/golden.ts";
import { chatproto2Frame, preface } from "../grammar.ts";
import { mutated } from "../mutate.ts";
import { bytes, text } from "../nonsense.ts";
import { readScript, scriptMaker, writeScript } from "../script.ts";
import { chanceOf, cutUp, type Target, written } from "../target.ts";
import { streamsOf, trafficOf } from "../traffic.ts";
import {
  checkCuts,
  readPieces,
  seenIn,
  streamMaker,
  type StreamReader,
} from "./streams.ts";

const MOST = WIRE_LIMITS.bodyBytes + 8;
const OPTIONS = { plain: { textCode: false }, coded: {} } as const;
type Coding = keyof typeof OPTIONS;

/** A server's end whose chat lets everybody in and can do nothing else. */
class Server implements StreamReader {
  readonly #codec: ChatProto2ServerCodec;
  readonly #writer = new ByteWriter();

  constructor(coding: Coding) {
    this.#codec = new ChatProto2ServerCodec(OPTIONS[coding]);
  }

  get pending(): number {
    return this.#codec.pending;
  }

  receive(bytes: Uint8Array): void {
    this.#codec.receive(bytes);
  }

  next(): Request | undefined {
    try {
      const request = this.#codec.next();
      if (request !== undefined && !isNotice(request)) this.#reply(request);
      return request;
    } catch (error) {
      if (error instanceof RemoteProtocolError) this.#reply(undefined);
      throw error;
    }
  }

  #reply(request: Request | undefined): void {
    this.#codec.output();
    const login = request?.type === "login" || request?.type === "resume" ||
      request?.type === "register";
    this.#codec.reply(
      this.#writer,
      login
        ? { type: "login_ack", username: "alice", room: "general", token: "t" }
        : { type: "error_msg", code: 404, text: "Not found: no" },
    );
    assert(this.#writer.take().length > 0, "a reply is nothing");
  }
}

/** A request by itself, as a client's end writes it, read again. */
function checkRequest(found: unknown, coding: Coding): void {
  const request = found as Request & { ref?: number; type: string };
  if (request.type.startsWith("error ")) return;
  // The first RECEIPT names its room, and no room has the number 0.
  if (request.type === "receipt" && request.room === 0) return;
  if (request.type === "room_msg" || request.type === "private_msg") {
    // The chat refuses it; coded, its reader does.
    if (textBytes(request.text) > WIRE_LIMITS.textBytes) return;
    // Refs count from the login on, which this connection has not.
    delete request.ref;
  }
  const client = new ChatProto2ClientCodec(OPTIONS[coding]);
  const server = new ChatProto2ServerCodec(OPTIONS[coding]);
  server.receive(client.output() ?? new Uint8Array(0));
  server.next();
  client.receive(server.output() ?? new Uint8Array(0));
  client.next();
  let bytes: Uint8Array;
  try {
    bytes = client.encode(request);
  } catch (error) {
    // A text that came coded may be too long uncoded.
    const long = written(request).length > WIRE_LIMITS.bodyBytes / 2;
    if (error instanceof LocalProtocolError && long) return;
    throw error;
  }
  server.receive(bytes);
  assertEquals(written(server.next()), written(request), "written, read");
}

function caseSeeds(coding: Coding, way: "up" | "down"): Uint8Array[] {
  return CASES.flatMap(({ before, step }) => {
    const all = [...before, step];
    if (way === "up" && !all.some((each) => "ask" in each)) return [];
    const pair = new Pair(OPTIONS[coding]);
    const steps: Uint8Array[] = [];
    for (const each of all) {
      const bytes = pair.bytes(each);
      const reader = pair.reader(each);
      reader.receive(bytes);
      while (reader.next() !== undefined);
      if (way === "up" && "ask" in each) steps.push(bytes);
      if (way === "up") continue;
      steps.push(
        "ask" in each
          ? writeScript([{ does: 0, bytes: indexBytes(each.ask) }])
          : writeScript([{ does: 1, bytes }]),
      );
    }
    const greeting = Uint8Array.of(
      0x43,
      0x50,
      2,
      0,
      coding === "coded" ? 1 : 0,
      0,
      0,
      0,
      0,
    );
    return way === "up"
      ? [joined(greeting, ...steps)]
      : [joined(writeScript([{ does: 1, bytes: greeting }]), ...steps)];
  });
}

/** Every request of the cases: what a client may have asked. */
const ASKS: readonly Request[] = [
  ...new Map(
    CASES.flatMap(({ before, step }) => [...before, step])
      .flatMap((each) => "ask" in each ? [each.ask] : [])
      .map((ask) => [written(ask), ask] as const),
  ).values(),
];

function indexBytes(ask: Request): Uint8Array {
  const key = written(ask);
  return Uint8Array.of(ASKS.findIndex((each) => written(each) === key));
}

/** A client's end, and a server that reads what it says by itself. */
class Client implements StreamReader {
  readonly #codec: ChatProto2ClientCodec;
  readonly #server: ChatProto2ServerCodec;

  constructor(coding: Coding) {
    this.#codec = new ChatProto2ClientCodec(OPTIONS[coding]);
    this.#server = new ChatProto2ServerCodec(OPTIONS[coding]);
  }

  get pending(): number {
    return this.#codec.pending;
  }

  ask(request: Request): void {
    try {
      this.#say(this.#codec.encode(request));
    } catch (error) {
      // Out of turn, or to a room whose name is not known here.
      if (!(error instanceof LocalProtocolError)) throw error;
    }
  }

  receive(bytes: Uint8Array): void {
    this.#codec.receive(bytes);
  }

  next(): ServerEvent | undefined {
    try {
      const event = this.#codec.next();
      if (event !== undefined) streamOf(event);
      return event;
    } finally {
      this.#say(this.#codec.output());
    }
  }

  #say(bytes: Uint8Array | undefined): void {
    if (bytes === undefined) return;
    this.#server.receive(bytes);
    while (this.#server.next() !== undefined);
    assertEquals(this.#server.pending, 0, "half a frame was said");
  }
}

/** Asks and pieces of the server's stream in turn; `cut`: in smaller ones. */
function playClient(coding: Coding, input: Uint8Array, cut: boolean) {
  const client = new Client(coding);
  const random = chanceOf(input);
  const found: unknown[] = [];
  let dead = false;
  for (const { does, bytes } of readScript(input)) {
    if (does % 2 === 0) {
      client.ask(ASKS[(bytes[0] ?? 0) % ASKS.length] as Request);
      continue;
    }
    const pieces = cut ? cutUp(bytes, random) : [bytes];
    const came = readPieces(client, pieces, MOST);
    assert(!dead || came.length === 0, "something comes behind a fatal error");
    dead ||= came.some((each) => (each as { fatal?: boolean }).fatal === true);
    found.push(...came);
  }
  return found;
}

/**
 * What came, with an error's code alone: whether a reply stands behind the
 * client's own question for names, or before, goes by what was read by then.
 * Without the right question it is a mistake, in one word or the other.
 */
function withoutDetails(came: readonly unknown[]): unknown[] {
  return came.map((each) => {
    const { type, fatal } = each as { type: string; fatal?: boolean };
    return type.startsWith("error ") ? { type, fatal } : each;
  });
}

function serverTarget(coding: Coding): Target {
  return {
    name: coding === "plain" ? "chatproto2-server" : "chatproto2-server-coded",
    invariant: "Any bytes give requests or a RemoteProtocolError, nothing " +
      "else, the same however they are cut; each can be answered; never is " +
      "more held than a frame; and each request is read again as it was " +
      "written.",
    seeds: () => [...caseSeeds(coding, "up"), ...streamsOf("chatp2", "up")],
    make: streamMaker((random) =>
      random.chance(0.1) ? preface(random) : chatproto2Frame(random, "request")
    ),
    run: (input) => {
      const found = checkCuts(() => new Server(coding), input, MOST);
      const seen = seenIn(found);
      for (const each of found) checkRequest(each, coding);
      return seen;
    },
  };
}

function clientTarget(coding: Coding): Target {
  const change = scriptMaker((random) =>
    random.chance(0.3)
      ? { does: 0, bytes: Uint8Array.of(random.integer(256)) }
      : { does: 1, bytes: chatproto2Frame(random, "event") }
  );
  return {
    name: coding === "plain" ? "chatproto2-client" : "chatproto2-client-coded",
    invariant: "Whatever was asked, any bytes give events or a " +
      "RemoteProtocolError, nothing else, the same however they are cut, " +
      "but for its words; never is more of the stream held than a frame; and what " +
      "the client's end says by itself is read by a server's.",
    seeds: () => [
      ...caseSeeds(coding, "down"),
      ...trafficOf("chatp2").map(({ down }) =>
        writeScript(down.slice(0, 30).map((bytes) => ({ does: 1, bytes })))
      ),
    ],
    make: change,
    run: (input) => {
      const found = playClient(coding, input, false);
      const cut = playClient(coding, input, true);
      const [some, all] = [cut, found].map(withoutDetails);
      assertEquals(written(some), written(all), "it matters how it is cut");
      return seenIn(found);
    },
  };
}

const MOST_TEXT = WIRE_LIMITS.textBytes;

const TEXT_CODE: Target = {
  name: "text-code",
  invariant: "Any bytes expand to a text within the limit or give a " +
    "RemoteProtocolError that is not fatal, and any text that is compressed " +
    "gets shorter and expands to itself.",
  seeds: () =>
    ["hi", "See you at ten, then?", "Grüße, Bob! 🔑", "lol", "👋".repeat(50)]
      .flatMap((said) => [
        new TextEncoder().encode(said),
        compressText(said) ?? new Uint8Array(0),
      ]),
  make: (random, seed, others) => {
    const kind = random.integer(4);
    if (kind === 0) return new TextEncoder().encode(text(random));
    if (kind === 1) return compressText(text(random)) ?? bytes(random, 40);
    return kind === 2 ? bytes(random, 60) : mutated(random, seed, others);
  },
  run: (input) => {
    const seen = new Set<string>();
    const check = (said: string) => {
      const packed = compressText(said);
      if (packed === undefined) return;
      assert(packed.length < textBytes(said), "it is not shorter");
      assertEquals(expandText(packed, textBytes(said)), said);
      seen.add(`packed ${Math.floor(Math.log2(packed.length))}`);
    };
    try {
      const said = expandText(input, MOST_TEXT);
      assertLessOrEqual(textBytes(said), MOST_TEXT);
      assert(said.isWellFormed(), "half a surrogate pair");
      check(said);
      seen.add(`text ${Math.floor(Math.log2(said.length + 1))}`);
    } catch (error) {
      if (!(error instanceof RemoteProtocolError)) throw error;
      assert(!error.fatal);
      seen.add(error.message);
    }
    check(new TextDecoder().decode(input));
    return seen;
  },
};

const OPENING: Target = {
  name: "first-bytes",
  invariant: "Any first bytes are decided on by the eighth at the latest, " +
    "and what is decided stays so whatever follows.",
  seeds: () =>
    [
      "USERalice\r\n",
      "GET / HTTP/1.1",
      "pri * HTTP/2.0",
      '{"type":"login"}',
      "CP\x01\x01",
      "CP\x02\x00\x01\x00\x00\x00\x00",
      "\x16\x03\x01",
      "OPTIONS *",
    ].map((each) => Uint8Array.from(each, (one) => one.charCodeAt(0))),
  make: mutated,
  run: (input) => {
    const answers = Array.from(
      { length: Math.min(input.length, 2 * OPENING_BYTES) + 1 },
      (_, length) => detectWire(input.subarray(0, length)),
    );
    const first = answers.find((each) => each !== undefined);
    answers.forEach((answer, length) => {
      if (answer !== undefined) assertEquals(answer, first);
      else assert(length < OPENING_BYTES, "it is not decided");
    });
    const settled = answers.indexOf(first);
    assert(
      first === undefined || answers.slice(settled).every((each) => each),
      "it was decided before",
    );
    return new Set([`${first} ${settled}`]);
  },
};

/** ChatProto 2, and what is told by the first bytes. */
export const CHATPROTO2: readonly Target[] = [
  serverTarget("plain"),
  serverTarget("coded"),
  clientTarget("plain"),
  clientTarget("coded"),
  TEXT_CODE,
  OPENING,
];
