/**
 * A session's events as lines for a pipe: words for people, or JSON
 * (docs/connect.md, "Pipes").
 *
 * @module
 */

import { foldName, type Place, printable, type Said } from "../wire/mod.ts";
import type { Answer, SessionEvent, Shown } from "./events.ts";
import {
  answerLine,
  newsLine,
  privateLabel,
  saidLine,
  textLine,
  topicLine,
} from "./sentences.ts";

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
 * The line for people, or several for a page of messages; undefined for what
 * has no place on stdout: what is confirmed needs no line, and what failed is
 * for stderr.
 */
export function plainLine(
  event: SessionEvent,
  context: LineContext,
): string | undefined {
  switch (event.type) {
    case "room_msg":
      return `${earlier(event)}[${printable(event.room)}] ${
        printable(event.sender)
      }: ${textLine(event.text)}`;
    case "private_msg_delivery": {
      const { sender, recipient } = event;
      const label = privateLabel(secretOf(event));
      const mine = foldName(sender) === foldName(context.username) &&
        foldName(recipient) !== foldName(sender);
      const to = mine ? ` -> ${printable(recipient)}` : "";
      return `${earlier(event)}${label} ${printable(sender)}${to}: ${
        saidLine(event)
      }`;
    }
    case "system_msg":
    case "presence":
    case "crowd":
    case "invitation":
    case "moved":
    case "topic":
    case "away":
      return `* ${newsLine(event)}`;
    case "room_topic":
      return `* ${topicLine(event)}`;
    case "answered":
      return [
        ...messagesOf(event.answer).map((said) => plainLine(said, context)),
        `* ${answerLine(event)}`,
      ].join("\n");
    default:
      return undefined;
  }
}

/** The messages of a page, which were all said before. */
export function messagesOf(answer: Answer): Said[] {
  if (answer.type !== "history" && answer.type !== "search") return [];
  return answer.messages.map((said) => ({ ...said, history: true }));
}

/** What is known of it, if it is a private message. */
function secretOf({ secret }: Shown): Shown["secret"] {
  return secret;
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
    fields: ["reason", "attempt", "pause?", "broke"],
    help:
      "There is no connection: it broke, or without `broke` it could not be made again; the next try is in `pause` milliseconds, and without `pause` there is none",
  },
  room_msg: {
    fields: [
      "room",
      "sender",
      "text?",
      "history",
      "encrypted?",
      "refused?",
      "id?",
      "sequence?",
      "sent?",
    ],
    help: "Somebody said something in the room",
  },
  private_msg: {
    fields: [
      "sender",
      "recipient",
      "text?",
      "history",
      "encrypted?",
      "refused?",
      "id?",
      "sequence?",
      "sent?",
    ],
    help: "Somebody said something to you alone",
  },
  system_msg: {
    fields: ["text"],
    help: "The server tells something: who came, who went",
  },
  ack: {
    fields: [
      "line?",
      "request",
      "encrypted?",
      "id?",
      "room?",
      "sequence?",
      "sent?",
    ],
    help:
      "What stood in input line `line` is on the server's disk, as `id` or as number `sequence` of `room`",
  },
  received_by_all: {
    fields: ["room", "sequence"],
    help: "Everybody has the messages of `room` up to number `sequence`",
  },
  caught_up: {
    fields: ["room", "last"],
    help:
      "What you missed in `room` has come, up to number `last`; what follows is new",
  },
  presence: {
    fields: ["room", "user", "here"],
    help: "Somebody came into a room you are in, or left it",
  },
  crowd: {
    fields: ["room", "joined", "left", "here"],
    help:
      "So many came into a room you are in, and left it, since this was told last; `here` are there now. In the place of `presence` where many are",
  },
  invitation: {
    fields: ["room", "user"],
    help: "`user` made you a member of the group `room`",
  },
  moved: {
    fields: ["left", "room"],
    help: "You are not in `left` any more: you are now in `room`",
  },
  topic: {
    fields: ["line?", "room", "user?", "topic"],
    help:
      "What `room` is about, empty for nothing: as you come in, because `user` said so, or as the answer to `/topic`",
  },
  away: {
    fields: ["user", "text?"],
    help:
      "`user` is away, and why; without `text`, is back. Also when you write to somebody who is away, once",
  },
  join_room: {
    fields: ["line?", "room"],
    help: "You are now in this room",
  },
  secret: {
    fields: ["line?", "user", "on", "fingerprint?"],
    help:
      "Messages to `user`, whose key has this `fingerprint`, are secret from now on; or not, without `on`",
  },
  trust: {
    fields: ["line?", "user", "fingerprint"],
    help: "You have accepted the new key of `user`",
  },
  verify: {
    fields: ["line?", "user", "number", "accepted"],
    help:
      "The number to compare with `user`; it is for a new key if that is not `accepted`",
  },
  list_users: {
    fields: ["line?", "room", "users"],
    help: "Who is in the room",
  },
  list_rooms: { fields: ["line?", "rooms"], help: "Which rooms there are" },
  list_members: {
    fields: ["line?", "room", "members"],
    help:
      "Who belongs to the room, each with `user`, `name`, `account`, `here` and, if away, `away`",
  },
  leave_room: { fields: ["line?", "room"], help: "You have left the room" },
  make_group: {
    fields: ["line?", "room", "users"],
    help: "The group is made, with these in it",
  },
  invite: {
    fields: ["line?", "room", "user"],
    help: "`user` is a member of the group now",
  },
  set_topic: {
    fields: ["line?", "room", "topic"],
    help:
      "You have said what the room is about, or with an empty `topic`, nothing",
  },
  set_away: {
    fields: ["line?", "text?"],
    help: "You are away, and why; without `text`, you are not",
  },
  history: {
    fields: ["line?", "room", "messages", "more"],
    help:
      "A page of what was said in the room, oldest first; `more` if there is more",
  },
  search: {
    fields: ["line?", "messages", "more"],
    help: "The messages that have these words, oldest first",
  },
  register: { fields: ["line?", "username"], help: "You have an account now" },
  change_password: { fields: ["line?"], help: "Your password is changed" },
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
    case "room_msg":
    case "private_msg_delivery":
      return jsonMessage(event);
    case "acknowledged": {
      const { ref, request, id, room, place, sealed } = event;
      const where = { encrypted: sealed, id, room, ...jsonPlace(place) };
      return {
        type: "ack",
        line: lineOf(ref),
        request: request.type,
        ...where,
      };
    }
    case "answered":
      return jsonAnswer(event.answer, lineOf(event.ref));
    case "received_by_all": {
      const { type, room, sequence } = event;
      return { type, room, sequence };
    }
    case "presence": {
      const { type, room, user, here } = event;
      return { type, room, user, here };
    }
    case "crowd": {
      const { type, room, joined, left, here } = event;
      return { type, room, joined, left, here };
    }
    case "room_topic": {
      const { room, topic } = event;
      return { type: "topic", room, topic };
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
    case "caught_up":
    case "invitation":
    case "moved":
    case "topic":
    case "away":
      return { ...event };
  }
}

function jsonMessage(event: Shown): JsonEvent {
  const { sender, place, history = false } = event;
  const { encrypted, refused, ...text } = jsonText(event);
  const also = { encrypted, refused };
  const rest = { ...text, history, ...also, ...jsonPlace(place) };
  return event.type === "room_msg"
    ? { type: event.type, room: event.room, sender, ...rest }
    : { type: "private_msg", sender, recipient: event.recipient, ...rest };
}

function jsonPlace(place: Place | undefined) {
  if (place === undefined) return {};
  const { id, sequence, time } = place;
  const sent = new Date(time).toISOString();
  // A wire that does not carry the id has none to tell.
  return { ...id > 0 && { id }, sequence, sent };
}

function jsonAnswer(answer: Answer, line: number | undefined): JsonEvent {
  const { type, ...fields } = answer;
  if (type === "show_topic") return { type: "topic", line, ...fields };
  if (type !== "history" && type !== "search") return { type, line, ...fields };
  const messages = messagesOf(answer).map(jsonMessage);
  return { type, line, ...fields, messages } satisfies JsonEvent;
}

/** Why the text of an encrypted message is not there. */
const NOT_OURS = "This is no secret message between two people";

function jsonText({ text, secret }: Shown): {
  readonly text?: string;
  readonly encrypted?: boolean;
  readonly refused?: string;
} {
  if (secret?.kind === "refused") {
    return { encrypted: true, refused: secret.why };
  }
  if (typeof text !== "string") {
    return { encrypted: true, refused: NOT_OURS };
  }
  if (secret === undefined) return { text };
  return { text, encrypted: secret.kind === "opened" };
}
