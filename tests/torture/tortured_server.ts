/**
 * The process that is killed again and again, and whether it does what it
 * should until then.
 *
 * @module
 */

import { Chatp, listening } from "../commands/chatp_process.ts";
import { PATIENCE, waitFor } from "./patience.ts";
import type { Stage } from "./stage.ts";
import type { Story } from "./story.ts";

/** How many lines of what it said last a fault shows. */
const LAST_LINES = 8;

/** How one is started. */
export interface TorturedServerOptions {
  /** The folder that its data folder is in. */
  readonly data: string;
  /** Where its faults are noted. */
  readonly story: Story;
  /** More of its command line. */
  readonly more?: readonly string[];
  /** ms that it may do nothing. */
  readonly patience?: number;
}

/** A `chatp serve` on a free port of loopback. */
export class TorturedServer implements AsyncDisposable {
  readonly #process: Chatp;
  readonly #story: Story;
  readonly #patience: number;
  readonly #status: Promise<number>;
  /** Rejects when it ends; says with what words. */
  readonly #died: Promise<never>;
  #port = 0;
  #blamed = false;

  private constructor(
    process: Chatp,
    { story, patience = PATIENCE }: TorturedServerOptions,
  ) {
    this.#process = process;
    this.#story = story;
    this.#patience = patience;
    this.#status = process.status();
    this.#died = this.#status.then((status) => {
      const last = process.err.all.slice(-LAST_LINES).join(" | ");
      throw new Error(`It ended by itself with status ${status}: ${last}`);
    });
    // When it is killed nobody waits for that.
    this.#died.catch(() => {});
  }

  /** Starts one; it does not listen yet. */
  static async start(options: TorturedServerOptions): Promise<TorturedServer> {
    const { data, more = [] } = options;
    const args = ["serve", "--host", "127.0.0.1", "--port", "0", ...more];
    return new TorturedServer(await Chatp.start(args, { data }), options);
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** Where it listens; 0 until it does. */
  get port(): number {
    return this.#port;
  }

  /** Waits until it listens; false, and a fault, when it never does. */
  async listens(): Promise<boolean> {
    // There is no such line when it ends, and the end says more.
    const port = listening(this.#process).catch(() => this.#died);
    return await this.brings(
      "to listen",
      port.then((number) => void (this.#port = number)),
    );
  }

  /**
   * Waits for something that it has to bring about, as long as anything
   * happens on the stage; false, and a fault, when that fails or the server
   * ends.
   */
  async brings(
    what: string,
    something: Promise<unknown>,
    stage?: Stage,
  ): Promise<boolean> {
    const either = Promise.race([something, this.#died]);
    const happened = () => stage?.events ?? 0;
    const fault = await waitFor(either, this.#patience, happened);
    if (fault === undefined) return true;
    this.#blame(`The server had ${what}. ${fault}`);
    return false;
  }

  /** Kills it with SIGKILL and waits for its end; false when it had ended. */
  async kill(): Promise<boolean> {
    try {
      this.#process.signal("SIGKILL");
    } catch {
      if (!this.#blamed) await this.brings("to be killed", this.#died);
      return false;
    }
    await this.#status;
    return true;
  }

  /** Ends it with SIGTERM; anything but status 0 is a fault. */
  async end(): Promise<void> {
    try {
      this.#process.signal("SIGTERM");
    } catch {
      // Its status tells.
    }
    const status = this.#status.then((number) =>
      number === 0 ? undefined : this.#died
    );
    const fault = await waitFor(status, this.#patience);
    if (fault !== undefined) this.#blame(`The server had to end. ${fault}`);
  }

  #blame(what: string): void {
    // Everything else fails for the same reason.
    if (this.#blamed) return;
    this.#blamed = true;
    this.#story.blame("stuck", what);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
  }
}
