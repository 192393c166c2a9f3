/**
 * A hub, its store and its clients, on whom everything may fail: what is
 * written becomes durable in order and later, questions wait or find no answer,
 * connections break with what was on them, and the process dies.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import type {
  Asked,
  Change,
  Draft,
  Person,
  Session,
} from "../../lib/chat/mod.ts";
import {
  isNotice,
  parseRoomName,
  type Place,
  type Request,
  type ServerEvent,
} from "../../lib/wire/mod.ts";
import { ChatRoom, type Peer } from "./chat_room.ts";
import { Counting } from "./counting.ts";
import type { Client } from "./kept_client.ts";
import { Memberships } from "./memberships.ts";
import { REPLIES } from "./replies_due.ts";

/** Where a text is in the log. */
interface Written {
  readonly id: number;
  readonly stream: string;
  readonly sequence: number;
}

/** One thing on its way to a client. */
interface Parcel {
  readonly event: ServerEvent;
  /** Whether it answers what the client asked. */
  readonly reply: boolean;
  /** Rooms that it had a seat in by then; clients aren't told of every loss. */
  readonly seats: ReadonlySet<number>;
}

/** One connection. */
export interface Link {
  readonly client: Client;
  readonly session: Session<Peer>;
  /** What it asked and was not answered, oldest first. */
  readonly asked: Request[];
  /** What was told and has not arrived. */
  readonly inbox: Parcel[];
  /** Where it is in each stream, as it was told. */
  readonly told: Map<string, number>;
  /** What its wire has it count, if it can be in many rooms. */
  readonly counting: Counting | undefined;
  /** The room it is in when it names none. */
  room: string;
}

/** All of it. */
export class World {
  /** The stream of each room that was named. */
  readonly #streams = new Map<number, string>();
  readonly chat = new ChatRoom({
    limits: {
      joinHistory: 2,
      replayPage: 2,
      guestSession: 5_000,
      requestsPerSecond: Infinity,
      requestBurst: Infinity,
    },
  });
  readonly clients: readonly Client[];
  readonly links = new Map<Session<Peer>, Link>();
  /** What the store has not answered, in its order: batches and saves. */
  readonly writes: (readonly Draft[] | Asked<Peer>)[] = [];
  readonly questions: Asked<Peer>[] = [];
  readonly log = new Map<string, Written>();
  readonly memberships: Memberships;
  /** Another program changed accounts and the hub doesn't know. */
  accountsChanged = false;
  #id = 0;
  #text = 0;

  constructor(clients: readonly Client[], accounts: readonly string[]) {
    this.clients = clients;
    for (const name of accounts) this.chat.addAccount(name, `of ${name}`);
    this.accountsChanged = true;
    this.memberships = new Memberships(this);
  }

  // ---- clients

  /** The connection of a client. */
  link(client: Client): Link | undefined {
    for (const link of this.links.values()) {
      if (link.client === client && !link.session.closed) return link;
    }
    return undefined;
  }

  connect(client: Client): Link {
    const { chat } = this;
    // What is still on its way on the connection before is lost.
    for (const link of this.links.values()) {
      if (link.client === client) link.inbox.length = 0;
    }
    const session = chat.connect({ reach: client.reach });
    const news = { asked: [], inbox: [], told: new Map(), room: "" };
    const counting = client.reach === "many" ? new Counting() : undefined;
    const link: Link = { client, session, counting, ...news };
    this.links.set(session, link);
    client.connected();
    return link;
  }

  ask(link: Link, request: Request): void {
    if (link.session.closed) return;
    if (!isNotice(request)) link.asked.push(request);
    link.client.asked(request);
    this.memberships.asked(link, request);
    this.chat.hub.receive(link.session, request, this.chat.now);
    this.work();
  }

  /** A new text that nobody said before. */
  text(): string {
    return `word t${++this.#text}`;
  }

  /** Some of what is on its way arrives. */
  arrive(link: Link, count: number): void {
    const { client, inbox, session } = link;
    for (const { event, reply, seats } of inbox.splice(0, count)) {
      client.took(event, reply, seats);
      const { place, text } = event as { place?: Place; text?: string };
      if (place === undefined) continue;
      const at = this.log.get(text ?? "") ?? this.#byId(place.id);
      const { stream } = at;
      const known = this.#streams.get(place.room) ?? stream;
      assertEquals(stream, known, "a room's handle is of one stream alone");
      this.#streams.set(place.room, stream);
      // Without an account nobody is due anything later.
      if (session.person === undefined) continue;
      this.memberships.saw(session.person, stream, at.sequence);
    }
  }

  #byId(id: number): Written {
    const found = [...this.log.values()].find((each) => each.id === id);
    assert(found !== undefined, "a place that the log did not give");
    return found;
  }

  /** Everything told so far has arrived. */
  arrived(link: Link): void {
    const shown = this.chat.hub.shown(link.session);
    this.arrive(link, Infinity);
    if (shown !== undefined) {
      this.chat.hub.reached(link.session, shown, this.chat.now);
      this.work();
    }
  }

  disconnect(link: Link): void {
    link.inbox.length = 0;
    this.chat.hub.disconnect(link.session, this.chat.now);
    this.work();
  }

  // ---- what the hub wants

  work(): void {
    for (;;) {
      const effects = this.chat.hub.drain();
      if (effects.length === 0) break;
      this.memberships.leaving = new Set(
        effects.flatMap((effect) =>
          effect.type === "send" && effect.event.type === "leave_room"
            ? [effect.session.person?.handle ?? 0]
            : []
        ),
      );
      for (const effect of effects) {
        switch (effect.type) {
          case "append":
            this.writes.push(effect.drafts);
            break;
          case "ask":
            if (effect.asked.question.kind === "save") {
              this.writes.push(effect.asked);
            } else this.questions.push(effect.asked);
            break;
          case "send":
            this.#told(effect.session, effect.event, effect.reply ?? false);
            break;
          case "publish":
            for (const member of effect.members) {
              for (const { event, author, receipt } of effect.messages) {
                if (member === author && receipt !== undefined) {
                  this.#told(member, receipt, true);
                } else if (event !== undefined) {
                  this.#told(member, event, false);
                }
              }
            }
            break;
          case "close":
            assert(!effect.session.peer.closed, "a session is closed once");
            effect.session.peer.closed = true;
            if (effect.shown !== undefined) {
              const { session, shown } = effect;
              this.arrived(this.links.get(session)!);
              this.chat.hub.reached(session, shown, this.chat.now);
            }
            break;
        }
      }
    }
    this.memberships.look();
  }

  #told(session: Session<Peer>, event: ServerEvent, reply: boolean): void {
    const link = this.links.get(session)!;
    assert(!session.peer.closed, "nothing is said behind a close");
    const rooms = [...session.seats].map(([{ handle }]) => handle);
    link.inbox.push({ event, reply, seats: new Set(rooms) });
    this.memberships.told(link, event);
    link.counting?.took(event, reply);
    this.#moved(link, event);
    const { place, text } = event as { place?: Place; text?: string };
    if (place !== undefined) {
      const at = text === undefined ? this.#byId(place.id) : this.log.get(text);
      assert(at !== undefined, "nobody sees what is not durable");
      assertEquals([place.id, place.sequence], [at.id, at.sequence]);
      // Of a room that has gone meanwhile nobody knows the stream.
      const room = [...this.chat.hub.rooms].find(({ handle }) =>
        handle === place.room
      );
      assertEquals(
        room?.stream ?? at.stream,
        at.stream,
        "another room's place",
      );
      const { repeated } = event as { repeated?: boolean };
      this.#inOrder(link, at, reply, repeated === true);
    }
    if (!reply) return;
    const request = link.asked.shift();
    if (request === undefined) {
      assertEquals(event.type, "error_msg");
      assert(session.closed, "an error that answers nothing, and no close");
      return;
    }
    if (event.type === "error_msg" || event.type === "login_reject") return;
    assert(
      REPLIES[request.type].includes(event.type),
      `${event.type} answers ${request.type}`,
    );
    if (event.type !== "login_ack") return;
    link.room = event.room;
    this.#checkPassword(session, request);
    if (request.type !== "resume") return;
    for (const room of session.person?.rooms ?? []) {
      const has = request.positions.find((at) => at.room === room.handle);
      if (has !== undefined) link.told.set(room.stream, has.sequence);
    }
  }

  /** A seat that was given up begins anew, if ever. */
  #moved(link: Link, event: ServerEvent): void {
    switch (event.type) {
      case "moved":
        this.#gaveUp(link, event.left);
        link.room = event.room;
        break;
      case "leave_room":
        this.#gaveUp(link, event.room);
        break;
      case "join_room":
        if (event.room === link.room) break;
        // With one room at a time, the one before is left.
        if (link.session.reach === "one") this.#gaveUp(link, link.room);
        link.room = event.room;
    }
  }

  #gaveUp(link: Link, name: string): void {
    const { key } = parseRoomName(name);
    link.told.delete(this.chat.hub.room(key)?.stream ?? `#${key}`);
  }

  /** A seat begins wherever the hub says; a resumed one where it was asked. */
  #inOrder(
    { told }: Link,
    at: Written,
    reply: boolean,
    repeated: boolean,
  ): void {
    const before = told.get(at.stream);
    // Said again, or after it has left the room: a receipt and no more. It may
    // come before what was missed, and the message itself among that.
    if (repeated) return;
    if (reply && (before === undefined || at.sequence <= before)) return;
    if (before !== undefined) {
      assertEquals(at.sequence, before + 1, "each message once, in order");
    }
    told.set(at.stream, at.sequence);
  }

  #checkPassword({ person }: Session<Peer>, request: Request): void {
    assert(person !== undefined);
    if (!person.account) return;
    const { verifier } = person;
    const hash = new TextDecoder().decode(verifier?.hash);
    assert(
      request.type === "resume" ||
        "password" in request && request.password === hash,
      "an account is never logged in without its password",
    );
  }

  // ---- the store

  /** The oldest write is durable, or failed. */
  write(durable: boolean): void {
    const write = this.writes.shift();
    if (write === undefined) return;
    const { chat } = this;
    if ("length" in write) {
      if (!durable) chat.hub.failed("no", chat.now);
      else chat.hub.stored(this.#append(write), chat.now);
    } else {
      const changes = changesOf(write);
      const done = durable && chat.state.takes(changes);
      this.memberships.saved(changes, done);
      if (done) chat.answer(write);
      else chat.hub.refuse(write, "no", chat.now);
    }
    this.work();
  }

  #append(drafts: readonly Draft[]) {
    const { past } = this.chat;
    return drafts.map((draft) => {
      const first = draft.ref === undefined ? undefined : Object.values(past)
        .flat().find(({ session, ref }) =>
          session === draft.session && ref === draft.ref
        );
      if (first !== undefined) {
        const { id, sequence, room, time } = first;
        return { id, sequence, repeated: { room, time } };
      }
      const before = past[draft.room] ?? [];
      const at = { id: ++this.#id, sequence: before.length + 1 };
      past[draft.room] = [...before, { ...draft, ...at }];
      const text = `${draft.text}`;
      assert(!this.log.has(text), "each message is in the log once");
      this.log.set(text, { ...at, stream: draft.room });
      return at;
    });
  }

  /** One of the other questions has an answer, or none. */
  answer(which: number, known: boolean): void {
    const [asked] = this.questions.splice(which % this.questions.length, 1);
    if (asked === undefined) return;
    const { chat } = this;
    const arrival = asked.question.kind === "arrival";
    if (known && arrival && this.accountsChanged) {
      chat.changeAccounts();
      this.accountsChanged = false;
    }
    if (known) chat.answer(asked);
    else chat.hub.refuse(asked, "no", chat.now);
    this.work();
  }

  /** The process dies; so many writes that nobody was told of are durable. */
  restart(durable: number): void {
    const { chat } = this;
    this.memberships.dies();
    for (const write of this.writes.splice(0).slice(0, durable)) {
      if ("length" in write) this.#append(write);
      else if (chat.state.takes(changesOf(write))) {
        for (const change of changesOf(write)) chat.state.apply(change);
      }
    }
    this.questions.length = 0;
    this.links.clear();
    this.accountsChanged = false;
    chat.accounts = undefined;
    chat.holding.add("save");
    chat.restart();
    this.writes.push(...chat.held.splice(0));
    this.memberships.comesBack();
    this.work();
  }

  /** Everything is answered, until there is nothing more. */
  settle(): void {
    for (;;) {
      for (const link of this.links.values()) this.arrived(link);
      if (this.writes.length + this.questions.length === 0) return;
      this.write(true);
      this.answer(0, true);
    }
  }

  // ---- others

  /** Another program makes an account; nobody is told. */
  makeAccount(name: string): void {
    const { chat } = this;
    for (const each of chat.state.people.values()) {
      if (each.verifier !== undefined && each.name === name) return;
    }
    chat.addAccount(name, `of ${name}`);
    this.accountsChanged = true;
  }

  /** Another program removes one. */
  removeAccount(name: string): void {
    const { state } = this.chat;
    for (const { handle, verifier, name: each } of state.people.values()) {
      if (verifier === undefined || each !== name) continue;
      state.apply({ type: "remove_person", handle });
      this.accountsChanged = true;
    }
  }

  pass(time: number): void {
    this.chat.now += time;
    this.chat.hub.wake(this.chat.now);
    this.work();
  }

  /** Everybody the hub may know. */
  get people(): Set<Person<Peer>> {
    const people = new Set(this.chat.hub.lobby.members.keys());
    for (const room of this.chat.hub.rooms) {
      for (const member of room.members.keys()) people.add(member);
    }
    for (const { session } of this.links.values()) {
      if (!session.closed && session.person) people.add(session.person);
    }
    return people;
  }
}

function changesOf({ question }: Asked<Peer>): readonly Change[] {
  return question.kind === "save" ? question.changes : [];
}
