/**
 * Somebody who uses a reliable link, and sees that it keeps its bounds whatever
 * comes.
 */
import { assertEquals, assertLessOrEqual } from "@std/assert";
import {
  DatagramError,
  decodeDatagram,
  type LinkLimits,
  ReliableLink,
} from "../../../lib/wire/mod.ts";

const LIMITS: LinkLimits = {
  window: 4,
  windowBytes: 200,
  unanswered: 3,
  held: 3,
  heldBytes: 100,
  answers: 3,
  answerBytes: 30,
};

/** A link and what its user knows of it. */
export class LinkUser {
  readonly link = new ReliableLink({ seqn: 1000, limits: LIMITS });
  #now = 0;
  /** SEQNs that wait for our answer. */
  #due: number[] = [];
  #waiting = new Set<number>();

  /** A datagram comes; what can't be read is refused. */
  receive(came: Uint8Array): void {
    try {
      this.link.receive(came, this.#now);
    } catch (error) {
      if (!(error instanceof DatagramError)) throw error;
      assertEquals(error.code, 400);
      if (error.seqn !== undefined) this.link.refuse(error.seqn, {});
    }
  }

  /** Says something. */
  say(): void {
    this.#waiting.add(this.link.send({ a: 1 }, this.#now));
  }

  /** Answers the oldest request that has no answer. */
  answer(): void {
    const due = this.#due.shift();
    if (due !== undefined) this.link.answer(due, { status: 200 });
  }

  /** Time passes, ms. */
  pass(later: number): void {
    this.#now += later;
    this.link.wake(this.#now);
  }

  /** Takes all there is: what was said ends once: acknowledged, or handed back. */
  take(): void {
    for (const event of this.link.events()) {
      if (event.type === "request") this.#due.push(event.seqn);
      if (event.type === "acknowledged") {
        assertEquals(this.#waiting.delete(event.seqn), true);
      }
      if (event.type !== "lost") continue;
      for (const { seqn } of event.unacknowledged) {
        assertEquals(this.#waiting.delete(seqn), true);
      }
    }
    this.link.datagrams().forEach(decodeDatagram);
    this.#check();
  }

  #check(): void {
    const { holds, queued, nextWake } = this.link;
    assertLessOrEqual(holds.held, LIMITS.held);
    assertLessOrEqual(holds.heldBytes, LIMITS.heldBytes);
    assertLessOrEqual(holds.unanswered, LIMITS.unanswered + LIMITS.held);
    assertLessOrEqual(holds.answers, LIMITS.answers);
    assertLessOrEqual(holds.answerBytes, LIMITS.answerBytes);
    assertLessOrEqual(queued.datagrams, this.#waiting.size);
    assertEquals(nextWake < Infinity, this.#waiting.size > 0);
  }
}
