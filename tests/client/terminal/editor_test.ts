import { assertEquals } from "@std/assert";
import { actionOf, Editor, type Key, KEYS } from "../../../lib/client/mod.ts";

/** `Ctrl+A` as a key press, any other text as typed. */
function key(written: string): Key {
  const parts = written.split("+");
  const last = parts.at(-1) ?? "";
  const known = Object.values(KEYS).some(({ keys }) =>
    (keys as readonly string[]).includes(written)
  );
  if (!known) return { text: written, ctrl: false, meta: false };
  return {
    name: last === "Enter" ? "return" : last.toLowerCase(),
    ctrl: parts.includes("Ctrl"),
    meta: parts.includes("Alt"),
  };
}

/** Presses keys; gives the line with `|` at the cursor. */
function edit(...keys: string[]): string {
  const editor = new Editor();
  keys.forEach((each) => editor.press(key(each)));
  const { text, cursor } = editor;
  return `${text.slice(0, cursor)}|${text.slice(cursor)}`;
}

Deno.test("the keys of Emacs and the arrows edit the line", () => {
  const typed = ["one two  three"];
  assertEquals(edit(...typed, "Ctrl+A", "x"), "x|one two  three");
  assertEquals(edit(...typed, "Home", "Right", "Delete"), "o|e two  three");
  assertEquals(edit(...typed, "Left", "Backspace"), "one two  thr|e");
  assertEquals(edit(...typed, "Ctrl+W"), "one two  |");
  assertEquals(edit(...typed, "Alt+B", "Alt+B"), "one |two  three");
  assertEquals(edit(...typed, "Home", "Alt+F", "Alt+F"), "one two|  three");
  assertEquals(edit(...typed, "Home", "Alt+D"), "| two  three");
  assertEquals(edit(...typed, "Alt+B", "Ctrl+K"), "one two  |");
  assertEquals(edit(...typed, "Alt+B", "Ctrl+U"), "|three");
  assertEquals(
    edit(...typed, "Alt+B", "Ctrl+U", "End", "Ctrl+Y"),
    "threeone two  |",
  );
  assertEquals(edit(...typed, "Ctrl+C"), "|");
  assertEquals(edit("ab", "Left", "Ctrl+D"), "a|");
});

Deno.test("what is seen as one character is erased and passed as one", () => {
  assertEquals(edit("a👨‍👩‍👧e\u0301", "Left", "Left"), "a|👨‍👩‍👧e\u0301");
  assertEquals(edit("a👨‍👩‍👧", "Backspace"), "a|");
  assertEquals(edit("e", "\u0301", "Backspace"), "|");
});

Deno.test("lines typed before come back, and the one being typed too", () => {
  const editor = new Editor();
  const press = (...keys: string[]) => {
    keys.forEach((each) => editor.press(key(each)));
    return editor.text;
  };
  press("one", "Enter", "two", "Enter", "two", "Enter", " ", "Enter", "draft");
  assertEquals(press("Up"), "two");
  assertEquals(press("Up"), "one");
  assertEquals(press("Up"), "one");
  assertEquals(press("Down"), "two");
  assertEquals(press("Down"), "draft");
  assertEquals(press("Down"), "draft");
});

Deno.test("enter submits, and an empty line leaves on Ctrl+C and Ctrl+D", () => {
  const editor = new Editor();
  editor.press(key("hi"));
  assertEquals(editor.press(key("Enter")), { kind: "submitted", line: "hi" });
  assertEquals(editor.text, "");
  assertEquals(editor.press(key("Ctrl+C")), { kind: "quit" });
  assertEquals(editor.press(key("Ctrl+D")), { kind: "quit" });
  assertEquals(editor.press(key("Tab")), { kind: "complete" });
  assertEquals(editor.press(key("Ctrl+L")), { kind: "redraw" });
});

Deno.test("keys without a meaning type nothing", () => {
  const editor = new Editor();
  editor.press({ text: "\x1b", name: "escape", ctrl: false, meta: true });
  editor.press({ text: "\x07", name: "g", ctrl: true, meta: false });
  editor.press({ name: "f5", ctrl: false, meta: false });
  assertEquals(editor.text, "");
});

Deno.test("no key does two things", () => {
  const keys = Object.values(KEYS).flatMap((row) =>
    row.keys as readonly string[]
  );
  assertEquals(new Set(keys).size, keys.length);
  for (const [action, row] of Object.entries(KEYS)) {
    for (const each of row.keys) {
      assertEquals(actionOf(key(each)), action, each);
    }
  }
});
