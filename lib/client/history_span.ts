/**
 * What `/history` is asked for: so many messages, or those since a time. Pure.
 *
 * @module
 */

/** How it can be written; undefined stands for the newest. */
export type HistorySpan =
  | { readonly limit: number }
  | { readonly since: number };

const UNITS: Readonly<Record<string, number>> = {
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/**
 * Reads `50`, `30m`, `2h`, `3d`, `10:30`, `2026-11-20` or `2026-11-20 10:30`,
 * in the person's own time zone; undefined if it is none of these. A time of
 * day is the last one that has been.
 */
export function parseHistorySpan(
  text: string,
  now: Date,
): HistorySpan | undefined {
  if (/^[1-9]\d{0,4}$/.test(text)) return { limit: Number(text) };
  const [, count, unit = ""] = /^(\d{1,5})([mhd])$/.exec(text) ?? [];
  if (count !== undefined) {
    return from(now.getTime() - Number(count) * (UNITS[unit] ?? 0));
  }
  const found =
    /^(?:(\d{4})-(\d\d)-(\d\d))?(?:(?:^|[ T])([01]?\d|2[0-3]):([0-5]\d))?$/
      .exec(text);
  if (found === null || text === "") return undefined;
  const [, year, month, day, hour = 0, minute = 0] = found;
  const time = year === undefined ? new Date(now.getTime()) : new Date(
    Number(year),
    Number(month) - 1,
    Number(day),
  );
  if (month !== undefined && time.getMonth() !== Number(month) - 1) {
    return undefined;
  }
  time.setHours(Number(hour), Number(minute), 0, 0);
  if (year === undefined && time > now) time.setDate(time.getDate() - 1);
  return from(time.getTime());
}

/** No wire has a time before 1970, and nothing was said then. */
function from(time: number): HistorySpan {
  return { since: Math.max(0, time) };
}
