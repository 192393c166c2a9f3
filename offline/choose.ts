/**
 * Prints the argument that makes `deno run` use the packages of this checkout.
 * Always one word, so that a task can quote it: the checkout may stand in a
 * folder whose name has spaces.
 *
 * A task's shell does not stop when a substitution fails. So a wrong choice
 * prints the path of this very file: `deno run` then runs it in the place of
 * `main.ts`, and it ends with the error and status 2.
 */
import { dirname } from "node:path";
import { chosenPackages, packageArgument } from "./packages.ts";

const inPlaceOfMain = Deno.args.length > 0;

try {
  const root = dirname(import.meta.dirname!);
  console.log(packageArgument(await chosenPackages(), root));
} catch (error) {
  if (!inPlaceOfMain) console.log(import.meta.filename);
  else console.error(`error: ${(error as Error).message}`);
  Deno.exit(2);
}
