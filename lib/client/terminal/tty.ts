/**
 * The real terminal: standard input and output.
 *
 * @module
 */

import process from "node:process";
import { emitKeypressEvents } from "node:readline";
import { PassThrough } from "node:stream";
import type { Key } from "./keys.ts";

/** A terminal, as the chat uses it. */
export interface Tty {
  readonly columns: number;
  readonly rows: number;
  write(text: string): void;
  /**
   * Takes every key from now on. The function it gives lets go of the
   * terminal, as it was before.
   */
  open(handlers: TtyHandlers): () => void;
}

/** What a terminal tells. */
export interface TtyHandlers {
  /** What was typed, all that came with one read together: draw once. */
  typed(keys: readonly Key[]): void;
  /** The size has changed. */
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
  : ["SIGTERM", "SIGHUP"];

/** What is read, as keys. */
class Keyboard {
  readonly #typed: TtyHandlers["typed"];
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  /** What `node:readline` decodes. */
  readonly #text = new PassThrough();
  /** What it made of the read that is being taken. */
  #keys: Key[] | undefined;

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
    const keys: Key[] = this.#keys = [];
    // Not written: a stream would pass it on in its own time.
    this.#text.emit("data", this.#decoder.decode(bytes, { stream: true }));
    this.#keys = undefined;
    if (keys.length > 0) this.#typed(keys);
  }

  #press(key: Key): void {
    if (this.#keys !== undefined) this.#keys.push(key);
    // An Escape that nothing followed comes later, by itself.
    else this.#typed([key]);
  }
}

/** Standard input and output, which must be a terminal. */
export const STANDARD_TTY: Tty = {
  get columns() {
    return process.stdout.columns || 80;
  },
  get rows() {
    return process.stdout.rows || 24;
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
    stdin.setRawMode(true);
    stdin.on("data", read).on("end", end).on("error", end);
    stdout.on("resize", resize).on("error", end);
    for (const signal of ENDING) Deno.addSignalListener(signal, end);
    stdin.resume();
    return () => {
      for (const signal of ENDING) Deno.removeSignalListener(signal, end);
      stdout.off("resize", resize).off("error", end);
      stdin.off("data", read).off("end", end).off("error", end);
      stdin.setRawMode(false);
      stdin.pause();
    };
  },
};
