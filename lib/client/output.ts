/**
 * Lines on their way to a pipe, which may be slow to take them or be gone.
 *
 * @module
 */

/** How an output is made. */
export interface OutputOptions {
  /** Writes all of it; rejects when nobody reads any more. */
  readonly write: (bytes: Uint8Array) => Promise<unknown>;
  /** Told true when so much waits that no more should come, then false. */
  readonly onFull: (full: boolean) => void;
}

/** Characters that may wait before `onFull` is told. */
const MOST_WAITING = 1_048_576;

/** Writes lines in order, several at once when the reader is slow. */
export class Output {
  readonly #options: OutputOptions;
  readonly #encoder = new TextEncoder();
  readonly #broken = Promise.withResolvers<unknown>();
  #waiting = "";
  #writing: Promise<void> | undefined;
  #full = false;
  #dead = false;

  constructor(options: OutputOptions) {
    this.#options = options;
  }

  /** Resolves when nobody reads any more, with what writing failed with. */
  get broken(): Promise<unknown> {
    return this.#broken.promise;
  }

  /** Writes a line; `text` is without its line feed. */
  line(text: string): void {
    if (this.#dead) return;
    this.#waiting += `${text}\n`;
    this.#writing ??= this.#write();
    if (this.#waiting.length > MOST_WAITING && !this.#full) this.#setFull(true);
  }

  /** Waits until everything is written, or nobody reads any more. */
  async flushed(): Promise<void> {
    await this.#writing;
  }

  async #write(): Promise<void> {
    // What else comes in this turn goes out in the same piece.
    await undefined;
    try {
      while (this.#waiting !== "") {
        const bytes = this.#encoder.encode(this.#waiting);
        this.#waiting = "";
        await this.#options.write(bytes);
        if (this.#full && this.#waiting === "") this.#setFull(false);
      }
    } catch (error) {
      this.#dead = true;
      this.#waiting = "";
      if (this.#full) this.#setFull(false);
      this.#broken.resolve(error);
    }
    this.#writing = undefined;
  }

  #setFull(full: boolean): void {
    this.#full = full;
    this.#options.onFull(full);
  }
}
