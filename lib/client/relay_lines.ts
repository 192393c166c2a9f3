/**
 * What a client of the relay shows of what comes (docs/relay.md). Pure.
 *
 * @module
 */

import { printable, type RelayEvent } from "../wire/mod.ts";

const RULE = "-".repeat(16);

/** The lines that show an event, safe for a terminal. */
export function relayLines(event: RelayEvent): string[] {
  switch (event.type) {
    case "ready":
      return ["server ready"];
    case "full":
      return ["server full"];
    case "exit":
      return [`received ${event.ciphertext.length} bytes`];
    case "text":
      return [
        ...ciphertextLines(event.ciphertext),
        "plaintext:",
        RULE,
        printable(event.text),
        RULE,
      ];
    case "undecryptable":
      return [
        ...ciphertextLines(event.ciphertext),
        "no plaintext: the block was not made for this key",
      ];
  }
}

function ciphertextLines(ciphertext: Uint8Array): string[] {
  return [
    `received ${ciphertext.length} bytes`,
    "ciphertext:",
    RULE,
    ciphertext.toHex(),
    RULE,
  ];
}
