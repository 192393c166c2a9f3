/**
 * What is pasted, told apart from what is typed: bracketed paste, as xterm has
 * it and nearly every terminal since. Pure.
 *
 * A terminal that was sent {@link PASTES_ON} puts a mark before what is pasted
 * and one behind it. One that does not know it sends keys, as ever. Where the
 * one behind it never comes, Ctrl+C ends a paste: it counts as pressed when it
 * comes alone, and after some silence.
 *
 * @module
 */

/** Asks a terminal to mark what is pasted. */
export const PASTES_ON = "\x1b[?2004h";

/** Asks it not to any more. */
export const PASTES_OFF = "\x1b[?2004l";

const START = "\x1b[200~";
const END = "\x1b[201~";

const CTRL_C = "\x03";

/** Silence after which nobody pastes a Ctrl+C, ms. */
const SILENCE = 200;

/** What was pasted. */
export interface Paste {
  /** As the terminal sent it. */
  readonly pasted: string;
}

/** Part of what a terminal sends: what was typed, still encoded, or a paste. */
export type Incoming = Paste | { readonly typed: string };

/** Takes what a terminal sends apart, wherever it is cut into reads. */
export class PasteReader {
  /** The last of what came, which may be the beginning of a mark. */
  #kept = "";
  /** What was pasted so far, while the end is missing. */
  #pasted: string[] | undefined;
  /** When something was read that is no Ctrl+C alone, ms. */
  #read = -Infinity;

  /**
   * Takes what one read gave at `now`, in ms of any clock; a paste comes when it
   * is whole.
   */
  take(text: string, now: number): Incoming[] {
    const incoming: Incoming[] = [];
    if (this.#isInterrupted(text, now)) {
      incoming.push({ pasted: [...this.#pasted ?? [], this.#kept].join("") });
      this.#pasted = undefined;
      this.#kept = "";
    }
    let rest = this.#kept + text;
    for (;;) {
      const mark = this.#pasted === undefined ? START : END;
      const at = rest.indexOf(mark);
      if (at < 0) {
        const end = rest.length - beginningOf(mark, rest);
        this.#kept = rest.slice(end);
        this.#put(rest.slice(0, end), incoming);
        return incoming;
      }
      this.#put(rest.slice(0, at), incoming);
      rest = rest.slice(at + mark.length);
      if (this.#pasted !== undefined) {
        incoming.push({ pasted: this.#pasted.join("") });
      }
      this.#pasted = this.#pasted === undefined ? [] : undefined;
    }
  }

  #isInterrupted(text: string, now: number): boolean {
    if (text !== CTRL_C) this.#read = now;
    return this.#pasted !== undefined && now - this.#read >= SILENCE;
  }

  /** Whether something typed is kept back that may begin a mark. */
  get isWaiting(): boolean {
    return this.#pasted === undefined && this.#kept !== "";
  }

  /** Gives what is kept back: it was typed, as nothing came behind it. */
  giveUp(): Incoming[] {
    if (!this.isWaiting) return [];
    const typed = this.#kept;
    this.#kept = "";
    return [{ typed }];
  }

  #put(text: string, incoming: Incoming[]): void {
    if (text === "") return;
    if (this.#pasted === undefined) incoming.push({ typed: text });
    else this.#pasted.push(text);
  }
}

/** How many characters at the end of `text` may be the beginning of `mark`. */
function beginningOf(mark: string, text: string): number {
  for (let length = mark.length - 1; length > 0; length--) {
    if (text.endsWith(mark.slice(0, length))) return length;
  }
  return 0;
}

/** What a line may hold: tabs, but no other control character. */
const DROPPED = /[^\P{Cc}\t\n]/gu;

/**
 * The lines that were pasted, without the break behind the last one: a line
 * that was copied whole has one, and is still one line.
 */
export function pastedLines({ pasted }: Paste): string[] {
  return pasted.replace(/\r\n?/gu, "\n").replace(DROPPED, "")
    .replace(/\n+$/u, "").split("\n");
}
