import { assertEquals, assertThrows } from "@std/assert";
import { parseWires, VARIANTS } from "../../lib/bench/mod.ts";
import { UserError } from "../../lib/net/mod.ts";

const names = (list: string) => parseWires(list).map(({ wire }) => wire);

Deno.test("a list names wires in any order, once or twice, with spaces", () => {
  assertEquals(names("chatp1"), ["chatp1"]);
  assertEquals(names(" chatp1 ,json,chatp1"), ["json", "chatp1"]);
  assertEquals(names("json,json+tls,chatp1,chatp1+tls"), [
    "json",
    "json+tls",
    "chatp1",
    "chatp1+tls",
  ]);
});

Deno.test("a list with an unknown wire is refused with the known ones", () => {
  const error = assertThrows(() => parseWires("json,morse"), UserError);
  assertEquals(error.kind, "usage");
  assertEquals(error.message, `There is no wire "morse" to measure`);
  assertEquals(
    error.advice,
    "Name some of json, json+tls, chatp1, chatp1+tls, chatp2, chatp2+tls, udp, " +
      "cp, cp+tls, separated by commas",
  );
});

Deno.test("a list that names none is refused", () => {
  const error = assertThrows(() => parseWires(" , "), UserError);
  assertEquals(error.message, "--wires names no wire");
});

Deno.test("each wire stands beside its published figures", () => {
  assertEquals(
    VARIANTS.map((
      { wire, publishedName, published },
    ) => [wire, publishedName, published]),
    [
      ["json", "v2", { total: 656_550, kbitPerSecond: 32.07, seconds: 163 }],
      ["json+tls", "v2+TLS", {
        total: 804_598,
        kbitPerSecond: 39.28,
        seconds: 163,
        vsJson: 22.5,
      }],
      ["chatp1", "v3", {
        total: 386_444,
        kbitPerSecond: 19.02,
        seconds: 163,
        vsJson: -41.1,
      }],
      ["chatp1+tls", "v4", {
        total: 594_154,
        kbitPerSecond: 25.97,
        seconds: 183,
        vsJson: -9.5,
        vsJsonTls: -26,
      }],
      ["chatp2", undefined, undefined],
      ["chatp2+tls", undefined, undefined],
      ["udp", undefined, undefined],
      ["cp", undefined, undefined],
      ["cp+tls", undefined, undefined],
    ],
  );
});
