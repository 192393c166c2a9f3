/**
 * Whether the chat over reliable UDP is complete and in order on a network that
 * loses a share of all datagrams in each direction: our own clients, a server in
 * a process of its own, and `udp_relay.ts` between them. `--away` has the server
 * killed in the middle, and started again after so many seconds.
 *
 *   deno task perf-udp [--loss SHARE] [--users N] [--messages N] [--seed N]
 *     [--away SECONDS]
 *
 * @module
 */

import { SeededRandom } from "../../lib/bench/random.ts";
import {
  type Clock,
  linkOpener,
  Session,
  type SessionEvent,
} from "../../lib/client/mod.ts";
import { parseServer } from "../../lib/net/mod.ts";
import { Chatp, Folder } from "../commands/chatp_process.ts";
import { taskOptions } from "../task_options.ts";
import { LossyRelay, type Traffic } from "./udp_relay.ts";

/** What a run does. */
interface Plan {
  readonly loss: number;
  readonly users: number;
  /** In all. */
  readonly messages: number;
  readonly seed: number;
  /** Seconds that the server is away, if it is killed. */
  readonly away: number | undefined;
}

/** When a run is given up, ms. */
const LONGEST_RUN = 600_000;

const CLOCK: Clock = {
  now: () => performance.now(),
  after(delay, run) {
    const timer = setTimeout(run, delay);
    return () => clearTimeout(timer);
  },
};

/** Somebody who says their part and notes what comes. */
class Person {
  readonly name: string;
  readonly session: Session;
  /** Of each other person the numbers of what they said, as they came. */
  readonly heard = new Map<string, number[]>();
  readonly caughtUp = Promise.withResolvers<void>();
  acknowledged: number[] = [];
  /** What everybody has, as far as the ticks tell. */
  readonly twoTicks = new Set<number>();
  reconnections = 0;
  /** What should not have been told. */
  readonly complaints: string[] = [];
  readonly #changed: () => void;

  constructor(name: string, port: number, changed: () => void) {
    this.name = name;
    this.#changed = changed;
    this.session = new Session({
      open: linkOpener({
        address: parseServer(`udpchat://127.0.0.1:${port}`),
        dial: { timeout: 10_000 },
        hasPassword: true,
        plaintext: false,
      }),
      username: name,
      password: "long enough a secret",
      register: true,
      keys: crypto.randomUUID().replaceAll("-", "").slice(0, 24),
      loginTimeout: 10_000,
      clock: CLOCK,
      random: Math.random,
      onEvent: (event) => this.#note(event),
    });
    this.session.start();
    void this.session.ended.then((error) => {
      const why = `${name} did not get in, try again: ${error?.message}`;
      this.caughtUp.reject(new Error(why, { cause: error }));
    });
  }

  #note(event: SessionEvent): void {
    switch (event.type) {
      case "caught_up":
        this.caughtUp.resolve();
        break;
      case "connected":
        if (event.again) this.reconnections++;
        break;
      case "acknowledged":
        this.acknowledged.push(event.ref);
        break;
      case "received_by_all":
        for (const ref of event.refs) this.twoTicks.add(ref);
        break;
      case "room_msg": {
        const numbers = this.heard.get(event.sender) ?? [];
        numbers.push(Number(event.text));
        this.heard.set(event.sender, numbers);
        break;
      }
      case "refused":
      case "unconfirmed":
      case "warned":
        this.complaints.push(`${event.type} ${JSON.stringify(event)}`);
    }
    this.#changed();
  }

  say(count: number): void {
    for (let number = 1; number <= count; number++) {
      this.session.submit({ type: "room_msg", text: String(number) });
    }
  }

  /** Everything that is noted, of so many messages each of so many others. */
  done(each: number, others: number): boolean {
    const heard = [...this.heard.values()].reduce(
      (sum, { length }) => sum + length,
      0,
    );
    return heard >= each * others && this.twoTicks.size >= each;
  }
}

/** How what came differs from 1, 2, 3 … */
function compare(numbers: readonly number[], each: number) {
  const different = new Set(numbers);
  let last = 0;
  let disordered = 0;
  for (const number of numbers) {
    if (number < last) disordered++;
    last = number;
  }
  return {
    lost: each - different.size,
    doubled: numbers.length - different.size,
    disordered,
  };
}

/** What a run came to. */
class Result {
  lost = 0;
  doubled = 0;
  disordered = 0;
  acknowledged = 0;
  twoTicks = 0;

  constructor(people: readonly Person[], each: number) {
    for (const person of people) {
      this.#add(person.acknowledged, each);
      this.acknowledged += person.acknowledged.length;
      this.twoTicks += person.twoTicks.size;
      for (const { name } of people) {
        if (name === person.name) continue;
        this.#add(person.heard.get(name) ?? [], each);
      }
    }
  }

  /** What one person was told of what one said; of their own, the ACKs. */
  #add(numbers: readonly number[], each: number): void {
    const { lost, doubled, disordered } = compare(numbers, each);
    this.lost += lost;
    this.doubled += doubled;
    this.disordered += disordered;
  }

  /** Whether nothing is missing, twice, or in another order. */
  get good(): boolean {
    return this.lost + this.doubled + this.disordered === 0;
  }
}

function serve(data: string, port: number): Promise<Chatp> {
  const listen = `--listen=udpchat://127.0.0.1:${port}`;
  return Chatp.start(["serve", "--no-rate-limits", listen], { data });
}

async function started(server: Chatp): Promise<number> {
  const [, port] = await server.out.find(/Server started on .*:(\d+)/);
  return Number(port);
}

const pause = (ms: number) =>
  new Promise<void>((resolve) => setTimeout(resolve, ms));

function traffic(title: string, traffic: Traffic): string {
  const { datagrams, bytes, acks, retransmissions, lost } = traffic;
  return `${title}: ${datagrams} datagrams (${acks} ACKs, ` +
    `${retransmissions} retransmissions), ${bytes} bytes, ${lost} lost`;
}

/** Runs a plan; answers whether all was well. */
async function run(plan: Plan): Promise<boolean> {
  const { loss, users, seed, away } = plan;
  const each = Math.floor(plan.messages / users);
  await using data = await Folder.make();
  let server = await serve(data.path, 0);
  const port = await started(server);
  const relay = await LossyRelay.open(port, loss, new SeededRandom(seed));
  let changed = () => {};
  const people = Array.from(
    { length: users },
    (_, index) => new Person(`user${index + 1}`, relay.port, () => changed()),
  );
  try {
    await Promise.all(people.map(({ caughtUp }) => caughtUp.promise));
    const start = performance.now();
    const done = Promise.withResolvers<void>();
    const half = Promise.withResolvers<void>();
    changed = () => {
      const acknowledged = people.reduce(
        (sum, { acknowledged }) => sum + acknowledged.length,
        0,
      );
      if (acknowledged * 2 >= each * users) half.resolve();
      if (people.every((each_) => each_.done(each, users - 1))) done.resolve();
    };
    people.forEach((person) => person.say(each));
    if (away !== undefined) {
      await half.promise;
      await server[Symbol.asyncDispose]();
      await pause(away * 1000);
      server = await serve(data.path, port);
      await started(server);
    }
    const late = setTimeout(done.resolve, LONGEST_RUN);
    await done.promise;
    clearTimeout(late);
    const seconds = (performance.now() - start) / 1000;
    // What is told twice may be told late.
    await pause(2_000);
    const result = new Result(people, each);
    report(plan, result, { people, relay, seconds });
    return result.good;
  } finally {
    await Promise.all(people.map(({ session }) => {
      session.close();
      return session.ended;
    }));
    relay.close();
    await server[Symbol.asyncDispose]();
  }
}

function report(
  { loss, users, messages, seed, away }: Plan,
  { lost, doubled, disordered, acknowledged, twoTicks }: Result,
  { people, relay, seconds }: {
    readonly people: readonly Person[];
    readonly relay: LossyRelay;
    readonly seconds: number;
  },
): void {
  const again = people.reduce(
    (sum, { reconnections }) => sum + reconnections,
    0,
  );
  const absence = away === undefined ? "" : `, server away for ${away} s`;
  console.log(
    `${users} users, ${messages} messages, ${loss * 100} % lost each way, ` +
      `seed ${seed}${absence}`,
  );
  console.log(`lost ${lost}, doubled ${doubled}, out of order ${disordered}`);
  console.log(`one tick ${acknowledged}, two ticks ${twoTicks}`);
  console.log(`${seconds.toFixed(1)} s, ${again} reconnections`);
  console.log(traffic("to the server", relay.up));
  console.log(traffic("from the server", relay.down));
  for (const { name, complaints } of people) {
    for (const each of complaints) console.log(`${name}: ${each}`);
  }
}

if (import.meta.main) {
  const values = taskOptions(
    "deno task perf-udp [--loss SHARE] [--users N] [--messages N] [--seed N] " +
      "[--away SECONDS]\n" +
      "Says 1,000 messages through a relay that loses 0.5 or SHARE of the " +
      "datagrams each way;\nwith --away the server is killed in the middle " +
      "and comes back so much later",
    {
      loss: { type: "string", default: "0.5" },
      users: { type: "string", default: "5" },
      messages: { type: "string", default: "1000" },
      seed: { type: "string", default: "1" },
      away: { type: "string" },
    },
  );
  const wrong = Object.entries(values).find(([, value]) =>
    !(Number(value) >= 0 && Number(value) < Infinity)
  );
  if (wrong !== undefined) {
    console.error(`--${wrong[0]} is a number, not ${wrong[1]}`);
    Deno.exit(2);
  }
  const good = await run({
    loss: Number(values.loss),
    users: Number(values.users),
    messages: Number(values.messages),
    seed: Number(values.seed),
    away: values.away === undefined ? undefined : Number(values.away),
  });
  Deno.exitCode = good ? 0 : 1;
}
