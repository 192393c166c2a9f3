/**
 * A server on a free port of loopback, for one test.
 *
 * @module
 */

import tls, { type SecureContext } from "node:tls";
import {
  type ChatStore,
  DEFAULT_LIMITS,
  type Limits,
  MemoryStore,
} from "../../lib/chat/mod.ts";
import { ChatServer, type Logger, SILENT } from "../../lib/server/mod.ts";
import type { Clock } from "../../lib/server/clock.ts";
import { SECRETS } from "../../lib/store/mod.ts";

let context: SecureContext | undefined;

/** The certificate in `certs/`. */
export function testSecureContext(): SecureContext {
  return context ??= tls.createSecureContext({
    cert: Deno.readTextFileSync(
      new URL("../../certs/server.crt", import.meta.url),
    ),
    key: Deno.readTextFileSync(
      new URL("../../certs/server.key", import.meta.url),
    ),
  });
}

/** What a test may choose. */
export interface TestServerOptions {
  readonly limits?: Partial<Limits>;
  readonly log?: ChatStore;
  /** Default: says nothing. */
  readonly logger?: Logger;
  /** Default: any free one. */
  readonly port?: number;
  /** Default: the computer's. */
  readonly clock?: Clock;
  /** Addresses that stand for many. Default: loopback. */
  readonly isShared?: (address: string) => boolean;
  /** Files that may be open. Default: any number. */
  readonly openFiles?: number;
  /** How long messages are kept, ms. Default: for good. */
  readonly retain?: number;
}

/** Runs `test` with a server's port, then closes the server. */
export async function withServer(
  test: (port: number, server: ChatServer) => Promise<void>,
  {
    limits = {},
    log = new MemoryStore(),
    logger = SILENT,
    port = 0,
    clock,
    isShared,
    openFiles,
    retain,
  }: TestServerOptions = {},
): Promise<void> {
  const server = await ChatServer.start({
    listen: [{ host: "127.0.0.1", port }],
    openStore: () => Promise.resolve(log),
    secrets: SECRETS,
    limits: { ...DEFAULT_LIMITS, ...limits },
    plaintext: false,
    secureContext: testSecureContext,
    logger,
    ...clock && { clock },
    ...isShared && { isShared },
    ...openFiles !== undefined && { openFiles },
    ...retain !== undefined && { retain },
  });
  try {
    await test(server.addresses[0]?.port ?? 0, server);
  } finally {
    await server.close();
  }
}
