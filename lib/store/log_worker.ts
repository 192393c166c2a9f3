/**
 * The thread of the log: takes questions, gives answers, one after the other.
 * SQLite blocks, so it blocks here.
 *
 * @module
 */

import { copyLog } from "./copy.ts";
import { type OpenFile, openLogFile } from "./log_file.ts";
import { LogReader } from "./log_reader.ts";
import { LogWriter } from "./log_writer.ts";
import type { Answer, Question, Questions, QuestionType } from "./protocol.ts";
import { StoreError, storeError } from "./store_error.ts";

/** What this thread has open. */
class OpenLog {
  readonly #open: OpenFile;
  readonly writer: LogWriter;
  readonly reader: LogReader;

  constructor(open: OpenFile) {
    this.#open = open;
    try {
      this.writer = new LogWriter(open.database, open.file);
      this.reader = new LogReader(open.database);
    } catch (error) {
      open.close();
      throw storeError(error, open.file);
    }
  }

  get file(): string {
    return this.#open.file;
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
    case "append":
      return opened().writer.append(question.batches);
    case "page":
      return opened().reader.page(question.room, question.query);
    case "search":
      return opened().reader.search(
        question.rooms,
        question.words,
        question.query,
      );
    case "last":
      return opened().reader.last(question.room);
    case "prune":
      return opened().writer.prune(question.olderThan);
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
};
