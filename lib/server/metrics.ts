/**
 * What a server tells Prometheus (docs/operations.md, "Metrics"). Its numbers
 * are read when they are asked for; only the time of commits is kept here.
 *
 * @module
 */

import type { Histogram, Registry } from "prom-client";
import {
  COMMIT_BUCKETS,
  type MetricRow,
  METRICS,
  PROCESS_METRICS,
} from "./metric_table.ts";
import { OPENINGS } from "./openings.ts";
import type { RelayServer } from "./relay_server.ts";
import type { ChatServer } from "./server.ts";

/** What is looked at. */
export interface Watched {
  /** Undefined until its store is open; or there is none. */
  readonly chat: ChatServer | undefined;
  readonly relays: readonly RelayServer[];
  /** Whether everything that is to run does. */
  readonly started: boolean;
}

type Prometheus = typeof import("prom-client");

/** The labels of a number, and the number. */
type Sample = readonly [labels: Readonly<Record<string, string>>, number];

const COMMITS = "chatp_commit_seconds";

/** Where each metric comes from; all but the one that is observed. */
const READERS: Readonly<
  Record<
    Exclude<keyof typeof METRICS, typeof COMMITS>,
    (watched: Watched) => Iterable<Sample>
  >
> = {
  chatp_connections: connections,
  chatp_people: ({ chat }) => [[{}, chat?.people ?? 0]],
  chatp_requests_total: ({ chat }) => [[{}, chat?.requests ?? 0]],
  chatp_messages_total: ({ chat }) => [[{}, chat?.counts.messages ?? 0]],
  chatp_deliveries_total: ({ chat }) => [[{}, chat?.counts.deliveries ?? 0]],
  chatp_queue_bytes: ({ chat, relays }) => [
    [{}, chat?.queueBytes ?? 0],
    ...relays.map(({ queueBytes }): Sample => [{}, queueBytes]),
  ],
  chatp_rejected_total: rejected,
  chatp_mutes_total: ({ chat }) => [[{}, chat?.mutes ?? 0]],
};

/** By wire and TLS; where there are none, none are told. */
function* connections({ chat, relays }: Watched): Iterable<Sample> {
  const wires = Object.entries(OPENINGS)
    .flatMap(([wire, row]) => "codec" in row ? [wire] : []);
  for (const wire of [...wires, "none"]) {
    for (const tls of ["false", "true"]) yield [{ wire, tls }, 0];
  }
  for (const { wire, tls } of chat?.connections ?? []) {
    yield [{ wire, tls: String(tls) }, 1];
  }
  for (const { tls } of chat?.openings ?? []) {
    yield [{ wire: "none", tls: String(tls) }, 1];
  }
  yield [{ wire: "udpchat", tls: "false" }, chat?.udpLogins ?? 0];
  const clients = relays.reduce((sum, { clients }) => sum + clients, 0);
  yield [{ wire: "relay", tls: "false" }, clients];
}

function* rejected({ chat }: Watched): Iterable<Sample> {
  for (const [what, causes] of Object.entries(chat?.counts.rejected ?? {})) {
    for (const [cause, times] of Object.entries(causes)) {
      yield [{ what, cause }, times];
    }
  }
}

/** Longer than anybody asks, ms: what prom-client measures by itself is idle. */
const NEVER = 2 ** 31 - 1;

/** The metrics of one process. */
export class Metrics {
  readonly #registry: Registry;
  readonly #commits: Histogram;

  private constructor(
    { Counter, Gauge, Histogram, Registry, collectDefaultMetrics }: Prometheus,
    watched: () => Watched,
  ) {
    const registry = this.#registry = new Registry();
    const registers = [registry];
    for (const [name, read] of Object.entries(READERS)) {
      const { type, help, labels: labelNames }: MetricRow =
        METRICS[name as keyof typeof READERS];
      const Metric = type === "counter" ? Counter : Gauge;
      new Metric({
        name,
        help,
        labelNames,
        registers,
        collect() {
          this.reset();
          for (const [labels, value] of read(watched())) {
            this.inc(labels, value);
          }
        },
      });
    }
    const { help } = METRICS[COMMITS];
    const buckets = [...COMMIT_BUCKETS];
    this.#commits = new Histogram({ name: COMMITS, help, buckets, registers });
    const all = new Registry();
    collectDefaultMetrics({
      register: all,
      eventLoopMonitoringPrecision: NEVER,
    });
    for (const name of Object.keys(PROCESS_METRICS)) {
      const metric = all.getSingleMetric(name);
      if (metric !== undefined) registry.registerMetric(metric);
    }
  }

  /** Loads prom-client, which nothing else does. */
  static async load(watched: () => Watched): Promise<Metrics> {
    return new Metrics(await import("prom-client"), watched);
  }

  /** What `text` is, for its reader. */
  get contentType(): string {
    return this.#registry.contentType;
  }

  /** Everything, in Prometheus' text format. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }

  /** A batch goes to the log; call what it answers when that is written. */
  readonly onCommit = (): () => void => this.#commits.startTimer();
}
