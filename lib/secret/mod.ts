/**
 * End-to-end secrecy of direct messages (docs/end_to_end.md): keys, envelopes,
 * known keys, replays. No socket.
 *
 * @module
 */

export { ID_BYTES } from "./envelope.ts";
export * from "./key_book.ts";
export * from "./key_file.ts";
export * from "./keys.ts";
export * from "./known_keys.ts";
export * from "./replay_book.ts";
export * from "./replays.ts";
export * from "./safety_number.ts";
export * from "./sealed_message.ts";
export * from "./secret_error.ts";
