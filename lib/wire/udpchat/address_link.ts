/**
 * The link to one address, with what it may be sent (`outbound.ts`).
 *
 * @module
 */

import type { ErrorCode } from "../errors.ts";
import { RESERVED_ROOM } from "../names.ts";
import { DATAGRAM_LIMITS, type DatagramBody, encodeBody } from "./datagram.ts";
import { LINK_LIMITS, type LinkLimits } from "./limits.ts";
import { Outbound } from "./outbound.ts";
import { type LinkEvent, ReliableLink } from "./reliability.ts";
import { shortErrorBody } from "./server_requests.ts";
import type { Due } from "./visit.ts";

/** What an address may make us hold before it has logged in. */
const STRANGER_LIMITS: LinkLimits = {
  ...LINK_LIMITS,
  unanswered: 4,
  held: 0,
  answers: 16,
  answerBytes: 8_192,
};

/**
 * To be acknowledged: only who gets it can know its SEQN. It has to be of a type
 * that the original's client acknowledges, and to mean nothing to it: no message
 * has the id 0. A GRP_SUB would open one more window in its GUI.
 */
const PROBE = encodeBody({
  type: "MSG_RBA",
  group: RESERVED_ROOM,
  MessageID: 0,
  sequence: 0,
});

/** As often it may be said to whoever gave a right password, bytes. */
const LENT = 20 * (DATAGRAM_LIMITS.header + PROBE.length);

/** What happened on the link to an address. */
export type AddressEvent =
  | LinkEvent
  /** The address is known to be its peer's own from now on. */
  | { readonly type: "proven" };

/** A link whose answers are not longer than they may be. */
export class AddressLink {
  readonly #link: ReliableLink;
  readonly #out = new Outbound();
  /** The SEQN of the probe that waits for its ACK; then nothing else does. */
  #probe: number | undefined;
  /** Answers that are too long wait, since somebody has logged in. */
  #waits = false;

  constructor(seqn: number) {
    this.#link = new ReliableLink({
      seqn,
      limits: STRANGER_LIMITS,
      answersSyn: true,
    });
  }

  /** Whether the address is known to be its peer's own. */
  get proven(): boolean {
    return this.#out.proven;
  }

  /** Has the address show that it is its peer's own, unless it is asked to. */
  probe(now: number): void {
    this.#probe ??= this.say(PROBE, now);
  }

  /**
   * A password was right: the probe may be said as often as any push, and be
   * lost as often. To have it said so often costs a check of a password.
   */
  lend(): void {
    this.#out.lend(LENT);
  }

  /** It has fallen silent, and has to show it anew. */
  doubt(): void {
    this.#out.doubt();
  }

  /** Somebody logs in. */
  enter(): void {
    this.#waits = true;
  }

  /** Nobody is logged in any more. */
  leave(): void {
    this.#waits = false;
    if (this.#probe !== undefined) this.unsay();
    this.#out.forget();
    this.#link.bound(STRANGER_LIMITS);
  }

  /** Takes what is to be sent now. */
  datagrams(): Uint8Array[] {
    return this.#out.take();
  }

  /** When to `wake`, ms, or Infinity. */
  get nextWake(): number {
    return this.#link.nextWake;
  }

  /** Bytes that wait to be said. */
  get queuedBytes(): number {
    return this.#link.queued.bytes;
  }

  /** Repeats what is due; answers what happened. */
  wake(now: number): AddressEvent[] {
    this.#link.wake(now);
    this.#collect(0);
    return this.#happened();
  }

  /**
   * A datagram came; answers what happened.
   *
   * @throws {DatagramError} as {@link ReliableLink.receive}.
   */
  receive(bytes: Uint8Array, now: number): AddressEvent[] {
    this.#out.hear(bytes.length);
    this.#link.receive(bytes, now);
    this.#collect(bytes.length);
    return this.#happened();
  }

  #happened(): AddressEvent[] {
    return this.#link.events().map((event) => {
      if (event.type === "lost") this.#probe = undefined;
      const isProof = event.type === "acknowledged" &&
        event.seqn === this.#probe;
      if (!isProof) return event;
      this.#probe = undefined;
      this.#out.prove();
      this.#link.bound(LINK_LIMITS);
      return { type: "proven" };
    });
  }

  /** Says something reliably; answers its SEQN. */
  say(body: Uint8Array, now: number): number {
    const seqn = this.#link.sendEncoded(body, now);
    this.#collect(0);
    return seqn;
  }

  /** What was said and is not acknowledged is not said any more. */
  unsay(): void {
    this.#probe = undefined;
    this.#link.handBack();
  }

  /** Answers a request. */
  answer({ seqn, bytes }: Due, body: DatagramBody): void {
    this.#link.answer(seqn, this.#fitting(body, bytes));
    this.#collect(bytes);
  }

  /** Answers what is not remembered: a SYN, or what could not be read. */
  answerNow({ seqn, bytes }: Due, body: DatagramBody): void {
    this.#link.refuse(seqn, this.#fitting(body, bytes));
    this.#collect(bytes);
  }

  /** An error in so few bytes that it may be said. */
  #fitting(body: DatagramBody, bytes: number): DatagramBody {
    const length = DATAGRAM_LIMITS.header + encodeBody(body).length;
    if (body["status"] === 200 || this.#out.allows(length, bytes)) return body;
    // What a client has to know is not left out.
    if (body["response"] !== null) return { ...body, error: null };
    return shortErrorBody(body["code"] as ErrorCode);
  }

  #collect(asked: number): void {
    this.#out.add(this.#link.datagrams(), asked, this.#waits);
  }
}
