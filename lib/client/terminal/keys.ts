/**
 * Which key does what, in one table that the editor, docs/connect.md and the
 * tests read.
 *
 * @module
 */

/** A key press, as `node:readline` decodes it. */
export interface Key {
  /** What it types, if anything. */
  readonly text?: string | undefined;
  readonly name?: string | undefined;
  readonly ctrl: boolean;
  readonly meta: boolean;
}

/** One row of {@link KEYS}. */
interface KeyRow {
  /** As they are written here and in the docs: `Ctrl+A`, `Alt+B`, `Left`. */
  readonly keys: readonly string[];
  readonly help: string;
}

/** Every key with a meaning, by what it does. */
export const KEYS = {
  submit: { keys: ["Enter"], help: "Send the line, or obey it" },
  complete: {
    keys: ["Tab"],
    help: "Complete a command, a room or a name; show the choices",
  },
  left: { keys: ["Left", "Ctrl+B"], help: "One character to the left" },
  right: { keys: ["Right", "Ctrl+F"], help: "One character to the right" },
  wordLeft: {
    keys: ["Ctrl+Left", "Alt+Left", "Alt+B"],
    help: "One word to the left",
  },
  wordRight: {
    keys: ["Ctrl+Right", "Alt+Right", "Alt+F"],
    help: "One word to the right",
  },
  start: { keys: ["Home", "Ctrl+A"], help: "To the start of the line" },
  end: { keys: ["End", "Ctrl+E"], help: "To the end of the line" },
  earlier: { keys: ["Up", "Ctrl+P"], help: "The line typed before" },
  later: { keys: ["Down", "Ctrl+N"], help: "The line typed after" },
  eraseLeft: {
    keys: ["Backspace", "Ctrl+H"],
    help: "Erase the character to the left",
  },
  eraseRight: { keys: ["Delete"], help: "Erase the character at the cursor" },
  eraseWordLeft: {
    keys: ["Ctrl+W", "Alt+Backspace"],
    help: "Erase the word to the left",
  },
  eraseWordRight: { keys: ["Alt+D"], help: "Erase the word to the right" },
  eraseToStart: { keys: ["Ctrl+U"], help: "Erase all to the left" },
  eraseToEnd: { keys: ["Ctrl+K"], help: "Erase all to the right" },
  putBack: { keys: ["Ctrl+Y"], help: "Put back what was erased last" },
  room: {
    keys: ["Alt+1", "Alt+2", "Alt+3", "Alt+4", "Alt+5", "Alt+6"],
    help: "Go to the first, second … of your rooms",
  },
  unread: {
    keys: ["Alt+A"],
    help: "Go to the next of your rooms in which something is unread",
  },
  redraw: { keys: ["Ctrl+L"], help: "Draw the screen anew" },
  suspend: {
    keys: ["Ctrl+Z"],
    help: "Stop, until the shell's fg goes on with it; not on Windows",
  },
  interrupt: {
    keys: ["Ctrl+C"],
    help: "Throw the line away; leave the chat when it is empty",
  },
  endOfInput: {
    keys: ["Ctrl+D"],
    help: "Erase the character at the cursor; leave the chat on an empty line",
  },
} as const satisfies Record<string, KeyRow>;

/** What a key can do. */
export type Action = keyof typeof KEYS;

const ACTIONS: ReadonlyMap<string, Action> = new Map(
  (Object.keys(KEYS) as Action[]).flatMap((action) =>
    KEYS[action].keys.map((key) => [key.toLowerCase(), action] as const)
  ),
);

/** Names of `node:readline` that differ from those on the keys. */
const RENAMED: Readonly<Record<string, string>> = {
  return: "enter",
};

/** What a key does, or undefined when it has no meaning, or types something. */
export function actionOf({ name = "", ctrl, meta }: Key): Action | undefined {
  const modifier = `${ctrl ? "ctrl+" : ""}${meta ? "alt+" : ""}`;
  return ACTIONS.get(modifier + (RENAMED[name] ?? name));
}
