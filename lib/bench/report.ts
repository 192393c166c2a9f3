/**
 * The report: everything that the formats say, worked out once.
 *
 * @module
 */

import { type BreakEven, breakEven, type Row, rows } from "./comparison.ts";
import { type FramePair, framePairs } from "./frames.ts";
import { isClean } from "./deliveries.ts";
import type { Compressed } from "./floor.ts";
import { type Ledger, ledgersOf } from "./ledger.ts";
import type { Measurement } from "./measurement.ts";
import { notes } from "./notes.ts";
import { inTls } from "./variants.ts";
import type { Conversation } from "./workload.ts";

/** What a bench came to. */
export interface Report {
  readonly conversation: Conversation;
  readonly rows: readonly Row[];
  /** Each wire in TLS but JSON's against JSON without, where both ran. */
  readonly breakEvens: readonly BreakEven[];
  readonly frames: readonly FramePair[];
  /** Where all bytes went, for each wire that has a ledger. */
  readonly ledgers: readonly Ledger[];
  /** What its texts would come to otherwise; empty where no wire codes them. */
  readonly floors: readonly Compressed[];
  /** Where ours differs from the published figures, and why. */
  readonly notes: readonly string[];
  /** Whether over every wire everything came once, in order, unchanged. */
  readonly clean: boolean;
}

/** Works the report out, but for the floors: these take seconds. */
export function makeReport(
  conversation: Conversation,
  measurements: readonly Measurement[],
): Report {
  const json = measurements.find(({ variant }) => variant.wire === "json");
  const breakEvens = json === undefined
    ? []
    : measurements.filter(({ variant }) =>
      inTls(variant) && variant.wire !== "json+tls"
    ).map((each) => breakEven(conversation, each, json));
  const frames = framePairs(conversation);
  const ledgers = ledgersOf(measurements);
  const findings = { conversation, measurements, breakEvens, frames };
  return {
    conversation,
    rows: rows(measurements),
    breakEvens,
    frames,
    ledgers,
    floors: [],
    notes: notes(findings),
    clean: measurements.every(({ tally }) => isClean(tally)),
  };
}
