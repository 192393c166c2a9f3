/**
 * With whom one writes secretly, over the runs of a client, in the file
 * `secret_partners` of the data folder (docs/end_to_end.md, "In chatp connect").
 *
 * A line is `host me user on` or `off`: the last of a conversation counts. The
 * host alone, as a server has its wires at several ports.
 *
 * @module
 */

import { LineFile, type OnDamaged, wordsOf } from "../net/mod.ts";
import { foldName } from "../wire/mod.ts";

/** Whose secrecy it is, and where. */
export interface PartnersOwner {
  /** The server's, without the port. */
  readonly host: string;
  readonly username: string;
}

/** The people to whom one writes secretly. */
export class SecretPartners {
  readonly #file: LineFile;
  readonly #begin: string;
  readonly #on = new Set<string>();

  private constructor(file: LineFile, { host, username }: PartnersOwner) {
    this.#file = file;
    this.#begin = `${host.toLowerCase()} ${foldName(username)}`;
  }

  /**
   * Reads the file, which is made when secrecy is first turned on. `onDamaged`
   * is told of each line that can't be understood; such a line is skipped.
   *
   * @throws {UserError} data_folder_unusable.
   */
  static async open(
    folder: string,
    owner: PartnersOwner,
    onDamaged?: OnDamaged,
  ): Promise<SecretPartners> {
    const file = new LineFile(folder, "secret_partners", onDamaged);
    const partners = new SecretPartners(file, owner);
    for (const { line, words } of wordsOf(await file.read())) {
      const [host, me, user = "", state, ...rest] = words;
      const known = state === "on" || state === "off";
      if (!known || rest.length > 0 || foldName(user) !== user) {
        file.report(line);
      } else if (`${host} ${me}` === partners.#begin) {
        partners.set(user, state === "on");
      }
    }
    return partners;
  }

  /** Whether there is anybody. */
  get any(): boolean {
    return this.#on.size > 0;
  }

  /** Whether messages to this user are to be secret. */
  has(user: string): boolean {
    return this.#on.has(foldName(user));
  }

  /** From here on they are, or are not; in this run alone. */
  set(user: string, on: boolean): void {
    if (on) this.#on.add(foldName(user));
    else this.#on.delete(foldName(user));
  }

  /**
   * Keeps it for later runs.
   *
   * @throws {UserError} data_folder_unusable.
   */
  async keep(user: string, on: boolean): Promise<void> {
    const line = `${this.#begin} ${foldName(user)} ${on ? "on" : "off"}`;
    await this.#file.append(line);
  }
}
