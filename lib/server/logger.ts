/**
 * The server's log: one line an event, as text or as JSON. A line MUST NOT
 * hold a password or what somebody said.
 *
 * @module
 */

import { printable } from "../wire/mod.ts";

/** How grave a line is, rising. */
export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;

/** One of {@link LOG_LEVELS}. */
export type LogLevel = typeof LOG_LEVELS[number];

/** How lines look. */
export const LOG_FORMATS = ["text", "json"] as const;

/** One of {@link LOG_FORMATS}. */
export type LogFormat = typeof LOG_FORMATS[number];

/** How a logger is made. */
export interface LoggerOptions {
  readonly format: LogFormat;
  /** Lines below this are left out. */
  readonly level: LogLevel;
  /** Takes a line without its line feed. */
  readonly write: (line: string) => void;
  /** The time, for JSON lines. */
  readonly now: () => Date;
}

/** Writes `[INFO] text` (`plain`: `text`), or `{"time":…,"level":"info","text":…}`. */
export class Logger {
  readonly #options: LoggerOptions;

  constructor(options: LoggerOptions) {
    this.#options = options;
  }

  /** One line of any level. */
  log(level: LogLevel, text: string): void {
    this.#line(level, text, `[${level.toUpperCase()}] `);
  }

  /** What happened as it should, in a line that begins with its own words. */
  plain(text: string): void {
    this.#line("info", text, "");
  }

  #line(level: LogLevel, text: string, prefix: string): void {
    const { format, write, now } = this.#options;
    if (LOG_LEVELS.indexOf(level) < LOG_LEVELS.indexOf(this.#options.level)) {
      return;
    }
    if (format === "json") {
      write(JSON.stringify({ time: now().toISOString(), level, text }));
    } else write(prefix + printable(text));
  }

  /** What only somebody looking for a fault wants to know. */
  debug(text: string): void {
    this.log("debug", text);
  }

  /** What happened as it should. */
  info(text: string): void {
    this.log("info", text);
  }

  /** What somebody should look at. */
  warn(text: string): void {
    this.log("warn", text);
  }

  /** What failed. */
  error(text: string): void {
    this.log("error", text);
  }
}

/** A logger that says nothing. */
export const SILENT = new Logger({
  format: "text",
  level: "error",
  write: () => {},
  now: () => new Date(0),
});
