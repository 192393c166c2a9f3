import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { safetyNumber } from "../../lib/secret/mod.ts";
import { FINGERPRINTS, GOLDEN_NUMBER } from "./golden.ts";

const ALICE = { name: "Alice", fingerprint: FINGERPRINTS.alice };
const BOB = { name: "bob", fingerprint: FINGERPRINTS.bob };

Deno.test("the safety number is the one that another implementation makes, for both", async () => {
  assertMatch(GOLDEN_NUMBER, /^\d{5}( \d{5}){7}$/);
  assertEquals(await safetyNumber(ALICE, BOB), GOLDEN_NUMBER);
  assertEquals(
    await safetyNumber(
      { ...BOB, name: "BOB", fingerprint: BOB.fingerprint.toLowerCase() },
      ALICE,
    ),
    GOLDEN_NUMBER,
  );
});

Deno.test("another key or another name makes another safety number", async () => {
  const other = FINGERPRINTS.bob.replace(/^../, "00");
  const numbers = await Promise.all([
    safetyNumber(ALICE, BOB),
    safetyNumber(ALICE, { ...BOB, fingerprint: other }),
    safetyNumber(ALICE, { ...BOB, name: "bobby" }),
    // The same two keys with their names exchanged.
    safetyNumber({ ...ALICE, name: "bob" }, { ...BOB, name: "alice" }),
  ]);
  assertEquals(new Set(numbers).size, numbers.length);
});

Deno.test("a safety number takes fingerprints and nothing else", async () => {
  await assertRejects(
    () => safetyNumber(ALICE, { ...BOB, fingerprint: "AA:BB" }),
    TypeError,
  );
});
