import { assertEquals, assertMatch } from "@std/assert";
import { newToken, tokenDigest } from "../../lib/store/tokens.ts";

Deno.test("a token is 192 bits of base64url, and each is another one", () => {
  const tokens = Array.from({ length: 1_000 }, () => newToken().token);
  for (const token of tokens) assertMatch(token, /^[A-Za-z0-9_-]{32}$/);
  assertEquals(new Set(tokens).size, 1_000);
});

Deno.test("a token's digest is its SHA-256 in hex", () => {
  assertEquals(
    tokenDigest("abc"),
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
  );
  const { token, digest } = newToken();
  assertEquals(tokenDigest(token), digest);
});
