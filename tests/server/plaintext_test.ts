import { assertEquals } from "@std/assert";
import { fileURLToPath } from "node:url";
import { packages } from "../../.ci/deno.ts";

const CHILD = fileURLToPath(new URL("./other_machine.ts", import.meta.url));

/** Runs a script in a network of its own, where 10.77.0.1 is an address. */
async function elsewhere(
  script: string,
  ...args: string[]
): Promise<{ success: boolean; text: string }> {
  try {
    const { success, stdout, stderr } = await new Deno.Command("unshare", {
      args: [
        "--net",
        "sh",
        "-ec",
        `ip link set lo up; ip address add 10.77.0.1/24 dev lo; ${script}`,
        "sh",
        ...args,
      ],
    }).output();
    const text = new TextDecoder();
    return { success, text: text.decode(stdout) + text.decode(stderr) };
  } catch {
    return { success: false, text: "" };
  }
}

const possible = (await elsewhere("true")).success;
const suffix = possible
  ? ""
  : " (skipped: only root, with unshare and ip, can make a network)";

Deno.test({
  name:
    `plaintext from another machine is refused in its own wire unless --plaintext says otherwise${suffix}`,
  ignore: !possible,
  fn: async () => {
    const config = fileURLToPath(new URL("../../deno.json", import.meta.url));
    const { success, text } = await elsewhere(
      'exec "$1" run --allow-all --no-check --config="$2" "$3" "$4"',
      Deno.execPath(),
      config,
      await packages(),
      CHILD,
    );
    assertEquals([success, text], [true, ""]);
  },
});
