import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { makeCertificate, makeKey, UserError } from "../../lib/net/mod.ts";

const NOW = new Date("2026-03-01T12:00:00Z");

for (const kind of ["ecdsa", "rsa"] as const) {
  Deno.test(`an ${kind} certificate is for its name and this machine, signed by its own key`, async () => {
    const pair = await makeCertificate({
      name: "Chat.example.org",
      days: 30,
      kind,
      now: NOW,
    });
    const certificate = new X509Certificate(pair.certificate);
    const key = createPrivateKey(pair.key);
    assertEquals(certificate.subject, "CN=chat.example.org");
    assertEquals(certificate.issuer, certificate.subject);
    assertEquals(certificate.ca, false);
    assertEquals(certificate.checkPrivateKey(key), true);
    assertEquals(certificate.verify(certificate.publicKey), true);
    assertEquals(key.asymmetricKeyType, kind === "rsa" ? "rsa" : "ec");
    assertEquals(
      certificate.subjectAltName,
      "DNS:chat.example.org, DNS:localhost, IP Address:127.0.0.1, IP Address:::1",
    );
    assertEquals(certificate.validFromDate, NOW);
    assertEquals(certificate.validToDate, new Date("2026-03-31T12:00:00Z"));
    assertMatch(pair.key, /^-----BEGIN PRIVATE KEY-----\n/);
  });
}

Deno.test("a certificate for an IP address names it as one, and nothing twice", async () => {
  const names = async (name: string) => {
    const { certificate } = await makeCertificate({
      name,
      days: 1,
      kind: "ecdsa",
      now: NOW,
    });
    return new X509Certificate(certificate).subjectAltName;
  };
  const own = "DNS:localhost, IP Address:127.0.0.1, IP Address:::1";
  assertEquals(await names("localhost"), own);
  assertEquals(await names("192.0.2.1"), `IP Address:192.0.2.1, ${own}`);
  assertEquals(await names("2001:db8::1"), `IP Address:2001:db8::1, ${own}`);
  assertEquals(await names("*.example.org"), `DNS:*.example.org, ${own}`);
});

Deno.test("no two certificates have a serial number in common", async () => {
  const key = await makeKey("ecdsa");
  const request = { name: "a", days: 1, kind: "ecdsa", now: NOW, key } as const;
  const serials = new Set<string>();
  for (let round = 0; round < 5; round++) {
    const pair = await makeCertificate(request);
    assertEquals(pair.key, key);
    serials.add(new X509Certificate(pair.certificate).serialNumber);
  }
  assertEquals(serials.size, 5);
  for (const serial of serials) assertMatch(serial, /^[4-7][0-9A-F]{31}$/);
});

Deno.test("names and days that can't be are refused", async () => {
  const wrong = [
    { name: "" },
    { name: "two words" },
    { name: "h:5555" },
    { name: "chatps://h" },
    { name: "a".repeat(65) },
    { days: 0 },
    { days: 1.5 },
    { days: 7301 },
    { days: NaN },
  ];
  for (const part of wrong) {
    const request = { name: "a", days: 1, kind: "ecdsa", now: NOW } as const;
    const error = await assertRejects(
      () => makeCertificate({ ...request, ...part }),
      UserError,
    );
    assertEquals(error.kind, "usage", JSON.stringify(part));
  }
});
