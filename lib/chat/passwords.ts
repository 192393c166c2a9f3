/**
 * Passwords at the hub: their checks are slowed down (`throttle.ts`), and no more
 * wait than fit.
 *
 * @module
 */

import { type Name, refusal, textBytes } from "../wire/mod.ts";
import type { Core } from "./core.ts";
import type { Person, Session } from "./people.ts";
import type { Verifier } from "./state.ts";
import { Throttle } from "./throttle.ts";

/** Bytes of UTF-8 in a password, at most. */
const PASSWORD_BYTES = 1_024;

/** What a password is checked for. */
interface Check<Peer> {
  readonly name: Name;
  /** Whose it should be; nobody's is never right. */
  readonly person: Person<Peer> | undefined;
  readonly password: string;
}

/** What happens with a check. */
interface Checked {
  done(right: boolean, now: number): void;
  failed(detail: string, now: number): void;
}

/** Everything that is done with passwords. */
export class Passwords<Peer> {
  readonly #core: Core<Peer>;
  readonly #throttle = new Throttle();
  /** Passwords that wait to be checked or hashed. */
  #checks = 0;

  constructor(core: Core<Peer>) {
    this.#core = core;
  }

  /**
   * Checks a password.
   *
   * @throws {RemoteProtocolError} 429 when there were too many before.
   */
  check(
    session: Session<Peer>,
    { name, person, password }: Check<Peer>,
    now: number,
    then: Checked,
  ): void {
    const { address } = session;
    const attempt = this.#begin(address, name.key, now);
    const verifier = person?.verifier;
    const checked = { password, delay: attempt.wait };
    this.#checks++;
    this.#core.ask(
      { kind: "verify", ...checked, ...verifier && { verifier } },
      (right, now) => {
        this.#checks--;
        // It may have been changed or removed meanwhile.
        const ok = right && person?.verifier === verifier &&
          verifier !== undefined;
        if (ok) this.#throttle.succeeded(attempt, now);
        then.done(ok, now);
      },
      (detail, now) => {
        this.#checks--;
        then.failed(detail, now);
      },
    );
  }

  #begin(address: string, account: string, now: number) {
    if (this.#checks >= this.#core.limits.passwordChecks) {
      throw refusal(429, "too many passwords are being checked");
    }
    const attempt = this.#throttle.begin({ address, account }, now);
    if (attempt.type === "admitted") return attempt;
    const { seconds } = attempt;
    throw refusal(429, `too many failed tries, the next one in ${seconds} s`);
  }

  /** A verifier for a new password, in its turn. */
  hash(
    session: Session<Peer>,
    password: string,
    now: number,
    hashed: (verifier: Verifier, now: number) => void,
  ): void {
    const core = this.#core;
    checkPassword(password);
    // No name is like that: each address has a count of its own for this.
    const { address } = session;
    const { wait } = this.#begin(address, `new password from ${address}`, now);
    this.#checks++;
    session.busy = true;
    core.ask(
      { kind: "hash", password, delay: wait },
      (verifier, now) => {
        this.#checks--;
        core.attempt(session, now, () => {
          hashed(verifier, now);
          return false;
        });
      },
      (detail, now) => {
        this.#checks--;
        core.fail(session, detail, now);
      },
    );
  }
}

/**
 * Whether this can be a password.
 *
 * @throws {RemoteProtocolError} 400, 413, not fatal.
 */
export function checkPassword(password: string): void {
  // A unit of UTF-16 has three bytes at most.
  const long = password.length > PASSWORD_BYTES ||
    textBytes(password) > PASSWORD_BYTES;
  if (long) {
    throw refusal(413, `a password has at most ${PASSWORD_BYTES} bytes`);
  }
  if (!password.isWellFormed()) throw refusal(400, "the password is no text");
  if (password === "") throw refusal(400, "the password is empty");
}
