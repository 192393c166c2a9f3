/**
 * Sentences on where our figures differ from the published ones, and why.
 *
 * Each is worked out from what was measured: what it says is chosen by the
 * figures, and it is left out when they don't carry it.
 *
 * @module
 */

import { type BreakEven, change, rowOf, textCarried } from "./comparison.ts";
import { clock, count, counted, figure, percent, share } from "./figures.ts";
import type { FramePair } from "./frames.ts";
import { isClean } from "./deliveries.ts";
import { type Measurement, recordOverhead, total } from "./measurement.ts";
import { RECORD_BYTES } from "./tls_records.ts";
import { unpublished } from "./unpublished.ts";
import { VARIANTS } from "./variants.ts";
import { type Conversation, DURATION } from "./workload.ts";

/** Percentage points below which two figures count as the same. */
const SAME = 1;

/** After how long the published v4 breaks even, ms: "~5 minutes". */
const PUBLISHED_BREAK_EVEN = 300_000;

/** What the sentences are made of. */
export interface Findings {
  readonly conversation: Conversation;
  readonly measurements: readonly Measurement[];
  readonly breakEvens: readonly BreakEven[];
  readonly frames: readonly FramePair[];
}

type Note = string | undefined;

function publishedOf(wire: string) {
  return VARIANTS.find((variant) => variant.wire === wire)?.published;
}

/** `ours is −41.0 %, EE586's −41.1 %`, and whether that is about the same. */
function beside(
  ours: number,
  published: number,
): { text: string; same: boolean } {
  const same = Math.abs(ours - published) < SAME;
  return {
    text: `ours is ${percent(ours)}, EE586's ${percent(published)}${
      same ? ", about the same" : ""
    }`,
    same,
  };
}

function broken({ measurements }: Findings): Note {
  const wires = measurements.filter(({ tally }) => !isClean(tally))
    .map(({ variant }) => variant.wire);
  if (wires.length === 0) return undefined;
  return `Not everything came once and in order over ${wires.join(", ")}: ` +
    "the figures are of what did come, and not to be compared.";
}

function volume({ measurements }: Findings): Note {
  const json = rowOf(measurements, "json")?.measurement;
  const published = publishedOf("json");
  if (json === undefined || published === undefined) return undefined;
  const each = total(json) / json.tally.messages;
  return "Bytes: EE586 does not say how many messages its totals carry. " +
    `At our ${figure(each)} bytes a message in JSON its ${
      count(published.total)
    } would be ${count(published.total / each)} messages; here ${
      counted(json.tally.messages, "was", "were")
    } said. So shares can be compared, totals can't.`;
}

/** JSON against binary, both plain. */
function binary({ conversation, measurements }: Findings): Note {
  const row = rowOf(measurements, "chatp1");
  const published = publishedOf("chatp1")?.vsJson;
  if (row?.json === undefined || published === undefined) return undefined;
  const [json, ours] = [total(row.json), total(row.measurement)];
  const { text, same } = beside(change(ours, json), published);
  const carried = textCarried(conversation);
  const rest = -change(ours - carried, json - carried);
  const start = `Binary against JSON: ${text}. ` +
    `The texts themselves are ${share(carried / json * 100)} of our JSON's ` +
    `bytes and equally long in both; on the rest binary saves ${share(rest)}`;
  if (same) return `${start}.`;
  const texts = (1 + published / rest) * 100;
  return `${start}; ` +
    (texts < 0
      ? `so even without any text ours could not save EE586's ${
        share(-published)
      }: its JSON must be wordier than ours.`
      : `EE586's share would be ours if texts were ${
        share(texts)
      } of JSON's bytes.`);
}

/** What TLS adds to JSON. */
function jsonInTls({ measurements }: Findings): Note {
  const row = rowOf(measurements, "json+tls");
  const published = publishedOf("json+tls");
  const publishedJson = publishedOf("json");
  if (row?.json === undefined || published?.vsJson === undefined) {
    return undefined;
  }
  if (publishedJson === undefined) return undefined;
  const { measurement, json } = row;
  const base = total(json);
  const { text, same } = beside(
    change(total(measurement), base),
    published.vsJson,
  );
  const part = (bytes: number) => share(bytes / base * 100);
  const each = measurement.application / measurement.records;
  const start = `TLS on JSON: ${text}. ` +
    `Ours is ${part(recordOverhead(measurement))} for ${
      count(measurement.records)
    } records, ${part(measurement.handshake)} for the handshakes and ${
      part(measurement.closing)
    } for the closing alerts; a record holds ${figure(each)} bytes of JSON`;
  if (same) return `${start}.`;
  const publishedRecords = (published.total - publishedJson.total) /
    RECORD_BYTES;
  const publishedEach = publishedJson.total / publishedRecords;
  return `${start}. At our ${RECORD_BYTES} bytes a record, EE586's ${
    count(published.total - publishedJson.total)
  } more would be ${count(publishedRecords)} records of ${
    figure(publishedEach)
  } bytes, ` +
    `${publishedEach < each ? "shorter" : "longer"} ones than ours, ` +
    "handshakes not counted.";
}

/** v4 against v2. */
function binaryInTls({ measurements }: Findings): Note {
  const row = rowOf(measurements, "chatp1+tls");
  const published = publishedOf("chatp1+tls");
  const publishedJson = publishedOf("json");
  if (row?.json === undefined || published?.vsJson === undefined) {
    return undefined;
  }
  if (publishedJson === undefined) return undefined;
  const { measurement, json } = row;
  const ours = change(total(measurement), total(json));
  const { text, same } = beside(ours, published.vsJson);
  const part = (bytes: number) => share(bytes / total(json) * 100);
  const later = change(total(measurement) - measurement.handshake, total(json));
  const rate = change(published.kbitPerSecond, publishedJson.kbitPerSecond);
  return `Binary in TLS against JSON: ${text}. Of our JSON's bytes binary ` +
    `saves ${part(total(json) - measurement.application)} and TLS takes ${
      part(total(measurement) - measurement.application)
    } back${
      same ? "" : `; without the handshakes ours would be ${percent(later)}`
    }. EE586's capture of v4 ran for ${published.seconds} s, ` +
    `that of v2 for ${publishedJson.seconds} s: ` +
    `by kbit/s instead of bytes its figure is ${percent(rate)}.`;
}

/** v4 against v2 in TLS. */
function bothInTls({ measurements }: Findings): Note {
  const row = rowOf(measurements, "chatp1+tls");
  const published = publishedOf("chatp1+tls");
  const publishedJson = publishedOf("json+tls");
  if (row?.jsonTls === undefined || published?.vsJsonTls === undefined) {
    return undefined;
  }
  if (publishedJson === undefined) return undefined;
  const { measurement, jsonTls } = row;
  const ours = change(total(measurement), total(jsonTls));
  const { text } = beside(ours, published.vsJsonTls);
  const inside = change(measurement.application, jsonTls.application);
  const around = total(measurement) - measurement.application;
  const rate = change(published.kbitPerSecond, publishedJson.kbitPerSecond);
  return `Binary in TLS against JSON in TLS: ${text}. What is inside differs ` +
    `by ${percent(inside)}; TLS's ${count(around)} bytes, ${
      share(around / total(measurement) * 100)
    } of the binary variant's, are spent either way. EE586's captures ` +
    `ran for ${published.seconds} s and ${publishedJson.seconds} s: ` +
    `by kbit/s its figure is ${percent(rate)}.`;
}

/** A single message: at which length ours would save what EE586's does. */
function frame(pair: FramePair): Note {
  const { type, direction, content, json, binary, saving, publishedSaving } =
    pair;
  const what = type === "LOGIN" ? "name" : "text";
  const { text, same } = beside(saving, publishedSaving);
  const envelope = binary.length - content;
  const kept = 1 + publishedSaving / 100;
  const needed = (kept * (json.length - content) - envelope) / (1 - kept);
  const start = `${type} ${
    direction === "up" ? "to" : "from"
  } the server: ${text}. Around a ${what} of ${content} bytes JSON puts ${
    json.length - content
  } and binary ${envelope}`;
  if (same) return `${start}.`;
  return `${start}; ` +
    (needed < 1
      ? `no ${what} is short enough for EE586's.`
      : `EE586's would be ours with a ${what} of ${count(needed)} bytes.`);
}

function breaksEven(
  found: BreakEven,
  { conversation, measurements }: Findings,
): Note {
  if (found.wire !== "chatp1+tls" || found.against !== "json") return undefined;
  const messages = found.advance / found.savedPerMessage;
  const start = `Break-even: EE586's is after about ${
    clock(PUBLISHED_BREAK_EVEN)
  }. Ours has cost ${
    count(found.advance)
  } bytes more when all are logged in, and each message then ${
    found.savedPerMessage < 0 ? "costs" : "saves"
  } ${figure(Math.abs(found.savedPerMessage))}`;
  if (found.kind === "never" || found.time === undefined) {
    return `${start}: it never comes.`;
  }
  const pace = conversation.workload.messages * 1000 / DURATION;
  const handshake = rowOf(measurements, found.wire)?.measurement.handshake ?? 0;
  return `${start}: ${counted(messages, "message")}, so how ${
    found.time < PUBLISHED_BREAK_EVEN ? "early" : "late"
  } it comes is a matter of how much is said (here ${
    figure(pace)
  } messages a second) and of the handshakes (here ${
    count(handshake / conversation.users.length)
  } bytes each).`;
}

/**
 * All sentences that these findings carry. Where something was lost, doubled
 * or out of order, that is the only one.
 */
export function notes(findings: Findings): readonly string[] {
  const fault = broken(findings);
  if (fault !== undefined) return [fault];
  const { breakEvens, frames } = findings;
  const all: readonly Note[] = [
    volume(findings),
    binary(findings),
    jsonInTls(findings),
    binaryInTls(findings),
    bothInTls(findings),
    ...unpublished(findings.measurements),
    ...breakEvens.map((each) => breaksEven(each, findings)),
    ...frames.map(frame),
  ];
  return all.filter((note) => note !== undefined);
}
