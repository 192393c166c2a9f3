/**
 * A clock that stands still, and a server that says what the test says.
 *
 * @module
 */

import type {
  Abilities,
  Clock,
  Link,
  LinkEvents,
  OpenLink,
  SessionEvent,
} from "../../lib/client/mod.ts";
import { BASIC, Session, type SessionOptions } from "../../lib/client/mod.ts";
import { UserError } from "../../lib/net/mod.ts";
import type { Request, ServerEvent } from "../../lib/wire/mod.ts";

/** A clock that moves when told to. */
export class FakeClock implements Clock {
  #now = 0;
  #timers: { readonly at: number; readonly run: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  after(delay: number, run: () => void): () => void {
    const timer = { at: this.#now + delay, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((each) => each !== timer);
    };
  }

  /** Lets `ms` pass and everything settle that came from it. */
  async pass(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      const due = this.#timers.filter(({ at }) => at <= end)
        .sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.#now = Math.max(this.#now, due.at);
      this.#timers = this.#timers.filter((timer) => timer !== due);
      due.run();
      await settle();
    }
    this.#now = end;
    await settle();
  }

  /** Is stopped for `ms`, as a process may be: what is due then is late. */
  async stop(ms: number): Promise<void> {
    this.#now += ms;
    await this.pass(0);
  }

  /** Timers that are set. */
  get timers(): number {
    return this.#timers.length;
  }
}

/** Lets all promises that can go on do so. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}

/** A connection whose other end is the test. */
export class FakeLink implements Link {
  readonly tls = true;
  readonly takesPasswords = true;
  readonly abilities: Abilities;
  keepalives = 0;
  readonly sent: Request[] = [];
  ended = false;
  destroyed = false;
  #events: LinkEvents | undefined;

  constructor(abilities: Abilities = BASIC) {
    this.abilities = abilities;
  }

  keepalive(): void {
    this.keepalives++;
  }

  start(events: LinkEvents): void {
    this.#events = events;
  }

  send(request: Request): void {
    this.sent.push(request);
  }

  pause(): void {}

  resume(): void {}

  end(): void {
    this.ended = true;
  }

  destroy(): void {
    this.destroyed = true;
  }

  /** What was sent since the last call, short. */
  take(): string[] {
    return this.sent.splice(0).map((request) => {
      const { type, ...fields } = request;
      return [type, ...Object.values(fields).map(short)].join(" ");
    });
  }

  /** The server says something. */
  async say(...events: ServerEvent[]): Promise<void> {
    this.#events?.heard();
    for (const event of events) this.#events?.event(event, undefined);
    await settle();
  }

  /** The connection breaks. */
  async break(
    error: UserError = new UserError("connection_lost", "cut"),
  ): Promise<void> {
    this.#events?.closed(error);
    await settle();
  }
}

function short(value: unknown): string {
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** A session with fakes all around. */
export class Stage {
  readonly clock = new FakeClock();
  readonly links: FakeLink[] = [];
  readonly events: SessionEvent[] = [];
  readonly session: Session;
  /** What the next tries to connect fail with, in order. */
  readonly failures: UserError[] = [];
  /** What the wires of the next connections carry. */
  abilities: Abilities = BASIC;
  end: UserError | undefined | "running" = "running";

  constructor(options: Partial<SessionOptions> = {}) {
    this.session = new Session({
      open: this.open,
      username: "alice",
      loginTimeout: 10_000,
      clock: this.clock,
      random: () => 0,
      onEvent: (event) => this.events.push(event),
      ...options,
    });
    void this.session.ended.then((error) => this.end = error);
  }

  readonly open: OpenLink = () => {
    const failure = this.failures.shift();
    if (failure !== undefined) return Promise.reject(failure);
    const link = new FakeLink(this.abilities);
    this.links.push(link);
    return Promise.resolve(link);
  };

  /** The latest connection. */
  get link(): FakeLink {
    return this.links.at(-1) as FakeLink;
  }

  /** Starts, and is let in. */
  async enter(): Promise<FakeLink> {
    this.session.start();
    await settle();
    await this.letIn();
    return this.link;
  }

  /** The server lets the latest connection in. */
  async letIn(): Promise<void> {
    await this.link.say({
      type: "login_ack",
      username: "alice",
      room: "general",
    });
  }

  /** What was told since the last call: types with the ref or the text. */
  take(): string[] {
    return this.events.splice(0).map((event) => {
      switch (event.type) {
        case "connected":
          return `connected ${event.room}${event.again ? " again" : ""}`;
        case "lost":
          return `lost for ${event.pause} ms`;
        case "acknowledged":
        case "unconfirmed":
          return `${event.type} ${event.ref}`;
        case "refused":
          return `refused ${event.ref}: ${event.text}`;
        case "answered":
          return `answered ${event.ref} ${event.answer.type}`;
        case "warned":
          return `warned: ${event.text}`;
        case "room_msg":
        case "private_msg_delivery":
          return `${event.type} ${event.sender}: ${event.text}`;
        case "system_msg":
          return `* ${event.text}`;
        case "presence":
          return `* ${event.user} ${event.here ? "joined" : "left"}`;
        case "crowd":
          return `* ${event.room}: +${event.joined} -${event.left}`;
        case "invitation":
          return `invited to ${event.room}`;
        case "topic":
          return `* ${event.user} set ${event.room}: ${event.topic}`;
        case "room_topic":
          return `* ${event.room}: ${event.topic}`;
        case "away":
          return `* ${event.user} away: ${event.text}`;
        case "moved":
          return `moved to ${event.room}`;
        case "caught_up":
          return `caught up with ${event.room} at ${event.last}`;
        case "received_by_all":
          return `all have ${event.sequence} of ${event.room}: ${event.refs}`;
      }
    });
  }
}
