/**
 * One run of a server, for those who talk to it.
 *
 * @module
 */

/** What a stage is made of. */
export interface StageOptions {
  readonly port: number;
  /** The run of the server, 0, 1, 2 …. */
  readonly life: number;
  /** The server is to be killed after so many events, whoever receives them. */
  readonly events: number;
  /** Accounts that can be written to, here or not. */
  readonly accounts: Set<string>;
}

/** Somebody who waits for things to happen. */
interface Waiter {
  left: number;
  readonly resolve: () => void;
}

/** Where players play until the server dies. */
export class Stage {
  readonly port: number;
  readonly life: number;
  readonly accounts: Set<string>;
  /** The names of those who are here, by player. */
  readonly names = new Map<number, string>();
  /** Settles when it is time to kill the server. */
  readonly time: Promise<void>;
  /** Settles when the server has died. */
  readonly died: Promise<void>;
  readonly #waiters = new Set<Waiter>();
  #events = 0;
  #quiet = false;
  #dying = false;
  #died: () => void = () => {};

  constructor({ port, life, events, accounts }: StageOptions) {
    this.port = port;
    this.life = life;
    this.accounts = accounts;
    this.time = this.pause(events);
    this.died = new Promise((resolve) => this.#died = resolve);
  }

  /** When true, connections may end. */
  get dying(): boolean {
    return this.#dying;
  }

  /** When true, nobody says anything new any more. */
  get quiet(): boolean {
    return this.#quiet;
  }

  /** How many events players have received. */
  get events(): number {
    return this.#events;
  }

  /** To be called for every event that a player receives. */
  happened(): void {
    this.#events++;
    for (const waiter of this.#waiters) {
      if (--waiter.left > 0) continue;
      this.#waiters.delete(waiter);
      waiter.resolve();
    }
  }

  /** Waits until so much has happened, or nothing more will. */
  pause(events: number): Promise<void> {
    if (events <= 0 || this.#quiet || this.#dying) return Promise.resolve();
    return new Promise((resolve) =>
      this.#waiters.add({ left: events, resolve })
    );
  }

  /** Has everybody fall silent. */
  hush(): void {
    this.#quiet = true;
    this.#wakeAll();
  }

  /** The server is about to be killed. */
  die(): void {
    this.#dying = true;
    this.#wakeAll();
  }

  /** The server is dead. */
  end(): void {
    this.#died();
  }

  #wakeAll(): void {
    for (const { resolve } of this.#waiters) resolve();
    this.#waiters.clear();
  }
}
