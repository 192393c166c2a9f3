/**
 * How a session is made.
 *
 * @module
 */

import type { Clock } from "./clock.ts";
import type { SessionEvent } from "./events.ts";
import type { OpenLink } from "./link.ts";
import type { SecrecyOptions } from "./secrecy.ts";

/** How a session is made. */
export interface SessionOptions {
  readonly open: OpenLink;
  readonly username: string;
  readonly password?: string | undefined;
  /** The room to join; default: the one that the login leads to. */
  readonly room?: string | undefined;
  /** Whether the account is to be made if there is none. */
  readonly register?: boolean | undefined;
  /**
   * What the keys of its messages begin with, for wires that have keys: 24
   * hexadecimal digits by chance.
   */
  readonly keys?: string | undefined;
  /** What secret messages take; without it there are none. */
  readonly secrecy?: SecrecyOptions | undefined;
  /** How long a login may take, ms. */
  readonly loginTimeout: number;
  readonly clock: Clock;
  /** From 0 to 1. */
  readonly random: () => number;
  readonly onEvent: (event: SessionEvent) => void;
}
