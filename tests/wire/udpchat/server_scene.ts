/**
 * A server's end of one address, with what it sends and wants done in short.
 *
 * @module
 */

import {
  decodeDatagram,
  KeptLogins,
  type ServerEndEvent,
  type ServerEndOptions,
  type ServerEvent,
  UdpServerEnd,
  type Visit,
} from "../../../lib/wire/mod.ts";

const encoder = new TextEncoder();

/** A datagram: a SEQN, the letters of its flags, and its body as it stands. */
export function datagram(
  seqn: number,
  flags: string,
  body = "",
): Uint8Array<ArrayBuffer> {
  const json = encoder.encode(body);
  const bytes = new Uint8Array(7 + json.length);
  new DataView(bytes.buffer).setInt32(0, seqn);
  ["A", "S", "F"].forEach((flag, index) => {
    bytes[4 + index] = flags.includes(flag) ? 1 : 0;
  });
  bytes.set(json, 7);
  return bytes;
}

/** Datagrams in short: `12 ACK {"a":1}`. */
export function shown(datagrams: readonly Uint8Array[]): string[] {
  return datagrams.map((bytes) => {
    const { seqn, ack } = decodeDatagram(bytes);
    const body = new TextDecoder().decode(bytes.subarray(7));
    return `${seqn}${ack ? " ACK" : ""} ${body}`;
  });
}

/** One address of a server, its first push has the SEQN 1000. */
export class Scene {
  readonly end: UdpServerEnd;
  now = 0;
  #visits: Visit[] = [];

  constructor(options: Partial<ServerEndOptions> = {}) {
    this.end = new UdpServerEnd({
      seqn: 1000,
      logins: new KeptLogins(),
      loginLasts: 600_000,
      sendQueue: 1_048_576,
      ...options,
    });
  }

  /** The session that was opened last, if one was. */
  get opened(): Visit | undefined {
    return this.#visits.at(-1);
  }

  /** The session that was opened last. */
  get visit(): Visit {
    const visit = this.opened;
    if (visit === undefined) throw new Error("No session was opened");
    return visit;
  }

  /** A datagram comes; answers what is sent at once. */
  hear(seqn: number, flags: string, body = ""): string[] {
    this.end.receive(datagram(seqn, flags, body), this.now);
    return this.sent();
  }

  /** What is sent. */
  sent(): string[] {
    return shown(this.end.datagrams());
  }

  /** What is wanted, its session as the how manieth. */
  wanted(): unknown[] {
    return this.end.events().map((event) => this.#told(event));
  }

  #told(event: ServerEndEvent): unknown {
    if (event.type === "gone" || event.type === "refused") return event;
    const { visit, ...rest } = event;
    if (event.type === "open") this.#visits.push(visit);
    return { ...rest, visit: this.#visits.indexOf(visit) + 1 };
  }

  reply(event: ServerEvent, visit = this.visit): string[] {
    visit.reply(event, this.now);
    return this.sent();
  }

  tell(event: ServerEvent): string[] {
    this.visit.send(event, this.now);
    return this.sent();
  }

  /** Wakes it when it wants to be, up to a time; answers what is sent. */
  pass(until: number): string[] {
    this.wakeUntil(until);
    return this.sent();
  }

  /** The same, and nothing is taken. */
  wakeUntil(until: number): void {
    while (this.end.nextWake <= until) {
      this.now = this.end.nextWake;
      this.end.wake(this.now);
    }
    this.now = until;
  }

  /** alice logs in, in her two rooms; nothing is left to be taken. */
  login(): this {
    this.hear(0, "S", '{"username": null}');
    this.hear(
      1,
      "",
      '{"type": "USR_LOGIN", "username": "alice", "password": "secret"}',
    );
    this.wanted();
    this.reply({
      type: "login_ack",
      username: "alice",
      room: "general",
      user: 101,
      roomHandle: 1,
      token: "t0ken",
    });
    this.tell({ type: "rooms", rooms: [LOBBY_STATE, PAIR_STATE] });
    // The first push: whoever acknowledges it is there.
    this.hear(1000, "A", "{}");
    this.wanted();
    return this;
  }
}

const state = { last: 0, received: 0, read: 0, receivedByAll: 0 };
export const LOBBY_STATE = {
  ...state,
  room: 1,
  kind: "public",
  name: "general",
} as const;
export const PAIR_STATE = {
  ...state,
  room: 2,
  kind: "direct",
  name: "bob",
} as const;
