/**
 * A client and a server that talk over a bad network: the client says what it
 * has to say until it is acknowledged, with a new SYN whenever it lost the
 * server; the server answers, sometimes late, and pushes.
 */
import { assert, assertEquals } from "@std/assert";
import type { SeededRandom } from "../../../lib/bench/random.ts";
import type {
  DatagramBody,
  LinkEvent,
  LinkLimits,
  ReliableLink,
} from "../../../lib/wire/mod.ts";
import { FAIR, Network, type Weather } from "./network.ts";

/** Something that was said once, under one SEQN. */
interface Saying {
  released: number;
  state: "waits" | "acknowledged" | "lost";
}

/** What is said, by the SEQN it was said with. */
class Sayings {
  readonly #bySeqn = new Map<number, Saying>();

  add(seqn: number): void {
    assert(!this.#bySeqn.has(seqn), "a SEQN was handed out twice");
    this.#bySeqn.set(seqn, { released: 0, state: "waits" });
  }

  /** Nothing is released twice. */
  release(seqn: number): void {
    const saying = this.#bySeqn.get(seqn);
    assert(saying !== undefined, "something was released that nobody said");
    saying.released++;
    assertEquals(saying.released, 1, "something was released twice");
  }

  /** What is acknowledged was released exactly once, and ends once. */
  end(seqn: number, state: "acknowledged" | "lost"): void {
    const saying = this.#bySeqn.get(seqn);
    assert(saying?.state === "waits", "something ended twice");
    if (state === "acknowledged") assertEquals(saying.released, 1);
    saying.state = state;
  }

  /** Everything was acknowledged or handed back. */
  checkEnded(): void {
    for (const { state } of this.#bySeqn.values()) assert(state !== "waits");
  }
}

/** What happened in one. */
export interface Outcome {
  readonly given: number;
  readonly wakings: number;
  /** ms until nothing happened any more. */
  readonly time: number;
}

/** How one goes. */
export interface Plan {
  readonly weather: Weather;
  readonly limits: LinkLimits;
  readonly requests: number;
  readonly pushes: number;
  /** When nothing is carried, ms. */
  readonly blackout?: { readonly from: number; readonly until: number };
  /** When the network heals for good, ms. */
  readonly heals: number;
  /** How long an answer takes at most, ms. */
  readonly thinks: number;
  /** How many answers take six seconds instead, 0 to 1. */
  readonly late: number;
}

/** The client: everything it has to say is acknowledged in the end. */
class Client {
  readonly sayings = new Sayings();
  readonly #network: Network;
  readonly #link: ReliableLink;
  readonly #pushes: Sayings;
  readonly #waiting: DatagramBody[] = [];
  /** By SEQN. */
  readonly #said = new Map<number, DatagramBody>();
  #epoch = 0;
  #n = 0;
  /** How often it lost the server. */
  given = 0;
  acknowledged = 0;

  constructor(network: Network, pushes: Sayings) {
    this.#network = network;
    this.#pushes = pushes;
    this.#link = network.join((event) => this.#hear(event));
    this.#connect();
  }

  say(body: DatagramBody): void {
    if (this.#epoch < 0) this.#waiting.push(body);
    else this.#send(body);
  }

  #send(body: DatagramBody): void {
    const place = body["ordered"] === true
      ? { epoch: this.#epoch, n: this.#n++ }
      : {};
    const seqn = this.#link.send({ ...body, ...place }, this.#network.now);
    this.sayings.add(seqn);
    this.#said.set(seqn, body);
  }

  #connect(): void {
    this.#epoch = this.given;
    this.#n = 0;
    this.#link.sendSyn({ username: "al" }, this.#network.now);
    for (const body of this.#waiting.splice(0)) this.#send(body);
  }

  #hear(event: LinkEvent): void {
    if (event.type === "acknowledged") {
      if (event.seqn === 0 || event.seqn === -1) return;
      this.sayings.end(event.seqn, "acknowledged");
      assertEquals(event.body["to"], this.#said.get(event.seqn)?.["id"]);
      this.acknowledged++;
    } else if (event.type === "request") {
      this.#pushes.release(event.seqn);
      this.#link.answer(event.seqn, { to: event.body["id"] });
    } else if (event.type === "lost") {
      for (const { seqn } of event.unacknowledged) {
        this.sayings.end(seqn, "lost");
        this.#waiting.push(this.#said.get(seqn) as DatagramBody);
      }
      this.given++;
      this.#epoch = -1;
      const pause = this.#network.random.integer(2_000);
      this.#network.after(pause, () => this.#connect());
    }
  }
}

/** The server: it checks the order, and answers. */
class Server {
  readonly pushes = new Sayings();
  readonly link: ReliableLink;
  readonly #network: Network;
  readonly #plan: Plan;
  readonly #client: () => Client;
  #epoch = 0;
  #next = 0;

  constructor(network: Network, plan: Plan, client: () => Client) {
    this.#network = network;
    this.#plan = plan;
    this.#client = client;
    this.link = network.join((event) => this.#hear(event));
  }

  push(body: DatagramBody): void {
    this.pushes.add(this.link.send(body, this.#network.now));
  }

  #hear(event: LinkEvent): void {
    if (event.type === "acknowledged") {
      this.pushes.end(event.seqn, "acknowledged");
    } else if (event.type === "lost") {
      for (const { seqn } of event.unacknowledged) {
        this.pushes.end(seqn, "lost");
      }
    } else if (event.type === "request") this.#request(event.seqn, event.body);
  }

  #request(seqn: number, body: DatagramBody): void {
    this.#client().sayings.release(seqn);
    if (body["ordered"] === true) this.#checkOrder(body);
    const { random } = this.#network;
    const { late, thinks } = this.#plan;
    const delay = random.chance(late) ? 6_000 : random.integer(thinks);
    this.#network.after(
      delay,
      () => this.link.answer(seqn, { to: body["id"] }),
    );
  }

  /** Of each connection from 0 on without a gap, and none of an older one. */
  #checkOrder({ epoch, n }: DatagramBody): void {
    if (epoch !== this.#epoch) {
      assert(epoch as number > this.#epoch, "an older connection's came late");
      this.#epoch = epoch as number;
      this.#next = 0;
    }
    assertEquals(n, this.#next++, "out of order");
  }
}

/** Lets client and server talk until both have nothing more to say. */
export function converse(random: SeededRandom, plan: Plan): Outcome {
  const network = new Network(random, plan.weather, plan.limits);
  const server: Server = new Server(network, plan, () => client);
  const client: Client = new Client(network, server.pushes);
  const { blackout, heals } = plan;
  const weather = (at: number, next: Weather) =>
    network.after(at, () => network.weather = next);
  if (blackout !== undefined) {
    weather(blackout.from, { ...plan.weather, loss: 1 });
    weather(blackout.until, plan.weather);
  }
  weather(heals, FAIR);
  for (let id = 0; id < plan.requests; id++) {
    const text = "x".repeat(random.integer(random.chance(0.1) ? 3_000 : 60));
    const body = { id, text, ordered: random.chance(0.8) };
    network.after(random.integer(heals), () => client.say(body));
  }
  for (let id = 0; id < plan.pushes; id++) {
    network.after(random.integer(heals), () => server.push({ id }));
  }
  network.run(heals + 120_000);
  client.sayings.checkEnded();
  server.pushes.checkEnded();
  assertEquals(client.acknowledged, plan.requests);
  return { given: client.given, wakings: network.wakings, time: network.now };
}
