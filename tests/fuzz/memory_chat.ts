/**
 * A whole chat in memory: a hub, and a codec for each connection, with neither
 * socket nor clock between them. What the server does with requests and
 * effects, in short.
 *
 * @module
 */

import { assert } from "@std/assert";
import type { Reach, Session } from "../../lib/chat/mod.ts";
import {
  ByteWriter,
  ChatProto1ServerCodec,
  ChatProto2ServerCodec,
  CpServerCodec,
  isNotice,
  JsonServerCodec,
  RemoteProtocolError,
  type ServerCodec,
  type ServerEvent,
  streamOf,
} from "../../lib/wire/mod.ts";
import { ChatRoom, type Peer } from "../chat/chat_room.ts";

/** What each wire's connections are like, as in lib/server/openings.ts. */
export const SERVED = {
  chatp1: { codec: () => new ChatProto1ServerCodec(), reach: "one" },
  json: { codec: () => new JsonServerCodec(), reach: "one" },
  chatp2: { codec: () => new ChatProto2ServerCodec(), reach: "many" },
  cp: {
    codec: () => new CpServerCodec(),
    reach: "none",
    retries: true,
    accountsOnly: true,
  },
} as const satisfies Record<
  string,
  {
    readonly codec: () => ServerCodec;
    readonly reach: Reach;
    readonly retries?: true;
    readonly accountsOnly?: true;
  }
>;

/** A wire that is served on connections. */
export type Served = keyof typeof SERVED;

/** One connection. */
export class Seat {
  readonly wire: Served;
  readonly codec: ServerCodec;
  readonly session: Session<Peer>;
  /** What was sent to it and not taken yet. */
  readonly sent = new ByteWriter();
  /** Requests and mistakes that have no reply. */
  open = 0;

  constructor(wire: Served, session: Session<Peer>) {
    this.wire = wire;
    this.codec = SERVED[wire].codec();
    this.session = session;
  }

  /** Whether it is over: nothing is to be said to it any more. */
  get over(): boolean {
    return this.session.closed;
  }
}

/** The chat. */
export class MemoryChat {
  readonly seats: Seat[] = [];
  /** What happened: types and error codes. */
  readonly seen = new Set<string>();
  readonly room = new ChatRoom({
    limits: {
      joinHistory: 3,
      replayPage: 2,
      requestsPerSecond: 20,
      requestBurst: 100,
      guestSession: 5_000,
    },
    tell: (session, event, reply) => this.#tell(session, event, reply),
  });

  /** `accounts`: who has one; their password is `secret`. */
  constructor(accounts: readonly string[] = []) {
    for (const name of accounts) this.room.addAccount(name, "secret");
  }

  /** Somebody connects. */
  connect(wire: Served): Seat {
    const seat = new Seat(wire, this.room.connect(SERVED[wire]));
    this.seats.push(seat);
    return seat;
  }

  /** One read brought these bytes. */
  hear(seat: Seat, bytes: Uint8Array): void {
    if (seat.over) return;
    seat.codec.tick?.(this.room.now);
    seat.codec.receive(bytes);
    this.#decode(seat);
  }

  /** Time passes, ms; codecs are woken when they want to be. */
  pass(time: number): void {
    this.room.pass(time);
    for (const seat of this.seats) {
      if (seat.over || (seat.codec.wakeAt ?? Infinity) > this.room.now) {
        continue;
      }
      seat.codec.tick?.(this.room.now);
      this.#decode(seat);
    }
  }

  /** The connection breaks. */
  disconnect(seat: Seat): void {
    this.room.disconnect(seat.session);
  }

  /** The log has, or has not, what is on its way to it. */
  settle(durable: boolean): void {
    if (durable) this.room.durable();
    else this.room.fail("no");
    this.#goOn();
  }

  /** The oldest question that is held is answered, or not. */
  answer(known: boolean): void {
    if (known) this.room.release();
    else this.room.refuse("no");
    this.#goOn();
  }

  /** Nothing is on its way any more. */
  finish(): void {
    this.room.holding.clear();
    while (this.room.held.length + this.room.appended.length > 0) {
      this.answer(true);
      if (this.room.appended.length > 0) this.settle(true);
    }
  }

  #goOn(): void {
    for (const seat of this.seats) if (seat.codec.ready) this.#decode(seat);
  }

  #decode(seat: Seat): void {
    const { codec, session } = seat;
    const { hub, now } = this.room;
    while (!seat.over) {
      try {
        const request = codec.next();
        seat.sent.bytes(codec.output?.() ?? new Uint8Array(0));
        if (request === undefined) break;
        this.seen.add(`${seat.wire} ${request.type}`);
        if (!isNotice(request)) seat.open++;
        hub.receive(session, request, now);
      } catch (error) {
        if (!(error instanceof RemoteProtocolError)) throw error;
        seat.sent.bytes(codec.output?.() ?? new Uint8Array(0));
        this.seen.add(`${seat.wire} ${error.code}`);
        seat.open++;
        hub.mistake(session, error, now);
      }
      this.room.work();
    }
    codec.takeAsides?.();
  }

  #tell(session: Session<Peer>, event: ServerEvent, reply: boolean): void {
    const seat = this.seats.find((each) => each.session === session);
    if (seat === undefined) return;
    assert(!session.peer.closed, "something is said behind a close");
    const code = "code" in event ? ` ${event.code}` : "";
    this.seen.add(`${seat.wire} told ${event.type}${code}`);
    const { codec, sent } = seat;
    if (reply) {
      assert(seat.open > 0, `${event.type} answers nothing`);
      seat.open--;
    }
    const room = streamOf(event);
    if (room !== undefined) codec.select?.(sent, room);
    if (!reply || codec.reply === undefined) codec.encoding.write(sent, event);
    else {
      codec.tick?.(this.room.now);
      codec.reply(sent, event);
    }
  }
}
