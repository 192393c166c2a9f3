/**
 * The keys of other people, pinned on first use, in the file `known_keys` of
 * the data folder (docs/end_to_end.md, "Known keys").
 *
 * @module
 */

import {
  comparePin,
  LineFile,
  type OnDamaged,
  type PinState,
} from "../net/mod.ts";
import {
  keyLine,
  keyOnHost,
  type KnownKey,
  knownKey,
  parseKnownKeys,
} from "./known_keys.ts";

/** Other people's keys, kept in a file. */
export class KeyBook {
  readonly #file: LineFile;

  /**
   * `folder` is the data folder. `onDamaged` is told once of each line that
   * can't be understood; such a line is skipped and left as it is.
   */
  constructor(folder: string, onDamaged?: OnDamaged) {
    this.#file = new LineFile(folder, "known_keys", onDamaged);
  }

  /** Path of the file, which is made when the first key is pinned. */
  get path(): string {
    return this.#file.path;
  }

  /**
   * The key that counts for a user of a server (`host:port`), or undefined.
   *
   * @throws {UserError} data_folder_unusable.
   * @throws {SecretError} bad_name.
   */
  async find(server: string, user: string): Promise<KnownKey | undefined> {
    return knownKey(await this.#read(), server, user);
  }

  /**
   * The same; or where this server has none, the key on its host's other ports,
   * where they agree.
   *
   * @throws {UserError} data_folder_unusable.
   * @throws {SecretError} bad_name.
   */
  async findOnHost(
    server: string,
    user: string,
  ): Promise<KnownKey | undefined> {
    return keyOnHost(await this.#read(), server, user);
  }

  async #read(): Promise<KnownKey[]> {
    return parseKnownKeys(
      await this.#file.read(),
      (line) => this.#file.report(line),
    );
  }

  /**
   * Compares the fingerprint of somebody's key with the known one.
   *
   * @throws {UserError} data_folder_unusable.
   * @throws {SecretError} bad_name.
   */
  async check(
    server: string,
    user: string,
    fingerprint: string,
  ): Promise<PinState> {
    return comparePin(await this.find(server, user), fingerprint);
  }

  /**
   * Pins the key of somebody who is new. The answer is "same" when it is now
   * the known one, and "changed" when there was another: that one stays.
   *
   * @throws {UserError} data_folder_unusable.
   * @throws {SecretError} bad_name.
   */
  async pin(
    server: string,
    user: string,
    { der, fingerprint }: BookKey,
  ): Promise<"same" | "changed"> {
    await this.#file.append(keyLine(server, user, der, false));
    return await this.check(server, user, fingerprint) === "same"
      ? "same"
      : "changed";
  }

  /**
   * Accepts a key in place of the one that was known.
   *
   * @throws {UserError} data_folder_unusable.
   * @throws {SecretError} bad_name.
   */
  async trust(server: string, user: string, { der }: BookKey): Promise<void> {
    await this.#file.append(keyLine(server, user, der, true));
  }
}

/** What of a `PublicKey` is kept. */
export interface BookKey {
  /** SubjectPublicKeyInfo. */
  readonly der: Uint8Array;
  /** SHA-256 of `der`, `AA:BB:…`. */
  readonly fingerprint: string;
}
