/**
 * What we say to one peer, until it is acknowledged.
 *
 * - What is said goes out in the order it was said, at most a window of it at a
 *   time, and nothing as long as a SYN is not acknowledged.
 * - Every datagram MUST be repeated at the pace of `round_trip.ts` until its ACK
 *   comes, and for five seconds at most.
 * - Giving up loses nothing: all that is not acknowledged is handed back.
 * - A SEQN MUST NOT be handed out while it is in use, and never 0 or -1.
 *
 * @module
 */

import {
  checkBodySize,
  DATAGRAM_LIMITS,
  type DatagramHeader,
} from "./datagram.ts";
import type { LinkLimits } from "./limits.ts";
import { FIRST_REPEAT, RoundTrip } from "./round_trip.ts";
import { advance, CONTROL_SEQNS } from "./seqn.ts";

/** How long after its first sending something is given up, ms. */
export const GIVE_UP_AFTER = 5_000;

/** Something that was said and is not acknowledged. */
export interface Unacknowledged {
  readonly seqn: number;
  /** Its encoded body, as it was given. */
  readonly body: Uint8Array;
}

/** Takes a datagram that is to be sent now; the body may be shared. */
export type Transmit = (header: DatagramHeader, body: Uint8Array) => void;

/** What waits in a queue. */
export interface LinkBacklog {
  readonly datagrams: number;
  readonly bytes: number;
}

/** A datagram on its way. */
interface Sent {
  readonly header: DatagramHeader;
  readonly body: Uint8Array;
  /** When it was sent for the first time, ms. */
  readonly first: number;
  /** When it is to be sent again, ms. */
  due: number;
  repeated: boolean;
}

const lengthOf = (body: Uint8Array) => DATAGRAM_LIMITS.header + body.length;

/** The sending half of a link. */
export class Sender {
  readonly #limits: LinkLimits;
  readonly #transmit: Transmit;
  readonly #roundTrip = new RoundTrip();
  /** By SEQN, in the order of their first sending. */
  readonly #sent = new Map<number, Sent>();
  #sentBytes = 0;
  /** By SEQN, in the order they were said. */
  readonly #queue = new Map<number, Uint8Array>();
  #queueBytes = 0;
  #next: number;
  /** SYNs and FINs so far. */
  #controls = 0;
  /** The SEQN of a SYN that is not acknowledged. */
  #opening: number | undefined;

  /** `seqn`: the first, by chance. */
  constructor(seqn: number, limits: LinkLimits, transmit: Transmit) {
    this.#next = seqn | 0;
    this.#limits = limits;
    this.#transmit = transmit;
  }

  /** What was said and not yet sent; the caller bounds it. */
  get queued(): LinkBacklog {
    return { datagrams: this.#queue.size, bytes: this.#queueBytes };
  }

  /** Whether everything that was said is acknowledged. */
  get idle(): boolean {
    return this.#sent.size === 0 && this.#queue.size === 0;
  }

  /** No SEQN that is handed out from now on lies before this. */
  get nextSeqn(): number {
    return this.#next;
  }

  /** When `wake` has to be called, ms, or Infinity. */
  get nextWake(): number {
    let next = Infinity;
    for (const { due } of this.#sent.values()) next = Math.min(next, due);
    return next;
  }

  /**
   * Says something; answers its SEQN.
   *
   * @throws {LocalProtocolError} when it is too long.
   */
  say(body: Uint8Array, now: number): number {
    checkBodySize(body);
    const seqn = this.#takeSeqn(lengthOf(body));
    this.#queue.set(seqn, body);
    this.#queueBytes += lengthOf(body);
    this.#fill(now);
    return seqn;
  }

  /** Sends a SYN or a FIN, window or not; answers its SEQN. */
  control(kind: "syn" | "fin", body: Uint8Array, now: number): number {
    checkBodySize(body);
    const seqn = CONTROL_SEQNS[this.#controls++ % 2] as number;
    // The last one with this SEQN is not waited for any more.
    this.#forget(seqn);
    const syn = kind === "syn";
    if (syn) this.#opening = seqn;
    this.#send({ seqn, ack: false, syn, fin: !syn }, body, now);
    return seqn;
  }

  /** Its ACK has come; answers whether anybody waited for it. */
  acknowledged(seqn: number, now: number): boolean {
    const sent = this.#sent.get(seqn);
    if (sent === undefined) return false;
    if (!sent.repeated) this.#roundTrip.measured(Math.max(0, now - sent.first));
    this.#forget(seqn);
    this.#fill(now);
    return true;
  }

  /**
   * Repeats what is due. Answers what is given up, in the order it was said, or
   * undefined.
   */
  wake(now: number): Unacknowledged[] | undefined {
    for (const { first } of this.#sent.values()) {
      if (now - first >= GIVE_UP_AFTER) return this.handBack();
    }
    for (const sent of this.#sent.values()) {
      if (now < sent.due) continue;
      sent.repeated = true;
      sent.due = dueAfter(sent, now + this.#roundTrip.pace);
      this.#transmit(sent.header, sent.body);
    }
    return undefined;
  }

  /** Takes back all that is not acknowledged: it is not repeated any more. */
  handBack(): Unacknowledged[] {
    const back: Unacknowledged[] = [];
    for (const { header, body } of this.#sent.values()) {
      const { seqn, syn, fin } = header;
      if (!syn && !fin) back.push({ seqn, body });
    }
    for (const [seqn, body] of this.#queue) back.push({ seqn, body });
    this.#sent.clear();
    this.#queue.clear();
    this.#sentBytes = this.#queueBytes = 0;
    this.#opening = undefined;
    return back;
  }

  #takeSeqn(length: number): number {
    let seqn = this.#next;
    while (
      seqn === 0 || seqn === -1 || this.#sent.has(seqn) || this.#queue.has(seqn)
    ) seqn = advance(seqn, 1);
    this.#next = advance(seqn, length);
    return seqn;
  }

  #fits(length: number): boolean {
    if (this.#sent.size === 0) return true;
    return this.#sent.size < this.#limits.window &&
      this.#sentBytes + length <= this.#limits.windowBytes;
  }

  #fill(now: number): void {
    if (this.#opening !== undefined) return;
    for (const [seqn, body] of this.#queue) {
      if (!this.#fits(lengthOf(body))) return;
      this.#queue.delete(seqn);
      this.#queueBytes -= lengthOf(body);
      this.#send({ seqn, ack: false, syn: false, fin: false }, body, now);
    }
  }

  #send(header: DatagramHeader, body: Uint8Array, now: number): void {
    const due = now + FIRST_REPEAT;
    this.#sent.set(header.seqn, {
      header,
      body,
      first: now,
      due,
      repeated: false,
    });
    this.#sentBytes += lengthOf(body);
    this.#transmit(header, body);
  }

  #forget(seqn: number): void {
    const sent = this.#sent.get(seqn);
    if (sent === undefined) return;
    this.#sent.delete(seqn);
    this.#sentBytes -= lengthOf(sent.body);
    if (this.#opening === seqn) this.#opening = undefined;
  }
}

/** Something is not repeated behind the time when it is given up. */
function dueAfter({ first }: Sent, due: number): number {
  return Math.min(due, first + GIVE_UP_AFTER);
}
