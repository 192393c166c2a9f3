/**
 * All sockets: addresses, TLS, pins, listeners, taps.
 *
 * @module
 */

export * from "./address.ts";
export * from "./failure.ts";
export * from "./listen.ts";
