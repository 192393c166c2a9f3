/**
 * What one peer asks of us: every request once, and in its order.
 *
 * - The same SEQN within a minute MUST get the same ACK again and do nothing
 *   else; one that is not answered yet, or waits for its turn, is swallowed.
 * - Requests with an `n` MUST be released in its order, without a gap, from 0
 *   since the peer's SYN; those without as they come.
 * - What can't be taken now MUST NOT be acknowledged, so that it comes again.
 *
 * A number that was there before, under another SEQN: where the body is the same
 * to the byte, the peer says the same again, and its repeats get the same answer
 * once there is one; where it is not, the peer can't count, and is told so with
 * 400. Where the answer is forgotten, the ACK is empty: it did arrive.
 *
 * A SYN is no request and may come again late, when the peer has counted on. So
 * ours say which `link` they are of, by the first SEQN it had, and from which
 * `seqn` on they count. The same once more changes nothing; of the same link, an
 * older SYN or a numbered request with an older SEQN is from before and not
 * heard any more. A SYN without these fields counts from 0 again, unless it is
 * the one in force to the byte, and no FIN came since: that one is late, or the
 * peer begins anew. The next number tells which: 0 under a new SEQN begins anew,
 * the one whose turn it is goes on, and other old ones are not heard until then.
 *
 * @module
 */

import { Answers } from "./answers.ts";
import {
  DATAGRAM_LIMITS,
  type DatagramBody,
  DatagramError,
  type DatagramHeader,
  decodeBody,
  EMPTY_BODY,
} from "./datagram.ts";
import { InOrder, type NumberedRequest } from "./in_order.ts";
import type { LinkLimits } from "./limits.ts";
import { advance, isBefore, isSeqn } from "./seqn.ts";

/** What a receiver wants done. */
export interface Reception {
  /** The turn of a request has come. */
  readonly release: (seqn: number, body: DatagramBody) => void;
  /** An ACK is to be sent. */
  readonly acknowledge: (seqn: number, body: Uint8Array) => void;
}

/** What a link holds of its peer's. */
export interface LinkHoldings {
  /** Requests that the application has and did not answer. */
  readonly unanswered: number;
  /** Requests that came before their turn, and bytes of their datagrams. */
  readonly held: number;
  readonly heldBytes: number;
  /** Answers that can be given again, and bytes of them. */
  readonly answers: number;
  readonly answerBytes: number;
}

/** FNV-1a, 32 bits: tells a repeat from a mistake, and holds off nobody. */
function digestOf(bytes: Uint8Array): number {
  let digest = 0x811c9dc5;
  for (let at = 0; at < bytes.length; at++) {
    digest = Math.imul(digest ^ (bytes[at] as number), 0x01000193);
  }
  return digest;
}

/** The place of a request in its sender's order, if it has one. */
function numberOf(body: DatagramBody): number | undefined {
  const n = body["n"];
  return Number.isSafeInteger(n) && (n as number) >= 0
    ? n as number
    : undefined;
}

/** How a peer's numbers begin. */
interface Opening {
  readonly link: number;
  readonly seqn: number;
}

/** What a SYN says of it, if it does. */
function openingOf({ link, seqn }: DatagramBody): Opening | undefined {
  return isSeqn(link) && isSeqn(seqn) ? { link, seqn } : undefined;
}

/** The receiving half of a link. */
export class Receiver {
  readonly #limits: LinkLimits;
  readonly #unordered: boolean;
  readonly #reception: Reception;
  readonly #answers: Answers;
  readonly #order: InOrder;
  /** What the peer's SYN said, if it did. */
  #opening: Opening | undefined;
  /** Of the datagram of a peer's SYN that did not. */
  #syn: number | undefined;
  /** That SYN came again: the peer may begin anew, or not. */
  #doubted = false;
  /** A SYN or a number with a SEQN before this is not heard any more. */
  #oldest: number | undefined;

  /** `unordered`: an `n` is not heeded. */
  constructor(limits: LinkLimits, unordered: boolean, reception: Reception) {
    this.#limits = limits;
    this.#unordered = unordered;
    this.#reception = reception;
    this.#answers = new Answers(limits);
    this.#order = new InOrder(limits);
  }

  /** What is held now. */
  get holds(): LinkHoldings {
    return {
      unanswered: this.#answers.unanswered,
      held: this.#order.size,
      heldBytes: this.#order.bytes,
      answers: this.#answers.answered,
      answerBytes: this.#answers.bytes,
    };
  }

  /** A SYN came; answers whether it is to be heard. `bytes`: its datagram. */
  syn(body: DatagramBody, bytes: Uint8Array): boolean {
    const opening = openingOf(body);
    const last = this.#opening;
    if (opening !== undefined && opening.link === last?.link) {
      if (opening.seqn === last.seqn) return true;
      if (this.#isOld(opening.seqn)) return false;
    }
    const digest = opening === undefined ? digestOf(bytes) : undefined;
    if (digest !== undefined && digest === this.#syn) {
      this.#doubted = true;
      return true;
    }
    this.#opening = opening;
    this.#oldest = opening?.seqn;
    this.#syn = digest;
    this.#beginAnew();
    return true;
  }

  /** A FIN came: a SYN behind it is another, whatever it says. */
  fin(): void {
    this.#syn = undefined;
  }

  #beginAnew(): void {
    this.#doubted = false;
    this.#order.reset();
    this.#answers.renumber();
  }

  /**
   * A request came.
   *
   * @throws {DatagramError} when it can't be read, or its number was there.
   */
  request(header: DatagramHeader, bytes: Uint8Array, now: number): void {
    const { seqn } = header;
    this.#answers.expire(now);
    const known = this.#answers.get(seqn);
    if (known !== undefined) {
      if (known.answer === undefined) return;
      this.#reception.acknowledge(seqn, known.answer);
      return;
    }
    if (this.#order.holds(seqn)) return;
    const body = decodeBody(header, bytes);
    const n = this.#unordered ? undefined : numberOf(body);
    if (n === undefined) {
      if (!this.#crowded) this.#release(seqn, body, now);
      return;
    }
    const digest = digestOf(bytes.subarray(DATAGRAM_LIMITS.header));
    this.#numbered({ seqn, n, body, bytes: bytes.length, digest }, now);
  }

  /** The application answers; false if it did before. */
  answer(seqn: number, answer: Uint8Array): boolean {
    const due = this.#answers.settle(seqn, answer);
    if (due) this.#reception.acknowledge(seqn, answer);
    return due;
  }

  get #crowded(): boolean {
    return this.#answers.unanswered >= this.#limits.unanswered;
  }

  #release(
    seqn: number,
    body: DatagramBody,
    now: number,
    n?: number,
    digest?: number,
  ): void {
    this.#answers.add(seqn, now, n, digest);
    this.#moveOldest(seqn);
    this.#reception.release(seqn, body);
  }

  #numbered(request: NumberedRequest, now: number): void {
    const { seqn, n } = request;
    if (this.#isOld(seqn)) return;
    if (this.#doubted && n < this.#order.next) {
      if (n > 0) return;
      this.#beginAnew();
    }
    const { next } = this.#order;
    if (n < next || this.#order.held(n) !== undefined) {
      return this.#again(request, now);
    }
    if (n === next ? this.#crowded : !this.#order.fits(request)) return;
    if (n === next) this.#doubted = false;
    for (const turn of this.#order.add(request)) {
      this.#release(turn.seqn, turn.body, now, turn.n, turn.digest);
    }
  }

  #isOld(seqn: number): boolean {
    return this.#oldest !== undefined && isBefore(seqn, this.#oldest);
  }

  /** Half a round of SEQNs after the SYN, what comes would seem to be older. */
  #moveOldest(seqn: number): void {
    if (this.#oldest === undefined) return;
    const lowest = advance(seqn, -0x4000_0000);
    if (isBefore(this.#oldest, lowest)) this.#oldest = lowest;
  }

  /** A number that is here or was, under another SEQN. */
  #again({ seqn, n, digest }: NumberedRequest, now: number): void {
    const held = this.#order.held(n);
    const known = held === undefined ? this.#answers.numbered(n) : undefined;
    const before = held ?? known;
    if (before !== undefined && before.digest !== digest) {
      throw new DatagramError(
        `two requests have the n ${n}, which counts from 0 since the SYN`,
        seqn,
      );
    }
    const answer = before === undefined ? EMPTY_BODY : known?.answer;
    if (answer === undefined) return;
    this.#answers.add(seqn, now);
    this.answer(seqn, answer);
  }
}
