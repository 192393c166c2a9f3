/**
 * A session's events as lines of the chat. Pure.
 *
 * @module
 */

import { foldName, printable, type Text } from "../../wire/mod.ts";
import { partner } from "../entries.ts";
import type { Answer, Connected, SessionEvent, Shown } from "../events.ts";
import type { ChatRequest } from "../exchange.ts";
import {
  answerLine,
  lostLine,
  newsLine,
  privateLabel,
  refusalLine,
  saidLine,
  textLine,
  topicLine,
  unconfirmedLine,
  warningLine,
} from "../sentences.ts";
import type { Piece } from "./layout.ts";
import { nameStyle, STYLES } from "./styles.ts";

/** Who is looking, and where. */
export interface Viewer {
  readonly username: string;
  readonly room: string;
  /** The server's address. */
  readonly server: string;
  /** The day it is, as {@link dayOf} writes it. */
  readonly today?: string;
}

/** What the server or chatp itself says. */
export function notice(text: string): Piece[] {
  return [{ text: `* ${text}`, style: STYLES.faint }];
}

/** What should be noticed. */
export function warning(text: string): Piece[] {
  return [{ text: `! ${text}`, style: STYLES.doubtful }];
}

function name(text: string): Piece {
  return { text: printable(text), style: nameStyle(text) };
}

/** UTF-16 units beyond which a word is no name, and would take its time. */
const LONGEST_NAME = 160;

/** Whether a text has somebody's name in it, as a word of its own. */
function isNamed(text: Text, username: string): boolean {
  if (typeof text !== "string") return false;
  const key = foldName(username);
  return text.split(/[^\p{L}\p{M}\p{N}_.-]+/u).some((word) =>
    word.length <= LONGEST_NAME &&
    (foldName(word) === key || foldName(word.replace(/[.-]+$/, "")) === key)
  );
}

/** A message of one's own, as it is shown at once; undefined for the rest. */
export function ownMessage(
  request: ChatRequest,
  { username, room }: Viewer,
  isSecret = false,
): Piece[] | undefined {
  switch (request.type) {
    case "room_msg": {
      const other = partner(room);
      return other === undefined
        ? [name(username), { text: `: ${textLine(request.text)}` }]
        : privately(other, request.text, isSecret);
    }
    case "private_msg":
      return privately(request.recipient, request.text, isSecret);
    default:
      return undefined;
  }
}

function privately(
  recipient: string,
  text: Text,
  isSecret: boolean,
): Piece[] {
  return [
    { text: `[${isSecret ? "secret" : "private"}] to `, style: STYLES.bold },
    name(recipient),
    { text: `: ${textLine(text)}` },
  ];
}

/** The line that an event is due; undefined for none. */
export function eventPieces(
  event: SessionEvent,
  viewer: Viewer,
): Piece[] | undefined {
  switch (event.type) {
    case "connected":
      return notice(
        event.again
          ? `Connected again as ${whoWhere(event)}.`
          : `Connected to ${viewer.server} as ${whoWhere(event)}. ` +
            "/help lists the commands.",
      );
    case "lost":
      return warning(lostLine(event));
    case "warned":
      return warning(warningLine(event));
    case "refused":
      return [{ text: `✗ ${refusalLine(event)}`, style: STYLES.bad }];
    case "unconfirmed":
      return warning(unconfirmedLine(event));
    case "answered":
      return notice(answerLine(event));
    case "invitation":
      return notice(`${newsLine(event)}. ${wayTo(event.room)}`);
    case "system_msg":
    case "presence":
    case "crowd":
    case "moved":
    case "topic":
    case "away":
      return notice(newsLine(event));
    case "room_topic":
      return notice(topicLine(event));
    case "acknowledged":
    case "received_by_all":
    case "caught_up":
      return undefined;
    case "room_msg":
    case "private_msg_delivery":
      return message(event, viewer);
  }
}

/** How to get to a room that one belongs to and does not look at. */
function wayTo(room: string): string {
  return `/join ${printable(room)} goes there`;
}

/** Who one is, and in which room, if there are rooms. */
function whoWhere({ username, room }: Connected): string {
  const where = room === "" ? "" : `, in ${printable(room)}`;
  return printable(username) + where;
}

function message(
  event: Shown,
  { room, username, today }: Viewer,
): Piece[] {
  const { sender, history, place, secret } = event;
  const pieces: Piece[] = [];
  if (history) {
    const day = place && dayOf(new Date(place.time));
    const when = day === undefined || day === today ? "earlier" : day;
    pieces.push({ text: `(${when}) `, style: STYLES.faint });
  }
  if (event.type === "private_msg_delivery") {
    const elsewhere = foldName(sender) === foldName(username) &&
      foldName(event.recipient) !== foldName(sender);
    pieces.push({
      text: `${privateLabel(secret)} ${elsewhere ? "to " : ""}`,
      style: LABEL_STYLES[secret?.kind ?? "none"],
    });
    pieces.push(name(elsewhere ? event.recipient : sender));
  } else {
    if (foldName(event.room) !== foldName(room)) {
      const text = `[${printable(event.room)}] `;
      pieces.push({ text, style: STYLES.faint });
    }
    const isMine = foldName(sender) === foldName(username);
    const who = name(sender);
    const isToMe = !isMine && isNamed(event.text, username);
    pieces.push(
      isToMe ? { ...who, style: `${STYLES.reverse};${who.style}` } : who,
    );
  }
  pieces.push({ text: `: ${saidLine(event)}` });
  return pieces;
}

const LABEL_STYLES = {
  none: STYLES.bold,
  opened: STYLES.good,
  refused: STYLES.bad,
  clear: STYLES.bad,
  before: STYLES.doubtful,
} as const;

/** A day: `2026-11-21`. */
export function dayOf(time: Date): string {
  const two = (value: number) => String(value).padStart(2, "0");
  return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${
    two(time.getDate())
  }`;
}

/** A time of day: `09:05`. */
export function clockTime(time: Date): string {
  const two = (value: number) => String(value).padStart(2, "0");
  return `${two(time.getHours())}:${two(time.getMinutes())}`;
}

/** Names that an event mentions, for Tab. */
export function mentioned(event: SessionEvent): {
  readonly users: readonly string[];
  readonly rooms: readonly string[];
} {
  switch (event.type) {
    case "room_msg":
      return { users: [event.sender], rooms: [event.room] };
    case "private_msg_delivery":
      return { users: [event.sender, event.recipient], rooms: [] };
    case "connected":
      return { users: [event.username], rooms: [event.room] };
    case "presence":
    case "invitation":
    case "topic":
      return { users: [event.user], rooms: [event.room] };
    case "away":
      return { users: [event.user], rooms: [] };
    case "answered":
      return mentionedIn(event.answer);
    case "system_msg": {
      // Nothing else tells who came; a name too much does no harm here.
      const [, user] = /^([\p{L}\p{M}\p{N}_.-]{1,40}) joined /u
        .exec(event.text) ?? [];
      return { users: user === undefined ? [] : [user], rooms: [] };
    }
  }
  return { users: [], rooms: [] };
}

function mentionedIn(answer: Answer): ReturnType<typeof mentioned> {
  switch (answer.type) {
    case "join_room":
      return { users: [], rooms: [answer.room] };
    case "list_users":
    case "make_group":
      return { users: answer.users, rooms: [answer.room] };
    case "list_members":
      return {
        users: answer.members.map(({ name }) => name),
        rooms: [answer.room],
      };
    case "list_rooms":
      return { users: [], rooms: answer.rooms };
    default:
      return { users: [], rooms: [] };
  }
}
