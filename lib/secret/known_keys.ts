/**
 * What is known of other people's keys, as lines of text
 * (docs/end_to_end.md, "Known keys"). Pure.
 *
 * A line is `server user key`, or `server user key accepted`: the key as base64
 * of its DER. Of a user the first line counts, so that of two clients that meet
 * somebody for the first time at once the second sees whether it met the same
 * one; but the last line that ends with `accepted` goes before it.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { formatFingerprint, wordsOf } from "../net/mod.ts";
import { checkPublicKey } from "../wire/mod.ts";
import { userKey } from "./user_key.ts";

/** The last word of a line by which somebody accepted a changed key. */
const ACCEPTED = "accepted";

/** Somebody's key on a server. */
export interface KnownKey {
  /** As it is addressed: `host:port`, an IPv6 address in brackets. */
  readonly server: string;
  /** A folded name. */
  readonly user: string;
  /** SubjectPublicKeyInfo, DER. */
  readonly key: Uint8Array<ArrayBuffer>;
  /** SHA-256 of `key`, `AA:BB:…`. */
  readonly fingerprint: string;
  /** Somebody accepted it in place of another. */
  readonly accepted: boolean;
  /** Counted from 1. */
  readonly line: number;
}

/**
 * The line of a key. `name` may be in any case.
 *
 * @throws {SecretError} bad_name.
 */
export function keyLine(
  server: string,
  name: string,
  key: Uint8Array,
  accepted: boolean,
): string {
  const words = [server, userKey(name), key.toBase64()];
  return [...words, ...accepted ? [ACCEPTED] : []].join(" ");
}

/** Reads all lines; `onDamaged` gets the number of each unreadable one. */
export function parseKnownKeys(
  text: string,
  onDamaged: (line: number) => void = () => {},
): KnownKey[] {
  return wordsOf(text).flatMap(({ line, words }) => {
    const [server = "", user = "", written = "", last, ...rest] = words;
    const key = keyBytes(written);
    const whole = key !== undefined && rest.length === 0 &&
      (last === undefined || last === ACCEPTED) && isUserKey(user);
    if (!whole) {
      onDamaged(line);
      return [];
    }
    const digest = createHash("sha256").update(key).digest();
    return [{
      server,
      user,
      key,
      fingerprint: formatFingerprint(digest),
      accepted: last === ACCEPTED,
      line,
    }];
  });
}

function isUserKey(written: string): boolean {
  try {
    return userKey(written) === written;
  } catch {
    // As for a key: the line is reported.
    return false;
  }
}

function keyBytes(written: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    const bytes = Uint8Array.fromBase64(written);
    checkPublicKey(bytes);
    return bytes;
  } catch {
    // Whatever is wrong with it, the line is reported.
    return undefined;
  }
}

/** A server without its port, `host:port` as in {@link KnownKey}. */
export function hostOf(server: string): string {
  return server.replace(/:\d+$/, "").toLowerCase();
}

/**
 * The key that is known of a user on this server or else on its host's other
 * ports, where they agree: a server may have a wire at each.
 *
 * @throws {SecretError} bad_name.
 */
export function keyOnHost(
  keys: readonly KnownKey[],
  server: string,
  name: string,
): KnownKey | undefined {
  const here = knownKey(keys, server, name);
  if (here !== undefined) return here;
  const host = hostOf(server);
  const ports = new Set(keys.map((key) => key.server))
    .values().filter((other) => hostOf(other) === host);
  const [first, ...others] = [...ports].flatMap((other) =>
    knownKey(keys, other, name) ?? []
  );
  return others.every(({ fingerprint }) => fingerprint === first?.fingerprint)
    ? first
    : undefined;
}

/**
 * The key that counts for a user, or undefined when there is none.
 *
 * @throws {SecretError} bad_name.
 */
export function knownKey(
  keys: readonly KnownKey[],
  server: string,
  name: string,
): KnownKey | undefined {
  const user = userKey(name);
  const theirs = keys.filter((each) =>
    each.server === server && each.user === user
  );
  return theirs.findLast(({ accepted }) => accepted) ?? theirs[0];
}
