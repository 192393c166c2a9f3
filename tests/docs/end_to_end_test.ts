import { assertEquals } from "@std/assert";
import { REFUSALS } from "../../lib/secret/mod.ts";
import { PUBLIC_KEY_BITS, PUBLIC_KEY_BYTES } from "../../lib/wire/mod.ts";

const PAGE = await Deno.readTextFile(
  new URL("../../docs/end_to_end.md", import.meta.url),
);

Deno.test("docs/end_to_end.md names every refusal", () => {
  const [, section = ""] = PAGE.split("### Refusals\n");
  const [text = ""] = section.split("\nA refused message");
  const named = [...text.matchAll(/`(\w+)`/g)].map(([, name]) => name);
  assertEquals(named.sort(), Object.keys(REFUSALS).sort());
});

Deno.test("docs/end_to_end.md states how long keys are", () => {
  const grouped = (value: number) =>
    String(value).replace(/\B(?=(\d{3})+$)/g, ",");
  const { least, most } = PUBLIC_KEY_BITS;
  const [, bits] = /one RSA key: (.*?) bits/.exec(PAGE) ?? [];
  assertEquals(bits, `${grouped(least)} to ${grouped(most)}`);
  const [, bytes] = /is 294 to (\d+) bytes/.exec(PAGE) ?? [];
  assertEquals(Number(bytes), PUBLIC_KEY_BYTES);
});
