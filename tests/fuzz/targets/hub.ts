/**
 * The hub, driven by what codecs make of anything.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import type { SeededRandom } from "../../../lib/bench/random.ts";
import {
  ChatProto1ClientCodec,
  type ClientCodec,
  JsonClientCodec,
} from "../../../lib/wire/mod.ts";
import {
  chatproto1Frame,
  chatproto2Frame,
  cpRead,
  jsonLine,
  preface,
} from "../grammar.ts";
import { MemoryChat, type Seat, type Served } from "../memory_chat.ts";
import { joined } from "../../wire/golden.ts";
import { readScript, scriptMaker, type Step, writeScript } from "../script.ts";
import type { Target } from "../target.ts";
import { trafficOf } from "../traffic.ts";

const WIRES: readonly Served[] = ["chatp1", "json", "chatp2", "cp"];
const MOST_SEATS = 6;
const HELD = ["arrival", "open", "verify", "save", "page"] as const;

/** Of wires whose messages stand by themselves, who reads what is said. */
const READERS: Partial<Record<Served, () => ClientCodec>> = {
  chatp1: () => new ChatProto1ClientCodec(),
  json: () => new JsonClientCodec(2),
};

/** A chat, and who reads in it. */
class Play {
  readonly chat = new MemoryChat(["alice", "bob"]);
  readonly #readers = new Map<Seat, ClientCodec>();

  do({ does, bytes }: Step): void {
    const { chat } = this;
    const [first = 0, second = 0] = bytes;
    const seat = chat.seats.filter(({ over }) => !over)[first % MOST_SEATS];
    switch (does % 8) {
      case 0:
        this.#connect(WIRES[first % WIRES.length] as Served);
        break;
      case 1:
      case 2:
        if (seat !== undefined) chat.hear(seat, bytes.slice(1));
        break;
      case 3:
        chat.settle(true);
        break;
      case 4:
        if (first < 32) chat.settle(false);
        else if (seat !== undefined && first < 96) chat.disconnect(seat);
        else if (seat !== undefined && first < 128) {
          chat.room.hub.end(seat.session, chat.room.now);
          chat.room.work();
        }
        break;
      case 5:
        chat.pass((first * 0x100 + second) * (first > 0xf0 ? 32 : 1));
        break;
      case 6:
        chat.room.holding.add(HELD[first % HELD.length] ?? "save");
        if (first > 0xc0) chat.room.holding.clear();
        break;
      case 7:
        chat.answer(first < 0xe0);
    }
    this.#read();
  }

  #connect(wire: Served): void {
    const { chat } = this;
    if (chat.seats.filter(({ over }) => !over).length >= MOST_SEATS) return;
    const seat = chat.connect(wire);
    const reader = READERS[wire];
    if (reader !== undefined) this.#readers.set(seat, reader());
  }

  #read(): void {
    for (const seat of this.chat.seats) {
      const bytes = seat.sent.take();
      const reader = this.#readers.get(seat);
      if (reader === undefined || bytes.length === 0) continue;
      reader.receive(bytes);
      while (reader.next() !== undefined);
      assertEquals(reader.pending, 0, "half a message was sent");
    }
  }

  /** Everything is answered in the end, but for who is told to wait. */
  finish(): void {
    this.chat.finish();
    this.#read();
    for (const seat of this.chat.seats) {
      if (!seat.over) assertEquals(seat.open, 0, "a request has no reply");
    }
  }
}

function said(random: SeededRandom): Uint8Array {
  return random.pick([
    () => chatproto1Frame(random, "request"),
    () => jsonLine(random, "request"),
    () => chatproto2Frame(random, "request"),
    () => chatproto2Frame(random, "request"),
    () => joined(preface(random), chatproto2Frame(random, "request")),
    () => cpRead(random),
  ])();
}

/** Who plays what they said in the conversation of a wire, in turn. */
function conversation(wire: Served): Uint8Array {
  const index = WIRES.indexOf(wire);
  const players = trafficOf(wire);
  const longest = Math.max(...players.map(({ up }) => up.length));
  const steps: Step[] = players.map(() => ({
    does: 0,
    bytes: Uint8Array.of(index),
  }));
  for (let turn = 0; turn < Math.min(longest, 25); turn++) {
    players.forEach(({ up }, player) => {
      const bytes = up[turn];
      if (bytes === undefined) return;
      steps.push(
        { does: 1, bytes: joined(Uint8Array.of(player), bytes) },
        { does: 3, bytes: new Uint8Array(0) },
      );
    });
    steps.push({ does: 5, bytes: Uint8Array.of(4, 0) });
  }
  return writeScript(steps);
}

const HUB: Target = {
  name: "hub",
  invariant: "Whatever codecs make of anything, on four wires at once, each " +
    "request has one reply and each notice none, nothing is said behind a " +
    "close, all that is said can be written, and no exception comes out.",
  seeds: () => WIRES.map(conversation),
  make: scriptMaker((random) => {
    const does = random.pick([0, 1, 1, 1, 1, 1, 3, 3, 3, 4, 5, 6, 7]);
    const first = Uint8Array.of(random.integer(256));
    return {
      does,
      bytes: does === 1
        ? joined(first, said(random))
        : joined(first, Uint8Array.of(random.integer(256))),
    };
  }),
  run: (input) => {
    const play = new Play();
    for (const step of readScript(input)) play.do(step);
    play.finish();
    return play.chat.seen;
  },
};

/** The hub. */
export const HUBS: readonly Target[] = [HUB];
