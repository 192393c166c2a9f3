/**
 * What the server asks of everybody who is in the chat, whatever carries them: a
 * TCP connection, or a login from a UDP address.
 *
 * @module
 */

import type { Session } from "../chat/mod.ts";
import type { ServerEvent } from "../wire/mod.ts";
import type { Draining } from "./answers.ts";
import type { Reader } from "./fanout.ts";

/** Somebody's end of the chat; each is one session of the hub. */
export interface Peer extends Reader, Draining {
  /** Set before anything is asked. */
  session: Session<Peer>;
  /** For the log: the address, and the wire. */
  readonly label: string;
  /** Queues one event that answers nothing. */
  send(event: ServerEvent): void;
  /** A turn's work is done: sends what was queued. */
  flush(): void;
  /** Sends what is queued, then closes; answers whether it was taken. */
  close(): Promise<boolean>;
}
