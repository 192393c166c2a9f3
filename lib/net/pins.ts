/**
 * The servers a client has met before, and the certificate each one had
 * (docs/errors.md, "Known servers"): what `known_hosts` is to SSH.
 *
 * The file has one line per server, `host:port SHA256-fingerprint`; lines that
 * begin with `#` and empty ones mean nothing. It is only ever appended to, a
 * whole line in one write, so that two clients that write at once lose nothing.
 * The first line of an address counts: of two clients that meet the same server
 * for the first time at once, the second sees whether it met the same one.
 *
 * @module
 */

import { timingSafeEqual } from "@std/crypto/timing-safe-equal";
import { formatEndpoint } from "./address.ts";
import { fingerprintBytes, formatFingerprint } from "./fingerprint.ts";
import { LineFile, type OnDamaged, wordsOf } from "./line_file.ts";

/** How a fingerprint compares with what is known of the address. */
export type PinState = "new" | "same" | "changed";

/** Where a server is, as far as a pin is concerned. */
export interface PinAddress {
  readonly host: string;
  readonly port: number;
}

/** A line of the file. */
export interface Pin {
  /** `host:port`, an IPv6 address in brackets. */
  readonly endpoint: string;
  /** SHA-256 of the certificate, `AA:BB:…`. */
  readonly fingerprint: string;
  /** Counted from 1. */
  readonly line: number;
}

/** The known servers, kept in a file. */
export class KnownServers {
  readonly #file: LineFile;

  /**
   * `folder` is the data folder. `onDamaged` is told once of each line that
   * can't be understood; such a line is skipped and left as it is.
   */
  constructor(folder: string, onDamaged?: OnDamaged) {
    this.#file = new LineFile(folder, "known_servers", onDamaged);
  }

  /** Path of the file, which is made when the first server is added. */
  get path(): string {
    return this.#file.path;
  }

  /**
   * What is known of a server, or undefined.
   *
   * @throws {UserError} data_folder_unusable.
   */
  async find(address: PinAddress): Promise<Pin | undefined> {
    const endpoint = formatEndpoint(address.host, address.port);
    return parsePins(
      await this.#file.read(),
      (line) => this.#file.report(line),
    ).find((pin) => pin.endpoint === endpoint);
  }

  /**
   * Compares a server's fingerprint with the one known.
   *
   * @throws {UserError} data_folder_unusable.
   */
  async check(address: PinAddress, fingerprint: string): Promise<PinState> {
    return comparePin(await this.find(address), fingerprint);
  }

  /**
   * Remembers a new server's fingerprint. The answer is "same" when it is now
   * the one known, and "changed" when another client was faster with another.
   *
   * @throws {UserError} data_folder_unusable.
   */
  async add(
    address: PinAddress,
    fingerprint: string,
  ): Promise<"same" | "changed"> {
    const bytes = fingerprintBytes(fingerprint);
    if (bytes === undefined) {
      throw new TypeError(`"${fingerprint}" is not a SHA-256 fingerprint`);
    }
    const endpoint = formatEndpoint(address.host, address.port);
    await this.#file.append(`${endpoint} ${formatFingerprint(bytes)}`);
    return await this.check(address, fingerprint) === "same"
      ? "same"
      : "changed";
  }
}

/** How a fingerprint compares with a pinned one, in constant time. */
export function comparePin(
  pin: { readonly fingerprint: string } | undefined,
  fingerprint: string,
): PinState {
  if (pin === undefined) return "new";
  return sameFingerprint(pin.fingerprint, fingerprint) ? "same" : "changed";
}

/** Compares two fingerprints, however written, in constant time. */
export function sameFingerprint(one: string, other: string): boolean {
  const [a, b] = [fingerprintBytes(one), fingerprintBytes(other)];
  return a !== undefined && b !== undefined && timingSafeEqual(a, b);
}

/** Reads the file's text; `onDamaged` gets the number of each unreadable line. */
export function parsePins(
  text: string,
  onDamaged: (line: number) => void = () => {},
): Pin[] {
  const pins: Pin[] = [];
  for (const { line, words } of wordsOf(text)) {
    const [endpoint = "", written = "", ...rest] = words;
    const bytes = fingerprintBytes(written);
    if (bytes === undefined || rest.length > 0 || !/.:\d+$/.test(endpoint)) {
      onDamaged(line);
      continue;
    }
    pins.push({ endpoint, fingerprint: formatFingerprint(bytes), line });
  }
  return pins;
}
