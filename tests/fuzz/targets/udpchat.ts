/**
 * Reliable UDP: datagrams, the link, both ends.
 *
 * @module
 */

import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import {
  AMPLIFICATION,
  DATAGRAM_LIMITS,
  DatagramError,
  decodeDatagram,
  encodeDatagram,
  type Request,
  type ServerEvent,
} from "../../../lib/wire/mod.ts";
import { bytesOf, TALK } from "../../capture/udpchat_made.ts";
import { ClientScene, LOBBY, push } from "../../wire/udpchat/client_scene.ts";
import { LinkUser } from "../../wire/udpchat/link_user.ts";
import {
  datagram as datagramOf,
  LOBBY_STATE,
  Scene,
} from "../../wire/udpchat/server_scene.ts";
import { datagram } from "../grammar.ts";
import { mutated } from "../mutate.ts";
import { bytes } from "../nonsense.ts";
import { readScript, scriptMaker, type Step, writeScript } from "../script.ts";
import { type Target, written } from "../target.ts";

const SENT = TALK.map(([, , what]) => bytesOf(what));

/** A number of two bytes, as ms, by fours: up to some 17 minutes. */
function milliseconds({ bytes }: Step): number {
  const [high = 0, low = 0] = bytes;
  return (high * 0x100 + low) * (high > 0x7f ? 16 : 1);
}

/** Wakes whoever wants to be until a time; wanting it for ever is a bug. */
function wakeUntil(
  end: { readonly nextWake: number; wake(now: number): void },
  until: number,
  from: number,
): void {
  let now = from;
  for (let wakings = 0; end.nextWake <= until; wakings++) {
    assert(wakings < 20_000, "it wants to be woken for ever");
    now = Math.max(now, end.nextWake);
    end.wake(now);
  }
}

const DATAGRAM: Target = {
  name: "udp-datagram",
  invariant:
    "Any bytes give a datagram or a DatagramError, and a datagram is " +
    "read again as it was written.",
  seeds: () => SENT,
  make: (random, seed, others) =>
    random.chance(0.4)
      ? datagram(random)
      : random.chance(0.3)
      ? mutated(random, datagram(random), others)
      : mutated(random, seed, others),
  run: (input) => {
    try {
      const read = decodeDatagram(input);
      const text = written(read);
      // What is escaped may be longer than what came.
      if (text.length < DATAGRAM_LIMITS.sent / 2) {
        assertEquals(written(decodeDatagram(encodeDatagram(read))), text);
      }
      return new Set(Object.keys(read.body).map((key) => `has ${key.length}`));
    } catch (error) {
      if (!(error instanceof DatagramError)) throw error;
      return new Set([error.detail.replaceAll(/\d+/g, "…")]);
    }
  },
};

const LINK: Target = {
  name: "udp-link",
  invariant: "Whatever comes and whenever, a link gives events or a " +
    "DatagramError, holds no more than its limits, and ends once each thing " +
    "that was said.",
  seeds: () => [
    writeScript(SENT.map((bytes) => ({ does: 0, bytes }))),
    writeScript([
      { does: 1, bytes: new Uint8Array(0) },
      { does: 0, bytes: datagramOf(1_000, "A", "{}") },
      { does: 0, bytes: datagramOf(1, "", '{"n":0}') },
      { does: 2, bytes: new Uint8Array(0) },
      { does: 3, bytes: Uint8Array.of(0x20, 0) },
    ]),
  ],
  make: scriptMaker((random) => ({
    does: random.pick([0, 0, 0, 0, 1, 2, 3]),
    bytes: random.chance(0.8) ? datagram(random) : bytes(random, 3),
  })),
  run: (input) => {
    const user = new LinkUser();
    for (const step of readScript(input)) {
      const kind = step.does % 4;
      if (kind === 0) user.receive(step.bytes);
      else if (kind === 1) user.say();
      else if (kind === 2) user.answer();
      else user.pass(milliseconds(step));
      user.take();
    }
    const { holds, queued } = user.link;
    return new Set([
      written({ ...holds, heldBytes: 0, answerBytes: 0, queued }),
    ]);
  },
};

const PLACE = { id: 1, room: 1, sequence: 1, time: 0 };

/** Whatever a hub may say, asked for or not. */
const EVENTS: readonly ServerEvent[] = [
  { type: "login_ack", username: "alice", room: "general", token: "t" },
  { type: "login_reject", code: 401, reason: "Not logged in" },
  { type: "error_msg", code: 429, text: "Too fast" },
  { type: "room_msg_ack", id: 1, place: PLACE },
  {
    type: "room_msg",
    room: "general",
    sender: "bob",
    text: "x",
    place: PLACE,
  },
  { type: "rooms", rooms: [LOBBY_STATE] },
  { type: "received_by_all", room: 1, sequence: 9 },
  { type: "position", room: 1, sequence: 9, time: 0 },
  { type: "history", room: "general", messages: [], more: false },
  { type: "list_people", users: ["alice"] },
];

/** Takes what is sent: whole datagrams that fit; answers their bytes. */
function taken(datagrams: readonly Uint8Array[], seen: Set<string>): number {
  let sum = 0;
  for (const bytes of datagrams) {
    assertLessOrEqual(bytes.length, DATAGRAM_LIMITS.sent);
    const { ack, syn, fin, body } = decodeDatagram(bytes);
    const { type, status, error } = body;
    seen.add(
      `sent ${[ack, syn, fin]} ${type} ${status} ${`${error}`.slice(0, 40)}`,
    );
    sum += bytes.length;
  }
  return sum;
}

const SERVER: Target = {
  name: "udp-server",
  invariant: "Whatever comes from an address and whatever the chat says, its " +
    "end sends whole datagrams and throws nothing; before a login it sends " +
    `at most ${AMPLIFICATION} times the bytes that came.`,
  seeds: () => [
    writeScript(SENT.map((bytes) => ({ does: 0, bytes }))),
    writeScript([
      { does: 6, bytes: new Uint8Array(0) },
      {
        does: 0,
        bytes: datagramOf(
          2,
          "",
          '{"type":"CHT","username":"alice","text":"hi"}',
        ),
      },
      { does: 1, bytes: Uint8Array.of(3) },
      { does: 2, bytes: Uint8Array.of(4) },
      { does: 4, bytes: Uint8Array.of(0xf0, 0) },
      { does: 0, bytes: datagramOf(0, "S", '{"token":"t0ken"}') },
    ]),
  ],
  make: scriptMaker((random) => ({
    does: random.pick([0, 0, 0, 0, 1, 1, 2, 3, 4, 5]),
    bytes: random.chance(0.7)
      ? datagram(random)
      : Uint8Array.of(random.integer(256), random.integer(256)),
  })),
  run: (input) => {
    const scene = new Scene();
    const seen = new Set<string>();
    let [heard, sent, isIn] = [0, 0, false];
    readScript(input).forEach((step, index) => {
      const event = EVENTS[(step.bytes[0] ?? 0) % EVENTS.length] as ServerEvent;
      switch (step.does % 7) {
        case 0:
          scene.end.receive(step.bytes, scene.now);
          heard += step.bytes.length;
          break;
        case 1:
          isIn ||= event.type === "login_ack";
          scene.opened?.reply(event, scene.now);
          break;
        case 2:
          scene.opened?.send(event, scene.now);
          break;
        case 3:
          scene.opened?.closed(scene.now);
          break;
        case 4: {
          const until = scene.now + milliseconds(step);
          wakeUntil(scene.end, until, scene.now);
          scene.now = until;
          break;
        }
        case 5:
          scene.end.turn();
          break;
        case 6:
          if (index === 0) scene.login();
          isIn ||= index === 0;
      }
      for (const wanted of scene.wanted()) {
        const { type, request } = wanted as {
          readonly type: string;
          readonly request?: Request;
        };
        seen.add(`${type} ${request?.type}`);
      }
      sent += taken(scene.end.datagrams(), seen);
      if (!isIn) assertLessOrEqual(sent, AMPLIFICATION * heard);
    });
    return seen;
  },
};

/** What somebody may ask who is logged in. */
const ASKS: readonly Request[] = [
  { type: "room_msg", text: "hi" },
  { type: "room_msg", room: "tea", text: "hi" },
  { type: "private_msg", recipient: "bob", text: "psst" },
  { type: "join_room", room: "tea" },
  { type: "make_group", room: "team", users: ["bob"] },
  { type: "list_users" },
  { type: "list_rooms" },
  { type: "list_members", room: "general" },
  { type: "history", room: "general", limit: 50 },
  { type: "history", room: "general", before: 4, limit: 2 },
  { type: "search", words: "tea" },
  { type: "receipt", room: 1, received: 4 },
];

const OPENINGS: readonly Request[] = [
  { type: "login", username: "alice", password: "secret" },
  { type: "register", username: "alice", password: "secret" },
  { type: "resume", token: "t0ken", positions: [] },
];

/** A client's end in use. */
class Client {
  readonly scene = new ClientScene();
  readonly seen = new Set<string>();
  #opened = false;
  #entered = false;
  #finishes = false;
  #over = false;
  #asked = 0;

  play(step: Step, index: number): void {
    const { scene } = this;
    const { end, now } = scene;
    const choice = step.bytes[0] ?? 0;
    switch (step.does % 6) {
      case 0:
        end.receive(step.bytes, now);
        break;
      case 1:
        this.#ask(choice);
        break;
      case 2: {
        const until = now + milliseconds(step);
        wakeUntil(end, until, now);
        scene.now = until;
        break;
      }
      case 3:
        this.#finishes ||= choice === 0;
        if (choice === 0) end.finish(now);
        break;
      case 4:
        end.keepalive(now);
        break;
      case 5:
        if (index > 0) break;
        scene.login();
        this.#opened = this.#entered = true;
    }
    taken(end.datagrams(), this.seen);
    this.#take();
  }

  #ask(choice: number): void {
    const { end, now } = this.scene;
    if (this.#over || this.#finishes) return;
    // Its owner opens once, and asks when it is in.
    if (this.#opened && !this.#entered) return;
    const asks = this.#opened ? ASKS : OPENINGS;
    const request = asks[choice % asks.length] as Request;
    this.#opened = true;
    if (request.type !== "receipt") this.#asked++;
    end.send(request, now);
  }

  #take(): void {
    for (const event of this.scene.end.events()) {
      assert(!this.#over, "something comes behind the end");
      if (event.type === "lost" || event.type === "finished") {
        this.#over = true;
        this.seen.add(event.type);
      }
      if (event.type !== "event") continue;
      this.seen.add(`${event.isAnswer} ${event.event.type}`);
      if (event.event.type === "login_ack") this.#entered = true;
      if (!event.isAnswer) continue;
      this.#asked--;
      assert(this.#asked >= 0, "an answer that answers nothing");
    }
  }
}

const answer = (response: string) =>
  `{"status":200,"error":null,"response":${response}}`;

const CLIENT: Target = {
  name: "udp-client",
  invariant: "Whatever comes, our client's end gives events and at most one " +
    "answer for each thing asked, nothing behind its end, sends whole " +
    "datagrams and throws nothing.",
  seeds: () => [
    writeScript([
      { does: 5, bytes: new Uint8Array(0) },
      { does: 1, bytes: Uint8Array.of(0) },
      {
        does: 0,
        bytes: datagramOf(1_137, "A", answer('{"MessageID":7,"sequence":5}')),
      },
      { does: 0, bytes: datagramOf(77, "", push({ id: 8, sequence: 6 })) },
      { does: 2, bytes: Uint8Array.of(0x10, 0) },
      { does: 3, bytes: Uint8Array.of(0) },
    ]),
    writeScript([
      { does: 1, bytes: Uint8Array.of(0) },
      { does: 0, bytes: datagramOf(0, "A", "{}") },
      {
        does: 0,
        bytes: datagramOf(
          1_000,
          "A",
          answer('{"username":"alice","token":"t0ken"}'),
        ),
      },
      { does: 0, bytes: datagramOf(1_066, "A", answer(LOBBY)) },
      { does: 0, bytes: datagramOf(5, "", push({ id: 8 })) },
      { does: 2, bytes: Uint8Array.of(0x18, 0) },
    ]),
  ],
  make: scriptMaker((random) => ({
    does: random.pick([0, 0, 0, 0, 1, 1, 2, 3, 4]),
    bytes: random.chance(0.6)
      ? datagram(random)
      : Uint8Array.of(random.integer(256), random.integer(256)),
  })),
  run: (input) => {
    const client = new Client();
    readScript(input).forEach((step, index) => client.play(step, index));
    return client.seen;
  },
};

/** Reliable UDP. */
export const UDPCHAT: readonly Target[] = [DATAGRAM, LINK, SERVER, CLIENT];
