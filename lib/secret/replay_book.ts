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

/**
 * The file is written anew when so many lines, and as many as say something, say
 * nothing more.
 */
const SPARE_LINES = 4_096;

/** What was seen in each conversation, by `host user`. */
type Conversations = Map<string, Replays>;

const ID = new RegExp(`^[0-9a-f]{${2 * ID_BYTES}}$`);
const PLACE = /^[1-9]\d{0,14}$/;

/**
 * The ids of all conversations, kept in a file. What counts is what it holds at
 * the start: what another client of this data folder sees meanwhile is news to
 * this one.
 */
export class ReplayBook {
  readonly #file: LineFile;
  readonly #most: number | undefined;
  #conversations: Conversations = new Map();
  /** Lines that may be appended before the file is looked through again. */
  #room = SPARE_LINES;
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
    book.#conversations = await book.#load();
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
      const write = this.#written.then(() => this.#append(line));
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

  async #append(line: string): Promise<void> {
    await this.#file.append(line);
    if (--this.#room > 0) return;
    this.#room = SPARE_LINES;
    // The message is written: where there is no room now there may be later.
    await this.#load().catch(() => {});
  }

  #of(key: string, conversations = this.#conversations): Replays {
    let replays = conversations.get(key);
    if (replays === undefined) {
      replays = new Replays([], this.#most);
      conversations.set(key, replays);
    }
    return replays;
  }

  /** What is in the file, which is shortened if that is worth it. */
  async #load(): Promise<Conversations> {
    const conversations: Conversations = new Map();
    const lines = wordsOf(await this.#file.read());
    for (const { line, words } of lines) {
      const [host, user, id = "", place = "", ...rest] = words;
      if (!ID.test(id) || !PLACE.test(place) || rest.length > 0) {
        this.#file.report(line);
        continue;
      }
      this.#of(`${host} ${user}`, conversations).see(id, Number(place));
    }
    const kept = [...conversations].flatMap(([key, { seen }]) =>
      seen.map(({ id, place }) => `${key} ${id} ${place}`)
    );
    const spare = Math.max(SPARE_LINES, kept.length);
    const spent = lines.length - kept.length;
    const isLong = spent >= spare;
    if (isLong) await this.#file.replace(kept);
    this.#room = isLong ? spare : spare - spent;
    return conversations;
  }
}
