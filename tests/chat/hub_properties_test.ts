/**
 * Whatever happens in whatever order, the hub keeps its word. A simple model
 * counts what was asked, and what the log said, against what everybody is told.
 */

import fc from "fast-check";
import { assert, assertEquals } from "@std/assert";
import type { Asked, Draft, Session } from "../../lib/chat/mod.ts";
import type { BasicRequest, Login, ServerEvent } from "../../lib/wire/mod.ts";
import { ChatRoom, type Peer } from "./chat_room.ts";

type Someone = Session<Peer>;
type Asking = BasicRequest | Login;

/** What can happen; `who` and `which` choose among those that there are. */
type Step =
  | { readonly do: "connect" | "durable" | "failed" }
  | { readonly do: "answer" | "refuse"; readonly which: number }
  | { readonly do: "ask"; readonly who: number; readonly request: Asking }
  | { readonly do: "end" | "disconnect"; readonly who: number }
  | { readonly do: "pass"; readonly time: number };

const who = fc.nat(5);
const name = fc.constantFrom("alice", "Bob", "bob", "carla", "not a name");
const room = fc.constantFrom("general", "tea", "Tea", "coffee");

const request: fc.Arbitrary<Asking> = fc.oneof(
  fc.record({ type: fc.constant("login" as const), username: name }),
  // What the store is to know of a guest: something is saved, and waited for.
  fc.record({
    type: fc.constant("login" as const),
    username: name,
    keep: fc.constant(true as const),
  }),
  fc.record({ type: fc.constant("join_room" as const), room }),
  fc.record({
    type: fc.constant("private_msg" as const),
    recipient: name,
    text: fc.constant("psst"),
  }),
  fc.constant({ type: "list_users" as const }),
  fc.constant({ type: "list_rooms" as const }),
  fc.constant({ type: "room_msg" as const, text: "" }),
  // The text is made unique by who asks.
  { weight: 5, arbitrary: fc.constant({ type: "room_msg", text: "hi" }) },
);

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ do: "connect" as const }) },
  {
    weight: 12,
    arbitrary: fc.record({ do: fc.constant("ask" as const), who, request }),
  },
  { weight: 6, arbitrary: fc.constant({ do: "durable" as const }) },
  { weight: 1, arbitrary: fc.constant({ do: "failed" as const }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("answer" as const),
      which: fc.nat(5),
    }),
  },
  fc.record({ do: fc.constant("refuse" as const), which: fc.nat(5) }),
  fc.record({ do: fc.constantFrom("end", "disconnect"), who }),
  fc.record({ do: fc.constant("pass" as const), time: fc.nat(3_000) }),
);

/** The replies that a request may get, besides an error. */
const REPLY: Readonly<
  Record<BasicRequest["type"], ServerEvent["type"]>
> = {
  login: "login_ack",
  room_msg: "room_msg_ack",
  private_msg: "private_msg_delivery",
  join_room: "join_room",
  list_users: "list_users",
  list_rooms: "list_rooms",
};

/** One session as the model sees it. */
class Follower {
  readonly session: Someone;
  /** What it asked and was not answered, oldest first. */
  readonly open: Asking[] = [];
  name: string | undefined;
  room: string | undefined;
  /** The last message of its room that it was shown. */
  place = 0;

  constructor(session: Someone) {
    this.session = session;
  }
}

/** The model: what each is told is checked as it is told. */
class Model {
  readonly chat = new ChatRoom({
    limits: {
      joinHistory: 3,
      // Of the three people that there are, all together are a crowd.
      namesTold: 2,
      replayPage: 2,
      requestsPerSecond: 5,
      requestBurst: 40,
      guestSession: 5_000,
    },
  });
  readonly everybody: Follower[] = [];
  /** What the store has not answered, in its order: batches and saves. */
  readonly writes: (readonly Draft[] | Asked<Peer>)[] = [];
  /** Other questions that were not answered. */
  readonly questions: Asked<Peer>[] = [];
  /** How much of each room somebody had when it came into it. */
  readonly cursors = new Map<string, number>();
  /** When each room was told last how many came and went, ms. */
  readonly counted = new Map<string, number>();
  #texts = 0;
  #id = 0;

  get here(): Follower[] {
    return this.everybody.filter(({ session }) => !session.closed);
  }

  /** The texts of a room in the log's order: all that is durable. */
  past(room: string): string[] {
    const messages = this.chat.past[`#${room.toLowerCase()}`] ?? [];
    return messages.map(({ text }) => `${text}`);
  }

  step(step: Step): void {
    const { chat } = this;
    const chosen = "who" in step
      ? this.here[step.who % Math.max(1, this.here.length)]
      : undefined;
    switch (step.do) {
      case "connect":
        this.everybody.push(new Follower(chat.connect()));
        break;
      case "ask":
        if (chosen !== undefined) this.ask(chosen, step.request);
        break;
      case "end":
        if (chosen !== undefined) chat.hub.end(chosen.session, chat.now);
        break;
      case "disconnect":
        if (chosen !== undefined) chat.hub.disconnect(chosen.session, chat.now);
        break;
      case "pass":
        chat.now += step.time;
        chat.hub.wake(chat.now);
        break;
      case "durable":
        this.write(true);
        break;
      case "failed":
        this.write(false);
        break;
      case "answer":
      case "refuse":
        this.answer(step.which, step.do === "answer");
        break;
    }
    this.work();
  }

  ask(follower: Follower, asked: Asking): void {
    const request = asked.type === "room_msg" && asked.text !== ""
      ? { ...asked, text: `${++this.#texts}` }
      : asked;
    follower.open.push(request);
    this.chat.hub.receive(follower.session, request, this.chat.now);
  }

  /** Carries out what the hub wants, and looks at what everybody was told. */
  work(): void {
    const { chat } = this;
    for (const effect of chat.hub.drain()) {
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
          this.told(effect.session, effect.event);
          break;
        case "publish":
          for (const { event } of effect.messages) this.published(event);
          for (const member of effect.members) {
            for (const { event, author, receipt } of effect.messages) {
              assert(event !== undefined);
              if (member !== author) this.told(member, event);
              else if (receipt !== undefined) {
                // In the place of its own message, which counts as shown.
                if (receipt.type === "room_msg_ack") this.shown(member, event);
                this.told(member, receipt);
              }
            }
          }
          break;
        case "close":
          assert(!effect.session.peer.closed, "a session is closed once");
          effect.session.peer.closed = true;
          break;
      }
    }
    for (const { listeners } of chat.hub.rooms) {
      for (const session of listeners) assert(!session.closed);
    }
  }

  /** What is told to all: of how many people in a room, not too often. */
  published(event: ServerEvent | undefined): void {
    if (event?.type !== "crowd") return;
    const { now, hub } = this.chat;
    assertEquals(event.here, hub.room(event.room.toLowerCase())?.here);
    assert(event.joined + event.left > 0);
    assert(now >= (this.counted.get(event.room) ?? 0) + 1_000, "too often");
    this.counted.set(event.room, now);
  }

  follower(session: Someone): Follower {
    return this.everybody.find((each) => each.session === session)!;
  }

  /** A member was shown a message of its room, or its own was acknowledged. */
  shown(session: Someone, event: ServerEvent): void {
    if (event.type !== "room_msg") return;
    const follower = this.follower(session);
    assertEquals(event.room, follower.room);
    const at = this.past(event.room).indexOf(event.text as string) + 1;
    assert(at > 0, "nobody sees what is not durable");
    assertEquals(at, follower.place + 1, "each message once, in order");
    follower.place = at;
  }

  told(session: Someone, event: ServerEvent): void {
    const follower = this.follower(session);
    assert(!session.peer.closed, "nothing is said behind a close");
    if (event.type === "room_msg") return this.shown(session, event);
    switch (event.type) {
      case "system_msg":
      case "presence":
      case "crowd":
      case "names":
        return;
    }
    const [request] = follower.open;
    if (event.type === "private_msg_delivery") {
      if (request?.type !== "private_msg") return;
      if (event.sender !== follower.name) return;
    }
    if (event.type === "error_msg" && request === undefined) {
      // Only the last word answers nothing.
      assert(session.closed, "an error that answers nothing, and no close");
      return;
    }
    assert(request !== undefined, `${event.type} answers nothing`);
    follower.open.shift();
    if (event.type === "error_msg" || event.type === "login_reject") return;
    assertEquals(event.type, REPLY[request.type]);
    if (event.type === "login_ack") {
      follower.name = event.username;
      this.enters(follower, event.room);
    } else if (event.type === "join_room" && event.room !== follower.room) {
      this.enters(follower, event.room);
    }
  }

  /**
   * From here on it is to be shown the newest three, or what it has not had
   * since it became a member, and all that follow.
   */
  enters(follower: Follower, room: string): void {
    follower.room = room;
    const { length } = this.past(room);
    const { person } = follower.session;
    assert(person !== undefined);
    const key = `${person.handle} ${room.toLowerCase()}`;
    const stays = person.stored && room === "general";
    const cursor = stays ? this.cursors.get(key) ?? length : length;
    this.cursors.set(key, cursor);
    follower.place = Math.min(cursor, Math.max(0, length - 3));
  }

  /** The store's oldest write is durable, or failed. */
  write(durable: boolean): void {
    const write = this.writes.shift();
    if (write === undefined) return;
    const { chat } = this;
    if (!("length" in write)) return this.#reply(write, durable);
    if (!durable) return chat.hub.failed("no", chat.now);
    const stored = write.map((draft) => {
      const before = chat.past[draft.room] ?? [];
      const at = { id: ++this.#id, sequence: before.length + 1 };
      chat.past[draft.room] = [...before, { ...draft, ...at }];
      return at;
    });
    chat.hub.stored(stored, chat.now);
  }

  /** One of the other questions has an answer, or none. */
  answer(which: number, known: boolean): void {
    const [asked] = this.questions.splice(which % this.questions.length, 1);
    if (asked !== undefined) this.#reply(asked, known);
  }

  #reply(asked: Asked<Peer>, known: boolean): void {
    if (known) this.chat.answer(asked);
    else this.chat.hub.refuse(asked, "no", this.chat.now);
  }

  /**
   * Sessions that were kept end, then the last receipts are written, and what
   * could not be before.
   */
  nobodyComesBack(): void {
    for (const time of [5_000, 1_000, 10_000]) {
      this.step({ do: "pass", time });
      this.settle();
    }
  }

  /** Everything is answered, until there is nothing more. */
  settle(): void {
    while (this.writes.length + this.questions.length > 0) {
      this.step({ do: "durable" });
      this.step({ do: "answer", which: 0 });
    }
  }
}

const steps = fc.array(step, { maxLength: 120, size: "max" });

function run(given: readonly Step[]): Model {
  const model = new Model();
  for (const each of given) model.step(each);
  return model;
}

Deno.test("in any order of things each request gets one reply in its turn, and members see each message once in the log's order", () =>
  fc.assert(
    fc.property(steps, (given) => {
      const model = run(given);
      model.settle();
      for (const { session, open, room, place } of model.here) {
        assertEquals([open, session.backlog], [[], 0]);
        if (room === undefined) continue;
        assertEquals(place, model.past(room).length, "shown all there is");
      }
    }),
    { numRuns: 2_000 },
  ));

Deno.test("who is here is who the rooms and the names say, whatever happened", () =>
  fc.assert(
    fc.property(steps, (given) => {
      const model = run(given);
      model.settle();
      const here = model.here.filter(({ name }) => name !== undefined);
      assertEquals(model.chat.hub.people, here.length);
      const rooms = new Set(["general", ...here.map(({ room }) => room!)]);
      for (const room of model.chat.hub.rooms) {
        const { name, listeners, members } = room;
        // A guest who may come back keeps its room.
        const kept = [...members.keys()].some((each) => each.kept.size > 0);
        assert(rooms.delete(name.shown) || kept, `${name.shown} is empty`);
        assertEquals(
          [...listeners].map(({ person }) => person?.name.shown).sort(),
          here.filter(({ room }) => room === name.shown)
            .map(({ name }) => name).sort(),
        );
        assertEquals(room.here, listeners.size);
      }
      assertEquals([...rooms], []);
    }),
    { numRuns: 2_000 },
  ));

Deno.test("when everybody has left, the lobby alone remains, and nothing waits", () =>
  fc.assert(
    fc.property(steps, (given) => {
      const model = run(given);
      for (const { session } of model.here) {
        model.chat.hub.disconnect(session, model.chat.now);
      }
      model.settle();
      model.nobodyComesBack();
      const { hub } = model.chat;
      assertEquals(hub.people, 0);
      assertEquals(hub.nextWake, Infinity);
      assertEquals([...hub.rooms], [hub.lobby]);
      assertEquals(hub.lobby.members.size, 0);
      assertEquals(hub.lobby.listeners.size, 0);
      assertEquals(hub.lobby.awaiting, []);
      assertEquals(hub.lobby.inFlight, 0);
    }),
    { numRuns: 2_000 },
  ));

Deno.test("a shutdown at any moment answers what is at the log, then closes everybody, whoever still comes", () =>
  fc.assert(
    fc.property(steps, steps, (before, after) => {
      const model = run(before);
      model.chat.hub.shutdown(model.chat.now);
      model.work();
      for (const each of after) model.step(each);
      model.settle();
      assertEquals(model.here, []);
      for (const { session } of model.everybody) assert(session.closed);
      model.nobodyComesBack();
      assertEquals([model.chat.hub.people, model.chat.hub.nextWake], [
        0,
        Infinity,
      ]);
      for (const { listeners, members } of model.chat.hub.rooms) {
        assertEquals([listeners.size, members.size], [0, 0]);
      }
    }),
    { numRuns: 2_000 },
  ));
