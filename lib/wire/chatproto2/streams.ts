/**
 * Where a client is in the streams of its rooms (docs/chatproto2.md,
 * "Streams"). Neither sequence nor time of a message travels: both are counted
 * from the last POSITION.
 *
 * A difference between the count and a POSITION MUST NOT go unnoticed.
 *
 * @module
 */

import { RemoteProtocolError } from "../errors.ts";
import type { StreamPosition } from "../events.ts";

/** Rooms that one client follows at most: what a server may make it keep. */
const MOST_STREAMS = 65_536;

/** One room's stream. */
interface Stream {
  readonly room: number;
  /** Of its last message. */
  sequence: number;
  /** Of its last message, s since 1970. */
  time: number;
}

/** Where a message of a stream stands. */
export interface Step {
  readonly room: number;
  readonly sequence: number;
  /** ms since 1970. */
  readonly time: number;
}

function lost(code: 400 | 413, detail: string): RemoteProtocolError {
  return new RemoteProtocolError(code, detail, {
    fatal: true,
    hint: "Connect again and resume: what was lost comes then",
  });
}

/** All streams of a connection. */
export class Streams {
  readonly #streams = new Map<number, Stream>();
  #selected = 0;

  /** The room whose stream goes on. */
  get selected(): number {
    return this.#selected;
  }

  /** Another room's stream goes on. */
  select(room: number): void {
    this.#selected = room;
  }

  /** A room is followed no more, or from its next POSITION on. */
  leave(room: number): void {
    this.#streams.delete(room);
  }

  /**
   * The server states where a room is.
   *
   * @throws {RemoteProtocolError} fatal, when that is not where we are.
   */
  position({ room, sequence, time }: StreamPosition): void {
    const stream = this.#streams.get(room);
    if (stream === undefined) {
      if (this.#streams.size >= MOST_STREAMS) {
        throw lost(413, `nobody follows more than ${MOST_STREAMS} rooms`);
      }
      this.#streams.set(room, { room, sequence, time });
      return;
    }
    if (stream.sequence !== sequence) {
      throw lost(
        400,
        `messages of room ${room} were lost: the server is at ${sequence}, ` +
          `what came here ends at ${stream.sequence}`,
      );
    }
    stream.time = time;
  }

  /**
   * The last sequence of the selected room.
   *
   * @throws {RemoteProtocolError} fatal, when its position is not known.
   */
  get sequence(): number {
    return this.#stream().sequence;
  }

  /**
   * The next message of the selected room, `pause` seconds later.
   *
   * @throws {RemoteProtocolError} fatal, when its position is not known.
   */
  advance(pause: number): Step {
    const stream = this.#stream();
    stream.sequence++;
    stream.time += pause;
    const { room, sequence, time } = stream;
    if (!Number.isSafeInteger(sequence) || !Number.isSafeInteger(time * 1000)) {
      throw lost(400, `room ${room} is beyond all numbers`);
    }
    return { room, sequence, time: time * 1000 };
  }

  #stream(): Stream {
    const stream = this.#streams.get(this.#selected);
    if (stream !== undefined) return stream;
    throw lost(
      400,
      `the stream of room ${this.#selected} goes on before its position is known`,
    );
  }
}
