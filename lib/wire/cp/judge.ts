/**
 * What a PDU asks of a server, and whether its data keep to the limits
 * (docs/cp.md, "Commands").
 *
 * @module
 */

import { decodeUtf8 } from "../text.ts";
import { CP_LIMITS, type CpCommand, type Pdu } from "./pdu.ts";
import type { CpCase, CpInput } from "./state_table.ts";

/** A thing that happened, as the state table names it, with its data. */
export interface CpHappening {
  readonly on: CpInput;
  readonly when?: CpCase | undefined;
  /** The user name, the password, the receiver; else empty. */
  readonly name?: string;
  /** The message of an SMSG; else empty. */
  readonly text?: string;
}

/** The bytes as text if there are 1 to `most` of them, in UTF-8. */
function textWithin(bytes: Uint8Array, most: number): string | undefined {
  if (bytes.length < 1 || bytes.length > most) return undefined;
  try {
    return decodeUtf8(bytes, "data");
  } catch {
    // What is no text does not fit: the protocol has no other answer to it.
    return undefined;
  }
}

function judgeOne(on: CpCommand, data: Uint8Array, most: number): CpHappening {
  const name = textWithin(data, most);
  return name === undefined
    ? { on, when: "does not fit" }
    : { on, when: "fits", name };
}

const COLON = 0x3a;

function judgeSend(data: Uint8Array): CpHappening {
  const on = "SMSG";
  const colon = data.indexOf(COLON);
  if (colon >= 0 && data.indexOf(COLON, colon + 1) >= 0) {
    return { on, when: "another `:`" };
  }
  const text = colon < 0
    ? undefined
    : textWithin(data.subarray(colon + 1), CP_LIMITS.messageBytes);
  if (text === undefined) return { on, when: "does not fit" };
  const name = textWithin(data.subarray(0, colon), CP_LIMITS.nameBytes);
  return name === undefined
    ? { on, when: "no such name" }
    : { on, when: "fits", name, text };
}

/** What this PDU asks. */
export function judge({ name, data, fault }: Pdu): CpHappening {
  const on = name === undefined ? "unknown" : name;
  if (fault !== undefined) {
    return { on, when: fault === "unended" ? "unended" : "does not fit" };
  }
  switch (on) {
    case "USER":
      return judgeOne(on, data, CP_LIMITS.nameBytes);
    case "PASS":
      return judgeOne(on, data, CP_LIMITS.passwordBytes);
    case "SMSG":
      return judgeSend(data);
    case "RMSG":
    case "TERM":
      return { on, when: data.length === 0 ? "fits" : "does not fit" };
    default:
      return { on, when: "fits" };
  }
}
