/** A real server for the bench's tests. */

import type { SecureContext } from "node:tls";
import type { BenchServer, ConversationClock } from "../../lib/bench/mod.ts";
import {
  DEFAULT_LIMITS,
  MemoryStore,
  withoutRateLimits,
} from "../../lib/chat/mod.ts";
import { ChatServer, SILENT } from "../../lib/server/mod.ts";
import { SECRETS } from "../../lib/store/mod.ts";

/** Starts a server on loopback, with TLS if there is a certificate. */
export async function startServer(
  clock: ConversationClock,
  secureContext?: SecureContext,
): Promise<BenchServer> {
  const server = await ChatServer.start({
    listen: [{ host: "127.0.0.1", port: 0 }],
    openStore: () => Promise.resolve(new MemoryStore()),
    secrets: SECRETS,
    limits: { ...withoutRateLimits(DEFAULT_LIMITS), joinHistory: 0 },
    plaintext: false,
    ...secureContext && { secureContext: () => secureContext },
    logger: SILENT,
    clock,
  });
  const { host, port } = server.addresses[0] as { host: string; port: number };
  const taken = () => server.requests;
  return { host, port, taken, close: () => server.close() };
}
