/**
 * Real sockets for tests: what is opened here is closed by `await using`.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import type { EventEmitter } from "node:events";
import net from "node:net";
import tls, { type SecureContext } from "node:tls";
import { makeCertificate } from "../../lib/net/mod.ts";

/** A server of the test's own on loopback. */
export interface TestServer extends AsyncDisposable {
  readonly port: number;
}

/** Starts a server that hands each connection to the test. */
export async function serveTcp(
  onSocket: (socket: net.Socket) => void,
): Promise<TestServer> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    socket.on("error", () => {});
    onSocket(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const bound = server.address();
  if (bound === null || typeof bound === "string") throw new Error("no port");
  return {
    port: bound.port,
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) =>
        server.close(() => resolve())
      );
      for (const socket of sockets) await destroy(socket);
      await closed;
    },
  };
}

/** A TLS server that collects what arrives inside TLS. */
export interface TlsTestServer extends TestServer {
  /** What arrived inside TLS so far. */
  readonly received: Uint8Array[];
  /** Resolves when the last connection so far has closed. */
  closed(): Promise<void>;
}

/** Starts a TLS server that echoes. */
export async function serveTls(pair: {
  readonly certificate: string;
  readonly key: string;
}): Promise<TlsTestServer> {
  const received: Uint8Array[] = [];
  let last: Promise<void> = Promise.resolve();
  const secureContext = tls.createSecureContext({
    cert: pair.certificate,
    key: pair.key,
  });
  const server = await serveTcp((raw) => {
    last = new Promise((resolve) => raw.once("close", () => resolve()));
    const secure = new tls.TLSSocket(raw, { isServer: true, secureContext });
    secure.on("error", () => {});
    secure.on("end", () => secure.end());
    secure.on("data", (bytes: Uint8Array) => {
      received.push(bytes);
      secure.write(bytes);
    });
  });
  return {
    ...server,
    received,
    closed: () => last,
    [Symbol.asyncDispose]: server[Symbol.asyncDispose],
  };
}

/** The next event of a kind, or a rejection when an error comes first. */
export function once(emitter: EventEmitter, event: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const onEvent = (value: unknown) => {
      emitter.off("error", onError);
      resolve(value);
    };
    const onError = (error: unknown) => {
      emitter.off(event, onEvent);
      reject(error);
    };
    emitter.once(event, onEvent);
    if (event !== "error") emitter.once("error", onError);
  });
}

/** Closes a socket at once and waits until it is. */
export async function destroy(socket: net.Socket): Promise<void> {
  if (socket.closed) return;
  const closed = new Promise((resolve) => socket.once("close", resolve));
  socket.destroy();
  await closed;
}

/** All that a socket reads until its end, as UTF-8. */
export async function readAll(socket: net.Socket): Promise<string> {
  const pieces: Uint8Array[] = [];
  socket.on("data", (bytes: Uint8Array) => pieces.push(bytes));
  socket.resume();
  await once(socket, "end");
  return Buffer.concat(pieces).toString();
}

/** Connects to a port of this machine. */
export async function connectTcp(port: number): Promise<net.Socket> {
  const socket = net.connect({ host: "127.0.0.1", port, allowHalfOpen: true });
  await once(socket, "connect");
  return socket;
}

/** Connects in TLS to a port of this machine, trusting everything. */
export async function connectTls(
  port: number,
  options: tls.ConnectionOptions = {},
): Promise<tls.TLSSocket> {
  const socket = tls.connect({
    host: "127.0.0.1",
    port,
    rejectUnauthorized: false,
    ...options,
  });
  await once(socket, "secureConnect");
  return socket;
}

/** A port on which nothing listens. */
export async function freePort(): Promise<number> {
  await using server = await serveTcp(() => {});
  return server.port;
}

/** A fresh pair, valid from yesterday on. */
export function freshPair(name = "localhost", days = 30) {
  return makeCertificate({
    name,
    days,
    kind: "ecdsa",
    now: new Date(Date.now() - 24 * 60 * 60 * 1000),
  });
}

/** A context for the server's side. */
export function contextOf(pair: {
  readonly certificate: string;
  readonly key: string;
}): SecureContext {
  return tls.createSecureContext({ cert: pair.certificate, key: pair.key });
}
