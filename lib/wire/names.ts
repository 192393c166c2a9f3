/**
 * The names of people and rooms: their form and when two are the same
 * (docs/chatproto.md, "Names").
 *
 * @module
 */

import { WIRE_LIMITS } from "./limits.ts";
import { refusal } from "./errors.ts";

/** The room everybody starts in, and the only one that stays when empty. */
export const LOBBY = "general";

/** What the reliable-UDP wire calls {@link LOBBY}; nobody may take it as a room. */
export const RESERVED_ROOM = "General Chat Room";

/** A checked name. */
export interface Name {
  /** As it is shown: NFC. */
  readonly shown: string;
  /** As it is compared: NFC, case-folded. Equal keys mean equal names. */
  readonly key: string;
}

const USERNAME = /^[\p{L}\p{M}\p{N}_.-]+$/u;
const ROOM = /^[\p{L}\p{M}\p{N}_.-]+(?: +[\p{L}\p{M}\p{N}_.-]+)*$/u;

/** What nobody can see in a name: it must not tell two names apart. */
const INVISIBLE = /\p{Default_Ignorable_Code_Point}/gu;

/**
 * How a name is compared: case-folded code point by code point, without what
 * can't be seen (variation selectors, fillers, doubled spaces), then NFC.
 * Lower, upper, lower: so `ẞ`, `ß` and `ss` meet, and so do `Σ`, `σ` and `ς`.
 */
export function foldName(name: string): string {
  let folded = "";
  for (const character of name.normalize("NFC")) {
    folded += character.toLowerCase().toUpperCase().toLowerCase();
  }
  return folded.replace(INVISIBLE, "").replace(/ +/g, " ").normalize("NFC");
}

/**
 * UTF-16 units that a code point may have before NFC: composing takes four at
 * most, this is twice that. Longer texts are no names and MUST NOT reach
 * `normalize`, whose time grows with the square of a run of marks.
 */
const UNITS_PER_CODE_POINT = 8;

function checked(
  text: string,
  what: string,
  form: RegExp,
  most: number,
  characters: string,
): Name {
  const short = text.length <= most * UNITS_PER_CODE_POINT;
  const shown = short ? text.normalize("NFC") : "";
  const length = [...shown].length;
  if (length < 1 || length > most) {
    const found = short ? length : "far more";
    throw refusal(
      400,
      `a ${what} has 1 to ${most} characters, this one ${found}`,
    );
  }
  if (!form.test(shown)) {
    throw refusal(400, `a ${what} is made of ${characters}`);
  }
  const key = foldName(shown);
  if (key === "") {
    throw refusal(400, `a ${what} can be seen`);
  }
  return { shown, key };
}

/**
 * Checks a user name: 1–20 code points of `[\p{L}\p{M}\p{N}_.-]` after NFC.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseUsername } from "./names.ts";
 *
 * assertEquals(parseUsername("Straße"), { shown: "Straße", key: "strasse" });
 * ```
 *
 * @throws {RemoteProtocolError} 400, not fatal.
 */
export function parseUsername(text: string): Name {
  return checked(
    text,
    "user name",
    USERNAME,
    WIRE_LIMITS.usernameCodePoints,
    "letters, digits, '_', '.' and '-'",
  );
}

/**
 * Checks a room name: 1–32 code points of `[\p{L}\p{M}\p{N}_.-]` and inner
 * spaces after NFC, and not {@link RESERVED_ROOM}.
 *
 * @throws {RemoteProtocolError} 400, not fatal.
 */
export function parseRoomName(text: string): Name {
  const name = checked(
    text,
    "room name",
    ROOM,
    WIRE_LIMITS.roomCodePoints,
    "letters, digits, '_', '.', '-' and inner spaces",
  );
  if (name.key === RESERVED_KEY) {
    throw refusal(400, `the room name "${RESERVED_ROOM}" is reserved`);
  }
  return name;
}

const RESERVED_KEY = foldName(RESERVED_ROOM);
