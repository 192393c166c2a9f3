/**
 * What ChatProto 1.0 and JSON tell of an event that they have no message for.
 *
 * @module
 */

import type { ServerEvent, SystemMessage } from "./events.ts";

/** A system message that tells it, or undefined when there is nothing to say. */
export function basicEvent(event: ServerEvent): SystemMessage | undefined {
  const text = tell(event);
  return text === undefined ? undefined : { type: "system_msg", text };
}

function tell(event: ServerEvent): string | undefined {
  switch (event.type) {
    case "presence": {
      const { user, room, here } = event;
      return `${user} ${here ? "joined" : "left"} ${room}`;
    }
    case "invitation":
      return `${event.user} made you a member of the group ${event.room}: ` +
        "join it to read and write there";
    case "moved":
      return `You left ${event.from} with another client, ` +
        `this one is in ${event.room} now`;
    default:
      return undefined;
  }
}
