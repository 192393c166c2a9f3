/**
 * One person of a conversation that is benched over reliable UDP
 * (docs/udpchat.md, docs/bench.md "How reliable UDP is played").
 *
 * @module
 */

import { UdpPort } from "../net/mod.ts";
import {
  type DatagramBody,
  DatagramError,
  decodeDatagram,
  LOBBY,
  ReliableLink,
  type Text,
  writeTimeSent,
} from "../wire/mod.ts";
import { BENCH_BEGIN } from "./conversation_clock.ts";
import { groupEvent, type Meeting } from "./datagram_model.ts";
import type {
  ClientAddress,
  ClientEvents,
  PlayedClient,
} from "./played_client.ts";
import type { BenchEvent } from "./stated.ts";
import type { Step } from "./workload.ts";

/** The password of everybody's account. */
export const BENCH_PASSWORD = "as long as people's are";

/** How long a client may be silent, ms. */
const SILENCE = 10_000;

/**
 * The first SEQN of the first person, and how far that of the next is from it:
 * all have ten digits, so that a play has the same bytes each time.
 */
const FIRST_SEQN = 1_000_000_000;
const SEQN_STRIDE = 1_000_000;

/** Who a client is. */
export interface DatagramPerson {
  /** Index into the conversation's users. */
  readonly user: number;
  readonly username: string;
  /** With whom one is together. */
  readonly meeting: () => Meeting;
}

const text = (body: DatagramBody, name: string) => String(body[name] ?? "");

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

/** A client on a port of its own. */
export class DatagramClient implements PlayedClient {
  readonly ledger = undefined;
  readonly deadline = Infinity;
  port = 0;
  readonly #person: DatagramPerson;
  readonly #address: ClientAddress;
  readonly #events: ClientEvents;
  readonly #link: ReliableLink;
  readonly #answers = new Map<number, (body: DatagramBody) => void>();
  #udp!: UdpPort;
  #n = 0;
  #refs = 0;
  #token: unknown;
  #said = Infinity;
  #gone = false;
  #sent = 0;
  #received = 0;

  private constructor(
    person: DatagramPerson,
    address: ClientAddress,
    events: ClientEvents,
  ) {
    this.#person = person;
    this.#address = address;
    this.#events = events;
    const seqn = FIRST_SEQN + SEQN_STRIDE * person.user;
    this.#link = new ReliableLink({ seqn });
  }

  /**
   * Opens a port.
   *
   * @throws {UserError} when there is none.
   */
  static async open(
    person: DatagramPerson,
    address: ClientAddress,
    events: ClientEvents,
  ): Promise<DatagramClient> {
    const client = new DatagramClient(person, address, events);
    client.#udp = await UdpPort.open({
      host: address.host,
      port: 0,
      onDatagram: (bytes) => client.#receive(bytes),
      // What was not sent is repeated.
      onError: () => {},
    });
    client.port = client.#udp.address.port;
    return client;
  }

  get sent(): number {
    return this.#sent;
  }

  get received(): number {
    return this.#received;
  }

  get gone(): boolean {
    return this.#gone;
  }

  get idle(): boolean {
    return this.#gone || this.#link.nextWake === Infinity;
  }

  get keepaliveDue(): number {
    return this.#gone ? Infinity : this.#said + SILENCE;
  }

  sendDue(): number {
    return 0;
  }

  prepare(action: Step["action"]): (timeout: number) => Promise<void> {
    if (action.type === "quit") return (timeout) => this.#quit(timeout);
    // Once something is said there, it is no new one any more.
    const meeting = this.#person.meeting();
    return () => Promise.resolve(this.#do(action, meeting));
  }

  keepalive(): void {
    const body = { username: this.#person.username, token: this.#token };
    this.#syn(body, () => this.#events.event({ type: "keepalive" }));
  }

  wake(): void {
    if (this.#gone) return;
    this.#link.wake(this.#events.now());
    this.#flush();
  }

  async destroy(): Promise<void> {
    this.#gone = true;
    await this.#udp.close();
  }

  // ---- what it says

  #do(
    action: Exclude<Step["action"], { readonly type: "quit" }>,
    { group, members, isNew }: Meeting,
  ): void {
    const { username } = this.#person;
    switch (action.type) {
      case "login":
        this.#syn({ username: null }, () => {});
        return this.#login();
      case "list_users":
        return this.#ask({ type: "USR_LST", n: this.#n++ }, (response) => {
          const users = texts(response);
          this.#events.event({ type: action.type, room: LOBBY, users });
        });
      case "list_rooms":
        return this.#ask(
          { type: "GRP_HST", username, n: this.#n++ },
          (response) => {
            const groups = Array.isArray(response) ? response : [];
            const rooms = groups.map(({ Name }) => String(Name));
            this.#events.event({ type: action.type, rooms });
          },
        );
      case "private_msg":
        return this.#say(`@${action.recipient}`, action.text);
      case "room_msg":
        if (!isNew) return this.#say(group, action.text);
        return this.#meet(group, members, action.text);
    }
  }

  #login(): void {
    const { username } = this.#person;
    const password = BENCH_PASSWORD;
    this.#ask({ type: "USR_LOGIN", username, password }, (response) => {
      this.#token = (response as DatagramBody)["token"];
      this.#events.event({ type: "login_ack", username, room: LOBBY });
    });
  }

  /** Makes a group, and says something in it when it is there. */
  #meet(group: string, members: readonly string[], said: Text): void {
    const { username } = this.#person;
    const body = {
      type: "GRP_ADD",
      group,
      members: members.filter((name) => name !== username),
      username,
      ref: this.#ref(),
      n: this.#n++,
    };
    this.#ask(body, (response) => {
      const users = texts((response as DatagramBody)["Members"]).sort();
      this.#events.event({ type: "make_group", room: group, users });
      this.#say(group, said);
    });
  }

  #say(group: string, said: Text): void {
    const body = {
      type: "CHT",
      group,
      text: said,
      username: this.#person.username,
      time_sent: writeTimeSent(BENCH_BEGIN + this.#events.now()),
      ref: this.#ref(),
      n: this.#n++,
    };
    this.#ask(body, (_, { MessageID }) =>
      this.#events.event({
        type: "room_msg_ack",
        id: Number(MessageID ?? 0),
      }));
  }

  /** By what a request is known that is made again: 128 bits in hex. */
  #ref(): string {
    const { user } = this.#person;
    const parts = [user, this.#refs++].map((each) =>
      each.toString(16).padStart(16, "0")
    );
    return parts.join("");
  }

  #syn(body: DatagramBody, then: () => void): void {
    this.#n = 0;
    const seqn = this.#link.sendSyn(body, this.#events.now());
    this.#answers.set(seqn, ({ status = 200 }) => {
      if (status === 200) then();
      else this.#events.garbage();
    });
    this.#flush();
  }

  /** Asks; `then` is told what was answered, unless it was refused. */
  #ask(
    body: DatagramBody,
    then: (response: unknown, body: DatagramBody) => void,
  ): void {
    const seqn = this.#link.send(body, this.#events.now());
    this.#answers.set(seqn, (answer) => {
      if (answer["status"] === 200) then(answer["response"], answer);
      else this.#events.garbage();
    });
    this.#flush();
  }

  async #quit(timeout: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, timeout);
    const seqn = this.#link.sendFin(this.#events.now());
    this.#answers.set(seqn, () => resolve());
    this.#flush();
    await promise;
    clearTimeout(timer);
    this.#end();
    await this.#udp.close();
  }

  // ---- what it hears

  #receive(bytes: Uint8Array): void {
    if (this.#gone) return;
    this.#received += bytes.length;
    this.#count("down", bytes);
    try {
      this.#link.receive(bytes, this.#events.now());
    } catch (error) {
      if (!(error instanceof DatagramError)) throw error;
      this.#events.garbage();
    }
    this.#flush();
  }

  #flush(): void {
    for (const event of this.#link.events()) {
      switch (event.type) {
        case "acknowledged": {
          const then = this.#answers.get(event.seqn);
          this.#answers.delete(event.seqn);
          then?.(event.body);
          break;
        }
        case "request":
          this.#pushed(event.seqn, event.body);
          break;
        case "lost":
          this.#end();
      }
    }
    const { host: address, port } = this.#address;
    for (const bytes of this.#link.datagrams()) {
      this.#sent += bytes.length;
      this.#said = this.#events.now();
      this.#count("up", bytes);
      this.#udp.send(bytes, { address, port });
    }
  }

  #end(): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#events.gone();
  }

  #count(direction: "up" | "down", bytes: Uint8Array): void {
    const { ack, syn, fin, body } = decodeDatagram(bytes);
    const type = ack ? "ACK" : syn ? "SYN" : fin ? "FIN" : text(body, "type");
    this.#events.count(direction, type, bytes.length);
  }

  #pushed(seqn: number, body: DatagramBody): void {
    const { username } = this.#person;
    const { type, MessageID, group } = body;
    const isMessage = type === "CHT";
    this.#link.answer(seqn, isMessage ? { MessageID, group, username } : {});
    const event = this.#told(body);
    if (event === undefined) this.#events.garbage();
    else this.#events.event(event);
  }

  #told(body: DatagramBody): BenchEvent | undefined {
    const group = text(body, "group");
    switch (body["type"]) {
      case "CHT": {
        const sender = text(body, "username");
        const said = { sender, text: text(body, "text") };
        if (!group.startsWith("@")) {
          return { type: "room_msg", room: group, ...said };
        }
        const { username } = this.#person;
        const recipient = sender === username ? group.slice(1) : username;
        return { type: "private_msg_delivery", recipient, ...said };
      }
      case "GRP_SUB":
        return groupEvent(group, texts(body["Members"]));
      case "MSG_RBA":
        return {
          type: "received_by_all",
          room: group,
          sequence: Number(body["sequence"]),
          behind: 0,
        };
    }
    return undefined;
  }
}
