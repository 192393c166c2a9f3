import { assertEquals } from "@std/assert";
import { LoginError } from "../../lib/client/rejection.ts";

const told = (reason: string, tls: boolean) => {
  const { kind, advice } = new LoginError(
    { type: "login_reject", reason },
    tls,
  );
  return [kind, advice];
};

Deno.test("a server that refuses plaintext is answered with what helps against it", () => {
  assertEquals(told("Not allowed: plaintext", false), [
    "plaintext_refused",
    "Use chatps:// or jsons://, or have the server started with --plaintext",
  ]);
});

Deno.test("a rejection is told apart by its reason where the wire has no code", () => {
  assertEquals(told("Name taken: alice is here", false)[0], "name_taken");
  assertEquals(told("Unavailable: full", true)[0], "unavailable");
  assertEquals(told("Not allowed: this port", true)[0], "login_rejected");
  assertEquals(told("Go away", true)[0], "login_rejected");
});

Deno.test("who is refused for what the server can't do, or takes no more of, is not told to check the password", () => {
  assertEquals(told("Internal error: The accounts can't be read", true), [
    "server_failed",
    "Try again; if it stays, tell whoever runs the server",
  ]);
  assertEquals(told("Too fast: an address has at most 1 guests", true), [
    "too_many",
    "Wait a moment, or end other clients at your address",
  ]);
  const { kind, status } = new LoginError(
    { type: "error_msg", code: 500, text: "Internal error: no disk" },
    true,
  );
  assertEquals([kind, status], ["server_failed", 30]);
});

Deno.test("a server's own hint goes before ours", () => {
  const { advice } = new LoginError({
    type: "login_reject",
    reason: "Name taken: alice is here",
    code: 409,
    hint: "Try alice2",
  }, true);
  assertEquals(advice, "Try alice2");
});

Deno.test("a port for another wire is the wrong protocol, whatever the wire tells besides, and the right one is named", () => {
  const text = "Not allowed: this port serves cps:// alone";
  for (const tls of [false, true]) {
    assertEquals(told(text, tls), ["wrong_protocol", "Connect with cps://"]);
  }
  const error = new LoginError({ type: "error_msg", code: 403, text }, true);
  assertEquals(
    [error.status, error.message],
    [15, "The server takes cps:// alone there"],
  );
});
