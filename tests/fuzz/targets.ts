/**
 * Everything that is fuzzed.
 *
 * @module
 */

import type { Target } from "./target.ts";
import { CAPTURE } from "./targets/capture.ts";
import { CHATPROTO2 } from "./targets/chatproto2.ts";
import { CP } from "./targets/cp.ts";
import { HUBS } from "./targets/hub.ts";
import { TEXTS } from "./targets/lines.ts";
import { SECRETS } from "./targets/secrets.ts";
import { STREAMS } from "./targets/streams.ts";
import { UDPCHAT } from "./targets/udpchat.ts";

/** The table. */
export const TARGETS: readonly Target[] = [
  ...STREAMS,
  ...CHATPROTO2,
  ...UDPCHAT,
  ...CP,
  ...CAPTURE,
  ...SECRETS,
  ...TEXTS,
  ...HUBS,
];
