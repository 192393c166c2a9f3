/**
 * One play of a conversation over one variant: steps, what happens between
 * them, and what is waited for.
 *
 * @module
 */

import { type Cast, castOf } from "./cast.ts";
import type { Due, DueModel } from "./chat_model.ts";
import type { ConversationClock } from "./conversation_clock.ts";
import type { DatagramMeter } from "./datagram_meter.ts";
import { Deliveries } from "./deliveries.ts";
import { measure } from "./measure.ts";
import type { Measurement } from "./measurement.ts";
import type {
  ClientAddress,
  ClientEvents,
  PlayedClient,
} from "./played_client.ts";
import type { BenchServer, PlayOptions } from "./player.ts";
import { StallWatch } from "./stall.ts";
import type { Variant } from "./variants.ts";
import type { WireMeter } from "./wire_meter.ts";
import type { Conversation, Step } from "./workload.ts";

/** What a play is made of. */
export interface PlayParts {
  readonly variant: Variant;
  readonly conversation: Conversation;
  readonly address: ClientAddress;
  readonly clock: ConversationClock;
  readonly meter: WireMeter;
  /** Present on UDP. */
  readonly datagrams: DatagramMeter | undefined;
  readonly server: Pick<BenchServer, "taken" | "settled" | "lossy">;
  readonly options: PlayOptions;
}

const DEADLINE = 5_000;

/** How long the server may take to tell what everybody has, ms. */
const LINGER = 1_000;

/** How long nothing may happen where datagrams get lost, and elsewhere, ms. */
const LOSSY_PATIENCE = 30;
const PATIENCE_ELSEWHERE = 500;

/** Deadlines that a play may sit out before it waits a tenth as long. */
const PATIENCE = 5;

/** One play. */
export class Play {
  readonly #parts: PlayParts;
  readonly #model: DueModel;
  readonly #cast: Cast;
  readonly #deliveries: Deliveries;
  readonly #clients: (PlayedClient | undefined)[] = [];
  readonly #types = new Map<string, { count: number; bytes: number }>();
  readonly #curve: number[] = [];
  #deadline: number;
  #patience = PATIENCE;
  #seconds = 0;
  #settled: () => void = () => {};
  /** Something is waited for. */
  #waiting = false;
  /** What is due later is waited for too. */
  #ending = false;

  constructor(parts: PlayParts) {
    this.#parts = parts;
    const { users } = parts.conversation;
    this.#deadline = parts.options.deadline ?? DEADLINE;
    this.#cast = castOf(parts.variant, users);
    this.#model = this.#cast.model;
    this.#deliveries = new Deliveries(users.length);
  }

  async run(): Promise<void> {
    const { conversation, meter, options } = this.#parts;
    const begin = performance.now();
    using _watch = this.#watch();
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

  /** Where datagrams may get lost, time passes while one waits for them. */
  #watch(): Disposable | undefined {
    const { datagrams, meter, server, clock } = this.#parts;
    if (datagrams === undefined) return undefined;
    return new StallWatch({
      progress: () => meter.total,
      waits: () => this.#waiting,
      pass: (milliseconds) => {
        clock.advance(clock.elapsed + milliseconds);
        for (const client of this.#clients) client?.wake();
      },
    }, server.lossy ? LOSSY_PATIENCE : PATIENCE_ELSEWHERE);
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
        const before = this.#parts.server.taken?.() ?? 0;
        await this.#taken(before + client.sendDue());
      }
      if (client.keepaliveDue > time) continue;
      const event = { type: "keepalive" } as const;
      this.#expect(
        this.#model.asked?.(user) ??
          [{ kind: "notice", receiver: user, event }],
      );
      client.keepalive();
      await this.#settle();
    }
  }

  /** Waits until nothing is on its way that would be late by then. */
  async #quiet(): Promise<void> {
    const { server } = this.#parts;
    const end = performance.now() + this.#deadline;
    const isQuiet = () =>
      (server.settled?.() ?? true) &&
      this.#clients.every((client) => client?.idle ?? true);
    this.#waiting = true;
    while (!isQuiet() && performance.now() < end) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.#waiting = false;
  }

  /** Sets the clock, and waits for what the server tells because of that. */
  async #advance(time: number): Promise<void> {
    if (this.#parts.datagrams !== undefined) await this.#quiet();
    const { next = Infinity } = this.#model;
    if (next <= time) this.#expect(this.#model.wake?.(time) ?? []);
    this.#parts.clock.advance(time);
    await this.#settle();
  }

  /** Waits until the server has read so many requests. */
  async #taken(count: number): Promise<void> {
    const { taken } = this.#parts.server;
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
    if (step.action.type === "quit") await this.#linger(step.time);
    const client = this.#clients[user];
    // What it states goes ahead of what it does.
    const act = client === undefined || client.gone
      ? undefined
      : client.prepare(step.action);
    this.#expect(this.#model.apply(step), user);
    if (client === undefined || act === undefined) this.#deliveries.expire();
    else {
      this.#waiting = true;
      await act(this.#deadline);
      this.#waiting = false;
    }
    await this.#settle();
    if (this.#parts.datagrams !== undefined) await this.#quiet();
  }

  /** Nobody leaves before everybody is told what everybody has. */
  async #linger(time: number): Promise<void> {
    if (this.#deliveries.later === 0) return;
    await this.#advance(time + LINGER);
    await this.#settle(true);
    if (this.#parts.datagrams !== undefined) await this.#quiet();
  }

  #expect(due: readonly Due[], actor?: number): void {
    for (const each of due) {
      this.#deliveries.expect(each);
      if (each.receiver !== actor && this.#clients[each.receiver]?.gone) {
        this.#deliveries.expire(each.receiver);
      }
    }
  }

  /**
   * Waits until everything that is due has come, or is late. `later`: also what
   * is due before the end only.
   */
  async #settle(later = false): Promise<void> {
    this.#ending = later;
    if (this.#hasAll) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#settled = resolve;
    const timer = setTimeout(resolve, this.#deadline);
    this.#waiting = true;
    await promise;
    this.#waiting = false;
    clearTimeout(timer);
    if (this.#hasAll) return;
    this.#deliveries.expire(undefined, later);
    if (--this.#patience === 0) this.#deadline /= 10;
  }

  async #connect(user: number): Promise<void> {
    this.#clients[user] = await this.#cast.connect(
      user,
      this.#parts.address,
      this.#events(user),
      this.#deadline,
    );
  }

  #events(user: number): ClientEvents {
    const { clock } = this.#parts;
    const deliveries = this.#deliveries;
    return {
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
    };
  }

  get #hasAll(): boolean {
    const { open, later } = this.#deliveries;
    return open === 0 && !(this.#ending && later > 0);
  }

  #check(): void {
    if (this.#hasAll) this.#settled();
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
    const { variant, meter, datagrams } = this.#parts;
    const clients = this.#clients.filter((client) => client !== undefined);
    return measure({
      variant,
      meter,
      datagrams: datagrams?.counts,
      clients,
      tally: this.#deliveries.tally(),
      curve: this.#curve,
      types: this.#types,
      seconds: this.#seconds,
    });
  }
}
