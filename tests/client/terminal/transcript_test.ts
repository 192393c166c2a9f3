import { assertEquals } from "@std/assert";
import {
  eventPieces,
  nameStyle,
  ownMessage,
  type SecretMark,
  STYLES,
} from "../../../lib/client/mod.ts";

const VIEWER = {
  username: "alice",
  room: "general",
  server: "chatps://here:5555",
} as const;

const said = (secret?: SecretMark) => ({
  type: "private_msg_delivery" as const,
  sender: "bob",
  recipient: "alice",
  text: "at six",
  ...secret !== undefined && { secret },
});

Deno.test("in front of a private message stands how secret it is, and what should be and is not is red", () => {
  const cases: readonly [SecretMark | undefined, string, string, string][] = [
    [undefined, "[private] ", STYLES.bold, ": at six"],
    [{ kind: "opened" }, "[secret] ", STYLES.good, ": at six"],
    [{ kind: "clear" }, "[private, NOT SECRET] ", STYLES.bad, ": at six"],
    [{ kind: "before" }, "[private, not secret] ", STYLES.doubtful, ": at six"],
    [
      { kind: "refused", why: "forged\x1b" },
      "[secret, not opened] ",
      STYLES.bad,
      ": forged\\x1b",
    ],
  ];
  for (const [secret, label, style, text] of cases) {
    const pieces = eventPieces(said(secret), VIEWER) ?? [];
    assertEquals([pieces[0], pieces.at(-1)], [{ text: label, style }, {
      text,
    }]);
  }
});

Deno.test("who says one's name stands out, where it is a word of its own", () => {
  const style = (text: string, sender = "bob") =>
    eventPieces({ type: "room_msg", room: "general", sender, text }, VIEWER)
      ?.[0]?.style;
  const [plain, out] = [nameStyle("bob"), `7;${nameStyle("bob")}`];
  for (const text of ["Alice: hi", "hi @alice!", "so, ALICE.", "alice-"]) {
    assertEquals(style(text), out, text);
  }
  for (
    const text of ["alice2: hi", "malice", "hi al.ice", "\u0301".repeat(8_000)]
  ) {
    assertEquals(style(text), plain, text);
  }
  assertEquals(style("I am alice", "Alice"), nameStyle("alice"));
});

Deno.test("a message of one's own says whether it is to be secret", () => {
  const request = {
    type: "private_msg",
    recipient: "bob",
    text: "at six",
  } as const;
  const label = (isSecret: boolean) =>
    ownMessage(request, VIEWER, isSecret)?.[0]?.text;
  assertEquals([label(false), label(true)], ["[private] to ", "[secret] to "]);
});
