/**
 * The proof of the chat: every event that was due, held against every event
 * that came. Messages are numbered in the order in which they were sent; each
 * receiver must get each of its messages once, in that order, unchanged.
 *
 * @module
 */

import { type Due, isDue } from "./chat_model.ts";
import type { BenchEvent } from "./stated.ts";

/** What became of everything that was due. */
export interface Tally {
  /** Messages sent. */
  readonly messages: number;
  /** Messages whose author got the receipt. */
  readonly acknowledged: number;
  /** Deliveries due: one for each message and each receiver but its author. */
  readonly due: number;
  /** Deliveries that did not come in time. */
  readonly lost: number;
  /** Deliveries and receipts that came once more. */
  readonly doubled: number;
  /** Deliveries that came after one which was sent later. */
  readonly outOfOrder: number;
  /** Other replies and announcements due. */
  readonly notices: number;
  /** Of those, how many did not come in time. */
  readonly noticesLost: number;
  /** Events that nobody was due, or with another content, or too late. */
  readonly unexpected: number;
}

/** Whether everything came once, in order, unchanged. */
export function isClean(tally: Tally): boolean {
  return tally.acknowledged === tally.messages && tally.lost === 0 &&
    tally.doubled === 0 && tally.outOfOrder === 0 &&
    tally.noticesLost === 0 && tally.unexpected === 0;
}

interface Entry {
  readonly due: Due;
  state: "open" | "received" | "lost";
}

/** One receiver's side. */
class Account {
  readonly entries: Entry[] = [];
  /** Everything before this index is settled. */
  settled = 0;
  /** The latest message that came. */
  latest = -1;

  find(event: BenchEvent, state: Entry["state"]): Entry | undefined {
    const { entries } = this;
    const from = state === "open" ? this.settled : 0;
    for (let index = from; index < entries.length; index++) {
      const entry = entries[index] as Entry;
      if (entry.state === state && isDue(entry.due.event, event)) return entry;
    }
    return undefined;
  }

  settle(entry: Entry, state: "received" | "lost"): void {
    entry.state = state;
    while (
      this.settled < this.entries.length &&
      this.entries[this.settled]?.state !== "open"
    ) this.settled++;
  }
}

/** Keeps the accounts of all receivers. */
export class Deliveries {
  readonly #accounts: readonly Account[];
  readonly #counts = {
    messages: 0,
    acknowledged: 0,
    due: 0,
    lost: 0,
    doubled: 0,
    outOfOrder: 0,
    notices: 0,
    noticesLost: 0,
    unexpected: 0,
  };
  #open = 0;
  #later = 0;

  /** `receivers`: how many people there are. */
  constructor(receivers: number) {
    this.#accounts = Array.from({ length: receivers }, () => new Account());
  }

  /** Events that are due now and have not come. */
  get open(): number {
    return this.#open;
  }

  /** Events that are due before the end and have not come. */
  get later(): number {
    return this.#later;
  }

  /** Something is due from now on. */
  expect(due: Due): void {
    this.#account(due.receiver).entries.push({ due, state: "open" });
    this.#move(due, 1);
    if (due.kind === "receipt") this.#counts.messages++;
    else if (due.kind === "delivery") this.#counts.due++;
    else this.#counts.notices++;
  }

  /** Something came. */
  receive(receiver: number, event: BenchEvent): void {
    const account = this.#account(receiver);
    const entry = account.find(event, "open");
    if (entry === undefined) {
      // A notice looks like any other of its kind, so only messages double.
      const twin = account.find(event, "received");
      const doubled = twin !== undefined && twin.due.kind !== "notice";
      this.#counts[doubled ? "doubled" : "unexpected"]++;
      return;
    }
    account.settle(entry, "received");
    this.#move(entry.due, -1);
    const { kind, message = -1 } = entry.due;
    if (kind === "receipt") this.#counts.acknowledged++;
    if (kind !== "delivery") return;
    if (message < account.latest) this.#counts.outOfOrder++;
    account.latest = Math.max(account.latest, message);
  }

  /** Something came that is no event of the wire. */
  garbage(): void {
    this.#counts.unexpected++;
  }

  /**
   * What is due and has not come is lost: to one receiver, or to all. `later`:
   * also what is due before the end only.
   */
  expire(receiver?: number, later = true): void {
    const accounts = receiver === undefined
      ? this.#accounts
      : [this.#account(receiver)];
    for (const account of accounts) {
      for (const entry of account.entries.slice(account.settled)) {
        if (entry.state !== "open" || entry.due.later && !later) continue;
        account.settle(entry, "lost");
        this.#move(entry.due, -1);
        if (entry.due.kind === "delivery") this.#counts.lost++;
        if (entry.due.kind === "notice") this.#counts.noticesLost++;
      }
    }
  }

  /** The counts so far. */
  tally(): Tally {
    return { ...this.#counts };
  }

  #move(due: Due, by: number): void {
    if (due.later) this.#later += by;
    else this.#open += by;
  }

  #account(receiver: number): Account {
    return this.#accounts[receiver] as Account;
  }
}
