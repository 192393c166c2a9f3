/**
 * What one end of reliable UDP has said, and what the other has acknowledged
 * (docs/capture.md, "Reliable UDP").
 *
 * What is remembered is bounded: beyond, the oldest is forgotten.
 *
 * @module
 */

import { GIVE_UP_AFTER } from "../wire/mod.ts";
import { REMEMBERED } from "../wire/udpchat/answers.ts";

/** Datagrams of one end whose ACKs may still come. */
const MOST_REMEMBERED = 4_096;

/** Something that was said. Times are in µs. */
interface Sent {
  readonly type: string;
  readonly first: number;
  /** A SYN or a FIN, whose SEQN is used again and again. */
  readonly control: boolean;
  repeated: boolean;
  acknowledged: boolean;
}

/** What an ACK is to. */
export interface Acknowledged {
  /** The type of what it acknowledges; undefined: the capture lacks that. */
  readonly to?: string;
  /** It was acknowledged before. */
  readonly repeated: boolean;
  /** Since it was sent, µs; undefined where it was sent more than once. */
  readonly roundTrip?: number;
}

/** One direction's requests, with the other's ACKs. */
export class UdpChatExchange {
  /** By SEQN, the oldest first. */
  readonly #sent = new Map<number, Sent>();
  #forgotten = 0;

  /** Datagrams that nobody has acknowledged. */
  get unacknowledged(): number {
    let count = this.#forgotten;
    for (const { acknowledged } of this.#sent.values()) {
      if (!acknowledged) count++;
    }
    return count;
  }

  /** Something is said at `time`, µs; answers whether it was said before. */
  said(seqn: number, type: string, control: boolean, time: number): boolean {
    const known = this.#sent.get(seqn);
    if (known !== undefined && isSame(known, type, control, time)) {
      known.repeated = true;
      return true;
    }
    this.#forget(seqn);
    this.#sent.set(seqn, {
      type,
      first: time,
      control,
      repeated: false,
      acknowledged: false,
    });
    if (this.#sent.size > MOST_REMEMBERED) {
      const [oldest = seqn] = this.#sent.keys();
      this.#forget(oldest);
    }
    return false;
  }

  /** The other end acknowledges a SEQN at `time`, µs. */
  acknowledge(seqn: number, time: number): Acknowledged {
    const known = this.#sent.get(seqn);
    if (known === undefined) return { repeated: false };
    const { type: to, acknowledged: repeated } = known;
    known.acknowledged = true;
    // Which of several was acknowledged nobody can tell (Karn's rule).
    if (repeated || known.repeated) return { to, repeated };
    return { to, repeated, roundTrip: time - known.first };
  }

  #forget(seqn: number): void {
    if (this.#sent.get(seqn)?.acknowledged === false) this.#forgotten++;
    this.#sent.delete(seqn);
  }
}

/** Whether it is the same datagram again, and no other with its SEQN. */
function isSame(
  known: Sent,
  type: string,
  control: boolean,
  time: number,
): boolean {
  const lasts = control ? GIVE_UP_AFTER : REMEMBERED;
  return known.type === type && known.control === control &&
    time - known.first < lasts * 1_000;
}
