import { assertEquals } from "@std/assert";
import { pastedLines, PasteReader } from "../../../lib/client/mod.ts";

const SENT = "a\x1b[Ab\x1b[200~one\ttwo\x1b[200~\r\x1b\x1b[201~c\x1b[D";

const TAKEN = [
  { typed: "a\x1b[Ab" },
  { pasted: "one\ttwo\x1b[200~\r\x1b" },
  { typed: "c\x1b[D" },
];

Deno.test("a paste is told apart from keys, however the reads cut them", () => {
  assertEquals(new PasteReader().take(SENT, 0), TAKEN);
  for (let cut = 1; cut < SENT.length; cut++) {
    const reader = new PasteReader();
    const parts = [
      ...reader.take(SENT.slice(0, cut), 0),
      ...reader.take(SENT.slice(cut), 1),
    ];
    // Keys may come in two parts.
    const text = (from: number, to: number) =>
      parts.slice(from, to).map((each) => "typed" in each ? each.typed : "")
        .join("");
    const paste = parts.findIndex((each) => "pasted" in each);
    assertEquals(
      [
        { typed: text(0, paste) },
        parts[paste],
        { typed: text(paste + 1, parts.length) },
      ],
      TAKEN,
      `cut at ${cut}`,
    );
  }
});

Deno.test("what may begin a mark waits, and is a key when nothing follows", () => {
  const reader = new PasteReader();
  assertEquals(reader.take("x\x1b", 0), [{ typed: "x" }]);
  assertEquals(reader.isWaiting, true);
  assertEquals(reader.giveUp(), [{ typed: "\x1b" }]);
  assertEquals(reader.isWaiting, false);
  assertEquals(reader.take("y", 0), [{ typed: "y" }]);
  assertEquals(reader.giveUp(), []);
});

Deno.test("within a paste nothing is given up, however long its end takes", () => {
  const reader = new PasteReader();
  assertEquals(reader.take("\x1b[200~a\x1b[2", 0), []);
  assertEquals(reader.isWaiting, false);
  assertEquals(reader.giveUp(), []);
  assertEquals(reader.take("01~", 60_000), [{ pasted: "a" }]);
});

Deno.test("a paste whose end never comes is ended by Ctrl+C, alone and after a silence", () => {
  const reader = new PasteReader();
  assertEquals(reader.take("\x1b[200~a", 0), []);
  assertEquals(reader.take("b\x03", 500), []);
  assertEquals(reader.take("\x03", 699), []);
  assertEquals(reader.take("\x03c", 1_000), []);
  assertEquals(reader.take("\x03", 1_199), []);
  assertEquals(reader.take("\x1b[2", 1_300), []);
  assertEquals(reader.take("\x03", 1_500), [
    { pasted: "ab\x03\x03\x03c\x03\x1b[2" },
    { typed: "\x03" },
  ]);
  assertEquals(reader.take("d", 1_501), [{ typed: "d" }]);
});

Deno.test("pasted lines keep their tabs and lose other control characters", () => {
  const lines = (pasted: string) => pastedLines({ pasted });
  assertEquals(lines("a\tb\x1b[31m\x07\x7f\x85c"), ["a\tb[31mc"]);
  assertEquals(lines("one\r\ntwo\rthree\n\nfour\n\n"), [
    "one",
    "two",
    "three",
    "",
    "four",
  ]);
  assertEquals(lines("\n"), [""]);
});
