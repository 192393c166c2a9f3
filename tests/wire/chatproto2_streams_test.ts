/**
 * Whole conversations: a server with several rooms encodes once what two clients
 * of it follow, who come and go; both find out from the bytes alone who said
 * what, when, and as the how-manieth.
 */
import fc from "fast-check";
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import {
  ByteWriter,
  type Place,
  type Request,
  type RoomMessage,
  type ServerEvent,
} from "../../lib/wire/mod.ts";
import { LOGGED_IN, Pair, type Step } from "./chatproto2_pair.ts";

const ROOMS = ["general", "tea", "crew"].map((name, index) => ({
  name,
  room: 100 + index,
}));
const START = 1_800_000_000;
/** 1 and 2 are the clients. */
const PEOPLE = ["alice", "bob", "eve", "mallory", "trent"];
const nameOf = (handle: number) => PEOPLE[handle - 1] ?? "";

/** A message as everybody has to find it. */
interface Line {
  readonly room: number;
  readonly sequence: number;
  /** s. */
  readonly time: number;
  readonly sender: string;
  readonly text: string;
}

/** One client and what the server knows of it. */
class Follower {
  readonly pair = new Pair({});
  readonly user: number;
  readonly follows = new Set<number>();
  /** What it was due, and what it found. */
  readonly due: Line[] = [];
  readonly found: Line[] = [];
  #inFlight: { readonly room: number; readonly text: string }[] = [];

  constructor(user: number) {
    this.user = user;
    this.pair.run([
      { ask: { type: "login", username: nameOf(user) } },
      {
        reply: {
          type: "login_ack",
          username: nameOf(user),
          room: "general",
          user,
          roomHandle: 100,
        },
      },
    ]);
  }

  /** Hands bytes over, and answers what the client itself wants to know. */
  send(bytes: Uint8Array): void {
    const { client, server } = this.pair;
    client.receive(bytes);
    this.#read();
    const question = client.output();
    if (question === undefined) return;
    server.receive(question);
    const names = server.next();
    assert(names?.type === "names");
    const writer = new ByteWriter();
    server.reply(writer, {
      type: "names",
      names: names.handles.map((handle) => ({
        handle,
        kind: "user",
        name: nameOf(handle),
      })),
    });
    this.send(writer.take());
  }

  #read(): void {
    const { client } = this.pair;
    for (let event = client.next(); event; event = client.next()) {
      if (event.type === "room_msg_ack") {
        const said = this.#inFlight.shift();
        assert(said !== undefined && event.place !== undefined);
        assertStrictEquals(event.place.room, said.room);
        this.#note(event.place, nameOf(this.user), said.text);
      } else if (event.type === "room_msg") {
        const { place, sender, text } = event as RoomMessage;
        assert(place !== undefined && typeof text === "string");
        if (place.sender !== undefined) {
          assertStrictEquals(sender, nameOf(place.sender));
        }
        this.#note(place, sender, text);
      }
    }
  }

  #note(place: Place, sender: string, text: string): void {
    const { room, sequence, time } = place;
    const seconds = Math.floor(time / 1000);
    this.found.push({ room, sequence, time: seconds, sender, text });
  }

  /** The client asks, the server reads. */
  ask(request: Request): Request {
    const { client, server } = this.pair;
    if (request.type === "room_msg") {
      const { room, text } = request as { room: number; text: string };
      this.#inFlight.push({ room, text });
    }
    server.receive(client.encode(request));
    const read = server.next();
    assert(read !== undefined);
    return read;
  }

  answer(event: ServerEvent, room?: number): void {
    const writer = new ByteWriter();
    if (room !== undefined) this.pair.server.select(writer, room);
    this.pair.server.reply(writer, event);
    this.send(writer.take());
  }

  tell(event: ServerEvent): void {
    const writer = new ByteWriter();
    this.pair.server.encoding.write(writer, event);
    this.send(writer.take());
  }
}

/** A server in a few lines. */
class World {
  readonly followers = [new Follower(1), new Follower(2)];
  readonly lines = new Map(ROOMS.map(({ room }) => [room, [] as Line[]]));
  #now = START;
  #encodings = 0;
  #messages = 0;

  get encodedOnce(): boolean {
    return this.#encodings === this.#messages;
  }

  #last(room: number): Line | undefined {
    return this.lines.get(room)?.at(-1);
  }

  wait(seconds: number): void {
    this.#now += seconds;
  }

  join(follower: Follower, index: number, past: number): void {
    const { room, name } = ROOMS[index % ROOMS.length] as typeof ROOMS[number];
    if (follower.follows.has(room)) return;
    follower.ask({ type: "join_room", room: name });
    follower.answer({ type: "join_room", room: name });
    const lines = this.lines.get(room) ?? [];
    const last = lines.length;
    const state = { last, received: 0, read: 0, receivedByAll: 0 };
    follower.tell({
      type: "rooms",
      rooms: [{ room, kind: "public", name, ...state }],
    });
    for (const line of lines.slice(Math.max(0, last - past))) {
      const { sequence, time, sender, text } = line;
      follower.tell({
        type: "room_msg",
        room: name,
        sender,
        text,
        history: true,
        place: { id: sequence, room, sequence, time: time * 1000 + 7 },
      });
      follower.due.push(line);
    }
    const time = this.#last(room)?.time ?? START;
    follower.tell({ type: "position", room, sequence: last, time });
    follower.follows.add(room);
  }

  leave(follower: Follower, index: number): void {
    const { room, name } = ROOMS[index % ROOMS.length] as typeof ROOMS[number];
    if (!follower.follows.delete(room)) return;
    follower.ask({ type: "leave_room", room });
    follower.answer({ type: "leave_room", room: name });
  }

  /** A client that follows the room says it, else somebody else does. */
  say(sender: number, index: number, text: string): void {
    const { room, name } = ROOMS[index % ROOMS.length] as typeof ROOMS[number];
    const author = this.followers[sender - 1];
    if (author !== undefined) {
      if (!author.follows.has(room)) return;
      const read = author.ask({ type: "room_msg", room, text });
      assert(read.type === "room_msg");
      assertEquals([read.room, read.text], [room, text]);
    }
    const last = this.#last(room);
    const sequence = (last?.sequence ?? 0) + 1;
    const pause = this.#now - (last?.time ?? START);
    const time = this.#now;
    const place = { id: 0, room, sequence, time: time * 1000, sender, pause };
    const line = { room, sequence, time, sender: nameOf(sender), text };
    this.lines.get(room)?.push(line);
    const event = {
      type: "room_msg",
      room: name,
      sender: nameOf(sender),
      text,
      place,
    } as const;
    this.#publish(room, event, author, line);
    if (sequence % 8 === 0) {
      for (const each of this.followers) {
        if (!each.follows.has(room)) continue;
        each.tell({ type: "position", room, sequence, time });
      }
    }
  }

  #publish(
    room: number,
    event: RoomMessage & { readonly place: Place },
    author: Follower | undefined,
    line: Line,
  ): void {
    let shared: Uint8Array | undefined;
    this.#messages++;
    for (const each of this.followers) {
      if (!each.follows.has(room)) continue;
      each.due.push(line);
      if (each === author) {
        const { place } = event;
        each.answer({ type: "room_msg_ack", id: 0, place }, room);
        continue;
      }
      const writer = new ByteWriter();
      if (shared === undefined) {
        each.pair.server.encoding.write(writer, event);
        shared = writer.take();
        this.#encodings++;
      }
      each.pair.server.select(writer, room);
      writer.bytes(shared);
      each.send(writer.take());
    }
    if (shared === undefined) this.#encodings++;
  }
}

const index = fc.nat(2);
const action = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.tuple(
      fc.integer({ min: 1, max: 5 }),
      index,
      fc.oneof(
        fc.string({ maxLength: 12 }),
        fc.constantFrom("hello there", ""),
      ),
    ).map(([sender, room, text]) => (world: World) => {
      world.say(sender, room, text);
    }),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(fc.nat(1), index, fc.nat(5)).map(
      ([who, room, past]) => (world: World) => {
        const follower = world.followers[who];
        if (follower) world.join(follower, room, past);
      },
    ),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.nat(1), index).map(
      ([who, room]) => (world: World) => {
        const follower = world.followers[who];
        if (follower) world.leave(follower, room);
      },
    ),
  },
  {
    weight: 2,
    arbitrary: fc.nat(400).map((seconds) => (world: World) => {
      world.wait(seconds);
    }),
  },
);

Deno.test("from the bytes alone two clients of several rooms find who said what and when", () => {
  fc.assert(
    fc.property(
      fc.array(action, { minLength: 10, maxLength: 120 }),
      (actions) => {
        const world = new World();
        for (const each of actions) each(world);
        for (const { found, due } of world.followers) assertEquals(found, due);
        assert(world.encodedOnce);
      },
    ),
    { numRuns: 200 },
  );
});

Deno.test("at the pace of people a SAY has 2 bytes around its text, a STORED 3, a MESSAGE 4", () => {
  const pair = new Pair();
  pair.run(LOGGED_IN);
  const text = "hello";
  const total = { say: 0, stored: 0, message: 0 };
  const around = (step: Step) => {
    const bytes = pair.bytes(step);
    const reader = pair.reader(step);
    reader.receive(bytes);
    assert(reader.next() !== undefined);
    return bytes.length - ("reply" in step ? 0 : text.length);
  };
  const lines = 815;
  for (let line = 1; line <= lines; line++) {
    const mine = line % 5 === 0;
    const sender = mine ? 1 : 3;
    const place = {
      id: 0,
      room: 2,
      // LOGGED_IN states 16.
      sequence: 16 + line,
      time: START,
      sender,
      pause: line * 7 % 90,
    };
    if (mine) {
      total.say += around({ ask: { type: "room_msg", text } });
      total.stored += around({ reply: { type: "room_msg_ack", id: 0, place } });
    } else {
      const room = "general";
      const names = { room, sender: "bob", text };
      total.message += around({ tell: { type: "room_msg", ...names, place } });
    }
  }
  const mine = lines / 5;
  // The first of all is behind a SELECT.
  assertEquals(total.say, 2 * mine);
  assert(total.stored <= 3 * mine);
  assert(total.message <= 4 * (lines - mine) + 3);
});
