/**
 * A bad neighbour in a thread of its own, so that those whose messages are timed
 * have theirs for themselves.
 *
 * @module
 */

import {
  BAD_NEIGHBOURS,
  type NeighbourName,
  type Outcome,
  type Stop,
  type Target,
} from "./bad_neighbours.ts";

/** What the thread is told. */
export type ToWorker =
  | {
    readonly type: "start";
    readonly name: NeighbourName;
    readonly target: Target;
  }
  | { readonly type: "stop" };

/** What it says. */
export type FromWorker =
  | { readonly type: "started" }
  | { readonly type: "stopped"; readonly outcome: Outcome };

/** Of a worker's global scope, what is used. */
interface Scope {
  onmessage: (event: MessageEvent<ToWorker>) => void;
  postMessage(message: FromWorker): void;
  close(): void;
}

const scope = globalThis as unknown as Scope;
let stop: Stop | undefined;

scope.onmessage = async ({ data }) => {
  if (data.type === "start") {
    stop = await BAD_NEIGHBOURS[data.name].start(data.target);
    scope.postMessage({ type: "started" });
  } else {
    const outcome = await stop?.() ?? {};
    scope.postMessage({ type: "stopped", outcome });
    scope.close();
  }
};
