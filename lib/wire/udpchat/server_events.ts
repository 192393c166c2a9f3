/**
 * What one address has its server do, and how it begins.
 *
 * @module
 */

import type { ErrorCode, RemoteProtocolError } from "../errors.ts";
import type { Login, Receipt, Register, Request, Resume } from "../requests.ts";
import type { KeptLogins } from "./kept_logins.ts";
import type { Visit } from "./visit.ts";

/** What an address wants done; a `visit` stands for a session of the hub. */
export type ServerEndEvent =
  /** Begin a session, with this as its first request. */
  | {
    readonly type: "open";
    readonly visit: Visit;
    readonly request: Login | Register | Resume;
  }
  | {
    readonly type: "request";
    readonly visit: Visit;
    readonly request: Request;
  }
  /** Something that is no request, to be answered in its place. */
  | {
    readonly type: "mistake";
    readonly visit: Visit;
    readonly error: RemoteProtocolError;
  }
  /** What has arrived, as the server knows by itself. */
  | {
    readonly type: "receipt";
    readonly visit: Visit;
    readonly receipt: Receipt;
  }
  /** End a session; `forGood`: its token is to mean nothing any more. */
  | {
    readonly type: "close";
    readonly visit: Visit;
    readonly forGood: boolean;
  }
  /** For the metrics: an error that no session gave was answered. */
  | { readonly type: "refused"; readonly code: ErrorCode }
  /** For the log: somebody can't be reached, or has left. */
  | { readonly type: "gone"; readonly username: string; readonly why: string };

/** How an address begins. */
export interface ServerEndOptions {
  /** The first SEQN of what is pushed, a number of 32 bits by chance. */
  readonly seqn: number;
  /** Shared by all addresses of a server. */
  readonly logins: KeptLogins;
  /** How long somebody who can't be reached is logged in, ms. */
  readonly loginLasts: number;
  /** Bytes that may wait to be pushed; over it somebody counts as lost. */
  readonly sendQueue: number;
}
