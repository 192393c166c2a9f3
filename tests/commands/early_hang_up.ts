/**
 * Runs before `main.ts` (`--preload`): sends the process a SIGHUP when it reads
 * its first file, and lets it go on once a signal sent behind that was heard.
 *
 * @module
 */

const read = Deno.readTextFile;

Deno.readTextFile = async (...asked) => {
  Deno.readTextFile = read;
  const { promise: heard, resolve } = Promise.withResolvers<void>();
  const hear = () => resolve();
  Deno.addSignalListener("SIGUSR1", hear);
  Deno.kill(Deno.pid, "SIGHUP");
  Deno.kill(Deno.pid, "SIGUSR1");
  await heard;
  Deno.removeSignalListener("SIGUSR1", hear);
  return await read(...asked);
};
