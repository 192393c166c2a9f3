/**
 * Plays a conversation over one variant on real sockets, without the waiting
 * between the steps: server → tap → clients, all on loopback.
 *
 * What the figures rest on: a step MUST NOT begin before everything that the
 * one before it made due has come, to everybody, or has not come within the
 * deadline. So nothing is coalesced that would not be in life. What happens
 * between the steps by the time (receipts, keepalives) is played at its own
 * time on the conversation's clock, which the server goes by too.
 *
 * @module
 */

import { tap, type TapObserver, udpTap } from "../net/mod.ts";
import { converse } from "./conversation.ts";
import { ConversationClock } from "./conversation_clock.ts";
import { DatagramMeter } from "./datagram_meter.ts";
import type { Measurement } from "./measurement.ts";
import { Play } from "./play.ts";
import type { ClientAddress } from "./played_client.ts";
import type { Variant } from "./variants.ts";
import { WireMeter } from "./wire_meter.ts";
import type { Workload } from "./workload.ts";

/** A server to measure, its limits on haste lifted. */
export interface BenchServer extends ClientAddress {
  /** How many requests it has read so far; absent where nothing needs it. */
  readonly taken?: () => number;
  /** Whether nothing that it said waits for its acknowledgement. */
  readonly settled?: () => boolean;
  /** It ignores some of the datagrams that come. */
  readonly lossy?: boolean;
  close(): Promise<void>;
}

/** How a variant is played. */
export interface PlayOptions {
  /**
   * Starts a server that has not been used, on loopback, with this clock. If
   * the variant has a password, these users have accounts with it.
   */
  readonly startServer: (
    variant: Variant,
    clock: ConversationClock,
    users: readonly string[],
  ) => Promise<BenchServer>;
  /** See the same bytes as the meter does; on UDP a datagram at a time. */
  readonly observers?: readonly TapObserver[];
  /** Told after each step how many are done. */
  readonly onProgress?: (steps: number) => void;
  /** How long anything may take to come, ms; 5,000 if absent. */
  readonly deadline?: number;
}

/** What is between clients and server. */
interface Between {
  readonly address: { readonly host: string; readonly port: number };
  end(): Promise<void>;
}

async function startBetween(
  { transport }: Variant,
  to: { readonly host: string; readonly port: number },
  observer: TapObserver,
): Promise<Between> {
  const options = { listen: { host: "127.0.0.1", port: 0 }, to };
  if (transport === "tcp") {
    const running = await tap({ ...options, observer });
    return { address: running.address, end: () => running.cut() };
  }
  const running = await udpTap({
    ...options,
    observer: {
      open: (...args) => observer.open?.(...args),
      datagram: (...args) => observer.data?.(...args),
    },
  });
  return { address: running.address, end: () => running.close() };
}

/** One observer that stands for several. */
function together(observers: readonly TapObserver[]): TapObserver {
  return {
    open: (...args) => observers.forEach((each) => each.open?.(...args)),
    data: (...args) => observers.forEach((each) => each.data?.(...args)),
    close: (...args) => observers.forEach((each) => each.close?.(...args)),
    failed: (...args) => observers.forEach((each) => each.failed?.(...args)),
  };
}

/**
 * Plays a workload's conversation over one variant and measures it.
 *
 * What is lost, doubled or out of order is counted, and the play goes on.
 *
 * @throws {UserError} when somebody can't connect.
 */
export async function playVariant(
  variant: Variant,
  workload: Workload,
  options: PlayOptions,
): Promise<Measurement> {
  const conversation = converse(workload);
  const meter = new WireMeter();
  const clock = new ConversationClock();
  const datagrams = variant.transport === "udp"
    ? new DatagramMeter()
    : undefined;
  const meters = datagrams === undefined ? [meter] : [meter, datagrams];
  const { users } = conversation;
  const server = await options.startServer(variant, clock, users);
  let between: Between | undefined;
  let play: Play | undefined;
  try {
    between = await startBetween(
      variant,
      { host: server.host, port: server.port },
      together([...meters, ...options.observers ?? []]),
    );
    const { host, port } = between.address;
    const address = { host, port, fingerprint: server.fingerprint };
    const parts = { variant, conversation, address, clock, meter, datagrams };
    play = new Play({ ...parts, server, options });
    await play.run();
  } finally {
    await play?.stop();
    // Everybody has quit by now; what has not is broken.
    await between?.end();
    await server.close();
  }
  return play.measure();
}
