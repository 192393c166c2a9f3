/**
 * Who hears a socket: one after the other, by listeners that stay. Node.js keeps
 * the table of a socket's listeners in a form five times as large as soon as
 * one of them is taken off, and a server has thousands that do nothing.
 *
 * @module
 */

import type { Duplex } from "node:stream";

/** Somebody who hears a socket. */
export interface Hearer {
  heard(bytes: Uint8Array): void;
  /** The peer sends nothing more. */
  heardEnd(): void;
  heardError(error: Error): void;
  heardClose(): void;
}

/** For whom nothing of it is news. An error that nobody hears ends a process. */
const NOBODY: Hearer = {
  heard: () => {},
  heardEnd: () => {},
  heardError: () => {},
  heardClose: () => {},
};

/** A socket's listeners. */
export class Hearing {
  /** Who hears it from now on. */
  hearer: Hearer;

  constructor(socket: Duplex, hearer: Hearer = NOBODY) {
    this.hearer = hearer;
    socket.on("data", (bytes: Uint8Array) => this.hearer.heard(bytes));
    socket.on("end", () => this.hearer.heardEnd());
    socket.on("error", (error: Error) => this.hearer.heardError(error));
    socket.on("close", () => this.hearer.heardClose());
  }

  /** Nobody hears it. */
  leave(): void {
    this.hearer = NOBODY;
  }
}
