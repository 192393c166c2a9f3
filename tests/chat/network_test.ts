import { assertEquals } from "@std/assert";
import { networkOf } from "../../lib/chat/network.ts";

const CASES: readonly (readonly [string, string])[] = [
  ["192.0.2.7", "192.0.2.7"],
  ["::ffff:192.0.2.7", "192.0.2.7"],
  ["2001:db8:0:1:2:3:4:5", "2001:db8:0:1::/64"],
  ["2001:0DB8:0000:0001::5", "2001:db8:0:1::/64"],
  ["2001:db8::5", "2001:db8:0:0::/64"],
  ["2001:db8::1:2:3:4:5", "2001:db8:0:1::/64"],
  ["2001:db8:0:1::", "2001:db8:0:1::/64"],
  ["::1", "0:0:0:0::/64"],
  ["::", "0:0:0:0::/64"],
  ["fe80::1%eth0", "fe80:0:0:0::/64"],
  ["1:2::3:4:5:192.0.2.7", "1:2:0:3::/64"],
  ["", ""],
  ["somewhere", "somewhere"],
];

for (const [address, network] of CASES) {
  Deno.test(`${address || "no address"} is of the network ${network || "without a name"}`, () => {
    assertEquals(networkOf(address), network);
  });
}
