/**
 * A server that knows ChatProto 1.0 alone: what comes in 2 is refused in 1.0,
 * the rest is passed on to a server of today.
 *
 * @module
 */

import net from "node:net";

/** ERROR_MSG, about the version, as a server of 1.0 sends it. */
const REFUSAL = Uint8Array.fromHex(
  "4350011000" + "0000000c" + "000a" + "6e6f742068657265212e",
);

/** Runs `test` with the port of an older server in front of one on `port`. */
export async function withOlderServer(
  port: number,
  test: (port: number) => Promise<void>,
): Promise<void> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer((client) => {
    sockets.add(client);
    client.on("error", () => {});
    client.once("data", (first: Uint8Array) => {
      if (first[2] === 2) return void client.end(REFUSAL);
      const behind = net.connect(port, "127.0.0.1");
      sockets.add(behind);
      behind.on("error", () => client.destroy());
      behind.write(first);
      client.pipe(behind);
      behind.pipe(client);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    await test((server.address() as net.AddressInfo).port);
  } finally {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
}
