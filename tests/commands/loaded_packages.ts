/**
 * Runs before `main.ts` (`--preload`): when the process ends, it says on stderr
 * whether prom-client was loaded.
 *
 * @module
 */

import { Module } from "node:module";

globalThis.addEventListener("unload", () => {
  // Node.js documents it as require.cache, which an ES module has not.
  const { _cache } = Module as unknown as { _cache: Record<string, unknown> };
  const loaded = Object.keys(_cache).some((path) =>
    path.includes("/prom-client/")
  );
  console.error(`prom-client was ${loaded ? "" : "not "}loaded`);
});
