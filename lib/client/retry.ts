/**
 * Whether a connection is tried again, and when. Pure.
 *
 * @module
 */

import { type FailureKind, UserError } from "../net/mod.ts";
import type { ErrorMessage } from "../wire/mod.ts";
import { pauseBefore } from "./backoff.ts";

/** A connection that lived this long ends the growth of the pauses, ms. */
const STABLE = 5_000;

/** How often a name is tried that the server still holds for the old connection. */
const NAME_TRIES = 6;

/** How often in a row a connection is tried when only the end is waited for. */
const LAST_TRIES = 6;

/** Failures that waiting may mend. */
const PASSING: ReadonlySet<FailureKind> = new Set<FailureKind>([
  "name_not_found",
  "refused",
  "timed_out",
  "unreachable",
  "connection_lost",
  "tls_failed",
  "unavailable",
  "too_many",
  "server_failed",
]);

/** What else decides whether a connection is tried again. */
export interface Circumstances {
  /** Whether only the end is waited for, with something left to send. */
  readonly hurried: boolean;
  /** From 0 to 1. */
  readonly chance: number;
}

/** A pause before the next try. */
export interface Pause {
  /** Which pause in a row, from 1. */
  readonly attempt: number;
  /** ms. */
  readonly pause: number;
  /** Whether a connection that was ready broke; else none could be made. */
  readonly broke: boolean;
}

/** The tries of one session, after its first connection. */
export class Retries {
  #failures = 0;
  #nameTries = 0;
  #broke = false;

  /** A connection was ready. */
  succeeded(): void {
    this.#nameTries = 0;
  }

  /** A connection that was ready broke after `lived` ms. */
  broke(lived: number): void {
    if (lived >= STABLE) this.#failures = 0;
    this.#broke = true;
  }

  /** The pause before the next try; undefined when there is none. */
  next(
    kind: FailureKind,
    { hurried, chance }: Circumstances,
  ): Pause | undefined {
    if (kind === "name_taken") {
      if (++this.#nameTries >= NAME_TRIES) return undefined;
    } else if (!PASSING.has(kind)) return undefined;
    if (hurried && this.#failures >= LAST_TRIES) return undefined;
    const pause = pauseBefore(this.#failures++, chance);
    const broke = this.#broke;
    this.#broke = false;
    return { attempt: this.#failures, pause, broke };
  }
}

/** A connection that was closed before the login was answered. */
export function closedEarly(cause: UserError): UserError {
  return new UserError(
    "connection_lost",
    "The server closed the connection without an answer to the login",
    {
      advice: "It may speak another wire: chatps://, chatp://, jsons://, " +
        "json://, cps:// or cp://",
      cause,
    },
  );
}

/** The server's last words say more than that the connection is gone. */
export function closedWith(
  { text, hint }: ErrorMessage,
  cause: UserError,
): UserError {
  return new UserError("connection_lost", text, {
    ...hint !== undefined && { advice: hint },
    cause,
  });
}
