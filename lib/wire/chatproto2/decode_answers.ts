/**
 * The frames that answer requests (docs/chatproto2.md, "Requests and replies").
 *
 * An answer MUST be that of the oldest request; what is wrong in one is fatal,
 * as nothing else will answer that request.
 *
 * @module
 */

import { RemoteProtocolError } from "../errors.ts";
import {
  type LoginAck,
  NO_ROOM,
  type Place,
  type ServerEvent,
} from "../events.ts";
import { readReply } from "./decode_replies.ts";
import { FRAME_FLAGS, SERVER_FLAGS, SERVER_KINDS } from "./kinds.ts";
import type { TextCode } from "./message_text.ts";
import { NamedEvents } from "./named_events.ts";
import { type Asked, Questions } from "./questions.ts";
import { Streams } from "./streams.ts";
import { readError } from "./write_error.ts";

const LOGINS: ReadonlySet<Asked["type"]> = new Set([
  "login",
  "resume",
  "register",
]);

/** The kinds that answer requests. */
const ANSWERS: ReadonlySet<number> = new Set([
  SERVER_KINDS.stored,
  SERVER_KINDS.reply,
  SERVER_KINDS.refused,
  SERVER_KINDS.welcome,
]);

/** Reads answers. */
export class AnswerReader extends NamedEvents {
  protected readonly questions = new Questions();
  protected readonly streams = new Streams();
  /** The code in use. */
  protected textCode: TextCode | undefined;
  readonly #told = new WeakSet<ServerEvent>();

  constructor() {
    super("event");
  }

  /**
   * Whether an event answers a request. What one says with another client looks
   * just like the receipt of what one has said with this one.
   */
  answers(event: ServerEvent): boolean {
    return this.#told.has(event);
  }

  #answer(
    handles: readonly number[],
    make: () => ServerEvent,
  ): ServerEvent | undefined {
    return this.tell(handles, () => {
      const event = make();
      this.#told.add(event);
      return event;
    });
  }

  /** Whether the frame that was read is an answer. */
  protected get readsAnswer(): boolean {
    return ANSWERS.has(this.kind);
  }

  /**
   * The event that this answer is; undefined when it is the codec's own, or has
   * to wait.
   *
   * @throws {RemoteProtocolError} fatal.
   */
  protected readAnswer(): ServerEvent | undefined {
    try {
      const asked = this.#answered();
      switch (this.kind) {
        case SERVER_KINDS.stored:
          return this.#stored(asked);
        case SERVER_KINDS.reply:
          return this.#reply(asked);
        case SERVER_KINDS.refused:
          return this.#refused(asked);
        default:
          return this.#welcome(asked);
      }
    } catch (error) {
      if (!(error instanceof RemoteProtocolError) || error.fatal) throw error;
      this.fatal(error.code, error.detail);
    }
  }

  /** The request that this frame answers. */
  #answered(): Asked {
    const number = this.has(FRAME_FLAGS.number)
      ? this.fields.number("request number")
      : 0;
    const { oldest } = this.questions;
    if (oldest?.number !== number) {
      const due = oldest === undefined ? "none is" : `${oldest.number} is`;
      this.fatal(400, `request ${number} is answered, ${due} due`);
    }
    this.questions.shift();
    return oldest;
  }

  #stored({ type, text, recipient }: Asked): ServerEvent | undefined {
    if (text === undefined) this.fatal(400, `STORED answers no ${type}`);
    const { place: placed, repeated: again } = SERVER_FLAGS.stored;
    const place = this.has(placed) ? this.#place() : this.#nextPlace();
    const repeated = this.has(again) ? { repeated: true } as const : {};
    // Nobody knows a name for a room that is no more.
    const handles = place.room === NO_ROOM ? [] : [place.room];
    return this.#answer(handles, () => {
      const { kind, name } = this.named(place.room);
      if (kind !== "direct" && recipient === undefined) {
        return { type: "room_msg_ack", id: 0, place, ...repeated };
      }
      return {
        type: "private_msg_delivery",
        sender: this.username,
        recipient: kind === "direct" ? name : recipient ?? "",
        text,
        place,
        ...repeated,
      };
    });
  }

  #nextPlace(): Place {
    const pause = this.has(SERVER_FLAGS.stored.pause)
      ? this.fields.number("pause")
      : 0;
    return {
      id: 0,
      ...this.streams.advance(pause),
      sender: this.user,
      pause,
    };
  }

  #place(): Place {
    const { fields } = this;
    const room = fields.number("room");
    const sequence = fields.number("sequence");
    const time = fields.number("time") * 1000;
    return { id: 0, room, sequence, time, sender: this.user };
  }

  #reply(asked: Asked): ServerEvent | undefined {
    const { fields, flags, directory, textCode, username } = this;
    const parts = { fields, flags, directory, textCode, username };
    const event = readReply(parts, asked);
    if (asked.type === "ask_names") {
      directory.giveUp(asked.handles);
      return undefined;
    }
    if (asked.room !== undefined) this.streams.leave(asked.room);
    return this.#answer([], () => event);
  }

  #refused({ type, handles }: Asked): ServerEvent | undefined {
    const code = this.fields.number("code");
    const error = readError(code, this.fields.string("detail"));
    if (type === "ask_names") {
      this.directory.giveUp(handles);
      return undefined;
    }
    const { text: reason, ...rest } = error;
    const event: ServerEvent = type === "login" || type === "resume"
      ? { type: "login_reject", reason, ...rest }
      : { type: "error_msg", ...error };
    return this.#answer([], () => event);
  }

  #welcome({ type }: Asked): ServerEvent | undefined {
    if (!LOGINS.has(type)) this.fatal(400, `WELCOME answers no ${type}`);
    const { fields } = this;
    const username = fields.string("name");
    const user = fields.number("user's handle");
    const roomHandle = fields.number("room's handle");
    const room = fields.string("room's name");
    const token = this.has(SERVER_FLAGS.welcome.token)
      ? fields.string("token")
      : undefined;
    this.username = username;
    this.user = user;
    if (user !== 0) this.directory.learn(user, "user", username);
    if (roomHandle !== 0) this.directory.learn(roomHandle, "public", room);
    const event: LoginAck = {
      type: "login_ack",
      username,
      room,
      ...user !== 0 && { user },
      ...roomHandle !== 0 && { roomHandle },
      ...token !== undefined && { token },
    };
    return this.#answer([], () => event);
  }
}
