import {
  assert,
  assertEquals,
  assertNotEquals,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import {
  foldName,
  LOBBY,
  parseRoomName,
  parseUsername,
  RemoteProtocolError,
  RESERVED_ROOM,
} from "../../lib/wire/mod.ts";

function refused(parse: (text: string) => unknown, text: string): string {
  const error = assertThrows(() => parse(text), RemoteProtocolError);
  assertEquals([error.code, error.fatal], [400, false]);
  return error.message;
}

Deno.test("a user name has 1 to 20 code points, wherever they are", () => {
  for (const letter of ["a", "é", "日", "𝒜", "𠮷"]) {
    assertStrictEquals(
      parseUsername(letter.repeat(20)).shown,
      letter.repeat(20),
    );
    assertStringIncludes(
      refused(parseUsername, letter.repeat(21)),
      "a user name has 1 to 20 characters, this one 21",
    );
  }
  assertStringIncludes(refused(parseUsername, ""), "this one 0");
});

Deno.test("a room name has 1 to 32 code points", () => {
  assertStrictEquals(parseRoomName("𠮷".repeat(32)).shown, "𠮷".repeat(32));
  refused(parseRoomName, "𠮷".repeat(33));
  refused(parseRoomName, "");
});

Deno.test("a name is counted and shown after NFC", () => {
  assertStrictEquals(parseUsername("e\u0301".repeat(20)).shown, "é".repeat(20));
  // Four code points to one, the most that there is.
  const composed = "\u1f82".repeat(20);
  const apart = "\u03b1\u0313\u0300\u0345".repeat(20);
  assertStrictEquals(parseUsername(apart).shown, composed);
  // The composed form of this one is excluded: one becomes two.
  refused(parseUsername, "\u0958".repeat(11));
});

Deno.test("a name that is far too long is refused before it is normalised", () => {
  const marks = "a" + "\u0301".repeat(10_000) + "\u0323".repeat(10_000);
  const { normalize } = String.prototype;
  let normalised = 0;
  String.prototype.normalize = function (form) {
    normalised += this.length;
    return normalize.call(this, form);
  };
  try {
    assertStringIncludes(refused(parseUsername, marks), "far more");
    assertStringIncludes(refused(parseRoomName, marks), "far more");
  } finally {
    String.prototype.normalize = normalize;
  }
  assertStrictEquals(normalised, 0);
});

Deno.test("a name is made of letters, marks, numbers, '_', '.' and '-'", () => {
  const good = [
    "a",
    "A1",
    "_.-",
    ".",
    "Ægir",
    "Ολγα",
    "日本",
    "नमस्ते",
    "٣",
    "Ⅷ",
    "x²",
  ];
  for (const name of good) assertStrictEquals(parseUsername(name).shown, name);
  refused(parseUsername, "a b");
  const bad = [
    " ",
    "a\tb",
    "a\n",
    "\0",
    "a\x7f",
    "a\x85",
    "a\u00a0b",
    "a\u3000b",
    "a@b",
    "a:b",
    "a/b",
    "a,b",
    "#a",
    "'",
    '"',
    "\\",
    "<a>",
    "👋",
    "a👍🏽",
    "€",
    "a\u200bb",
    "a\u200db",
    "\u202ea",
    "\u2028",
    "\ufeffa",
    "\ud800",
    "\udc00a",
    "\ufffd",
    "\ue000",
    "a\u{e0041}",
  ];
  for (const name of bad) {
    refused(parseUsername, name);
    refused(parseRoomName, name);
  }
});

Deno.test("a room name may have spaces, but none first or last", () => {
  assertStrictEquals(parseRoomName("tea and talk").shown, "tea and talk");
  assertStrictEquals(parseRoomName("a  b").shown, "a  b");
  for (const name of [" a", "a ", " ", "  "]) refused(parseRoomName, name);
});

/** Names of which all in a row are the same. */
const SAME: readonly (readonly string[])[] = [
  ["alice", "Alice", "ALICE", "aLiCe"],
  ["straße", "STRASSE", "Strasse", "STRAẞE"],
  ["σίσυφος", "ΣΊΣΥΦΟΣ", "σίσυφοσ"],
  ["é", "e\u0301", "É", "E\u0301"],
  ["Å", "å", "\u212b"],
  ["K", "k", "\u212a"],
  ["\u0130stanbul", "i\u0307stanbul"],
  ["ǆ", "ǅ", "Ǆ"],
  ["ﬁn", "FIN", "fin"],
  ["ᾳ", "ᾼ"],
  ["ΐ", "\u03b9\u0308\u0301"],
  ["Ꭰ", "ꭰ"],
  ["𐐀", "𐐨"],
];

for (const names of SAME) {
  Deno.test(`${names.map((name) => JSON.stringify(name)).join(", ")} are one name`, () => {
    const keys = names.map((name) => parseUsername(name).key);
    assertEquals(keys, names.map(() => keys[0] as string));
  });
}

Deno.test("names that differ by more than case stay apart", () => {
  const names = [
    "e",
    "é",
    "o",
    "ö",
    "oe",
    "alice",
    "alice_",
    "s",
    "ss",
    "日",
    "日本",
    "i\u0307",
  ];
  assertStrictEquals(new Set(names.map(foldName)).size, names.length);
});

Deno.test("what can't be seen makes no other name, and is no name by itself", () => {
  assertStrictEquals(
    parseUsername("ali\uFE0Fce").key,
    parseUsername("alice").key,
  );
  assertStrictEquals(parseRoomName("a  b").key, parseRoomName("a b").key);
  assertStringIncludes(refused(parseUsername, "\uFE0F"), "can be seen");
  assertStringIncludes(
    refused(parseRoomName, "General  Chat Room"),
    "reserved",
  );
});

Deno.test("every character that a name may have is one with its other cases", () => {
  const allowed = /^[\p{L}\p{M}\p{N}_.-]$/u;
  let letters = 0;
  for (let point = 0; point <= 0x10ffff; point++) {
    const character = String.fromCodePoint(point);
    if (!allowed.test(character)) continue;
    letters++;
    const key = foldName(character);
    assertStrictEquals(foldName(character.toUpperCase()), key, character);
    assertStrictEquals(foldName(character.toLowerCase()), key, character);
    assertStrictEquals(foldName(character.normalize("NFD")), key, character);
    assertStrictEquals(foldName(key), key, character);
  }
  assert(letters > 100_000);
});

Deno.test("the reserved room can't be taken in any case, and the lobby can", () => {
  assertStrictEquals(RESERVED_ROOM, "General Chat Room");
  for (
    const name of [RESERVED_ROOM, "general chat room", "GENERAL CHAT ROOM"]
  ) {
    assertStringIncludes(refused(parseRoomName, name), "reserved");
  }
  assertStrictEquals(parseRoomName("General Chat").shown, "General Chat");
  assertStrictEquals(parseRoomName("GENERAL").key, parseRoomName(LOBBY).key);
  assertNotEquals(parseRoomName("General Chat Rooms").key, foldName(LOBBY));
});
