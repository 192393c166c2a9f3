/**
 * As how many requests one counts, so that nobody floods whoever has to read
 * it: the server, or a room.
 *
 * @module
 */

import { type Request, textBytes } from "../wire/mod.ts";
import type { Limits } from "./limits.ts";
import { isMessage } from "./messages.ts";

/** What others are told of, besides messages. */
const ANNOUNCED: ReadonlySet<Request["type"]> = new Set([
  "join_room",
  "leave_room",
  "make_group",
  "invite",
  "set_topic",
  "set_away",
]);

/** What a request of so many bytes costs; 0: that is not known. */
export function costOf(
  request: Request,
  bytes: number,
  limits: Limits,
): number {
  const { requestBytes, announcedCost } = limits;
  const read = costOfBytes(bytes, limits);
  if (ANNOUNCED.has(request.type)) return Math.max(read, announcedCost);
  if (!isMessage(request)) return read;
  // A unit of UTF-16 has three bytes at most: the usual text is not counted.
  if (request.text.length * 3 <= requestBytes) return read;
  return Math.max(read, Math.ceil(textBytes(request.text) / requestBytes));
}

/** What so many bytes cost to read, whatever they say. */
export function costOfBytes(bytes: number, { requestBytes }: Limits): number {
  return Math.max(1, Math.floor(bytes / requestBytes));
}
