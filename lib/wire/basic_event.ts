/**
 * What ChatProto 1.0 and JSON tell of an event that they have no message for.
 *
 * @module
 */

import type { Crowd, ServerEvent, SystemMessage } from "./events.ts";
import type { BasicEvent } from "./model.ts";

/** The events that they have no message for. */
type OtherEvent = Exclude<ServerEvent, BasicEvent>;

/** How each is told; undefined: not at all. */
type Sentences = {
  readonly [Type in OtherEvent["type"]]:
    | ((event: Extract<OtherEvent, { readonly type: Type }>) => string)
    | undefined;
};

const SENTENCES: Sentences = {
  presence: ({ user, room, here }) =>
    `${user} ${here ? "joined" : "left"} ${room}`,
  crowd: crowdSentence,
  invitation: ({ user, room }) =>
    `${user} made you a member of the group ${room}: ` +
    "join it to read and write there",
  moved: ({ left, room }) =>
    `You left ${left} with another client, this one is in ${room} now`,
  topic: ({ user, room, topic }) =>
    topic === ""
      ? `${user} took the topic of ${room} away`
      : `${user} set the topic of ${room}: ${topic}`,
  away: ({ user, text }) =>
    text === undefined ? `${user} is back` : `${user} is away: ${text}`,
  set_topic: undefined,
  set_away: undefined,
  position: undefined,
  rooms: undefined,
  leave_room: undefined,
  make_group: undefined,
  invite: undefined,
  list_members: undefined,
  list_own_rooms: undefined,
  list_people: undefined,
  list_waiting: undefined,
  history: undefined,
  search: undefined,
  names: undefined,
  register: undefined,
  change_password: undefined,
  publish_key: undefined,
  find_key: undefined,
  received_by_all: undefined,
};

/** How many came and went, in words. */
export function crowdSentence({ room, joined, left, here }: Crowd): string {
  const there = `${here.toLocaleString("en")} are there`;
  const came = `${joined.toLocaleString("en")} joined ${room}`;
  const went = `${left.toLocaleString("en")} left`;
  if (joined > 0 && left > 0) return `${came}, ${went}: ${there}`;
  if (left > 0) return `${went} ${room}: ${there}`;
  return joined > 0 ? `${came}: ${there}` : `${there}, in ${room}`;
}

/**
 * The message that tells an event; "nothing" when they are not told, undefined
 * when there is no such event.
 */
export function basicEvent(
  event: ServerEvent,
): SystemMessage | "nothing" | undefined {
  if (!Object.hasOwn(SENTENCES, event.type)) return undefined;
  const sentence = SENTENCES[event.type as OtherEvent["type"]] as
    | ((event: ServerEvent) => string)
    | undefined;
  if (sentence === undefined) return "nothing";
  return { type: "system_msg", text: sentence(event) };
}
