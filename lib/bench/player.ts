/**
 * Plays a conversation over one variant on real sockets, without the waiting
 * between the steps: server → tap → clients, all on loopback.
 *
 * What the figures rest on: a step MUST NOT begin before everything that the
 * one before it made due has come, to everybody, or has not come within the
 * deadline. So nothing is coalesced that would not be in life.
 *
 * @module
 */

import { type Tap, tap, type TapObserver } from "../net/mod.ts";
import type { BasicEvent, ServerEvent } from "../wire/mod.ts";
import { ChatModel } from "./chat_model.ts";
import { BenchClient, type ClientAddress } from "./client.ts";
import { converse } from "./conversation.ts";
import { Deliveries, isClean } from "./deliveries.ts";
import type { Measurement, TypeTraffic } from "./measurement.ts";
import { inTls, type Variant } from "./variants.ts";
import { WireMeter } from "./wire_meter.ts";
import type { Conversation, Step, Workload } from "./workload.ts";

/** A server to measure, its limits on haste lifted. */
export interface BenchServer extends ClientAddress {
  close(): Promise<void>;
}

/** How a variant is played. */
export interface PlayOptions {
  /** Starts a server that has not been used, on loopback. */
  readonly startServer: (variant: Variant) => Promise<BenchServer>;
  /** See the same bytes as the meter does. */
  readonly observers?: readonly TapObserver[];
  /** Told after each step how many are done. */
  readonly onProgress?: (steps: number) => void;
  /** How long anything may take to come, ms; 5,000 if absent. */
  readonly deadline?: number;
}

const DEADLINE = 5_000;

/** Deadlines that a play may sit out before it waits a tenth as long. */
const PATIENCE = 5;

/** One play. */
class Play {
  readonly #variant: Variant;
  readonly #conversation: Conversation;
  readonly #address: ClientAddress;
  readonly #onProgress: (steps: number) => void;
  readonly #model: ChatModel;
  readonly #deliveries: Deliveries;
  readonly #clients: (BenchClient | undefined)[] = [];
  readonly #types = new Map<string, { count: number; bytes: number }>();
  readonly #meter: WireMeter;
  readonly #curve: number[] = [];
  #deadline: number;
  #patience = PATIENCE;
  #seconds = 0;
  #settled: () => void = () => {};

  constructor(
    variant: Variant,
    conversation: Conversation,
    address: ClientAddress,
    meter: WireMeter,
    { deadline = DEADLINE, onProgress = () => {} }: PlayOptions,
  ) {
    this.#variant = variant;
    this.#conversation = conversation;
    this.#address = address;
    this.#meter = meter;
    this.#deadline = deadline;
    this.#onProgress = onProgress;
    this.#model = new ChatModel(conversation.users);
    this.#deliveries = new Deliveries(conversation.users.length);
  }

  async run(): Promise<void> {
    const begin = performance.now();
    for (const step of this.#conversation.steps) {
      await this.#step(step);
      this.#curve.push(this.#meter.total);
      this.#onProgress(this.#curve.length);
    }
    this.#seconds = (performance.now() - begin) / 1000;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client?.destroy()));
  }

  async #step(step: Step): Promise<void> {
    for (const due of this.#model.apply(step)) {
      this.#deliveries.expect(due);
      if (due.receiver !== step.user && this.#clients[due.receiver]?.gone) {
        this.#deliveries.expire(due.receiver);
      }
    }
    await this.#act(step);
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

  async #act({ user, action }: Step): Promise<void> {
    if (action.type === "login") await this.#connect(user);
    const client = this.#clients[user];
    if (client === undefined || client.gone) return this.#deliveries.expire();
    if (action.type === "quit") return await client.quit(this.#deadline);
    this.#count("up", action.type, client.send(action));
  }

  async #connect(user: number): Promise<void> {
    const deliveries = this.#deliveries;
    this.#clients[user] = await BenchClient.connect(
      this.#variant,
      this.#address,
      {
        event: (event: ServerEvent, bytes) => {
          this.#count("down", event.type as BasicEvent["type"], bytes);
          deliveries.receive(user, event);
          this.#check();
        },
        garbage: () => deliveries.garbage(),
        gone: () => {
          deliveries.expire(user);
          this.#check();
        },
      },
      this.#deadline,
    );
  }

  #check(): void {
    if (this.#deliveries.open === 0) this.#settled();
  }

  #count(
    direction: TypeTraffic["direction"],
    type: TypeTraffic["type"],
    bytes: number,
  ): void {
    const key = `${direction} ${type}`;
    const known = this.#types.get(key) ?? { count: 0, bytes: 0 };
    known.count++;
    known.bytes += bytes;
    this.#types.set(key, known);
  }

  /** The figures, when everything is closed. */
  measure(): Measurement {
    const sums = { up: 0, down: 0, handshake: 0, closing: 0, records: 0 };
    let application = 0;
    const tally = this.#deliveries.tally();
    for (const client of this.#clients) {
      const meter = this.#meter.connection(client?.port ?? 0);
      if (client === undefined || meter === undefined) continue;
      for (const direction of ["up", "down"] as const) {
        const carried = direction === "up" ? client.sent : client.received;
        sums[direction] += meter[direction];
        application += carried;
        if (!inTls(this.#variant)) continue;
        const split = meter.records[direction].split(carried);
        sums.handshake += split.handshake;
        sums.closing += split.closing;
        sums.records += split.records;
        if (!split.exact && isClean(tally)) {
          throw new Error(`The TLS records ${direction} do not add up`);
        }
      }
    }
    const types = [...this.#types].map(([key, figures]): TypeTraffic => {
      const [direction, type] = key.split(" ") as [
        TypeTraffic["direction"],
        TypeTraffic["type"],
      ];
      return { direction, type, ...figures };
    });
    return {
      variant: this.#variant,
      ...sums,
      application,
      tally,
      curve: this.#curve,
      types,
      seconds: this.#seconds,
    };
  }
}

/** One observer that stands for several. */
function together(observers: readonly TapObserver[]): TapObserver {
  return {
    open: (...args) => observers.forEach((each) => each.open?.(...args)),
    data: (...args) => observers.forEach((each) => each.data?.(...args)),
    close: (...args) => observers.forEach((each) => each.close?.(...args)),
    failed: (...args) => observers.forEach((each) => each.failed?.(...args)),
  };
}

/**
 * Plays a workload's conversation over one variant and measures it.
 *
 * What is lost, doubled or out of order is counted, and the play goes on.
 *
 * @throws {UserError} when somebody can't connect.
 */
export async function playVariant(
  variant: Variant,
  workload: Workload,
  options: PlayOptions,
): Promise<Measurement> {
  const conversation = converse(workload);
  const meter = new WireMeter();
  const server = await options.startServer(variant);
  let between: Tap | undefined;
  let play: Play | undefined;
  try {
    between = await tap({
      listen: { host: "127.0.0.1", port: 0 },
      to: { host: server.host, port: server.port },
      observer: together([meter, ...options.observers ?? []]),
    });
    const { host, port } = between.address;
    const address = { host, port, fingerprint: server.fingerprint };
    play = new Play(variant, conversation, address, meter, options);
    await play.run();
  } finally {
    await play?.stop();
    // Everybody has quit by now; what has not is broken.
    await between?.cut();
    await server.close();
  }
  return play.measure();
}
