/**
 * A chat at a terminal (docs/connect.md, "At a terminal").
 *
 * @module
 */

import { UserError } from "../../net/mod.ts";
import { foldName, printable, type Said } from "../../wire/mod.ts";
import { commandsOn, helpLines } from "../commands.ts";
import { UNABLE, UNPROTECTED } from "../entries.ts";
import type { SessionEvent } from "../events.ts";
import { actsHere, type ChatRequest, REQUESTS } from "../exchange.ts";
import { messagesOf } from "../lines.ts";
import { type Command, parseLine } from "../parse_line.ts";
import {
  type PasswordCommand,
  PasswordDialogue,
} from "../password_dialogue.ts";
import { mistakeLine } from "../sentences.ts";
import type { Clock } from "../clock.ts";
import { Session } from "../session.ts";
import type { SessionOptions } from "../session_options.ts";
import { complete } from "./completion.ts";
import { Display } from "./display.ts";
import { Editor } from "./editor.ts";
import type { Key } from "./keys.ts";
import { SeenNames } from "./known_names.ts";
import type { Piece } from "./layout.ts";
import { pastedLines } from "./paste.ts";
import { nextUnread, promptText } from "./prompt.ts";
import { STYLES } from "./styles.ts";
import { RoomsView } from "./rooms_view.ts";
import {
  dayOf,
  eventPieces,
  mentioned,
  notice,
  ownMessage,
  type Viewer,
  warning,
} from "./transcript.ts";
import { type Press, STANDARD_TTY, type Tty } from "./tty.ts";

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

/** How a chat at a terminal ended. */
export interface TerminalEnd {
  /**
   * What it failed with: the session's failure, or `unconfirmed` when one left
   * before everything was acknowledged.
   */
  readonly error?: UserError;
  /** The name under which to begin anew. */
  readonly next?: string;
}

/** Tries in vain in a row that are told; then the prompt says enough. */
const MOST_LOST_LINES = 7;

const COMMAND_AMONG_LINES = {
  kind: "mistake",
  text: "A command takes one line, and this has several: nothing was sent",
  hint: "Remove the others, or begin its line with // to say it",
} as const;

/** A line was begun in another room than the one that it would go to. */
function elsewhere(meantFor: string, room: string) {
  return {
    kind: "mistake",
    text: `You began this line in ${meantFor}, and are in ${room} now`,
    hint: "Enter says it here, Ctrl+C drops it",
  } as const;
}

const MANY_SECRETS = {
  kind: "mistake",
  text: "A password has one line, and what was pasted has several",
  hint: "Paste the password alone",
} as const;

/**
 * Runs a chat at a terminal to its end. The terminal is touched once the first
 * connection is made.
 */
export function runTerminal(options: TerminalOptions): Promise<TerminalEnd> {
  return new Terminal(options).run();
}

class Terminal {
  readonly #options: TerminalOptions;
  readonly #display: Display;
  readonly #session: Session;
  readonly #editor = new Editor();
  readonly #users = new SeenNames();
  readonly #rooms = new SeenNames();
  readonly #view = new RoomsView();
  /** Asks for passwords, while it does. */
  #dialogue: PasswordDialogue | undefined;
  #secretEditor = new Editor();
  /** Pages that nobody asked for but we. */
  readonly #fills = new Set<number>();
  /** As {@link Session.strayedFrom} was when that was looked at last. */
  #strayedFrom: string | undefined;
  /** The room in which the line was begun, where that is not this one. */
  #meantFor: string | undefined;
  #online = false;
  #leaving = false;
  /** Who comes behind. */
  #next: string | undefined;
  #undone = 0;

  constructor(options: TerminalOptions) {
    this.#options = options;
    const { tty = STANDARD_TTY, colours } = options;
    const handlers = {
      typed: (presses: readonly Press[]) =>
        this.#display.drawOnce(() =>
          presses.forEach((press) => this.#take(press))
        ),
      resized: () => this.#display.redraw(),
      ended: () => this.#leave(),
    };
    const now = () => this.#now;
    this.#display = new Display({ tty, colours, now, handlers });
    this.#session = new Session({
      ...options.session,
      clock: options.clock,
      onEvent: (event) => this.#show(event),
    });
  }

  async run(): Promise<TerminalEnd> {
    this.#session.start();
    const error = await this.#session.ended ?? this.#failure();
    this.#display.stop();
    const next = this.#next;
    return {
      ...error !== undefined && { error },
      ...next !== undefined && { next },
    };
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

  get #viewer(): Viewer {
    return {
      username: this.#session.username,
      room: this.#session.room ?? "",
      server: this.#options.server,
      today: dayOf(this.#now),
    };
  }

  // ---- what is shown

  get #now(): Date {
    return this.#options.now?.() ?? new Date();
  }

  #print(pieces: readonly Piece[]): void {
    this.#display.print(pieces);
  }

  /** A message of others, or of before; one that was `kept` was said earlier. */
  #printSaid(event: Said, kept = false): void {
    const { place, history } = event;
    const viewer = this.#viewer;
    const isOld = kept && place !== undefined &&
      dayOf(new Date(place.time)) !== viewer.today;
    const said = isOld ? { ...event, history: true as const } : event;
    const pieces = eventPieces(said, viewer);
    if (pieces === undefined) return;
    if (place !== undefined) this.#session.seen(place);
    if (!history && !kept) return this.#print(pieces);
    this.#display.printEarlier(pieces, place && new Date(place.time));
  }

  #drawInput(): void {
    if (this.#dialogue !== undefined) {
      // Nothing of what is typed is shown, not even how much it is.
      const prompt = [{ text: this.#dialogue.prompt, style: STYLES.bold }];
      return this.#display.setInput({ prompt, text: "", cursor: 0 });
    }
    const { room = "", unread } = this.#session;
    const { columns } = this.#options.tty ?? STANDARD_TTY;
    const where = promptText({ room, online: this.#online, unread, columns });
    const prompt = [{ text: where, style: STYLES.bold }];
    const { text, cursor } = this.#editor;
    this.#display.setInput({ prompt, text, cursor });
  }

  #show(event: SessionEvent): void {
    if (this.#leaving && isDropped(event)) return;
    const { users, rooms } = mentioned(event);
    users.forEach((name) => this.#users.add(name));
    rooms.forEach((name) => this.#rooms.add(name));
    this.#markFate(event);
    this.#lookAround();
    if (event.type === "connected") this.#online = true;
    if (event.type === "lost") this.#online = false;
    if (!this.#view.take(event, this.#session.room ?? "")) {
      // It is counted in the prompt.
      return this.#drawInput();
    }
    this.#showNow(event);
    if (event.type === "connected") this.#arrive(event.room, true);
    if (event.type === "moved") this.#arrive(event.room, false);
    if (event.type === "answered") {
      const { type } = event.answer;
      if (type === "join_room") this.#arrive(event.answer.room, false);
      if (type === "leave_room") this.#arrive(this.#session.room ?? "", false);
      // What is typed next is meant for those whom one has put in.
      if (type === "make_group") this.#goTo(event.answer.room);
    }
    if (event.type === "caught_up") this.#catchUp(event.room);
    // A refusal may have told that nobody is called as the prompt says.
    if (event.type === "lost" || event.type === "refused") this.#drawInput();
  }

  /** A line that is being typed when one strays is meant for where one was. */
  #lookAround(): void {
    const { strayedFrom } = this.#session;
    if (strayedFrom === this.#strayedFrom) return;
    this.#strayedFrom = strayedFrom;
    if (this.#editor.text !== "") this.#meantFor = strayedFrom;
  }

  /** Changes the mark of what the event is about. */
  #markFate(event: SessionEvent): void {
    switch (event.type) {
      case "acknowledged":
        return this.#display.mark(event.ref, "acknowledged");
      case "received_by_all":
        return event.refs.forEach((ref) => this.#display.mark(ref, "received"));
      case "unconfirmed":
      case "refused":
        if (this.#leaving) this.#undone++;
        return this.#display.mark(
          event.ref,
          event.type === "refused" ? "failed" : "unconfirmed",
        );
    }
  }

  #showNow(event: SessionEvent): void {
    if (event.type === "room_msg" || event.type === "private_msg_delivery") {
      return this.#printSaid(event);
    }
    if (event.type === "answered") {
      const isFill = this.#fills.delete(event.ref);
      for (const said of messagesOf(event.answer)) {
        const isShown = isFill && said.type === "room_msg" &&
          this.#view.isShown(said);
        if (!isShown) this.#printSaid(said);
      }
      if (isFill) return;
    }
    const pieces = eventPieces(event, this.#viewer);
    const stale = event.type === "lost" && !event.broke &&
      event.attempt > MOST_LOST_LINES;
    if (pieces !== undefined && !stale) this.#print(pieces);
  }

  /** One is in a room now: shows what was said there meanwhile. */
  #arrive(room: string, connected: boolean): void {
    const { many, requests } = this.#session.abilities;
    const topic = this.#view.takeTopic(room);
    if (topic !== undefined) this.#showNow(topic);
    this.#showKept(room);
    // Who else is here is the first thing one wants to know in a room; of one
    // that is about to be left it would be asked too late.
    const isFirst = this.#view.visit(room);
    const asks = connected ? !this.#session.moving : isFirst || !many;
    if (asks && requests.has("list_users")) {
      this.#session.submit({ type: "list_users" });
    }
    this.#drawInput();
  }

  #catchUp(room: string): void {
    const isHere = foldName(room) === foldName(this.#session.room ?? "");
    if (isHere) this.#showKept(room);
    this.#drawInput();
  }

  /**
   * Shows what was said in the room and is not on the screen. Asks for it, if
   * that is all.
   */
  #showKept(room: string): void {
    const key = foldName(room);
    const { read = 0, count = 0 } =
      this.#session.unread.find((each) => foldName(each.room) === key) ?? {};
    const kept = this.#view.enter(room, read);
    for (const said of kept) this.#printSaid(said, true);
    const limit = this.#view.takeWish(room, count);
    if (limit === undefined) return;
    this.#fills.add(this.#session.submit({ type: "history", room, limit }));
  }

  // ---- what is typed

  #take(press: Press): void {
    if (this.#leaving) return;
    const isSecret = this.#dialogue !== undefined;
    if (!("pasted" in press)) {
      return isSecret ? this.#pressSecretly(press) : this.#press(press);
    }
    if (!isSecret) {
      this.#editor.paste(press);
      return this.#drawInput();
    }
    if (pastedLines(press).length === 1) {
      return void this.#secretEditor.paste(press);
    }
    this.#print(warning(mistakeLine(MANY_SECRETS)));
  }

  #press(key: Key): void {
    const outcome = this.#editor.press(key);
    if (this.#editor.text === "" && outcome.kind !== "submitted") {
      this.#meantFor = undefined;
    }
    switch (outcome.kind) {
      case "edited":
        return this.#drawInput();
      case "redraw":
        return this.#display.redraw();
      case "suspend":
        return this.#display.suspend();
      case "quit":
        return this.#leave();
      case "room":
        return this.#goTo(this.#session.rooms[outcome.index]);
      case "unread": {
        const { unread, room = "" } = this.#session;
        return this.#goTo(nextUnread(unread, room));
      }
      case "complete":
        this.#complete();
        return this.#drawInput();
      case "submitted":
        this.#obeyAll(outcome.line);
        return this.#drawInput();
    }
  }

  #goTo(room: string | undefined): void {
    if (room !== undefined) this.#submit({ type: "join_room", room });
  }

  /** What is typed is a password: it is neither shown nor remembered. */
  #pressSecretly(key: Key): void {
    const outcome = this.#secretEditor.press(key);
    if (outcome.kind === "quit") {
      this.#dialogue = undefined;
      this.#print(notice("Nothing was changed."));
    }
    if (outcome.kind === "redraw") return this.#display.redraw();
    if (outcome.kind === "suspend") return this.#display.suspend();
    if (outcome.kind !== "submitted") return this.#drawInput();
    const answer = this.#dialogue?.answer(outcome.line);
    this.#secretEditor = new Editor();
    if (answer?.kind !== "more") this.#dialogue = undefined;
    this.#drawInput();
    if (answer?.kind === "request") {
      const { warning: text, request } = answer;
      if (text !== undefined) this.#show({ type: "warned", text });
      this.#submit(request);
    }
    if (answer?.kind === "mistake") this.#print(warning(mistakeLine(answer)));
  }

  #askPasswords(command: PasswordCommand): void {
    const type = command === "register" ? "register" : "change_password";
    const unable = !this.#session.abilities.requests.has(type)
      ? UNABLE
      : command === "passwd" && !this.#session.hasPassword
      ? UNPROTECTED
      : undefined;
    if (unable !== undefined) {
      const { why: text, hint } = unable;
      return this.#print(warning(mistakeLine({ kind: "mistake", text, hint })));
    }
    this.#dialogue = new PasswordDialogue(command, true);
    this.#secretEditor = new Editor();
    this.#drawInput();
  }

  #leave(): void {
    this.#leaving = true;
    this.#session.close();
  }

  #complete(): void {
    const { text, cursor } = this.#editor;
    const completion = complete(text, cursor, {
      commands: commandsOn(this.#session.abilities),
      users: this.#users.all,
      rooms: this.#rooms.all,
      ownRooms: this.#session.rooms.map(printable),
      ownGroups: this.#session.groups.map(printable),
      topic: this.#session.topic,
    });
    switch (completion.kind) {
      case "line":
        return this.#editor.set(completion.text, completion.cursor);
      case "choices":
        return this.#display.printOnce(notice(completion.choices.join("  ")));
    }
  }

  /** Each of several lines is said by itself; there is no command in them. */
  #obeyAll(text: string): void {
    const lines = text.split("\n");
    if (lines.length > 1 && lines.some((line) => /^\/(?!\/)/u.test(line))) {
      this.#editor.set(text, text.length);
      return this.#print(warning(mistakeLine(COMMAND_AMONG_LINES)));
    }
    const commands = lines.map((line) => this.#parse(line));
    const meantFor = this.#meantFor;
    this.#meantFor = undefined;
    const isHere = (command: Command) =>
      command.kind === "request" && actsHere(command.request);
    if (meantFor !== undefined && commands.some(isHere)) {
      this.#editor.set(text, text.length);
      const mistake = elsewhere(meantFor, this.#session.room ?? "");
      return this.#print(warning(mistakeLine(mistake)));
    }
    for (const command of commands) this.#obey(command);
  }

  #parse(line: string): Command {
    return parseLine(line, {
      now: this.#now,
      isSecret: (user) => this.#session.isPartner(user),
    });
  }

  #obey(command: Command): void {
    switch (command.kind) {
      case "passwords":
        return this.#askPasswords(command.command);
      case "request":
        return this.#submit(command.request);
      case "login":
        this.#next = command.username;
        return this.#leave();
      case "help":
        for (
          const each of helpLines(this.#session.abilities, command.command)
        ) {
          this.#print(notice(each));
        }
        return;
      case "quit":
        return this.#leave();
      case "mistake":
        return this.#print(warning(mistakeLine(command)));
    }
  }

  #submit(request: ChatRequest): void {
    const isSecret = this.#session.isSecret(request);
    const ref = this.#session.submit(request);
    const pieces = ownMessage(request, this.#viewer, isSecret);
    if (pieces !== undefined) this.#display.print(pieces, "pending", ref);
    // On a wire without rooms the prompt says to whom the next line goes.
    if (request.type === "private_msg") this.#drawInput();
  }
}

/** Whether it is a question without an answer, or what is easily asked again. */
function isDropped(event: SessionEvent): boolean {
  return (event.type === "unconfirmed" || event.type === "refused") &&
    REQUESTS[event.request.type].repeatable;
}
