import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import {
  formatAddress,
  formatEndpoint,
  isLoopback,
  isRelay,
  namesRelay,
  parseEndpoint,
  parseListen,
  parseRelay,
  parseServer,
  unmapped,
  UserError,
} from "../../lib/net/mod.ts";

/** What is typed, and the address that it means. */
const SERVERS: readonly (readonly [string | undefined, string])[] = [
  [undefined, "chatps://127.0.0.1:5555"],
  ["", "chatps://127.0.0.1:5555"],
  ["chat.example.org", "chatps://chat.example.org:5555"],
  ["Chat.Example.ORG:80", "chatps://chat.example.org:80"],
  ["192.168.1.100", "chatps://192.168.1.100:5555"],
  ["::1", "chatps://[::1]:5555"],
  ["[::1]", "chatps://[::1]:5555"],
  ["[0:0:0:0:0:0:0:1]:7", "chatps://[::1]:7"],
  ["[fe80::1%eth0]:7", "chatps://[fe80::1%eth0]:7"],
  ["bücher.example", "chatps://xn--bcher-kva.example:5555"],
  ["chatp://h", "chatp://h:5555"],
  ["CHATP://h/", "chatp://h:5555"],
  ["chatps://h:443?v=1", "chatps://h:443?v=1"],
  ["chatps://h:443?v=2", "chatps://h:443"],
  ["json://h:80", "json://h:80"],
  ["json://h?v=2", "json://h:5555"],
  ["jsons://h?v=1", "jsons://h:5555?v=1"],
  ["udpchat://h", "udpchat://h:5000"],
  ["cp://h", "cp://h:5035"],
  ["cps://h", "cps://h:5035"],
];

for (const [typed, meant] of SERVERS) {
  Deno.test(`the server ${JSON.stringify(typed)} is ${meant}`, () => {
    assertEquals(formatAddress(parseServer(typed)), meant);
    assertEquals(parseServer(meant), parseServer(typed));
  });
}

Deno.test("an address says which wire, which version and whether TLS", () => {
  assertEquals(parseServer("json://[::1]:7?v=1"), {
    scheme: "json",
    wire: "json",
    version: 1,
    tls: false,
    host: "::1",
    port: 7,
  });
  assertEquals(parseServer(), {
    scheme: "chatps",
    wire: "chatproto",
    version: 2,
    tls: true,
    host: "127.0.0.1",
    port: 5555,
  });
});

Deno.test("a port may stand by itself, once", () => {
  assertEquals(parseServer("h", 7).port, 7);
  assertEquals(parseServer("json://h", 7).port, 7);
  assertEquals(parseServer("h:7", 7).port, 7);
  assertThrows(() => parseServer("h:7", 8), UserError, "port 8");
});

/** What can't be, and what is said about it. */
const WRONG: readonly (readonly [string, RegExp])[] = [
  ["h:0", /1 to 65535/],
  ["h:65536", /1 to 65535/],
  ["h:http", /1 to 65535/],
  ["h:", /1 to 65535/],
  ["a:b:c", /1 to 65535|more than one port/],
  ["chatps://", /no host/],
  ["two words", /no host/],
  ["[::1", /no host/],
  ["999.1.1.1", /no host/],
  ["chatps://alice@h", /has a user in it/],
  ["chatps://h/room", /not of the form/],
  ["chatps://h#x", /not of the form/],
  ["json://h?v=3", /no version "3"/],
  ["chatp://h?v=3", /no version "3" of chatp/],
  ["json://h?version=1", /unknown parameter "version"/],
  ["cp://h?v=2", /no version "2" of cp/],
  ["udpchat://h?v=2", /no version "2" of udpchat/],
  ["relay://h", /relay relay:\/\/h:2000 has no chat/],
  ["http://h", /no scheme http:\/\//],
];

for (const [typed, said] of WRONG) {
  Deno.test(`the server ${JSON.stringify(typed)} is refused with ${said}`, () => {
    const error = assertThrows(() => parseServer(typed), UserError);
    assertEquals(error.kind, "usage");
    assertMatch(error.message, said);
  });
}

Deno.test("an address to listen on may have port 0 and no host, but has a scheme", () => {
  assertEquals(
    formatAddress(parseListen("chatps://[::]:0")),
    "chatps://[::]:0",
  );
  assertEquals(formatAddress(parseListen("json://")), "json://0.0.0.0:5555");
  assertEquals(formatAddress(parseListen("chatp://:7")), "chatp://0.0.0.0:7");
  assertThrows(() => parseListen("0.0.0.0:5555"), UserError, "has no scheme");
  assertThrows(() => parseListen("gopher://0.0.0.0"), UserError, "no scheme");
});

Deno.test("a relay's address says so, and has port 2000 unless another is given", () => {
  assertEquals(parseRelay(" Relay://[::1]"), {
    scheme: "relay",
    wire: "relay",
    version: 1,
    tls: false,
    host: "::1",
    port: 2000,
  });
  assertEquals(formatAddress(parseRelay("relay://H:7/")), "relay://h:7");
  assertEquals(["relay://h", "chatp://h", "relay", "h:2000"].map(namesRelay), [
    true,
    false,
    false,
    false,
  ]);
  assertEquals(isRelay(parseListen("relay://:0")), true);
  assertEquals(isRelay(parseListen("json://:0")), false);
  assertThrows(
    () => parseRelay("json://h"),
    UserError,
    "no address of a relay",
  );
  assertThrows(() => parseRelay("relay://h:0"), UserError, "1 to 65535");
  assertThrows(() => parseRelay("relay://h?v=2"), UserError, 'no version "2"');
});

Deno.test("loopback is 127/8 and ::1, also when IPv4 comes as IPv6", () => {
  const own = ["127.0.0.1", "127.255.0.9", "::1", "0:0:0:0:0:0:0:1"];
  const mapped = ["::ffff:127.0.0.1", "::FFFF:7f00:1"];
  for (const ip of [...own, ...mapped]) assertEquals(isLoopback(ip), true, ip);
  const others = ["10.0.0.1", "128.0.0.1", "::2", "::ffff:10.0.0.1", "::"];
  for (const ip of [...others, "localhost", ""]) {
    assertEquals(isLoopback(ip), false, ip);
  }
});

Deno.test("an IPv4 address that came as IPv6 is IPv4 again", () => {
  assertEquals(unmapped("::ffff:192.0.2.255"), "192.0.2.255");
  assertEquals(unmapped("::ffff:c000:2ff"), "192.0.2.255");
  assertEquals(unmapped("::1"), "::1");
  assertEquals(unmapped("192.0.2.1"), "192.0.2.1");
});

Deno.test("an endpoint has brackets around IPv6", () => {
  assertEquals(formatEndpoint("::1", 7), "[::1]:7");
  assertEquals(formatEndpoint("h", 7), "h:7");
});

Deno.test("a port alone is one of this machine, behind a colon one of all its addresses", () => {
  for (
    const [text, host, port] of [
      ["9100", "127.0.0.1", 9100],
      [" 0 ", "127.0.0.1", 0],
      [":9100", "0.0.0.0", 9100],
      ["0.0.0.0:9100", "0.0.0.0", 9100],
      ["[::1]:9100", "::1", 9100],
      ["localhost:1", "localhost", 1],
    ] as const
  ) assertEquals(parseEndpoint(text, 9100), { host, port });
});

Deno.test("an endpoint has a port, and the advice names one that would be right", () => {
  for (
    const [bad, message] of [
      ["127.0.0.1", "has no port"],
      ["::1", "has no port"],
      ["::1:9100", "has no port"],
      ["localhost", "has no port"],
      ["127.0.0.1:", "is not a number from 0"],
      ["localhost:x", "is not a number from 0"],
      ["", "has no host"],
      [":", "has no host"],
      [":x", "has no host"],
      ["a b:1", "has no host"],
      ["http://h:1", "is not a number from 0"],
    ] as const
  ) assertThrows(() => parseEndpoint(bad, 9100), UserError, message);
  for (const bad of ["65536", ":65536", "h:65536"]) {
    const error = assertThrows(() => parseEndpoint(bad, 9100), UserError);
    assertEquals(error.message.includes("is not a number from 0"), true);
    assertEquals(error.advice, "Give a port such as 9100");
  }
});
