/**
 * A thread of the log, from outside.
 *
 * @module
 */

import type { Answer, Question, Questions, QuestionType } from "./protocol.ts";
import { StoreError } from "./store_error.ts";

interface Waiting {
  resolve(value: unknown): void;
  reject(error: StoreError): void;
}

/** Asks the worker and hands its answers out, in order. */
export class Thread {
  readonly #worker = new Worker(new URL("./log_worker.ts", import.meta.url), {
    type: "module",
    name: "log",
  });
  readonly #waiting: Waiting[] = [];
  #dead: StoreError | undefined;

  constructor() {
    this.#worker.onmessage = ({ data }: MessageEvent<Answer>) => {
      const waiting = this.#waiting.shift();
      if ("value" in data) waiting?.resolve(data.value);
      else waiting?.reject(StoreError.of(data.error));
    };
    this.#worker.onerror = (event) => {
      // Unhandled it would end the process.
      event.preventDefault();
      this.#die(`The log's thread died: ${event.message}`);
    };
    this.#worker.onmessageerror = () =>
      this.#die("The log's thread said something that can't be read");
  }

  /** Asks; rejects with a {@link StoreError}. */
  ask<Type extends QuestionType>(
    question: Question<Type>,
  ): Promise<Questions[Type]["answer"]> {
    if (this.#dead !== undefined) return Promise.reject(this.#dead);
    const { promise, resolve, reject } = Promise.withResolvers<
      Questions[Type]["answer"]
    >();
    this.#waiting.push({ resolve: resolve as Waiting["resolve"], reject });
    try {
      this.#worker.postMessage(question);
    } catch (cause) {
      this.#waiting.pop();
      const what = cause instanceof Error ? cause.message : String(cause);
      reject(new StoreError("unexpected", `This is no message: ${what}`));
    }
    return promise;
  }

  /** Ends the thread at once. */
  end(): void {
    this.#die("The log is closed", "closed");
  }

  #die(message: string, kind: "closed" | "unexpected" = "unexpected"): void {
    if (this.#dead !== undefined) return;
    const error = this.#dead = new StoreError(kind, message);
    this.#worker.terminate();
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}
