/**
 * One play of a conversation over one variant: steps, what happens between
 * them, and what is waited for.
 *
 * @module
 */

import type { Due } from "./chat_model.ts";
import { BenchClient, type ClientAddress } from "./client.ts";
import type { ConversationClock } from "./conversation_clock.ts";
import { Deliveries } from "./deliveries.ts";
import { measure } from "./measure.ts";
import type { Measurement } from "./measurement.ts";
import type { PlayOptions } from "./player.ts";
import type { Variant } from "./variants.ts";
import type { WireMeter } from "./wire_meter.ts";
import type { Conversation, Step } from "./workload.ts";

/** Says who is due what. Times are those of the conversation's clock, ms. */
export interface DueModel {
  /** Does a step. */
  apply(step: Step): readonly Due[];
  /** A client says up to where it has a room. */
  receive?(user: number, room: string, sequence: number, now: number): void;
  /** When the server tells something by itself; Infinity: not before more. */
  readonly next?: number;
  /** That time has come. */
  wake?(now: number): readonly Due[];
}

/** What a play is made of. */
export interface PlayParts {
  readonly variant: Variant;
  readonly conversation: Conversation;
  readonly address: ClientAddress;
  readonly clock: ConversationClock;
  readonly meter: WireMeter;
  /** Requests that the server has read. */
  readonly taken: (() => number) | undefined;
  readonly options: PlayOptions;
}

const DEADLINE = 5_000;

/** Deadlines that a play may sit out before it waits a tenth as long. */
const PATIENCE = 5;

/** One play. */
export class Play {
  readonly #parts: PlayParts;
  readonly #model: DueModel;
  readonly #deliveries: Deliveries;
  readonly #clients: (BenchClient | undefined)[] = [];
  readonly #types = new Map<string, { count: number; bytes: number }>();
  readonly #curve: number[] = [];
  #deadline: number;
  #patience = PATIENCE;
  #seconds = 0;
  #settled: () => void = () => {};

  constructor(parts: PlayParts) {
    this.#parts = parts;
    const { users } = parts.conversation;
    this.#deadline = parts.options.deadline ?? DEADLINE;
    this.#model = parts.variant.model(users);
    this.#deliveries = new Deliveries(users.length);
  }

  async run(): Promise<void> {
    const { conversation, meter, options } = this.#parts;
    const begin = performance.now();
    for (const step of conversation.steps) {
      await this.#until(step.time);
      await this.#step(step);
      this.#curve.push(meter.total);
      options.onProgress?.(this.#curve.length);
    }
    this.#seconds = (performance.now() - begin) / 1000;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client?.destroy()));
  }

  // ---- the time between the steps

  /** Plays what happens by itself before a time. */
  async #until(time: number): Promise<void> {
    for (;;) {
      const next = Math.min(
        this.#model.next ?? Infinity,
        ...this.#clients.map((client) =>
          Math.min(
            client?.deadline ?? Infinity,
            client?.keepaliveDue ?? Infinity,
          )
        ),
      );
      if (next >= time) break;
      await this.#pass(next);
    }
    await this.#advance(time);
  }

  /** What happens by itself at a time. */
  async #pass(time: number): Promise<void> {
    await this.#advance(time);
    for (const [user, client] of this.#clients.entries()) {
      if (client === undefined) continue;
      if (client.deadline <= time) {
        const before = this.#parts.taken?.() ?? 0;
        await this.#taken(before + client.sendDue());
      }
      if (client.keepaliveDue > time) continue;
      const event = { type: "keepalive" } as const;
      this.#expect([{ kind: "notice", receiver: user, event }]);
      client.keepalive();
      await this.#settle();
    }
  }

  /** Sets the clock, and waits for what the server tells because of that. */
  async #advance(time: number): Promise<void> {
    const { next = Infinity } = this.#model;
    if (next <= time) this.#expect(this.#model.wake?.(time) ?? []);
    this.#parts.clock.advance(time);
    await this.#settle();
  }

  /** Waits until the server has read so many requests. */
  async #taken(count: number): Promise<void> {
    const { taken } = this.#parts;
    const end = performance.now() + this.#deadline;
    while (taken !== undefined && taken() < count) {
      if (performance.now() > end) return;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  // ---- steps

  async #step(step: Step): Promise<void> {
    const { user } = step;
    if (step.action.type === "login") await this.#connect(user);
    const client = this.#clients[user];
    // What it states goes ahead of what it does.
    const act = client === undefined || client.gone
      ? undefined
      : client.prepare(step.action);
    this.#expect(this.#model.apply(step), user);
    if (client === undefined || act === undefined) this.#deliveries.expire();
    else await act(this.#deadline);
    await this.#settle();
  }

  #expect(due: readonly Due[], actor?: number): void {
    for (const each of due) {
      this.#deliveries.expect(each);
      if (each.receiver !== actor && this.#clients[each.receiver]?.gone) {
        this.#deliveries.expire(each.receiver);
      }
    }
  }

  /** Waits until everything that is due has come, or is late. */
  async #settle(): Promise<void> {
    if (this.#deliveries.open === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#settled = resolve;
    const timer = setTimeout(resolve, this.#deadline);
    await promise;
    clearTimeout(timer);
    if (this.#deliveries.open === 0) return;
    this.#deliveries.expire();
    if (--this.#patience === 0) this.#deadline /= 10;
  }

  async #connect(user: number): Promise<void> {
    const { variant, address, clock } = this.#parts;
    const deliveries = this.#deliveries;
    this.#clients[user] = await BenchClient.connect(variant, address, {
      now: () => clock.elapsed,
      count: (...counted) => this.#count(...counted),
      receipt: (room, sequence) =>
        this.#model.receive?.(user, room, sequence, clock.elapsed),
      event: (event) => {
        deliveries.receive(user, event);
        this.#check();
      },
      garbage: () => deliveries.garbage(),
      gone: () => {
        deliveries.expire(user);
        this.#check();
      },
    }, this.#deadline);
  }

  #check(): void {
    if (this.#deliveries.open === 0) this.#settled();
  }

  #count(direction: "up" | "down", type: string, bytes: number): void {
    const key = `${direction} ${type}`;
    const known = this.#types.get(key) ?? { count: 0, bytes: 0 };
    known.count++;
    known.bytes += bytes;
    this.#types.set(key, known);
  }

  /** The figures, when everything is closed. */
  measure(): Measurement {
    const { variant, meter } = this.#parts;
    const clients = this.#clients.filter((client) => client !== undefined);
    return measure({
      variant,
      meter,
      clients,
      tally: this.#deliveries.tally(),
      curve: this.#curve,
      types: this.#types,
      seconds: this.#seconds,
    });
  }
}
