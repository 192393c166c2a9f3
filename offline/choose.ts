/**
 * Prints one argument for `deno run`: the import map of the stand-ins, or one
 * that changes nothing. Always one, so that the task can quote it and a
 * checkout may stand in a folder whose name has spaces.
 */
import { chosenPackages, packageArguments } from "./packages.ts";

try {
  const [argument = "--no-prompt"] = packageArguments(await chosenPackages());
  console.log(argument);
} catch (error) {
  console.error(`error: ${(error as Error).message}`);
  Deno.exit(2);
}
