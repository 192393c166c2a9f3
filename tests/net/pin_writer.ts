/**
 * A worker that adds servers to the known ones, at the same time as others.
 *
 * @module
 */

import { KnownServers } from "../../lib/net/pins.ts";

const worker = self as unknown as {
  onmessage: (event: MessageEvent) => void;
  postMessage(message: string): void;
};

worker.onmessage = async ({ data: { folder, name, fingerprint, count } }) => {
  const pins = new KnownServers(folder);
  for (let port = 1; port <= count; port++) {
    await pins.add({ host: name, port }, fingerprint);
  }
  worker.postMessage("done");
};
