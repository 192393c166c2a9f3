/**
 * What was submitted, as the outbox keeps it. Pure.
 *
 * @module
 */

import {
  type ErrorCode,
  LOBBY,
  type Request,
  type ServerEvent,
} from "../wire/mod.ts";
import type { Answer } from "./events.ts";
import { type ChatRequest, REQUESTS } from "./exchange.ts";

/** A room that messages are meant for. */
export class Place {
  /** Undefined until the first login tells it. */
  room: string | undefined;
  /** Why one can't be there, when that is so. */
  lost: string | undefined;

  constructor(room?: string) {
    this.room = room;
  }
}

/** Something that was submitted. */
export interface Entry {
  /** Counts from 1 in the order of submission. */
  readonly ref: number;
  readonly request: ChatRequest;
  /** Where a message is meant to be said, or where a join leads. */
  readonly place: Place;
  /** Where what is behind it is meant, if it leaves where one is. */
  readonly next?: Place;
  /** As it was sent, over the connection that is or the one that was. */
  sent?: Request;
  /** Its number among the messages of a kept session, once it was sent. */
  number?: number;
  /** Whether the server said that it did not act on what was sent last. */
  untaken?: true;
  /** Whether it was sent over an earlier connection too. */
  again?: true;
  /** Whether it is a message to be sealed: it MUST NOT be sent before. */
  readonly secret?: boolean;
  /** What it was sealed as. */
  readonly sealed?: Uint8Array;
  /** It is being sealed, or carried out: what is behind it waits. */
  acting?: true;
  /** The text that it is a part of, if that was cut. */
  readonly whole?: Whole;
  /** Is told its fate, in the place of whoever shows events. */
  readonly settle?: (fate: Fate) => void;
}

/** A text that was cut into several messages. */
export interface Whole {
  /** Parts without an answer. */
  left: number;
  /** Whether it was told that a part of it went undone. */
  failed: boolean;
}

/** Why something was not done. */
export interface Reason {
  readonly text: string;
  readonly code?: ErrorCode;
  readonly hint?: string;
}

/** What became of something that the client itself asked. */
export type Fate =
  | { readonly kind: "answered"; readonly event: ServerEvent }
  | { readonly kind: "refused" } & Reason;

/** What came of a step that the client took itself. */
export type Outcome =
  /** What to send in its place, in this order. */
  | { readonly kind: "sealed"; readonly parts: readonly Uint8Array[] }
  | { readonly kind: "answered"; readonly answer: Answer }
  | { readonly kind: "refused" } & Reason;

/** What is to be done with an entry now. */
export type Step =
  | { readonly kind: "send"; readonly entry: Entry; readonly request: Request }
  /** Nobody need be asked. */
  | { readonly kind: "answer"; readonly entry: Entry; readonly answer: Answer }
  | {
    readonly kind: "refuse";
    readonly entry: Entry;
    readonly why: string;
    readonly hint?: string;
  }
  /** Seal it, or carry it out; then say so with `acted`. */
  | { readonly kind: "act"; readonly entry: Entry };

/** What is said of a request that the wire can't carry. */
export const UNABLE = {
  why: "The wire to this server can't carry that",
  hint: "Connect with chatps:// to a server that speaks ChatProto 2",
} as const;

/** What is said of a text that is for a room, on a wire without rooms. */
export const ROOMLESS = {
  why: "There are no rooms on the wire to this server",
  hint:
    "Type /msg <user> <message>; what follows without /msg goes to them too",
} as const;

/** The other one, where a "room" is somebody whom one writes to: `@bob`. */
export function partner(room: string | undefined): string | undefined {
  return room?.startsWith("@") ? room.slice(1) : undefined;
}

/** What is said of the messages with somebody, where there are none. */
export function nothingWith(user: string): { why: string; hint: string } {
  return {
    why: `There are no messages between ${user} and you`,
    hint: `Type /msg ${user} <message>`,
  };
}

/** What is said of a secret message on a wire that has none. */
export const UNSEALED = {
  why: "The wire to this server can't carry secret messages",
  hint: "Connect with chatps://, or turn that off with /secret NAME off",
} as const;

/** What is said of a password that others could read. */
export const EXPOSED = {
  why: "The wire is plaintext to another machine, where passwords can be read",
  hint: "Connect with chatps://",
} as const;

/** What is said of changing a password where there is none. */
export const UNPROTECTED = {
  why: "A guest has no password",
  hint: "/register makes your name an account",
} as const;

/** What is said of leaving the room that is always there. */
export const STAYING = {
  why: `Everybody is in ${LOBBY}, it can't be left`,
  hint: "/quit leaves the chat, /join goes to another room",
} as const;

/** Whether it has a password in it. */
export function hasPassword({ type }: ChatRequest): boolean {
  return type === "register" || type === "change_password";
}

/** What has a key of its own, on a wire that has keys. */
type Keyed = "room_msg" | "private_msg" | "make_group";

const KEYED: ReadonlySet<string> = new Set<Keyed>([
  "room_msg",
  "private_msg",
  "make_group",
]);

/** Whether it has a key of its own, on a wire that has keys. */
export function hasKey<Asked extends { readonly type: string }>(
  request: Asked,
): request is Extract<Asked, { readonly type: Keyed }> {
  return KEYED.has(request.type);
}

/** Whether asking twice does no more than asking once. */
export function isRepeatable({ request }: Entry): boolean {
  return REQUESTS[request.type].repeatable;
}

/** Whether it decides where one is: nothing is sent past it. */
export function moves({ type }: ChatRequest): boolean {
  return type === "join_room" || type === "leave_room";
}
