/**
 * A client's end of the reliable-UDP wire, with what it sends and tells in
 * short.
 *
 * @module
 */

import {
  type ClientEndEvent,
  ClientRooms,
  type Request,
  UdpChatClient,
} from "../../../lib/wire/mod.ts";
import { datagram, shown } from "./server_scene.ts";

/** One of them; its first SEQN is 1000. */
export class ClientScene {
  readonly end: UdpChatClient;
  now = 0;

  constructor(rooms = new ClientRooms()) {
    this.end = new UdpChatClient({ seqn: 1000, rooms });
  }

  /** A datagram comes; answers what is sent at once. */
  hear(seqn: number, flags: string, body = ""): string[] {
    this.end.receive(datagram(seqn, flags, body), this.now);
    return this.sent();
  }

  /** Asks something; answers what is sent at once. */
  ask(request: Request): string[] {
    this.end.send(request, this.now);
    return this.sent();
  }

  /** What is sent. */
  sent(): string[] {
    return shown(this.end.datagrams());
  }

  /** What is told: replies begin with `=`. */
  told(): unknown[] {
    return this.end.events().map((event) => told(event));
  }

  /** Wakes it when it wants to be, up to a time; answers what is sent. */
  pass(until: number): string[] {
    while (this.end.nextWake <= until) {
      this.now = this.end.nextWake;
      this.end.wake(this.now);
    }
    this.now = until;
    return this.sent();
  }

  /** Alice is logged in, and in these groups; nothing is left to be taken. */
  login(groups = LOBBY): this {
    this.ask({ type: "login", username: "alice", password: "secret" });
    this.hear(0, "A", "{}");
    const ok = `{"status":200,"error":null,"response":`;
    this.hear(1000, "A", `${ok}{"username":"alice","token":"t0ken"}}`);
    this.hear(1066, "A", `${ok}${groups}}`);
    this.told();
    return this;
  }
}

function told(event: ClientEndEvent): unknown {
  if (event.type !== "event") return event;
  const { type, ...fields } = event.event;
  return [event.isAnswer ? `= ${type}` : type, fields];
}

/** What our server tells of the lobby. */
export const LOBBY = `[{"Name":"General Chat Room","Date_Created":` +
  `"2026-11-21 02:30:00","Members":["alice","bob"],"kind":"public",` +
  `"sequence":4,"received":4,"receivedByAll":4}]`;

/** What the original's server does. */
export const UNCOUNTED_LOBBY = `[{"Name":"General Chat Room",` +
  `"Date_Created":"2026-11-21 02:30:00","Members":["alice","bob"]}]`;

/** A message as our server pushes it. */
export function push(
  { id = 1, sequence, text = "hi", username = "bob", seqn = 0, more = "" }: {
    readonly id?: number;
    readonly sequence?: number;
    readonly text?: string;
    readonly username?: string;
    readonly seqn?: number;
    readonly more?: string;
  },
  group = "General Chat Room",
): string {
  const counted = sequence === undefined ? "" : `,"sequence":${sequence}`;
  return `{"type":"CHT","MessageID":${id},"msg_seqn":${seqn},` +
    `"group":"${group}","username":"${username}","text":"${text}",` +
    `"time_sent":"2026-11-21T02:30:00.123000"${counted}${more}}`;
}
