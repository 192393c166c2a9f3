import { assertEquals, assertRejects } from "@std/assert";
import { SecretPartners } from "../../lib/client/mod.ts";
import { UserError } from "../../lib/net/mod.ts";
import { withFolder } from "../store/temporary_folder.ts";

const ALICE = { host: "chat.example.org", username: "Alice" } as const;

Deno.test("with whom one writes secretly is known in the next run, for this name on this host alone", () =>
  withFolder(async (folder) => {
    const partners = await SecretPartners.open(folder, ALICE);
    assertEquals(partners.any, false);
    for (const [user, on] of [["Bob", true], ["carol", true]] as const) {
      partners.set(user, on);
      await partners.keep(user, on);
    }
    await partners.keep("carol", false);
    assertEquals(
      await Deno.readTextFile(`${folder}/secret_partners`),
      "chat.example.org alice bob on\n" +
        "chat.example.org alice carol on\n" +
        "chat.example.org alice carol off\n",
    );
    const known = async (owner: Parameters<typeof SecretPartners.open>[1]) => {
      const { has, any } = await SecretPartners.open(folder, owner)
        .then((next) => ({
          has: (name: string) => next.has(name),
          any: next.any,
        }));
      return [any, has("BOB"), has("carol")];
    };
    assertEquals(await known({ ...ALICE, username: "alice" }), [
      true,
      true,
      false,
    ]);
    assertEquals(await known({ ...ALICE, host: "Chat.Example.org" }), [
      true,
      true,
      false,
    ]);
    assertEquals(await known({ ...ALICE, host: "other" }), [
      false,
      false,
      false,
    ]);
    assertEquals(await known({ ...ALICE, username: "al" }), [
      false,
      false,
      false,
    ]);
  }));

Deno.test({
  name: "the file is its owner's alone",
  ignore: Deno.build.os === "windows",
  fn: () =>
    withFolder(async (folder) => {
      const partners = await SecretPartners.open(folder, ALICE);
      await partners.keep("bob", true);
      const { mode } = await Deno.stat(`${folder}/secret_partners`);
      assertEquals((mode ?? 0) & 0o777, 0o600);
    }),
});

Deno.test("a line that can't be understood is told and skipped, a file that can't be read ends the start", () =>
  withFolder(async (folder) => {
    const path = `${folder}/secret_partners`;
    const lines = [
      "# mine",
      "chat.example.org alice bob on",
      "chat.example.org alice carol",
      "chat.example.org alice Dave on",
      "chat.example.org alice eve maybe",
    ];
    await Deno.writeTextFile(path, lines.join("\n"));
    const damaged: number[] = [];
    const partners = await SecretPartners.open(
      folder,
      ALICE,
      (line) => damaged.push(line),
    );
    assertEquals(damaged, [3, 4, 5]);
    assertEquals(partners.has("bob"), true);
    await Deno.remove(path);
    await Deno.mkdir(path);
    const error = await assertRejects(
      () => SecretPartners.open(folder, ALICE),
      UserError,
    );
    assertEquals(error.kind, "data_folder_unusable");
  }));
