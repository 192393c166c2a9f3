/**
 * What the hub asks, and what becomes of the answers.
 *
 * @module
 */

import type {
  Asked,
  ChatStore,
  Draft,
  Hub,
  QuestionKind,
} from "../chat/mod.ts";
import { errorMessage } from "../net/mod.ts";
import { Answers, type Draining, type Secrets } from "./answers.ts";
import type { Clock } from "./clock.ts";
import type { Counts } from "./counts.ts";
import type { Logger } from "./logger.ts";

/** What is said when a question has no answer. */
const FAILURES: Readonly<Record<QuestionKind, string>> = {
  arrival: "The accounts can't be read",
  open: "The room's past can't be read",
  page: "What was said can't be read",
  find: "What was said can't be found",
  search: "What was said can't be searched",
  verify: "The password can't be checked",
  hash: "The password can't be kept",
  token: "The session can't be kept",
  digest: "The session can't be found",
  save: "That could not be written",
};

/** What asking is made of. */
export interface AskingParts<Peer> {
  readonly hub: Hub<Peer>;
  readonly store: ChatStore;
  readonly secrets: Secrets;
  readonly logger: Logger;
  readonly clock: Clock;
  /** The hub has got an answer: it may want something done. */
  readonly answered: () => void;
  readonly counts: Counts;
  /** Called with each batch for the log; its answer when that is written. */
  readonly onCommit?: (() => () => void) | undefined;
}

/** Everything that has been asked and has not been answered. */
export class Asking<Peer extends Draining> {
  readonly #parts: AskingParts<Peer>;
  readonly #answers: Answers<Peer>;
  readonly #open = new Set<Promise<void>>();
  /** Something failed, and it was not looked since whether the store works. */
  #doubted = false;
  #looking: Promise<string | undefined> | undefined;

  constructor(parts: AskingParts<Peer>) {
    this.#parts = parts;
    this.#answers = new Answers(parts.store, parts.secrets);
  }

  /** Has messages written. */
  append(drafts: readonly Draft[]): void {
    const { hub, store, logger, clock, counts, onCommit } = this.#parts;
    const committed = onCommit?.();
    this.wait(
      store.append(drafts),
      (stored) => {
        committed?.();
        for (const { repeated } of stored) {
          if (repeated === undefined) counts.messages++;
        }
        hub.stored(stored, clock.now());
      },
      (error) => {
        this.#doubted = true;
        logger.error(`A message was not written: ${errorMessage(error)}`);
        hub.failed("the message could not be written", clock.now());
      },
    );
  }

  /** Has a question answered. */
  ask(asked: Asked<Peer>): void {
    const { hub, logger, clock } = this.#parts;
    this.wait(
      this.#answers.find(asked.question),
      (answer) => hub.answer(asked, answer, clock.now()),
      (error) => {
        this.#doubted = true;
        const failure = FAILURES[asked.question.kind];
        logger.error(`${failure}: ${errorMessage(error)}`);
        const detail = failure.charAt(0).toLowerCase() + failure.slice(1);
        hub.refuse(asked, detail, clock.now());
      },
    );
  }

  /** Waits for an answer, then does what follows from it. */
  wait<Answer>(
    question: Promise<Answer>,
    answered: (answer: Answer) => void,
    failed: (error: unknown) => void,
  ): void {
    const done = question.then(answered, failed).then(() => {
      this.#open.delete(done);
      this.#parts.answered();
    });
    this.#open.add(done);
  }

  /**
   * Why nothing can be kept now, if so: once something failed, the store is
   * asked until it works again.
   */
  async trouble(): Promise<string | undefined> {
    if (!this.#doubted) return undefined;
    // However often it is wanted, the store is asked once at a time.
    this.#looking ??= this.#look();
    return await this.#looking;
  }

  async #look(): Promise<string | undefined> {
    try {
      this.#doubted = false;
      await this.#parts.store.check();
      return undefined;
    } catch {
      this.#doubted = true;
      return "nothing can be kept: see the server's log";
    } finally {
      this.#looking = undefined;
    }
  }

  /** Lets nothing be put off any more. */
  stop(): void {
    this.#answers.stop();
  }

  /** Waits until everything is answered. */
  async settled(): Promise<void> {
    while (this.#open.size > 0) await Promise.all(this.#open);
  }
}
