/**
 * Making a connection to a server, and telling apart the ways it can fail.
 *
 * The caller gets a socket only after the server's identity was checked; until
 * then not one byte of the application MUST be sent. In TLS the certificate is
 * accepted when (docs/errors.md, "Whom a client trusts"), in this order:
 *
 * 1. `insecure`: always.
 * 2. `fingerprint`: if it is that certificate, and only then.
 * 3. `ca`: if its chain ends there and it is for this host, and only then.
 * 4. Its chain ends at a root that the system trusts and it is for this host.
 * 5. It is the one pinned for this host and port. A pin vouches for the
 *    certificate itself, so its dates, its names and its issuer don't matter:
 *    to refuse an expired one would only teach people to say --insecure.
 * 6. The host and port were never met: it is pinned, and `onPinned` told.
 *
 * @module
 */

import net from "node:net";
import tls from "node:tls";
import { formatEndpoint, type ServerAddress, unmapped } from "./address.ts";
import { dialFailure, type DialPhase } from "./dial_failure.ts";
import { UserError } from "./failure.ts";
import { fingerprintBytes, formatFingerprint } from "./fingerprint.ts";
import { type KnownServers, sameFingerprint } from "./pins.ts";

/** How a server is to be reached and trusted. */
export interface DialOptions {
  /** Milliseconds for name resolution, TCP and TLS together. */
  readonly timeout: number;
  /** Known servers; without them an unverifiable certificate is refused. */
  readonly pins?: KnownServers | undefined;
  /** PEM of the only authority (or the very certificate) to trust. */
  readonly ca?: string | undefined;
  /** The only certificate to trust: SHA-256 in hex, colons or not, any case. */
  readonly fingerprint?: string | undefined;
  /** Trust every certificate. */
  readonly insecure?: boolean | undefined;
  /** Told the fingerprint when a server was met for the first time. */
  readonly onPinned?: ((fingerprint: string) => void) | undefined;
  /** Ends the attempt; the promise is then rejected with its reason. */
  readonly signal?: AbortSignal | undefined;
}

/** A connection whose other end is the one that was asked for. */
export type DialedSocket = net.Socket | tls.TLSSocket;

/**
 * Connects. The socket has Nagle's algorithm off and no listeners but one that
 * keeps an error from ending the process; the caller owns it.
 *
 * @throws {UserError} name_not_found, refused, timed_out, unreachable,
 * connection_lost, wrong_protocol, tls_failed, certificate_untrusted,
 * certificate_changed, data_folder_unusable, usage.
 */
export async function dial(
  address: Pick<ServerAddress, "tls" | "host" | "port">,
  options: DialOptions,
): Promise<DialedSocket> {
  checkFingerprint(options.fingerprint);
  options.signal?.throwIfAborted();
  const attempt = new Attempt(address, options);
  try {
    const raw = await attempt.connectTcp();
    if (!address.tls) return raw;
    const secure = await attempt.startTls(raw);
    await attempt.settle(judge(secure, address, options));
    return secure;
  } catch (error) {
    attempt.abandon();
    throw error;
  } finally {
    attempt.finish();
  }
}

/** One attempt: its sockets, its deadline, and what it was doing. */
class Attempt {
  readonly #address: Pick<ServerAddress, "tls" | "host" | "port">;
  readonly #options: DialOptions;
  readonly #sockets: net.Socket[] = [];
  readonly #interrupted: Promise<never>;
  #interrupt: (error: unknown) => void = () => {};
  #phase: DialPhase;
  readonly #timer: ReturnType<typeof setTimeout>;
  readonly #onAbort = () => this.#interrupt(this.#options.signal?.reason);

  constructor(
    address: Pick<ServerAddress, "tls" | "host" | "port">,
    options: DialOptions,
  ) {
    this.#address = address;
    this.#options = options;
    this.#phase = net.isIP(address.host) === 0 ? "name" : "tcp";
    this.#interrupted = new Promise<never>((_, reject) => {
      this.#interrupt = reject;
    });
    // It is raced below; when the race is over nobody waits for it any more.
    this.#interrupted.catch(() => {});
    this.#timer = setTimeout(
      () => this.#interrupt(this.#failure({ code: "ETIMEDOUT" })),
      options.timeout,
    );
    options.signal?.addEventListener("abort", this.#onAbort);
  }

  /** Waits for a step, the deadline or the signal, whichever comes first. */
  settle<Result>(step: Promise<Result>): Promise<Result> {
    return Promise.race([step, this.#interrupted]);
  }

  connectTcp(): Promise<net.Socket> {
    const { host, port } = this.#address;
    const socket = net.connect({ host, port, noDelay: true });
    this.#own(socket);
    socket.once("lookup", (error: Error | null) => {
      if (!error) this.#phase = "tcp";
    });
    return this.#first(socket, "connect", () => {
      socket.setNoDelay(true);
    });
  }

  startTls(raw: net.Socket): Promise<tls.TLSSocket> {
    this.#phase = "tls";
    const { host } = this.#address;
    const { ca } = this.#options;
    const socket = tls.connect({
      socket: raw,
      // Whether a certificate is accepted is decided by `judge`, which sees
      // why the chain failed. No session is given, so none is resumed.
      rejectUnauthorized: false,
      minVersion: "TLSv1.2",
      ...(ca === undefined ? {} : { ca: [ca] }),
      ...identity(host),
    });
    this.#own(socket);
    return this.#first(socket, "secureConnect");
  }

  abandon(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  finish(): void {
    clearTimeout(this.#timer);
    this.#options.signal?.removeEventListener("abort", this.#onAbort);
  }

  #own(socket: net.Socket): void {
    this.#sockets.push(socket);
    // Between steps nobody else listens, and an unheard error ends the process.
    socket.on("error", () => {});
  }

  async #first<Socket extends net.Socket>(
    socket: Socket,
    event: "connect" | "secureConnect",
    then?: () => void,
  ): Promise<Socket> {
    const { promise, resolve, reject } = Promise.withResolvers<Socket>();
    const onDone = () => {
      then?.();
      resolve(socket);
    };
    const onError = (error: unknown) => reject(this.#failure(error));
    const onClose = () => reject(this.#failure({ code: "ECONNRESET" }));
    socket.once(event, onDone);
    socket.once("error", onError);
    socket.once("close", onClose);
    try {
      return await this.settle(promise);
    } finally {
      socket.off(event, onDone);
      socket.off("error", onError);
      socket.off("close", onClose);
    }
  }

  #failure(cause: unknown): UserError {
    return dialFailure(cause, this.#phase, this.#address, this.#options);
  }
}

/** Which name the certificate has to bear; SNI is for names only (RFC 6066, 3). */
function identity(host: string): tls.ConnectionOptions {
  if (net.isIP(host) === 0) {
    return { servername: host.replace(/\.$/, "") };
  }
  const ip = unmapped(host).replace(/%.*$/, "");
  return {
    host: ip,
    servername: "",
    checkServerIdentity: (_name, certificate) =>
      tls.checkServerIdentity(ip, certificate),
  };
}

async function judge(
  socket: tls.TLSSocket,
  address: Pick<ServerAddress, "host" | "port">,
  options: DialOptions,
): Promise<void> {
  if (options.insecure) return;
  const { fingerprint256, valid_to } = socket.getPeerCertificate();
  const where = formatEndpoint(address.host, address.port);
  const found = fingerprintBytes(fingerprint256 ?? "");
  if (found === undefined) {
    throw new UserError("tls_failed", `${where} showed no certificate`);
  }
  const shown = formatFingerprint(found);
  if (options.fingerprint !== undefined) {
    if (sameFingerprint(options.fingerprint, shown)) return;
    throw new UserError(
      "certificate_untrusted",
      `The certificate of ${where} has the fingerprint ${shown}, not the one given with --fingerprint`,
      { advice: "Check the fingerprint with the server's operator" },
    );
  }
  if (socket.authorized) return;
  const why = untrustedBecause(socket.authorizationError, valid_to);
  if (options.ca !== undefined) {
    throw new UserError(
      "certificate_untrusted",
      `The certificate of ${where} does not stand up to the authority given with --ca: ${why}`,
      { advice: "Check that --ca names the authority that signed it" },
    );
  }
  await checkPin(address, shown, why, options);
}

async function checkPin(
  address: Pick<ServerAddress, "host" | "port">,
  shown: string,
  why: string,
  { pins, onPinned }: DialOptions,
): Promise<void> {
  const where = formatEndpoint(address.host, address.port);
  if (pins === undefined) {
    throw new UserError(
      "certificate_untrusted",
      `The certificate of ${where} is not trusted: ${why}`,
      {
        advice: `If the operator confirms it, pass --fingerprint ${shown}`,
      },
    );
  }
  let state = await pins.check(address, shown);
  if (state === "new") {
    state = await pins.add(address, shown);
    if (state === "same") onPinned?.(shown);
  }
  if (state === "same") return;
  const known = await pins.find(address);
  throw new UserError(
    "certificate_changed",
    `The certificate of ${where} has changed: it was ${known?.fingerprint}, now it is ${shown}`,
    {
      advice:
        `Ask the operator whether it was replaced; only if so remove line ${known?.line} of ${pins.path}`,
    },
  );
}

function checkFingerprint(fingerprint: string | undefined): void {
  if (fingerprint === undefined || fingerprintBytes(fingerprint)) return;
  throw new UserError(
    "usage",
    `"${fingerprint}" is not a SHA-256 fingerprint`,
    { advice: "Give the 64 hex digits that the server prints when it starts" },
  );
}

const REASONS: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: "it has expired",
  CERT_NOT_YET_VALID: "it is not valid yet",
  DEPTH_ZERO_SELF_SIGNED_CERT: "it is self-signed",
  SELF_SIGNED_CERT_IN_CHAIN: "its issuer is self-signed and not known",
  UNABLE_TO_GET_ISSUER_CERT: "its issuer is not known",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "its issuer is not known",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its issuer is not known",
  CERT_REVOKED: "it was revoked",
  ERR_TLS_CERT_ALTNAME_INVALID: "it is for another host",
};

function untrustedBecause(error: unknown, validTo: string): string {
  // The first thing found wrong is not always the one that helps.
  if (Date.parse(validTo) < Date.now()) return `it expired on ${validTo}`;
  const code = error instanceof Error
    ? String((error as { code?: unknown }).code ?? error.message)
    : String(error ?? "it could not be verified");
  return REASONS[code] ?? code;
}
