/**
 * A network that cuts connections, and a clock that does not wait long.
 *
 * @module
 */

import net from "node:net";
import type { Clock } from "../../lib/client/mod.ts";

/** A clock on which time passes as it does: making an account takes a while. */
export const PATIENT: Clock = {
  now: () => performance.now(),
  after(delay, run) {
    const timer = setTimeout(run, delay);
    return () => clearTimeout(timer);
  },
};

/** A clock on which pauses pass fast. */
export const HASTY: Clock = {
  now: () => performance.now(),
  after(delay, run) {
    const timer = setTimeout(run, delay / 100);
    return () => clearTimeout(timer);
  },
};

/** Passes bytes on to `port`; cuts each connection after so many of them. */
export async function withCutter(
  port: number,
  budgets: number[],
  test: (port: number) => Promise<void>,
): Promise<void> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer((client) => {
    const behind = net.connect(port, "127.0.0.1");
    let budget = budgets.shift() ?? Infinity;
    const pass = (from: net.Socket, to: net.Socket) => {
      sockets.add(from);
      from.on("error", () => {});
      from.on("close", () => to.destroy());
      from.on("data", (bytes: Uint8Array) => {
        to.write(bytes.subarray(0, Math.max(0, budget)));
        budget -= bytes.length;
        if (budget <= 0) setTimeout(() => from.destroy(), 0);
      });
    };
    pass(client, behind);
    pass(behind, client);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    await test((server.address() as net.AddressInfo).port);
  } finally {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
}
