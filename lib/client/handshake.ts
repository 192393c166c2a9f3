/**
 * The way into a chat: logging in, then joining the room to be in. Pure.
 *
 * | step | what comes | what follows |
 * | --- | --- | --- |
 * | login | LOGIN_ACK | ready, or JOIN_ROOM for another room |
 * | login | LOGIN_REJECT, ERROR_MSG | failed |
 * | joining | JOIN_ROOM | ready |
 * | joining | ERROR_MSG 429 or 503 | a rest, then JOIN_ROOM again |
 * | joining | another ERROR_MSG | failed; when one was there before, ready where the login led to |
 *
 * @module
 */

import { UserError } from "../net/mod.ts";
import {
  errorCodeOf,
  type ErrorMessage,
  foldName,
  type LoginAck,
  type Request,
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
  /** Whether the chat was entered before. */
  readonly again: boolean;
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
  | { readonly kind: "failed"; readonly error: UserError };

/** One connection's way in. */
export class Handshake {
  readonly #options: HandshakeOptions;
  #login: LoginAck | undefined;

  constructor(options: HandshakeOptions) {
    this.#options = options;
  }

  /** What is sent first. */
  get opening(): Request {
    const { username, password } = this.#options;
    return {
      type: "login",
      username,
      ...password !== undefined && { password },
    };
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
        const wanted = this.#options.room;
        return wanted === undefined || foldName(wanted) === foldName(room)
          ? { kind: "ready", username, room }
          : { kind: "send", request: this.#join };
      }
      case "login_reject":
      case "error_msg": {
        const error = new LoginError(event, this.#options.tls);
        return { kind: "failed", error };
      }
      case "room_msg":
      case "private_msg_delivery":
      case "system_msg":
        return { kind: "show", event };
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
        return { kind: "ready", username, room: event.room };
      case "private_msg_delivery":
        return { kind: "show", event };
      // What goes on in a room that one only passes through is not for us.
      case "room_msg":
      case "system_msg":
        return { kind: "wait" };
      case "error_msg":
        break;
      default:
        return unexpected(event);
    }
    const code = event.code ?? errorCodeOf(event.text);
    if (code === 429 || code === 503) {
      return { kind: "rest", request: this.#join };
    }
    const text = `Can't join ${this.#options.room}: ${event.text}`;
    const { hint } = event;
    if (this.#options.again) {
      const stranded = { text, ...hint !== undefined && { hint } };
      return { kind: "ready", username, room, stranded };
    }
    const error = new UserError("request_rejected", text, {
      ...hint !== undefined && { advice: hint },
    });
    return { kind: "failed", error };
  }

  get #join(): Request {
    return { type: "join_room", room: this.#options.room ?? "" };
  }
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
