/**
 * A port for metrics on loopback, and what it answers.
 *
 * @module
 */

import type { Metrics, Watched } from "../../lib/server/metrics.ts";
import {
  type MetricsLimits,
  MetricsServer,
} from "../../lib/server/metrics_server.ts";
import { SILENT } from "../../lib/server/mod.ts";

/** An open port, closed at the end. */
export class MetricsPort implements AsyncDisposable {
  readonly port: number;
  readonly #server: MetricsServer;

  private constructor(server: MetricsServer) {
    this.port = server.address.port;
    this.#server = server;
  }

  static async open(
    metrics: Metrics,
    watched: () => Watched,
    limits: Partial<MetricsLimits> = {},
  ): Promise<MetricsPort> {
    const host = "127.0.0.1";
    return new MetricsPort(
      await MetricsServer.start({
        host,
        port: 0,
        metrics,
        watched,
        logger: SILENT,
        limits,
      }),
    );
  }

  /** Asks; answers the status and the body. */
  async ask(path: string, method = "GET"): Promise<[number, string]> {
    const url = `http://127.0.0.1:${this.port}${path}`;
    const response = await fetch(url, { method });
    return [response.status, await response.text()];
  }

  /** The samples of a scrape that are not 0, by name and labels. */
  async samples(prefix: string): Promise<Record<string, number>> {
    return samplesOf((await this.ask("/metrics"))[1], prefix);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#server.close();
  }
}

/** The samples of a text whose names begin so and that are not 0. */
export function samplesOf(
  text: string,
  prefix: string,
): Record<string, number> {
  const samples = text.split("\n").filter((line) => line.startsWith(prefix))
    .map((line): [string, number] => {
      const end = line.lastIndexOf(" ");
      return [line.slice(0, end), Number(line.slice(end + 1))];
    });
  return Object.fromEntries(samples.filter(([, value]) => value !== 0));
}
