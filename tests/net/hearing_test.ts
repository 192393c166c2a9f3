import { assert, assertEquals } from "@std/assert";
import { Duplex } from "node:stream";
import { hear, type Hearer, NOBODY } from "../../lib/net/mod.ts";

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

Deno.test("a socket is heard by one after the other, by the listeners of all others", async () => {
  const from = socket();
  const heard: string[] = [];
  hear(from, listener("first", heard));
  from.emit("data", new Uint8Array(3));
  hear(from, listener("second", heard));
  const other = socket();
  hear(other, NOBODY);
  for (const event of ["data", "end", "error", "close"]) {
    assertEquals(from.listeners(event).length, 1, event);
    assert(from.listeners(event)[0] === other.listeners(event)[0], event);
  }
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
  hear(from, listener("somebody", heard));
  hear(from, NOBODY);
  from.destroy(new Error("broken"));
  await new Promise((resolve) => from.on("close", resolve));
  assertEquals(heard, []);
});
