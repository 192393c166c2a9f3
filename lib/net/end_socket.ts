/**
 * Closing a socket whose peer may never close its end.
 *
 * @module
 */

import type { Duplex } from "node:stream";
import { MOST_DELAY } from "./most_delay.ts";

/**
 * Ends a socket behind what was written to it, and cuts it when the peer has
 * not taken that and ended its own half within `timeout` ms.
 */
export function endSocket(socket: Duplex, timeout: number): void {
  if (socket.destroyed) return;
  socket.end();
  // What still comes is read and dropped, or its FIN would never be seen.
  socket.resume();
  const delay = Math.min(timeout, MOST_DELAY);
  const cut = setTimeout(() => socket.destroy(), delay);
  socket.once("close", () => clearTimeout(cut));
}
