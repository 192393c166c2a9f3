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

import { join } from "node:path";
import { timingSafeEqual } from "@std/crypto/timing-safe-equal";
import { formatEndpoint } from "./address.ts";
import { makeDataFolder } from "./data_folder.ts";
import { fileErrorMessage, UserError } from "./failure.ts";
import { fingerprintBytes, formatFingerprint } from "./fingerprint.ts";

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
  /** Path of the file, which is made when the first server is added. */
  readonly path: string;
  readonly #folder: string;
  readonly #onDamaged: (line: number, path: string) => void;
  readonly #damaged = new Set<number>();

  /**
   * `folder` is the data folder. `onDamaged` is told once of each line that
   * can't be understood; such a line is skipped and left as it is.
   */
  constructor(
    folder: string,
    onDamaged: (line: number, path: string) => void = () => {},
  ) {
    this.#folder = folder;
    this.path = join(folder, "known_servers");
    this.#onDamaged = onDamaged;
  }

  /**
   * What is known of a server, or undefined.
   *
   * @throws {UserError} data_folder_unusable.
   */
  async find(address: PinAddress): Promise<Pin | undefined> {
    const endpoint = formatEndpoint(address.host, address.port);
    return parsePins(
      await this.#read(),
      (line) => this.#report(line),
    ).find((pin) => pin.endpoint === endpoint);
  }

  /**
   * Compares a server's fingerprint with the one known.
   *
   * @throws {UserError} data_folder_unusable.
   */
  async check(address: PinAddress, fingerprint: string): Promise<PinState> {
    return compare(await this.find(address), fingerprint);
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
    const text = await this.#read();
    const start = text === "" || text.endsWith("\n") ? "" : "\n";
    const endpoint = formatEndpoint(address.host, address.port);
    const line = `${start}${endpoint} ${formatFingerprint(bytes)}\n`;
    await makeDataFolder(this.#folder);
    try {
      await Deno.writeTextFile(this.path, line, { append: true, mode: 0o600 });
    } catch (cause) {
      throw new UserError(
        "data_folder_unusable",
        `Cannot write ${this.path}: ${fileErrorMessage(cause)}`,
        { cause },
      );
    }
    return await this.check(address, fingerprint) === "same"
      ? "same"
      : "changed";
  }

  #report(line: number): void {
    if (this.#damaged.has(line)) return;
    this.#damaged.add(line);
    this.#onDamaged(line, this.path);
  }

  async #read(): Promise<string> {
    try {
      return await Deno.readTextFile(this.path);
    } catch (cause) {
      if (cause instanceof Deno.errors.NotFound) return "";
      throw new UserError(
        "data_folder_unusable",
        `Cannot read ${this.path}: ${fileErrorMessage(cause)}`,
        { cause },
      );
    }
  }
}

function compare(pin: Pin | undefined, fingerprint: string): PinState {
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
  for (const [index, content] of text.split(/\r?\n/).entries()) {
    const line = content.trim();
    if (line === "" || line.startsWith("#")) continue;
    const [endpoint = "", written = "", ...rest] = line.split(/\s+/);
    const bytes = fingerprintBytes(written);
    if (bytes === undefined || rest.length > 0 || !/.:\d+$/.test(endpoint)) {
      onDamaged(index + 1);
      continue;
    }
    pins.push({
      endpoint,
      fingerprint: formatFingerprint(bytes),
      line: index + 1,
    });
  }
  return pins;
}
