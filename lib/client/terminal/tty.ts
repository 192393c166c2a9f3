/**
 * The real terminal: standard input and output.
 *
 * @module
 */

import process from "node:process";
import { emitKeypressEvents } from "node:readline";
import { PassThrough } from "node:stream";
import { stopJob, stopSignal } from "./job.ts";
import type { Key } from "./keys.ts";
import {
  type Incoming,
  type Paste,
  PasteReader,
  PASTES_OFF,
  PASTES_ON,
} from "./paste.ts";

/** A terminal, as the chat uses it. */
export interface Tty {
  readonly columns: number;
  readonly rows: number;
  write(text: string): void;
  /** Takes every key from now on. */
  open(handlers: TtyHandlers): OpenTty;
}

/** A terminal that is in use. */
export interface OpenTty {
  /** Lets go of it, as it was before. */
  close(): void;
  /**
   * Stops, with the terminal as it was before, until the shell goes on with
   * us: `resized` is called then. `leave` is written before, and nothing is done
   * where no shell could go on.
   */
  suspend(leave: () => string): void;
}

/** A key, or what was pasted, if the terminal tells that apart. */
export type Press = Key | Paste;

/** What a terminal tells. */
export interface TtyHandlers {
  /** What came with one read, all together: draw once. */
  typed(presses: readonly Press[]): void;
  /** The size has changed, or others may have written: all is to be drawn. */
  resized(): void;
  /** It is closed, or the process is asked to end. */
  ended(): void;
}

interface Keypress {
  readonly name?: string;
  readonly ctrl: boolean;
  readonly meta: boolean;
}

/** What asks a process to end while it runs at a terminal. */
const ENDING: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? []
  : ["SIGINT", "SIGTERM", "SIGHUP"];

/** What is sent to who was stopped and goes on. */
const CONTINUING: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? []
  : ["SIGCONT"];

const OFF = new TextEncoder().encode(PASTES_OFF);

/**
 * How long the first part of a mark waits for the rest, in ms, before it is
 * taken for a key such as Escape.
 */
const MARK_TIME = 50;

/** What is read, as keys and pastes. */
class Keyboard {
  readonly #typed: TtyHandlers["typed"];
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  readonly #pastes = new PasteReader();
  /** What `node:readline` decodes. */
  readonly #text = new PassThrough();
  /** What was made so far of the read that is being taken. */
  #presses: Press[] | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(typed: TtyHandlers["typed"]) {
    this.#typed = typed;
    emitKeypressEvents(this.#text);
    this.#text.on("keypress", (text: string | undefined, press: Keypress) => {
      const { name, ctrl, meta } = press;
      this.#press({ text, name, ctrl, meta });
    });
  }

  /** Takes what one read gave. */
  read(bytes: Uint8Array): void {
    this.close();
    const text = this.#decoder.decode(bytes, { stream: true });
    this.#take(this.#pastes.take(text, performance.now()));
    if (!this.#pastes.isWaiting) return;
    const giveUp = () => this.#take(this.#pastes.giveUp());
    this.#timer = setTimeout(giveUp, MARK_TIME);
  }

  /** Waits for nothing any more. */
  close(): void {
    clearTimeout(this.#timer);
  }

  #take(incoming: readonly Incoming[]): void {
    const presses: Press[] = this.#presses = [];
    for (const each of incoming) {
      // Not written: a stream would pass it on in its own time.
      if ("typed" in each) this.#text.emit("data", each.typed);
      else presses.push(each);
    }
    this.#presses = undefined;
    if (presses.length > 0) this.#typed(presses);
  }

  #press(key: Key): void {
    if (this.#presses !== undefined) this.#presses.push(key);
    // An Escape that nothing followed comes later, by itself.
    else this.#typed([key]);
  }
}

/** Asked each time: of a change while we were stopped nothing is told. */
function sizeNow(): { readonly columns: number; readonly rows: number } {
  try {
    return Deno.consoleSize();
  } catch {
    // The terminal is gone.
    return { columns: 0, rows: 0 };
  }
}

/** Standard input and output, which must be a terminal. */
export const STANDARD_TTY: Tty = {
  get columns() {
    return sizeNow().columns || 80;
  },
  get rows() {
    return sizeNow().rows || 24;
  },
  write(text) {
    process.stdout.write(text);
  },
  open({ typed, resized, ended }) {
    const { stdin, stdout } = process;
    const keyboard = new Keyboard(typed);
    const read = (bytes: Uint8Array) => keyboard.read(bytes);
    const resize = () => resized();
    const end = () => ended();
    // A process that dies of a fault leaves no terminal that marks pastes.
    const unmark = () => void Deno.stdout.writeSync(OFF);
    process.on("uncaughtExceptionMonitor", unmark);
    addEventListener("unload", unmark);
    const take = () => {
      stdin.setRawMode(true);
      stdout.write(PASTES_ON);
    };
    const giveBack = () => {
      stdout.write(PASTES_OFF);
      stdin.setRawMode(false);
    };
    // Whoever had the terminal meanwhile left it as they like it.
    const goOn = () => {
      take();
      resized();
    };
    take();
    stdin.on("data", read).on("end", end).on("error", end);
    stdout.on("resize", resize).on("error", end);
    for (const signal of ENDING) Deno.addSignalListener(signal, end);
    for (const signal of CONTINUING) Deno.addSignalListener(signal, goOn);
    stdin.resume();
    const suspend = (leave: () => string) => {
      const signal = stopSignal();
      if (signal === undefined) return;
      stdout.write(leave());
      giveBack();
      stopJob(signal);
      goOn();
    };
    const close = () => {
      for (const signal of ENDING) Deno.removeSignalListener(signal, end);
      for (const signal of CONTINUING) Deno.removeSignalListener(signal, goOn);
      stdout.off("resize", resize).off("error", end);
      stdin.off("data", read).off("end", end).off("error", end);
      process.off("uncaughtExceptionMonitor", unmark);
      removeEventListener("unload", unmark);
      keyboard.close();
      giveBack();
      stdin.pause();
    };
    return { close, suspend };
  },
};
