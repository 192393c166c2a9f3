/**
 * A reliable link with one peer over datagrams that may be lost, repeated and
 * come in any order; both ends of the wire use it.
 *
 * ## Theory of operation
 *
 * Each end sends *requests* (a server's pushes are requests too), each with a
 * SEQN of its own, and repeats each until an ACK with the same SEQN comes, which
 * carries the answer. `sender.ts` does that, with a window, and gives up after
 * five seconds. `receiver.ts` makes one of many: it gives every request to the
 * application once, in the order of `n`, and answers a repeat with the same ACK.
 * Together: a request that was acknowledged was released exactly once; one that
 * was handed back, at most once. Who says something again after that says it
 * with a new SEQN; that it is the same is for `ref` to tell, not for a link.
 *
 * A client begins with a SYN, and its requests wait for the SYN's ACK: else what
 * it counts from 0 again could meet a peer that still counts on. A FIN ends
 * nothing here; it says that the peer leaves. Both are repeated like requests
 * and are not deduplicated: each that comes is an event and answered with `{}`.
 *
 * | comes | is told | is sent |
 * | --- | --- | --- |
 * | ACK of ours that waits | `acknowledged` | what the window has room for |
 * | ACK of anything else | – | – |
 * | SYN, FIN, or both | `syn`, `fin` | ACK `{}` |
 * | a SYN older than the last | – | – |
 * | a request, its turn | `request`, and those that waited for it | – |
 * | a request before its turn, too many, or from before the SYN | – | – |
 * | a request that was answered | – | the same ACK |
 *
 * Nothing here touches a socket or a clock. The owner hands in datagrams and the
 * time (`now`, ms, never going back), and after every call takes `datagrams()`
 * and `events()`, and looks at `nextWake`. Waking at that time and at no other
 * MUST be enough.
 *
 * What is held is bounded by `limits.ts`, but for two things that are the
 * owner's: what it says faster than it is acknowledged (`queued`), and what it
 * does not take. Pace: `round_trip.ts`. Wrapping SEQNs: `seqn.ts`.
 *
 * @module
 */

import { LocalProtocolError } from "../errors.ts";
import {
  checkBodySize,
  type DatagramBody,
  type DatagramHeader,
  decodeBody,
  decodeHeader,
  EMPTY_BODY,
  encodeBody,
  joinDatagram,
} from "./datagram.ts";
import { LINK_LIMITS, type LinkLimits } from "./limits.ts";
import { type LinkHoldings, Receiver } from "./receiver.ts";
import { type LinkBacklog, Sender, type Unacknowledged } from "./sender.ts";

/** What happened on a link. */
export type LinkEvent =
  /** The peer asks, or pushes; `answer` it. */
  | {
    readonly type: "request";
    readonly seqn: number;
    readonly body: DatagramBody;
  }
  /** The peer answered what we said; `seqn` is 0 or -1 for a SYN or a FIN. */
  | {
    readonly type: "acknowledged";
    readonly seqn: number;
    readonly body: DatagramBody;
  }
  /**
   * The peer came, perhaps not for the first time; answered, unless there is a
   * `seqn` to answer.
   */
  | {
    readonly type: "syn";
    readonly seqn?: number;
    readonly body: DatagramBody;
  }
  /** The peer left, perhaps not for the first time; answered. */
  | { readonly type: "fin" }
  /** The peer was silent for too long: what it has not acknowledged, in order. */
  | {
    readonly type: "lost";
    readonly unacknowledged: readonly Unacknowledged[];
  };

/** How a link begins. */
export interface LinkOptions {
  /** The first SEQN, a number of 32 bits by chance. */
  readonly seqn: number;
  readonly limits?: Partial<LinkLimits>;
  /** The owner answers each SYN (`refuse`), be it well; else it gets `{}`. */
  readonly answersSyn?: boolean;
  /** The peer's requests have no order: an `n` in one is not heeded. */
  readonly unordered?: boolean;
}

/**
 * One end of a link.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { ReliableLink } from "./mod.ts";
 *
 * const client = new ReliableLink({ seqn: 4660 });
 * const server = new ReliableLink({ seqn: 1 });
 * const seqn = client.send({ type: "USR_LST" }, 0);
 * for (const datagram of client.datagrams()) server.receive(datagram, 10);
 * assertEquals(server.events(), [
 *   { type: "request", seqn: 4660, body: { type: "USR_LST" } },
 * ]);
 * server.answer(seqn, { status: 200, error: null, response: ["alice"] });
 * for (const datagram of server.datagrams()) client.receive(datagram, 20);
 * assertEquals(client.events()[0]?.type, "acknowledged");
 * assertEquals(client.nextWake, Infinity);
 * ```
 */
export class ReliableLink {
  readonly #link: number;
  readonly #bounds: LinkLimits;
  readonly #answersSyn: boolean;
  readonly #sender: Sender;
  readonly #receiver: Receiver;
  #datagrams: Uint8Array[] = [];
  #events: LinkEvent[] = [];

  constructor(
    { seqn, limits, answersSyn = false, unordered = false }: LinkOptions,
  ) {
    this.#link = seqn | 0;
    const bounds = this.#bounds = { ...LINK_LIMITS, ...limits };
    this.#answersSyn = answersSyn;
    this.#sender = new Sender(
      seqn,
      bounds,
      (header, body) => this.#transmit(header, body),
    );
    this.#receiver = new Receiver(bounds, unordered, {
      release: (seqn, body) =>
        this.#events.push({ type: "request", seqn, body }),
      acknowledge: (seqn, body) => this.#acknowledge(seqn, body),
    });
  }

  /** Keeps to other bounds from now on; what it holds it goes on to hold. */
  bound(limits: LinkLimits): void {
    Object.assign(this.#bounds, limits);
  }

  /**
   * A datagram of the peer came.
   *
   * @throws {DatagramError} 400 when it can't be read, or numbers what it says
   * wrongly. If that bears a SEQN, `refuse` it: it is not remembered, and so
   * thrown and refused anew each time.
   */
  receive(bytes: Uint8Array, now: number): void {
    const header = decodeHeader(bytes);
    if (header.ack) this.#receiveAck(header, bytes, now);
    else if (header.syn || header.fin) this.#receiveControl(header, bytes);
    else this.#receiver.request(header, bytes, now);
  }

  /**
   * Says something that the peer has to acknowledge; answers its SEQN. It waits
   * while the window is full or a SYN is not acknowledged.
   *
   * @throws {LocalProtocolError} when it is no JSON object, or too long.
   */
  send(body: DatagramBody, now: number): number {
    return this.sendEncoded(encodeBody(body), now);
  }

  /**
   * The same for a body that `encodeBody` made. It is kept as it is and copied
   * behind its seven bytes each time it is sent, so that many links can share
   * it; it must not be changed.
   *
   * @throws {LocalProtocolError} when it is too long.
   */
  sendEncoded(body: Uint8Array, now: number): number {
    return this.#sender.say(body, now);
  }

  /**
   * Answers a request of the peer's; false, and nothing is sent, if it was
   * answered before. One that gets no answer is swallowed for a minute; if it
   * comes again then, it is a new one.
   *
   * @throws {LocalProtocolError} when it is no JSON object, or too long.
   */
  answer(seqn: number, body: DatagramBody): boolean {
    return this.answerEncoded(seqn, encodeBody(body));
  }

  /**
   * The same for a body that `encodeBody` made; it is kept.
   *
   * @throws {LocalProtocolError} when it is too long.
   */
  answerEncoded(seqn: number, body: Uint8Array): boolean {
    checkBodySize(body);
    return this.#receiver.answer(seqn, body);
  }

  /**
   * Answers the datagram for which `receive` threw, whatever else has its SEQN,
   * or a SYN that is the owner's to answer.
   *
   * @throws {LocalProtocolError} when it is no JSON object, or too long.
   */
  refuse(seqn: number, body: DatagramBody): void {
    this.#acknowledge(seqn, encodeBody(body));
  }

  /**
   * Begins, or begins anew: the peer expects `n` to count from 0 again. Answers
   * the SEQN of the ACK. The body gets two more fields: `link`, this link's first
   * SEQN, and `seqn`, from which on `n` counts now.
   *
   * @throws {LocalProtocolError} when something waits for its ACK, which would
   * be taken for something from before: hand it back first.
   */
  sendSyn(body: DatagramBody, now: number): number {
    if (!this.#sender.idle) {
      throw new LocalProtocolError(
        "A SYN can't be sent while something waits for its ACK, hand it back first",
      );
    }
    const opening = { link: this.#link, seqn: this.#sender.nextSeqn };
    return this.#sender.control(
      "syn",
      encodeBody({ ...body, ...opening }),
      now,
    );
  }

  /** Says that we leave; answers the SEQN of the ACK. */
  sendFin(now: number): number {
    return this.#sender.control("fin", EMPTY_BODY, now);
  }

  /** Takes what is to be sent now, whole datagrams. */
  datagrams(): Uint8Array[] {
    const taken = this.#datagrams;
    this.#datagrams = [];
    return taken;
  }

  /** Takes what happened. */
  events(): LinkEvent[] {
    const taken = this.#events;
    this.#events = [];
    return taken;
  }

  /** When to `wake`, ms, or Infinity. */
  get nextWake(): number {
    return this.#sender.nextWake;
  }

  /** Repeats what is due, or gives up; does nothing before `nextWake`. */
  wake(now: number): void {
    const unacknowledged = this.#sender.wake(now);
    if (unacknowledged === undefined) return;
    this.#events.push({ type: "lost", unacknowledged });
  }

  /** Takes back all that is not acknowledged, in order: it is not repeated. */
  handBack(): Unacknowledged[] {
    return this.#sender.handBack();
  }

  /** What was said and waits for the window, bytes of datagrams. */
  get queued(): LinkBacklog {
    return this.#sender.queued;
  }

  /** What is held of the peer's. */
  get holds(): LinkHoldings {
    return this.#receiver.holds;
  }

  #receiveAck(header: DatagramHeader, bytes: Uint8Array, now: number): void {
    const { seqn } = header;
    const body = decodeBody(header, bytes);
    if (!this.#sender.acknowledged(seqn, now)) return;
    this.#events.push({ type: "acknowledged", seqn, body });
  }

  #receiveControl(header: DatagramHeader, bytes: Uint8Array): void {
    const body = decodeBody(header, bytes);
    if (header.syn) {
      if (!this.#receiver.syn(body, bytes)) return;
      const { seqn } = header;
      this.#events.push({
        type: "syn",
        ...this.#answersSyn && { seqn },
        body,
      });
    }
    if (header.fin) {
      this.#receiver.fin();
      this.#events.push({ type: "fin" });
    } else if (this.#answersSyn) return;
    this.#acknowledge(header.seqn, EMPTY_BODY);
  }

  #acknowledge(seqn: number, body: Uint8Array): void {
    this.#transmit({ seqn, ack: true, syn: false, fin: false }, body);
  }

  #transmit(header: DatagramHeader, body: Uint8Array): void {
    this.#datagrams.push(joinDatagram(header, body));
  }
}
