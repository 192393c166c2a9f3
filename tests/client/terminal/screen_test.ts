import { assert, assertEquals } from "@std/assert";
import { type Line, type Mark, Screen } from "../../../lib/client/mod.ts";
import { Emulator } from "./emulator.ts";

class Display {
  readonly emulator: Emulator;
  readonly screen: Screen;

  constructor(
    columns: number,
    rows: number,
    before: readonly string[] = [],
    widthOf?: (character: string) => number,
  ) {
    this.emulator = new Emulator(columns, rows, widthOf);
    this.emulator.write(before.map((line) => `${line}\r\n`).join(""));
    this.screen = new Screen({ columns, rows, colours: true });
    this.type("");
  }

  print(text: string, mark: Mark = "none", id?: number): void {
    const line: Line = { time: "12:34", mark, pieces: [{ text }], id };
    this.emulator.write(this.screen.print(line));
  }

  type(text: string, cursor = text.length): void {
    const prompt = [{ text: "> ", style: "1" }];
    this.emulator.write(this.screen.setInput({ prompt, text, cursor }));
  }

  mark(id: number, mark: Mark): void {
    this.emulator.write(this.screen.mark(id, mark));
  }

  resize(columns: number, rows: number): void {
    this.emulator.columns = columns;
    this.emulator.rows = rows;
    this.emulator.write(this.screen.resize(columns, rows));
  }

  get lines(): string[] {
    return this.emulator.lines;
  }

  get cursor(): [number, number] {
    return [this.emulator.column, this.emulator.row];
  }
}

Deno.test("an incoming line does not tear what is being typed over several rows", () => {
  const display = new Display(32, 10, ["$ chatp"]);
  display.type("this is typed over more than one row", 4);
  display.print("bob: hello");
  display.print("bob: 世界 and words that go on");
  assertEquals(display.lines, [
    "$ chatp",
    "12:34   bob: hello",
    "12:34   bob: 世界 and words",
    "        that go on",
    "> this is typed over more than",
    "one row",
  ]);
  assertEquals(display.cursor, [6, 4]);
});

Deno.test("the cursor stands behind an emoji of several wherever a terminal shows its end", () => {
  const family = "👨‍👩‍👧‍👦";
  for (const width of [2, 8]) {
    const widthOf = (text: string) => text === family ? width : 1;
    const display = new Display(32, 8, [], widthOf);
    display.print("alice: one", "pending", 1);
    display.type(`a${family}b`);
    assertEquals(display.cursor, [2 + 1 + width + 1, 1]);
    display.mark(1, "acknowledged");
    assertEquals(display.cursor, [2 + 1 + width + 1, 1]);
    display.type(`a${family}b`, 1);
    assertEquals(display.cursor, [2 + 1, 1]);
    assertEquals(display.lines, ["12:34 ✓ alice: one", `> a${family}b`]);
  }
});

Deno.test("rows are broken so that an emoji of several fits where all of them are shown", () => {
  const family = "👨‍👩‍👧‍👦";
  const display = new Display(20, 8);
  display.type(family.repeat(3));
  assertEquals(display.lines, [`> ${family}${family}`, family]);
  assertEquals(display.cursor, [8, 1]);
});

Deno.test("a mark is changed in its place, wherever the cursor is", () => {
  const display = new Display(32, 8, ["$ chatp"]);
  display.print("alice: one", "pending", 1);
  display.print("alice: two that is longer than one row", "pending", 2);
  display.type("half a line that takes two of the rows", 3);
  const before = display.cursor;
  display.mark(1, "acknowledged");
  display.mark(2, "unconfirmed");
  assertEquals(display.cursor, before);
  display.type("x");
  assertEquals(display.lines, [
    "$ chatp",
    "12:34 ✓ alice: one",
    "12:34 ? alice: two that is",
    "        longer than one row",
    "> x",
  ]);
});

Deno.test("a mark that has scrolled away changes nothing on the screen", () => {
  const display = new Display(32, 4);
  display.print("alice: one", "pending", 1);
  for (const text of ["a", "b", "c", "d"]) display.print(text);
  const before = display.lines;
  display.mark(1, "acknowledged");
  display.mark(99, "acknowledged");
  assertEquals(display.lines, before);
  assertEquals(before, ["12:34   b", "12:34   c", "12:34   d", ">"]);
  // It is remembered: a screen that shows it again shows what became of it.
  display.resize(32, 8);
  assertEquals(display.lines[0], "12:34 ✓ alice: one");
});

Deno.test("a mark just above the screen is left alone though the input is short again", () => {
  const display = new Display(32, 4);
  display.print("alice: one", "pending", 1);
  display.type("so much is typed here that it needs two rows");
  display.print("a");
  display.type("");
  const before = display.lines;
  display.mark(1, "acknowledged");
  assertEquals(
    display.lines.filter((line) => line.includes("✓")).length <= 1,
    true,
  );
  assertEquals(display.lines.slice(1), before.slice(1));
});

Deno.test("after a tall input, marks change again once lines have filled its rows", () => {
  const display = new Display(32, 8);
  for (const text of ["a", "b", "c", "d", "e"]) display.print(text);
  display.type("x".repeat(100));
  display.type("");
  display.print("alice: one", "pending", 1);
  for (const text of ["f", "g", "h", "i", "j", "k"]) display.print(text);
  display.mark(1, "acknowledged");
  assertEquals(display.lines, [
    "12:34 ✓ alice: one",
    "12:34   f",
    "12:34   g",
    "12:34   h",
    "12:34   i",
    "12:34   j",
    "12:34   k",
    ">",
  ]);
  display.print("l");
  display.mark(1, "unconfirmed");
  assertEquals(display.lines.filter((line) => line.includes("?")), []);
});

Deno.test("a new size draws all that fits anew", () => {
  const display = new Display(40, 10);
  for (const text of ["one", "two", "three words are here to be broken"]) {
    display.print(text);
  }
  display.type("typed");
  display.resize(32, 4);
  assertEquals(display.lines, [
    "12:34   two",
    "12:34   three words are here to",
    "        be broken",
    "> typed",
  ]);
  assertEquals(display.cursor, [7, 3]);
});

Deno.test("what is drawn anew is not kept a second time above the screen", () => {
  const display = new Display(32, 4);
  for (const text of ["one", "two", "three"]) display.print(text);
  display.type("over two rows, of which nothing is left");
  const { kept } = display.emulator;
  const before = [...kept];
  display.type("typed");
  display.resize(31, 4);
  display.resize(32, 4);
  display.resize(32, 5);
  assertEquals(display.lines, [
    "12:34   one",
    "12:34   two",
    "12:34   three",
    "> typed",
  ]);
  assertEquals(kept, before);
});

Deno.test("a screen with nothing but what is typed is drawn anew without a rest", () => {
  const display = new Display(32, 4);
  display.type("over two rows, of which something might be left");
  display.type("typed", 0);
  display.resize(32, 2);
  assertEquals(display.lines, ["> typed"]);
  assertEquals(display.cursor, [2, 0]);
});

Deno.test("what a small screen had no room for comes back on a larger one", () => {
  const display = new Display(40, 10);
  display.print("one", "pending", 1);
  display.print("two");
  display.print("three words are here to be broken into rows");
  display.resize(30, 3);
  assertEquals(display.lines, [
    "        to be broken into",
    "        rows",
    ">",
  ]);
  const before = display.lines;
  display.mark(1, "acknowledged");
  assertEquals(display.lines, before);
  display.resize(40, 10);
  assertEquals(display.lines, [
    "12:34 ✓ one",
    "12:34   two",
    "12:34   three words are here to be",
    "        broken into rows",
    ">",
  ]);
  display.mark(1, "unconfirmed");
  assertEquals(display.lines[0], "12:34 ? one");
});

Deno.test("a narrow terminal has no room for times", () => {
  const display = new Display(12, 6);
  display.print("alice: hello", "pending", 1);
  display.mark(1, "acknowledged");
  assertEquals(display.lines, ["✓ alice:", "  hello", ">"]);
});

Deno.test("more typed rows than half the screen show those around the cursor", () => {
  const display = new Display(12, 4);
  display.print("a");
  display.type("0123456789".repeat(5));
  assertEquals(display.lines, ["  a", "12345678901", "23456789"]);
  display.type("0123456789".repeat(5), 0);
  assertEquals(display.lines, ["  a", "> 012345678", "90123456789"]);
  assertEquals(display.cursor, [2, 1]);
});

Deno.test("lines that come in do not lay out anew what is being typed", () => {
  const display = new Display(40, 10);
  display.type("é".repeat(2000));
  const { segment } = Intl.Segmenter.prototype;
  let characters = 0;
  Intl.Segmenter.prototype.segment = function (text: string) {
    characters += text.length;
    return segment.call(this, text);
  };
  try {
    for (let count = 0; count < 20; count++) {
      display.emulator.write(
        display.screen.print({
          time: "12:34",
          mark: "none",
          pieces: [{ text: "世界" }],
        }),
      );
    }
  } finally {
    Intl.Segmenter.prototype.segment = segment;
  }
  // Each line, by the screen; the emulator draws at most half a screen each.
  assert(characters < 20 * (2 + 10 * 40), `${characters} characters`);
});

Deno.test("stopping leaves the lines and takes the input away", () => {
  const display = new Display(32, 6);
  display.print("bye");
  display.type("never sent");
  display.emulator.write(display.screen.stop());
  assertEquals(display.lines, ["12:34   bye"]);
});
