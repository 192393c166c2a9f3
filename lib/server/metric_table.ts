/**
 * Every metric that `chatp serve --metrics` has: name, type, labels, help
 * (docs/operations.md, "Metrics"). Labels MUST have few values, and none that
 * somebody else chooses: no name, room, text or address.
 *
 * @module
 */

/** One row of {@link METRICS}. */
export interface MetricRow {
  readonly type: "counter" | "gauge" | "histogram";
  readonly labels: readonly string[];
  readonly help: string;
}

/** Our own, by name. */
export const METRICS = {
  chatp_connections: {
    type: "gauge",
    labels: ["wire", "tls"],
    help: "Connections that are open; over UDP addresses with a login, " +
      "of relays clients with a place",
  },
  chatp_people: {
    type: "gauge",
    labels: [],
    help: "People who are logged in",
  },
  chatp_requests_total: {
    type: "counter",
    labels: [],
    help: "Requests that were read, receipts among them",
  },
  chatp_messages_total: {
    type: "counter",
    labels: [],
    help: "Messages that the log has taken",
  },
  chatp_deliveries_total: {
    type: "counter",
    labels: [],
    help: "Messages handed to sessions; to their authors as receipts",
  },
  chatp_queue_bytes: {
    type: "gauge",
    labels: [],
    help: "Bytes that wait for those who are to read them",
  },
  chatp_rejected_total: {
    type: "counter",
    labels: ["what", "cause"],
    help: "What was refused: requests, logins, connections; and errors told " +
      "unasked",
  },
  chatp_mutes_total: {
    type: "counter",
    labels: [],
    help: "Floods that somebody was muted for, or cut before a login",
  },
  chatp_commit_seconds: {
    type: "histogram",
    labels: [],
    help: "Time in which the log took a batch of messages",
  },
} as const satisfies Record<string, MetricRow>;

/**
 * Those of prom-client's own metrics that are true under Deno, on a system that
 * has them. Of its others those of the event loop and of garbage are not (a loop
 * blocked for 200 ms is shown as one of 2, collections not at all), and the rest
 * tells of Node.js's insides.
 */
export const PROCESS_METRICS = {
  process_cpu_user_seconds_total: {
    type: "counter",
    labels: [],
    help: "Total user CPU time spent in seconds.",
  },
  process_cpu_system_seconds_total: {
    type: "counter",
    labels: [],
    help: "Total system CPU time spent in seconds.",
  },
  process_cpu_seconds_total: {
    type: "counter",
    labels: [],
    help: "Total user and system CPU time spent in seconds.",
  },
  process_start_time_seconds: {
    type: "gauge",
    labels: [],
    help: "Start time of the process since unix epoch in seconds.",
  },
  process_resident_memory_bytes: {
    type: "gauge",
    labels: [],
    help: "Resident memory size in bytes.",
  },
  process_open_fds: {
    type: "gauge",
    labels: [],
    help: "Number of open file descriptors.",
  },
  process_max_fds: {
    type: "gauge",
    labels: [],
    help: "Maximum number of open file descriptors.",
  },
  nodejs_heap_size_total_bytes: {
    type: "gauge",
    labels: [],
    help: "Process heap size from Node.js in bytes.",
  },
  nodejs_heap_size_used_bytes: {
    type: "gauge",
    labels: [],
    help: "Process heap size used from Node.js in bytes.",
  },
} as const satisfies Record<string, MetricRow>;

/** Upper bounds of `chatp_commit_seconds`, s. */
export const COMMIT_BUCKETS: readonly number[] = [
  0.000_5,
  0.001,
  0.002_5,
  0.005,
  0.01,
  0.025,
  0.05,
  0.1,
  0.25,
  0.5,
  1,
  2.5,
  5,
];
