/**
 * Two ends of a link and a bad network between them, in made-up time: everything
 * that happens follows from a seed.
 */
import { assert, assertLessOrEqual } from "@std/assert";
import type { SeededRandom } from "../../../lib/bench/random.ts";
import {
  type LinkEvent,
  type LinkLimits,
  ReliableLink,
} from "../../../lib/wire/mod.ts";

/** What a network does to datagrams. */
export interface Weather {
  /** How many of them it loses, and how many it delivers twice, 0 to 1. */
  readonly loss: number;
  readonly repeats: number;
  /** How long each is on its way, ms; what is sent later may come earlier. */
  readonly quickest: number;
  readonly slowest: number;
}

/** A network that does no harm. */
export const FAIR: Weather = { loss: 0, repeats: 0, quickest: 5, slowest: 20 };

/** One end: its link, and who hears what happens on it. */
export interface End {
  readonly link: ReliableLink;
  readonly heard: (event: LinkEvent) => void;
}

interface Task {
  readonly at: number;
  readonly run: () => void;
}

/** The network with its clock. */
export class Network {
  readonly random: SeededRandom;
  weather: Weather;
  /** ms. */
  now = 0;
  /** How often an end was woken. */
  wakings = 0;
  readonly #limits: LinkLimits;
  readonly #ends: End[] = [];
  readonly #tasks: Task[] = [];

  constructor(random: SeededRandom, weather: Weather, limits: LinkLimits) {
    this.random = random;
    this.weather = weather;
    this.#limits = limits;
  }

  /** Puts an end to the network; there are two. */
  join(heard: (event: LinkEvent) => void): ReliableLink {
    const seqn = this.random.integer(2 ** 32) | 0;
    const link = new ReliableLink({ seqn, limits: this.#limits });
    this.#ends.push({ link, heard });
    return link;
  }

  /** Does something in `delay` ms. */
  after(delay: number, run: () => void): void {
    const at = this.now + delay;
    let place = this.#tasks.length;
    while (place > 0 && (this.#tasks[place - 1] as Task).at > at) place--;
    this.#tasks.splice(place, 0, { at, run });
  }

  /** Lets happen what happens, until nothing does or `until`. */
  run(until: number): void {
    for (;;) {
      this.#ends.forEach((end) => this.#attend(end));
      const wake = Math.min(...this.#ends.map(({ link }) => link.nextWake));
      const at = Math.min(this.#tasks[0]?.at ?? Infinity, wake);
      if (at === Infinity || at > until) return;
      assert(at >= this.now, "nextWake lies in the past");
      this.now = at;
      if (wake === at) this.#wake();
      else this.#tasks.shift()?.run();
    }
  }

  /** Nothing is woken but at its `nextWake`, and then it wants no other soon. */
  #wake(): void {
    for (const { link } of this.#ends) {
      if (link.nextWake !== this.now) continue;
      this.wakings++;
      link.wake(this.now);
      assert(link.nextWake > this.now, "woken in vain");
    }
  }

  /** Takes what an end has to send and tell. */
  #attend(end: End): void {
    for (;;) {
      const events = end.link.events();
      const datagrams = end.link.datagrams();
      if (events.length + datagrams.length === 0) break;
      for (const datagram of datagrams) this.#carry(end, datagram);
      events.forEach(end.heard);
    }
    this.#checkBounds(end.link);
  }

  #carry(from: End, datagram: Uint8Array): void {
    const to = this.#ends.find((end) => end !== from);
    const { loss, repeats, quickest, slowest } = this.weather;
    if (to === undefined || this.random.chance(loss)) return;
    for (
      let copies = this.random.chance(repeats) ? 2 : 1;
      copies > 0;
      copies--
    ) {
      const delay = quickest + this.random.integer(slowest - quickest + 1);
      this.after(delay, () => to.link.receive(datagram, this.now));
    }
  }

  #checkBounds({ holds }: ReliableLink): void {
    const limits = this.#limits;
    assertLessOrEqual(holds.held, limits.held);
    assertLessOrEqual(holds.heldBytes, limits.heldBytes);
    assertLessOrEqual(holds.answers, limits.answers);
    assertLessOrEqual(holds.answerBytes, limits.answerBytes);
    assertLessOrEqual(holds.unanswered, limits.unanswered + limits.held);
  }
}
