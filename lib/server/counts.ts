/**
 * What a server counts of itself: whole numbers that only grow, from its start
 * on. To count MUST cost no memory a message: an addition, or one for each of a
 * batch.
 *
 * @module
 */

import { ERROR_CODES, type ErrorCode } from "../wire/mod.ts";

/** Why a connection is turned away before it has a session. */
export const TURNED_AWAY = [
  /** There are too many. */
  "full",
  /** There are too many from its address. */
  "crowd",
  /** Plaintext from another machine, or another wire than the port's own. */
  "forbidden",
  /** It opened as a browser does. */
  "http",
  /** It showed no wire: it left, took too long, or did not agree on TLS. */
  "no_wire",
  /** The system could not accept it. */
  "not_accepted",
] as const;

/** One of {@link TURNED_AWAY}. */
export type TurnedAway = typeof TURNED_AWAY[number];

function zeros<Cause extends PropertyKey>(
  causes: readonly Cause[],
): Record<Cause, number> {
  return Object.fromEntries(causes.map((cause) => [cause, 0])) as Record<
    Cause,
    number
  >;
}

const codes = (): Record<ErrorCode, number> =>
  zeros(Object.keys(ERROR_CODES).map((code) => Number(code) as ErrorCode));

/** The counts of one server. */
export class Counts {
  /** Messages that the log has taken; one that was repeated counts once. */
  messages = 0;
  /** Messages handed to sessions; an author's receipt stands for its own. */
  deliveries = 0;
  /** What was not done, by what it was, and why. */
  readonly rejected = {
    /** Requests, by the code of the reply. */
    request: codes(),
    /** Logins, by the code of the reply. */
    login: codes(),
    /** Errors that answer nothing, such as to somebody who reads too slowly. */
    notice: codes(),
    connection: zeros(TURNED_AWAY),
  };
}
