/**
 * A chat at a terminal (docs/connect.md, "At a terminal").
 *
 * @module
 */

import { UserError } from "../../net/mod.ts";
import { foldName, printable } from "../../wire/mod.ts";
import { helpLines, parseLine } from "../commands.ts";
import type { SessionEvent } from "../events.ts";
import type { ChatRequest } from "../exchange.ts";
import { mistakeLine } from "../sentences.ts";
import type { Clock } from "../clock.ts";
import { Session, type SessionOptions } from "../session.ts";
import { complete } from "./completion.ts";
import { Editor } from "./editor.ts";
import type { Key } from "./keys.ts";
import type { Piece } from "./layout.ts";
import { type Mark, Screen } from "./screen.ts";
import { STYLES } from "./styles.ts";
import {
  eventPieces,
  mentioned,
  notice,
  ownMessage,
  type Viewer,
  warning,
} from "./transcript.ts";
import { STANDARD_TTY, type Tty } from "./tty.ts";

/** How a chat at a terminal is made. */
export interface TerminalOptions {
  readonly session: Omit<SessionOptions, "onEvent" | "clock">;
  readonly clock: Clock;
  /** The server's address, to be shown. */
  readonly server: string;
  readonly colours: boolean;
  /** Default: standard input and output. */
  readonly tty?: Tty;
  /** When it is. */
  readonly now?: () => Date;
}

/** Pauses in a row that are told; then the prompt says enough. */
const MOST_LOST_LINES = 7;

/** Names that are remembered for Tab, of each sort. */
const MOST_NAMES = 1_000;

/**
 * Runs a chat at a terminal to its end. Gives what it failed with:
 * the session's failure, or `unconfirmed` when one left before everything was
 * acknowledged. The terminal is touched once the first connection is made.
 */
export function runTerminal(
  options: TerminalOptions,
): Promise<UserError | undefined> {
  return new Terminal(options).run();
}

/** The latest names, each once. */
class Names {
  readonly #names = new Map<string, string>();

  add(name: string): void {
    const key = foldName(name);
    this.#names.delete(key);
    this.#names.set(key, printable(name));
    const [oldest] = this.#names.keys();
    if (this.#names.size > MOST_NAMES && oldest !== undefined) {
      this.#names.delete(oldest);
    }
  }

  /** Sorted. */
  get all(): string[] {
    return [...this.#names.values()].sort();
  }
}

class Terminal {
  readonly #options: TerminalOptions;
  readonly #tty: Tty;
  readonly #session: Session;
  readonly #editor = new Editor();
  readonly #users = new Names();
  readonly #rooms = new Names();
  #screen: Screen | undefined;
  #close: (() => void) | undefined;
  #online = false;
  #leaving = false;
  #undone = 0;

  constructor(options: TerminalOptions) {
    this.#options = options;
    this.#tty = options.tty ?? STANDARD_TTY;
    this.#session = new Session({
      ...options.session,
      clock: options.clock,
      onEvent: (event) => this.#show(event),
    });
  }

  async run(): Promise<UserError | undefined> {
    this.#session.start();
    const error = await this.#session.ended;
    if (this.#screen !== undefined) this.#tty.write(this.#screen.stop());
    this.#close?.();
    return error ?? this.#failure();
  }

  #failure(): UserError | undefined {
    if (this.#undone === 0) return undefined;
    return new UserError(
      "unconfirmed",
      this.#undone === 1
        ? "1 message was not acknowledged when you left"
        : `${this.#undone} messages were not acknowledged when you left`,
      { advice: "What is marked ? may have arrived, what is marked ✗ has not" },
    );
  }

  #open(): Screen {
    const { columns, rows } = this.#tty;
    const { colours } = this.#options;
    this.#close = this.#tty.open({
      key: (key) => this.#press(key),
      resized: () => this.#redraw(),
      ended: () => this.#leave(),
    });
    return this.#screen = new Screen({ columns, rows, colours });
  }

  #redraw(): void {
    const { columns, rows } = this.#tty;
    if (this.#screen) this.#tty.write(this.#screen.resize(columns, rows));
  }

  get #viewer(): Viewer {
    return {
      username: this.#session.username,
      room: this.#session.room ?? "",
      server: this.#options.server,
    };
  }

  // ---- what is shown

  /** `HH:MM`, now. */
  get #time(): string {
    const now = this.#options.now?.() ?? new Date();
    const two = (value: number) => String(value).padStart(2, "0");
    return `${two(now.getHours())}:${two(now.getMinutes())}`;
  }

  #print(pieces: readonly Piece[], mark: Mark = "none", id?: number): void {
    const screen = this.#screen ?? this.#open();
    const time = this.#time;
    this.#tty.write(screen.print({ time, mark, pieces, id }));
  }

  /** A replay: when it was said is not told. */
  #printEarlier(pieces: readonly Piece[]): void {
    const screen = this.#screen ?? this.#open();
    const time = " ".repeat("00:00".length);
    this.#tty.write(screen.print({ time, mark: "none", pieces }));
  }

  #mark(id: number, mark: Mark): void {
    if (this.#screen) this.#tty.write(this.#screen.mark(id, mark));
  }

  #drawInput(): void {
    if (this.#screen === undefined) return;
    const { text, cursor } = this.#editor;
    const room = printable(this.#session.room ?? "");
    const state = this.#online ? "" : ", offline";
    const prompt = [{ text: `[${room}${state}] `, style: STYLES.bold }];
    this.#tty.write(this.#screen.setInput({ prompt, text, cursor }));
  }

  #show(event: SessionEvent): void {
    const { users, rooms } = mentioned(event);
    users.forEach((name) => this.#users.add(name));
    rooms.forEach((name) => this.#rooms.add(name));
    if (event.type === "acknowledged") {
      return this.#mark(event.ref, "acknowledged");
    }
    if (event.type === "unconfirmed") this.#mark(event.ref, "unconfirmed");
    if (event.type === "refused") this.#mark(event.ref, "failed");
    if (event.type === "unconfirmed" || event.type === "refused") {
      if (this.#leaving) this.#undone++;
    }
    if (event.type === "connected") this.#online = true;
    if (event.type === "lost") this.#online = false;
    const pieces = eventPieces(event, this.#viewer);
    const stale = event.type === "lost" && event.attempt > MOST_LOST_LINES;
    if (pieces !== undefined && !stale) {
      if ("history" in event && event.history) this.#printEarlier(pieces);
      else this.#print(pieces);
    }
    const arrived = event.type === "connected" ||
      (event.type === "answered" && event.answer.type === "join_room");
    // Who else is here is the first thing one wants to know in a room.
    if (arrived) this.#session.submit({ type: "list_users" });
    if (arrived || event.type === "lost") this.#drawInput();
  }

  // ---- what is typed

  #press(key: Key): void {
    if (this.#leaving) return;
    const outcome = this.#editor.press(key);
    switch (outcome.kind) {
      case "edited":
        return this.#drawInput();
      case "redraw":
        return this.#redraw();
      case "quit":
        return this.#leave();
      case "complete":
        this.#complete();
        return this.#drawInput();
      case "submitted":
        this.#drawInput();
        return this.#obey(outcome.line);
    }
  }

  #leave(): void {
    this.#leaving = true;
    this.#session.close();
  }

  #complete(): void {
    const { text, cursor } = this.#editor;
    const names = { users: this.#users.all, rooms: this.#rooms.all };
    const completion = complete(text, cursor, names);
    switch (completion.kind) {
      case "line":
        return this.#editor.set(completion.text, completion.cursor);
      case "choices":
        return this.#print(notice(completion.choices.join("  ")));
    }
  }

  #obey(line: string): void {
    const command = parseLine(line);
    switch (command.kind) {
      case "request":
        return this.#submit(command.request);
      case "help":
        for (const each of helpLines()) this.#print(notice(each));
        return;
      case "quit":
        return this.#leave();
      case "mistake":
        return this.#print(warning(mistakeLine(command)));
    }
  }

  #submit(request: ChatRequest): void {
    const ref = this.#session.submit(request);
    const pieces = ownMessage(request, this.#viewer);
    if (pieces !== undefined) this.#print(pieces, "pending", ref);
  }
}
