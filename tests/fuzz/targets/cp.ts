/**
 * CP, both machines.
 *
 * @module
 */

import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import {
  CP_LIMITS,
  CpClient,
  type CpClientAction,
  type CpOutcome,
  CpServer,
  type CpServerAction,
} from "../../../lib/wire/mod.ts";
import { cpRead } from "../grammar.ts";
import { readScript, scriptMaker, type Step, writeScript } from "../script.ts";
import type { Target } from "../target.ts";
import { trafficOf } from "../traffic.ts";

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

const OUTCOMES: Readonly<Record<string, readonly CpOutcome[]>> = {
  login: [{ type: "logged in", ok: true }, { type: "logged in", ok: false }],
  send: [
    { type: "sent", how: "yes" },
    { type: "sent", how: "no such receiver" },
    { type: "sent", how: "failed" },
  ],
  fetch: [
    { type: "waiting", sender: "bob", text: "hi", more: true },
    {
      type: "waiting",
      sender: "b:ob\r\n",
      text: "👋é\r\n:".repeat(400),
      more: false,
    },
    { type: "waiting", sender: "bob", text: "", more: false },
    { type: "none" },
    { type: "not fetched" },
  ],
};

const pause = ({ bytes: [high = 0, low = 0] }: Step) => high * 0x100 + low;

const invent = (random: Parameters<typeof cpRead>[0]): Step => ({
  does: random.pick([0, 0, 0, 1, 2, 2]),
  bytes: random.chance(0.8)
    ? cpRead(random)
    : Uint8Array.of(random.integer(64), random.integer(256)),
});

/** A server's end, and what its chat knows of it. */
class Server {
  readonly machine = new CpServer();
  readonly seen = new Set<string>();
  #now = 0;
  #open: string | undefined;
  #closed = false;
  /** RMSGs that went out, and what was said to be delivered. */
  #handedOut = 0;
  #delivered = 0;

  play(step: Step): void {
    const { machine } = this;
    const kind = step.does % 3;
    if (kind === 0) this.#take(machine.receive(step.bytes, this.#now));
    else if (kind === 1) {
      const until = this.#now + pause(step);
      for (let wakings = 0; (machine.wakeAt ?? Infinity) <= until; wakings++) {
        assert(wakings < 1_000, "it wants to be woken for ever");
        this.#now = Math.max(this.#now, machine.wakeAt ?? 0);
        this.#take(machine.tick(this.#now));
      }
      this.#now = until;
    } else if (this.#open !== undefined) {
      const outcomes = OUTCOMES[this.#open] ?? [];
      const outcome = outcomes[(step.bytes[0] ?? 0) % outcomes.length];
      this.#open = undefined;
      this.#take(machine.settle(outcome as CpOutcome, this.#now));
    }
    assertLessOrEqual(machine.pending, 2 * CP_LIMITS.pduBytes + 1);
    this.seen.add(`${machine.state} ${machine.framing}`);
  }

  #take(actions: readonly CpServerAction[]): void {
    for (const action of actions) {
      assert(!this.#closed, "something comes behind the close");
      this.seen.add(action.type);
      if (action.type === "write") this.#written(action.bytes);
      else if (action.type === "close") this.#closed = true;
      else if (action.type === "delivered") {
        this.#delivered++;
        assertLessOrEqual(this.#delivered, this.#handedOut);
      } else {
        assertEquals(this.#open, undefined, "two questions are open");
        this.#open = action.type;
      }
    }
    if (this.#closed) this.#open = undefined;
  }

  #written(bytes: Uint8Array): void {
    assertLessOrEqual(bytes.length, CP_LIMITS.pduBytes);
    const line = decoder.decode(bytes);
    assert(/^(?:\d{3} [^\r\n]+|RMSG[^:\r\n]{0,10}:[^\r\n]*)\r\n$/.test(line));
    if (line.startsWith("RMSG")) this.#handedOut++;
    else this.seen.add(line.slice(0, 3));
  }
}

function script(wire: "up" | "down"): Uint8Array[] {
  return trafficOf("cp").map((traffic) =>
    writeScript(
      traffic[wire].slice(0, 40).flatMap((bytes) => [
        { does: 0, bytes },
        { does: 2, bytes: Uint8Array.of(0) },
        { does: 1, bytes: Uint8Array.of(0, 50) },
      ]),
    )
  );
}

const SERVER: Target = {
  name: "cp-server",
  invariant:
    "Any reads at any times give whole replies and one question at a " +
    "time, nothing behind a close, and never more than two PDUs are held; no " +
    "message is delivered that was not handed out.",
  seeds: () => script("up"),
  make: scriptMaker(invent),
  run: (input) => {
    const server = new Server();
    for (const step of readScript(input)) server.play(step);
    return server.seen;
  },
};

/** Our client's end, and what is asked of it. */
class Client {
  readonly machine = new CpClient();
  readonly seen = new Set<string>();
  #over = false;

  constructor() {
    this.machine.login("alice", "secret");
  }

  play(step: Step): void {
    const { machine } = this;
    const kind = step.does % 3;
    if (kind === 0) this.#take(machine.receive(step.bytes, 0));
    else if (kind === 1) this.#take(machine.tick(pause(step)));
    else this.#ask(step);
    assertLessOrEqual(machine.pending, CP_LIMITS.pduBytes + 1);
  }

  #ask({ bytes: [choice = 0, more = 0] }: Step): void {
    const { machine } = this;
    if (this.#over || machine.busy) return;
    if (!machine.loggedIn) this.#take(machine.login("alice", "secret"));
    else if (choice % 3 === 0) this.#take(machine.collect());
    else if (choice === 255) {
      this.#take(machine.end());
      this.#over = true;
    } else this.#take(machine.send("bob", "hi: 👋\r\n".repeat(1 + more)));
  }

  #take(actions: readonly CpClientAction[]): void {
    for (const action of actions) {
      assert(!this.#over, "something comes behind the end");
      this.seen.add(action.type);
      if (action.type === "write") {
        assertLessOrEqual(action.bytes.length, CP_LIMITS.pduBytes);
        assert(decoder.decode(action.bytes).endsWith("\r\n"));
      }
      this.#over ||= action.type === "failed";
    }
  }
}

const CLIENT: Target = {
  name: "cp-client",
  invariant: "Any bytes give our client what it can tell and whole PDUs to " +
    "send, nothing behind the end, and never is more held than a PDU.",
  seeds: () => script("down"),
  make: scriptMaker(invent),
  run: (input) => {
    const client = new Client();
    for (const step of readScript(input)) client.play(step);
    return client.seen;
  },
};

/** CP. */
export const CP: readonly Target[] = [SERVER, CLIENT];
