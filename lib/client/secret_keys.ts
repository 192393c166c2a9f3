/**
 * Whose key is whose, for a session: what is known of others' keys, and what the
 * server says of them (docs/end_to_end.md, "Known keys").
 *
 * A key that has changed MUST NOT be used before it is accepted.
 *
 * @module
 */

import { UserError } from "../net/mod.ts";
import {
  importPublicKey,
  type KeyBook,
  type PublicKey,
  SecretError,
} from "../secret/mod.ts";
import { foldName } from "../wire/mod.ts";
import type { Fate } from "./entries.ts";
import type { ChatRequest } from "./exchange.ts";

/** Asks the server something of the client's own. */
export type Ask = (request: ChatRequest) => Promise<Fate>;

/** What is known of somebody's key. */
export type KeyState =
  | { readonly kind: "known"; readonly key: PublicKey }
  /** It is another one than the known one, and not accepted. */
  | { readonly kind: "changed"; readonly key: PublicKey }
  | {
    readonly kind: "none";
    readonly text: string;
    readonly hint?: string;
  };

/** What they are made of. */
export interface SecretKeysParts {
  /** As it is addressed: `host:port`. */
  readonly server: string;
  readonly book: KeyBook;
  readonly username: string;
  /** One's own: nobody else is asked for it. */
  readonly own: PublicKey | undefined;
  readonly ask: Ask;
  /** Tells the person something that concerns no request. */
  readonly warn: (text: string, hint: string) => void;
}

/** Other people's keys, as one session sees them. */
export class SecretKeys {
  readonly #parts: SecretKeysParts;
  /** Those that changed and were not accepted. */
  readonly #changed = new Map<string, PublicKey>();
  /** Those whom the server was asked about, and nothing came to pass since. */
  readonly #asked = new Set<string>();

  constructor(parts: SecretKeysParts) {
    this.#parts = parts;
  }

  /**
   * Somebody has come, or whoever did was not heard: they may have another key
   * by now. The server is asked anew before something is sealed to them.
   */
  doubt(user?: string): void {
    if (user === undefined) this.#asked.clear();
    else this.#asked.delete(foldName(user));
  }

  /** The changed key of somebody that waits to be accepted. */
  changed(user: string): PublicKey | undefined {
    return this.#changed.get(foldName(user));
  }

  /**
   * The key that is known of somebody, whatever the server says.
   *
   * @throws {UserError} data_folder_unusable.
   * @throws {SecretError} bad_name.
   */
  async known(user: string): Promise<PublicKey | undefined> {
    const { book, server } = this.#parts;
    const known = await book.find(server, user);
    return known && await importPublicKey(known.key);
  }

  /**
   * Somebody's key to seal to. The server is asked the first time, after a
   * {@link doubt}, and where there is none; a key that is new is pinned.
   *
   * @throws {UserError} data_folder_unusable.
   * @throws {SecretError} bad_name.
   */
  async find(user: string): Promise<KeyState> {
    const changed = this.changed(user);
    if (changed !== undefined) return { kind: "changed", key: changed };
    const isFirst = !this.#asked.has(foldName(user));
    const key = isFirst ? undefined : await this.known(user);
    return key === undefined ? await this.look(user) : { kind: "known", key };
  }

  /**
   * Asks the server for somebody's key, and compares it with the known one.
   * Where it can't tell, the known one counts, of another port if need be. What
   * one writes to oneself is sealed to one's own, whatever the server says.
   *
   * @throws {UserError} data_folder_unusable.
   * @throws {SecretError} bad_name.
   */
  async look(user: string): Promise<KeyState> {
    const { own, username } = this.#parts;
    if (own !== undefined && foldName(user) === foldName(username)) {
      return { kind: "known", key: own };
    }
    const fate = await this.#parts.ask({ type: "find_key", user });
    this.#asked.add(foldName(user));
    if (fate.kind === "refused" || fate.event.type !== "find_key") {
      return await this.#unasked(user, fate);
    }
    try {
      return await this.#compare(user, await importPublicKey(fate.event.key));
    } catch (error) {
      if (!(error instanceof SecretError) || error.kind !== "bad_key") {
        throw error;
      }
      return { kind: "none", text: error.message };
    }
  }

  async #unasked(user: string, fate: Fate): Promise<KeyState> {
    const { book, server } = this.#parts;
    const found = await book.findOnHost(server, user);
    const known = found && await importPublicKey(found.key);
    const changed = this.changed(user);
    if (changed !== undefined) return { kind: "changed", key: changed };
    if (known !== undefined) return { kind: "known", key: known };
    const { text, hint } = fate.kind === "refused"
      ? fate
      : { text: "The server's answer was none", hint: undefined };
    return { kind: "none", text, ...hint !== undefined && { hint } };
  }

  async #compare(user: string, key: PublicKey): Promise<KeyState> {
    const { book, server } = this.#parts;
    let state = await book.check(server, user, key.fingerprint);
    if (state === "new") {
      state = await book.pin(server, user, key);
      if (state === "same") this.#tellPinned(user, key);
    }
    if (state === "same") {
      this.#changed.delete(foldName(user));
      return { kind: "known", key };
    }
    await this.#tellChanged(user, key);
    this.#changed.set(foldName(user), key);
    return { kind: "changed", key };
  }

  #tellPinned(user: string, { fingerprint }: PublicKey): void {
    this.#parts.warn(
      `The key of ${user} is remembered from now on: ${fingerprint}`,
      `/verify ${user} shows a number to compare by voice`,
    );
  }

  async #tellChanged(user: string, { fingerprint }: PublicKey): Promise<void> {
    if (this.changed(user)?.fingerprint === fingerprint) return;
    const known = await this.known(user);
    this.#parts.warn(
      `THE KEY OF ${user} HAS CHANGED from ${known?.fingerprint} to ` +
        `${fingerprint}: ${user} has made a new one, or somebody stands in ` +
        "between. Nothing is sealed to it, and nothing signed with it is shown",
      `Ask ${user} in another way: /verify ${user} shows the number to ` +
        `compare, /trust ${user} accepts the key`,
    );
  }

  /**
   * Accepts the changed key of somebody: the one that was shown. Undefined when
   * there is none.
   *
   * @throws {UserError} data_folder_unusable.
   * @throws {SecretError} bad_name.
   */
  async trust(user: string): Promise<PublicKey | undefined> {
    const key = this.changed(user);
    if (key === undefined) return undefined;
    const { book, server } = this.#parts;
    await book.trust(server, user, key);
    this.#changed.delete(foldName(user));
    return key;
  }
}

/** What an error of secret messages says; others are thrown again. */
export function secretFailure(error: unknown): { readonly text: string } {
  if (error instanceof SecretError || error instanceof UserError) {
    return { text: error.message };
  }
  throw error;
}
