/**
 * The line that is being typed, and those typed before. Pure: keys in, a new
 * state and what is to be done out.
 *
 * @module
 */

import { type Action, actionOf, type Key } from "./keys.ts";
import { graphemes } from "./layout.ts";
import { type Paste, pastedLines } from "./paste.ts";

/** What a key press comes to. */
export type EditorOutcome =
  /** Draw the line; it may have changed. */
  | { readonly kind: "edited" }
  /** Of several lines, between which there is a `\n`, if that was pasted. */
  | { readonly kind: "submitted"; readonly line: string }
  | { readonly kind: "complete" }
  | { readonly kind: "redraw" }
  /** Stop, until the shell goes on with us. */
  | { readonly kind: "suspend" }
  /** Go to the room with this place in the list, from 0. */
  | { readonly kind: "room"; readonly index: number }
  /** Go to the next room with something unread. */
  | { readonly kind: "unread" }
  | { readonly kind: "quit" };

/** Lines that are remembered. */
const MOST_HISTORY = 500;

const EDITED: EditorOutcome = { kind: "edited" };

/** A line editor. */
export class Editor {
  #text = "";
  #cursor = 0;
  #erased = "";
  readonly #history: string[] = [];
  /** Which line of the history is shown; its length is the one being typed. */
  #shown = 0;
  #draft = "";

  /** The line. */
  get text(): string {
    return this.#text;
  }

  /** Where the cursor is in `text`, in UTF-16 units. */
  get cursor(): number {
    return this.#cursor;
  }

  /** Replaces the line. */
  set(text: string, cursor: number): void {
    this.#text = text;
    this.#cursor = cursor;
  }

  /** Takes a key press. */
  press(key: Key): EditorOutcome {
    const action = actionOf(key);
    if (action === "room") {
      return { kind: "room", index: Number(key.name) - 1 };
    }
    if (action !== undefined) return this.#act(action);
    const { text = "", ctrl, meta } = key;
    if (ctrl || meta || /^\p{Cc}*$/u.test(text)) return EDITED;
    return this.#insert(text);
  }

  /**
   * Takes what was pasted, as text. Of several lines, those that begin with a
   * slash get a second one, by which that is said: nobody has typed a command.
   */
  paste(paste: Paste): EditorOutcome {
    const lines = pastedLines(paste);
    const [only = "", ...others] = lines;
    if (others.length === 0) return this.#insert(only);
    const isWithin = /[^\n]$/u.test(this.#before);
    const said = lines.map((line, index) =>
      line.startsWith("/") && !(isWithin && index === 0) ? `/${line}` : line
    );
    return this.#insert(said.join("\n"));
  }

  #insert(text: string): EditorOutcome {
    this.#text = this.#before + text + this.#after;
    this.#cursor += text.length;
    return EDITED;
  }

  get #before(): string {
    return this.#text.slice(0, this.#cursor);
  }

  get #after(): string {
    return this.#text.slice(this.#cursor);
  }

  #act(action: Action): EditorOutcome {
    switch (action) {
      case "submit":
        return this.#submit();
      case "complete":
        return { kind: "complete" };
      case "redraw":
      case "suspend":
      case "unread":
        return { kind: action };
      case "interrupt":
        if (this.#text === "") return { kind: "quit" };
        return this.#replace("");
      case "endOfInput":
        if (this.#text === "") return { kind: "quit" };
        return this.#erase(this.#cursor, this.#rightOf(1), false);
      case "earlier":
        return this.#recall(this.#shown - 1);
      case "later":
        return this.#recall(this.#shown + 1);
      case "putBack":
        return this.#insert(this.#erased);
      default:
        return this.#moveOrErase(action);
    }
  }

  #moveOrErase(action: Action): EditorOutcome {
    const { length } = this.#text;
    switch (action) {
      case "left":
        return this.#move(this.#leftOf(1));
      case "right":
        return this.#move(this.#rightOf(1));
      case "wordLeft":
        return this.#move(this.#wordLeft());
      case "wordRight":
        return this.#move(this.#wordRight());
      case "start":
        return this.#move(0);
      case "end":
        return this.#move(length);
      case "eraseLeft":
        return this.#erase(this.#leftOf(1), this.#cursor, false);
      case "eraseRight":
        return this.#erase(this.#cursor, this.#rightOf(1), false);
      case "eraseWordLeft":
        return this.#erase(this.#wordLeft(), this.#cursor, true);
      case "eraseWordRight":
        return this.#erase(this.#cursor, this.#wordRight(), true);
      case "eraseToStart":
        return this.#erase(0, this.#cursor, true);
      case "eraseToEnd":
        return this.#erase(this.#cursor, length, true);
      default:
        return EDITED;
    }
  }

  #move(to: number): EditorOutcome {
    this.#cursor = to;
    return EDITED;
  }

  /** Erases from `start` to `end`; `keep` is for `putBack`. */
  #erase(start: number, end: number, keep: boolean): EditorOutcome {
    if (keep && end > start) this.#erased = this.#text.slice(start, end);
    this.#text = this.#text.slice(0, start) + this.#text.slice(end);
    this.#cursor = start;
    return EDITED;
  }

  #leftOf(count: number): number {
    const clusters = graphemes(this.#before);
    return clusters.slice(0, Math.max(0, clusters.length - count)).join("")
      .length;
  }

  #rightOf(count: number): number {
    return this.#cursor +
      graphemes(this.#after).slice(0, count).join("").length;
  }

  #wordLeft(): number {
    return this.#before.replace(/\S*\s*$/u, "").length;
  }

  #wordRight(): number {
    const skipped = /^\s*\S*/u.exec(this.#after)?.[0] ?? "";
    return this.#cursor + skipped.length;
  }

  #replace(text: string): EditorOutcome {
    this.#text = text;
    this.#cursor = text.length;
    return EDITED;
  }

  #submit(): EditorOutcome {
    const line = this.#text;
    if (line.trim() !== "" && line !== this.#history.at(-1)) {
      this.#history.push(line);
      if (this.#history.length > MOST_HISTORY) this.#history.shift();
    }
    this.#shown = this.#history.length;
    this.#draft = "";
    this.#replace("");
    return { kind: "submitted", line };
  }

  #recall(index: number): EditorOutcome {
    const { length } = this.#history;
    if (index < 0 || index > length) return EDITED;
    if (this.#shown === length) this.#draft = this.#text;
    this.#shown = index;
    return this.#replace(this.#history[index] ?? this.#draft);
  }
}
