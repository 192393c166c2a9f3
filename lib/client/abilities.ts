/**
 * What a client can do on each wire, as data. Pure.
 *
 * @module
 */

import type { ServerAddress } from "../net/mod.ts";
import {
  ChatProto1ClientCodec,
  ChatProto2ClientCodec,
  type ClientCodec,
  CpClientCodec,
  JsonClientCodec,
} from "../wire/mod.ts";
import { type ChatRequest, REQUESTS } from "./exchange.ts";

/** What a wire carries. */
export interface Abilities {
  /** What can be asked. */
  readonly requests: ReadonlySet<ChatRequest["type"]>;
  /**
   * One can be in several rooms at once, each message says where it stands,
   * and sessions outlive their connections.
   */
  readonly many: boolean;
  /**
   * Messages and groups bear a key that counts for the account: they can be sent
   * again over any connection, also behind another login.
   */
  readonly keyed?: true;
  /** The most requests that wait for their reply at once. */
  readonly window?: number;
  /** The server is asked every so often for what waits, ms. */
  readonly asksEvery?: number;
  /** A text may be sealed (docs/end_to_end.md). */
  readonly sealed?: true;
}

/** Whether there are rooms on a wire; else one writes to people alone. */
export function hasRooms({ requests }: Abilities): boolean {
  return requests.has("room_msg");
}

/** ChatProto 1.0 and JSON lines. */
export const BASIC: Abilities = {
  requests: new Set([
    "room_msg",
    "private_msg",
    "join_room",
    "list_users",
    "list_rooms",
  ]),
  many: false,
  sealed: true,
};

/** ChatProto 2. */
export const FULL: Abilities = {
  requests: new Set(Object.keys(REQUESTS) as ChatRequest["type"][]),
  many: true,
  sealed: true,
};

/** Reliable UDP. */
export const UDPCHAT: Abilities = {
  requests: new Set([
    "room_msg",
    "private_msg",
    "join_room",
    "make_group",
    "list_users",
    "list_rooms",
    "list_members",
    "history",
  ]),
  many: true,
  keyed: true,
};

/** CP: messages to accounts, which they ask for. */
export const CP: Abilities = {
  requests: new Set(["private_msg"]),
  many: false,
  window: 1,
  asksEvery: 3_000,
};

/** A wire, as a client uses it. */
export interface WireRow {
  /** What it is called in a sentence. */
  readonly title: string;
  readonly abilities: Abilities;
  codec(): ClientCodec;
}

/** The wires of a stream; `udpchat` has no codec. */
type WireKey =
  | `${Exclude<ServerAddress["wire"], "udpchat" | "cp">}${ServerAddress[
    "version"
  ]}`
  | "cp1";

/** Every wire and version: a new one is a new row. */
export const WIRES: Readonly<Record<WireKey, WireRow>> = {
  chatproto1: {
    title: "ChatProto",
    abilities: BASIC,
    codec: () => new ChatProto1ClientCodec(),
  },
  chatproto2: {
    title: "ChatProto",
    abilities: FULL,
    codec: () => new ChatProto2ClientCodec(),
  },
  json1: {
    title: "JSON lines",
    abilities: BASIC,
    codec: () => new JsonClientCodec(1),
  },
  json2: {
    title: "JSON lines",
    abilities: BASIC,
    codec: () => new JsonClientCodec(2),
  },
  cp1: { title: "CP", abilities: CP, codec: () => new CpClientCodec() },
};

/** A wire over a stream, and its version. */
export interface StreamWire {
  readonly wire: Exclude<ServerAddress["wire"], "udpchat">;
  readonly version: ServerAddress["version"];
}

/** How a wire over a stream is used. */
export function wireOf({ wire, version }: StreamWire): WireRow {
  return wire === "cp" ? WIRES.cp1 : WIRES[`${wire}${version}`];
}
