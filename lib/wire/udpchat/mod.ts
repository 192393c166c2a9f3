/**
 * Reliable UDP with JSON.
 *
 * @module
 */

export * from "./datagram.ts";
export { LINK_LIMITS, type LinkLimits } from "./limits.ts";
export type { LinkHoldings } from "./receiver.ts";
export {
  type LinkEvent,
  type LinkOptions,
  ReliableLink,
} from "./reliability.ts";
export {
  GIVE_UP_AFTER,
  type LinkBacklog,
  type Unacknowledged,
} from "./sender.ts";
