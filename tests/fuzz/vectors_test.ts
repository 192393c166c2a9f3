/** What broke something once, and a short run of every target. */

import { assert, assertEquals } from "@std/assert";
import { Fuzzer, shortened } from "./fuzzer.ts";
import { readScript, writeScript } from "./script.ts";
import type { Target } from "./target.ts";
import { TARGETS } from "./targets.ts";
import { keptVectors } from "./vectors.ts";

/** Inputs that are made for each target. */
const RUNS = 200;

for (const { target: name, file, input } of await keptVectors()) {
  Deno.test(`fuzz: ${file} breaks nothing any more`, async () => {
    const target = TARGETS.find((each) => each.name === name);
    assert(target !== undefined, `there is no target ${name}`);
    await target.run(input);
  });
}

for (const target of TARGETS) {
  Deno.test(`fuzz: ${target.name} stands a few hundred inputs`, async () => {
    const fuzzer = new Fuzzer(target, 1);
    await fuzzer.start();
    const seeds = fuzzer.runs;
    while (fuzzer.runs < seeds + RUNS) {
      await fuzzer.step();
    }
    assertEquals(fuzzer.takeFailures(), []);
    assert(fuzzer.runs > seeds && fuzzer.behaviours > 1);
  });
}

/** Breaks on an input that has a 7 and, behind it, a 9. */
const BROKEN: Target = {
  name: "broken",
  invariant: "No 9 stands behind a 7.",
  seeds: () => [Uint8Array.of(1, 2, 7, 4, 5)],
  make: (random, seed) =>
    Uint8Array.of(...seed, random.integer(10), random.integer(10)),
  run: (input) => {
    const seven = input.indexOf(7);
    assert(seven < 0 || input.indexOf(9, seven) < 0, "a 9 behind a 7");
    return new Set([`${input.length}`]);
  },
};

Deno.test("a failure is found, told once, and made as short as can be", async () => {
  const fuzzer = new Fuzzer(BROKEN, 1);
  await fuzzer.start();
  for (let runs = 0; runs < 100; runs++) await fuzzer.step();
  const failures = fuzzer.takeFailures();
  assertEquals(failures.map(({ message }) => message), ["a 9 behind a 7"]);
  assertEquals(failures[0]?.input, Uint8Array.of(7, 9));
  assertEquals(fuzzer.failures, 1);
});

Deno.test("what is made shorter fails as it did before", async () => {
  const failure = {
    target: "broken",
    message: "another one",
    stack: "",
    input: Uint8Array.of(7, 1, 9),
  };
  assertEquals(await shortened(BROKEN, failure), failure);
});

Deno.test("the same seed makes the same inputs", async () => {
  const inputs = async (seed: number) => {
    const made: string[] = [];
    const target: Target = {
      ...BROKEN,
      run: (input) => {
        made.push(input.toHex());
        return new Set();
      },
    };
    const fuzzer = new Fuzzer(target, seed);
    await fuzzer.start();
    for (let runs = 0; runs < 20; runs++) await fuzzer.step();
    return made;
  };
  assertEquals(await inputs(5), await inputs(5));
  assert(`${await inputs(5)}` !== `${await inputs(6)}`);
});

Deno.test("a script is read as it was written, and any bytes are one", () => {
  const steps = [
    { does: 3, bytes: Uint8Array.of(1, 2) },
    { does: 255, bytes: new Uint8Array(0) },
  ];
  assertEquals(writeScript(steps).toHex(), "0300020102ff0000");
  assertEquals(readScript(writeScript(steps)), steps);
  assertEquals(readScript(Uint8Array.of(4, 0, 9, 1)), [
    { does: 4, bytes: Uint8Array.of(1) },
  ]);
});
