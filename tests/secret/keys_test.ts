import { assertEquals, assertRejects } from "@std/assert";
import { createPublicKey, generateKeyPairSync } from "node:crypto";
import {
  importOwnKeys,
  importPublicKey,
  SecretError,
} from "../../lib/secret/mod.ts";
import { FINGERPRINTS } from "./golden.ts";
import { ALICE, BIG, BOB, privateKey } from "./key_ring.ts";

async function publicBytes(name: string): Promise<Uint8Array> {
  return createPublicKey(await privateKey(name))
    .export({ type: "spki", format: "der" });
}

Deno.test("a key has the fingerprint that others give it, and its size", () => {
  assertEquals(ALICE.public.fingerprint, FINGERPRINTS.alice);
  assertEquals(BOB.public.fingerprint, FINGERPRINTS.bob);
  assertEquals([ALICE.public.size, ALICE.public.der.length], [256, 294]);
  assertEquals([BIG.public.size, BIG.public.der.length], [512, 550]);
});

Deno.test("a public key is the same out of its bytes", async () => {
  const { fingerprint, der } = await importPublicKey(ALICE.public.der);
  assertEquals(fingerprint, FINGERPRINTS.alice);
  assertEquals(der, ALICE.public.der);
});

Deno.test("what is secret in one's own keys can't be got out again", async () => {
  for (const key of [ALICE.signing, ALICE.decryption]) {
    assertEquals([key.type, key.extractable], ["private", false]);
    await assertRejects(() => crypto.subtle.exportKey("pkcs8", key));
  }
});

Deno.test("keys of other kinds and sizes are refused", async () => {
  const cases: [name: string, detail: string][] = [
    [
      "small",
      "2048 to 4096 bits with the exponent 65,537 was expected, this one has 1024 and 65537",
    ],
    ["exponent_3", "this one has 2048 and 3"],
    ["ec", "a private RSA key was expected, this is ec"],
    ["pss", "a private RSA key was expected, this is rsa-pss"],
  ];
  for (const [name, detail] of cases) {
    const key = await privateKey(name);
    const error = await assertRejects(
      () => importOwnKeys(key),
      SecretError,
      detail,
    );
    assertEquals(error.kind, "bad_key");
  }
  for (const name of ["small", "exponent_3", "ec", "pss"]) {
    const bytes = await publicBytes(name);
    await assertRejects(() => importPublicKey(bytes), SecretError);
  }
  const { publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  await assertRejects(
    () => importOwnKeys(publicKey),
    SecretError,
    "this is a public key",
  );
});
