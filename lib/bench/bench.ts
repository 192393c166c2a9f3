/**
 * The whole bench: one conversation over several variants.
 *
 * @module
 */

import { converse } from "./conversation.ts";
import { floors } from "./floor.ts";
import type { Measurement } from "./measurement.ts";
import { type PlayOptions, playVariant } from "./player.ts";
import { makeReport, type Report } from "./report.ts";
import type { Variant } from "./variants.ts";
import type { Workload } from "./workload.ts";

/** How a bench is run. */
export interface BenchOptions extends Omit<PlayOptions, "onProgress"> {
  /** Told the share that is done, 0 to 1. */
  readonly onProgress?: (share: number) => void;
}

/**
 * Plays the workload's conversation over one variant after the other.
 *
 * @throws {UserError} when a server can't be started or reached.
 */
export async function bench(
  workload: Workload,
  variants: readonly Variant[],
  { onProgress, ...options }: BenchOptions,
): Promise<Report> {
  const conversation = converse(workload);
  const steps = conversation.steps.length * variants.length;
  const measurements: Measurement[] = [];
  for (const variant of variants) {
    const before = measurements.length * conversation.steps.length;
    measurements.push(
      await playVariant(variant, workload, {
        ...options,
        onProgress: (done) => onProgress?.((before + done) / steps),
      }),
    );
  }
  const report = makeReport(conversation, measurements);
  const coded = report.ledgers.some(({ texts }) => texts !== undefined);
  return coded ? { ...report, floors: await floors(conversation) } : report;
}
