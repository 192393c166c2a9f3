/**
 * What the tests of the hub expect, as short as it can be said.
 *
 * @module
 */

import { ERROR_CODES, type ErrorCode } from "../../lib/wire/mod.ts";

/** The reply to a login, as one who is in one room gets it. */
export const welcome = (username: string) =>
  ({ type: "login_ack", username, room: "general" }) as const;

/** The reply to a room message. */
export const ack = (id: number) => ({ type: "room_msg_ack", id } as const);

/** A room message, as one who is in one room gets it. */
export const said = (sender: string, text: string, room = "general") =>
  ({ type: "room_msg", room, sender, text }) as const;

/** A private message, as one who is in one room gets it. */
export const told = (sender: string, recipient: string, text: string) =>
  ({ type: "private_msg_delivery", sender, recipient, text }) as const;

/** The same message, as it comes when it is no news. */
export const before = <Event>(event: Event) =>
  ({ ...event, history: true }) as const;

/** Where a message stands; all of it was said at the clock's first second. */
export const place = (
  id: number,
  room: number,
  sequence: number,
  sender: number,
) => ({ id, room, sequence, time: 1_000, sender });

/** The server says something. */
export const system = (text: string) => ({ type: "system_msg", text }) as const;

/** Something could not be done. `text`: without the code's title. */
export const error = (code: ErrorCode, text: string) =>
  ({
    type: "error_msg",
    code,
    text: `${ERROR_CODES[code].title}: ${text}`,
    hint: ERROR_CODES[code].hint,
  }) as const;

/** A login that was refused. `text`: without the code's title. */
export const reject = (code: ErrorCode, text: string) =>
  ({
    type: "login_reject",
    reason: `${ERROR_CODES[code].title}: ${text}`,
    code,
    hint: ERROR_CODES[code].hint,
  }) as const;
