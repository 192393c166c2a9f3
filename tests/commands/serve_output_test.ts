/** A server whose log is read when it suits the reader, or never. */

import { assertEquals } from "@std/assert";
import { RawClient } from "../server/raw_client.ts";
import { Chatp, Folder } from "./chatp_process.ts";

/** What a pipe takes while nobody reads, bytes: pipe(7). */
const PIPE = 65_536;

/** A pipe with a name, of which this process has both ends. */
class Pipe implements Disposable {
  readonly path: string;
  readonly #file: Deno.FsFile;
  #text = "";

  private constructor(path: string, file: Deno.FsFile) {
    this.path = path;
    this.#file = file;
  }

  static async make(path: string): Promise<Pipe> {
    await new Deno.Command("mkfifo", { args: [path] }).output();
    return new Pipe(path, await Deno.open(path, { read: true, write: true }));
  }

  /** Reads on until this comes. */
  async find(pattern: RegExp): Promise<RegExpExecArray> {
    const buffer = new Uint8Array(PIPE);
    for (;;) {
      const found = pattern.exec(this.#text);
      if (found !== null) {
        this.#text = this.#text.slice(found.index + found[0].length);
        return found;
      }
      const count = await this.#file.read(buffer) ?? 0;
      this.#text += new TextDecoder().decode(buffer.subarray(0, count));
    }
  }

  /** Leaves no room in it, when all has been read. */
  fill(): void {
    this.#file.writeSync(new TextEncoder().encode(".".repeat(PIPE)));
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }
}

Deno.test({
  name:
    "a server whose log nobody reads serves and ends, and who reads again has every line (pipes of 64 KiB: on Linux alone)",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using folder = await Folder.make();
    using pipe = await Pipe.make(`${folder.path}/pipe`);
    await using server = await Chatp.start(
      ["serve", "--host", "127.0.0.1", "--port", "0"],
      { data: folder.path, shell: `exec "$@" >'${pipe.path}' 2>&1` },
    );
    const [, port] = await pipe.find(/Server started on .*:(\d+)\n/);
    await pipe.find(/fingerprint .*\n/);
    pipe.fill();
    const alice = await RawClient.login(Number(port), "alice");
    const bob = await RawClient.login(Number(port), "bob");
    alice.say("is anybody there?");
    assertEquals((await bob.event("room_msg")).text, "is anybody there?");
    await pipe.find(/\.\[INFO\] .*alice.*\n\[INFO\] .*bob.*\n/);
    pipe.fill();
    server.signal("SIGTERM");
    await alice.closed();
    await bob.closed();
    assertEquals(await server.status(), 0);
  },
});

Deno.test({
  name:
    "a server that can't start ends with its status though nobody reads why (pipes of 64 KiB: on Linux alone)",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using folder = await Folder.make();
    using pipe = await Pipe.make(`${folder.path}/pipe`);
    pipe.fill();
    await using server = await Chatp.start(
      ["serve", "--host", "127.0.0.1", "--port", "65536"],
      { data: folder.path, shell: `exec "$@" >'${pipe.path}' 2>&1` },
    );
    assertEquals(await server.status(), 2);
  },
});
