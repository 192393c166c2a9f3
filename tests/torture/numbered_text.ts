/**
 * Texts that say who wrote them and which one they are, so that every copy of
 * one can be told from every other, and a changed one from a whole one.
 *
 * @module
 */

import type { Text } from "../../lib/wire/mod.ts";

/** More than a player ever says. */
const PER_PLAYER = 1_000_000_000;

const FILLER = "and then some – é 🙂 ".repeat(40);

/** One number for a player's message: unique, rising for each player. */
export function messageKey(player: number, number: number): number {
  return player * PER_PLAYER + number;
}

/** The message of a key: of different lengths; each eighth is ciphertext. */
export function numberedText(key: number): Text {
  const filler = FILLER.slice(0, (key * 7_919) % FILLER.length).toWellFormed();
  const text = `${key} ${filler}.`;
  return key % 8 === 0 ? new TextEncoder().encode(text) : text;
}

/** The key of a text that came back, or undefined if it isn't whole. */
export function keyOf(text: Text): number | undefined {
  const ciphertext = typeof text !== "string";
  const shown = ciphertext ? new TextDecoder().decode(text) : text;
  const key = Number(shown.slice(0, shown.indexOf(" ")));
  if (!Number.isSafeInteger(key) || ciphertext !== (key % 8 === 0)) {
    return undefined;
  }
  const whole = numberedText(key);
  const expected = typeof whole === "string"
    ? whole
    : new TextDecoder().decode(whole);
  return shown === expected ? key : undefined;
}

/** A message as a fault names it. */
export function describeKey(key: number): string {
  return `message ${key % PER_PLAYER} of player ${
    Math.floor(key / PER_PLAYER)
  }`;
}
