/**
 * Which secret messages were seen where, over the runs of a client, in the file
 * `seen_messages` of the data folder (docs/end_to_end.md, "Replays").
 *
 * A line is `host user id place`. The host alone, as a server has its wires at
 * several ports: what was seen over one is no news over another.
 *
 * @module
 */

import { LineFile, type OnDamaged, wordsOf } from "../net/mod.ts";
import { ID_BYTES } from "./envelope.ts";
import { hostOf } from "./known_keys.ts";
import { Replays, type Sighting } from "./replays.ts";
import { userKey } from "./user_key.ts";

/** The file is written anew when it has so many lines that say nothing more. */
const SPARE_LINES = 4_096;

const ID = new RegExp(`^[0-9a-f]{${2 * ID_BYTES}}$`);
const PLACE = /^[1-9]\d{0,14}$/;

/**
 * The ids of all conversations, kept in a file that is read once, at the start:
 * what another client of this data folder sees meanwhile is news to this one.
 */
export class ReplayBook {
  readonly #file: LineFile;
  readonly #most: number | undefined;
  readonly #conversations = new Map<string, Replays>();
  /** Lines are appended in the order of the calls. */
  #written: Promise<void> = Promise.resolve();

  private constructor(file: LineFile, most: number | undefined) {
    this.#file = file;
    this.#most = most;
  }

  /**
   * Reads the file. `folder` is the data folder, `most` as in {@link Replays}.
   * `onDamaged` is told of each line that can't be understood; such a line is
   * skipped.
   *
   * @throws {UserError} data_folder_unusable.
   */
  static async open(
    folder: string,
    onDamaged?: OnDamaged,
    most?: number,
  ): Promise<ReplayBook> {
    const file = new LineFile(folder, "seen_messages", onDamaged);
    const book = new ReplayBook(file, most);
    await book.#load();
    return book;
  }

  /** Path of the file, which is made when the first message was seen. */
  get path(): string {
    return this.#file.path;
  }

  /**
   * Takes note of a message that was opened, and says what it is. `server`
   * (`host:port`) and `user` are the other side's, `place` is its sequence. The
   * answer comes when it is written.
   *
   * @throws {UserError} data_folder_unusable.
   * @throws {SecretError} bad_name.
   */
  async see(
    server: string,
    user: string,
    id: string,
    place: number,
  ): Promise<Sighting> {
    const key = `${hostOf(server)} ${userKey(user)}`;
    const sighting = this.#of(key).see(id, place);
    if (sighting === "new" || sighting === "earlier") {
      const line = `${key} ${id} ${place}`;
      const write = this.#written.then(() => this.#file.append(line));
      // Who waits for this one is told; the next is tried all the same.
      this.#written = write.catch(() => {});
      await write;
    }
    return sighting;
  }

  /**
   * Whether a message was opened at any place.
   *
   * @throws {SecretError} bad_name.
   */
  has(server: string, user: string, id: string): boolean {
    return this.#with(server, user)?.has(id) ?? false;
  }

  /**
   * The first place at which a message of somebody, or to them, was opened;
   * Infinity where none was.
   *
   * @throws {SecretError} bad_name.
   */
  first(server: string, user: string): number {
    return this.#with(server, user)?.first ?? Infinity;
  }

  #with(server: string, user: string): Replays | undefined {
    return this.#conversations.get(`${hostOf(server)} ${userKey(user)}`);
  }

  #of(key: string): Replays {
    let replays = this.#conversations.get(key);
    if (replays === undefined) {
      replays = new Replays([], this.#most);
      this.#conversations.set(key, replays);
    }
    return replays;
  }

  async #load(): Promise<void> {
    const lines = wordsOf(await this.#file.read());
    for (const { line, words } of lines) {
      const [host, user, id = "", place = "", ...rest] = words;
      if (!ID.test(id) || !PLACE.test(place) || rest.length > 0) {
        this.#file.report(line);
        continue;
      }
      this.#of(`${host} ${user}`).see(id, Number(place));
    }
    const kept = [...this.#conversations].flatMap(([key, { seen }]) =>
      seen.map(({ id, place }) => `${key} ${id} ${place}`)
    );
    if (lines.length > kept.length + SPARE_LINES) {
      await this.#file.replace(kept);
    }
  }
}
