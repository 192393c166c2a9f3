/**
 * The chat itself: the hub and the log's interface. Pure, as the wires are.
 *
 * @module
 */

export * from "./effects.ts";
export { type Flood, restOf } from "./floods.ts";
export * from "./hub.ts";
export * from "./limits.ts";
export * from "./log.ts";
export * from "./memory_log.ts";
export * from "./memory_store.ts";
export { networkOf } from "./network.ts";
export { checkPassword } from "./passwords.ts";
export * from "./people.ts";
export * from "./questions.ts";
export * from "./receipts.ts";
export * from "./replies.ts";
export * from "./state.ts";
