/**
 * The replies to what one asked, in the order it was asked; that to a message of
 * one's own has its turn among the messages of its room.
 *
 * @module
 */

import { LocalProtocolError, refusal, RemoteProtocolError } from "../errors.ts";
import type { ServerEvent } from "../events.ts";
import { refusalOf } from "./client_requests.ts";
import type { ClientRoom } from "./client_room.ts";

/** A request that has no reply yet. */
export interface Reply {
  /** Makes the reply once its answer is here and its turn has come. */
  make: (() => ServerEvent) | undefined;
  /** Where a message of one's own stands, which has its turn there. */
  own?: { readonly room: ClientRoom; readonly sequence: number | undefined };
}

/** Makes an error of this end the reply; any other error is thrown on. */
export function refuse(reply: Reply, error: unknown): void {
  if (error instanceof RemoteProtocolError) {
    reply.make = () => refusalOf(error);
  } else if (error instanceof LocalProtocolError) {
    reply.make = () =>
      refusalOf(
        refusal(413, error.message),
      );
  } else throw error;
}

/** All that have not been given. */
export class Replies {
  readonly #waiting: Reply[] = [];

  /** Something is asked. */
  add(): Reply {
    const reply: Reply = { make: undefined };
    this.#waiting.push(reply);
    return reply;
  }

  /** Takes the reply to the oldest request, if its turn has come. */
  take(): ServerEvent | undefined {
    const [reply] = this.#waiting;
    if (reply?.make === undefined) return undefined;
    const { own } = reply;
    if (own !== undefined) {
      const { room, sequence = 0 } = own;
      const waits = !room.listed || !room.mayTell(sequence);
      if (waits && !room.absent) return undefined;
    }
    this.#waiting.shift();
    return reply.make();
  }
}
