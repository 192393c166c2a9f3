import { assertEquals } from "@std/assert";
import { once } from "node:events";
import { Duplex } from "node:stream";
import { SendQueue } from "../../lib/server/send_queue.ts";

/** A queue of 1000 bytes, on a socket that takes when the test says so. */
class SlowSocket {
  /** To be called when a write was taken, or failed. */
  readonly taking: ((error?: Error) => void)[] = [];
  readonly socket = new Duplex({
    read() {},
    write: (_bytes, _encoding, done) => void this.taking.push(done),
  });
  readonly queue: SendQueue;

  constructor(tls: boolean) {
    const { socket } = this;
    const queue = this.queue = new SendQueue({ socket, tls, limit: 1_000 });
    socket.on("error", () => {});
    socket.on("close", () => queue.closed());
  }

  write(bytes: number): void {
    this.queue.write(new Uint8Array(bytes));
  }

  /** Whether all that was given, and so much more, is taken once it is known. */
  taken(still = 0): Promise<boolean> {
    return new Promise((resolve) => this.queue.onceTaken(still, resolve));
  }

  async close(): Promise<void> {
    const closed = once(this.socket, "close");
    this.socket.destroy();
    await closed;
  }
}

/** What a socket has taken is known a turn later, behind what waits for that. */
function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(() => setImmediate(resolve)));
}

for (const tls of [false, true]) {
  const where = tls ? "in TLS" : "without TLS";

  Deno.test(`what was taken is known while more is behind it, ${where}`, async () => {
    const slow = new SlowSocket(tls);
    slow.write(5);
    const taken = slow.taken(3);
    slow.write(3);
    slow.write(7);
    slow.taking.shift()?.();
    await turn();
    slow.taking.shift()?.();
    assertEquals(await taken, true);
    assertEquals([slow.queue.taken, slow.queue.waiting], [8, 7]);
    await slow.close();
  });

  Deno.test(`what a socket never took is known when it is closed, ${where}`, async () => {
    const slow = new SlowSocket(tls);
    slow.write(5);
    const taken = slow.taken();
    await slow.close();
    assertEquals(await taken, false);
    assertEquals(await slow.taken(), false);
  });

  Deno.test(`what failed was not taken, ${where}`, async () => {
    const slow = new SlowSocket(tls);
    slow.write(1);
    const taken = slow.taken();
    slow.taking.shift()?.(new Error("EPIPE"));
    assertEquals(await taken, false);
  });

  Deno.test(`what is said to a socket that has ended was not taken, ${where}`, async () => {
    const slow = new SlowSocket(tls);
    slow.write(5);
    slow.taking.shift()?.();
    assertEquals(await slow.taken(), true);
    await new Promise<void>((resolve) => slow.socket.end(resolve));
    slow.write(6);
    const taken = slow.taken();
    await slow.close();
    assertEquals(await taken, false);
  });

  Deno.test(`a peer falls behind when too much waits also after a turn, ${where}`, async () => {
    const slow = new SlowSocket(tls);
    slow.write(1_001);
    assertEquals(slow.queue.fallsBehind(), false);
    await turn();
    slow.write(1);
    assertEquals(slow.queue.fallsBehind(), true);
    // It read; what comes now is judged anew.
    slow.taking.shift()?.();
    await turn();
    slow.write(1_001);
    assertEquals(slow.queue.fallsBehind(), false);
    await slow.close();
  });

  Deno.test(`a peer that reads does not fall behind, however much it is written at once, ${where}`, async () => {
    const slow = new SlowSocket(tls);
    for (let count = 0; count < 3; count++) {
      slow.write(5_000);
      assertEquals(slow.queue.fallsBehind(), false);
      slow.taking.shift()?.();
      await turn();
    }
    await slow.close();
  });

  Deno.test(`more than a quarter of the limit is much, ${where}`, async () => {
    const slow = new SlowSocket(tls);
    slow.write(250);
    assertEquals(slow.queue.muchWaits, false);
    slow.write(1);
    assertEquals(slow.queue.muchWaits, true);
    await slow.close();
  });
}
