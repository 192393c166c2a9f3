/**
 * The rooms that a client follows, and up to where it was shown each.
 *
 * @module
 */

import type { Place, Position, RoomState, Text } from "../../lib/wire/mod.ts";

/** A message that was shown. */
export interface Seen {
  /** The handle of its room. */
  readonly room: number;
  readonly sequence: number;
  readonly text: Text;
  /** It came as a replay. */
  readonly history: boolean;
}

/** A room, and up to where it was shown. */
interface Followed {
  readonly kind: RoomState["kind"];
  readonly name: string;
  position?: number;
}

/** All of them. What is wrong is told to `blame`. */
export class FollowedRooms {
  readonly #rooms = new Map<number, Followed>();
  readonly #blame: (what: string) => void;

  constructor(blame: (what: string) => void) {
    this.#blame = blame;
  }

  get all(): Iterable<readonly [handle: number, room: Readonly<Followed>]> {
    return this.#rooms;
  }

  /** What the client has, as a RESUME states it. */
  get positions(): Position[] {
    return [...this.#rooms].flatMap(([room, { position }]) =>
      position === undefined ? [] : [{ room, sequence: position }]
    );
  }

  /** The handle of a name, or of a person with `@` before it. */
  find(name: string): number | undefined {
    const direct = name.startsWith("@");
    for (const [handle, room] of this.#rooms) {
      if ((room.kind === "direct") !== direct) continue;
      if (room.name === name.slice(Number(direct))) return handle;
    }
    return undefined;
  }

  /** Up to where it was shown; 0 when nothing was. */
  position(handle: number | undefined): number {
    return this.#rooms.get(handle ?? 0)?.position ?? 0;
  }

  learn(rooms: readonly RoomState[]): void {
    for (const { room, kind, name } of rooms) {
      if (!this.#rooms.has(room)) this.#rooms.set(room, { kind, name });
    }
  }

  /** The server says where a room is: that is where it was shown to be. */
  compare(handle: number, sequence: number): void {
    const room = this.#rooms.get(handle);
    if (room === undefined) return this.#blame(`follows no room ${handle}`);
    room.position ??= sequence;
    if (room.position === sequence) return;
    this.#blame(`${room.name} is at ${sequence}, shown to ${room.position}`);
  }

  /** Something is shown: it MUST be the next message of its room. */
  show({ room: handle, sequence }: Place): void {
    const room = this.#rooms.get(handle);
    if (room === undefined) return this.#blame(`is in no room ${handle}`);
    if (sequence !== (room.position ?? sequence - 1) + 1) {
      this.#blame(`${room.name}: ${sequence} behind ${room.position}`);
    }
    room.position = sequence;
  }
}
