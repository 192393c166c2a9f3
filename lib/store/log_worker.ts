/**
 * The thread of the log: takes questions, gives answers, one after the other.
 * SQLite blocks, so it blocks here.
 *
 * @module
 */

import type { Message } from "../chat/log.ts";
import { copyLog } from "./copy.ts";
import { type OpenFile, openLogFile } from "./log_file.ts";
import { LogReader } from "./log_reader.ts";
import { LogWriter } from "./log_writer.ts";
import type { Answer, Question, Questions, QuestionType } from "./protocol.ts";
import { StateReader } from "./state_reader.ts";
import { StoreError, storeError } from "./store_error.ts";
import { MOST_UNINDEXED, WordIndex } from "./word_index.ts";

/**
 * ms without an append after which words are indexed, so that this costs the
 * appends nothing: many messages in one transaction are far cheaper than one.
 */
const QUIET = 50;

/** What this thread has open. */
class OpenLog {
  readonly #open: OpenFile;
  readonly #index: WordIndex;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #disturbed = false;
  readonly writer: LogWriter;
  readonly reader: LogReader;
  readonly state: StateReader;

  constructor(open: OpenFile) {
    this.#open = open;
    try {
      this.#index = new WordIndex(open.database);
      this.writer = new LogWriter(open.database, open.file, this.#index);
      this.reader = new LogReader(open.database);
      this.state = new StateReader(open.database);
    } catch (error) {
      open.close();
      throw storeError(error, open.file);
    }
  }

  get file(): string {
    return this.#open.file;
  }

  /** Messages whose words aren't in the index yet. */
  get unindexed(): number {
    return this.writer.lastId - this.#index.indexedId;
  }

  /** Indexes a chunk; answers how many messages are left. */
  index(): number {
    this.#index.advance(this.writer.lastId);
    return this.unindexed;
  }

  /** Indexes what may not wait, and plans for the rest. */
  indexLater(): void {
    this.#disturbed = true;
    try {
      while (this.unindexed > MOST_UNINDEXED) this.index();
    } catch {
      // What can't be written now (a full disk) is tried again.
    }
    if (this.unindexed > 0) this.#timer ??= this.#wait();
  }

  #wait(ms = QUIET): ReturnType<typeof setTimeout> {
    return setTimeout(() => this.#indexWhenQuiet(), ms);
  }

  #indexWhenQuiet(): void {
    this.#timer = undefined;
    const disturbed = this.#disturbed;
    this.#disturbed = false;
    if (disturbed) {
      this.#timer = this.#wait();
      return;
    }
    try {
      // What was asked meanwhile comes first.
      if (this.index() > 0) this.#timer = this.#wait(0);
    } catch {
      // The next append or search tries again.
    }
  }

  search({ rooms, words, query }: Question<"search">): Message[] {
    return this.reader.search(rooms, words, query, this.#index.indexedId);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#open.close();
  }
}

let open: OpenLog | undefined;

function opened(): OpenLog {
  if (open !== undefined) return open;
  throw new StoreError("closed", "The log is not open");
}

function answer(question: Question): Questions[QuestionType]["answer"] {
  switch (question.type) {
    case "open":
      open = new OpenLog(openLogFile(question.options));
      return null;
    case "write":
      return opened().writer.write(question.batches, question.saves);
    case "load":
      opened().writer.removeStrays();
      return opened().state.load();
    case "accounts":
      return opened().state.changedAccounts();
    case "handles":
      return opened().writer.takeHandles(question.count);
    case "page":
      return opened().reader.page(question.room, question.query);
    case "search":
      return opened().search(question);
    case "index":
      return opened().index();
    case "find":
      return opened().reader.find(question.session, question.ref);
    case "last":
      return opened().reader.last(question.room);
    case "prune":
      return opened().writer.prune(question.olderThan);
    case "tidy":
      return opened().writer.tidy(question.after);
    case "backup":
      copyLog(question.folder, question.file);
      return null;
    case "close":
      open?.close();
      open = undefined;
      return null;
  }
}

/** The part of a worker's global scope that is used here. */
interface Scope {
  onmessage: (event: MessageEvent<Question>) => void;
  postMessage(answer: Answer): void;
}

const scope = self as unknown as Scope;
scope.onmessage = ({ data }) => {
  try {
    scope.postMessage({ value: answer(data) });
  } catch (error) {
    const { plain } = storeError(error, open?.file ?? "The log");
    scope.postMessage({ error: plain });
  }
  // After the answer: whoever asked need not wait for it.
  if (data.type === "write" || data.type === "open") open?.indexLater();
};
