/**
 * The server on real sockets.
 *
 * @module
 */

export * from "./logger.ts";
export * from "./server.ts";
