/**
 * `chatp connect --key`, in a chat (docs/end_to_end.md, "In chatp connect").
 *
 * @module
 */

import { type SecrecyOptions, SecretPartners } from "../lib/client/mod.ts";
import {
  dataFolder,
  formatEndpoint,
  type ServerAddress,
} from "../lib/net/mod.ts";
import { KeyBook, loadOwnKeys, ReplayBook } from "../lib/secret/mod.ts";
import { complain } from "./session_world.ts";

/**
 * What the session needs for secret messages. Without a key nothing is sealed
 * or opened, but what is to be secret is known and not sent in the clear.
 *
 * @throws {UserError} file_unreadable, bad_certificate_file,
 * data_folder_unusable.
 */
export async function secrecyOf(
  username: string,
  { host, port }: ServerAddress,
  { data, key }: {
    readonly data?: string | undefined;
    /** The file of one's own private key. */
    readonly key?: string | undefined;
  },
): Promise<SecrecyOptions> {
  const folder = dataFolder(data);
  const server = formatEndpoint(host, port);
  const onDamaged = (line: number, path: string) =>
    complain(`chatp: warning: line ${line} of ${path} can't be understood`);
  const own = key === undefined ? undefined : await loadOwnKeys(key);
  for (const warning of own?.warnings ?? []) {
    complain(`chatp: warning: ${warning}`);
  }
  const owner = { host, username };
  return {
    server,
    keys: own?.keys,
    book: new KeyBook(folder, onDamaged),
    replays: await ReplayBook.open(folder, onDamaged),
    partners: await SecretPartners.open(folder, owner, onDamaged),
  };
}
