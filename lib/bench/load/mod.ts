/**
 * Loads: how fast a server is, and whether everything arrives.
 *
 * @module
 */

export * from "./account.ts";
export * from "./columns.ts";
export * from "./histogram.ts";
export * from "./plan.ts";
export * from "./process_meter.ts";
export * from "./reading_turns.ts";
export * from "./report.ts";
export * from "./run.ts";
export * from "./shared_texts.ts";
export * from "./standstill.ts";
export * from "./verdict.ts";
export * from "./wires.ts";
