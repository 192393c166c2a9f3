import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { createPrivateKey, generateKeyPairSync } from "node:crypto";
import { join } from "node:path";
import {
  fingerprintOf,
  keptCredentials,
  loadCredentials,
  readAuthority,
  UserError,
  writeCredentials,
} from "../../lib/net/mod.ts";
import { freshPair } from "./sockets.ts";
import { withFolder } from "../store/temporary_folder.ts";

const PAIR = await freshPair();
const OTHER = await freshPair();
const NOW = new Date();

async function mode(path: string): Promise<number> {
  return ((await Deno.stat(path)).mode ?? 0) & 0o777;
}

/** Writes a certificate and a key and loads them. */
async function load(
  folder: string,
  certificate: string,
  key: string,
  now = NOW,
) {
  const files = [join(folder, "a.crt"), join(folder, "a.key")] as const;
  await Deno.writeTextFile(files[0], certificate);
  await Deno.writeTextFile(files[1], key);
  return await loadCredentials(...files, now);
}

Deno.test("a pair is loaded with its fingerprint, also with a chain behind it", () =>
  withFolder(async (folder) => {
    const chain = PAIR.certificate + OTHER.certificate;
    for (const certificate of [PAIR.certificate, chain]) {
      const credentials = await load(folder, certificate, PAIR.key);
      assertEquals(credentials.fingerprint, fingerprintOf(PAIR.certificate));
      assertEquals(credentials.certificate, certificate);
      assertEquals(credentials.warning, undefined);
    }
  }));

Deno.test("a key may be written in the older ways", () =>
  withFolder(async (folder) => {
    const key = createPrivateKey(PAIR.key);
    const sec1 = String(key.export({ type: "sec1", format: "pem" }));
    assertMatch(sec1, /BEGIN EC PRIVATE KEY/);
    assertEquals((await load(folder, PAIR.certificate, sec1)).key, PAIR.key);
  }));

Deno.test("dates that are over or to come are warned of", () =>
  withFolder(async (folder) => {
    const at = async (now: string) =>
      (await load(folder, PAIR.certificate, PAIR.key, new Date(now))).warning;
    assertMatch(await at("2100-01-01") ?? "", /a\.crt expired on 20/);
    assertMatch(await at("2000-01-01") ?? "", /a\.crt is not valid before 20/);
  }));

const pem = (label: string, body: string) =>
  `-----BEGIN ${label}-----\n${body}\n-----END ${label}-----\n`;

/** Files that are no pair, and what is said. */
const WRONG: readonly (readonly [string, string, RegExp])[] = [
  [PAIR.certificate, OTHER.key, /does not belong to the certificate/],
  ["", PAIR.key, /There is no certificate in .*a\.crt/],
  [PAIR.key, PAIR.key, /There is no certificate in .*a\.crt/],
  [PAIR.certificate, PAIR.certificate, /There is no private key in .*a\.key/],
  [pem("CERTIFICATE", "AAAA"), PAIR.key, /certificate in .*a\.crt is damaged/],
  [PAIR.certificate, pem("PRIVATE KEY", "AAAA"), /key in .*a\.key is damaged/],
  [
    PAIR.certificate,
    pem("ENCRYPTED PRIVATE KEY", "AAAA"),
    /key in .*a\.key is encrypted/,
  ],
];

for (const [certificate, key, said] of WRONG) {
  Deno.test(`a pair is refused with ${said}`, () =>
    withFolder(async (folder) => {
      const error = await assertRejects(
        () => load(folder, certificate, key),
        UserError,
      );
      assertEquals(error.kind, "bad_certificate_file");
      assertEquals(error.status, 1);
      assertMatch(error.message, said);
    }));
}

Deno.test("a file that is missing is named", () =>
  withFolder(async (folder) => {
    const file = join(folder, "none.crt");
    const error = await assertRejects(
      () => loadCredentials(file, file),
      UserError,
    );
    assertEquals(error.kind, "file_unreadable");
    assertEquals(
      error.message,
      `Cannot read the certificate ${file}: No such file or directory`,
    );
    const authority = await assertRejects(() => readAuthority(file), UserError);
    assertEquals(authority.kind, "file_unreadable");
    assertEquals(authority.message, error.message);
  }));

/** Makes a named pipe. */
async function makePipe(path: string): Promise<void> {
  const { success } = await new Deno.Command("mkfifo", { args: [path] })
    .output();
  assertEquals(success, true);
}

Deno.test({
  name: "a pair is read from regular files alone: other reads may never return",
  // Windows has neither of the two by a name in a folder.
  ignore: Deno.build.os === "windows",
  fn: () =>
    withFolder(async (folder) => {
      const certificate = join(folder, "a.crt");
      const pipe = join(folder, "pipe");
      await Deno.writeTextFile(certificate, PAIR.certificate);
      await makePipe(pipe);
      for (const other of ["/dev/null", folder, pipe]) {
        const error = await assertRejects(
          () => loadCredentials(certificate, other),
          UserError,
        );
        assertEquals(error.kind, "file_unreadable");
        assertEquals(
          error.message,
          `Cannot read the key ${other}: it is no regular file`,
        );
        await assertRejects(
          () => loadCredentials(other, certificate),
          UserError,
          `Cannot read the certificate ${other}: it is no regular file`,
        );
      }
      await Deno.writeTextFile(join(folder, "a.key"), PAIR.key);
      await Deno.symlink(join(folder, "a.key"), join(folder, "link.key"));
      await loadCredentials(certificate, join(folder, "link.key"));
    }),
});

Deno.test("the kept pair is made once, for its owner alone", () =>
  withFolder(async (parent) => {
    const folder = join(parent, "deep", "chatp");
    const made = await keptCredentials(folder, NOW);
    assertEquals(
      (await keptCredentials(folder, NOW)).fingerprint,
      made.fingerprint,
    );
    const names = Array.from(Deno.readDirSync(folder), ({ name }) => name);
    assertEquals(names.sort(), ["server.crt", "server.key"]);
    if (Deno.build.os === "windows") return;
    assertEquals(await mode(folder), 0o700);
    assertEquals(await mode(join(folder, "server.key")), 0o600);
  }));

Deno.test("servers that start at once keep the same pair", () =>
  withFolder(async (folder) => {
    const all = await Promise.all(
      Array.from({ length: 5 }, () => keptCredentials(folder, NOW)),
    );
    assertEquals(new Set(all.map(({ fingerprint }) => fingerprint)).size, 1);
  }));

Deno.test("a start that was interrupted after the key is finished with that key", () =>
  withFolder(async (folder) => {
    const made = await keptCredentials(folder, NOW);
    await Deno.remove(join(folder, "server.crt"));
    const again = await keptCredentials(folder, NOW);
    assertEquals(again.key, made.key);
    assertEquals(again.fingerprint === made.fingerprint, false);
  }));

Deno.test("a kept certificate whose key is missing is told, and nothing is made beside it", () =>
  withFolder(async (folder) => {
    const made = await keptCredentials(folder, NOW);
    const [certificate, key] = [
      join(folder, "server.crt"),
      join(folder, "server.key"),
    ];
    await Deno.rename(key, join(folder, "elsewhere"));
    const error = await assertRejects(
      () => keptCredentials(folder, NOW),
      UserError,
    );
    assertEquals(
      [error.kind, error.message, error.advice],
      [
        "bad_certificate_file",
        `The key ${key} is missing beside the certificate ${certificate}`,
        `Put it back, or remove ${certificate} to have a new pair made; ` +
        "clients that know the old one refuse that (status 18)",
      ],
    );
    const names = Array.from(Deno.readDirSync(folder), ({ name }) => name);
    assertEquals(names.sort(), ["elsewhere", "server.crt"]);
    await Deno.rename(join(folder, "elsewhere"), key);
    assertEquals(
      (await keptCredentials(folder, NOW)).fingerprint,
      made.fingerprint,
    );
  }));

Deno.test("a kept pair that is damaged is told, not replaced", () =>
  withFolder(async (folder) => {
    await keptCredentials(folder, NOW);
    await Deno.writeTextFile(join(folder, "server.key"), OTHER.key);
    const error = await assertRejects(
      () => keptCredentials(folder, NOW),
      UserError,
    );
    assertEquals(error.kind, "bad_certificate_file");
    assertEquals(
      await Deno.readTextFile(join(folder, "server.key")),
      OTHER.key,
    );
  }));

Deno.test("a kept key that can't be read is told as the data folder's", () =>
  withFolder(async (folder) => {
    const file = join(folder, "server.key");
    await Deno.mkdir(file);
    const error = await assertRejects(
      () => keptCredentials(folder, NOW),
      UserError,
    );
    assertEquals(error.kind, "data_folder_unusable");
    assertEquals(
      error.message,
      `Cannot read the key ${file}: it is no regular file`,
    );
  }));

Deno.test("a kept key on a curve that can't be certified is told", () =>
  withFolder(async (folder) => {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-384" });
    await Deno.writeTextFile(
      join(folder, "server.key"),
      String(privateKey.export({ type: "pkcs8", format: "pem" })),
    );
    await assertRejects(
      () => keptCredentials(folder, NOW),
      UserError,
      "Cannot make a certificate for the key",
    );
  }));

Deno.test("a pair is written for its owner, and not over another unless forced", () =>
  withFolder(async (folder) => {
    const files = {
      certificateFile: join(folder, "a.crt"),
      keyFile: join(folder, "a.key"),
    };
    await writeCredentials(PAIR, { ...files, force: false });
    if (Deno.build.os !== "windows") {
      assertEquals(await mode(files.keyFile), 0o600);
    }
    await Deno.remove(files.keyFile);
    const error = await assertRejects(
      () => writeCredentials(OTHER, { ...files, force: false }),
      UserError,
    );
    assertEquals(error.kind, "file_exists");
    assertEquals(Array.from(Deno.readDirSync(folder)).length, 1);
    await writeCredentials(OTHER, { ...files, force: true });
    assertEquals(
      (await loadCredentials(files.certificateFile, files.keyFile)).fingerprint,
      fingerprintOf(OTHER.certificate),
    );
    assertEquals(Array.from(Deno.readDirSync(folder)).length, 2);
  }));

Deno.test("a pair that can't be written is told with the file's name", () =>
  withFolder(async (folder) => {
    const error = await assertRejects(() =>
      writeCredentials(PAIR, {
        certificateFile: join(folder, "none", "a.crt"),
        keyFile: join(folder, "none", "a.key"),
        force: false,
      }), UserError);
    assertEquals(
      error.message,
      `Cannot write ${
        join(folder, "none", "a.key")
      }: No such file or directory`,
    );
  }));

Deno.test("the pair in certs/ is a valid pair", async () => {
  const file = (name: string) =>
    new URL(`../../certs/${name}`, import.meta.url).pathname;
  const { warning } = await loadCredentials(
    file("server.crt"),
    file("server.key"),
  );
  assertEquals(warning, undefined);
});
