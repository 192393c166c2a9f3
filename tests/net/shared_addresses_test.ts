import { assertEquals, assertThrows } from "@std/assert";
import { sharedAddresses, UserError } from "../../lib/net/mod.ts";

Deno.test("addresses and networks that were named stand for many, and so does loopback", () => {
  const isShared = sharedAddresses([
    "192.0.2.7",
    "10.0.0.0/8",
    "2001:db8::/32",
  ]);
  const asked = (address: string) => [address, isShared(address)];
  assertEquals(
    [
      "192.0.2.7",
      "::ffff:192.0.2.7",
      "192.0.2.8",
      "10.255.0.1",
      "11.0.0.1",
      "2001:db8:ffff::1",
      "2001:db9::1",
      "127.0.0.1",
      "::1",
      "",
    ].map(asked),
    [
      ["192.0.2.7", true],
      ["::ffff:192.0.2.7", true],
      ["192.0.2.8", false],
      ["10.255.0.1", true],
      ["11.0.0.1", false],
      ["2001:db8:ffff::1", true],
      ["2001:db9::1", false],
      ["127.0.0.1", true],
      ["::1", true],
      ["", false],
    ],
  );
});

for (
  const text of [
    "",
    "proxy",
    "1.2.3",
    "1.2.3.4/33",
    "1.2.3.4/",
    "::/x",
    "::1/8/8",
  ]
) {
  Deno.test(`"${text}" is no address that stands for many`, () => {
    const error = assertThrows(() => sharedAddresses([text]), UserError);
    assertEquals(error.kind, "usage");
  });
}
