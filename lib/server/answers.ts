/**
 * Where the hub's questions find their answers: the store, the arithmetic of
 * passwords, and the queue of the connection that has to drain first.
 *
 * @module
 */

import { setTimeout as wait } from "node:timers/promises";
import type {
  ChatStore,
  Question,
  QuestionKind,
  Questions,
  Verifier,
} from "../chat/mod.ts";

/** The arithmetic of passwords and tokens. */
export interface Secrets {
  /** A verifier for a new password. */
  hashPassword(password: string): Promise<Verifier>;
  /** Without a verifier: false, after as long. */
  verifyPassword(
    password: string,
    verifier: Verifier | undefined,
  ): Promise<boolean>;
  /** A new token and its digest. */
  newToken(): { readonly token: string; readonly digest: string };
  tokenDigest(token: string): string;
}

/** A connection that may have to drain before more is read for it. */
export interface Draining {
  /** Settles when its socket took what is queued for it now, or is closed. */
  taken(): Promise<boolean>;
}

/** Each kind of question and how it is answered. */
type Table<Peer> = {
  readonly [Kind in QuestionKind]-?: (
    question: Question<Peer, Kind>,
  ) => Promise<Questions<Peer>[Kind]["answer"]>;
};

type Answer<Peer> = Questions<Peer>[QuestionKind]["answer"];

/** Finds answers. */
export class Answers<Peer extends Draining> {
  readonly #store: ChatStore;
  readonly #secrets: Secrets;
  readonly #stopping = new AbortController();
  readonly #table: Table<Peer> = {
    arrival: () => this.#arrival(),
    open: (question) => this.#open(question),
    page: async ({ stream, query, behind }) => {
      await behind?.peer.taken();
      return await this.#store.page(stream, query);
    },
    find: ({ session, ref }) => this.#store.find(session, ref),
    search: ({ streams, words, query }) =>
      this.#store.search(streams, words, query),
    verify: async ({ password, verifier, delay }) => {
      await this.#wait(delay);
      return await this.#secrets.verifyPassword(password, verifier);
    },
    hash: async ({ password, delay }) => {
      await this.#wait(delay);
      return await this.#secrets.hashPassword(password);
    },
    token: async () => {
      const handle = await this.#store.handle();
      return { ...this.#secrets.newToken(), handle };
    },
    digest: ({ token }) => Promise.resolve(this.#secrets.tokenDigest(token)),
    save: ({ changes }) => this.#store.save(changes),
  };

  constructor(store: ChatStore, secrets: Secrets) {
    this.#store = store;
    this.#secrets = secrets;
  }

  /** The answer to a question; rejects with what is wrong with the store. */
  find(question: Question<Peer>): Promise<Answer<Peer>> {
    const find = this.#table[question.kind] as (
      question: Question<Peer>,
    ) => Promise<Answer<Peer>>;
    return find(question);
  }

  /** Lets nobody wait any longer. */
  stop(): void {
    this.#stopping.abort();
  }

  async #wait(delay: number): Promise<void> {
    const { signal } = this.#stopping;
    if (delay > 0) await wait(delay, undefined, { signal });
  }

  async #arrival(): Promise<Questions<Peer>["arrival"]["answer"]> {
    const handle = await this.#store.handle();
    // Last: what changed is told once, so nothing may fail behind it.
    const accounts = await this.#store.accounts();
    return { handle, ...accounts && { accounts } };
  }

  async #open(
    { stream, limit }: Question<Peer, "open">,
  ): Promise<Questions<Peer>["open"]["answer"]> {
    const [handle, last, messages] = await Promise.all([
      this.#store.handle(),
      this.#store.last(stream),
      this.#store.page(stream, { limit }),
    ]);
    return { handle, last, messages };
  }
}
