/**
 * What a client says under a number of its own, and what becomes of it.
 *
 * @module
 */

import type { Place, ServerEvent, Text } from "../../lib/wire/mod.ts";

/** Something to be said: to a room, by its handle, or to one person. */
export interface Saying {
  readonly ref: number;
  readonly text: Text;
  readonly room?: number;
  readonly recipient?: string;
}

/** What became of it. */
export interface Settled extends Saying {
  /** Where it stands; absent when it was refused. */
  readonly place?: Place;
  /** Why it was refused. */
  readonly code?: number;
  /** It had been stored before. */
  readonly repeated: boolean;
}

/** What an answer makes of it; undefined when it answers no message. */
export function outcomeOf(
  saying: Saying,
  event: ServerEvent,
): Settled | undefined {
  switch (event.type) {
    case "error_msg":
      return { ...saying, code: event.code ?? 0, repeated: false };
    case "room_msg_ack":
    case "private_msg_delivery": {
      const { place, repeated = false } = event;
      return place && { ...saying, place, repeated };
    }
  }
  return undefined;
}
