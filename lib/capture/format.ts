/**
 * How a capture is told: a line for everything that was found, then tables; or
 * one JSON object a line.
 *
 * Whatever a capture holds, a line MUST NOT carry a control character to a
 * terminal.
 *
 * @module
 */

import { type Endpoint, formatEndpoint } from "../net/mod.ts";
import { printable } from "../wire/mod.ts";
import { DIRECTIONS } from "./conversation.ts";
import type { FieldValue, Frame } from "./frame.ts";
import type { ReadingEvent } from "./read.ts";
import type { Reliability, Summary, TypeSum } from "./summary.ts";

/** How a capture can be told. */
export const CAPTURE_FORMATS = ["text", "json"] as const;

/** One of {@link CAPTURE_FORMATS}. */
export type CaptureFormat = typeof CAPTURE_FORMATS[number];

const ARROWS = { up: "->", down: "<-" } as const;

/** Makes lines of events; remembers the capture's begin, so one for each file. */
export function captureFormatter(
  format: CaptureFormat,
): (event: ReadingEvent) => string {
  if (format === "json") return jsonLine;
  let begin: number | undefined;
  return (event) => {
    if (event.event === "note") return `Note: ${event.text}`;
    if (event.event === "summary") return summaryText(event.summary);
    const heading = begin === undefined
      ? `Capture begins ${isoTime(event.time)}\n`
      : "";
    begin ??= event.time;
    const seconds = ((event.time - begin) / 1_000_000).toFixed(6);
    return `${heading}${seconds.padStart(11)} ${
      `#${event.connection}`.padEnd(3)
    } ${eventText(event)}`;
  };
}

function eventText(
  event: Exclude<ReadingEvent, { readonly event: "note" | "summary" }>,
): string {
  switch (event.event) {
    case "open":
      return `open  ${endpoint(event.client)} -> ${endpoint(event.server)}${
        event.transport === undefined ? "" : ` (${event.transport})`
      }`;
    case "close":
      return `close (${event.how})`;
    case "gap":
      return `${
        ARROWS[event.direction]
      } gap: the capture lacks ${event.bytes} bytes`;
    case "frame":
      return `${ARROWS[event.direction]} ${frameText(event.frame)}`;
  }
}

function frameText(frame: Frame): string {
  const { wire, type, bytes, fields, flags, roundTrip, error } = frame;
  const words = Object.entries(fields)
    .map(([name, value]) => `${printable(name)}=${fieldText(value)}`);
  return [
    wire.padEnd(7),
    type.padEnd(20),
    `${bytes} B`.padStart(8),
    ...words,
    ...flags.map((flag) => `[${flag}]`),
    ...roundTrip === undefined ? [] : [`(${roundTrip.toFixed(3)} ms)`],
    ...error === undefined ? [] : [`error: ${printable(error)}`],
  ].join(" ").trimEnd();
}

function fieldText(value: FieldValue): string {
  return printable(JSON.stringify(value));
}

function endpoint({ address, port }: Endpoint): string {
  return formatEndpoint(address, port);
}

/** Microseconds since 1970 as ISO 8601, UTC, all six digits. */
function isoTime(time: number): string {
  const milliseconds = Math.floor(time / 1_000);
  const rest = String(time % 1_000).padStart(3, "0");
  return `${new Date(milliseconds).toISOString().slice(0, -1)}${rest}Z`;
}

function jsonLine(event: ReadingEvent): string {
  switch (event.event) {
    case "note":
      return json(event);
    case "summary":
      return json({ event: event.event, ...event.summary });
    case "frame": {
      const { frame, time, connection, direction } = event;
      return json({
        event: event.event,
        time: isoTime(time),
        connection,
        direction,
        ...frame,
      });
    }
    default:
      return json({ ...event, time: isoTime(event.time) });
  }
}

/** JSON whose characters a terminal may see: the others as `\uXXXX`. */
function json(value: unknown): string {
  return JSON.stringify(value).replace(/[^\x20-\x7e]/gu, (character) => {
    if (printable(character) === character) return character;
    const code = character.charCodeAt(0).toString(16);
    return `\\u${code.padStart(4, "0")}`;
  });
}

/** A number, and what there are so many of. */
export function counted(count: number, one: string, more: string): string {
  return `${count} ${count === 1 ? one : more}`;
}

function summaryText(summary: Summary): string {
  const { packets, connections, total, up, down } = summary;
  const lines = [
    "",
    `${counted(packets, "packet", "packets")}, ` +
    `${counted(connections, "connection", "connections")}, ` +
    `${
      counted(total, "byte", "bytes")
    } of payload: ${up} up (->), ${down} down (<-)`,
  ];
  if (summary.missing > 0) {
    const missing = counted(summary.missing, "byte is", "bytes are");
    lines.push(`${missing} missing from the capture`);
  }
  if (summary.repeated > 0) {
    const repeated = counted(summary.repeated, "byte", "bytes");
    lines.push(`${repeated} came more than once`);
  }
  if (summary.reliability !== undefined) {
    lines.push(...reliabilityText(summary.reliability));
  }
  if (summary.errors > 0) {
    lines.push(counted(summary.errors, "malformed frame", "malformed frames"));
  }
  for (const [cause, count] of Object.entries(summary.leftOut)) {
    const packets = counted(count, "packet was", "packets were");
    lines.push(`${packets} not read: ${cause}`);
  }
  if (summary.wires.length > 0) lines.push("", ...summaryTable(summary));
  return lines.join("\n");
}

/** What was sent again, what is not acknowledged, and how long that took. */
function reliabilityText(reliability: Reliability): string[] {
  const { repeated, unacknowledged, roundTrips } = reliability;
  const lines = DIRECTIONS.flatMap((direction) => {
    const { datagrams, bytes } = repeated[direction];
    if (datagrams === 0) return [];
    const again = counted(datagrams, "datagram was", "datagrams were");
    return `${again} sent again ${ARROWS[direction]}, ${
      counted(bytes, "byte", "bytes")
    }`;
  });
  if (unacknowledged > 0) {
    const lost = counted(unacknowledged, "datagram was", "datagrams were");
    lines.push(`${lost} not acknowledged`);
  }
  for (const direction of DIRECTIONS) {
    const found = roundTrips[direction];
    if (found === undefined) continue;
    const [least, mean, most] = [found.least, found.mean, found.most]
      .map((time) => time.toFixed(3));
    lines.push(
      `${counted(found.count, "round trip", "round trips")} of datagrams ` +
        `${ARROWS[direction]}: ` +
        `${least} to ${most} ms, ${mean} on average`,
    );
  }
  return lines;
}

/** For each wire its sum, that of each direction, and those of the types. */
function summaryTable({ wires, total }: Summary): string[] {
  const share = (bytes: number) =>
    `${(100 * bytes / Math.max(1, total)).toFixed(1)} %`;
  const rows = [["wire", "", "type", "frames", "bytes", "share"]];
  for (const wire of wires) {
    const row = (
      name: string,
      arrow: string,
      types: readonly Readonly<TypeSum>[],
      bytes: number,
    ) => {
      const frames = types.reduce((sum, { count }) => sum + count, 0);
      rows.push([name, arrow, "all", `${frames}`, `${bytes}`, share(bytes)]);
    };
    row(wire.wire, "", wire.types, wire.total);
    for (const direction of DIRECTIONS) {
      const types = wire.types.filter((sum) => sum.direction === direction);
      if (types.length > 0) row("", ARROWS[direction], types, wire[direction]);
    }
    for (const { direction, type, count, bytes } of wire.types) {
      rows.push([
        "",
        ARROWS[direction],
        type,
        `${count}`,
        `${bytes}`,
        share(bytes),
      ]);
    }
  }
  const widths = [0, 1, 2, 3, 4, 5].map((column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0))
  );
  return rows.map((row) =>
    row.map((cell, column) => {
      const width = widths[column] ?? 0;
      return column < 3 ? cell.padEnd(width) : cell.padStart(width);
    }).join("  ").trimEnd()
  );
}
