/**
 * Which ports `chatp serve` is to open.
 *
 * @module
 */

import { isIP } from "node:net";
import {
  formatAddress,
  formatEndpoint,
  isRelay,
  parseEndpoint,
  parseListen,
  type RelayAddress,
  UserError,
} from "../lib/net/mod.ts";
import type { ListenAddress, Opened } from "../lib/server/mod.ts";

const DEFAULT_PORT = 5555;

/** A port for `--metrics`, in advice: that of Prometheus' own exporter. */
const METRICS_EXAMPLE = 9100;

/** What `chatp serve` was told of its ports. */
export interface PortOptions {
  readonly host: string;
  readonly port?: number | undefined;
  readonly listen?: readonly string[] | undefined;
  readonly metrics?: string | undefined;
}

/** What to open: ports of the chat, and relays; and the port for metrics. */
export interface Ports {
  readonly chat: readonly Opened[];
  readonly relays: readonly RelayAddress[];
  readonly metrics: ListenAddress | undefined;
}

/** One of them, and how it was asked for. */
interface Wanted extends ListenAddress {
  readonly option: string;
  readonly udp: boolean;
}

/**
 * The ports to open: the URLs alone, unless a port is given besides.
 *
 * @throws {UserError} usage, also when two of them would be one.
 */
export function portsOf({ host, port, listen, metrics }: PortOptions): Ports {
  const addresses = (listen ?? []).map(parseListen);
  const chat: Opened[] = addresses.filter((each) => !isRelay(each))
    .map((only) => ({ host: only.host, port: only.port, only }));
  if (port !== undefined || addresses.length === 0) {
    chat.unshift({ host, port: checkedPort(port ?? DEFAULT_PORT) });
  }
  const ports = {
    chat,
    relays: addresses.filter(isRelay),
    metrics: metrics === undefined
      ? undefined
      : parseEndpoint(metrics, METRICS_EXAMPLE),
  };
  checkDifferent(wanted(ports));
  return ports;
}

function checkedPort(port: number): number {
  if (port >= 0 && port <= 65_535) return port;
  throw new UserError(
    "usage",
    `A port is a number from 0 to 65535, --port says ${port}`,
    { advice: "See chatp serve --help" },
  );
}

function wanted({ chat, relays, metrics }: Ports): Wanted[] {
  const all: Wanted[] = chat.map(({ host, port, only }) => ({
    host,
    port,
    udp: only?.wire === "udpchat",
    option: only === undefined
      ? `--port ${port}`
      : `--listen ${only.scheme}://${formatEndpoint(host, port)}`,
  }));
  for (const relay of relays) {
    const option = `--listen ${formatAddress(relay)}`;
    all.push({ host: relay.host, port: relay.port, udp: false, option });
  }
  if (metrics !== undefined) {
    const option = `--metrics ${metrics.port}`;
    all.push({ ...metrics, udp: false, option });
  }
  return all;
}

/** The system would speak of another program. */
function checkDifferent(wanted: readonly Wanted[]): void {
  for (const [index, one] of wanted.entries()) {
    const same = wanted.slice(0, index).find((other) => isSame(one, other));
    if (same === undefined) continue;
    throw new UserError(
      "usage",
      `${same.option} and ${one.option} are the same port`,
      { advice: "Give each a port of its own, or 0 for a free one" },
    );
  }
}

function isSame(one: Wanted, other: Wanted): boolean {
  if (one.port === 0 || one.port !== other.port) return false;
  if (one.udp !== other.udp) return false;
  const [host, another] = [addressOf(one), addressOf(other)];
  return host === another || covers(host, another) || covers(another, host);
}

function addressOf({ host }: Wanted): string {
  return host === "localhost" ? "127.0.0.1" : host;
}

/** Whether a host is every address, and another one of them. */
function covers(host: string, other: string): boolean {
  // What listens on :: takes IPv4 too.
  return host === "0.0.0.0" && isIP(other) === 4 ||
    host === "::" && isIP(other) !== 0;
}
