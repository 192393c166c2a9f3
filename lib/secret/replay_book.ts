/**
 * Which secret messages were seen where, over the runs of a client, in the file
 * `seen_messages` of the data folder (docs/end_to_end.md, "Replays").
 *
 * A line is `server user id place`.
 *
 * @module
 */

import { LineFile, type OnDamaged, wordsOf } from "../net/mod.ts";
import { ID_BYTES } from "./envelope.ts";
import { Replays, type Sighting } from "./replays.ts";
import { userKey } from "./user_key.ts";

/** The file is written anew when it has so many lines that say nothing more. */
const SPARE_LINES = 4_096;

const ID = new RegExp(`^[0-9a-f]{${2 * ID_BYTES}}$`);
const PLACE = /^[1-9]\d{0,14}$/;

/** The ids of all conversations, kept in a file that is read once. */
export class ReplayBook {
  readonly #file: LineFile;
  readonly #most: number | undefined;
  #conversations: Promise<Map<string, Replays>> | undefined;
  /** Lines are appended in the order of the calls. */
  #written: Promise<void> = Promise.resolve();

  /**
   * `folder` is the data folder, `most` as in {@link Replays}. `onDamaged` is
   * told of each line that can't be understood; such a line is skipped.
   */
  constructor(folder: string, onDamaged?: OnDamaged, most?: number) {
    this.#file = new LineFile(folder, "seen_messages", onDamaged);
    this.#most = most;
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
    const conversations = await (this.#conversations ??= this.#load());
    const key = `${server} ${userKey(user)}`;
    const sighting = this.#of(conversations, key).see(id, place);
    if (sighting === "new" || sighting === "earlier") {
      const line = `${key} ${id} ${place}`;
      const write = this.#written.then(() => this.#file.append(line));
      // Who waits for this one is told; the next is tried all the same.
      this.#written = write.catch(() => {});
      await write;
    }
    return sighting;
  }

  #of(conversations: Map<string, Replays>, key: string): Replays {
    let replays = conversations.get(key);
    if (replays === undefined) {
      replays = new Replays([], this.#most);
      conversations.set(key, replays);
    }
    return replays;
  }

  async #load(): Promise<Map<string, Replays>> {
    const conversations = new Map<string, Replays>();
    const lines = wordsOf(await this.#file.read());
    for (const { line, words } of lines) {
      const [server, user, id = "", place = "", ...rest] = words;
      if (!ID.test(id) || !PLACE.test(place) || rest.length > 0) {
        this.#file.report(line);
        continue;
      }
      this.#of(conversations, `${server} ${user}`).see(id, Number(place));
    }
    const kept = [...conversations].flatMap(([key, { seen }]) =>
      seen.map(({ id, place }) => `${key} ${id} ${place}`)
    );
    if (lines.length > kept.length + SPARE_LINES) {
      await this.#file.replace(kept);
    }
    return conversations;
  }
}
