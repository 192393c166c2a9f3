/**
 * The limits a server keeps, in one table: the hub, the listeners, the option
 * that sets them (`chatp serve --limit`) and docs/limits.md read it.
 *
 * @module
 */

/** One row of {@link LIMITS}. */
export interface LimitRow {
  /** What holds when nothing else is said. */
  readonly value: number;
  readonly unit:
    | "requests/s"
    | "requests"
    | "messages"
    | "ms"
    | "bytes"
    | "people"
    | "rooms"
    | "sessions"
    | "connections"
    | "addresses"
    | "logins/s"
    | "logins";
  /** What happens at the limit. */
  readonly help: string;
}

/** Every limit of a server that is not part of a wire. */
export const LIMITS = {
  requestsPerSecond: {
    value: 100,
    unit: "requests/s",
    help:
      "What a connection may ask on average, and as many receipts; over it: 429",
  },
  requestBurst: {
    value: 500,
    unit: "requests",
    help: "What a connection may ask at once after a rest",
  },
  requestBytes: {
    value: 1_024,
    unit: "bytes",
    help: "What counts as one request; longer ones count as several",
  },
  announcedCost: {
    value: 10,
    unit: "requests",
    help:
      "As what it counts to come, go, name a topic or be away: all are told",
  },
  muteGrace: {
    value: 500,
    unit: "ms",
    help: "Time after a 429 in which what is still on its way is forgiven",
  },
  muteAfter: {
    value: 100,
    unit: "requests",
    help: "Asked in spite of a 429, behind that time; one more mutes",
  },
  muteAtOnce: {
    value: 1_000,
    unit: "requests",
    help: "Refused in a row, however soon; one more mutes",
  },
  mute: {
    value: 60_000,
    unit: "ms",
    help: "Time in which whoever is muted is refused everything with 429",
  },
  muteFlood: {
    value: 10_000,
    unit: "ms",
    help: "Time for whoever is muted and floods on; then 429 and a close",
  },
  backlog: {
    value: 1_000,
    unit: "requests",
    help: "Unanswered requests after which a connection is not read from",
  },
  joinHistory: {
    value: 20,
    unit: "messages",
    help: "What a room shows of its past to somebody who joins it",
  },
  replayPage: {
    value: 200,
    unit: "messages",
    help: "What is read at once for somebody who missed more",
  },
  historyPage: {
    value: 100,
    unit: "messages",
    help: "What a page of history or a search holds at most",
  },
  namesTold: {
    value: 100,
    unit: "people",
    help:
      "Who is in a room, as far as one who comes in is told unasked; where more are, who comes and goes is told as a number",
  },
  pageBytes: {
    value: 49_152,
    unit: "bytes",
    help: "Text after which a page of history or a search holds no more",
  },
  groupMembers: {
    value: 1_000,
    unit: "people",
    help: "Members of a group; one more: 403",
  },
  roomsPerPerson: {
    value: 500,
    unit: "rooms",
    help: "Public rooms and groups that somebody is in, and half of it for " +
      "being put in by others; one more: 403",
  },
  roomsListed: {
    value: 500,
    unit: "rooms",
    help: "What a list of rooms holds at most: those that the most are in",
  },
  topicBytes: {
    value: 300,
    unit: "bytes",
    help: "A room's topic, and why somebody is away; longer: 413",
  },
  passwordChecks: {
    value: 100,
    unit: "requests",
    help: "Passwords that wait to be checked; one more: 429",
  },
  guestSession: {
    value: 600_000,
    unit: "ms",
    help: "Time to resume a guest's session after its connection is gone",
  },
  accountSession: {
    value: 2_592_000_000,
    unit: "ms",
    help: "Time to resume an account's session after its connection is gone",
  },
  absentGuests: {
    value: 64,
    unit: "sessions",
    help:
      "Guests of one address who may come back; one more, and the oldest can't",
  },
  absentSessions: {
    value: 32,
    unit: "sessions",
    help:
      "Sessions of one account to be resumed; one more, and the oldest can't",
  },
  loginTimeout: {
    value: 10_000,
    unit: "ms",
    help: "Time to log in; then 401 and a close",
  },
  frameTimeout: {
    value: 30_000,
    unit: "ms",
    help: "Time for a request that has begun to come whole; then 400, a close",
  },
  idleTimeout: {
    value: 86_400_000,
    unit: "ms",
    help: "Time without a request; then 401 and a close",
  },
  silence: {
    value: 30_000,
    unit: "ms",
    help:
      "Time without a byte from a client that sends keepalives; then a close",
  },
  sendQueue: {
    value: 1_048_576,
    unit: "bytes",
    help: "What may wait for a reader that falls behind; then 429 and a close",
  },
  closeTimeout: {
    value: 2_000,
    unit: "ms",
    help: "Time to take the last words before a connection is cut",
  },
  connections: {
    value: 10_000,
    unit: "connections",
    help: "Open at once; one more is told 503 at its login",
  },
  connectionsPerAddress: {
    value: 256,
    unit: "connections",
    help: "Open from one address; one more is told 429 at its login",
  },
  openings: {
    value: 4_000,
    unit: "connections",
    help: "That have shown no wire yet; one more, and the oldest is cut",
  },
  strangers: {
    value: 4_000,
    unit: "connections",
    help: "That have not logged in; one more, and the oldest is told 503",
  },
  loginsPerSecond: {
    value: 5,
    unit: "logins/s",
    help: "What one address may do on average; over it: 429",
  },
  loginBurst: {
    value: 256,
    unit: "logins",
    help: "What one address may do at once after a rest",
  },
  guestsPerAddress: {
    value: 100,
    unit: "people",
    help: "Guests of one address, here or to come back; one more: 429",
  },
  guestIdle: {
    value: 3_600_000,
    unit: "ms",
    help: "Time without a request after which a guest's name may be taken",
  },
  udpLogin: {
    value: 600_000,
    unit: "ms",
    help: "Time to come back to a UDP address that can't be reached",
  },
  udpAddresses: {
    value: 10_000,
    unit: "addresses",
    help: "Logged in over UDP; one more is refused at its login",
  },
  udpStrangers: {
    value: 1_000,
    unit: "addresses",
    help:
      "Known without a login over UDP; one more, and the oldest is forgotten",
  },
} as const satisfies Record<string, LimitRow>;

/** A value for every limit. */
export type Limits = { readonly [Name in keyof typeof LIMITS]: number };

/** The values of the table. */
export const DEFAULT_LIMITS: Limits = Object.fromEntries(
  Object.entries(LIMITS).map(([name, { value }]) => [name, value]),
) as Limits;

/** The same limits without those on how fast somebody may ask. */
export function withoutRateLimits(limits: Limits): Limits {
  return { ...limits, requestsPerSecond: Infinity, requestBurst: Infinity };
}
