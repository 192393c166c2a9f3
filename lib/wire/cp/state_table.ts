/**
 * The state machine of a CP server: every state, everything that can happen
 * in it, what is answered and asked then, and what is next (docs/cp.md,
 * "States").
 *
 * The first row that names the state and what happened, under its condition,
 * is the one; every PDU finds one. What is done is done from left to right.
 * While a question is open (login, send, fetch) no PDU is looked at.
 *
 * @module
 */

import { CP_CODES, type CpCode, type CpCommand } from "./pdu.ts";

/** The states, and what each is for. */
export const CP_STATES = {
  "idle": "A user name is due",
  "user validated": "A password is due",
  "authentication validated": "Name and password are being checked",
  "process command": "Logged in; a command is due",
  "sending message": "An SMSG's message is being stored",
  "receiving message":
    "An RMSG is being answered: the next message is being looked for, or its 250 is due",
  "error processing": "Something went wrong: 201 or TERM is due",
} as const satisfies Record<string, string>;

/** A state of {@link CP_STATES}. */
export type CpState = keyof typeof CP_STATES;

/** What can happen besides PDUs. */
export const CP_OUTCOMES = {
  "logged in": "The chat has checked name and password",
  "sent": "The chat has taken the message, or not",
  "waiting": "There is a message for this user",
  "none": "There is no (other) message for this user",
  "not fetched": "The chat could not look for messages",
  "no 250": "10 s after an RMSG there is no 250",
  "too much": "More than 1,024 bytes came before the answer",
} as const satisfies Record<string, string>;

/** What can happen: a PDU (`unknown`: of no known name), or an outcome. */
export type CpInput =
  | CpCommand
  | CpCode
  | "unknown"
  | keyof typeof CP_OUTCOMES;

/** The conditions under which a row applies. */
export const CP_CASES = {
  "fits": "The data keep to the limits and are UTF-8",
  "does not fit": "They do not, or the PDU has more than 1,024 bytes",
  "unended": "The PDU began 10 s ago and did not end",
  "another `:`": "There is a `:` in the message",
  "no such name": "The receiver is empty, over 10 bytes or no UTF-8",
  "no CRLF": "The peer sends no CRLF: its PDUs are framed by silence",
  "yes": "The chat said so",
  "no": "The chat said no",
  "no such receiver": "The chat knows nobody of that name",
  "failed": "The chat could not store it",
  "nothing before": "No message was handed out for this RMSG",
  "messages before": "Messages were handed out for this RMSG",
  "more pieces": "The message goes on in another RMSG",
  "another waits": "The message is whole, and there is another",
  "the last": "The message is whole, and there is no other",
  "early": "It came before the RMSG that it would be for",
} as const satisfies Record<string, string>;

/** A condition of {@link CP_CASES}. */
export type CpCase = keyof typeof CP_CASES;

/** What a server asks of the chat, or of the connection. */
export type CpAsk = "login" | "send" | "fetch" | "delivered" | "close";

/** What is done; `again`: it is looked up once more, in the next state. */
export type CpStep = CpCode | "RMSG" | CpAsk | "again";

/** One row of {@link CP_TRANSITIONS}. */
export type CpTransition = readonly [
  state: CpState | readonly CpState[],
  /** `any`: every PDU. */
  on: CpInput | "any" | readonly CpInput[],
  /** Empty: always. */
  when: CpCase | readonly CpCase[],
  does: readonly CpStep[],
  next: CpState,
];

/** The whole machine. */
export const CP_TRANSITIONS: readonly CpTransition[] = [
  // Logging in.
  ["idle", "USER", "fits", [220], "user validated"],
  ["idle", "USER", "does not fit", [560], "idle"],
  ["user validated", "PASS", "fits", ["login"], "authentication validated"],
  ["user validated", "PASS", "does not fit", [565], "idle"],
  ["authentication validated", "logged in", "yes", [230], "process command"],
  ["authentication validated", "logged in", "no", [565], "idle"],
  // Sending.
  ["process command", "SMSG", "fits", ["send"], "sending message"],
  ["process command", "SMSG", "another `:`", [546], "error processing"],
  ["process command", "SMSG", "no such name", [545], "error processing"],
  [
    "process command",
    "SMSG",
    ["does not fit", "unended"],
    [540],
    "error processing",
  ],
  ["sending message", "sent", "yes", [240], "process command"],
  ["sending message", "sent", "no such receiver", [545], "error processing"],
  ["sending message", "sent", "failed", [540], "error processing"],
  // Receiving.
  ["process command", "RMSG", "fits", ["fetch"], "receiving message"],
  ["receiving message", "waiting", [], ["RMSG"], "receiving message"],
  ["receiving message", "none", "nothing before", [256], "process command"],
  ["receiving message", "none", "messages before", [255], "process command"],
  ["receiving message", "not fetched", [], [550], "error processing"],
  ["receiving message", 250, "early", [500], "error processing"],
  ["receiving message", 250, "more pieces", ["RMSG"], "receiving message"],
  [
    "receiving message",
    250,
    "another waits",
    ["delivered", "fetch"],
    "receiving message",
  ],
  ["receiving message", 250, "the last", ["delivered", 255], "process command"],
  [
    "receiving message",
    250,
    ["does not fit", "unended"],
    [550],
    "error processing",
  ],
  ["receiving message", "no 250", [], [550], "error processing"],
  ["receiving message", 550, [], [], "error processing"],
  // Coming back from an error.
  ["error processing", 201, "fits", [], "process command"],
  ["process command", 201, "fits", [], "process command"],
  ["error processing", 250, [], [], "error processing"],
  [
    "error processing",
    ["SMSG", "RMSG"],
    "no CRLF",
    ["again"],
    "process command",
  ],
  // Ending.
  [
    [
      "idle",
      "user validated",
      "process command",
      "receiving message",
      "error processing",
    ],
    "TERM",
    "fits",
    ["close"],
    "idle",
  ],
  [
    ["authentication validated", "sending message", "receiving message"],
    "too much",
    [],
    [500, "close"],
    "idle",
  ],
  // Everything else.
  ["idle", "any", [], [500], "idle"],
  ["user validated", "any", [], [500], "user validated"],
  [
    ["process command", "receiving message", "error processing"],
    "any",
    [],
    [500],
    "error processing",
  ],
];

function isOutcome(on: CpInput): boolean {
  return Object.hasOwn(CP_OUTCOMES, on);
}

/**
 * The row that applies; undefined for an outcome that can't be now.
 * `cases`: the conditions that hold.
 */
export function transition(
  state: CpState,
  on: CpInput,
  cases: readonly CpCase[],
): CpTransition | undefined {
  return CP_TRANSITIONS.find(([states, inputs, when]) => {
    const conditions = [when].flat();
    return [states].flat().includes(state) &&
      [inputs].flat().some((each) =>
        each === on || each === "any" && !isOutcome(on)
      ) &&
      (conditions.length === 0 ||
        conditions.some((each) => cases.includes(each)));
  });
}

/** The heads of what {@link printTransitions} prints. */
export const CP_COLUMNS = [
  "in",
  "on",
  "when",
  "reply",
  "then",
  "next",
] as const;

/** The rows as docs/cp.md has them, a cell for each of {@link CP_COLUMNS}. */
export function printTransitions(): string[][] {
  const quoted = (name: CpInput | CpStep) => `\`${name}\``;
  const happened = (on: CpInput | "any") => {
    if (on === "any") return "any other PDU";
    return isOutcome(on) ? `${on}` : quoted(on);
  };
  const replies = (step: CpStep) =>
    step === "RMSG" || Object.hasOwn(CP_CODES, step);
  return CP_TRANSITIONS.map(([states, on, when, does, next]) => [
    [states].flat().join(", "),
    [on].flat().map(happened).join(", "),
    [when].flat().join(" or "),
    does.filter(replies).map(quoted).join(", "),
    does.filter((step) => !replies(step)).join(", "),
    next,
  ]);
}
