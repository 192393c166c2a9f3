/**
 * MSG_HST is answered with as many messages as a datagram holds, which the hub
 * has in pages: they are asked for one behind the other, each as a request of
 * its own, so that nobody waits and each counts. What answers none of them ends
 * it, with what there is.
 *
 * @module
 */

import type { HistoryPage, ServerEvent } from "../events.ts";
import type { HistoryRequest } from "../requests.ts";
import { fitsWhole } from "./server_requests.ts";
import type { Open } from "./visit.ts";

/** Pages that one MSG_HST may have the hub look up. */
const MOST_PAGES = 8;

/** The pages that have come, the oldest message first. */
export interface Pages {
  readonly count: number;
  readonly history: HistoryPage;
}

/** What a request is replied to with; or what it asks for before that. */
export interface Gathered {
  readonly event: ServerEvent;
  readonly next?: { readonly open: Open; readonly request: HistoryRequest };
}

/** A reply of the hub came. */
export function gather(open: Open, event: ServerEvent): Gathered {
  const { asked, pages } = open;
  const request = asked?.request;
  if (request?.type !== "history") return { event };
  if (event.type !== "history") return { event: pages?.history ?? event };
  const newer = pages?.history.messages ?? [];
  const history = { ...event, messages: [...event.messages, ...newer] };
  const count = (pages?.count ?? 0) + 1;
  const before = event.messages[0]?.place?.sequence;
  const left = (request.limit ?? Infinity) - history.messages.length;
  const isDone = !event.more || before === undefined || left <= 0 ||
    count === MOST_PAGES || !fitsWhole(history);
  if (isDone) return { event: history };
  const limit = left === Infinity ? {} : { limit: left };
  return {
    event: history,
    next: {
      open: { ...open, pages: { count, history } },
      request: { ...request, before, ...limit },
    },
  };
}
