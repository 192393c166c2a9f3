/**
 * Works out the figures of a play that is over.
 *
 * @module
 */

import type { DatagramCounts } from "./datagram_meter.ts";
import { isClean, type Tally } from "./deliveries.ts";
import { mergeEntries } from "./frame_ledger.ts";
import type { Measurement, TypeTraffic } from "./measurement.ts";
import type { PlayedClient } from "./played_client.ts";
import { inTls, type Variant } from "./variants.ts";
import type { WireMeter } from "./wire_meter.ts";

/** What a play leaves behind. */
export interface Played {
  readonly variant: Variant;
  readonly meter: WireMeter;
  /** Present on UDP. */
  readonly datagrams: DatagramCounts | undefined;
  readonly clients: readonly PlayedClient[];
  readonly tally: Tally;
  readonly curve: readonly number[];
  /** By direction and type, with a space between. */
  readonly types: ReadonlyMap<string, { count: number; bytes: number }>;
  readonly seconds: number;
}

/**
 * The figures.
 *
 * @throws {Error} when the TLS records of a clean play don't add up.
 */
export function measure(played: Played): Measurement {
  const { variant, meter, datagrams, clients, tally, curve, seconds } = played;
  const sums = { up: 0, down: 0, handshake: 0, closing: 0, records: 0 };
  let application = 0;
  for (const client of clients) {
    const bytes = meter.connection(client.port);
    if (bytes === undefined) continue;
    for (const direction of ["up", "down"] as const) {
      const carried = direction === "up" ? client.sent : client.received;
      sums[direction] += bytes[direction];
      application += carried;
      if (!inTls(variant)) continue;
      const split = bytes.records[direction].split(carried);
      sums.handshake += split.handshake;
      sums.closing += split.closing;
      sums.records += split.records;
      if (!split.exact && isClean(tally)) {
        throw new Error(`The TLS records ${direction} do not add up`);
      }
    }
  }
  const frames = clients.flatMap(({ ledger }) => ledger?.entries ?? []);
  return {
    variant,
    ...sums,
    application,
    tally,
    curve,
    types: trafficOf(played),
    ...frames.length > 0 && { frames: mergeEntries(frames) },
    ...datagrams && { datagrams },
    seconds,
  };
}

function trafficOf({ types }: Played): readonly TypeTraffic[] {
  return [...types].map(([key, figures]): TypeTraffic => {
    const [direction, type] = key.split(" ") as [
      TypeTraffic["direction"],
      TypeTraffic["type"],
    ];
    return { direction, type, ...figures };
  });
}
