/**
 * The thread of a log that dies when a handle is asked of it.
 *
 * @module
 */

import "../../lib/store/log_worker.ts";
import type { Hello, Question } from "../../lib/store/protocol.ts";

const scope = self as unknown as {
  onmessage: (event: MessageEvent<Hello | Question>) => void;
};
const answer = scope.onmessage;

scope.onmessage = (event) => {
  const { data } = event;
  if ("type" in data && data.type === "handles") throw new Error("no more");
  answer(event);
};
