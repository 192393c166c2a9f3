/**
 * The real terminal: standard input and output.
 *
 * @module
 */

import process from "node:process";
import { emitKeypressEvents } from "node:readline";
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
  key(key: Key): void;
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
  open({ key, resized, ended }) {
    const { stdin, stdout } = process;
    const press = (text: string | undefined, { name, ctrl, meta }: Keypress) =>
      key({ text, name, ctrl, meta });
    const resize = () => resized();
    const end = () => ended();
    emitKeypressEvents(stdin);
    stdin.setRawMode(true);
    stdin.on("keypress", press).on("end", end).on("error", end);
    stdout.on("resize", resize).on("error", end);
    for (const signal of ENDING) Deno.addSignalListener(signal, end);
    stdin.resume();
    return () => {
      for (const signal of ENDING) Deno.removeSignalListener(signal, end);
      stdout.off("resize", resize).off("error", end);
      stdin.off("keypress", press).off("end", end).off("error", end);
      stdin.setRawMode(false);
      stdin.pause();
    };
  },
};
