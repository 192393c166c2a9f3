/**
 * Real traffic: the bench's conversation, played through our own codecs into a
 * chat in memory.
 *
 * @module
 */

import { converse } from "../../lib/bench/mod.ts";
import {
  ChatProto1ClientCodec,
  ChatProto2ClientCodec,
  type ClientCodec,
  CpClientCodec,
  JsonClientCodec,
} from "../../lib/wire/mod.ts";
import { joined } from "../wire/golden.ts";
import { MemoryChat, type Seat, type Served } from "./memory_chat.ts";

const CLIENTS: Readonly<Record<Served, () => ClientCodec>> = {
  chatp1: () => new ChatProto1ClientCodec(),
  json: () => new JsonClientCodec(2),
  chatp2: () => new ChatProto2ClientCodec(),
  cp: () => new CpClientCodec(),
};

/** What one connection carried: a piece for each write. */
export interface Traffic {
  readonly up: readonly Uint8Array[];
  readonly down: readonly Uint8Array[];
  /** Both, in their order. */
  readonly all: readonly (readonly ["up" | "down", Uint8Array])[];
}

class Player {
  readonly seat: Seat;
  readonly client: ClientCodec;
  readonly all: ["up" | "down", Uint8Array][] = [];
  readonly #chat: MemoryChat;

  constructor(chat: MemoryChat, wire: Served) {
    this.#chat = chat;
    this.seat = chat.connect(wire);
    this.client = CLIENTS[wire]();
  }

  send(bytes: Uint8Array | undefined): void {
    if (bytes === undefined || bytes.length === 0) return;
    this.all.push(["up", bytes]);
    this.#chat.hear(this.seat, bytes);
    while (this.#chat.room.appended.length > 0) this.#chat.settle(true);
  }

  read(): void {
    const bytes = this.seat.sent.take();
    if (bytes.length === 0) return;
    this.all.push(["down", bytes]);
    this.client.receive(bytes);
    for (let event = this.client.next(); event !== undefined;) {
      event = this.client.next();
    }
    this.send(this.client.output?.());
  }
}

function play(wire: Served): Traffic[] {
  const { users, steps } = converse({ users: 3, messages: 40, seed: 1 });
  const chat = new MemoryChat(wire === "cp" ? ["alice", "bob"] : []);
  const players = users.map(() => new Player(chat, wire));
  for (const { user, action } of steps) {
    const player = players[user];
    if (player === undefined || action.type === "quit") continue;
    chat.pass(1_000);
    if (wire !== "cp") player.send(player.client.encode(action));
    else if (action.type === "login") {
      const username = user === 0 ? "alice" : "bob";
      const login = { ...action, username, password: "secret" };
      player.send(player.client.encode(login));
    } else if (action.type === "room_msg" && typeof action.text === "string") {
      const recipient = user === 0 ? "bob" : "alice";
      const { text } = action;
      player.send(
        player.client.encode({ type: "private_msg", recipient, text }),
      );
    } else player.send(player.client.keepalive?.());
    for (let left = 4; left > 0; left--) {
      for (const each of players) each.read();
    }
  }
  return players.map(({ all }) => ({
    up: all.filter(([way]) => way === "up").map(([, bytes]) => bytes),
    down: all.filter(([way]) => way === "down").map(([, bytes]) => bytes),
    all,
  }));
}

const played = new Map<Served, readonly Traffic[]>();

/** What three connections of a wire carried. */
export function trafficOf(wire: Served): readonly Traffic[] {
  const known = played.get(wire);
  if (known !== undefined) return known;
  const found = play(wire);
  played.set(wire, found);
  return found;
}

/** One direction of each of them as streams, whole and by its writes. */
export function streamsOf(
  wire: Served,
  direction: "up" | "down",
): Uint8Array[] {
  return trafficOf(wire).flatMap((traffic) => {
    const pieces = traffic[direction];
    return [joined(...pieces.slice(0, 30)), ...pieces.slice(0, 12)];
  });
}
