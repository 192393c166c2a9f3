/**
 * A server's end of a CP connection as the chat sees it: what the machine asks
 * comes out as requests, and their replies settle it (docs/cp.md, "In the
 * chat").
 *
 * - Each `receive` MUST be one read of the socket: who sends no CRLF sends one
 *   PDU a write. The time is what `tick` was told last.
 * - Who asks faster than it may MUST be made to wait, and not be refused: it
 *   has one request in flight, and no reply of the wire says "later".
 *
 * @module
 */

import { ByteWriter } from "../bytes.ts";
import type { EventEncoding, ServerCodec } from "../codec.ts";
import { LocalProtocolError } from "../errors.ts";
import type { ErrorMessage, ServerEvent } from "../events.ts";
import type { Receipt, Request, Text } from "../requests.ts";
import { CP_LIMITS, encodePdu } from "./pdu.ts";
import type { CpOutcome, CpServerAction } from "./server_actions.ts";
import { CpServer } from "./server_machine.ts";
import { ascii, oneLine, pieces } from "./text.ts";

/** ms after which what came too fast is asked again. */
const REST = 1_000;

/** What stands in the place of a text that is end-to-end encrypted. */
const ENCRYPTED = "[end-to-end encrypted, this client can't read it]";

/** Bytes of a PDU's text: without its code, its space and its CRLF. */
const WORDS = CP_LIMITS.pduBytes - 6;

/** A 500 with words of our own: what is said before a close. */
export function cpLastWords(text: string): Uint8Array<ArrayBuffer> {
  // It may be for a client that reads ASCII alone.
  const [words = ""] = pieces(ascii(oneLine(text)), WORDS);
  return encodePdu(`500 ${words}`);
}

/** CP tells nothing that was not asked for, but why it closes. */
const CP_EVENTS: EventEncoding = {
  name: "cp",
  write: (writer, event) => {
    if (event.type === "error_msg") writer.bytes(cpLastWords(event.text));
  },
};

/** What is asked of the chat and waits for its reply. */
type Question = Extract<
  Request,
  { readonly type: "login" | "private_msg" | "list_waiting" }
>;

/** A server's end of a CP connection. */
export class CpServerCodec implements ServerCodec {
  readonly encoding = CP_EVENTS;
  readonly #machine = new CpServer();
  #now = 0;
  readonly #output = new ByteWriter(64);
  #requests: Request[] = [];
  /** The one whose reply is due. */
  #asked: Question | undefined;
  /** When that is asked again, ms. */
  #againAt: number | undefined;
  /** What the client has when its 250 for the message handed out is here. */
  #receipt: Receipt | undefined;
  /** Questions so far, and PDUs without one that were counted. */
  #questions = 0;
  #counted = 0;
  /** Errors of its own that were told of. */
  #told = 0;

  get pending(): number {
    return this.#machine.pending;
  }

  get ready(): boolean {
    return this.#requests.length > 0;
  }

  get waits(): boolean {
    return this.#asked !== undefined;
  }

  get wakeAt(): number | undefined {
    const at = Math.min(
      this.#machine.wakeAt ?? Infinity,
      this.#againAt ?? Infinity,
    );
    return at === Infinity ? undefined : at;
  }

  tick(now: number): void {
    // A clock may be set back; the machine's never is.
    this.#now = Math.max(this.#now, now);
    this.#do(this.#machine.tick(this.#now), this.#output);
    if (this.#asked === undefined || this.#now < (this.#againAt ?? Infinity)) {
      return;
    }
    this.#againAt = undefined;
    this.#requests.push(this.#asked);
  }

  receive(bytes: Uint8Array): void {
    this.#do(this.#machine.receive(bytes, this.#now), this.#output);
  }

  next(): Request | undefined {
    return this.#requests.shift();
  }

  output(): Uint8Array | undefined {
    return this.#output.length === 0 ? undefined : this.#output.take();
  }

  takeAsides(): number {
    const asides = this.#machine.taken - this.#questions - this.#counted;
    // What had to wait was counted before it asked something.
    if (asides <= 0) return 0;
    this.#counted += asides;
    return asides;
  }

  takeRefused(): number {
    const refused = this.#machine.refused - this.#told;
    this.#told += refused;
    return refused;
  }

  reply(writer: ByteWriter, event: ServerEvent): void {
    const asked = this.#asked;
    if (asked === undefined) return this.encoding.write(writer, event);
    if (isTooFast(event)) {
      this.#againAt = this.#now + REST;
      return;
    }
    this.#asked = undefined;
    const outcome = this.#outcome(asked, event);
    this.#do(this.#machine.settle(outcome, this.#now), writer);
  }

  #do(actions: readonly CpServerAction[], writer: ByteWriter): void {
    for (const action of actions) {
      switch (action.type) {
        case "write":
          writer.bytes(action.bytes);
          break;
        case "login": {
          const { type, username, password } = action;
          this.#ask({ type, username, password });
          break;
        }
        case "send": {
          const { receiver: recipient, text } = action;
          this.#ask({ type: "private_msg", recipient, text });
          break;
        }
        case "fetch":
          this.#ask({ type: "list_waiting" });
          break;
        case "delivered":
          if (this.#receipt !== undefined) this.#requests.push(this.#receipt);
          this.#receipt = undefined;
          break;
        case "close":
          this.#requests.push({ type: "logout" });
      }
    }
  }

  #ask(question: Question): void {
    this.#asked = question;
    this.#questions++;
    this.#requests.push(question);
  }

  /** @throws {LocalProtocolError} when it is no reply to what was asked. */
  #outcome({ type }: Question, event: ServerEvent): CpOutcome {
    switch (type) {
      case "login":
        return { type: "logged in", ok: event.type === "login_ack" };
      case "private_msg":
        if (event.type === "private_msg_delivery") {
          return { type: "sent", how: "yes" };
        }
        return { type: "sent", how: failure(mustFail(event)) };
      case "list_waiting":
        if (event.type === "list_waiting") return this.#handOut(event.messages);
        mustFail(event);
        return { type: "not fetched" };
    }
  }

  #handOut(
    messages: Extract<ServerEvent, { type: "list_waiting" }>["messages"],
  ): CpOutcome {
    const [message, next] = messages;
    if (message === undefined) return { type: "none" };
    const { sender, text, place } = message;
    if (place !== undefined) {
      const { room, sequence: received } = place;
      this.#receipt = { type: "receipt", room, received };
    }
    const more = next !== undefined;
    return { type: "waiting", sender, text: shown(text), more };
  }
}

/** Whether it may be done later; passwords are checked one after the other. */
function isTooFast(event: ServerEvent): boolean {
  return (event.type === "error_msg" || event.type === "login_reject") &&
    event.code === 429;
}

function shown(text: Text): string {
  return typeof text === "string" ? text : ENCRYPTED;
}

function failure({ code }: ErrorMessage): "no such receiver" | "failed" {
  return code === 404 ? "no such receiver" : "failed";
}

function mustFail(event: ServerEvent): ErrorMessage {
  if (event.type === "error_msg") return event;
  throw new LocalProtocolError(`A ${event.type} answers nothing on CP`);
}
