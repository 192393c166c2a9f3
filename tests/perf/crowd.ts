/**
 * What many connections at once cost a server: memory for each that is idle,
 * the time in which many join one room, and how the others chat meanwhile, by
 * `chatp bench load`. Server, visitors and load are processes of their own on
 * one machine. Linux alone (/proc).
 *
 *   deno task crowd [--wires chatp1,chatp2,json] [--secure] [--clients N]
 *     [--join N] [--chat N --rooms N --rate N --duration S] [--option OPTION]
 *
 * @module
 */

import { Chatp, Folder, startServer } from "../commands/chatp_process.ts";
import { Visitor, VISITOR_WIRES, type VisitorWire } from "./visitor.ts";
import { taskOptions } from "../task_options.ts";

/** Logins that are on their way at once. */
const ABREAST = 64;

/** How long nothing is done before memory is read, s: V8 tidies up by then. */
const REST = 30;

/** What a process holds and has used. */
interface Use {
  /** Resident memory, bytes. */
  readonly memory: number;
  /** s. */
  readonly cpu: number;
}

function useOf({ pid }: Chatp): Use {
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return {
    memory: Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) * 1024,
    cpu: (Number(fields[11]) + Number(fields[12])) / 100,
  };
}

function rest(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}

/** Does something with each of so many, some at once. */
async function each(count: number, work: (index: number) => Promise<void>) {
  let next = 0;
  const worker = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: ABREAST }, worker));
}

async function timed(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

/** What a run does. */
interface Plan {
  readonly wire: VisitorWire;
  readonly secure: boolean;
  readonly clients: number;
  readonly join: number;
  /** How many chat besides, if any, and how `chatp bench load` is to do it. */
  readonly chat: number;
  readonly load: readonly string[];
  readonly options: readonly string[];
}

const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);

/** Has others chat beside the idle; tells what their report says. */
async function chat(plan: Plan, data: string, port: number, server: Chatp) {
  const scheme = plan.secure ? "chatps" : "chatp";
  const before = useOf(server);
  await using load = await Chatp.start([
    "bench",
    "load",
    `${scheme}://127.0.0.1:${port}${plan.wire === "chatp1" ? "?v=1" : ""}`,
    "--insecure",
    `--clients=${plan.chat}`,
    ...plan.load,
  ], { data, input: "" });
  const took = await timed(async () => void await load.status());
  for (const line of [...load.out.all, ...load.err.all]) console.log(line);
  const after = useOf(server);
  console.log(
    `${(after.cpu - before.cpu).toFixed(2)} s CPU of the server within ` +
      `${took.toFixed(1)} s; it held ${(after.memory / 1e6).toFixed(1)} MB`,
  );
}

/** Enters, rests, joins, chats; tells what that took. */
async function run(plan: Plan): Promise<void> {
  const { wire, secure, clients, join } = plan;
  await using data = await Folder.make();
  const { server, port } = await startServer(data.path, ...plan.options);
  await using _ = server;
  const title = `${wire}${secure ? " in TLS" : ""}`;
  const enter = (name: string) => Visitor.enter(port, name, wire, secure);
  // Everything is loaded and compiled: that is no connection's.
  await each(100, async (index) => (await enter(`early${index}`)).leave());
  await rest(REST);
  const empty = useOf(server);
  const visitors: Visitor[] = [];
  const entering = await timed(() =>
    each(clients, async (index) => {
      visitors.push(await enter(`visitor${index}`));
    })
  );
  await rest(REST);
  const full = useOf(server);
  const kilobytes = (full.memory - empty.memory) / 1024 / clients;
  console.log(
    `${title}: ${clients} came in within ${entering.toFixed(2)} s, told ` +
      `${sum(visitors.map(({ messages }) => messages))} messages, ` +
      `${sum(visitors.map(({ bytes }) => bytes))} bytes; server: ` +
      `${(full.cpu - empty.cpu).toFixed(2)} s CPU, ` +
      `${(full.memory / 1e6).toFixed(1)} MB, ` +
      `${kilobytes.toFixed(2)} KB each`,
  );
  if (join > 0) {
    const joiners = visitors.slice(0, join);
    const before = sum(visitors.map(({ messages }) => messages));
    const bytes = sum(visitors.map(({ bytes }) => bytes));
    const took = await timed(async () => {
      await Promise.all(
        joiners.map((each) =>
          each.ask({ type: "join_room", room: "hall" }, "joined")
        ),
      );
    });
    const late = await timed(() => rest(2));
    console.log(
      `${title}: ${joiners.length} joined a room within ` +
        `${took.toFixed(2)} s; within ${(took + late).toFixed(1)} s told ` +
        `${sum(visitors.map(({ messages }) => messages)) - before} messages, ` +
        `${sum(visitors.map(({ bytes }) => bytes)) - bytes} bytes; server: ` +
        `${(useOf(server).cpu - full.cpu).toFixed(2)} s CPU`,
    );
  }
  if (plan.chat > 0) await chat(plan, data.path, port, server);
  const gone = visitors.filter(({ gone }) => gone !== undefined);
  if (gone.length > 0) console.log(`${gone.length} gone: ${gone[0]?.gone}`);
  for (const visitor of visitors) visitor.leave();
}

const values = taskOptions(
  "deno task crowd [--wires WIRE,...] [--secure] [--clients N] [--join N]\n" +
    "  [--chat N --rooms N --rate N --duration S] [--option OPTION]\n" +
    "Measures what 5,000 connections or N cost a server; the wires: " +
    Object.keys(VISITOR_WIRES).join(", "),
  {
    wires: { type: "string", default: Object.keys(VISITOR_WIRES).join() },
    secure: { type: "boolean", default: false },
    clients: { type: "string", default: "5000" },
    join: { type: "string", default: "0" },
    chat: { type: "string", default: "0" },
    rooms: { type: "string", default: "20" },
    rate: { type: "string", default: "500" },
    duration: { type: "string", default: "30" },
    option: { type: "string", multiple: true, default: [] },
  },
);
for (const wire of values.wires.split(",")) {
  if (!Object.hasOwn(VISITOR_WIRES, wire)) {
    console.error(`--wires are some of ${Object.keys(VISITOR_WIRES).join()}`);
    Deno.exit(2);
  }
  await run({
    wire: wire as VisitorWire,
    secure: values.secure,
    clients: Number(values.clients),
    join: Number(values.join),
    chat: Number(values.chat),
    load: ["rooms", "rate", "duration"].map((name) =>
      `--${name}=${values[name as "rooms" | "rate" | "duration"]}`
    ),
    options: values.option,
  });
}
Deno.exit(0);
