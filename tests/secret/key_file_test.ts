import { assertEquals, assertRejects } from "@std/assert";
import { join } from "node:path";
import { fingerprintOfKey, UserError } from "../../lib/net/mod.ts";
import { loadOwnKeys } from "../../lib/secret/mod.ts";
import { FINGERPRINTS } from "./golden.ts";
import { pemOf, privateKey } from "./key_ring.ts";

/** Runs `test` with a file of that text, which only its owner may read. */
async function withFile(
  text: string,
  test: (file: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const file = join(folder, "my.pem");
    await Deno.writeTextFile(file, text, { mode: 0o600 });
    await test(file);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

for (const type of ["pkcs8", "pkcs1"] as const) {
  Deno.test(`one's own keys are read from ${type}, with the fingerprint that chatp keys shows`, async () => {
    const pem = (await privateKey("alice")).export({ type, format: "pem" });
    await withFile(String(pem), async (file) => {
      const { keys, warnings } = await loadOwnKeys(file);
      assertEquals(keys.public.fingerprint, FINGERPRINTS.alice);
      assertEquals(await fingerprintOfKey(file), FINGERPRINTS.alice);
      assertEquals(warnings, []);
    });
  });
}

Deno.test("a key that can't seal is told with its file, and what to do", async () => {
  for (
    const [name, detail] of [
      ["small", "this one has 1024 and 65537"],
      ["exponent_3", "this one has 2048 and 3"],
      ["ec", "is ec; RSA was expected"],
      ["pss", "is rsa-pss; RSA was expected"],
    ] as const
  ) {
    await withFile(await pemOf(name), async (file) => {
      const error = await assertRejects(
        () => loadOwnKeys(file),
        UserError,
        detail,
      );
      assertEquals(error.kind, "bad_certificate_file");
      assertEquals(error.message.includes(file), true);
    });
  }
});
