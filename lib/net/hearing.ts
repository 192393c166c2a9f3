/**
 * Who hears a socket: one after the other, by listeners that stay and are the
 * same for all sockets. A server has thousands of them that do nothing:
 * listeners of its own are 300 bytes for each, and Node.js keeps the table of a
 * socket's listeners in a form five times as large as soon as one of them is
 * taken off.
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
export const NOBODY: Hearer = {
  heard: () => {},
  heardEnd: () => {},
  heardError: () => {},
  heardClose: () => {},
};

/** Where a socket has its hearer. */
const HEARER = Symbol("hearer");

/** A socket that is heard. */
interface Heard extends Duplex {
  [HEARER]: Hearer;
}

/** Has a socket heard by somebody from now on, and by nobody else. */
export function hear(socket: Duplex, hearer: Hearer): void {
  const before = (socket as Partial<Heard>)[HEARER];
  (socket as Heard)[HEARER] = hearer;
  if (before !== undefined) return;
  socket.on("data", heard);
  socket.on("end", heardEnd);
  socket.on("error", heardError);
  socket.on("close", heardClose);
}

function heard(this: Heard, bytes: Uint8Array): void {
  this[HEARER].heard(bytes);
}

function heardEnd(this: Heard): void {
  this[HEARER].heardEnd();
}

function heardError(this: Heard, error: Error): void {
  this[HEARER].heardError(error);
}

function heardClose(this: Heard): void {
  this[HEARER].heardClose();
}
