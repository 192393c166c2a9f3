/**
 * `chatp connect relay://…` (docs/relay.md).
 *
 * @module
 */

import { runRelay } from "../lib/client/mod.ts";
import {
  loadOwnKey,
  loadPeerKey,
  parseRelay,
  RELAY_USAGE,
  UserError,
} from "../lib/net/mod.ts";
import { CLOCK, complain, milliseconds, writeOut } from "./session_world.ts";

/** What of `chatp connect`'s options concerns a relay. */
export interface RelayOptions {
  readonly key?: string | undefined;
  readonly peerKey?: string | undefined;
  readonly timeout: number;
  readonly linger: number;
}

/** The chat's own options, by their names in the code. */
const OF_THE_CHAT = {
  room: "--room",
  passwordFile: "--password-file",
  json: "--json",
  ca: "--ca",
  fingerprint: "--fingerprint",
  insecure: "--insecure",
  plaintext: "--plaintext",
  data: "--data",
} as const;

/**
 * Refuses the other's key of a relay where there is none: in a chat, it comes
 * from the server.
 *
 * @throws {UserError} usage.
 */
export function refusePeerKey(
  { peerKey }: Pick<RelayOptions, "peerKey">,
): void {
  if (peerKey === undefined) return;
  throw new UserError("usage", "--peer-key is for a relay alone", {
    advice: RELAY_USAGE,
  });
}

/**
 * Talks over a relay.
 *
 * @throws {UserError} usage, file_unreadable, bad_certificate_file; what the
 * conversation fails with.
 */
export async function connectRelay(
  options: RelayOptions & Partial<Record<keyof typeof OF_THE_CHAT, unknown>>,
  url: string,
  more: string | undefined,
): Promise<void> {
  const { key, peerKey } = options;
  const address = parseRelay(url);
  if (more !== undefined) {
    throw new UserError(
      "usage",
      `A relay's address stands alone, and "${more}" was given besides`,
      { advice: RELAY_USAGE },
    );
  }
  if (key === undefined || peerKey === undefined) {
    const name = key === undefined ? "--key" : "--peer-key";
    throw new UserError("usage", `A relay needs ${name}`, {
      advice: RELAY_USAGE,
    });
  }
  const timeout = milliseconds("--timeout", options.timeout, 0.001);
  const linger = milliseconds("--linger", options.linger, 0);
  for (const [name, flag] of Object.entries(OF_THE_CHAT)) {
    if (options[name as keyof typeof OF_THE_CHAT] === undefined) continue;
    complain(`chatp: warning: ${flag} means nothing on a relay`);
  }
  const own = await loadOwnKey(key);
  const peer = await loadPeerKey(peerKey);
  for (const warning of [...own.warnings, ...peer.warnings]) {
    complain(`chatp: warning: ${warning}`);
  }
  const error = await runRelay({
    address,
    dial: { timeout },
    own,
    peer,
    input: Deno.stdin.readable,
    write: writeOut,
    complain,
    clock: CLOCK,
    linger,
  });
  if (error !== undefined) throw error;
}
