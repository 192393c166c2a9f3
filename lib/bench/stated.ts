/**
 * What comes to a client, as the bench compares it: by names alone, since
 * handles, ids and times are the server's to give.
 *
 * @module
 */

import type { RoomKind, RoomState, ServerEvent } from "../wire/mod.ts";

/** A room of one's own is told, with where it is. */
export interface StatedRoom extends Omit<RoomState, "room"> {
  readonly type: "rooms";
}

/** Where a room's stream is. */
export interface StatedPosition {
  readonly type: "position";
  /** Its name; of a direct room `@` and the other person's. */
  readonly room: string;
  readonly sequence: number;
}

/** Up to where everybody has a room. */
export interface StatedReceived {
  readonly type: "received_by_all";
  readonly room: string;
  readonly sequence: number;
  readonly behind: number;
}

/** The server answered a keepalive. */
export interface Echo {
  readonly type: "keepalive";
}

/** One belongs to a group; reliable UDP tells it so. */
export interface StatedGroup {
  readonly type: "group";
  readonly room: string;
  /** Names, in the order of the alphabet. */
  readonly members: readonly string[];
}

/** A message is kept for all whom it is for; CP tells it so, one by one. */
export interface StatedSent {
  readonly type: "sent";
  /** Names. */
  readonly recipients: readonly string[];
  /** As it went out. */
  readonly text: string;
}

/** What waited has come, and there is no more; CP tells it so. */
export interface StatedCollected {
  readonly type: "collected";
}

/** What ChatProto 1.0 and JSON don't tell. */
type Stated =
  | StatedRoom
  | StatedPosition
  | StatedReceived
  | StatedGroup
  | StatedSent
  | StatedCollected
  | Echo;

/** Anything that can come to a client. */
export type BenchEvent =
  | Exclude<ServerEvent, { readonly type: Stated["type"] }>
  | Stated;

/** What a room is called: of a direct one `@` and the other person's name. */
export function roomLabel(kind: RoomKind, name: string): string {
  return kind === "direct" ? `@${name}` : name;
}
