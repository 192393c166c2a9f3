/**
 * How figures are written for people.
 *
 * @module
 */

import type { FigureKind } from "./layout.ts";

const MINUS = "−";

/** A whole number with separators: `656,550`. */
export function count(value: number): string {
  return Math.round(value).toLocaleString("en");
}

/** A whole number, and what there are so many of: `1 message`, `815 messages`. */
export function counted(value: number, one: string, more = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : more}`;
}

/** A number with one decimal: `32.1`. */
export function figure(value: number): string {
  return value.toLocaleString("en", {
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
  });
}

/** A number with two decimals: `32.07`. */
export function rate(value: number): string {
  return value.toLocaleString("en", {
    minimumFractionDigits: 2,
    maximumFractionDigits: 2,
  });
}

/** A change with its sign: `−41.1 %`. */
export function percent(value: number): string {
  const sign = value < 0 ? MINUS : "+";
  return `${sign}${figure(Math.abs(value))} %`;
}

/** A share, without a sign: `41.1 %`. */
export function share(value: number): string {
  return `${figure(value)} %`;
}

/** A time on the conversation's clock, ms: `41 s`, `5 min 12 s`. */
export function clock(time: number): string {
  const seconds = Math.round(time / 1000);
  if (seconds < 180) return `${seconds} s`;
  const minutes = `${count(Math.floor(seconds / 60))} min`;
  return seconds % 60 === 0 ? minutes : `${minutes} ${seconds % 60} s`;
}

/** A figure of a column; `–` where there is none. */
export function written(
  value: string | number | undefined,
  kind: FigureKind,
): string {
  if (value === undefined) return "–";
  if (typeof value === "string") return value;
  switch (kind) {
    case "name":
      return String(value);
    case "count":
      return count(value);
    case "figure":
      return figure(value);
    case "rate":
      return rate(value);
    case "percent":
      return percent(value);
  }
}
