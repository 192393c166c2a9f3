import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { join } from "node:path";
import {
  KnownServers,
  parsePins,
  sameFingerprint,
  UserError,
} from "../../lib/net/mod.ts";
import { withFolder } from "../store/temporary_folder.ts";

const ONE = Array(32).fill("1A").join(":");
const TWO = Array(32).fill("2B").join(":");
const HOST = { host: "chat.example.org", port: 5555 };

Deno.test("a server is new, then the same, and changed with another certificate", () =>
  withFolder(async (folder) => {
    const pins = new KnownServers(join(folder, "chatp"));
    assertEquals(await pins.check(HOST, ONE), "new");
    assertEquals(await pins.add(HOST, ONE), "same");
    assertEquals(await pins.check(HOST, ONE.toLowerCase()), "same");
    assertEquals(await pins.check(HOST, TWO), "changed");
    assertEquals(await pins.check({ ...HOST, port: 5556 }, TWO), "new");
    assertEquals(
      await Deno.readTextFile(pins.path),
      `chat.example.org:5555 ${ONE}\n`,
    );
    if (Deno.build.os === "windows") return;
    assertEquals(((await Deno.stat(pins.path)).mode ?? 0) & 0o777, 0o600);
  }));

Deno.test("a damaged line is reported with its number, skipped and kept", () =>
  withFolder(async (folder) => {
    const before =
      `# mine\n\nh:1 ${ONE} extra\nh:2 AA:BB\n[::1]:3 ${TWO}\r\nh:4 cut`;
    await Deno.writeTextFile(join(folder, "known_servers"), before);
    const damaged: number[] = [];
    const pins = new KnownServers(folder, (line) => damaged.push(line));
    assertEquals(await pins.find({ host: "::1", port: 3 }), {
      endpoint: "[::1]:3",
      fingerprint: TWO,
      line: 5,
    });
    assertEquals(damaged, [3, 4, 6]);
    await pins.add(HOST, ONE);
    assertEquals(
      await Deno.readTextFile(pins.path),
      `${before}\nchat.example.org:5555 ${ONE}\n`,
    );
  }));

Deno.test("of two first meetings with different certificates the later is told", () =>
  withFolder(async (folder) => {
    const [fast, slow] = [new KnownServers(folder), new KnownServers(folder)];
    assertEquals(await slow.check(HOST, TWO), "new");
    assertEquals(await fast.add(HOST, ONE), "same");
    assertEquals(await slow.add(HOST, TWO), "changed");
    assertEquals(await slow.check(HOST, ONE), "same");
  }));

Deno.test("clients that write at once lose no line", () =>
  withFolder(async (folder) => {
    const workers = ["a", "b", "c"].map((name) => {
      const worker = new Worker(import.meta.resolve("./pin_writer.ts"), {
        type: "module",
      });
      worker.postMessage({ folder, name, fingerprint: ONE, count: 50 });
      return worker;
    });
    await Promise.all(
      workers.map((worker) =>
        new Promise<void>((resolve, reject) => {
          worker.onmessage = () => resolve();
          worker.onerror = (event) => reject(new Error(event.message));
        })
      ),
    );
    for (const worker of workers) worker.terminate();
    const text = await Deno.readTextFile(join(folder, "known_servers"));
    const pins = parsePins(text, (line) => assert(false, `line ${line}`));
    assertEquals(new Set(pins.map(({ endpoint }) => endpoint)).size, 150);
  }));

Deno.test("a data folder that can't be used is told as that", () =>
  withFolder(async (folder) => {
    await Deno.mkdir(join(folder, "known_servers"));
    const pins = new KnownServers(folder);
    const error = await assertRejects(() => pins.check(HOST, ONE), UserError);
    assertEquals(error.kind, "data_folder_unusable");
  }));

Deno.test("fingerprints compare by their bytes", () => {
  assertEquals(
    sameFingerprint(ONE, ONE.replaceAll(":", "").toLowerCase()),
    true,
  );
  assertEquals(sameFingerprint(ONE, TWO), false);
  assertEquals(sameFingerprint(ONE, "1A"), false);
  assertEquals(sameFingerprint("", ""), false);
  assertThrows(
    () =>
      parsePins("x", () => {
        throw new Error("told");
      }),
    Error,
    "told",
  );
});
