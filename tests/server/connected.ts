/**
 * Waiting for a connection to be made.
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
