/**
 * What a client of this wire keeps across its connections: who it is, and its
 * rooms. The wire names rooms; the model numbers them.
 *
 * @module
 */

import { foldName } from "../names.ts";
import type { RoomReference } from "../requests.ts";
import { ClientRoom } from "./client_room.ts";
import { groupOfRoom, groupOfTwo } from "./group_names.ts";

/** One client's. */
export class ClientRooms {
  /** Who is logged in, as the server writes it. */
  username = "";
  readonly #byKey = new Map<string, ClientRoom>();
  readonly #byHandle = new Map<number, ClientRoom>();

  /** All of them. */
  get all(): readonly ClientRoom[] {
    return [...this.#byHandle.values()];
  }

  /** The room of a group, which need not be known. */
  ofGroup(group: string): ClientRoom {
    const key = foldName(group);
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    const room = new ClientRoom(this.#byHandle.size + 1, group);
    this.#byKey.set(key, room);
    this.#byHandle.set(room.handle, room);
    return room;
  }

  /** The room that is meant. */
  find(reference: RoomReference): ClientRoom | undefined {
    if (typeof reference === "number") return this.#byHandle.get(reference);
    return this.ofGroup(
      reference.startsWith("@") ? reference : groupOfRoom(reference),
    );
  }

  /** What one has to oneself with somebody. */
  ofTwo(other: string): ClientRoom {
    return this.ofGroup(groupOfTwo(other));
  }

  /** Another connection begins. */
  disconnected(): void {
    for (const room of this.all) room.disconnected();
  }
}
