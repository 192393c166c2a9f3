/**
 * Asking for passwords, one line after the other. Pure: whoever reads the lines
 * takes care that nobody sees them.
 *
 * @module
 */

import { checkPassword } from "../chat/mod.ts";
import { RemoteProtocolError } from "../wire/mod.ts";
import type { ChatRequest } from "./exchange.ts";
import { hasControls, shortness } from "./new_password.ts";

/** What asks for passwords. */
export type PasswordCommand = "register" | "passwd";

const QUESTIONS: Readonly<Record<PasswordCommand, readonly string[]>> = {
  register: ["Password for your account: "],
  passwd: ["Your password until now: ", "Your new password: "],
};

const AGAIN = "The same again: ";

/** What a line leads to. */
export type PasswordAnswer =
  | { readonly kind: "more" }
  | {
    readonly kind: "request";
    readonly request: ChatRequest;
    /** What should be known of the new password. */
    readonly warning?: string;
  }
  | { readonly kind: "mistake"; readonly text: string; readonly hint: string };

/** The questions of one command. */
export class PasswordDialogue {
  readonly #command: PasswordCommand;
  readonly #questions: readonly string[];
  readonly #answers: string[] = [];

  /** `twice`: the new one has to be typed twice, as nobody sees it. */
  constructor(command: PasswordCommand, twice: boolean) {
    this.#command = command;
    this.#questions = [...QUESTIONS[command], ...twice ? [AGAIN] : []];
  }

  /** What is asked now. */
  get prompt(): string {
    return this.#questions[this.#answers.length] ?? "";
  }

  /** How many lines are still to come. */
  get left(): number {
    return this.#questions.length - this.#answers.length;
  }

  /** Takes a line. */
  answer(line: string): PasswordAnswer {
    if (line === "") {
      const hint = `Type /${this.#command} to begin again`;
      return { kind: "mistake", text: "Nothing was typed", hint };
    }
    const wrong = wrongWith(line, this.#isNew);
    if (wrong !== undefined) {
      const hint = `Nothing was changed; type /${this.#command} to try again`;
      return { kind: "mistake", text: wrong, hint };
    }
    const isAgain = this.prompt === AGAIN;
    if (isAgain && line !== this.#answers.at(-1)) {
      const hint = `Nothing was changed; type /${this.#command} to try again`;
      return { kind: "mistake", text: "The two are not the same", hint };
    }
    this.#answers.push(line);
    if (this.#answers.length < this.#questions.length) return { kind: "more" };
    const warning = shortness(line);
    return {
      kind: "request",
      request: this.#request,
      ...warning !== undefined && { warning },
    };
  }

  /** Whether it is the new password that is asked for now. */
  get #isNew(): boolean {
    return this.#command === "register" || this.#answers.length > 0;
  }

  get #request(): ChatRequest {
    const [password = "", newPassword = ""] = this.#answers;
    return this.#command === "register"
      ? { type: "register", password }
      : { type: "change_password", password, newPassword };
  }
}

/**
 * Why this can be nobody's password, if that is so, as no wire may carry it; or
 * why it should be nobody's new one.
 */
function wrongWith(password: string, isNew: boolean): string | undefined {
  try {
    checkPassword(password);
    if (isNew && hasControls(password)) {
      return "The password has a control character in it";
    }
  } catch (error) {
    if (error instanceof RemoteProtocolError) return error.message;
    throw error;
  }
  return undefined;
}
