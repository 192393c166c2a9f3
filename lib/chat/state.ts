/**
 * What the chat keeps beside its messages: who has an account, which rooms have
 * members, how far each of them is, which sessions can be resumed.
 *
 * The hub has all of it in memory from the start on (`load`) and writes what
 * changes (`save`). A handle stands for a person, a room or a session; it is a
 * positive whole number that is never given to another.
 *
 * @module
 */

import type { ErrorCode, RoomKind } from "../wire/mod.ts";
import type { MessageArchive } from "./log.ts";

/** A password, as it is kept: PBKDF2-SHA256. Plain data. */
export interface Verifier {
  readonly rounds: number;
  readonly salt: Uint8Array;
  readonly hash: Uint8Array;
}

/** An account, or a guest who has a session that can be resumed. */
export interface PersonRecord {
  readonly handle: number;
  /** As it is shown; `foldName` gives what it is compared by. */
  readonly name: string;
  /** Present for an account. No two accounts have the same folded name. */
  readonly verifier?: Verifier;
  /** ms since 1970. */
  readonly created: number;
}

/** An account's public key. */
export interface KeyRecord {
  /** A handle. */
  readonly person: number;
  /** SubjectPublicKeyInfo, DER. */
  readonly key: Uint8Array;
}

/** A room that has a member who is kept. */
export interface RoomRecord {
  readonly handle: number;
  readonly kind: RoomKind;
  /** As it is shown; a direct room has its people's names, a space between. */
  readonly name: string;
  /**
   * Its stream in the log; no two rooms have the same. That of a direct room,
   * and no other, begins with `@` ({@link peopleOf}).
   */
  readonly stream: string;
  /** What it is about, if somebody said so. */
  readonly topic?: string;
  /** ms since 1970. */
  readonly created: number;
  /** Who made it under which key, where it was to be made once. */
  readonly madeBy?: string;
}

/** The handles of a direct room's people, by its stream: `@3,7`. */
export function peopleOf(stream: string): number[] {
  return stream.slice(1).split(",").map(Number);
}

/** That a person is a member of a room, and how far they have it. */
export interface MemberRecord {
  /** Handles. */
  readonly room: number;
  readonly person: number;
  /** Up to this sequence everything has reached them, on whatever device. */
  readonly received: number;
  /** Up to this sequence they have seen it. */
  readonly read: number;
}

/** A session that can be resumed. */
export interface SessionRecord {
  readonly handle: number;
  /** A handle. */
  readonly person: number;
  /** SHA-256 of its token, hex. */
  readonly digest: string;
  /** When it was last known to be used, ms since 1970. */
  readonly seen: number;
}

/** A message with a ref that was refused: the answer, for when it is asked. */
export interface RejectionRecord {
  /** The session's handle. */
  readonly session: number;
  readonly ref: number;
  readonly code: ErrorCode;
  /** What was wrong, without the code's title. */
  readonly detail: string;
}

/**
 * Everything that is kept, by handle. What refers to somebody or something
 * that isn't kept (any more) is left out.
 */
export interface Snapshot {
  readonly people: readonly PersonRecord[];
  readonly keys: readonly KeyRecord[];
  /** `last`: the last sequence that the log gave in the room's stream. */
  readonly rooms: readonly (RoomRecord & { readonly last: number })[];
  readonly members: readonly MemberRecord[];
  readonly sessions: readonly SessionRecord[];
  readonly rejections: readonly RejectionRecord[];
}

/** One change. What is put replaces what was there under its handle. */
export type Change =
  | { readonly type: "put_person"; readonly person: PersonRecord }
  /** Its memberships, its sessions and its key go as well. */
  | { readonly type: "remove_person"; readonly handle: number }
  | { readonly type: "put_key"; readonly key: KeyRecord }
  | { readonly type: "put_room"; readonly room: RoomRecord }
  /** Its members go as well; what was said in it stays in the log. */
  | { readonly type: "remove_room"; readonly handle: number }
  | { readonly type: "put_member"; readonly member: MemberRecord }
  /** Changes nothing when they are no member (any more). */
  | { readonly type: "move_cursor"; readonly member: MemberRecord }
  | {
    readonly type: "remove_member";
    readonly room: number;
    readonly person: number;
  }
  | { readonly type: "put_session"; readonly session: SessionRecord }
  /** What it was refused goes as well. */
  | { readonly type: "remove_session"; readonly handle: number }
  | { readonly type: "put_rejection"; readonly rejection: RejectionRecord };

/** Where that is kept. */
export interface StateStore {
  /** Everything, as `save` left it. Asked once, before anything else. */
  load(): Promise<Snapshot>;
  /**
   * Makes changes in their order, all or none; settles once they are as durable
   * as the store promises. Saves and appends MUST take effect in the order of
   * the calls. Rejects when an account's name or a room's stream is another's.
   */
  save(changes: readonly Change[]): Promise<void>;
  /**
   * All accounts, if another program has changed any since `load` or the last
   * call; else undefined.
   */
  accounts(): Promise<readonly PersonRecord[] | undefined>;
  /** A handle that nobody ever had, and nobody else gets, restarts or not. */
  handle(): Promise<number>;
}

/** Where a chat keeps everything. */
export interface ChatStore extends MessageArchive, StateStore {
  /**
   * Resolves with why when nothing can be read or written any more, whatever is
   * done; never when that doesn't happen, or it was closed before.
   */
  readonly lost: Promise<Error>;
  /** Whether it can be written now: rejects when not, changes nothing. */
  check(): Promise<void>;
}
