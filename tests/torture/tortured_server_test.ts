/** What the torture says of servers and players that do not go on. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { SeededRandom } from "../../lib/bench/random.ts";
import { Folder } from "../commands/chatp_process.ts";
import { FollowingPlayer } from "./following_player.ts";
import { seesTheEnd, waitFor } from "./patience.ts";
import { Player } from "./player.ts";
import { Story } from "./story.ts";
import { TorturedServer } from "./tortured_server.ts";

const never = new Promise<never>(() => {});
// Signals end a process there without a word.
const ignore = Deno.build.os === "windows";

Deno.test("what never comes is waited for until patience is over", async () => {
  assertEquals(await waitFor(never, 20), "Nothing happens for 0.02 s");
  assertEquals(await waitFor(Promise.resolve("news")), undefined);
  assertEquals(await waitFor(Promise.reject(new Error("No news"))), "No news");
});

Deno.test("what takes long is waited for while anything happens", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  let count = 0;
  const happened = () => {
    if (++count === 4) resolve();
    return count;
  };
  assertEquals(await waitFor(promise, 10, happened), undefined);
});

Deno.test("a player that doesn't see its server's end is a fault with its name", async () => {
  const story = new Story();
  const ida = new FollowingPlayer(
    { index: 0, name: "ida", password: "secret" },
    story,
    new SeededRandom(1),
  );
  const role = { index: 1, rest: 0 };
  const guest = new Player(role, story, new SeededRandom(2));
  await seesTheEnd(ida, never, story, 20);
  await seesTheEnd(guest, never, story, 20);
  await seesTheEnd(guest, Promise.resolve(), story);
  assertEquals(story.faults.map(({ kind, what }) => `${kind}: ${what}`), [
    "stuck: The server is dead, but ida on chatproto2 connects. Nothing happens for 0.02 s",
    "stuck: The server is dead, but player 1 on json2 and TLS plays. Nothing happens for 0.02 s",
  ]);
});

Deno.test({
  name: "a server that somebody else kills is a fault, once, and no kill",
  ignore,
  fn: async () => {
    const story = new Story();
    await using folder = await Folder.make();
    await using server = await TorturedServer.start({
      data: folder.path,
      story,
    });
    assert(await server.listens());
    Deno.kill(server.pid, "SIGKILL");
    assertEquals(await server.brings("to go on", never), false);
    assertEquals(await server.brings("to show the past", never), false);
    assertEquals(await server.kill(), false);
    await server.end();
    assertEquals(story.faults, [{
      kind: "stuck",
      what: "The server had to go on. It ended by itself with status 137: ",
    }]);
  },
});

Deno.test("a server that can't start is a fault that says why", async () => {
  const story = new Story();
  await using folder = await Folder.make();
  await Deno.writeTextFile(`${folder.path}/chatp`, "no folder");
  await using server = await TorturedServer.start({ data: folder.path, story });
  assertEquals(await server.listens(), false);
  assertEquals(server.port, 0);
  const [fault] = story.faults;
  assertEquals(story.faults.length, 1);
  assertEquals(fault?.kind, "stuck");
  assertMatch(
    fault?.what ?? "",
    /^The server had to listen\. It ended by itself with status [1-9]\d*: .*chatp/,
  );
});

Deno.test({
  name: "a server that hangs is a fault, and can still be killed",
  ignore,
  fn: async () => {
    const story = new Story();
    await using folder = await Folder.make();
    await using server = await TorturedServer.start({
      data: folder.path,
      story,
      patience: 20,
    });
    assertEquals(await server.brings("to go on", never), false);
    assert(await server.kill());
    assertEquals(story.faults, [{
      kind: "stuck",
      what: "The server had to go on. Nothing happens for 0.02 s",
    }]);
  },
});
