/**
 * Inputs that broke something once, as files: `TARGET-HASH.hex`.
 *
 * @module
 */

import type { Failure } from "./fuzzer.ts";
import { hashOf } from "./target.ts";

/** Where they are. */
export const VECTORS = new URL("vectors/", import.meta.url);

/** An input that was kept. */
export interface Vector {
  readonly target: string;
  readonly file: string;
  readonly input: Uint8Array;
}

/** Hex in lines of 64 digits, and back. */
function lines(bytes: Uint8Array): string {
  return bytes.toHex().replaceAll(/.{1,64}/g, "$&\n");
}

/** Keeps a failure's input; answers the name of its file. */
export async function keepVector(
  { target, input }: Failure,
): Promise<string> {
  const hash = hashOf(input).toString(16).padStart(8, "0");
  const name = `${target}-${hash}.hex`;
  await Deno.mkdir(VECTORS, { recursive: true });
  await Deno.writeTextFile(new URL(name, VECTORS), lines(input));
  return name;
}

/** All that are kept, by their files' names. */
export async function keptVectors(): Promise<Vector[]> {
  const files: string[] = [];
  for await (const { name } of Deno.readDir(VECTORS)) {
    if (name.endsWith(".hex")) files.push(name);
  }
  return await Promise.all(
    files.sort().map(async (file) => {
      const text = await Deno.readTextFile(new URL(file, VECTORS));
      return {
        target: file.replace(/-[0-9a-f]{8}\.hex$/, ""),
        file,
        input: Uint8Array.fromHex(text.replaceAll(/\s/g, "")),
      };
    }),
  );
}
