/**
 * A chat through pipes: each input line is sent or obeyed, each event is an
 * output line (docs/connect.md, "Pipes").
 *
 * @module
 */

import { UserError } from "../net/mod.ts";
import { foldName } from "../wire/mod.ts";
import { helpLines } from "./commands.ts";
import { inputLines, type LineReader, NO_TEXT } from "./input_lines.ts";
import { type Command, parseLine } from "./parse_line.ts";
import { PasswordDialogue } from "./password_dialogue.ts";
import type { SessionEvent } from "./events.ts";
import { actsHere } from "./exchange.ts";
import { jsonLine, type LineContext, plainLine } from "./lines.ts";
import { Output } from "./output.ts";
import {
  lostLine,
  mistakeLine,
  refusalLine,
  unconfirmedLine,
  warningLine,
} from "./sentences.ts";
import type { Clock } from "./clock.ts";
import { Session } from "./session.ts";
import type { SessionOptions } from "./session_options.ts";

/** How a chat through pipes is made. */
export interface PipeOptions {
  readonly session: Omit<SessionOptions, "onEvent" | "clock">;
  readonly clock: Clock;
  readonly input: ReadableStream<Uint8Array>;
  /** Writes to stdout. */
  readonly write: (bytes: Uint8Array) => Promise<unknown>;
  /** Takes a line for stderr. */
  readonly complain: (line: string) => void;
  /** Events as JSON. */
  readonly json: boolean;
  /** How long to stay and listen after the end of the input, ms. */
  readonly linger: number;
  /** When it is. */
  readonly now: () => Date;
  /** Settles when the chat is to end at once, whatever is still to be read. */
  readonly stopped?: Promise<unknown>;
}

/** Unsettled requests from which on no more input is taken. */
const MOST_UNSETTLED = 256;

/** What a line through a pipe comes to. */
type PipeCommand = Exclude<Command, { readonly kind: "login" }>;

/** What can't be done, and why. */
type Mistake = PipeCommand & { readonly kind: "mistake" };

const NO_LOGIN: Mistake = {
  kind: "mistake",
  text: "Through a pipe nobody else can log in",
  hint: "Run chatp connect with the other name",
};

const NO_PASSWORD: Mistake = {
  kind: "mistake",
  text: "The input ended before the passwords were there",
  hint: "Nothing was changed; each password is a line behind the command",
};

/** Nobody sees where a line goes: it MUST NOT be said in another room. */
function nowhere(room: string): Mistake {
  return {
    kind: "mistake",
    text: `It was meant for ${room}, and you are not there`,
    hint: "/join says where what follows is to be said",
  };
}

/**
 * Runs a chat through pipes to its end. Gives what it failed with: the
 * session's failure, else `unconfirmed` when something was never acknowledged,
 * else `request_rejected` when something was refused.
 */
export function runPipe(options: PipeOptions): Promise<UserError | undefined> {
  return new Pipe(options).run();
}

class Pipe {
  readonly #options: PipeOptions;
  readonly #session: Session;
  readonly #output: Output;
  /** The input lines of what is not settled. */
  readonly #lines = new Map<number, number>();
  readonly #rooms = new Set<string>();
  readonly #connected = Promise.withResolvers<void>();
  #dialogue: PasswordDialogue | undefined;
  #line = 0;
  /** The line of the command that the line belongs to. */
  #begun = 0;
  /** How many lines to come are passwords of a command that went undone. */
  #unwanted = 0;
  #asked = 0;
  #refused = 0;
  #unconfirmed = 0;
  #over = false;
  /** Takes the next input line, when one waits for others to be settled. */
  #room: (() => void) | undefined;

  constructor(options: PipeOptions) {
    this.#options = options;
    this.#output = new Output({
      write: options.write,
      onFull: (full) => full ? this.#session.pause() : this.#session.resume(),
    });
    this.#session = new Session({
      ...options.session,
      clock: options.clock,
      onEvent: (event) => this.#show(event),
    });
  }

  async run(): Promise<UserError | undefined> {
    const session = this.#session;
    session.start();
    const gone = Promise.race([session.ended, this.#output.broken]);
    const reader = inputLines(this.#options.input).getReader();
    void gone.then(() => this.#cut(reader));
    void this.#options.stopped?.then(() => {
      this.#cut(reader);
      session.close();
    });
    // Without a connection nothing can be done: then the input is not touched.
    await Promise.race([this.#connected.promise, gone]);
    await this.#read(reader);
    if (this.#options.linger > 0) {
      await session.settled();
      if (!this.#over) await this.#linger(gone);
    }
    const error = await session.finish();
    await this.#output.flushed();
    return error ?? this.#failure();
  }

  /** Takes no more input, and does not linger. */
  #cut(reader: LineReader): void {
    this.#over = true;
    this.#room?.();
    // Not waited for: a read of stdin can't be interrupted. A failure to
    // cancel concerns input that nobody wants any more.
    reader.cancel().catch(() => {});
  }

  async #read(reader: LineReader): Promise<void> {
    for (;;) {
      const { value, done } = await reader.read();
      if (this.#over) return;
      if (done) return this.#ended();
      this.#line++;
      if (!this.#obey(value)) return this.#cut(reader);
      if (this.#session.unsettled < MOST_UNSETTLED) continue;
      await new Promise<void>((resolve) => this.#room = resolve);
    }
  }

  /** A command whose passwords did not come is not done. */
  #ended(): void {
    if (this.#dialogue !== undefined) this.#refuse(NO_PASSWORD);
  }

  #obey(line: string | undefined): boolean {
    const command = this.#commandOf(line);
    switch (command.kind) {
      case "request": {
        const { strayedFrom } = this.#session;
        if (strayedFrom !== undefined && actsHere(command.request)) {
          this.#refuse(nowhere(strayedFrom));
          return true;
        }
        this.#asked++;
        this.#lines.set(this.#session.submit(command.request), this.#begun);
        return true;
      }
      case "passwords":
        // The lines that follow have them.
        this.#dialogue = new PasswordDialogue(command.command, false);
        return true;
      case "help":
        for (
          const each of helpLines(this.#session.abilities, command.command)
        ) {
          this.#options.complain(each);
        }
        return true;
      case "quit":
        return false;
      case "mistake":
        this.#refuse(command);
        return true;
      case "nothing":
        return true;
    }
  }

  #refuse(mistake: Mistake): void {
    this.#asked++;
    this.#refused++;
    this.#complainOf(this.#begun, mistakeLine(mistake));
    if (!this.#options.json) return;
    const { text, hint } = mistake;
    this.#output.line(JSON.stringify({
      type: "error",
      time: this.#options.now().toISOString(),
      line: this.#begun,
      text,
      hint,
    }));
  }

  #commandOf(line: string | undefined): PipeCommand {
    if (this.#unwanted > 0) {
      this.#unwanted--;
      return { kind: "nothing" };
    }
    if (this.#dialogue !== undefined) return this.#answer(this.#dialogue, line);
    this.#begun = this.#line;
    if (line === undefined) return NO_TEXT;
    const command = parseLine(line, {
      now: this.#options.now(),
      isSecret: (user) => this.#session.isPartner(user),
    });
    return command.kind === "login" ? NO_LOGIN : command;
  }

  /** What a password comes to. Those behind a wrong one are said to nobody. */
  #answer(dialogue: PasswordDialogue, line: string | undefined): PipeCommand {
    const answer = line === undefined ? NO_TEXT : dialogue.answer(line);
    if (answer.kind === "more") return { kind: "nothing" };
    this.#dialogue = undefined;
    if (answer.kind === "mistake") this.#unwanted = dialogue.left - 1;
    if (answer.kind === "request" && answer.warning !== undefined) {
      this.#show({ type: "warned", text: answer.warning });
    }
    return answer;
  }

  async #linger(gone: Promise<unknown>): Promise<void> {
    const { clock, linger } = this.#options;
    let cancel = () => {};
    const over = new Promise<void>((resolve) => {
      cancel = clock.after(linger, resolve);
    });
    await Promise.race([over, gone]);
    cancel();
  }

  #show(event: SessionEvent): void {
    this.#listen(event);
    if (this.#isElsewhere(event)) return;
    const context: LineContext = {
      time: this.#options.now(),
      username: this.#session.username,
      lineOf: (ref) => this.#lines.get(ref),
    };
    const line = this.#options.json
      ? jsonLine(event, context)
      : plainLine(event, context);
    if (line !== undefined) this.#output.line(line);
    if ("place" in event && event.place) this.#session.seen(event.place);
    this.#account(event);
    if ("ref" in event) this.#lines.delete(event.ref);
    if (this.#session.unsettled < MOST_UNSETTLED) this.#room?.();
  }

  /** Remembers which rooms were asked for, when one was named at the start. */
  #listen(event: SessionEvent): void {
    if (this.#options.session.room === undefined) return;
    if (event.type === "connected") this.#rooms.add(foldName(event.room));
    if (event.type !== "answered") return;
    const { answer } = event;
    if (answer.type === "join_room" || answer.type === "make_group") {
      this.#rooms.add(foldName(answer.room));
    }
    if (answer.type === "leave_room") this.#rooms.delete(foldName(answer.room));
  }

  /** Whether it is of a room that one is in and has not asked for. */
  #isElsewhere(event: SessionEvent): boolean {
    if (this.#options.session.room === undefined) return false;
    switch (event.type) {
      case "room_msg":
      case "presence":
      case "crowd":
      case "topic":
      case "room_topic":
      case "caught_up":
      case "received_by_all":
        return !event.room.startsWith("@") &&
          !this.#rooms.has(foldName(event.room));
    }
    return false;
  }

  /** Counts what failed, and says so on stderr. */
  #account(event: SessionEvent): void {
    switch (event.type) {
      case "connected":
        return this.#connected.resolve();
      case "lost":
        return this.#options.complain(`chatp: ${lostLine(event)}`);
      case "warned":
        return this.#options.complain(`chatp: ${warningLine(event)}`);
      case "refused":
        this.#refused++;
        return this.#complainOf(this.#lines.get(event.ref), refusalLine(event));
      case "unconfirmed":
        this.#unconfirmed++;
        return this.#complainOf(
          this.#lines.get(event.ref),
          unconfirmedLine(event),
        );
    }
  }

  #complainOf(line: number | undefined, text: string): void {
    const where = line === undefined ? "" : `line ${line}: `;
    this.#options.complain(`chatp: ${where}${text}`);
  }

  #failure(): UserError | undefined {
    const which = (count: number) =>
      this.#asked === 1 ? "The line" : `${count} of ${this.#asked} lines`;
    if (this.#unconfirmed > 0) {
      return new UserError(
        "unconfirmed",
        `${which(this.#unconfirmed)} went unacknowledged`,
      );
    }
    if (this.#refused > 0) {
      return new UserError(
        "request_rejected",
        `${which(this.#refused)} went undone`,
        this.#refused < this.#asked
          ? {}
          : { advice: "See the errors above; nothing else was sent" },
      );
    }
    return undefined;
  }
}
