/**
 * The thread of the log: takes questions, gives answers, one after the other.
 * SQLite blocks, so it blocks here.
 *
 * @module
 */

import type { Message } from "../chat/log.ts";
import { Bell } from "./bell.ts";
import { copyLog } from "./copy.ts";
import { checkRoom, type OpenFile, openLogFile } from "./log_file.ts";
import { LogReader } from "./log_reader.ts";
import { LogWriter } from "./log_writer.ts";
import type {
  Answer,
  Hello,
  Outcome,
  Question,
  Questions,
  QuestionType,
} from "./protocol.ts";
import { StateReader } from "./state_reader.ts";
import { type PlainStoreError, StoreError, storeError } from "./store_error.ts";
import { MOST_UNINDEXED, WordIndex } from "./word_index.ts";
import { WriteMemory, type Writes } from "./write_memory.ts";

/**
 * ms without a question after which words are indexed, so that this costs the
 * appends nothing: many messages in one transaction are far cheaper than one.
 */
const QUIET = 50;

/** What this thread has open. */
class OpenLog {
  readonly #open: OpenFile;
  readonly #index: WordIndex;
  /** How long it is to be quiet before words are indexed, ms. */
  patience = QUIET;
  readonly writer: LogWriter;
  readonly reader: LogReader;
  readonly state: StateReader;
  #extended = false;

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

  /** Indexes what may not wait; there is more to be indexed now. */
  indexUrgent(): void {
    this.patience = QUIET;
    try {
      while (this.unindexed > MOST_UNINDEXED) this.index();
    } catch {
      // What can't be written now (a full disk) is tried again.
    }
    if (this.unindexed === 0 && this.#extended) this.patience = Infinity;
  }

  /** Does a part of what could wait. */
  workQuietly(): void {
    try {
      if (this.#extended) this.index();
      else this.#extend();
      // What was asked meanwhile comes first.
      this.patience = this.unindexed > 0 ? 0 : Infinity;
    } catch {
      // The next append or search tries again.
      this.patience = Infinity;
    }
  }

  #extend(): void {
    this.#extended = true;
    try {
      this.#open.extend();
    } catch {
      // There is no room for it, or somebody else writes: a log goes without.
    }
  }

  /** @throws what SQLite throws when it can't be written now. */
  check(): void {
    checkRoom(this.#open.database);
  }

  search({ rooms, words, query }: Question<"search">): Message[] {
    return this.reader.search(rooms, words, query, this.#index.indexedId);
  }

  close(): void {
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
    case "load":
      opened().writer.removeStrays();
      return opened().state.load();
    case "accounts":
      return opened().state.changedAccounts();
    case "handles":
      return opened().writer.takeHandles(question.count);
    case "check":
      opened().check();
      return null;
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
  onmessage: (event: MessageEvent<Hello | Question>) => void;
  postMessage(answer: Answer): void;
}

const scope = self as unknown as Scope;
/** Questions that came; 32 bits. */
let received = 0;
/** Called when one has come. */
let arrived: (() => void) | undefined;

scope.onmessage = ({ data }) => {
  if (!("type" in data)) return void serve(data);
  try {
    scope.postMessage({ value: answer(data) });
  } catch (error) {
    scope.postMessage({ error: plainError(error) });
  }
  // After the answer: whoever asked need not wait for it.
  if (data.type === "open") open?.indexUrgent();
  received = (received + 1) | 0;
  arrived?.();
};

/** Sleeps until the thread is rung for, until it is to end. */
async function serve(hello: Hello): Promise<void> {
  const bell = new Bell(hello.bell);
  const memories = hello.memories.map((shared) => new WriteMemory(shared));
  let written = 0;
  while (bell.rungFor("end") === 0) {
    // Before anything is looked up: whoever rings from now on is heard.
    const rings = bell.rings();
    const asked = bell.rungFor("post") !== received;
    // Questions are brought by events.
    if (asked) await new Promise<void>((resolve) => arrived = resolve);
    const toWrite = bell.rungFor("write") !== written;
    if (toWrite) {
      written = (written + 1) | 0;
      const memory = memories.shift() as WriteMemory;
      memories.push(memory);
      memory.putOutcomes(write(memory.takeWrites()));
      scope.postMessage("written");
      open?.indexUrgent();
    }
    if (asked || toWrite) continue;
    if (!bell.sleep(rings, open?.patience ?? Infinity)) open?.workQuietly();
  }
}

function write({ batches, saves }: Writes): readonly Outcome[] {
  try {
    return opened().writer.write(batches, saves);
  } catch (error) {
    return batches.map(() => ({ error: plainError(error) }));
  }
}

function plainError(error: unknown): PlainStoreError {
  return storeError(error, open?.file ?? "The log").plain;
}
