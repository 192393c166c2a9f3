/**
 * When a server gives back memory. After a rush V8 keeps what the rush left
 * behind, as long as nothing else is asked of it: over 1 KB for each connection.
 * To find what is not needed stops everything for a moment (0.1 s with 5,000
 * connections), so that waits until the rush is over and nobody is talking.
 *
 * @module
 */

/** So many who came or left are a rush, however long it took. */
const RUSH = 500;

/** What a server has now, and has done so far. */
export interface Bustle {
  readonly connections: number;
  /** Who is logged in. */
  readonly people: number;
  /** Messages handed to sessions. */
  readonly deliveries: number;
}

/** Decides when it is time. */
export class Tidying {
  readonly #tidy: () => void;
  /** What the last look found. */
  #last: Bustle = { connections: 0, people: 0, deliveries: 0 };
  /** Connections that came or left since that was done. */
  #changes = 0;

  /** `tidy`: gives back memory. */
  constructor(tidy: () => void) {
    this.#tidy = tidy;
  }

  /** Has it done if there was a rush, and all is as it was at the last look. */
  look(now: Bustle): void {
    const last = this.#last;
    this.#last = now;
    this.#changes += Math.abs(now.connections - last.connections);
    const quiet = now.connections === last.connections &&
      now.people === last.people && now.deliveries === last.deliveries;
    if (!quiet || this.#changes < RUSH) return;
    this.#changes = 0;
    this.#tidy();
  }
}
