import { assertEquals } from "@std/assert";
import { Duplex } from "node:stream";
import { DEFAULT_LIMITS, Hub } from "../../lib/chat/mod.ts";
import { type Controlled, FlowControl } from "../../lib/server/flow_control.ts";
import type { Peer } from "../../lib/server/peer.ts";
import { SendQueue } from "../../lib/server/send_queue.ts";
import { StillClock } from "./still_clock.ts";

/** A client that may have two requests unanswered, and 1000 bytes unread. */
class Client implements Controlled {
  readonly session = new Hub<Peer>({ limits: DEFAULT_LIMITS })
    .connect({} as Peer, { now: 0 });
  readonly clock = new StillClock();
  /** To be called when a write was taken. */
  readonly taking: (() => void)[] = [];
  readonly socket = new Duplex({
    read() {},
    write: (_bytes, _encoding, done) => void this.taking.push(done),
  });
  readonly queue = new SendQueue({
    socket: this.socket,
    tls: false,
    limit: 1_000,
  });
  readonly flow = new FlowControl(this, {
    socket: this.socket,
    queue: this.queue,
    limits: { ...DEFAULT_LIMITS, backlog: 2 },
    clock: this.clock,
  });
  /** What the flow has said. */
  readonly told: string[] = [];
  #toldSomething = () => {};

  readOn(): void {
    this.told.push(`read on: ${this.flow.reopen()}`);
    this.#toldSomething();
  }

  stalled(): void {
    this.told.push("stalled");
  }

  onceTaken(then: (taken: boolean) => void): void {
    this.queue.onceTaken(0, then);
  }

  /** Waits until it is told to read on. */
  toldMore(): Promise<void> {
    return new Promise((resolve) => this.#toldSomething = resolve);
  }
}

Deno.test("as many requests as the backlog has room for are taken up in a turn", () => {
  const { flow, socket, told } = new Client();
  flow.asked({ type: "room_msg", text: "hi" });
  assertEquals(flow.isOpen(), true);
  flow.asked();
  assertEquals([flow.isOpen(), flow.isPaused], [false, true]);
  assertEquals(socket.isPaused(), true);
  assertEquals(told, ["stalled"]);
  flow.settle();
  assertEquals([flow.reopen(), flow.isPaused], [true, false]);
  assertEquals(socket.isPaused(), false);
});

Deno.test("what waits in the session's backlog is not answered", () => {
  const { flow, session } = new Client();
  session.inFlight = 2;
  flow.settle();
  assertEquals(flow.isOpen(), false);
  session.inFlight = 1;
  assertEquals(flow.isOpen(), true);
});

Deno.test("a long reply is waited for, also over a turn's end", () => {
  const { flow, session } = new Client();
  flow.asked({ type: "history", room: "tea" });
  session.busy = true;
  flow.settle();
  assertEquals(flow.isOpen(), false);
  session.busy = false;
  flow.settle();
  assertEquals(flow.isOpen(), true);
});

for (const bytes of [251, 100_000]) {
  Deno.test(`with ${bytes} bytes unread nothing is read until they are taken`, async () => {
    const client = new Client();
    const { flow, queue, socket, taking, told } = client;
    queue.write(new Uint8Array(bytes));
    assertEquals([flow.isOpen(), flow.isOpen()], [false, false]);
    assertEquals(socket.isPaused(), true);
    const reading = client.toldMore();
    taking.shift()?.();
    await reading;
    assertEquals(told, ["read on: true"]);
    assertEquals(socket.isPaused(), false);
  });
}

const CALM = {
  ignored: 0,
  last: 0,
  mutedUntil: 0,
  refused: 0,
  floodsSince: 0,
};

Deno.test("whoever floods is read from again when it has rested", () => {
  const { flow, clock, session, told } = new Client();
  session.flood = { ...CALM, restsUntil: clock.now() + 500 };
  assertEquals([flow.isOpen(), flow.isPaused], [false, true]);
  assertEquals(flow.reopen(), false);
  clock.pass(499);
  assertEquals(told, []);
  clock.pass(1);
  assertEquals(told, ["read on: true"]);
  assertEquals(flow.isPaused, false);
});

Deno.test("nobody is read from again whose connection is closed", () => {
  const { flow, clock, session, told } = new Client();
  session.flood = { ...CALM, restsUntil: clock.now() + 500 };
  flow.isOpen();
  flow.closed();
  clock.pass(500);
  assertEquals(told, []);
});
