/**
 * What `chatp serve` is told of UDP.
 *
 * @module
 */

import { isLoopback, isRelay, parseListen, UserError } from "../lib/net/mod.ts";

/**
 * The share that `--drop` names.
 *
 * @throws {UserError} usage.
 */
export function droppedShare(share = 0): number {
  if (share >= 0 && share <= 1) return share;
  throw new UserError(
    "usage",
    `--drop takes a share from 0 to 1, it says ${share}`,
    { advice: "See chatp serve --help" },
  );
}

function isUdp(url: string): boolean {
  const address = parseListen(url);
  return !isRelay(address) && address.wire === "udpchat";
}

/** What is said of `--drop` at the start. */
export function dropNotice(
  share: number,
  listen: readonly string[] = [],
): string {
  return listen.some(isUdp)
    ? `--drop: ${share} of all UDP datagrams are ignored`
    : "chatp: warning: --drop means nothing without --listen udpchat://…";
}

const isThisMachine = (host: string) =>
  host === "localhost" || isLoopback(host);

/**
 * Holds that what can be said in the open alone stays on this machine, unless it
 * is asked for (`--plaintext`).
 *
 * @throws {UserError} usage.
 */
export function checkOpenUdp(
  listen: readonly string[] = [],
  plaintext = false,
): void {
  for (const url of listen) {
    const address = parseListen(url);
    if (isRelay(address) || address.wire !== "udpchat") continue;
    if (plaintext || isThisMachine(address.host)) continue;
    throw new UserError(
      "usage",
      `${url} would take passwords and messages from other machines in the open`,
      {
        advice: "Listen on udpchat://127.0.0.1, or, in a network that you " +
          "trust, add --plaintext",
      },
    );
  }
}
