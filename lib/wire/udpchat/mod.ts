/**
 * Reliable UDP with JSON.
 *
 * @module
 */

export {
  type ClientEndEvent,
  type ClientEndOptions,
  UdpChatClient,
} from "./client_end.ts";
export { ClientRooms } from "./client_rooms.ts";
export * from "./datagram.ts";
export * from "./group_names.ts";
export { KeptLogin, KeptLogins } from "./kept_logins.ts";
export { LINK_LIMITS, type LinkLimits } from "./limits.ts";
export { AMPLIFICATION } from "./outbound.ts";
export { CIPHERTEXT, UDPCHAT_EVENTS } from "./pushes.ts";
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
export { UdpServerEnd } from "./server_end.ts";
export type { ServerEndEvent, ServerEndOptions } from "./server_events.ts";
export { REQUEST_TYPES, type RequestType } from "./server_requests.ts";
export { isTimeSent, writeDate, writeTimeSent } from "./times.ts";
export { Visit } from "./visit.ts";
