/**
 * The port that Prometheus and whoever looks after a server ask: HTTP, one
 * request a connection (docs/operations.md, "Metrics").
 *
 * - Its clients MUST be bounded in number and in time, however they behave, so
 *   that they take nothing from the chat.
 * - What it says MUST NOT name anybody, or hold what anybody said.
 *
 * @module
 */

import type { Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { errorMessage, listenOn } from "../net/mod.ts";
import type { Logger } from "./logger.ts";
import type { Metrics, Watched } from "./metrics.ts";

/** What the port keeps to. */
export const METRICS_LIMITS = {
  /** Connections that are open at once; one more, and the oldest is cut. */
  connections: 16,
  /** Time for a client to ask and to take its answer; then it is cut, ms. */
  timeout: 10_000,
} as const;

/** The names of {@link METRICS_LIMITS}, each with its value. */
export type MetricsLimits = {
  readonly [Name in keyof typeof METRICS_LIMITS]: number;
};

/** How the port is opened. */
export interface MetricsServerOptions {
  /** A name or an IP address. */
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly metrics: Metrics;
  readonly watched: () => Watched;
  readonly logger: Logger;
  /** Default: {@link METRICS_LIMITS}. */
  readonly limits?: Partial<MetricsLimits>;
}

/** What a path is answered with. */
interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

const plain = (status: number, line: string): Answer => ({
  status,
  type: "text/plain; charset=utf-8",
  body: `${line}\n`,
});

/** The path that is asked for, also by whoever asks as of a proxy (RFC 9112, 3.2.2). */
function pathOf(url: string): string {
  return url.replace(/^https?:\/\/[^/?]*/i, "").split("?", 1)[0] ?? "";
}

/** Why nobody should be sent here, if so. */
async function unready(
  { started, chat, relays }: Watched,
): Promise<string | undefined> {
  if (!started) return "the server is starting";
  if (relays.some(({ closing }) => closing)) {
    return "the server is shutting down";
  }
  return await chat?.unready();
}

/** An open port. */
export class MetricsServer {
  readonly #options: MetricsServerOptions;
  readonly #limits: MetricsLimits;
  readonly #server: Server;
  /** The one opened first before others, each with what ends it. */
  readonly #sockets = new Map<Socket, ReturnType<typeof setTimeout>>();
  readonly #paths: ReadonlyMap<string, () => Answer | Promise<Answer>>;
  #address = { host: "", port: 0 };

  private constructor(
    createServer: typeof import("node:http").createServer,
    options: MetricsServerOptions,
  ) {
    const { metrics, watched } = this.#options = options;
    this.#limits = { ...METRICS_LIMITS, ...options.limits };
    this.#paths = new Map<string, () => Answer | Promise<Answer>>([
      ["/metrics", async () => ({
        status: 200,
        type: metrics.contentType,
        body: await metrics.text(),
      })],
      ["/healthz", () => plain(200, "ok")],
      ["/readyz", async () => {
        const why = await unready(watched());
        return why === undefined ? plain(200, "ok") : plain(503, why);
      }],
    ]);
    this.#server = createServer(({ method, url }, response) => {
      void this.#respond(method ?? "", url ?? "", response);
    });
    this.#server.on("connection", (socket: Socket) => this.#accept(socket));
  }

  /**
   * Opens the port.
   *
   * @throws {UserError} address_in_use, address_unusable.
   */
  static async start(options: MetricsServerOptions): Promise<MetricsServer> {
    const { createServer } = await import("node:http");
    const server = new MetricsServer(createServer, options);
    server.#address = await listenOn(
      server.#server,
      options,
      (error) =>
        options.logger.debug(`Metrics were not asked: ${error.message}`),
    );
    return server;
  }

  /** Where it really listens. */
  get address(): { readonly host: string; readonly port: number } {
    return this.#address;
  }

  #accept(socket: Socket): void {
    const cut = setTimeout(() => socket.destroy(), this.#limits.timeout);
    this.#sockets.set(socket, cut);
    socket.once("close", () => {
      clearTimeout(cut);
      this.#sockets.delete(socket);
    });
    if (this.#sockets.size <= this.#limits.connections) return;
    const [oldest] = this.#sockets.keys();
    oldest?.destroy();
  }

  async #respond(
    method: string,
    url: string,
    response: ServerResponse,
  ): Promise<void> {
    const read = method === "GET" || method === "HEAD";
    const answer = await this.#answer(read, url);
    const body = new TextEncoder().encode(answer.body);
    response.writeHead(answer.status, {
      "Content-Type": answer.type,
      "Content-Length": body.length,
      "Cache-Control": "no-store",
      "Connection": "close",
      ...answer.status === 405 && { "Allow": "GET, HEAD" },
    });
    response.end(method === "HEAD" ? undefined : body);
  }

  async #answer(read: boolean, url: string): Promise<Answer> {
    const path = this.#paths.get(pathOf(url));
    if (path === undefined) {
      const known = [...this.#paths.keys()].join(", ");
      return plain(404, `There is ${known}, and nothing else`);
    }
    if (!read) return plain(405, "Ask with GET or HEAD");
    try {
      return await path();
    } catch (error) {
      this.#options.logger.error(
        `Metrics can't be read: ${errorMessage(error)}`,
      );
      return plain(500, "The metrics can't be read: see the server's log");
    }
  }

  /** Cuts everybody, and closes. */
  close(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    for (const socket of this.#sockets.keys()) socket.destroy();
    return promise;
  }
}
