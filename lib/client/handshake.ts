/**
 * The way into a chat: logging in, then joining the rooms to be in; or going on
 * with a session that was kept. Pure.
 *
 * | step | what comes | what follows |
 * | --- | --- | --- |
 * | login | LOGIN_ACK | ready, or JOIN_ROOM for other rooms |
 * | login | LOGIN_REJECT 404, and an account is to be made | REGISTER, answered as a login |
 * | login | another LOGIN_REJECT, ERROR_MSG | failed |
 * | resuming | LOGIN_ACK | ready: the server knows the rooms |
 * | resuming | LOGIN_REJECT 401 | expired: there is no such session any more |
 * | resuming | another LOGIN_REJECT, ERROR_MSG | failed |
 * | joining | JOIN_ROOM | the next room, or ready |
 * | joining | ERROR_MSG 429 or 503 | a rest, then JOIN_ROOM again |
 * | joining | another ERROR_MSG | failed; when one was there before, ready where the login led to |
 *
 * @module
 */

import { UserError } from "../net/mod.ts";
import {
  ERROR_CODES,
  errorCodeOf,
  type ErrorMessage,
  foldName,
  type LoginAck,
  type LoginReject,
  type Request,
  type Resume,
  type ServerEvent,
} from "../wire/mod.ts";
import type { Happening } from "./exchange.ts";
import { LoginError } from "./rejection.ts";

/** Who wants to go where. */
export interface HandshakeOptions {
  readonly username: string;
  readonly password?: string | undefined;
  /** The room to be in; undefined for the one that the login leads to. */
  readonly room: string | undefined;
  /** Rooms to be in besides, where one can be in several. */
  readonly others?: readonly string[];
  /** Whether one can be in several rooms. */
  readonly many?: boolean;
  /** Whether the session is to outlive the connection. */
  readonly keep?: boolean;
  /** The session to go on with. */
  readonly resume?: Resume | undefined;
  /** Whether the chat was entered before. */
  readonly again: boolean;
  /** Whether the account is to be made if there is none (404). */
  readonly register?: boolean;
  /** Whether the connection has TLS. */
  readonly tls: boolean;
}

/** What an event of the server leads to. */
export type HandshakeStep =
  | { readonly kind: "wait" }
  | { readonly kind: "show"; readonly event: Happening }
  | { readonly kind: "send"; readonly request: Request }
  /** Send it after a rest. */
  | { readonly kind: "rest"; readonly request: Request }
  | {
    readonly kind: "ready";
    readonly username: string;
    readonly room: string;
    /** Why this is not the room to be in, when it isn't. */
    readonly stranded?: Pick<ErrorMessage, "text" | "hint">;
  }
  /** The session that was to go on is over: log in anew, over another link. */
  | { readonly kind: "expired" }
  | { readonly kind: "failed"; readonly error: UserError };

/** One connection's way in. */
export class Handshake {
  readonly #options: HandshakeOptions;
  #login: LoginAck | undefined;
  #registered = false;
  /** The rooms that are still to be joined; the last is the one to be in. */
  readonly #rooms: string[];

  constructor(options: HandshakeOptions) {
    this.#options = options;
    const { room, others = [] } = options;
    this.#rooms = room === undefined ? [] : [...others, room];
  }

  /** What is sent first. */
  get opening(): Request {
    const { username, password, keep = false, resume } = this.#options;
    if (resume !== undefined) return resume;
    return {
      type: "login",
      username,
      ...password !== undefined && { password },
      ...keep && { keep },
    };
  }

  /** What makes the account, if that is wanted and was not tried. */
  get #registration(): Request | undefined {
    const { username, password, keep = false, register } = this.#options;
    if (!register || this.#registered || password === undefined) {
      return undefined;
    }
    return { type: "register", username, password, ...keep && { keep } };
  }

  /** The secret of the session, when it is kept. */
  get token(): string | undefined {
    return this.#login?.token;
  }

  /** Whether the login is not answered yet. */
  get isNew(): boolean {
    return this.#login === undefined;
  }

  /** Takes an event of the server. */
  receive(event: ServerEvent): HandshakeStep {
    return this.#login === undefined
      ? this.#receiveInLogin(event)
      : this.#receiveInJoining(event, this.#login);
  }

  #receiveInLogin(event: ServerEvent): HandshakeStep {
    switch (event.type) {
      case "login_ack": {
        this.#login = event;
        const { username, room } = event;
        if (this.#options.resume !== undefined) {
          return {
            kind: "ready",
            username,
            room: this.#options.room ?? room,
          };
        }
        const key = foldName(room);
        if (foldName(this.#rooms[0] ?? "") === key) this.#rooms.shift();
        const [next] = this.#rooms;
        return next === undefined
          ? { kind: "ready", username, room }
          : { kind: "send", request: this.#join };
      }
      case "login_reject":
      case "error_msg": {
        const code = event.code ?? errorCodeOf(textOf(event));
        if (this.#options.resume !== undefined && code === 401) {
          return { kind: "expired" };
        }
        const registration = this.#registration;
        if (code === 404 && registration !== undefined) {
          this.#registered = true;
          return { kind: "send", request: registration };
        }
        const error = new LoginError(event, this.#options.tls);
        return { kind: "failed", error };
      }
      case "room_msg":
      case "private_msg_delivery":
      case "system_msg":
      case "presence":
      case "crowd":
      case "invitation":
      case "moved":
      case "away":
        return { kind: "show", event };
      // The book of rooms has it: it is told once one is in the chat.
      case "topic":
        return { kind: "wait" };
      default:
        return unexpected(event);
    }
  }

  #receiveInJoining(
    event: ServerEvent,
    { username, room }: LoginAck,
  ): HandshakeStep {
    switch (event.type) {
      case "join_room":
        this.#rooms.shift();
        return this.#rooms.length > 0
          ? { kind: "send", request: this.#join }
          : { kind: "ready", username, room: event.room };
      case "private_msg_delivery":
      case "invitation":
      case "moved":
      case "away":
        return { kind: "show", event };
      case "topic":
        return { kind: "wait" };
      // What goes on in a room that one only passes through is not for us.
      case "room_msg":
      case "system_msg":
      case "presence":
      case "crowd":
        return this.#options.many ? { kind: "show", event } : { kind: "wait" };
      case "error_msg":
        break;
      default:
        return unexpected(event);
    }
    const code = event.code ?? errorCodeOf(event.text);
    if (code === 429 || code === 503) {
      return { kind: "rest", request: this.#join };
    }
    if (this.#rooms.length > 1) {
      // One of the others: what matters is the room to be in.
      this.#rooms.shift();
      return { kind: "send", request: this.#join };
    }
    const text = `Can't join ${this.#options.room}: ${event.text}`;
    const hint = event.hint ?? (code && ERROR_CODES[code].hint);
    if (this.#options.again) {
      const stranded = { text, ...hint !== undefined && { hint } };
      return { kind: "ready", username, room, stranded };
    }
    const error = new UserError("request_rejected", text, {
      advice: hint ?? "Choose another room",
    });
    return { kind: "failed", error };
  }

  get #join(): Request {
    return { type: "join_room", room: this.#rooms[0] ?? "" };
  }
}

function textOf(event: LoginReject | ErrorMessage): string {
  return event.type === "login_reject" ? event.reason : event.text;
}

function unexpected({ type }: ServerEvent): HandshakeStep {
  return {
    kind: "failed",
    error: wrongAnswer(`${type} came before one was in the chat`),
  };
}

/** A server whose answers don't fit what was asked. */
export function wrongAnswer(detail: string): UserError {
  return new UserError(
    "wrong_protocol",
    `The server's answers don't fit the questions: ${detail}`,
  );
}
