/**
 * What is looked at once a second: which clients took what they were sent,
 * accounts that another program changed, messages that are too old, memory that
 * is not needed.
 *
 * @module
 */

import type { ChatStore, Hub } from "../chat/mod.ts";
import { errorMessage } from "../net/mod.ts";
import type { Asking } from "./asking.ts";
import type { Clock } from "./clock.ts";
import type { Connection } from "./connection.ts";
import type { Counts } from "./counts.ts";
import type { Logger } from "./logger.ts";
import type { Peer } from "./peer.ts";
import { Tidying } from "./tidying.ts";

/** How often, ms. */
const PAUSE = 1_000;

/** How often old messages are looked for, ms. */
const PRUNING = 3_600_000;

/** What chores are made of. */
export interface ChoreParts {
  readonly hub: Hub<Peer>;
  readonly store: ChatStore;
  readonly asking: Asking<Peer>;
  readonly connections: ReadonlySet<Connection>;
  readonly counts: Counts;
  readonly logger: Logger;
  readonly clock: Clock;
  /** How long messages are kept, ms; undefined: for good. */
  readonly retain: number | undefined;
  /** Gives back memory. */
  readonly tidy: () => void;
  /** The hub has learnt something: it may have a deadline. */
  readonly learnt: () => void;
}

/** Does them until it is stopped. */
export class Chores {
  readonly #parts: ChoreParts;
  readonly #tidying: Tidying;
  readonly #timer: ReturnType<typeof setInterval>;
  #pruned = 0;
  #stopped = false;

  constructor(parts: ChoreParts) {
    this.#parts = parts;
    this.#tidying = new Tidying(parts.tidy);
    this.#timer = setInterval(() => this.#work(), PAUSE);
    this.#work();
  }

  stop(): void {
    this.#stopped = true;
    clearInterval(this.#timer);
  }

  #work(): void {
    const { hub, connections, counts, clock } = this.#parts;
    const now = clock.now();
    for (const connection of connections) {
      this.confirm(connection);
      connection.checkAlive(now);
    }
    this.#readAccounts();
    this.#prune();
    this.#tidying.look({
      connections: connections.size,
      people: hub.people,
      deliveries: counts.deliveries,
    });
  }

  /**
   * Says how far a client is whose wire can't: what its socket took, it has.
   */
  confirm(connection: Connection): void {
    const { hub, learnt, clock } = this.#parts;
    const { session } = connection;
    const shown = hub.shown(session);
    if (shown === undefined) return;
    connection.whenTaken(() => {
      hub.reached(session, shown, clock.now());
      learnt();
    });
  }

  #readAccounts(): void {
    const { hub, store, asking, logger, clock } = this.#parts;
    asking.wait(
      store.accounts(),
      (accounts) => accounts && hub.accountsChanged(accounts, clock.now()),
      (error) => logger.error(`Accounts can't be read: ${errorMessage(error)}`),
    );
  }

  /** Not waited for: a server that closes ends it early. */
  async #prune(): Promise<void> {
    const { hub, store, retain, logger, clock } = this.#parts;
    const now = clock.now();
    if (retain === undefined || now < this.#pruned + PRUNING) return;
    this.#pruned = now;
    const olderThan = now - retain;
    hub.pruned(olderThan);
    try {
      const removed = await store.prune(olderThan);
      if (removed > 0) logger.info(`Removed ${removed} old messages`);
    } catch (error) {
      if (this.#stopped) return;
      logger.error(`Old messages stay: ${errorMessage(error)}`);
    }
  }
}
