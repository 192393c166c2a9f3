/**
 * The PDUs of CP, the text protocol with reply codes: commands, codes, limits
 * (docs/cp.md, "Commands", "Codes", "Limits").
 *
 * Everything that is written MUST end in CRLF and be at most 1,024 bytes with
 * it, and MUST have no CRLF before that.
 *
 * @module
 */

import { LocalProtocolError } from "../errors.ts";

/** What the protocol allows, in bytes and ms. */
export const CP_LIMITS = {
  /** Bytes of a PDU: without its CRLF when read, with it when written. */
  pduBytes: 1_024,
  /** Bytes of a user name. */
  nameBytes: 10,
  /** Bytes of a password. */
  passwordBytes: 15,
  /** Bytes of a message in an SMSG. */
  messageBytes: 1_009,
  /** ms of silence that end the first PDU of a peer which sends no CRLF. */
  silence: 40,
  /** ms that a PDU may take to end, and a 250 to come. */
  patience: 10_000,
} as const;

/** Who sends something. */
export type CpSender = "client" | "server" | "both";

/** One row of {@link CP_COMMANDS}. */
export interface CpCommandRow {
  readonly from: CpSender;
  /** What stands behind the letters. */
  readonly data: string;
  readonly help: string;
}

/** The commands, as they are written; read they may be in any case. */
export const CP_COMMANDS = {
  USER: {
    from: "client",
    data: "user name, 1–10 bytes",
    help: "Who wants to log in",
  },
  PASS: {
    from: "client",
    data: "password, 1–15 bytes",
    help: "Logs in",
  },
  SMSG: {
    from: "client",
    data: "receiver, 1–10 bytes; `:`; message, 1–1,009 bytes without `:`",
    help: "Sends a message",
  },
  RMSG: {
    from: "both",
    data: "none from a client; from a server: sender, 1–10 bytes; `:`; message",
    help: "Asks for the messages that wait; each comes as an RMSG",
  },
  TERM: {
    from: "client",
    data: "none",
    help: "Ends the session; the server closes without a reply",
  },
} as const satisfies Record<string, CpCommandRow>;

/** One row of {@link CP_CODES}. */
export interface CpCodeRow {
  readonly from: CpSender;
  /** What we write behind the code. Readers MUST go by the code alone. */
  readonly text: string;
  readonly help: string;
}

/** The reply codes. */
export const CP_CODES = {
  201: {
    from: "client",
    text: "recovered from error",
    help: "The client leaves error processing; not answered",
  },
  220: {
    from: "server",
    text: "received username successfully",
    help: "The password is due; whether there is such a user is not told",
  },
  230: {
    from: "server",
    text: "user authenticated successfully",
    help: "Logged in",
  },
  240: {
    from: "server",
    text: "message successfully sent",
    help: "The message is kept for its receiver",
  },
  250: {
    from: "client",
    text: "message successfully received",
    help: "The client has the message of the last RMSG",
  },
  255: { from: "server", text: "end of messages", help: "That was the last" },
  256: { from: "server", text: "no new messages", help: "There was none" },
  500: {
    from: "server",
    text: "bad command",
    help: "There is no such command, or it is not due now",
  },
  540: {
    from: "server",
    text: "error sending message",
    help: "Not sent: it did not fit, did not end, or could not be kept",
  },
  545: {
    from: "server",
    text: "receiver user does not exist",
    help: "Not sent: nobody is called so",
  },
  546: {
    from: "server",
    text: "too many : characters found in PDU from client",
    help: "Not sent: there is another `:` in the message",
  },
  550: {
    from: "both",
    text: "error downloading message",
    help: "The 250 did not come; from a client: the RMSG made no sense",
  },
  560: {
    from: "server",
    text: "error sending username",
    help: "The user name is empty, too long, or no UTF-8",
  },
  565: {
    from: "server",
    text: "error authenticating user",
    help: "Not logged in, whatever the cause; begin again with USER",
  },
} as const satisfies Record<number, CpCodeRow>;

/** A command of {@link CP_COMMANDS}. */
export type CpCommand = keyof typeof CP_COMMANDS;

/** A code of {@link CP_CODES}. */
export type CpCode = keyof typeof CP_CODES;

/** Why a PDU has no data. */
export type PduFault =
  /** It has more than 1,024 bytes. */
  | "too long"
  /** It began 10 s ago and did not end. */
  | "unended";

/** What was read. */
export interface Pdu {
  /** The command in capitals, or the code; undefined for anything else. */
  readonly name: CpCommand | CpCode | undefined;
  /** Behind the letters, or behind the code and its space. */
  readonly data: Uint8Array;
  /** Absent when the PDU is whole. */
  readonly fault?: PduFault;
}

/** Bytes of a command's letters. */
export const LETTERS = 4;

const NOTHING = new Uint8Array(0);
const encoder = new TextEncoder();

function isCommand(letters: string): letters is CpCommand {
  return Object.hasOwn(CP_COMMANDS, letters);
}

/** The code that a PDU begins with: three digits, and a space or the end. */
function codeOf(letters: string): CpCode | undefined {
  const digits = /^(\d{3})(?: |$)/.exec(letters)?.[1];
  return digits !== undefined && Object.hasOwn(CP_CODES, digits)
    ? Number(digits) as CpCode
    : undefined;
}

/** Reads one PDU from its bytes, which have no CRLF at the end. */
export function parsePdu(bytes: Uint8Array, fault?: PduFault): Pdu {
  // Not toUpperCase alone: beyond ASCII it makes letters of what is none.
  const letters = String.fromCharCode(...bytes.subarray(0, LETTERS))
    .replace(/[a-z]/g, (letter) => letter.toUpperCase());
  const name = isCommand(letters) ? letters : codeOf(letters);
  if (fault !== undefined) return { name, data: NOTHING, fault };
  // Copied: a view would keep all that was read with it.
  const data = name === undefined ? NOTHING : bytes.slice(LETTERS);
  return { name, data };
}

/**
 * A PDU as it goes out, with its CRLF.
 *
 * @throws {LocalProtocolError} when it has more than 1,024 bytes, or a CRLF.
 */
export function encodePdu(text: string): Uint8Array<ArrayBuffer> {
  const bytes = encoder.encode(`${text}\r\n`);
  if (bytes.length > CP_LIMITS.pduBytes || text.includes("\r\n")) {
    throw new LocalProtocolError(
      `A PDU has at most ${CP_LIMITS.pduBytes} bytes and no CRLF inside`,
    );
  }
  return bytes;
}

/** A code with its text, as it goes out. */
export function encodeCode(code: CpCode): Uint8Array<ArrayBuffer> {
  return encodePdu(`${code} ${CP_CODES[code].text}`);
}
