/**
 * The way into the chat over one connection: sends what the handshake asks for
 * (`handshake.ts`), each to be answered in time, and tells where it led.
 *
 * @module
 */

import { UserError } from "../net/mod.ts";
import type { Request, ServerEvent } from "../wire/mod.ts";
import type { Clock } from "./clock.ts";
import { REST } from "./conversation.ts";
import type { Happening } from "./exchange.ts";
import {
  Handshake,
  type HandshakeOptions,
  type HandshakeStep,
} from "./handshake.ts";
import type { Link } from "./link.ts";

/** Where a handshake can lead. */
export type Arrival = Extract<HandshakeStep, { readonly kind: "ready" }>;

/** What an entrance is made of. */
export interface EntranceParts {
  readonly handshake: HandshakeOptions;
  readonly link: Link;
  readonly clock: Clock;
  /** How long an answer may take, ms. */
  readonly timeout: number;
  /** Something happened that nobody asked for. */
  readonly happened: (event: Happening) => void;
  /** One is in the chat. */
  readonly ready: (arrival: Arrival) => void;
  /** The session that was to go on is over. */
  readonly expired: () => void;
  readonly failed: (error: UserError) => void;
}

/** One connection's way in. */
export class Entrance {
  readonly #parts: EntranceParts;
  readonly #handshake: Handshake;
  /** Cancels its timer: for an answer, or of a rest. */
  #cancel: () => void = () => {};

  constructor(parts: EntranceParts) {
    this.#parts = parts;
    this.#handshake = new Handshake(parts.handshake);
  }

  /** Whether the login is not answered yet. */
  get isNew(): boolean {
    return this.#handshake.isNew;
  }

  /** The secret of the session, when it is kept. */
  get token(): string | undefined {
    return this.#handshake.token;
  }

  /** Sends what comes first. */
  start(): void {
    this.#ask(this.#handshake.opening);
  }

  /** Waits for nothing any more. */
  stop(): void {
    this.#cancel();
  }

  /** Takes an event of the server. */
  receive(event: ServerEvent): void {
    const { clock, happened, ready, expired, failed } = this.#parts;
    const step = this.#handshake.receive(event);
    switch (step.kind) {
      case "show":
        return happened(step.event);
      case "send":
        return this.#ask(step.request);
      case "rest":
        this.#cancel();
        this.#cancel = clock.after(REST, () => this.#ask(step.request));
        return;
      case "ready":
        this.#cancel();
        return ready(step);
      case "expired":
        this.#cancel();
        return expired();
      case "failed":
        return failed(step.error);
    }
  }

  #ask(request: Request): void {
    const { link, clock, timeout, failed } = this.#parts;
    const what = request.type === "join_room" ? "the join" : "the login";
    this.#cancel();
    this.#cancel = clock.after(timeout, () =>
      failed(
        new UserError(
          "timed_out",
          `The server did not answer ${what} within ${timeout / 1000} s`,
          { advice: "Check that a chat server of this wire listens there" },
        ),
      ));
    link.send(request);
  }
}
