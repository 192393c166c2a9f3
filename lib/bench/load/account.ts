/**
 * The proof of a load: what was sent, held against what came.
 *
 * - A message is due to everybody in its room but its sender from the moment
 *   it was sent, unless the server refused it.
 * - It is doubled each time it comes to somebody again; out of order when a
 *   later one of the same sender came to the same receiver before it.
 * - A latency MUST count from when a message was due, never from when it was
 *   sent: who sends late because the server stalls would else leave the stall
 *   out of the figures ("coordinated omission").
 *
 * @module
 */

import { LatencyHistogram } from "./histogram.ts";
import type { LoadPlan } from "./plan.ts";

/** What went wrong for one client, as a receiver. */
export interface ClientFaults {
  /** Its number. */
  readonly client: number;
  readonly lost: number;
  readonly doubled: number;
  readonly outOfOrder: number;
}

/** What became of everything. */
export interface LoadTally {
  /** Messages sent. */
  readonly sent: number;
  /** Messages whose sender got the receipt. */
  readonly acknowledged: number;
  /** Messages that the server refused, by code; 0 where a wire has none. */
  readonly refused: ReadonlyMap<number, number>;
  /** Deliveries due. */
  readonly due: number;
  /** Deliveries that came, each counted once. */
  readonly delivered: number;
  readonly lost: number;
  readonly doubled: number;
  readonly outOfOrder: number;
  /** What nobody was due: another text, sender, room or reply. */
  readonly unexpected: number;
  /** Connections that ended before the run did. */
  readonly cutOff: number;
  /** Clients for whom something went wrong. */
  readonly faults: readonly ClientFaults[];
}

/** How many messages were refused, whatever the code. */
export function refusals({ refused }: LoadTally): number {
  return [...refused.values()].reduce((sum, each) => sum + each, 0);
}

/** Messages that got neither receipt nor refusal. */
export function unanswered(tally: LoadTally): number {
  return tally.sent - tally.acknowledged - refusals(tally);
}

/** Whether everything that the server took came once and in order. */
export function isLoadClean(tally: LoadTally): boolean {
  return tally.lost === 0 && tally.doubled === 0 && tally.outOfOrder === 0 &&
    tally.unexpected === 0 && tally.cutOff === 0 && unanswered(tally) === 0;
}

/** One bit for each message of a room: whether it came. */
class Arrivals {
  #bits = new Uint8Array(64);
  delivered = 0;
  doubled = 0;
  outOfOrder = 0;
  /** The latest message that came, by its number in the run. */
  latest = -1;

  has(ordinal: number): boolean {
    return ((this.#bits[ordinal >> 3] ?? 0) & (1 << (ordinal & 7))) !== 0;
  }

  add(ordinal: number): void {
    const at = ordinal >> 3;
    if (at >= this.#bits.length) {
      const longer = new Uint8Array(Math.max(at + 1, this.#bits.length * 2));
      longer.set(this.#bits);
      this.#bits = longer;
    }
    this.#bits[at]! |= 1 << (ordinal & 7);
    this.delivered++;
  }
}

/** Keeps the account of a run. Times are ms after its start. */
export class LoadAccount {
  readonly #plan: LoadPlan;
  readonly #arrivals: readonly Arrivals[];
  /** Messages to be delivered, by room and by sender. */
  readonly #ofRoom: Float64Array;
  readonly #ofSender: Float64Array;
  readonly #refused = new Map<number, number>();
  #sent = 0;
  #answered = 0;
  #acknowledged = 0;
  #due = 0;
  #delivered = 0;
  #unexpected = 0;
  #cutOff = 0;
  #lastArrival = 0;

  /** From due to the sender's receipt. */
  readonly acknowledgement: LatencyHistogram = new LatencyHistogram();
  /** From due to delivery. */
  readonly delivery: LatencyHistogram = new LatencyHistogram();
  /** From due to being written: how late the generator was. */
  readonly lateness: LatencyHistogram = new LatencyHistogram();

  constructor(plan: LoadPlan) {
    const { clients, rooms } = plan.load;
    this.#plan = plan;
    this.#arrivals = Array.from({ length: clients }, () => new Arrivals());
    this.#ofRoom = new Float64Array(rooms);
    this.#ofSender = new Float64Array(clients);
  }

  /** Receipts and deliveries that are still to come. */
  get open(): number {
    return this.#sent - this.#answered + this.#due - this.#delivered;
  }

  /** When something that was due came last. */
  get lastArrival(): number {
    return this.#lastArrival;
  }

  /** A message was written. */
  sent(message: number, now: number): void {
    this.lateness.record(now - this.#plan.due(message));
    this.#sent++;
    this.#count(message, 1);
  }

  /** Its sender got the receipt. */
  acknowledged(message: number, now: number): void {
    this.acknowledgement.record(now - this.#plan.due(message));
    this.#acknowledged++;
    this.#answer(now);
  }

  /** The server refused it: nobody is due it. */
  refused(message: number, code: number, now: number): void {
    this.#refused.set(code, (this.#refused.get(code) ?? 0) + 1);
    this.#count(message, -1);
    this.#answer(now);
  }

  #answer(now: number): void {
    this.#answered++;
    this.#lastArrival = now;
  }

  #count(message: number, by: 1 | -1): void {
    const sender = this.#plan.sender(message);
    const room = this.#plan.room(sender);
    this.#ofRoom[room]! += by;
    this.#ofSender[sender]! += by;
    this.#due += by * (this.#plan.members(room) - 1);
  }

  /** A text came to a client, from another one by its number. */
  delivered(receiver: number, sender: number, text: string, now: number): void {
    const plan = this.#plan;
    const message = plan.read(text);
    if (
      message === undefined || plan.sender(message) !== sender ||
      sender === receiver || plan.room(sender) !== plan.room(receiver)
    ) return this.unexpected();
    const arrivals = this.#arrivals[receiver] as Arrivals;
    const ordinal = plan.ordinal(message);
    if (arrivals.has(ordinal)) {
      arrivals.doubled++;
      return;
    }
    if (this.#isLate(arrivals, message)) arrivals.outOfOrder++;
    arrivals.add(ordinal);
    arrivals.latest = Math.max(arrivals.latest, message);
    this.#delivered++;
    this.delivery.record(now - plan.due(message));
    this.#lastArrival = now;
  }

  /** Whether a later one of the same sender is there already. */
  #isLate(arrivals: Arrivals, message: number): boolean {
    const { clients } = this.#plan.load;
    for (let at = message + clients; at <= arrivals.latest; at += clients) {
      if (arrivals.has(this.#plan.ordinal(at))) return true;
    }
    return false;
  }

  /** Something came that nobody was due. */
  unexpected(): void {
    this.#unexpected++;
  }

  /** A connection ended by itself. */
  cutOff(): void {
    this.#cutOff++;
  }

  /** What became of everything so far; what has not come is lost. */
  tally(): LoadTally {
    const clients = this.#arrivals.map((each, client): ClientFaults => {
      const due = this.#ofRoom[this.#plan.room(client)]! -
        this.#ofSender[client]!;
      const { doubled, outOfOrder } = each;
      // One that was refused and came all the same leaves no gap.
      return {
        client,
        lost: Math.max(0, due - each.delivered),
        doubled,
        outOfOrder,
      };
    });
    const sum = (name: "lost" | "doubled" | "outOfOrder") =>
      clients.reduce((total, each) => total + each[name], 0);
    return {
      sent: this.#sent,
      acknowledged: this.#acknowledged,
      refused: this.#refused,
      due: this.#due,
      delivered: this.#delivered,
      lost: sum("lost"),
      doubled: sum("doubled"),
      outOfOrder: sum("outOfOrder"),
      unexpected: this.#unexpected,
      cutOff: this.#cutOff,
      faults: clients.filter((each) =>
        each.lost + each.doubled + each.outOfOrder > 0
      ),
    };
  }
}
