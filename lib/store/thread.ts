/**
 * A thread of the log, from outside.
 *
 * @module
 */

import { Bell } from "./bell.ts";
import type {
  Answer,
  Outcome,
  Question,
  Questions,
  QuestionType,
} from "./protocol.ts";
import { StoreError } from "./store_error.ts";
import { WriteMemory, type Writes } from "./write_memory.ts";

interface Waiting<Value> {
  resolve(value: Value): void;
  reject(error: StoreError): void;
}

/** Writes that the thread has been asked for. */
interface Writing extends Waiting<readonly Outcome[]> {
  readonly memory: WriteMemory;
  readonly batches: Writes["batches"];
}

/** How many writes the thread may be asked for at a time. */
export const WRITES_AHEAD = 2;

/**
 * Asks the worker and hands its answers out: of questions in their order, of
 * writes as they are done.
 */
export class Thread {
  readonly #worker: Worker;
  readonly #bell = new Bell();
  /** Those that are free, the one that the thread looks into next first. */
  readonly #memories = Array.from(
    { length: WRITES_AHEAD },
    () => new WriteMemory(),
  );
  readonly #waiting: Waiting<unknown>[] = [];
  readonly #writing: Writing[] = [];
  readonly #lost = Promise.withResolvers<StoreError>();
  #dead: StoreError | undefined;

  /** Resolves when the thread died by itself; before {@link end} alone. */
  readonly lost = this.#lost.promise;

  constructor(worker = startWorker()) {
    this.#worker = worker;
    this.#worker.onmessage = ({ data }: MessageEvent<Answer>) => {
      if (data === "written") return this.#written();
      const waiting = this.#waiting.shift();
      if ("value" in data) waiting?.resolve(data.value);
      else waiting?.reject(StoreError.of(data.error));
    };
    this.#worker.onerror = (event) => {
      // Unhandled it would end the process.
      event.preventDefault();
      this.#lose(`The log's thread died: ${event.message}`);
    };
    this.#worker.onmessageerror = () =>
      this.#lose("The log's thread said something that can't be read");
    this.#worker.postMessage({
      bell: this.#bell.shared,
      memories: this.#memories.map(({ shared }) => shared),
    });
  }

  /** Asks; rejects with a {@link StoreError}. */
  ask<Type extends QuestionType>(
    question: Question<Type>,
  ): Promise<Questions[Type]["answer"]> {
    if (this.#dead !== undefined) return Promise.reject(this.#dead);
    const { promise, resolve, reject } = Promise.withResolvers<
      Questions[Type]["answer"]
    >();
    this.#waiting.push({
      resolve: resolve as Waiting<unknown>["resolve"],
      reject,
    });
    try {
      this.#worker.postMessage(question);
      this.#bell.ring("post");
    } catch (cause) {
      this.#waiting.pop();
      reject(noMessage(cause));
    }
    return promise;
  }

  /**
   * Has these written, as one transaction if that is possible, after those of
   * the last call; rejects with a {@link StoreError}. No more than
   * {@link WRITES_AHEAD} calls may be unsettled.
   */
  write({ batches, saves }: Writes): Promise<readonly Outcome[]> {
    if (this.#dead !== undefined) return Promise.reject(this.#dead);
    const { promise, resolve, reject } = Promise.withResolvers<
      readonly Outcome[]
    >();
    try {
      const memory = this.#memories[0];
      if (memory === undefined) throw new RangeError("too many writes ahead");
      memory.putWrites({ batches, saves });
      this.#memories.shift();
      this.#writing.push({ memory, batches, resolve, reject });
      this.#bell.ring("write");
    } catch (cause) {
      reject(noMessage(cause));
    }
    return promise;
  }

  #written(): void {
    const writing = this.#writing.shift();
    if (writing === undefined) return;
    const { memory, batches, resolve } = writing;
    resolve(memory.takeOutcomes(batches));
    this.#memories.push(memory);
  }

  /** Ends the thread at once. */
  end(): void {
    this.#die(new StoreError("closed", "The log is closed"));
  }

  #lose(message: string): void {
    if (this.#dead !== undefined) return;
    const error = new StoreError("unexpected", message);
    this.#die(error);
    this.#lost.resolve(error);
  }

  #die(error: StoreError): void {
    if (this.#dead !== undefined) return;
    this.#dead = error;
    // In its sleep it would not be told that it is terminated.
    this.#bell.ring("end");
    this.#worker.terminate();
    for (const { reject } of this.#waiting.splice(0)) reject(error);
    for (const { reject } of this.#writing.splice(0)) reject(error);
  }
}

function startWorker(): Worker {
  return new Worker(new URL("./log_worker.ts", import.meta.url), {
    type: "module",
    name: "log",
  });
}

function noMessage(cause: unknown): StoreError {
  const what = cause instanceof Error ? cause.message : String(cause);
  return new StoreError("unexpected", `This is no message: ${what}`);
}
