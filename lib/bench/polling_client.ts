/**
 * One person of a conversation that is benched over CP (docs/cp.md,
 * docs/bench.md "How CP is played").
 *
 * @module
 */

import type { DialedSocket } from "../net/mod.ts";
import { CpClient, type CpClientAction } from "../wire/mod.ts";
import { PduLedger } from "./pdu_ledger.ts";
import type { ClientEvents, PlayedClient } from "./played_client.ts";
import type { Step } from "./workload.ts";

/** The password of everybody's account: as long as the wire can carry. */
export const POLLING_PASSWORD = "15 bytes of it.";

/** How often a client asks for what waits, ms: as that of `chatp connect`. */
const ASKS_EVERY = 3_000;

/** Who a client is. */
export interface PollingPerson {
  readonly username: string;
  /** To whom goes what is said with an action. */
  readonly recipients: (action: Step["action"]) => readonly string[];
}

/** What is said once, to everybody that it is for. */
interface Message {
  readonly text: string;
  readonly recipients: readonly string[];
  /** Who is known to get it. */
  readonly reached: string[];
}

/** One request; each waits for the answer to the one before. */
type Errand =
  | { readonly type: "login" }
  | {
    readonly type: "send";
    readonly recipient: string;
    readonly message: Message;
  }
  | { readonly type: "collect" }
  | { readonly type: "end" };

/** A connected client. */
export class PollingClient implements PlayedClient {
  readonly ledger = new PduLedger();
  readonly deadline = Infinity;
  /** TCP sees to that. */
  readonly idle = true;
  readonly port: number;
  readonly #person: PollingPerson;
  readonly #socket: DialedSocket;
  readonly #events: ClientEvents;
  readonly #closed: Promise<void>;
  readonly #machine = new CpClient();
  readonly #errands: Errand[] = [];
  /** The errand whose answer is due, or came last. */
  #errand: Errand | undefined;
  #asksAt = Infinity;
  /** Nothing can be asked any more. */
  #ended = false;
  #gone = false;
  #sent = 0;
  #received = 0;

  constructor(
    socket: DialedSocket,
    person: PollingPerson,
    events: ClientEvents,
  ) {
    this.#socket = socket;
    this.#person = person;
    this.#events = events;
    this.port = socket.localPort ?? 0;
    socket.on("data", (bytes: Uint8Array) => this.#receive(bytes));
    this.#closed = new Promise((resolve) =>
      socket.once("close", () => {
        this.#ended = this.#gone = true;
        events.gone();
        resolve();
      })
    );
  }

  get sent(): number {
    return this.#sent;
  }

  get received(): number {
    return this.#received;
  }

  get gone(): boolean {
    return this.#gone;
  }

  get keepaliveDue(): number {
    return this.#gone ? Infinity : this.#asksAt;
  }

  prepare(action: Step["action"]): (timeout: number) => Promise<void> {
    if (action.type === "quit") return (timeout) => this.#quit(timeout);
    const recipients = this.#person.recipients(action);
    return () => {
      if (action.type === "login") this.#ask({ type: "login" });
      // Nothing else can be asked on this wire.
      if ("text" in action) this.#say(String(action.text), recipients);
      return Promise.resolve();
    };
  }

  sendDue(): number {
    return 0;
  }

  /** Asks for what waits. */
  keepalive(): void {
    this.#asksAt += ASKS_EVERY;
    this.#ask({ type: "collect" });
  }

  wake(): void {}

  async destroy(): Promise<void> {
    this.#socket.destroy();
    await this.#closed;
  }

  // ---- what it says

  #say(text: string, recipients: readonly string[]): void {
    const message = { text, recipients, reached: [] };
    this.#ask(...recipients.map((recipient): Errand => ({
      type: "send",
      recipient,
      message,
    })));
  }

  /** Asks for what waits, then goes; after `timeout` ms at the latest. */
  async #quit(timeout: number): Promise<void> {
    const timer = setTimeout(() => this.#socket.destroy(), timeout);
    this.#ask({ type: "collect" }, { type: "end" });
    await this.#closed;
    clearTimeout(timer);
  }

  #ask(...errands: readonly Errand[]): void {
    this.#errands.push(...errands);
    this.#goOn();
  }

  #goOn(): void {
    while (!this.#ended && !this.#machine.busy) {
      this.#errand = this.#errands.shift();
      if (this.#errand === undefined) return;
      this.#do(this.#begin(this.#errand));
    }
  }

  #begin(errand: Errand): CpClientAction[] {
    switch (errand.type) {
      case "login":
        return this.#machine.login(this.#person.username, POLLING_PASSWORD);
      case "send":
        return this.#machine.send(errand.recipient, errand.message.text);
      case "collect":
        return this.#machine.collect();
      case "end":
        return this.#machine.end();
    }
  }

  // ---- what it hears

  #receive(bytes: Uint8Array): void {
    this.#received += bytes.length;
    this.#count("down", bytes);
    this.#do(this.#machine.receive(bytes, 0));
    this.#goOn();
  }

  #do(actions: readonly CpClientAction[]): void {
    for (const action of actions) {
      switch (action.type) {
        case "write":
          this.#put(action.bytes);
          break;
        case "logged in":
          this.#loggedIn();
          break;
        case "sent":
          this.#reached(action.text);
          break;
        case "message": {
          const { sender, text } = action;
          const recipient = this.#person.username;
          const type = "private_msg_delivery";
          this.#events.event({ type, sender, recipient, text });
          break;
        }
        case "collected":
          this.#events.event({ type: "collected" });
          break;
        case "close":
          this.#ended = true;
          this.#socket.end();
          break;
        case "failed":
          this.#events.garbage();
          this.#giveUp();
          break;
        case "refused":
          this.#events.garbage();
          // Nothing can be asked by who is nobody.
          if (!this.#machine.loggedIn) this.#giveUp();
          break;
        case "told":
          this.#events.garbage();
      }
    }
  }

  #giveUp(): void {
    this.#ended = true;
    this.#socket.destroy();
  }

  #put(bytes: Uint8Array): void {
    this.#sent += bytes.length;
    this.#count("up", bytes);
    this.#socket.write(bytes);
  }

  #count(direction: "up" | "down", read: Uint8Array): void {
    for (const { name, bytes } of this.ledger.receive(direction, read)) {
      this.#events.count(direction, name, bytes);
    }
  }

  #loggedIn(): void {
    const { username } = this.#person;
    this.#asksAt = this.#events.now() + ASKS_EVERY;
    this.#errands.unshift({ type: "collect" });
    this.#events.event({ type: "login_ack", username, room: "" });
  }

  /** A text is kept for its receiver, as it stands here. */
  #reached(text: string): void {
    if (this.#errand?.type !== "send") return;
    const { recipient, message: { recipients, reached } } = this.#errand;
    reached.push(recipient);
    if (reached.length < recipients.length) return;
    this.#events.event({ type: "sent", recipients, text });
  }
}
