/**
 * How this wire writes times (docs/udpchat.md, "Times").
 *
 * @module
 */

/** As an author would: `2026-11-21T02:30:00.123000`, UTC. `time`: ms. */
export function writeTimeSent(time: number): string {
  return `${new Date(time).toISOString().slice(0, 23)}000`;
}

/** As the server does: `2026-11-21 02:30:00`, UTC. `time`: ms. */
export function writeDate(time: number): string {
  return new Date(time).toISOString().slice(0, 19).replace("T", " ");
}

/** Python's `isoformat`, with whatever parts of a second anybody else writes. */
const FORM = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)$/;

/**
 * Whether an author's time is ISO 8601 without a zone, and a time that there is:
 * readers of this wire may trust in it.
 */
export function isTimeSent(text: string): boolean {
  const [, date, time] = FORM.exec(text.slice(0, 33)) ?? [];
  if (date === undefined || time === undefined) return false;
  const parsed = Date.parse(`${date}T${time}Z`);
  if (Number.isNaN(parsed) || date.startsWith("0000")) return false;
  // Days that a month does not have, and 24:00, move on to the next.
  const [seconds = ""] = time.split(".");
  return new Date(parsed).toISOString().startsWith(`${date}T${seconds}`);
}
