/**
 * `chatp serve --metrics`: the port that says how the server is.
 *
 * @module
 */

import {
  formatEndpoint,
  isLoopback,
  parseEndpoint,
  UserError,
} from "../lib/net/mod.ts";
import type { ChatServer, Logger, RelayServer } from "../lib/server/mod.ts";
import { Metrics } from "../lib/server/metrics.ts";
import { MetricsServer } from "../lib/server/metrics_server.ts";

/** Metrics of a process whose servers come one by one. */
export class ServeMetrics {
  chat: ChatServer | undefined;
  readonly relays: RelayServer[] = [];
  started = false;
  #server!: MetricsServer;
  #metrics!: Metrics;

  private constructor() {}

  /**
   * Opens the port that `--metrics` names, before anything else is there.
   *
   * @throws {UserError} usage, address_in_use, address_unusable.
   */
  static async start(where: string, logger: Logger): Promise<ServeMetrics> {
    const endpoint = parseEndpoint(where);
    const own = new ServeMetrics();
    const watched = () => own;
    const metrics = own.#metrics = await Metrics.load(watched);
    const options = { ...endpoint, metrics, watched, logger };
    const { host, port } = (own.#server = await open(options)).address;
    logger.info(`Metrics on http://${formatEndpoint(host, port)}/metrics`);
    if (!isLoopback(host)) {
      console.error(
        `--metrics: anybody who reaches ${formatEndpoint(host, port)} can ` +
          "read how busy this server is",
      );
    }
    return own;
  }

  /** What a chat server is to call with each batch for its log. */
  get onCommit(): () => () => void {
    return this.#metrics.onCommit;
  }

  /** Closes the port. */
  close(): Promise<void> {
    return this.#server.close();
  }
}

/** Opens the port; whoever can't is pointed to the option that named it. */
async function open(
  options: Parameters<typeof MetricsServer.start>[0],
): Promise<MetricsServer> {
  try {
    return await MetricsServer.start(options);
  } catch (error) {
    if (!(error instanceof UserError) || error.kind !== "address_in_use") {
      throw error;
    }
    throw new UserError(error.kind, error.message, {
      advice: "Stop the other program, or choose another port with --metrics",
      cause: error,
    });
  }
}
