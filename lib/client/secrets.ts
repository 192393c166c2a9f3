/**
 * What a session knows and shows nobody: the password, and the token of the
 * session that is kept. Pure.
 *
 * @module
 */

import type { Position, Resume } from "../wire/mod.ts";
import type { Answer } from "./events.ts";
import type { ChatRequest } from "./exchange.ts";

/** How one logs in. */
interface LoginSecrets {
  readonly password?: string | undefined;
  readonly keep: boolean;
  readonly resume?: Resume | undefined;
}

/** One session's. */
export class Secrets {
  #password: string | undefined;
  #token: string | undefined;
  /** The password that was asked for, until the server has answered. */
  #asked: string | undefined;

  constructor(password: string | undefined) {
    this.#password = password;
  }

  /** The token of the session that is kept. */
  get token(): string | undefined {
    return this.#token;
  }

  /** Whether there is a password, or is to be one when the server has answered. */
  get hasPassword(): boolean {
    return this.#password !== undefined || this.#asked !== undefined;
  }

  /** The login of a wire that keeps sessions (`keeps`), or of another one. */
  login(
    keeps: boolean,
    at: { readonly positions: readonly Position[]; readonly ref: number },
  ): LoginSecrets {
    const password = this.#password;
    const token = this.#token;
    return {
      password,
      keep: keeps,
      ...token !== undefined && { resume: { type: "resume", token, ...at } },
    };
  }

  /** The session is kept under this token, unless it is known already. */
  keep(token: string | undefined): void {
    this.#token = token ?? this.#token;
  }

  /** The session that was kept is over. */
  forget(): void {
    this.#token = undefined;
  }

  /** Something is asked: it may have a password in it. */
  learn(request: ChatRequest): void {
    if (request.type === "register") this.#asked = request.password;
    if (request.type === "change_password") this.#asked = request.newPassword;
  }

  /** Something was answered: gives what of it may be shown. */
  answered(answer: Answer): Answer {
    const { type } = answer;
    if (type !== "register" && type !== "change_password") return answer;
    this.#password = this.#asked;
    this.#asked = undefined;
    if (type === "register") return answer;
    // With another password the token before ends.
    this.#token = answer.token;
    return { type };
  }

  /** Something was refused. */
  refused({ type }: ChatRequest): void {
    if (type === "register" || type === "change_password") {
      this.#asked = undefined;
    }
  }
}
