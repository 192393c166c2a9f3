import { assertEquals } from "@std/assert";
import {
  layOutInput,
  nameStyle,
  wrap,
  wrapLines,
} from "../../../lib/client/mod.ts";

const rows = (text: string, width: number) => wrap([{ text }], width, false);

Deno.test("lines break at spaces, and within words only where they must", () => {
  assertEquals(rows("one two three", 7), ["one two", "three"]);
  assertEquals(rows("one two three", 8), ["one two", "three"]);
  assertEquals(rows("extraordinary", 5), ["extra", "ordin", "ary"]);
  assertEquals(rows("an extraordinary", 13), ["an", "extraordinary"]);
  assertEquals(rows("an extraordinary", 8), ["an extra", "ordinary"]);
  assertEquals(rows(" extraordinary", 8), [" extraor", "dinary"]);
  assertEquals(rows("", 5), [""]);
});

Deno.test("scripts without spaces break between any two characters, but not before a full stop or behind a bracket", () => {
  assertEquals(rows("bob: 世界世界", 8), ["bob: 世", "界世界"]);
  assertEquals(rows("世界。世界", 5), ["世", "界。", "世界"]);
  assertEquals(rows("世「世界」", 5), ["世", "「世", "界」"]);
  assertEquals(rows("ok👍yes", 6), ["ok👍", "yes"]);
});

Deno.test("a fingerprint that fits no row breaks between its bytes", () => {
  assertEquals(rows("key 5C:0C:AB:12:FE", 15), ["key", "5C:0C:AB:12:FE"]);
  assertEquals(rows("key 5C:0C:AB:12:FE", 8), ["key 5C:", "0C:AB:", "12:FE"]);
  assertEquals(rows("5C:0C:AB:12:FE", 6), ["5C:0C:", "AB:12:", "FE"]);
  assertEquals(rows("5C:0C:AB:12:FE", 5), ["5C:", "0C:", "AB:", "12:FE"]);
  assertEquals(rows("5C:0C:AB:12:FE", 2), [
    ...["5C", ":0", "C:", "AB", ":1", "2:", "FE"],
  ]);
});

Deno.test("each row of a text is indented as its line is", () => {
  assertEquals(
    wrapLines("it is\n  5C:0C:AB:12\n\nso far so good", 9),
    "it is\n  5C:0C:\n  AB:12\n\nso far so\ngood",
  );
});

Deno.test("width is what is seen: wide characters take two columns", () => {
  assertEquals(rows("世界世界世", 5), ["世界", "世界", "世"]);
  assertEquals(rows("😀😀😀", 4), ["😀😀", "😀"]);
  // In some terminals alone: in others a row ends early.
  assertEquals(rows("❤️❤️❤️", 4), ["❤️❤️", "❤️"]);
  assertEquals(rows("👩‍🚀👩‍🚀👩‍🚀", 8), ["👩‍🚀👩‍🚀", "👩‍🚀"]);
});

Deno.test("what is seen as one character is not cut in two", () => {
  assertEquals(rows("ae\u0301io", 2), ["ae\u0301", "io"]);
  assertEquals(rows("a👨‍👩‍👧b", 7), ["a👨‍👩‍👧", "b"]);
});

Deno.test("each row opens and closes its own styles", () => {
  assertEquals(
    wrap([{ text: "bob", style: "31" }, { text: ": hello" }], 6, true),
    ["\x1b[31mbob\x1b[0m:", "hello"],
  );
  assertEquals(
    wrap([{ text: "two words", style: "2" }], 5, true),
    ["\x1b[2mtwo\x1b[0m", "\x1b[2mwords\x1b[0m"],
  );
  assertEquals(wrap([{ text: "bob", style: "31" }], 6, false), ["bob"]);
});

Deno.test("a control character that was typed is shown, not sent to the terminal", () => {
  const { rows, cursor } = layOutInput(
    { prompt: [{ text: "> " }], text: "a\u202eb\x07", cursor: 2 },
    { width: 40, most: 3, colours: false },
  );
  assertEquals(rows, ["> a\\u202eb\\x07"]);
  assertEquals(cursor, { row: 0, column: 9 });
});

Deno.test("the cursor at the end of a full row stands on the next", () => {
  assertEquals(
    layOutInput(
      { prompt: [{ text: "> " }], text: "12345", cursor: 5 },
      { width: 7, most: 3, colours: false },
    ),
    { rows: ["> 12345", ""], cursor: { row: 1, column: 0 } },
  );
});

Deno.test("a name has one colour, however it is written", () => {
  assertEquals(nameStyle("Alice"), nameStyle("alice"));
  assertEquals(nameStyle("É"), nameStyle("e\u0301"));
});
