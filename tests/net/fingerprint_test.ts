import { assertEquals, assertThrows } from "@std/assert";
import {
  fingerprintBytes,
  fingerprintOf,
  formatFingerprint,
} from "../../lib/net/mod.ts";

const CERTIFICATE = new URL("../../certs/server.crt", import.meta.url);

/** What `openssl x509 -fingerprint -sha256` says of the pair for tests. */
const KNOWN =
  "FF:C8:67:A6:47:87:04:94:66:35:AE:3F:00:B4:A5:73:EB:45:C6:67:88:F9:48:D6:87:1D:CB:C2:C0:C2:C4:C3";

Deno.test("a fingerprint is what openssl says, from PEM and from DER", async () => {
  const pem = await Deno.readTextFile(CERTIFICATE);
  assertEquals(fingerprintOf(pem), KNOWN);
  const base64 = pem.replace(/-----[^-]+-----|\s/g, "");
  const der = Uint8Array.from(atob(base64), (each) => each.charCodeAt(0));
  assertEquals(fingerprintOf(der), KNOWN);
  assertThrows(() => fingerprintOf("no certificate"));
});

Deno.test("a fingerprint is read in any case, with or without colons", () => {
  const bytes = fingerprintBytes(KNOWN);
  assertEquals(bytes?.length, 32);
  assertEquals(formatFingerprint(bytes ?? new Uint8Array()), KNOWN);
  const bare = KNOWN.replaceAll(":", "");
  const ways = [
    KNOWN.toLowerCase(),
    bare,
    bare.toLowerCase(),
    `SHA256:${bare}`,
    `sha256=${KNOWN}`,
    ` ${KNOWN}\n`,
  ];
  for (const way of ways) assertEquals(fingerprintBytes(way), bytes, way);
});

Deno.test("what is not 32 bytes in hex is no fingerprint", () => {
  const bare = KNOWN.replaceAll(":", "");
  for (
    const text of [
      "",
      "AA",
      KNOWN.slice(3),
      `${bare}00`,
      `${bare}0`,
      `G${bare.slice(1)}`,
      KNOWN.replace(":", ""),
    ]
  ) {
    assertEquals(fingerprintBytes(text), undefined, text);
  }
});
