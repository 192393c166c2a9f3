/**
 * Who plays a conversation over a variant: the clients, and what they are due.
 *
 * @module
 */

import type { DueModel } from "./chat_model.ts";
import { BenchClient, dialVariant } from "./client.ts";
import { DatagramClient } from "./datagram_client.ts";
import type {
  ClientAddress,
  ClientEvents,
  PlayedClient,
} from "./played_client.ts";
import { PollingClient } from "./polling_client.ts";
import type { DatagramVariant, PollingVariant, Variant } from "./variants.ts";

/** Everybody who plays. */
export interface Cast {
  readonly model: DueModel;
  /**
   * Connects somebody, within `timeout` ms.
   *
   * @throws {UserError} when that can't be done.
   */
  connect(
    user: number,
    address: ClientAddress,
    events: ClientEvents,
    timeout: number,
  ): Promise<PlayedClient>;
}

function polling(variant: PollingVariant, users: readonly string[]): Cast {
  const model = variant.model(users);
  return {
    model,
    connect: async (user, address, events, timeout) => {
      const username = users[user] as string;
      const recipients = model.recipients.bind(model, user);
      const socket = await dialVariant(variant, address, timeout);
      return new PollingClient(socket, { username, recipients }, events);
    },
  };
}

function datagrams(variant: DatagramVariant, users: readonly string[]): Cast {
  const model = variant.model(users);
  return {
    model,
    connect: (user, address, events) => {
      const username = users[user] as string;
      const meeting = model.meeting.bind(model, user);
      const person = { user, username, meeting };
      return DatagramClient.open(person, address, events);
    },
  };
}

/** The cast of a variant; `users`: names, by index. */
export function castOf(variant: Variant, users: readonly string[]): Cast {
  switch (variant.kind) {
    case "polling":
      return polling(variant, users);
    case "datagrams":
      return datagrams(variant, users);
    case "stream":
      return {
        model: variant.model(users),
        connect: (_, ...to) => BenchClient.connect(variant, ...to),
      };
  }
}
