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
};

/** ChatProto 2. */
export const FULL: Abilities = {
  requests: new Set(Object.keys(REQUESTS) as ChatRequest["type"][]),
  many: true,
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

/** A wire, as a client uses it. */
export interface WireRow {
  /** What it is called in a sentence. */
  readonly title: string;
  readonly abilities: Abilities;
  codec(): ClientCodec;
}

/** The wires of a stream; `udpchat` has no codec. */
type WireKey = `${Exclude<
  ServerAddress["wire"],
  "udpchat"
>}${ServerAddress["version"]}`;

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
};
