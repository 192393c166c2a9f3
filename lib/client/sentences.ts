/**
 * What a session's events are called in words, for people and for pipes.
 * Everything that came from outside goes through `printable`.
 *
 * @module
 */

import {
  crowdSentence,
  type MemberState,
  printable,
  type Text,
} from "../wire/mod.ts";
import { DELETE_TOPIC } from "./commands.ts";
import { partner } from "./entries.ts";
import type {
  Answered,
  Lost,
  Refused,
  SecretMark,
  SecretSet,
  Unconfirmed,
  Warned,
} from "./events.ts";
import type { ChatRequest, Happening } from "./exchange.ts";
import type { Command } from "./parse_line.ts";

type Mistake = Extract<Command, { kind: "mistake" }>;

/** The most of a text that is quoted, in code points. */
const QUOTE_LENGTH = 40;

/** A message's text in one safe line. */
export function textLine(text: Text): string {
  return typeof text === "string"
    ? printable(text)
    : `[encrypted, ${text.length} bytes]`;
}

/** What stands in front of a private message, for people. */
export function privateLabel(secret: SecretMark | undefined): string {
  switch (secret?.kind) {
    case "opened":
      return "[secret]";
    case "refused":
      return "[secret, not opened]";
    case "clear":
      return "[private, NOT SECRET]";
    case "before":
      return "[private, not secret]";
  }
  return "[private]";
}

/** What a message says, or why that is not shown, in one safe line. */
export function saidLine(
  { text, secret }: { readonly text: Text; readonly secret?: SecretMark },
): string {
  return secret?.kind === "refused" ? printable(secret.why) : textLine(text);
}

/** The answer to a request; of a page of messages, how many there are. */
export function answerLine({ answer }: Answered): string {
  switch (answer.type) {
    case "join_room":
      return `you are now in ${printable(answer.room)}`;
    case "leave_room":
      return `you have left ${printable(answer.room)}`;
    case "make_group":
      return `the group ${printable(answer.room)} has ${names(answer.users)}`;
    case "invite":
      return `${printable(answer.user)} is in ${printable(answer.room)} now`;
    case "set_topic":
      return topicSetLine("you", answer);
    case "show_topic":
      return topicLine(answer);
    case "set_away":
      return answer.text === undefined
        ? "you are not away"
        : `you are away: ${printable(answer.text)}`;
    case "list_members":
      return `members of ${printable(answer.room)}: ${
        answer.members.map(member).join(", ")
      }`;
    case "history":
      return `${found(answer.messages, answer.more)} ${where(answer.room)}`;
    case "search":
      return `${found(answer.messages, answer.more)} found`;
    case "register":
      return "you have an account now: your name needs your password";
    case "change_password":
      return "your password is changed, and your other clients are logged out";
    case "secret":
      return secretLine(answer);
    case "trust":
      return `you trust the key of ${
        printable(answer.user)
      } from now on: ${answer.fingerprint}`;
    case "verify":
      return `safety number with ${printable(answer.user)}${
        answer.accepted ? "" : " and the NEW key, which is not accepted"
      }: ${answer.number}`;
    case "list_users":
      return `users in ${printable(answer.room)}: ${names(answer.users)}`;
    case "list_rooms":
      return `rooms: ${names(answer.rooms)}`;
  }
}

function secretLine({ user, on, fingerprint }: SecretSet): string {
  const name = printable(user);
  return on
    ? `messages to ${name} are secret from now on; ${name}'s key is ` +
      `${fingerprint}, /verify ${name} compares it`
    : `messages to ${name} are NOT secret from now on`;
}

function member({ name, account, here, away }: MemberState): string {
  const what = [
    account === false ? "guest" : [],
    here === false ? "offline" : [],
    away === undefined ? [] : `away: ${printable(away)}`,
  ].flat();
  return printable(name) + (what.length > 0 ? ` (${what.join(", ")})` : "");
}

function found({ length }: readonly unknown[], more: boolean): string {
  const what = length === 1 ? "message" : "messages";
  return `${length === 0 ? "no" : length} ${what}${more ? ", and more," : ""}`;
}

/** In a room, or with the other one where that is `@bob`. */
function where(room: string): string {
  const other = partner(room);
  return other === undefined
    ? `in ${printable(room)}`
    : `with ${printable(other)}`;
}

/** What a room is about. */
export function topicLine(
  { room, topic }: { readonly room: string; readonly topic: string },
): string {
  return topic === ""
    ? `${printable(room)} has no topic`
    : `topic of ${printable(room)}: ${printable(topic)}`;
}

function topicSetLine(
  who: string,
  { room, topic }: { readonly room: string; readonly topic: string },
): string {
  return topic === ""
    ? `${who} took the topic of ${printable(room)} away`
    : `${who} set the topic of ${printable(room)}: ${printable(topic)}`;
}

/** What the server tells of people and rooms. */
export function newsLine(
  event: Exclude<
    Happening,
    { readonly type: "room_msg" | "private_msg_delivery" }
  >,
): string {
  switch (event.type) {
    case "system_msg":
      return printable(event.text);
    case "presence": {
      const what = event.here ? "joined" : "left";
      return `${printable(event.user)} ${what} ${printable(event.room)}`;
    }
    case "crowd":
      return crowdSentence({ ...event, room: printable(event.room) });
    case "invitation":
      return `${printable(event.user)} made you a member of the group ${
        printable(event.room)
      }`;
    case "moved":
      return `you are not in ${printable(event.left)} any more, ` +
        `you are now in ${printable(event.room)}`;
    case "topic":
      return topicSetLine(printable(event.user), event);
    case "away":
      return printable(event.user) +
        (event.text === undefined
          ? " is back"
          : ` is away: ${printable(event.text)}`);
  }
}

function names(list: readonly string[]): string {
  return list.length === 0 ? "none" : list.map(printable).join(", ");
}

/** A request, short: what its author typed, more or less. */
export function requestLine(request: ChatRequest): string {
  switch (request.type) {
    case "room_msg":
      return quote(request.text);
    case "private_msg":
      return `to ${printable(request.recipient)}: ${quote(request.text)}`;
    case "join_room":
      return `/join ${printable(request.room)}`;
    case "leave_room":
      return "/leave";
    case "make_group":
      return `/group ${printable(request.room)}`;
    case "invite":
      return `/invite ${printable(request.user)}`;
    case "set_topic":
      return request.topic === ""
        ? `/topic ${DELETE_TOPIC}`
        : `/topic ${quote(request.topic)}`;
    case "show_topic":
      return "/topic";
    case "set_away":
      return request.text === undefined
        ? request.typed ?? "/back"
        : `/away ${quote(request.text)}`;
    case "list_users":
      return "/users";
    case "list_rooms":
      return "/rooms";
    case "list_members":
      return "/members";
    case "history":
      return "/history";
    case "search":
      return `/search ${quote(request.words)}`;
    case "register":
      return "/register";
    case "change_password":
      return "/passwd";
    case "secret":
      return `/secret ${printable(request.user)}${request.off ? " off" : ""}`;
    case "trust":
    case "verify":
      return `/${request.type} ${printable(request.user)}`;
    case "find_key":
      return `the key of ${printable(request.user)}`;
    case "publish_key":
      return "your key";
  }
}

function quote(text: Text): string {
  const points = [...textLine(text)];
  return points.length <= QUOTE_LENGTH
    ? points.join("")
    : `${points.slice(0, QUOTE_LENGTH).join("")}…`;
}

/** What was refused and why. */
export function refusalLine({ request, text, hint }: Refused): string {
  return `${printable(text)} (${requestLine(request)})${tip(hint)}`;
}

/** What nobody knows the fate of. */
export function unconfirmedLine({ request }: Unconfirmed): string {
  return `unconfirmed: the connection broke before the server acknowledged ` +
    `this, and it was not sent again (${requestLine(request)})`;
}

/** A warning of a session. */
export function warningLine({ text, hint }: Warned): string {
  return printable(text) + tip(hint);
}

function tip(hint: string | undefined): string {
  return hint === undefined ? "" : `. ${printable(hint)}`;
}

/** That there is no connection, and when it is tried again. */
export function lostLine({ reason, pause, broke }: Lost): string {
  const what = broke ? "connection lost" : "no connection";
  const next = pause === undefined ? "" : `, trying again in ${seconds(pause)}`;
  return `${what}${next} (${printable(reason)})`;
}

/** What can't be done about a line that was typed, and what would be right. */
export function mistakeLine({ text, hint }: Mistake): string {
  return printable(text) + tip(hint);
}

/** A time in ms, in seconds: whole ones from one second on. */
export function seconds(ms: number): string {
  return ms < 1000
    ? `${(ms / 1000).toFixed(1)} s`
    : `${Math.round(ms / 1000)} s`;
}
