/**
 * The wire of the relay: two clients, and a server that can read nothing of
 * what they say (docs/relay.md). Pure.
 *
 * @module
 */

export * from "./relay_reader.ts";
export * from "./texts.ts";
export * from "./words.ts";
