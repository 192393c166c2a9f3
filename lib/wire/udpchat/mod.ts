/**
 * Reliable UDP with JSON.
 *
 * @module
 */

export * from "./datagram.ts";
export { LINK_LIMITS, type LinkLimits } from "./limits.ts";
export type { Held } from "./receiver.ts";
export {
  type LinkEvent,
  type LinkOptions,
  ReliableLink,
} from "./reliability.ts";
export { type Backlog, GIVE_UP_AFTER, type Unacknowledged } from "./sender.ts";
