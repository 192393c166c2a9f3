/**
 * What a chat owes its people on reliable UDP, by docs/udpchat.md.
 *
 * On this wire nobody leaves a group, and nobody is told who comes and goes. So
 * that each message has the same receivers as on the other wires, the people who
 * are together in a room talk in a group of their own: the first who says
 * something to just these makes it, and when the same people meet again they
 * have it already.
 *
 * @module
 */

import { RESERVED_ROOM, type Text } from "../wire/mod.ts";
import { ChatModel, type Due } from "./chat_model.ts";
import { meetingRoom } from "./manners.ts";
import type { BenchEvent, StatedGroup } from "./stated.ts";
import type { Step } from "./workload.ts";

/** Some people's group. */
export interface Meeting {
  readonly group: string;
  /** Names, in the order of the alphabet. */
  readonly members: readonly string[];
  /** Somebody has to make it. */
  readonly isNew: boolean;
}

/** That one belongs to a group. */
export function groupEvent(
  room: string,
  members: readonly string[],
): StatedGroup {
  return { type: "group", room, members: members.toSorted() };
}

/** What an address is asked by whether it is its own; it means nothing. */
const PROBE: BenchEvent = {
  type: "received_by_all",
  room: RESERVED_ROOM,
  sequence: 0,
  behind: 0,
};

/** Who is owed what. */
export class DatagramModel {
  readonly #users: readonly string[];
  readonly #chat: ChatModel;
  /** Groups by the people in them. */
  readonly #groups = new Map<string, string>();
  /** Everybody's groups. */
  readonly #own: Set<string>[];
  /** Messages said in each, by the group or by the two people. */
  readonly #last = new Map<string, number>();
  #messages = 0;

  /** `users`: names, by index. */
  constructor(users: readonly string[]) {
    this.#users = users;
    this.#chat = new ChatModel(users);
    this.#own = users.map(() => new Set([RESERVED_ROOM]));
  }

  /** With whom somebody is together, and what their group is called. */
  meeting(user: number): Meeting {
    const members = this.#names(this.#together(user));
    const group = this.#groups.get(members.join(" "));
    if (group !== undefined) return { group, members, isNew: false };
    const room = meetingRoom(this.#chat.roomOf(user) ?? "");
    const number = this.#groups.size + 1;
    return { group: `${room}-${number}`, members, isNew: true };
  }

  /** Does a step; answers what everybody is due for it. */
  apply(step: Step): readonly Due[] {
    const { user, action } = step;
    switch (action.type) {
      case "login": {
        this.#chat.apply(step);
        const { username } = action;
        return [
          notice(user, { type: "login_ack", username, room: "general" }),
          notice(user, PROBE),
        ];
      }
      case "list_users": {
        const users = this.#users;
        return [notice(user, { type: action.type, room: "general", users })];
      }
      case "list_rooms": {
        const rooms = [...this.#own[user] ?? []];
        return [notice(user, { type: action.type, rooms })];
      }
      case "room_msg":
        return this.#meet(user, action.text);
      case "private_msg":
        return this.#whisper(user, action.recipient, action.text);
    }
    // Nobody is told who goes where, nor who goes.
    this.#chat.apply(step);
    return [];
  }

  #together(user: number): number[] {
    return [user, ...this.#chat.company(user)].sort((one, other) =>
      one - other
    );
  }

  #names(members: readonly number[]): string[] {
    return members.map((each) => this.#users[each] as string).sort();
  }

  #meet(user: number, text: Text): Due[] {
    const { group, members, isNew } = this.meeting(user);
    const together = this.#together(user);
    const due: Due[] = [];
    if (isNew) {
      this.#groups.set(members.join(" "), group);
      due.push(
        notice(user, { type: "make_group", room: group, users: members }),
        ...together.map((each) => this.#enter(each, group, members)),
      );
    }
    const sender = this.#users[user] as string;
    const event: BenchEvent = { type: "room_msg", room: group, sender, text };
    const rooms = new Map(together.map((each) => [each, group]));
    return [...due, ...this.#said(user, group, event, rooms)];
  }

  #whisper(user: number, recipient: string, text: Text): Due[] {
    const sender = this.#users[user] as string;
    const other = this.#users.indexOf(recipient);
    const names = [sender, recipient].sort();
    const rooms = new Map([[user, `@${recipient}`], [other, `@${sender}`]]);
    const key = `@ ${names.join(" ")}`;
    const due = this.#last.has(key)
      ? []
      : [...rooms].map(([each, room]) => this.#enter(each, room, names));
    const event: BenchEvent = {
      type: "private_msg_delivery",
      recipient,
      sender,
      text,
    };
    return [...due, ...this.#said(user, key, event, rooms)];
  }

  #enter(user: number, group: string, members: readonly string[]): Due {
    this.#own[user]?.add(group);
    return notice(user, groupEvent(group, members));
  }

  /** A message: `rooms` is what each who gets it calls the group. */
  #said(
    author: number,
    key: string,
    event: BenchEvent,
    rooms: ReadonlyMap<number, string>,
  ): Due[] {
    const message = this.#messages++;
    const sequence = (this.#last.get(key) ?? 0) + 1;
    this.#last.set(key, sequence);
    return [
      {
        kind: "receipt",
        receiver: author,
        message,
        event: { type: "room_msg_ack", id: 1 },
      },
      ...[...rooms].flatMap(([receiver, room]): Due[] => {
        const confirmed: BenchEvent = {
          type: "received_by_all",
          room,
          sequence,
          behind: 0,
        };
        return [
          receiver === author
            ? notice(receiver, event)
            : { kind: "delivery", receiver, message, event },
          { kind: "notice", receiver, event: confirmed, later: true },
        ];
      }),
    ];
  }
}

function notice(receiver: number, event: BenchEvent): Due {
  return { kind: "notice", receiver, event };
}
