/**
 * What a torture run came to, as it is printed.
 *
 * @module
 */

import type { Checked } from "./check.ts";
import { type Fault, type FaultKind, FAULTS, type Story } from "./story.ts";

/** Sums over rounds. */
export interface Figures {
  /** Each round has a data folder of its own. */
  rounds: number;
  /** Servers killed with SIGKILL. */
  kills: number;
  /** Of those, before they took connections. */
  killsAtStart: number;
  connections: number;
  sent: number;
  acknowledged: number;
  /** Of those, private ones. */
  acknowledgedPrivate: number;
  /** Private messages to people who had left. */
  refused: number;
  /** Neither acknowledged nor refused: each may be kept, once, or not. */
  unconfirmed: number;
  kept: number;
  /** Messages shown to somebody other than their author, replays included. */
  seen: number;
  /** Sessions that were resumed. */
  resumed: number;
  /** Messages said again that the log had already: each answered once. */
  saidAgain: number;
  /** Messages handed out to those who asked. */
  fetched: number;
  /** Messages that came again when an account logged in. */
  shownAgain: number;
  /** Messages to accounts that went down with a connection that was cut. */
  unread: number;
  seconds: number;
  readonly faults: Fault[];
}

/** Nothing yet. */
export function noFigures(): Figures {
  return {
    rounds: 0,
    kills: 0,
    killsAtStart: 0,
    connections: 0,
    sent: 0,
    acknowledged: 0,
    acknowledgedPrivate: 0,
    refused: 0,
    unconfirmed: 0,
    kept: 0,
    seen: 0,
    resumed: 0,
    saidAgain: 0,
    fetched: 0,
    shownAgain: 0,
    unread: 0,
    seconds: 0,
    faults: [],
  };
}

/** Adds what a round's clients did and saw. */
export function addStory(
  figures: Figures,
  story: Story,
  { kept, shownAgain, unread }: Checked,
): void {
  figures.rounds++;
  figures.kept += kept;
  figures.shownAgain += shownAgain;
  figures.unread += unread;
  figures.connections += story.visits.length;
  figures.sent += story.said.size;
  let own = 0;
  for (const { fate, to } of story.said.values()) {
    figures[fate]++;
    if (fate !== "acknowledged") continue;
    own++;
    if (to.startsWith("@")) figures.acknowledgedPrivate++;
  }
  for (const { views, direct } of story.visits) {
    figures.seen += direct.length;
    for (const { replayed, live } of views) {
      figures.seen += replayed.length + live.length;
    }
  }
  for (const { seen, resumed, saidAgain } of story.followers) {
    figures.seen += seen.length;
    figures.resumed += resumed;
    figures.saidAgain += saidAgain;
  }
  for (const { fetched } of story.fetchers) {
    figures.seen += fetched.length;
    figures.fetched += fetched.length;
  }
  figures.seen -= own;
  figures.faults.push(...story.faults);
}

/** How often each fault was found. */
function count(faults: readonly Fault[], kind: FaultKind): number {
  return faults.filter((fault) => fault.kind === kind).length;
}

const SHOWN_FAULTS = 20;

/** Figures that are printed under another name. */
const ROWS: Readonly<Record<string, string>> = {
  killsAtStart: "  while starting",
  acknowledgedPrivate: "  private ones",
  resumed: "sessions resumed",
  saidAgain: "answered again",
  shownAgain: "shown again",
  unread: "cut off unread",
};

/** Every figure with its name, then the first faults in words. */
export function formatFigures(figures: Figures): string {
  const { faults, seconds, ...counts } = figures;
  const rows: [string, string][] = Object.entries(counts).map(
    ([name, value]) => [ROWS[name] ?? name, value.toLocaleString("en")],
  );
  rows.push(["seconds", seconds.toFixed(1)], ["", ""]);
  for (const kind of Object.keys(FAULTS) as FaultKind[]) {
    rows.push([kind, count(faults, kind).toLocaleString("en")]);
  }
  const shown = faults.slice(0, SHOWN_FAULTS)
    .map(({ kind, what }) => `${kind}: ${what}`);
  const lines = rows.map(([name, value]) =>
    (name.padEnd(20) + value.padStart(12)).trimEnd()
  );
  return [...lines, ...shown.length > 0 ? ["", ...shown] : []].join("\n");
}
