/**
 * `chatp serve --metrics`: the port that says how the server is.
 *
 * @module
 */

import { formatEndpoint, isLoopback } from "../lib/net/mod.ts";
import type {
  ChatServer,
  ListenAddress,
  Logger,
  RelayServer,
} from "../lib/server/mod.ts";
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
   * Opens the port that `--metrics` names, before anything else is there;
   * `notice` takes a line for standard error.
   *
   * @throws {UserError} address_in_use, address_unusable.
   */
  static async start(
    where: ListenAddress,
    logger: Logger,
    notice: (line: string) => void,
  ): Promise<ServeMetrics> {
    const own = new ServeMetrics();
    const watched = () => own;
    const metrics = own.#metrics = await Metrics.load(watched);
    const options = { ...where, metrics, watched, logger };
    own.#server = await MetricsServer.start(options);
    const { host, port } = own.#server.address;
    logger.info(`Metrics on http://${formatEndpoint(host, port)}/metrics`);
    if (!isLoopback(host)) {
      notice(
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
