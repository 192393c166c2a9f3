/**
 * A session's events as lines for a pipe: words for people, or JSON
 * (docs/connect.md, "Pipes").
 *
 * @module
 */

import { foldName, printable, type Text } from "../wire/mod.ts";
import type { SessionEvent } from "./events.ts";
import { answerLine, textLine } from "./sentences.ts";

/** What is known about an event besides the event. */
export interface LineContext {
  /** When it came. */
  readonly time: Date;
  /** Who is logged in. */
  readonly username: string;
  /** The number of the input line that a `ref` came from, counted from 1. */
  readonly lineOf: (ref: number) => number | undefined;
}

/**
 * The line for people, or undefined for what has no place on stdout: what is
 * confirmed needs no line, and what failed is for stderr.
 */
export function plainLine(
  event: SessionEvent,
  { username }: LineContext,
): string | undefined {
  switch (event.type) {
    case "room_msg":
      return `${earlier(event)}[${printable(event.room)}] ${
        printable(event.sender)
      }: ${textLine(event.text)}`;
    case "private_msg_delivery": {
      const { sender, recipient, text } = event;
      const mine = foldName(sender) === foldName(username) &&
        foldName(recipient) !== foldName(sender);
      const to = mine ? ` -> ${printable(recipient)}` : "";
      return `${earlier(event)}[private] ${printable(sender)}${to}: ${
        textLine(text)
      }`;
    }
    case "system_msg":
      return `* ${printable(event.text)}`;
    case "answered":
      return `* ${answerLine(event)}`;
    default:
      return undefined;
  }
}

/** A replay is no news: a script that waits for a line must not take it for one. */
function earlier({ history }: { readonly history?: true }): string {
  return history ? "(earlier) " : "";
}

/** One row of {@link JSON_EVENTS}. */
interface JsonEventRow {
  /** Fields besides `type` and `time`; `?` marks one that may be missing. */
  readonly fields: readonly string[];
  readonly help: string;
}

/** Every JSON event by its type, for docs/connect.md and the tests. */
export const JSON_EVENTS = {
  connected: {
    fields: ["username", "room", "again"],
    help: "Logged in; `again` is true after a connection that broke",
  },
  lost: {
    fields: ["reason", "attempt", "pause"],
    help: "The connection broke; the next try is in `pause` milliseconds",
  },
  room_msg: {
    fields: ["room", "sender", "text", "history", "encrypted?"],
    help: "Somebody said something in the room",
  },
  private_msg: {
    fields: ["sender", "recipient", "text", "history", "encrypted?"],
    help: "Somebody said something to you alone",
  },
  system_msg: {
    fields: ["text"],
    help: "The server tells something: who came, who went",
  },
  ack: {
    fields: ["line?", "request", "id?"],
    help: "What stood in input line `line` is on the server's disk, as `id`",
  },
  join_room: {
    fields: ["line?", "room"],
    help: "You are now in this room",
  },
  list_users: {
    fields: ["line?", "room", "users"],
    help: "Who is in the room",
  },
  list_rooms: { fields: ["line?", "rooms"], help: "Which rooms there are" },
  error: {
    fields: ["line?", "text", "code?", "hint?"],
    help: "Input line `line` was not done; without `line`, a warning",
  },
  unconfirmed: {
    fields: ["line?", "request"],
    help: "Input line `line` was sent, and never acknowledged or refused",
  },
} as const satisfies Record<string, JsonEventRow>;

/** The type of a JSON event. */
export type JsonEventType = keyof typeof JSON_EVENTS;

type JsonEvent = { readonly type: JsonEventType } & Record<string, unknown>;

/** What JSON allows as it is and a terminal or an editor should not get. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** The event as one line of JSON. */
export function jsonLine(event: SessionEvent, context: LineContext): string {
  const { type, ...fields } = jsonEvent(event, context);
  const time = context.time.toISOString();
  return escapeHidden(JSON.stringify({ type, time, ...fields }));
}

/** Writes invisible characters of JSON text as `\uXXXX`, which means the same. */
function escapeHidden(json: string): string {
  return json.replace(HIDDEN, (character) => {
    let escaped = "";
    for (let index = 0; index < character.length; index++) {
      const unit = character.charCodeAt(index).toString(16).padStart(4, "0");
      escaped += `\\u${unit}`;
    }
    return escaped;
  });
}

function jsonEvent(event: SessionEvent, { lineOf }: LineContext): JsonEvent {
  switch (event.type) {
    case "room_msg": {
      const { type, room, sender, text, history = false } = event;
      return { type, room, sender, ...jsonText(text), history };
    }
    case "private_msg_delivery": {
      const { sender, recipient, text, history = false } = event;
      const type = "private_msg";
      return { type, sender, recipient, ...jsonText(text), history };
    }
    case "acknowledged": {
      const { ref, request, id } = event;
      return { type: "ack", line: lineOf(ref), request: request.type, id };
    }
    case "answered": {
      const { type, ...fields } = event.answer;
      return { type, line: lineOf(event.ref), ...fields };
    }
    case "refused": {
      const { ref, text, code, hint } = event;
      return { type: "error", line: lineOf(ref), text, code, hint };
    }
    case "warned": {
      const { text, code, hint } = event;
      return { type: "error", text, code, hint };
    }
    case "unconfirmed": {
      const { type, ref, request } = event;
      return { type, line: lineOf(ref), request: request.type };
    }
    case "connected":
    case "lost":
    case "system_msg":
      return { ...event };
  }
}

function jsonText(text: Text): { text: string; encrypted?: true } {
  return typeof text === "string"
    ? { text }
    : { text: text.toBase64(), encrypted: true };
}
