/**
 * Runs before `main.ts` (`--preload`): the log's thread dies when a handle is
 * asked of it.
 *
 * @module
 */

globalThis.Worker = class extends Worker {
  constructor(url: string | URL, options?: WorkerOptions) {
    const isLog = String(url).endsWith("/log_worker.ts");
    const dying = new URL("../store/dying_worker.ts", import.meta.url);
    super(isLog ? dying : url, options);
  }
};
