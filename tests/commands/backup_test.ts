/** `chatp backup`: a copy of a running server's log. */

import { assert, assertEquals } from "@std/assert";
import { openStore } from "../../lib/store/mod.ts";
import { RawClient } from "../server/raw_client.ts";
import { MOUNTABLE, SKIPPED } from "../store/own_mounts.ts";
import { chatp, Folder, startServer } from "./chatp_process.ts";

/** Says things without a pause until told to stop; answers the ids given. */
async function talk(client: RawClient, talking: () => boolean) {
  const ids: number[] = [];
  let said = 0;
  while (said < 20) client.say(`number ${++said}`);
  while (ids.length < said) {
    ids.push((await client.event("room_msg_ack")).id);
    if (talking()) client.say(`number ${++said}`);
  }
  return ids;
}

/** Every text of the lobby, as a server would find it in this copy. */
async function textsIn(copy: string): Promise<string[]> {
  await using folder = await Folder.make();
  await Deno.copyFile(copy, `${folder.path}/log.db`);
  const log = await openStore({ folder: folder.path });
  try {
    const messages = await log.page("#general", { limit: 1_000_000 });
    return messages.map(({ text }) => String(text));
  } finally {
    await log.close();
  }
}

Deno.test("a backup of a server that writes holds all that was acknowledged before", async () => {
  await using data = await Folder.make();
  const { server, port } = await startServer(data.path, "--no-rate-limits");
  await using _ = server;
  const file = `${data.path}/copy.db`;
  const alice = await RawClient.login(port, "alice");
  const before = await talk(alice, () => false);
  let talking = true;
  const during = talk(alice, () => talking);
  const { code, out } = await chatp(["backup", file], { data: data.path });
  talking = false;
  const after = await during;
  assertEquals(code, 0);
  const size = (await Deno.stat(file)).size.toLocaleString("en");
  assertEquals(out, [
    `Log     ${data.path}/chatp`,
    `Backup  ${file} (${size} bytes)`,
  ]);
  const texts = await textsIn(file);
  assert(texts.length >= before.length, `${texts.length} messages`);
  const said = [...before, ...after].map((_, index) =>
    `number ${index < before.length ? index + 1 : index + 1 - before.length}`
  );
  assertEquals(texts, said.slice(0, texts.length));
  if (Deno.build.os !== "windows") {
    assertEquals(((await Deno.stat(file)).mode ?? 0) & 0o777, 0o600);
  }
  await alice.close();
});

Deno.test("a backup replaces no file, and says so in two lines", async () => {
  await using data = await Folder.make();
  const { server } = await startServer(data.path);
  await using _ = server;
  const file = `${data.path}/copy.db`;
  await Deno.writeTextFile(file, "something else");
  assertEquals(await chatp(["backup", file], { data: data.path }), {
    code: 1,
    out: [],
    err: [
      `chatp: ${file} is there already`,
      "  try: Choose another name; nothing is ever replaced",
    ],
  });
  assertEquals(await Deno.readTextFile(file), "something else");
});

Deno.test("a backup into a folder that is not there is told as that", async () => {
  await using data = await Folder.make();
  const { server } = await startServer(data.path);
  await using _ = server;
  const folder = `${data.path}/nowhere`;
  assertEquals(await chatp(["backup", `${folder}/b.db`], { data: data.path }), {
    code: 27,
    out: [],
    err: [
      `chatp: There is no folder ${folder}`,
      "  try: Make the folder first, or choose another place",
    ],
  });
});

Deno.test("a backup to a file without a name is wrong usage", async () => {
  await using data = await Folder.make();
  assertEquals(await chatp(["backup", ""], { data: data.path }), {
    code: 2,
    out: [],
    err: [
      "chatp: The file's name is empty",
      "  try: See chatp backup --help",
    ],
  });
});

Deno.test("a backup of a folder without a log is refused and leaves nothing", async () => {
  await using data = await Folder.make();
  const file = `${data.path}/copy.db`;
  assertEquals(
    await chatp(
      ["backup", file, "--data", `${data.path}/nothing`],
      { data: data.path },
    ),
    {
      code: 25,
      out: [],
      err: [
        `chatp: No server has kept anything in ${data.path}/nothing yet`,
        "  try: Name the server's folder with --data",
      ],
    },
  );
  assertEquals([...Deno.readDirSync(data.path)], []);
});

Deno.test("a backup of a log that is damaged names the log, not the copy", async () => {
  await using data = await Folder.make();
  const log = `${data.path}/log.db`;
  await Deno.writeTextFile(log, "no database at all, but some text".repeat(99));
  assertEquals(
    await chatp(["backup", `${data.path}/copy.db`, "--data", data.path], {
      data: data.path,
    }),
    {
      code: 25,
      out: [],
      err: [
        `chatp: ${log} is no database: file is not a database`,
        "  try: Restore the file from a backup; keep the damaged one for rescue",
      ],
    },
  );
});

Deno.test({
  name: `a backup is made from a disk that can't be written${SKIPPED}`,
  ignore: !MOUNTABLE,
  async fn() {
    await using data = await Folder.make();
    const { server, port } = await startServer(data.path);
    await using _ = server;
    const alice = await RawClient.login(port, "alice");
    alice.say("kept");
    await alice.event("room_msg_ack");
    server.signal("SIGTERM");
    await alice.closed();
    assertEquals(await server.status(), 0);
    const folder = `${data.path}/chatp`;
    const backup = (file: string) =>
      chatp(["backup", file], {
        data: data.path,
        mounting: `mount --bind "${folder}" "${folder}"
          mount -o remount,ro,bind "${folder}"`,
      });
    const file = `${data.path}/copy.db`;
    const { code, err } = await backup(file);
    assertEquals([code, err], [0, []]);
    assertEquals(await textsIn(file), ["kept"]);
    // As a server that was killed leaves it.
    await Deno.writeTextFile(`${folder}/log.db-wal`, "what came last");
    assertEquals(await backup(`${data.path}/other.db`), {
      code: 25,
      out: [],
      err: [
        `chatp: ${folder}/log.db-wal holds a part of the log, which can't be ` +
        "read on a disk that can't be written",
        "  try: Copy the folder to another disk, and name that with --data",
      ],
    });
    const names = Array.from(Deno.readDirSync(data.path), ({ name }) => name);
    assertEquals(names.sort(), ["chatp", "copy.db"]);
  },
});
