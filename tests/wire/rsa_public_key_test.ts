import { assertEquals, assertThrows } from "@std/assert";
import { createPublicKey, generateKeyPairSync } from "node:crypto";
import {
  checkPublicKey,
  PUBLIC_KEY_BYTES,
  RemoteProtocolError,
} from "../../lib/wire/mod.ts";

/** What is around a modulus of 256 bytes, written out. */
const BEFORE = Uint8Array.fromHex(
  "30820122300d06092a864886f70d01010105000382010f003082010a0282010100",
);
const BEHIND = Uint8Array.fromHex("0203010001");

const keyOf = (modulus: Uint8Array) =>
  new Uint8Array([...BEFORE, ...modulus, ...BEHIND]);
const MODULUS = new Uint8Array(256).fill(0xa5);
const KEY = keyOf(MODULUS);

function refuses(bytes: Uint8Array, code: 400 | 413): void {
  const error = assertThrows(() => checkPublicKey(bytes), RemoteProtocolError);
  assertEquals([error.code, error.fatal], [code, false]);
}

Deno.test("a public key of RSA tells its bits", () => {
  assertEquals(checkPublicKey(KEY), 2_048);
  for (const modulusLength of [2_048, 2_056, 3_072]) {
    const { publicKey } = generateKeyPairSync("rsa", { modulusLength });
    const der = publicKey.export({ type: "spki", format: "der" });
    assertEquals(checkPublicKey(der), modulusLength);
  }
});

Deno.test("the longest public key has 4,096 bits and 550 bytes", async () => {
  const pem = await Deno.readTextFile(
    new URL("../secret/keys/big.pem", import.meta.url),
  );
  const der = createPublicKey(pem).export({ type: "spki", format: "der" });
  assertEquals([der.length, PUBLIC_KEY_BYTES], [550, 550]);
  assertEquals(checkPublicKey(der), 4_096);
  refuses(new Uint8Array([...der, 0]), 413);
  refuses(new Uint8Array(65_536), 413);
});

Deno.test("a public key with any byte around its modulus changed is refused", () => {
  const around = [...KEY.keys()].filter((at) =>
    at < BEFORE.length || at >= BEFORE.length + 256
  );
  assertEquals(around.length, 38);
  for (const at of around) {
    for (const by of [0x01, 0x80]) {
      const changed = KEY.slice();
      changed[at] = (changed[at] as number) ^ by;
      refuses(changed, 400);
    }
  }
});

Deno.test("a modulus begins with a set bit and is odd", () => {
  const short = MODULUS.slice();
  short[0] = 0x7f;
  refuses(keyOf(short), 400);
  const even = MODULUS.slice();
  even[255] = 0xa4;
  refuses(keyOf(even), 400);
});

Deno.test("what is no public key at all is refused", () => {
  refuses(new Uint8Array(), 400);
  refuses(KEY.subarray(1), 400);
  refuses(KEY.subarray(0, -1), 400);
  refuses(new Uint8Array([...KEY, 0]), 400);
  refuses(new Uint8Array(400).fill(0x30), 400);
});
