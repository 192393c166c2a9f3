/**
 * The words of the relay that are not ciphertext (docs/relay.md, "On the
 * line").
 *
 * @module
 */

/** What the server sends to both clients once both are there. */
export const SERVER_READY = "server ready\n";

/** What the server sends to a third client before it closes. */
export const SERVER_FULL = "server full\n";

/** The text that is not shown and ends the conversation. */
export const EXIT = "exit";
