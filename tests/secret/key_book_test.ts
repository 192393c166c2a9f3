import { assertEquals, assertRejects } from "@std/assert";
import { join } from "node:path";
import {
  KeyBook,
  knownKey,
  parseKnownKeys,
  SecretError,
} from "../../lib/secret/mod.ts";
import { UserError } from "../../lib/net/mod.ts";
import { FINGERPRINTS } from "./golden.ts";
import { ALICE, BOB, MALLORY } from "./key_ring.ts";
import { withFolder } from "../store/temporary_folder.ts";

const SERVER = "chat.example.org:5555";
const base64 = ({ public: { der } }: typeof ALICE) => der.toBase64();

Deno.test("a key is new, then the same, and changed until it is accepted", () =>
  withFolder(async (folder) => {
    const book = new KeyBook(join(folder, "chatp"));
    const check = (keys: typeof ALICE) =>
      book.check(SERVER, "Straße", keys.public.fingerprint);
    assertEquals(await check(BOB), "new");
    assertEquals(await book.pin(SERVER, "Straße", BOB.public), "same");
    assertEquals(await check(BOB), "same");
    assertEquals(await check(MALLORY), "changed");
    assertEquals(await book.pin(SERVER, "STRASSE", MALLORY.public), "changed");
    assertEquals(await check(BOB), "same");
    await book.trust(SERVER, "STRASSE", MALLORY.public);
    assertEquals(await check(MALLORY), "same");
    assertEquals(await check(BOB), "changed");
    await book.trust(SERVER, "strasse", BOB.public);
    assertEquals(await check(BOB), "same");
    assertEquals(
      await Deno.readTextFile(book.path),
      `${SERVER} strasse ${base64(BOB)}\n` +
        `${SERVER} strasse ${base64(MALLORY)}\n` +
        `${SERVER} strasse ${base64(MALLORY)} accepted\n` +
        `${SERVER} strasse ${base64(BOB)} accepted\n`,
    );
    if (Deno.build.os === "windows") return;
    assertEquals(((await Deno.stat(book.path)).mode ?? 0) & 0o777, 0o600);
  }));

Deno.test("a key is known of one user of one server alone, with its bytes", () =>
  withFolder(async (folder) => {
    const book = new KeyBook(folder);
    await book.pin(SERVER, "Bob", BOB.public);
    assertEquals(await book.find(SERVER, "bob"), {
      server: SERVER,
      user: "bob",
      key: BOB.public.der,
      fingerprint: FINGERPRINTS.bob,
      accepted: false,
      line: 1,
    });
    assertEquals(await book.find("chat.example.org:5556", "bob"), undefined);
    assertEquals(await book.find(SERVER, "bobby"), undefined);
  }));

Deno.test("where a server has no key, that of its host's other ports counts, if they agree", () =>
  withFolder(async (folder) => {
    const book = new KeyBook(folder);
    const other = "chat.example.org:5556";
    const found = async () =>
      (await book.findOnHost(other, "BOB"))?.fingerprint;
    await book.pin("chat.example.orgy:5555", "bob", MALLORY.public);
    await book.pin(SERVER, "carol", MALLORY.public);
    assertEquals(await found(), undefined);
    await book.pin(SERVER, "bob", BOB.public);
    assertEquals(await found(), FINGERPRINTS.bob);
    assertEquals(await book.find(other, "bob"), undefined);
    await book.pin("chat.example.org:1", "bob", BOB.public);
    assertEquals(await found(), FINGERPRINTS.bob);
    // Two servers with a Bob each: who can tell which of them is meant?
    await book.trust("chat.example.org:1", "bob", ALICE.public);
    assertEquals(await found(), undefined);
    await book.pin(other, "bob", MALLORY.public);
    assertEquals(await found(), MALLORY.public.fingerprint);
  }));

Deno.test("of two first meetings with different keys the later is told", () =>
  withFolder(async (folder) => {
    const [fast, slow] = [new KeyBook(folder), new KeyBook(folder)];
    assertEquals(await slow.check(SERVER, "bob", "AA"), "new");
    assertEquals(await fast.pin(SERVER, "bob", BOB.public), "same");
    assertEquals(await slow.pin(SERVER, "bob", MALLORY.public), "changed");
  }));

Deno.test("damaged lines are reported with their numbers, skipped and kept", () =>
  withFolder(async (folder) => {
    const key = base64(BOB);
    const before = [
      "# mine",
      "",
      `${SERVER} bob`,
      `${SERVER} bob ${key.slice(0, 40)}`,
      `${SERVER} bob ${key} trusted`,
      `${SERVER} bob ${key} accepted again`,
      `${SERVER} Bob ${key}`,
      `${SERVER} bob !${key}`,
      `${SERVER} b!b ${key}`,
      `${SERVER} bob ${base64(ALICE)}`,
    ].join("\r\n");
    await Deno.writeTextFile(join(folder, "known_keys"), before);
    const damaged: number[] = [];
    const book = new KeyBook(folder, (line) => damaged.push(line));
    const found = await book.find(SERVER, "bob");
    assertEquals([found?.line, found?.fingerprint], [10, FINGERPRINTS.alice]);
    await book.find(SERVER, "bob");
    assertEquals(damaged, [3, 4, 5, 6, 7, 8, 9]);
    await book.trust(SERVER, "bob", BOB.public);
    assertEquals(
      await Deno.readTextFile(book.path),
      `${before}\n${SERVER} bob ${key} accepted\n`,
    );
  }));

Deno.test("a name can't write lines of its own", () =>
  withFolder(async (folder) => {
    const book = new KeyBook(folder);
    const name = `bob ${base64(MALLORY)} accepted\n${SERVER} bob`;
    const error = await assertRejects(
      () => book.pin(SERVER, name, BOB.public),
      SecretError,
    );
    assertEquals(error.kind, "bad_name");
    assertEquals(await Array.fromAsync(Deno.readDir(folder)), []);
  }));

Deno.test("a folder that can't be used is told", () =>
  withFolder(async (folder) => {
    const file = join(folder, "file");
    await Deno.writeTextFile(file, "");
    const book = new KeyBook(file);
    await assertRejects(() => book.pin(SERVER, "bob", BOB.public), UserError);
  }));

Deno.test("of several accepted keys the last one counts", () => {
  const lines = [
    `s:1 a ${base64(ALICE)}`,
    `s:1 a ${base64(BOB)} accepted`,
    `s:1 a ${base64(MALLORY)} accepted`,
    `s:1 a ${base64(ALICE)}`,
  ];
  const keys = parseKnownKeys(lines.join("\n"));
  const counts = (length: number) =>
    knownKey(keys.slice(0, length), "s:1", "A")?.line;
  assertEquals([0, 1, 2, 3, 4].map(counts), [undefined, 1, 2, 3, 3]);
});
