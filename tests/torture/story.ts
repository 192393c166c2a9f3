/**
 * What the clients of a tortured server remember: what they said, what became
 * of it and what they saw. The log is held against it (`check.ts`).
 *
 * @module
 */

import type { Seen } from "../exactly_once/followed_rooms.ts";

/** The room where everybody begins. */
export const LOBBY = "#general";

/** What can be wrong; the figures count each. */
export const FAULTS = {
  lost: "acknowledged, and not in the log",
  doubled: "more than once in the log",
  invented: "in the log, and never sent like that, or refused",
  misnumbered: "an id or sequence that is used twice, missing or falling",
  "out of order": "not in the order in which it was sent or is kept",
  "seen but not kept": "seen by somebody, and not in the log",
  missed: "in the log, and not seen by somebody who was there or came back",
  repeated: "shown twice, with no kill and no other client as the reason",
  foreign: "a private message in the hands of somebody else",
  "wrong replay": "not what is due, flagged, on entering a room or coming back",
  unanswered: "said under a number of its own, and never answered",
  stuck: "a server or a player that died by itself or does not go on",
  unexpected: "the server said something else than it should",
} as const;

/** The name of a fault. */
export type FaultKind = keyof typeof FAULTS;

/** One thing that is wrong. */
export interface Fault {
  readonly kind: FaultKind;
  readonly what: string;
}

/** A message that was sent. */
export interface Said {
  readonly key: number;
  readonly visit: Visit;
  /** The room (`#general`) or the person (`@name`) it was for. */
  readonly to: string;
  fate: "unconfirmed" | "acknowledged" | "refused";
  /** What the acknowledgement said; a private message's says none. */
  id?: number;
  /** What the acknowledgement said, on a wire that carries it. */
  sequence?: number;
  /**
   * The first and the last run of the server that it was said to, if it was
   * said again; otherwise that of its visit.
   */
  readonly runs?: { readonly first: number; last: number };
}

/** In which runs of the server a message can have been written. */
export function runsOf({ runs, visit }: Said): { first: number; last: number } {
  return runs ?? { first: visit.life, last: visit.life };
}

/** What a player with a kept session was shown, over all its connections. */
export interface Followed {
  readonly name: string;
  readonly seen: readonly Seen[];
  /** What it noticed itself. */
  readonly faults: readonly string[];
  /** How much it said that has no answer yet. */
  readonly unanswered: number;
  /** How often it came back, and was told that a message was there already. */
  readonly resumed: number;
  readonly saidAgain: number;
}

/** A message that was handed out to somebody who asked for it. */
export interface Fetched {
  /** Absent for what can't be read. */
  readonly key: number | undefined;
  readonly sender: string;
  /** The run of the server. */
  readonly life: number;
  /** Whether a 250 answered it, and whether the server has shown that it did. */
  readonly fate: "open" | "answered" | "confirmed";
}

/** What a player who asks for its messages got, over all its connections. */
export interface Fetcher {
  readonly name: string;
  readonly fetched: readonly Fetched[];
}

/** What one connection saw of a room, from entering to leaving it. */
export interface View {
  /** `#general`. */
  readonly room: string;
  readonly entered: "login" | "join";
  /** Keys, flagged as a replay. */
  readonly replayed: number[];
  /** Keys, its own acknowledged messages in their places. */
  readonly live: number[];
  /** True when it saw everything up to the end of the log. */
  whole: boolean;
}

/** A private message that was shown to somebody, its author included. */
export interface Shown {
  readonly key: number;
  /** Flagged as a replay. */
  readonly history: boolean;
}

/** One connection: a guest with a name of its own, or a client of an account. */
export interface Visit {
  readonly name: string;
  /** The run of the server, 0, 1, 2 …: it ends with a kill. */
  readonly life: number;
  /** The moment before it connected. */
  readonly began: number;
  /** The moment after it ended, if it hung up and then read all there was. */
  ended?: number;
  readonly views: View[];
  /** Private messages, sent and received, in the order they came. */
  readonly direct: Shown[];
  /** True when it saw everything said to it. */
  whole: boolean;
  /** What was wrong with its connection, if that did not just end. */
  failure?: string | undefined;
}

/**
 * An account's membership of a public room: from when one of its clients
 * entered until one asked to leave, over connections and kills.
 */
export interface Stay {
  readonly name: string;
  /** `#red`. */
  readonly room: string;
  /** What its clients saw of the room. */
  readonly views: View[];
  /** It has not left: what was said until the end is due to it. */
  open: boolean;
}

/** Everything that was done and seen. */
export class Story {
  readonly said = new Map<number, Said>();
  readonly visits: Visit[] = [];
  readonly stays: Stay[] = [];
  /** Those with kept sessions; they are accounts, and have no visits. */
  readonly followers: Followed[] = [];
  /** Those who ask for what waits; they are accounts, and have no visits. */
  readonly fetchers: Fetcher[] = [];
  /** Names that are accounts; all others are guests. */
  readonly accounts = new Set<string>();
  /** What was wrong at once, without looking at the log. */
  readonly faults: Fault[] = [];
  #moment = 0;

  /** Notes a fault. */
  blame(kind: FaultKind, what: string): void {
    this.faults.push({ kind, what });
  }

  /** 1, 2, 3 …: what happened before what. */
  moment(): number {
    return ++this.#moment;
  }

  /** A connection is in a room from now on. */
  enter({ name, views }: Visit, room: string, entered: View["entered"]): void {
    const view = { room, entered, replayed: [], live: [], whole: false };
    views.push(view);
    // Where everybody begins an account stays for good.
    if (!this.accounts.has(name) || room === LOBBY) return;
    const stay = this.#stay(name, room);
    if (stay !== undefined) stay.views.push(view);
    else this.stays.push({ name, room, views: [view], open: true });
  }

  /** One of somebody's clients leaves a room, or is about to. */
  leave(name: string, room: string): void {
    const stay = this.#stay(name, room);
    if (stay !== undefined) stay.open = false;
  }

  #stay(name: string, room: string): Stay | undefined {
    return this.stays.findLast((stay) =>
      stay.open && stay.name === name && stay.room === room
    );
  }
}
