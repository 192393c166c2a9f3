/**
 * Connections of the tests' clients, from the handshake to the end.
 *
 * @module
 */

import { once } from "node:events";
import type net from "node:net";

/** Waits until a socket is connected, and secure if it is to be. */
export async function connected(
  socket: net.Socket,
  secure = false,
): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>();
  // A connection that breaks amid its handshake need not say why.
  const onClose = () => reject(new Error("It was closed amid the handshake"));
  socket.once("close", onClose);
  try {
    const made = once(socket, secure ? "secureConnect" : "connect");
    await Promise.race([made, promise]);
  } finally {
    socket.off("close", onClose);
  }
}

/**
 * Has a socket end when the server ends. In TLS what waits to be written to a
 * server that died never goes out; with that it would not close, ever.
 */
export function endsWhole(socket: net.Socket): void {
  socket.on("end", () => socket.destroy());
}
