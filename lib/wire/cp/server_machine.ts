/**
 * A server's end of one CP connection (docs/cp.md, "States").
 *
 * Bytes and the chat's outcomes go in, with the time; replies and questions
 * come out, to be done in their order. One question is open at a time: each
 * `login`, `send` and `fetch` MUST be settled once, and nothing else is asked
 * or answered before that.
 *
 * - `delivered` MUST NOT be said before the `250` for the last piece of that
 *   message has come, and only a `250` that came after the RMSG counts.
 * - Of what the peer sends, no more is held than a PDU that has not ended, and
 *   1,024 bytes that came while a question was open.
 *
 * @module
 */

import { LocalProtocolError } from "../errors.ts";
import { type CpHappening, judge } from "./judge.ts";
import type { CpOutcome, CpServerAction } from "./server_actions.ts";
import {
  CP_LIMITS,
  type CpCode,
  encodeCode,
  encodePdu,
  LETTERS,
  type Pdu,
} from "./pdu.ts";
import { type CpFraming, PduReader } from "./pdu_reader.ts";
import {
  type CpCase,
  type CpState,
  type CpStep,
  transition,
} from "./state_table.ts";
import { messageRoom, pieces, readable, shownName } from "./text.ts";

type Question = "login" | "send" | "fetch";

/** What each outcome settles. */
const SETTLES: Readonly<Record<CpOutcome["type"], Question>> = {
  "logged in": "login",
  "sent": "send",
  "waiting": "fetch",
  "none": "fetch",
  "not fetched": "fetch",
};

/**
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { CpServer } from "./server_machine.ts";
 *
 * const bytes = (text: string) => new TextEncoder().encode(text);
 * const server = new CpServer();
 * const [reply] = server.receive(bytes("USERalice\r\n"), 0);
 * assertEquals(reply, {
 *   type: "write",
 *   bytes: bytes("220 received username successfully\r\n"),
 * });
 * assertEquals(server.receive(bytes("PASSsecret\r\n"), 10), [
 *   { type: "login", username: "alice", password: "secret" },
 * ]);
 * const [welcome] = server.settle({ type: "logged in", ok: true }, 20);
 * assertEquals(welcome, {
 *   type: "write",
 *   bytes: bytes("230 user authenticated successfully\r\n"),
 * });
 * ```
 */
export class CpServer {
  readonly #reader = new PduReader();
  #state: CpState = "idle";
  #closed = false;
  #question: Question | undefined;
  /** What came while a question was open, and its bytes. */
  #held: { readonly happening: CpHappening; readonly bytes: number }[] = [];
  #heldBytes = 0;
  #username = "";
  /** The message being handed out: its sender, and the pieces still to go. */
  #sender = "";
  #pieces: string[] = [];
  /** Whether another message waits behind it. */
  #more = false;
  /** Whether there was a message before the one that is looked for. */
  #some = false;
  /** When a 250 is too late, ms. */
  #giveUpAt: number | undefined;
  /** An RMSG went out in this very call: no 250 in it can be for that. */
  #justSent = false;
  #actions: CpServerAction[] = [];
  #now = 0;
  #taken = 0;
  #refused = 0;

  /** PDUs that came so far, whole or not. */
  get taken(): number {
    return this.#taken;
  }

  /** Errors so far that it answered without asking anybody. */
  get refused(): number {
    return this.#refused;
  }

  /** The state that the table is in. */
  get state(): CpState {
    return this.#state;
  }

  /** How the peer ends its PDUs, once that is settled. */
  get framing(): CpFraming | undefined {
    return this.#reader.framing;
  }

  /** Bytes of the peer's that are held. */
  get pending(): number {
    return this.#closed ? 0 : this.#reader.pending + this.#heldBytes;
  }

  /** When {@link tick} is due, ms; undefined when nothing is waited for. */
  get wakeAt(): number | undefined {
    if (this.#closed) return undefined;
    const at = Math.min(
      this.#reader.wakeAt ?? Infinity,
      this.#giveUpAt ?? Infinity,
    );
    return at === Infinity ? undefined : at;
  }

  /** Takes what one read brought; `now` in ms, here and below. */
  receive(bytes: Uint8Array, now: number): CpServerAction[] {
    this.#begin(now);
    this.#expire();
    this.#takeAll(this.#reader.receive(bytes, now));
    return this.#done();
  }

  /** Lets pass what time has passed by `now`. */
  tick(now: number): CpServerAction[] {
    this.#begin(now);
    this.#expire();
    this.#takeAll(this.#reader.tick(now));
    return this.#done();
  }

  /**
   * Takes the outcome of the open question.
   *
   * @throws {LocalProtocolError} when it settles another one, or none.
   */
  settle(outcome: CpOutcome, now: number): CpServerAction[] {
    this.#begin(now);
    if (this.#closed) return this.#done();
    if (this.#question !== SETTLES[outcome.type]) {
      throw new LocalProtocolError(
        `"${outcome.type}" settles no open question; ${
          this.#question ?? "nothing"
        } is asked`,
      );
    }
    this.#question = undefined;
    this.#happen(this.#settled(outcome));
    while (this.#question === undefined && !this.#closed) {
      const next = this.#held.shift();
      if (next === undefined) break;
      this.#heldBytes -= next.bytes;
      this.#happen(next.happening);
    }
    return this.#done();
  }

  #begin(now: number): void {
    this.#now = now;
    this.#justSent = false;
  }

  #done(): CpServerAction[] {
    const actions = this.#actions;
    this.#actions = [];
    return actions;
  }

  /** Gives up on a 250, in its place among what else has ended in time. */
  #expire(): void {
    const at = this.#giveUpAt;
    if (this.#closed || at === undefined || this.#now < at) return;
    this.#takeAll(this.#reader.tick(at));
    if (this.#giveUpAt === at) this.#happen({ on: "no 250" });
  }

  #takeAll(pdus: Iterable<Pdu>): void {
    if (this.#closed) return;
    for (const pdu of pdus) {
      this.#taken++;
      const happening = judge(pdu);
      if (this.#question === undefined) this.#happen(happening);
      else this.#hold(happening, LETTERS + pdu.data.length);
      if (this.#closed) return;
    }
  }

  #hold(happening: CpHappening, bytes: number): void {
    this.#heldBytes += bytes;
    if (this.#heldBytes > CP_LIMITS.pduBytes) {
      this.#happen({ on: "too much" });
    } else this.#held.push({ happening, bytes });
  }

  #settled(outcome: CpOutcome): CpHappening {
    const on = outcome.type;
    switch (outcome.type) {
      case "logged in":
        return { on, when: outcome.ok ? "yes" : "no" };
      case "sent":
        return { on, when: outcome.how };
      case "waiting": {
        const { sender, text, more } = outcome;
        const { framing } = this;
        this.#sender = shownName(sender, framing);
        this.#pieces = pieces(
          readable(text, framing),
          messageRoom(this.#sender),
        );
        this.#more = more;
        return { on };
      }
      case "none":
        return { on, when: this.#some ? "messages before" : "nothing before" };
      case "not fetched":
        return { on };
    }
  }

  #casesOf({ on, when }: CpHappening): CpCase[] {
    const cases: CpCase[] = this.framing === "crlf" ? [] : ["no CRLF"];
    if (on === 250 && when === "fits") cases.push(this.#acknowledged());
    else if (when !== undefined) cases.push(when);
    return cases;
  }

  #acknowledged(): CpCase {
    if (this.#justSent) return "early";
    if (this.#pieces.length > 0) return "more pieces";
    return this.#more ? "another waits" : "the last";
  }

  #happen(happening: CpHappening): void {
    const row = transition(
      this.#state,
      happening.on,
      this.#casesOf(happening),
    );
    if (row === undefined) {
      throw new LocalProtocolError(
        `"${happening.on}" can't happen in the state "${this.#state}"`,
      );
    }
    const [, , , does, next] = row;
    this.#giveUpAt = undefined;
    this.#state = next;
    for (const step of does) this.#step(step, happening);
  }

  #step(step: CpStep, happening: CpHappening): void {
    const { on, name = "", text = "" } = happening;
    switch (step) {
      case "again":
        this.#happen(happening);
        break;
      case "login":
        this.#ask({ type: step, username: this.#username, password: name });
        break;
      case "send":
        this.#ask({ type: step, receiver: name, text });
        break;
      case "fetch":
        this.#some = on === 250;
        this.#ask({ type: step });
        break;
      case "delivered":
        this.#actions.push({ type: step });
        break;
      case "RMSG":
        this.#handOut();
        break;
      case "close":
        this.#close();
        break;
      default:
        if (step >= 500 && !Object.hasOwn(SETTLES, on)) this.#refused++;
        this.#reply(step, name);
    }
  }

  #ask(question: CpServerAction & { readonly type: Question }): void {
    this.#question = question.type;
    this.#actions.push(question);
  }

  #reply(code: CpCode, name: string): void {
    // A USER that is not due is refused, and changes nothing.
    if (code === 220) this.#username = name;
    this.#write(encodeCode(code));
  }

  #handOut(): void {
    this.#write(encodePdu(`RMSG${this.#sender}:${this.#pieces.shift() ?? ""}`));
    this.#justSent = true;
    this.#giveUpAt = this.#now + CP_LIMITS.patience;
  }

  #write(bytes: Uint8Array<ArrayBuffer>): void {
    this.#actions.push({ type: "write", bytes });
  }

  #close(): void {
    this.#closed = true;
    this.#question = undefined;
    this.#held = [];
    this.#pieces = [];
    this.#actions.push({ type: "close" });
  }
}
