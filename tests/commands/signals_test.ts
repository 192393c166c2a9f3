import { assertEquals } from "@std/assert";

const SIGNALS = new URL("../../commands/signals.ts", import.meta.url).href;

/** Waits for the end, sends itself signals meanwhile, and says which it was. */
const PROGRAM = `
  import { ending } from "${SIGNALS}";
  const end = ending({ hangup: true });
  setInterval(() => {}, 1000);
  end.signal.then((name) => {
    console.log(name);
    Deno.exit();
  });
  for (const name of Deno.args) Deno.kill(Deno.pid, name);
`;

/** What ended a process that a shell started after `before`. */
async function endAfter(
  before: string,
  signals: readonly Deno.Signal[],
): Promise<string> {
  const { stdout } = await new Deno.Command("sh", {
    args: [
      ...["-c", `${before} exec "$0" eval "$@"`, Deno.execPath()],
      ...[PROGRAM, ...signals],
    ],
  }).output();
  return new TextDecoder().decode(stdout);
}

Deno.test({
  name:
    "a lost terminal ends a command, but not under nohup (by /proc, on Linux alone)",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    assertEquals(await endAfter("", ["SIGHUP"]), "SIGHUP\n");
    assertEquals(
      await endAfter("trap '' HUP;", ["SIGHUP", "SIGTERM"]),
      "SIGTERM\n",
    );
  },
});
