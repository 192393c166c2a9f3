/**
 * What each wire costs in bytes, and whether everything arrived.
 *
 * @module
 */

export * from "./bench.ts";
export * from "./columns.ts";
export * from "./conversation.ts";
export * from "./conversation_clock.ts";
export * from "./deliveries.ts";
export * from "./formats.ts";
export * from "./measurement.ts";
export * from "./player.ts";
export * from "./report.ts";
export * from "./variants.ts";
export * from "./workload.ts";
