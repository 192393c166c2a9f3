/**
 * What the clients of a tortured server remember: what they said, what became
 * of it and what they saw. The log is held against it (`check.ts`).
 *
 * @module
 */

/** What can be wrong; the figures count each. */
export const FAULTS = {
  lost: "acknowledged, and not in the log",
  doubled: "more than once in the log",
  invented: "in the log, and never sent like that, or refused",
  misnumbered: "an id or sequence that is used twice, missing or falling",
  "out of order": "not in the order in which it was sent or is kept",
  "seen but not kept": "seen by somebody, and not in the log",
  missed: "in the log, and not seen by somebody who was there",
  "wrong replay": "not the newest messages, flagged, on entering a room",
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
}

/** What one connection saw of a room, from entering to leaving it. */
export interface View {
  /** `#general`. */
  readonly room: string;
  /** Keys, flagged as a replay. */
  readonly replayed: number[];
  /** Keys, its own acknowledged messages in their places. */
  readonly live: number[];
  /** True when it saw everything up to the end of the log. */
  whole: boolean;
}

/** One connection: a guest with a name of its own. */
export interface Visit {
  readonly name: string;
  /** The run of the server, 0, 1, 2 …: it ends with a kill. */
  readonly life: number;
  readonly views: View[];
  /** Keys of private messages, sent and received, in the order they came. */
  readonly direct: number[];
  /** True when it saw everything said to it. */
  whole: boolean;
}

/** Everything that was done and seen. */
export class Story {
  readonly said = new Map<number, Said>();
  readonly visits: Visit[] = [];
  /** What was wrong at once, without looking at the log. */
  readonly faults: Fault[] = [];

  /** Notes a fault. */
  blame(kind: FaultKind, what: string): void {
    this.faults.push({ kind, what });
  }
}
