/**
 * A hub with a made-up clock, a store that answers at once and a log that is
 * durable when the test says so.
 *
 * @module
 */

import {
  type Asked,
  DEFAULT_LIMITS,
  type Draft,
  type Effect,
  Hub,
  type HubOptions,
  type Limits,
  type Message,
  type PageQuery,
  type PersonRecord,
  type Question,
  type QuestionKind,
  type Questions,
  type Reach,
  type Session,
  type Stored,
} from "../../lib/chat/mod.ts";
import { foldedWords, holds, parseQuery } from "../../lib/chat/search_words.ts";
import {
  basicEvent,
  messageRow,
  type Request,
  type ServerEvent,
} from "../../lib/wire/mod.ts";
import { KeptState } from "./kept_state.ts";

/** What a test's session is told. */
export class Peer {
  readonly told: ServerEvent[] = [];
  closed = false;

  /** Takes what it was told since the last call. */
  take(): ServerEvent[] {
    return this.told.splice(0);
  }
}

/** How a test's hub differs from others. */
export interface ChatRoomOptions extends Omit<HubOptions, "limits"> {
  readonly limits?: Partial<Limits>;
  /** Whether to hear what only makes streams: see {@link withoutStreams}. */
  readonly streams?: boolean;
  /** Is told everything as the hub says it; `told` stays empty then. */
  readonly tell?: (
    session: Session<Peer>,
    event: ServerEvent,
    reply: boolean,
  ) => void;
}

/** How a test's session differs from others. */
export interface LoginOptions {
  readonly password?: string;
  readonly reach?: Reach;
  readonly keep?: true;
  readonly address?: string;
  /** Its address stands for many. */
  readonly shared?: boolean;
  readonly retries?: boolean;
  readonly accountsOnly?: boolean;
  readonly allReceipts?: boolean;
  /** A name without an account is told apart. */
  readonly account?: true;
}

type Answer = Questions<Peer>[QuestionKind]["answer"];

/** A hub whose effects are carried out in memory. */
export class ChatRoom {
  hub: Hub<Peer>;
  /** The clock, ms. */
  now = 1_000;
  /** Batches handed to the log and not yet durable: their sizes. */
  appended: number[] = [];
  /** What is in the log, by stream. */
  readonly past: Record<string, readonly Message[]> = {};
  readonly state = new KeptState();
  /** Kinds of questions that are answered when the test says so. */
  readonly holding = new Set<QuestionKind>();
  /** Those. */
  held: Asked<Peer>[] = [];
  /** What the store answers when it is asked for accounts. */
  accounts: readonly PersonRecord[] | undefined;
  /** How long password checks were put off, ms. */
  readonly delays: number[] = [];
  readonly #options: HubOptions;
  readonly #streams: boolean;
  readonly #hears: ChatRoomOptions["tell"];
  #drafts: (readonly Draft[])[] = [];
  #id = 0;
  #handle = 100;

  constructor(
    { limits = {}, streams = false, tell, ...options }: ChatRoomOptions = {},
  ) {
    this.#streams = streams;
    this.#hears = tell;
    this.#options = { limits: { ...DEFAULT_LIMITS, ...limits }, ...options };
    this.hub = new Hub(this.#options);
  }

  /** The process dies, and another begins; what was not durable is gone. */
  restart(): void {
    this.appended = [];
    this.#drafts = [];
    this.held = [];
    this.hub = new Hub(this.#options);
    const last = (stream: string) =>
      this.#messages(stream).at(-1)?.sequence ?? 0;
    this.hub.restore(this.state.snapshot(last), this.now);
    this.work();
  }

  connect(
    {
      reach = "one",
      address = "192.0.2.1",
      shared = false,
      retries = false,
      accountsOnly = false,
      allReceipts = false,
    }: LoginOptions = {},
  ): Session<Peer> {
    return this.hub.connect(new Peer(), {
      now: this.now,
      reach,
      address,
      shared,
      retries,
      accountsOnly,
      allReceipts,
    });
  }

  /** Connects and logs in. */
  login(username: string, options: LoginOptions = {}): Session<Peer> {
    const session = this.connect(options);
    const { password, keep, account } = options;
    this.ask(session, {
      type: "login",
      username,
      ...password !== undefined && { password },
      ...keep && { keep },
      ...account && { account },
    });
    return session;
  }

  /** One request and all that it brings about, but for what the log delays. */
  ask(session: Session<Peer>, request: Request): void {
    this.hub.receive(session, request, this.now);
    this.work();
  }

  say(session: Session<Peer>, text: string): void {
    this.ask(session, { type: "room_msg", text });
  }

  /** The peer is gone. */
  disconnect(session: Session<Peer>): void {
    this.hub.disconnect(session, this.now);
    this.work();
  }

  /** What a session was shown has left the server's hands. */
  taken(session: Session<Peer>): void {
    const shown = this.hub.shown(session);
    if (shown !== undefined) this.hub.reached(session, shown, this.now);
    this.work();
  }

  /** Time passes, ms. */
  pass(time: number): void {
    this.now += time;
    this.hub.wake(this.now);
    this.work();
  }

  /** Makes an account as another program does: it is there at the next login. */
  addAccount(name: string, password: string): void {
    const person = {
      handle: ++this.#handle,
      name,
      verifier: verifierOf(password),
      created: 0,
    };
    this.state.people.set(person.handle, person);
    this.changeAccounts();
  }

  /** Another program has changed accounts. */
  changeAccounts(): void {
    this.accounts = [...this.state.people.values()].filter(({ verifier }) =>
      verifier !== undefined
    );
  }

  /** Carries the hub's effects out. */
  work(): void {
    for (;;) {
      const effects = this.hub.drain();
      if (effects.length === 0) return;
      for (const effect of effects) this.#apply(effect);
    }
  }

  #apply(effect: Effect<Peer>): void {
    switch (effect.type) {
      case "append":
        this.appended.push(effect.drafts.length);
        this.#drafts.push(effect.drafts);
        break;
      case "ask":
        if (this.holding.has(effect.asked.question.kind)) {
          this.held.push(effect.asked);
        } else this.answer(effect.asked);
        break;
      case "send":
        this.#tell(effect.session, effect.event, effect.reply);
        break;
      case "publish":
        for (const member of effect.members) {
          for (const { event, author, receipt } of effect.messages) {
            const mine = member === author;
            const told = mine ? receipt : event;
            if (told !== undefined) this.#tell(member, told, mine);
          }
        }
        break;
      case "close":
        effect.session.peer.closed = true;
        break;
    }
  }

  /** Tells a session what its wire carries: of ChatProto 1.0 if it has one room. */
  #tell(session: Session<Peer>, event: ServerEvent, reply = false) {
    if (this.#hears !== undefined) return this.#hears(session, event, reply);
    const { peer, reach } = session;
    const told = reach === "one"
      ? carried(event)
      : this.#streams
      ? event
      : withoutStreams(event, reply);
    if (told !== undefined) peer.told.push(told);
  }

  /** Answers the oldest question that was held. */
  release(): void {
    const asked = this.held.shift();
    if (asked === undefined) return;
    this.answer(asked);
    this.work();
  }

  /** Has the oldest question that was held fail. */
  refuse(detail: string): void {
    const asked = this.held.shift();
    if (asked === undefined) return;
    this.hub.refuse(asked, detail, this.now);
    this.work();
  }

  /** Answers a question; what comes of it is still to be carried out. */
  answer(asked: Asked<Peer>): void {
    this.hub.answer(asked, this.#find(asked.question), this.now);
  }

  #find(question: Question<Peer>): Answer {
    switch (question.kind) {
      case "arrival": {
        const accounts = this.accounts;
        this.accounts = undefined;
        return { handle: ++this.#handle, ...accounts && { accounts } };
      }
      case "open":
        return {
          handle: ++this.#handle,
          last: this.#messages(question.stream).at(-1)?.sequence ?? 0,
          messages: this.#page(question.stream, { limit: question.limit }),
        };
      case "page":
        return this.#page(question.stream, question.query);
      case "find":
        return Object.values(this.past).flat().find(({ session, ref }) =>
          session === question.session && ref === question.ref
        );
      case "search":
        return this.#search(question);
      case "verify":
        this.delays.push(question.delay);
        return `${question.verifier?.hash}` ===
          `${verifierOf(question.password).hash}`;
      case "hash":
        return verifierOf(question.password);
      case "token": {
        const handle = ++this.#handle;
        return { token: `token ${handle}`, digest: `#token ${handle}`, handle };
      }
      case "digest":
        return `#${question.token}`;
      case "save":
        for (const change of question.changes) this.state.apply(change);
        return undefined;
    }
  }

  #messages(stream: string): readonly Message[] {
    return this.past[stream] ?? [];
  }

  #page(stream: string, query: PageQuery): readonly Message[] {
    const { after = 0, before, since = 0, limit } = query;
    const within = this.#messages(stream).filter(({ sequence, time }) =>
      sequence > after && sequence < (before ?? Infinity) && time >= since
    );
    const forward = before === undefined && after + since > 0;
    return forward || query.after !== undefined && before === undefined
      ? within.slice(0, limit)
      : within.slice(Math.max(0, within.length - limit));
  }

  #search(
    { streams, words, query: { before = Infinity, limit } }: Question<
      Peer,
      "search"
    >,
  ): readonly Message[] {
    const phrases = parseQuery(words);
    const found = streams.flatMap((stream) => this.#messages(stream)).filter(
      ({ id, text }) =>
        id < before && typeof text === "string" && phrases.length > 0 &&
        phrases.every((phrase) => holds(foldedWords(text), phrase)),
    );
    found.sort((a, b) => a.id - b.id);
    return found.slice(Math.max(0, found.length - limit));
  }

  /** The log's oldest batch becomes durable. */
  durable(): void {
    this.appended.shift();
    const drafts = this.#drafts.shift() ?? [];
    this.hub.stored(drafts.map((draft) => this.#write(draft)), this.now);
    this.work();
  }

  /** The log's oldest batch can't be written. */
  fail(detail: string): void {
    this.appended.shift();
    this.#drafts.shift();
    this.hub.failed(detail, this.now);
    this.work();
  }

  #write(draft: Draft): Stored {
    const messages = this.#messages(draft.room);
    const first = draft.ref === undefined ? undefined : Object.values(this.past)
      .flat().find(({ session, ref }) =>
        session === draft.session && ref === draft.ref
      );
    if (first !== undefined) {
      const { id, sequence, room, time } = first;
      return { id, sequence, repeated: { room, time } };
    }
    const id = ++this.#id;
    const sequence = (messages.at(-1)?.sequence ?? 0) + 1;
    this.past[draft.room] = [...messages, { ...draft, id, sequence }];
    return { id, sequence };
  }
}

/**
 * What a wire's streams are made of says nothing to people, and is tested by
 * itself (streams_test.ts): positions, pauses, names that nobody asked for.
 */
export function withoutStreams(
  event: ServerEvent,
  reply: boolean,
): ServerEvent | undefined {
  if (event.type === "position" || (event.type === "names" && !reply)) {
    return undefined;
  }
  if (event.type === "presence") {
    const { handles: _, ...rest } = event;
    return rest;
  }
  if (event.type === "received_by_all") {
    const { behind: _, ...rest } = event;
    return rest;
  }
  if (event.type === "login_ack") {
    const { roomHandle: _, ...rest } = event;
    return rest;
  }
  if (!("place" in event) || event.place === undefined) return event;
  const { pause: _, ...place } = event.place;
  return { ...event, place };
}

function carried(event: ServerEvent): ServerEvent | undefined {
  if (messageRow(event.type)?.event === undefined) {
    const basic = basicEvent(event);
    return basic === "nothing" ? undefined : basic;
  }
  if (!("place" in event)) return event;
  const { place: _, ...rest } = event;
  return rest as ServerEvent;
}

function verifierOf(password: string) {
  const hash = new TextEncoder().encode(password);
  return { rounds: 1, salt: new Uint8Array(1), hash };
}
