/**
 * A load on one server over one wire: everybody enters, the schedule is kept,
 * what is on its way may arrive, everybody leaves.
 *
 * @module
 */

import process from "node:process";
import type { DialOptions, ServerAddress } from "../../net/mod.ts";
import { type RoomMessage, TEXT_CODE, WIRE_LIMITS } from "../../wire/mod.ts";
import type { StreamVariant } from "../variants.ts";
import {
  LoadAccount,
  type LoadTally,
  refusals,
  unanswered,
} from "./account.ts";
import { LatencyHistogram } from "./histogram.ts";
import { LoadClient } from "./load_client.ts";
import { idleShare, machineTimes } from "./machine_meter.ts";
import type { LoadPlan } from "./plan.ts";
import { processUse, queuedTime } from "./process_meter.ts";
import { ReadingTurns } from "./reading_turns.ts";
import { SharedTexts } from "./shared_texts.ts";
import { Standstills } from "./standstill.ts";
import { type Verdict, verdictOn } from "./verdict.ts";

/** The server of a load. */
export interface LoadServer {
  readonly address: Pick<ServerAddress, "host" | "port">;
  readonly dial: DialOptions;
  /** Its process, if that is of this machine and known. */
  readonly pid?: number | undefined;
}

/** What is going on. */
export type LoadPhase = "entering" | "sending" | "waiting";

/** How a load is run. */
export interface LoadOptions {
  readonly server: LoadServer;
  readonly variant: StreamVariant;
  readonly plan: LoadPlan;
  /** What names of clients and rooms begin with: nobody else's. */
  readonly prefix: string;
  /** Ends the run early: what was measured so far is the result. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (phase: LoadPhase, share: number) => void;
  /** After so many ms without anything, what is due is lost. */
  readonly patience?: number;
}

/** What a process used during the run. */
export interface LoadUse {
  readonly name: string;
  /** User and system time, s. */
  readonly cpu: number;
  /** Resident memory at the end, and the most that it ever was, bytes. */
  readonly memory: number;
  readonly peak: number;
}

/** What a load came to. */
export interface LoadMeasurement {
  readonly variant: StreamVariant;
  readonly plan: LoadPlan;
  readonly tally: LoadTally;
  readonly delivery: LatencyHistogram;
  readonly acknowledgement: LatencyHistogram;
  readonly lateness: LatencyHistogram;
  /** How late timers of a millisecond were: the generator's event loop. */
  readonly lag: LatencyHistogram;
  /**
   * From the first message's time to the last arrival, or to when one more would
   * have been due, whichever is later, s: who keeps up takes what was asked for.
   */
  readonly seconds: number;
  /** How long CPU was counted, s: as long as anything was waited for. */
  readonly elapsed: number;
  /** CPU of this process meanwhile, s. */
  readonly generatorCpu: number;
  /** The server's; undefined where its process is not known. */
  readonly server: LoadUse | undefined;
  readonly verdict: Verdict;
  /** Whether it was ended early. */
  readonly interrupted: boolean;
}

/** Clients that enter at the same time. */
const ENTERING = 16;
/** Between two looks at the schedule, ms. */
const TICK = 1;
/** Between two looks at who has receipts to send, ms. */
const RECEIPTS = 100;
/** From the last entry to the first message, ms: what entering left behind. */
const REST = 200;
/** Messages that are coded and thrown away before the first is sent. */
const WARM_UP = 200;
const PATIENCE = 5_000;
const LEAVE_TIMEOUT = 2_000;
const TOO_FAST = 429;

/**
 * Runs a load.
 *
 * @throws {UserError} when somebody can't enter.
 */
export async function runLoad(options: LoadOptions): Promise<LoadMeasurement> {
  const run = new Run(options);
  try {
    await run.enter();
    await run.send();
    await run.settle();
    return await run.finish();
  } finally {
    await run.leave();
  }
}

/** One run. */
class Run {
  readonly #options: LoadOptions;
  readonly #plan: LoadPlan;
  readonly #account: LoadAccount;
  readonly #lag = new LatencyHistogram();
  readonly #clients: LoadClient[] = [];
  readonly #turns = new ReadingTurns(() => performance.now());
  readonly #texts = new SharedTexts();
  readonly #standstills = new Standstills(() => {
    const { pid } = this.#options.server;
    return pid === undefined
      ? {}
      : { cpu: processUse(pid)?.cpu, queued: queuedTime(pid) };
  });
  #start = Infinity;
  #next = 0;
  #receiptsAt = 0;
  #generatorCpu = 0;
  /** What the server had used at the start, s; undefined if not known. */
  #serverCpu: number | undefined;
  #machine = machineTimes();
  /** How long nothing had come when the rest was given up for that, ms. */
  #silence: number | undefined;
  #left: Promise<unknown> | undefined;

  constructor(options: LoadOptions) {
    this.#options = options;
    this.#plan = options.plan;
    this.#account = new LoadAccount(options.plan);
  }

  /** ms since the first message's time. */
  #now(): number {
    return performance.now() - this.#start;
  }

  get #interrupted(): boolean {
    return this.#options.signal?.aborted ?? false;
  }

  /** The first alone: whom it trusts is whom the others find. */
  async enter(): Promise<void> {
    const { clients } = this.#plan.load;
    const { dial } = this.#options.server;
    await this.#enterOne(0, dial);
    const fingerprint = this.#clients[0]?.fingerprint;
    const same: DialOptions = fingerprint === undefined
      ? dial
      : { timeout: dial.timeout, fingerprint };
    let next = 1;
    let entered = 1;
    const some = async () => {
      while (next < clients && !this.#interrupted) {
        await this.#enterOne(next++, same);
        this.#options.onProgress?.("entering", ++entered / clients);
      }
    };
    const all = Array.from({ length: ENTERING }, some);
    try {
      await Promise.all(all);
    } catch (error) {
      next = clients;
      // Those who are still on their way in must be there to be let go.
      await Promise.allSettled(all);
      throw error;
    }
  }

  async #enterOne(index: number, dial: DialOptions): Promise<void> {
    const { variant, prefix, server } = this.#options;
    const account = this.#account;
    const room = `${prefix}-room${this.#plan.room(index)}`;
    this.#clients[index] = await LoadClient.enter(
      {
        variant,
        address: server.address,
        dial,
        username: `${prefix}-${index}`,
        room,
        turns: this.#turns,
        textCode: this.#texts,
      },
      {
        acknowledged: (message) => account.acknowledged(message, this.#now()),
        refused: (message, code) => account.refused(message, code, this.#now()),
        said: (event) => this.#hear(index, room, event),
        unexpected: () => account.unexpected(),
        gone: () => account.cutOff(),
      },
    );
  }

  /** Something was said where a client is that is in this room of the load. */
  #hear(
    index: number,
    own: string,
    { room, sender, text }: RoomMessage,
  ): void {
    const { prefix } = this.#options;
    if (room === own && typeof text === "string") {
      const from = Number(sender.slice(prefix.length + 1));
      this.#account.delivered(index, from, text, this.#now());
    } else if (room.startsWith(prefix) || sender.startsWith(prefix)) {
      // What others say elsewhere, as in the lobby, is no part of the load.
      this.#account.unexpected();
    }
  }

  get #everybodyIsGone(): boolean {
    return this.#clients.every((each) => each.gone);
  }

  get #isEnded(): boolean {
    return this.#interrupted || this.#everybodyIsGone;
  }

  /** Keeps the schedule to its end, or as long as anybody is there to. */
  async send(): Promise<void> {
    this.#warmUp();
    await this.#wait(REST);
    this.#serverCpu = this.#serverUse()?.cpu;
    this.#generatorCpu = generatorCpu();
    this.#machine = machineTimes();
    this.#start = performance.now();
    while (this.#next < this.#plan.messages && !this.#isEnded) {
      this.#sendDue();
      this.#options.onProgress?.(
        "sending",
        this.#next / this.#plan.messages,
      );
      await this.#tick();
    }
  }

  /** What is made at the first use must not make the first message late. */
  #warmUp(): void {
    const codec = this.#options.variant.codec();
    for (let message = 0; message < WARM_UP; message++) {
      const text = this.#plan.text(message);
      codec.encode({ type: "room_msg", text });
      const coded = TEXT_CODE.compress(text);
      if (coded) TEXT_CODE.expand(coded, WIRE_LIMITS.textBytes);
    }
  }

  #sendDue(): void {
    const dirty = new Set<LoadClient>();
    const due = this.#plan.dueBy(this.#now());
    for (; this.#next < due; this.#next++) {
      const client = this.#clients[this.#plan.sender(this.#next)];
      // Who was cut off can't send; that it was is in the report.
      if (client === undefined || client.gone) continue;
      client.say(this.#next, this.#plan.text(this.#next));
      dirty.add(client);
      this.#account.sent(this.#next, this.#now());
    }
    for (const client of dirty) client.flush();
  }

  /** Lets a millisecond pass, and everybody do what is to be done by then. */
  async #tick(): Promise<void> {
    const before = performance.now();
    await this.#wait(TICK);
    const now = performance.now();
    this.#lag.record(now - before - TICK);
    this.#standstills.look(
      now - this.#start,
      this.#account.open > 0,
      this.#account.lastArrival,
    );
    this.#turns.next();
    if (now < this.#receiptsAt) return;
    this.#receiptsAt = now + RECEIPTS;
    for (const client of this.#clients) client?.tick(now);
  }

  #wait(time: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, time));
  }

  /** Waits for what is still to come, as long as anything does. */
  async settle(): Promise<void> {
    const { patience = PATIENCE, signal } = this.#options;
    const end = this.#now();
    const wasInterrupted = this.#interrupted;
    while (this.#account.open > 0 && !this.#everybodyIsGone) {
      const last = Math.max(end, this.#account.lastArrival);
      if (this.#now() - last >= patience) {
        this.#silence = patience;
        return;
      }
      if (signal?.aborted && !wasInterrupted) return;
      this.#options.onProgress?.("waiting", 1);
      await this.#tick();
    }
  }

  #serverUse() {
    const { pid } = this.#options.server;
    return pid === undefined ? undefined : processUse(pid);
  }

  /** Everybody leaves: what comes until then counts too. Works out the rest. */
  async finish(): Promise<LoadMeasurement> {
    const use = this.#serverUse();
    const cpu = generatorCpu() - this.#generatorCpu;
    const elapsed = this.#now() / 1000;
    const idle = idleShare(this.#machine, machineTimes());
    await this.leave();
    const account = this.#account;
    const server = use && { ...use, cpu: use.cpu - (this.#serverCpu ?? 0) };
    const tally = account.tally();
    const lastDue = this.#plan.due(Math.max(0, this.#next - 1));
    const end = Math.max(this.#plan.due(this.#next), account.lastArrival);
    const seconds = end / 1000;
    return {
      variant: this.#options.variant,
      plan: this.#plan,
      tally,
      delivery: account.delivery,
      acknowledgement: account.acknowledgement,
      lateness: account.lateness,
      lag: this.#lag,
      seconds,
      elapsed,
      generatorCpu: cpu,
      server,
      interrupted: this.#next < this.#plan.messages,
      verdict: verdictOn({
        ...symptomsOf(tally),
        offered: this.#plan.load.rate,
        taken: seconds > 0 ? tally.acknowledged / seconds : 0,
        lateness: account.lateness.percentile(99) ?? 0,
        unread: this.#turns.longest,
        overtime: Math.max(0, account.lastArrival - lastDue),
        delivery: account.delivery.percentile(99) ?? 0,
        generatorCpu: cpu / elapsed,
        serverCpu: server && server.cpu / elapsed,
        isGone: this.#serverCpu !== undefined && use === undefined,
        standstill: this.#standstills.longest,
        cores: navigator.hardwareConcurrency,
        idle,
        silence: this.#silence,
      }),
    };
  }

  /** Ends all connections, once. */
  async leave(): Promise<void> {
    this.#turns.end();
    await (this.#left ??= Promise.all(
      this.#clients.map((each) => each?.leave(LEAVE_TIMEOUT)),
    ));
  }
}

/** What the account has to say about who could not keep up. */
function symptomsOf(tally: LoadTally) {
  const tooFast = tally.refused.get(TOO_FAST) ?? 0;
  const { sent, lost, cutOff } = tally;
  return {
    sent,
    lost,
    cutOff,
    tooFast,
    refused: refusals(tally) - tooFast,
    unanswered: unanswered(tally),
  };
}

/** CPU that this process has used, s. */
function generatorCpu(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
