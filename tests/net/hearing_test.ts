import { assertEquals } from "@std/assert";
import { Duplex } from "node:stream";
import { type Hearer, Hearing } from "../../lib/net/mod.ts";

const socket = () =>
  new Duplex({ read() {}, write: (_bytes, _encoding, done) => done() });

/** Somebody who writes down what it hears. */
function listener(name: string, heard: string[]): Hearer {
  return {
    heard: (bytes) => heard.push(`${name} ${bytes.length}`),
    heardEnd: () => heard.push(`${name} end`),
    heardError: ({ message }) => heard.push(`${name} ${message}`),
    heardClose: () => heard.push(`${name} close`),
  };
}

Deno.test("a socket is heard by one after the other, and its listeners stay the same", async () => {
  const from = socket();
  const heard: string[] = [];
  const hearing = new Hearing(from, listener("first", heard));
  const before = from.listeners("data");
  from.emit("data", new Uint8Array(3));
  hearing.hearer = listener("second", heard);
  assertEquals(from.listeners("data"), before);
  from.emit("data", new Uint8Array(5));
  from.emit("end");
  from.destroy(new Error("broken"));
  await new Promise((resolve) => from.on("close", resolve));
  assertEquals(heard, [
    "first 3",
    "second 5",
    "second end",
    "second broken",
    "second close",
  ]);
});

Deno.test("an error of a socket that nobody hears ends nothing", async () => {
  const from = socket();
  const heard: string[] = [];
  new Hearing(from, listener("somebody", heard)).leave();
  from.destroy(new Error("broken"));
  await new Promise((resolve) => from.on("close", resolve));
  assertEquals(heard, []);
});
