/**
 * What a chat owes its people on CP, by docs/cp.md.
 *
 * On this wire there are no rooms, nobody is told who comes and goes, and
 * nothing comes that was not asked for. So that each message has the same
 * receivers as on the other wires, what is said in a room is sent to each
 * person in it, and each is due it when he asks for what waits. Moves and lists
 * are not played: there is nothing to ask.
 *
 * @module
 */

import { ChatModel, type Due } from "./chat_model.ts";
import type { BenchEvent } from "./stated.ts";
import type { Step } from "./workload.ts";

/** Who is owed what. */
export class PollingModel {
  readonly #users: readonly string[];
  readonly #chat: ChatModel;
  /** What waits for each, the oldest first. */
  readonly #waiting: Due[][];
  #messages = 0;

  /** `users`: names, by index. */
  constructor(users: readonly string[]) {
    this.#users = users;
    this.#chat = new ChatModel(users);
    this.#waiting = users.map(() => []);
  }

  /** Everybody who is sent what somebody says with an action, by name. */
  recipients(user: number, action: Step["action"]): readonly string[] {
    if (action.type === "private_msg") return [action.recipient];
    if (action.type !== "room_msg") return [];
    return this.#chat.company(user).map((each) => this.#users[each] as string);
  }

  /** Does a step; answers what everybody is due for it. */
  apply(step: Step): readonly Due[] {
    const { user, action } = step;
    switch (action.type) {
      case "login": {
        this.#chat.apply(step);
        const { username } = action;
        const event: BenchEvent = { type: "login_ack", username, room: "" };
        return [{ kind: "notice", receiver: user, event }, ...this.asked(user)];
      }
      case "room_msg":
      case "private_msg":
        return this.#said(user, action);
      case "quit":
        this.#chat.apply(step);
        return this.asked(user);
    }
    this.#chat.apply(step);
    return [];
  }

  /** Somebody asks for what waits: that, and that there is no more. */
  asked(user: number): readonly Due[] {
    const due = this.#waiting[user]?.splice(0) ?? [];
    const event: BenchEvent = { type: "collected" };
    return [...due, { kind: "notice", receiver: user, event }];
  }

  #said(
    user: number,
    action: Extract<Step["action"], { type: "room_msg" | "private_msg" }>,
  ): Due[] {
    const message = this.#messages++;
    const sender = this.#users[user] as string;
    const recipients = this.recipients(user, action);
    // As it goes out: docs/cp.md, "Our client".
    const text = String(action.text).replaceAll(":", ";");
    for (const recipient of recipients) {
      const receiver = this.#users.indexOf(recipient);
      const event: BenchEvent = {
        type: "private_msg_delivery",
        sender,
        recipient,
        text,
      };
      this.#waiting[receiver]?.push({
        kind: "delivery",
        receiver,
        message,
        event,
      });
    }
    const event: BenchEvent = { type: "sent", recipients, text };
    return [{ kind: "receipt", receiver: user, message, event }];
  }
}
