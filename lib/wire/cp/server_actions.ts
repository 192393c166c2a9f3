/**
 * What a CP server's end asks for, and how that ends (docs/cp.md, "States").
 *
 * @module
 */

/** What is to be done, in this order. */
export type CpServerAction =
  /** Send these bytes. */
  | { readonly type: "write"; readonly bytes: Uint8Array<ArrayBuffer> }
  /** Check name and password; settle with `logged in`. */
  | {
    readonly type: "login";
    readonly username: string;
    readonly password: string;
  }
  /** Store the message; settle with `sent`. */
  | {
    readonly type: "send";
    readonly receiver: string;
    readonly text: string;
  }
  /**
   * Look for the oldest message that waits for this user and is not
   * delivered; settle with `waiting`, `none` or `not fetched`.
   */
  | { readonly type: "fetch" }
  /** The message of the last `waiting` is received: it waits no more. */
  | { readonly type: "delivered" }
  /** Send what there is to send, then close; nothing comes any more. */
  | { readonly type: "close" };

/** How a question ended. */
export type CpOutcome =
  | { readonly type: "logged in"; readonly ok: boolean }
  | {
    readonly type: "sent";
    readonly how: "yes" | "no such receiver" | "failed";
  }
  | {
    readonly type: "waiting";
    readonly sender: string;
    readonly text: string;
    /** Whether it is worth a fetch to look for another behind it. */
    readonly more: boolean;
  }
  | { readonly type: "none" }
  | { readonly type: "not fetched" };
