/**
 * Small files in the data folder that people may read and edit: words in lines.
 * Lines that begin with `#` and empty ones mean nothing.
 *
 * Such a file is appended to, a whole line in one write, so that two programs
 * that write at once lose nothing, unless one of them replaces it. It is its
 * owner's alone (0600).
 *
 * @module
 */

import { join } from "node:path";
import { makeDataFolder } from "./data_folder.ts";
import { fileErrorMessage, UserError } from "./failure.ts";
import { writeNewFile } from "./new_file.ts";

const LINE_FEED = 0x0a;

/** Is told of a line, counted from 1, that can't be understood. */
export type OnDamaged = (line: number, path: string) => void;

/** A file of lines in a data folder. */
export class LineFile {
  /** The file is made when the first line is appended. */
  readonly path: string;
  readonly #folder: string;
  readonly #onDamaged: OnDamaged;
  readonly #damaged = new Set<number>();

  constructor(folder: string, name: string, onDamaged: OnDamaged = () => {}) {
    this.#folder = folder;
    this.path = join(folder, name);
    this.#onDamaged = onDamaged;
  }

  /** Reports a damaged line, each once. */
  report(line: number): void {
    if (this.#damaged.has(line)) return;
    this.#damaged.add(line);
    this.#onDamaged(line, this.path);
  }

  /**
   * Everything, "" when there is no file.
   *
   * @throws {UserError} data_folder_unusable.
   */
  async read(): Promise<string> {
    return await this.#read(() => Deno.readTextFile(this.path)) ?? "";
  }

  /** What `read` gives, undefined when there is no file. */
  async #read<Result>(
    read: () => Promise<Result>,
  ): Promise<Result | undefined> {
    try {
      return await read();
    } catch (cause) {
      if (cause instanceof Deno.errors.NotFound) return undefined;
      throw new UserError(
        "data_folder_unusable",
        `Cannot read ${this.path}: ${fileErrorMessage(cause)}`,
        { cause },
      );
    }
  }

  /**
   * Appends a line, also behind one that has no end.
   *
   * @throws {UserError} data_folder_unusable.
   */
  async append(line: string): Promise<void> {
    const last = await this.#read(() => lastByte(this.path));
    const start = last === undefined || last === LINE_FEED ? "" : "\n";
    await this.#write(() =>
      Deno.writeTextFile(this.path, `${start}${line}\n`, {
        append: true,
        mode: 0o600,
      })
    );
  }

  /**
   * Puts these lines in the place of all. What another program appends at the
   * same moment is lost.
   *
   * @throws {UserError} data_folder_unusable.
   */
  async replace(lines: readonly string[]): Promise<void> {
    const text = lines.map((line) => `${line}\n`).join("");
    const how = { mode: 0o600, replace: true };
    await this.#write(() => writeNewFile(this.path, text, how));
  }

  async #write(write: () => Promise<unknown>): Promise<void> {
    await makeDataFolder(this.#folder);
    try {
      await write();
    } catch (cause) {
      throw new UserError(
        "data_folder_unusable",
        `Cannot write ${this.path}: ${fileErrorMessage(cause)}`,
        { cause },
      );
    }
  }
}

/** The last byte of a file; undefined when it is empty. */
async function lastByte(path: string): Promise<number | undefined> {
  using file = await Deno.open(path);
  const { size } = await file.stat();
  if (size === 0) return undefined;
  await file.seek(size - 1, Deno.SeekMode.Start);
  const byte = new Uint8Array(1);
  await file.read(byte);
  return byte[0];
}

/** The words of each line that means something; lines are counted from 1. */
export function wordsOf(
  text: string,
): { readonly line: number; readonly words: readonly string[] }[] {
  return text.split(/\r?\n/).flatMap((content, index) => {
    const trimmed = content.trim();
    if (trimmed === "" || trimmed.startsWith("#")) return [];
    return [{ line: index + 1, words: trimmed.split(/\s+/) }];
  });
}
