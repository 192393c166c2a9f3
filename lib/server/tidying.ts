/**
 * When a server gives back memory. After a rush V8 keeps what the rush left
 * behind, as long as nothing else is asked of it: over 1 KB for each connection.
 * To find what is not needed stops everything for a moment (0.1 s with 5,000
 * connections), so that waits until nobody would notice.
 *
 * @module
 */

/** So many more connections than before are a rush, and so many fewer. */
const RUSH = 500;

/** Decides when it is time. */
export class Tidying {
  readonly #tidy: () => void;
  /** As at the last look. */
  #connections = 0;
  #deliveries = 0;
  /** How many connections there were when that was done. */
  #tidied = 0;

  /** `tidy`: gives back memory. */
  constructor(tidy: () => void) {
    this.#tidy = tidy;
  }

  /**
   * Has it done if there was a rush, and nobody came, left or was sent a message
   * since the last look. Both are numbers: of connections now, of deliveries so
   * far.
   */
  look(connections: number, deliveries: number): void {
    const quiet = connections === this.#connections &&
      deliveries === this.#deliveries;
    this.#connections = connections;
    this.#deliveries = deliveries;
    if (!quiet || Math.abs(connections - this.#tidied) < RUSH) return;
    this.#tidied = connections;
    this.#tidy();
  }
}
