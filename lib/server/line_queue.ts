/**
 * Lines for somebody who may read them slowly, or not at all. Whoever writes a
 * line MUST NOT wait for that reader, and what waits MUST stay bounded: what
 * does not fit is dropped and counted.
 *
 * @module
 */

/** How many characters may wait, besides those that are being written. */
const MOST_WAITING = 1 << 20;

/** How a queue is made. */
export interface LineQueueOptions {
  /** Writes some of these bytes, and answers how many. */
  readonly write: (bytes: Uint8Array) => Promise<number>;
  /** There is room again, but so many lines were dropped since there was none. */
  readonly dropped: (count: number) => void;
}

/** Lines on their way out, in order. */
export class LineQueue {
  readonly #options: LineQueueOptions;
  readonly #encoder = new TextEncoder();
  #waiting = "";
  #dropped = 0;
  /** Settles when nothing waits; undefined when nothing does. */
  #emptied: Promise<void> | undefined;

  constructor(options: LineQueueOptions) {
    this.#options = options;
  }

  /** Takes a line without its line feed, or drops it. */
  push(line: string): void {
    // After one was dropped, a shorter one would seem to follow those before.
    if (this.#dropped > 0 || !this.#fits(line)) {
      this.#dropped++;
      return;
    }
    this.#waiting += `${line}\n`;
    this.#emptied ??= this.#empty();
  }

  /** Settles when everything that was taken has been written. */
  async emptied(): Promise<void> {
    await this.#emptied;
  }

  #fits(line: string): boolean {
    return this.#waiting.length + line.length < MOST_WAITING;
  }

  async #empty(): Promise<void> {
    // What is said in one go is written in one go.
    await Promise.resolve();
    while (this.#waiting !== "") {
      const bytes = this.#encoder.encode(this.#waiting);
      this.#waiting = "";
      this.#tellDropped();
      await this.#write(bytes);
    }
    this.#emptied = undefined;
  }

  #tellDropped(): void {
    const count = this.#dropped;
    if (count === 0) return;
    this.#dropped = 0;
    this.#options.dropped(count);
  }

  async #write(bytes: Uint8Array): Promise<void> {
    try {
      for (let done = 0; done < bytes.length;) {
        done += await this.#options.write(bytes.subarray(done));
      }
    } catch {
      // The reader or its terminal is gone, and with it whom to tell so. What
      // is being done goes on, or ends as it should.
    }
  }
}
