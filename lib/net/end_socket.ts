/**
 * Closing a socket whose peer may never close its end.
 *
 * @module
 */

import type { Duplex } from "node:stream";

/**
 * Ends a socket behind what was written to it, and cuts it when the peer has
 * not taken that and ended its own half within `timeout` ms.
 */
export function endSocket(socket: Duplex, timeout: number): void {
  if (socket.destroyed) return;
  socket.end();
  // What still comes is read and dropped, or its FIN would never be seen.
  socket.resume();
  const cut = setTimeout(() => socket.destroy(), timeout);
  socket.once("close", () => clearTimeout(cut));
}
