/**
 * Sentences on the wires of which nothing was published, worked out from what
 * was measured.
 *
 * @module
 */

import { type Row, rowOf } from "./comparison.ts";
import { count, counted, share } from "./figures.ts";
import {
  type Measurement,
  recordOverhead,
  total,
  type TypeTraffic,
} from "./measurement.ts";

type Note = string | undefined;
type Baseline = NonNullable<Row["json"]>;

/** `1,000 bytes are 80.0 % of JSON's` */
function ofJson(measurement: Measurement, json: Baseline): string {
  const bytes = total(measurement);
  return `${count(bytes)} bytes are ${share(bytes / total(json) * 100)} of ` +
    "JSON's";
}

/** The same in TLS, and its records; undefined where it was not measured. */
function inTlsToo(
  measurements: readonly Measurement[],
  wire: string,
  json: Baseline,
): Note {
  const tls = rowOf(measurements, `${wire}+tls`)?.measurement;
  if (tls === undefined) return undefined;
  return `in TLS its ${ofJson(tls, json)} without TLS, ${
    count(recordOverhead(tls))
  } of them for ${count(tls.records)} records.`;
}

function bytesOf(parts: readonly { readonly bytes: number }[] = []): number {
  return parts.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** What ChatProto 2 comes to. */
function streams(measurements: readonly Measurement[]): Note {
  const row = rowOf(measurements, "chatp2");
  if (row?.json === undefined) return undefined;
  const receipts = bytesOf(
    row.measurement.frames?.filter(({ frame }) =>
      frame === "RECEIPT" || frame === "RECEIVED"
    ),
  );
  const tls = inTlsToo(measurements, "chatp2", row.json);
  return `ChatProto 2, of which nothing was published: its ${
    ofJson(row.measurement, row.json)
  }, and ${count(receipts)} of them are receipts, which JSON has none of${
    tls === undefined ? "." : `; ${tls}`
  }`;
}

/** What reliable UDP comes to. */
function reliableUdp(measurements: readonly Measurement[]): Note {
  const row = rowOf(measurements, "udp");
  const { datagrams, types } = row?.measurement ?? {};
  if (row?.json === undefined || datagrams === undefined) return undefined;
  const acknowledging = bytesOf(types?.filter(({ type }) => type === "ACK"));
  return `Reliable UDP, of which nothing was published: its ${
    ofJson(row.measurement, row.json)
  }, ${
    count(acknowledging)
  } of them ACKs, and authors are sent their own messages too. ` +
    `${count(datagrams.repeats)} of ${
      count(datagrams.datagrams)
    } datagrams were sent again, ${
      count(datagrams.repeatedBytes)
    } bytes. What TCP does beneath the others, it does itself. Its logins are ` +
    "with a password, to accounts that were made before anything was counted.";
}

/** What CP comes to. */
function polling(measurements: readonly Measurement[]): Note {
  const row = rowOf(measurements, "cp");
  if (row?.json === undefined) return undefined;
  const { measurement, json } = row;
  const traffic = (...keys: readonly string[]): readonly TypeTraffic[] =>
    measurement.types.filter(({ direction, type }) =>
      keys.includes(`${direction} ${type}`)
    );
  const times = (key: string) =>
    counted(traffic(key).reduce((sum, each) => sum + each.count, 0), "time");
  const part = (parts: readonly { readonly bytes: number }[] = []) =>
    `${count(bytesOf(parts))} bytes, ${
      share(bytesOf(parts) / total(measurement) * 100)
    }`;
  const words = measurement.frames?.filter(({ field }) => field === "words");
  const tls = inTlsToo(measurements, "cp", json);
  return `CP, of which nothing was published: its ${
    ofJson(measurement, json)
  }, without any moves, lists, or who comes and goes. Nothing comes unasked: ` +
    `people asked ${times("up RMSG")}, ${
      times("down 256")
    } in vain; that, and the ends of the answers, is ${
      part(traffic("up RMSG", "down 255", "down 256"))
    }. What is said to a room is sent to each in it by itself, ${
      times("up SMSG")
    } for ${counted(measurement.tally.messages, "message")}. That a copy is ` +
    `kept (240) and that it has come (250) is ${
      part(traffic("down 240", "up 250"))
    }; the words behind all codes, which are for people, are ${part(words)}${
      tls === undefined ? "." : `; ${tls}`
    }`;
}

/** All of them that these measurements carry. */
export function unpublished(
  measurements: readonly Measurement[],
): readonly Note[] {
  return [streams, reliableUdp, polling].map((each) => each(measurements));
}
