/** Stand-in for `@std/cli/unstable-progress-bar`. */

/** What a formatter may show; times are in ms, values in bytes. */
export interface ProgressBarFormatter {
  /** `mm:ss` since the start. */
  styledTime: string;
  /** `0.40/97.66 KiB`. */
  styledData: string;
  /** `###-------`. */
  progressBar: string;
  time: number;
  previousTime: number;
  value: number;
  previousValue: number;
  max: number;
}

/** Options for {@linkcode ProgressBar}. */
export interface ProgressBarOptions {
  /** Where the bar is drawn; default: standard error. */
  writable?: WritableStream<Uint8Array>;
  /** Where to start; default 0. */
  value?: number;
  /** The value at which the bar is full. */
  max: number;
  /** Length of the bar in characters; default 50. */
  barLength?: number;
  /** Default `#`. */
  fillChar?: string;
  /** Default `-`. */
  emptyChar?: string;
  /** Remove the bar when it stops; default `false`. */
  clear?: boolean;
  /** The whole line; default `[mm:ss] [###---] [0.24/97.66 KiB]`. */
  formatter?: (formatter: ProgressBarFormatter) => string;
  /** Keep the stream open when the bar stops; default `true`. */
  keepOpen?: boolean;
  /** Time between two drawings in ms; default 1000. */
  interval?: number;
}

const CLEAR_LINE = "\r\x1b[K";
const UNITS = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB"];

function styledData(value: number, max: number): string {
  let unit = 1;
  while (unit < UNITS.length && 1024 ** (unit + 1) <= max) unit++;
  const inUnit = (bytes: number) => (bytes / 1024 ** unit).toFixed(2);
  return `${inUnit(value)}/${inUnit(max)} ${UNITS[unit - 1]}`;
}

function styledTime(time: number): string {
  const seconds = Math.trunc(time / 1000);
  return [Math.trunc(seconds / 60), seconds % 60]
    .map((part) => String(part).padStart(2, "0")).join(":");
}

/** A bar that is drawn again and again until it is stopped. */
export class ProgressBar {
  /** The progress so far. */
  value: number;
  /** The value at which the bar is full. */
  max: number;

  readonly #options: Required<Omit<ProgressBarOptions, "value" | "max">>;
  readonly #writer: WritableStreamDefaultWriter<string>;
  readonly #piped: Promise<void>;
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #start = Date.now();
  #previousTime = 0;
  #previousValue: number;

  constructor(options: ProgressBarOptions) {
    this.value = this.#previousValue = options.value ?? 0;
    this.max = options.max;
    this.#options = {
      writable: options.writable ?? Deno.stderr.writable,
      barLength: options.barLength ?? 50,
      fillChar: options.fillChar ?? "#",
      emptyChar: options.emptyChar ?? "-",
      clear: options.clear ?? false,
      formatter: options.formatter ??
        ((bar) =>
          `[${bar.styledTime}] [${bar.progressBar}] [${bar.styledData}]`),
      keepOpen: options.keepOpen ?? true,
      interval: options.interval ?? 1000,
    };
    const encoder = new TextEncoderStream();
    this.#writer = encoder.writable.getWriter();
    this.#timer = setInterval(() => this.#draw(), this.#options.interval);
    this.#piped = encoder.readable
      .pipeTo(this.#options.writable, { preventClose: this.#options.keepOpen })
      .catch(() => clearInterval(this.#timer));
    this.#draw();
  }

  #state(): ProgressBarFormatter {
    const { barLength, fillChar, emptyChar } = this.#options;
    const time = Date.now() - this.#start;
    const share = Math.min(Math.max(this.value / this.max, 0), 1);
    const filled = Math.trunc(share * barLength);
    return {
      styledTime: styledTime(time),
      styledData: styledData(this.value, this.max),
      progressBar: fillChar.repeat(filled) +
        emptyChar.repeat(barLength - filled),
      time,
      previousTime: this.#previousTime,
      value: this.value,
      previousValue: this.#previousValue,
      max: this.max,
    };
  }

  async #draw(): Promise<void> {
    const state = this.#state();
    // A reader that is gone must not end the work that the bar reports on.
    await this.#writer.write(CLEAR_LINE + this.#options.formatter(state))
      .catch(() => {});
    this.#previousTime = state.time;
    this.#previousValue = state.value;
  }

  /** Draws the bar a last time, or clears it, and lets the stream go. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    try {
      if (this.#options.clear) {
        await this.#writer.write(CLEAR_LINE);
      } else {
        await this.#draw();
        await this.#writer.write("\n");
      }
      await this.#writer.close();
      await this.#piped;
    } catch { /* the stream was closed by its reader */ }
  }
}
