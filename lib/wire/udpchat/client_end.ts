/**
 * The client's end of the reliable-UDP wire: requests and events of the model
 * on one side, datagrams on the other.
 *
 * What it guarantees:
 *
 * - Requests get one reply each, in the order they were asked.
 * - Messages of a room are told once and in order, one's own (its reply) in its
 *   place among them (`client_room.ts`).
 * - Requests are acted upon in the order they were asked: they bear an `n` that
 *   counts from 0 since the last SYN. The original's server does not look at it.
 *
 * ```
 * send → #replies → link → datagrams()      receive → link → #pending, pushes
 *                                                          ↓
 *                    events()  ←  #flush  ←  #replies, rooms
 * ```
 *
 * What rooms there are, and what is missing in them: `client_catch_up.ts`.
 * Messages of one's own: `client_own.ts`. Replies: `client_replies.ts`.
 *
 * As the link it is of, it touches neither a socket nor a clock. `now` is ms
 * since 1970, never going back. After every call take `datagrams()` and
 * `events()`, and look at `nextWake`.
 *
 * @module
 */

import { RemoteProtocolError } from "../errors.ts";
import type { ServerEvent } from "../events.ts";
import { LOBBY } from "../names.ts";
import type { Request } from "../requests.ts";
import {
  readAnswer,
  readChatPush,
  readReceivedByAll,
  readStored,
  readSubscription,
  refusal,
} from "./client_bodies.ts";
import {
  isOpening,
  loggedIn,
  loginBody,
  type Opening,
  resumed,
  synBody,
} from "./client_opening.ts";
import {
  messageBody,
  type MessageRequest,
  questionOf,
  roomOfMessage,
} from "./client_requests.ts";
import { type Acknowledged, CatchUp } from "./client_catch_up.ts";
import { OwnMessages } from "./client_own.ts";
import { refuse, Replies, type Reply } from "./client_replies.ts";
import type { Reader } from "./client_room.ts";
import type { ClientRooms } from "./client_rooms.ts";
import { type DatagramBody, DatagramError } from "./datagram.ts";
import { type LinkEvent, ReliableLink } from "./reliability.ts";
import { writeTimeSent } from "./times.ts";

/** What a client's end tells. */
export type ClientEndEvent =
  /** `isAnswer`: whether it is the reply to a request. */
  | {
    readonly type: "event";
    readonly event: ServerEvent;
    readonly isAnswer: boolean;
  }
  /** Something that can't be read; it was acknowledged, and is over. */
  | { readonly type: "unreadable"; readonly error: RemoteProtocolError }
  /** Nothing more comes: a new end has to log in again. */
  | {
    readonly type: "lost";
    readonly why: "silent" | "left" | "logged_out";
  }
  /** Everything was acknowledged, and so was that we leave. */
  | { readonly type: "finished" };

/** How one is made. */
export interface ClientEndOptions {
  /** The first SEQN, a number of 32 bits by chance. */
  readonly seqn: number;
  /** What is kept from one connection to the next. */
  readonly rooms: ClientRooms;
}

/** One connection's end. */
export class UdpChatClient {
  readonly #link: ReliableLink;
  readonly #rooms: ClientRooms;
  readonly #pending = new Map<number, Acknowledged>();
  readonly #replies = new Replies();
  readonly #own = new OwnMessages();
  #events: ClientEndEvent[] = [];
  #n = 0;
  #token: string | undefined;
  #entered = false;
  #over = false;
  #finishing = false;
  readonly #catchUp: CatchUp;

  constructor({ seqn, rooms }: ClientEndOptions) {
    // The original's server pushes what was said with our `n` in it.
    this.#link = new ReliableLink({ seqn, unordered: true });
    this.#rooms = rooms;
    this.#catchUp = new CatchUp(rooms, {
      ask: (body, now, answered) => this.#ask(body, now, answered),
      tell: (event) => this.#tell(event, false),
    });
    rooms.disconnected();
  }

  // ---- what its owner calls

  /**
   * Asks something; the first is what logs in. A receipt is not sent: the ACKs
   * of pushes say as much.
   */
  send(request: Request, now: number): void {
    if (isOpening(request)) this.#open(request, now);
    else if (request.type === "receipt" || request.type === "logout") return;
    else this.#request(request, now);
    this.#flush(now);
  }

  /** Shows the server that we are there, if nothing waits for it anyway. */
  keepalive(now: number): void {
    if (!this.#entered || this.#over || this.#pending.size > 0) return;
    const { username } = this.#rooms;
    const token = this.#token;
    const body = { username, ...token !== undefined && { token } };
    this.#syn(body, now, ({ status = 200 }) => {
      if (status !== 200) this.#lose("logged_out");
    });
  }

  /** Says that we leave, once everything is acknowledged. */
  finish(now: number): void {
    this.#finishing = true;
    this.#flush(now);
  }

  /** A datagram came. */
  receive(bytes: Uint8Array, now: number): void {
    try {
      this.#link.receive(bytes, now);
    } catch (error) {
      if (!(error instanceof DatagramError)) throw error;
      if (error.seqn !== undefined) this.#link.refuse(error.seqn, {});
      this.#unreadable(error);
    }
    this.#attend(now);
  }

  /** Takes what is to be sent now, whole datagrams. */
  datagrams(): Uint8Array[] {
    return this.#link.datagrams();
  }

  /** Takes what happened. */
  events(): ClientEndEvent[] {
    const taken = this.#events;
    this.#events = [];
    return taken;
  }

  /** When to `wake`, ms, or Infinity. */
  get nextWake(): number {
    if (this.#over) return Infinity;
    return Math.min(this.#link.nextWake, this.#catchUp.nextWake);
  }

  /** Does what is due. */
  wake(now: number): void {
    this.#link.wake(now);
    if (!this.#over) this.#catchUp.wake(now);
    this.#attend(now);
  }

  // ---- logging in

  #syn(body: DatagramBody, now: number, acknowledged: Acknowledged): void {
    this.#n = 0;
    this.#pending.set(this.#link.sendSyn(body, now), acknowledged);
  }

  #open(opening: Opening, now: number): void {
    const { username } = this.#rooms;
    if (opening.type === "resume") this.#token = opening.token;
    else this.#rooms.username = opening.username ?? "";
    this.#syn(synBody(opening, username), now, (body, now) => {
      if (opening.type === "resume") {
        return this.#enter(resumed(body, username), now);
      }
      const login = loginBody(opening);
      if (login["type"] === "login_reject") {
        return this.#tell(login as ServerEvent, true);
      }
      this.#ask(login as DatagramBody, now, (body, now) => {
        this.#enter(loggedIn(opening, body), now);
      });
    });
  }

  #enter(event: ReturnType<typeof loggedIn>, now: number): void {
    this.#tell(event, true);
    if (event.type !== "login_ack") return;
    this.#token = event.token ?? this.#token;
    this.#rooms.username = event.username;
    this.#entered = true;
    this.#catchUp.list(now);
  }

  // ---- requests

  #request(request: Request, now: number): void {
    const reply = this.#replies.add();
    try {
      if (request.type === "room_msg" || request.type === "private_msg") {
        return this.#say(request, reply, now);
      }
      const question = questionOf(request, this.#rooms);
      const { body, group } = question;
      this.#ask(this.#numbered(body), now, (body, now) => {
        const answer = readAnswer(body);
        if (answer.status !== 200) {
          reply.make = () => refusal(answer);
          return;
        }
        if (group !== undefined) {
          this.#catchUp.hearOf(this.#rooms.ofGroup(group), now);
        }
        const event = question.reply(answer, this.#reader(now));
        reply.make = () => event;
      }, reply);
    } catch (error) {
      refuse(reply, error);
    }
  }

  #numbered(body: DatagramBody): DatagramBody {
    return { ...body, n: this.#n };
  }

  #say(request: MessageRequest, reply: Reply, now: number): void {
    const room = roomOfMessage(request, this.#rooms);
    const dated = { sent: writeTimeSent(now), ...request };
    const body = messageBody(dated, room.group, this.#rooms.username);
    const seqn = this.#ask(this.#numbered(body), now, (body, now) => {
      const answer = readAnswer(body);
      if (answer.status !== 200) {
        this.#own.drop(seqn);
        reply.make = () => refusal(answer);
        return;
      }
      const stored = readStored(body);
      this.#catchUp.hearOf(room, now, stored);
      const { username } = this.#rooms;
      const said = { seqn, request, room, username };
      this.#own.stored(said, stored, reply, now);
    }, reply);
    this.#own.add(seqn, room);
  }

  /**
   * Sends a request; answers its SEQN. What goes wrong with its answer is the
   * reply's, where there is one.
   */
  #ask(
    body: DatagramBody,
    now: number,
    acknowledged: Acknowledged,
    reply?: Reply,
  ): number {
    const seqn = this.#link.send(body, now);
    // A body that could not be sent must not leave a hole.
    if (body["n"] !== undefined) this.#n++;
    this.#pending.set(seqn, (body, now) => {
      if (this.#entered && body["status"] === 401) {
        return this.#lose("logged_out");
      }
      try {
        acknowledged(body, now);
      } catch (error) {
        if (reply === undefined) throw error;
        refuse(reply, error);
      }
    });
    return seqn;
  }

  // ---- what the server says

  #attend(now: number): void {
    for (const event of this.#link.events()) {
      try {
        this.#heard(event, now);
      } catch (error) {
        if (!(error instanceof RemoteProtocolError)) throw error;
        this.#unreadable(error);
      }
    }
    this.#flush(now);
  }

  #heard(event: LinkEvent, now: number): void {
    switch (event.type) {
      case "acknowledged": {
        const acknowledged = this.#pending.get(event.seqn);
        this.#pending.delete(event.seqn);
        return acknowledged?.(event.body, now);
      }
      case "request":
        return this.#pushed(event.seqn, event.body, now);
      case "lost":
        return this.#lose("silent");
      case "fin":
        return this.#lose("left");
    }
  }

  #pushed(seqn: number, body: DatagramBody, now: number): void {
    const { username } = this.#rooms;
    const { type, MessageID, group } = body;
    this.#link.answer(
      seqn,
      type === "CHT" ? { MessageID, group, username } : {},
    );
    switch (type) {
      case "CHT":
        return this.#chat(body, now);
      case "MSG_RBA": {
        const { group, id, sequence } = readReceivedByAll(body);
        return this.#rooms.ofGroup(group).receivedByAll(id, sequence);
      }
      case "GRP_SUB":
        return this.#subscribed(body, now);
    }
  }

  #chat(body: DatagramBody, now: number): void {
    const push = readChatPush(body);
    const room = this.#rooms.ofGroup(push.group);
    if (this.#entered) this.#catchUp.hearOf(room, now, push);
    const isOwn = push.sender === this.#rooms.username &&
      this.#own.takes(push, room);
    if (!isOwn) room.push(push, this.#reader(now));
  }

  /** A room is one's own from now on. */
  #subscribed(body: DatagramBody, now: number): void {
    const { group, members, by } = readSubscription(body);
    const room = this.#rooms.ofGroup(group);
    if (room.listed || !this.#entered) return;
    // Of two people's the first message tells.
    if (!room.direct) this.#catchUp.hearOf(room, now);
    if (by === undefined || room.name === LOBBY) return;
    if (by === this.#rooms.username) return;
    const { name } = room;
    this.#tell(
      { type: "invitation", room: name, user: by, users: members },
      false,
    );
  }

  // ---- what is told

  #reader(now: number): Reader {
    return { username: this.#rooms.username, now };
  }

  #tell(event: ServerEvent, isAnswer: boolean): void {
    if (!this.#over) this.#events.push({ type: "event", event, isAnswer });
  }

  #unreadable(error: RemoteProtocolError): void {
    if (!this.#over) this.#events.push({ type: "unreadable", error });
  }

  #lose(why: "silent" | "left" | "logged_out"): void {
    if (this.#over) return;
    this.#over = true;
    this.#pending.clear();
    this.#events.push({ type: "lost", why });
  }

  /** Tells what can be told now, each in its place. */
  #flush(now: number): void {
    if (this.#over) return;
    for (;;) {
      const events = this.#rooms.all.flatMap((room) => room.take());
      for (const event of events) this.#tell(event, false);
      const reply = this.#replies.take();
      if (reply !== undefined) this.#tell(reply, true);
      else if (events.length === 0) break;
    }
    this.#catchUp.watch(now);
    if (!this.#finishing || this.#pending.size > 0) return;
    this.#finishing = false;
    this.#pending.set(this.#link.sendFin(now), () => {
      this.#events.push({ type: "finished" });
      this.#over = true;
    });
  }
}
