import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import {
  fingerprintOfKey,
  loadOwnKey,
  loadPeerKey,
  makeRsaPair,
  UserError,
  writeRsaPair,
} from "../../lib/net/mod.ts";
import { openssl } from "./openssl.ts";

const folder = await Deno.makeTempDir();
globalThis.addEventListener(
  "unload",
  () => Deno.removeSync(folder, { recursive: true }),
);

const at = (name: string) => `${folder}/${name}`;

/** A file of the sample pairs. */
const sample = (name: string) =>
  new URL(`../../certs/${name}`, import.meta.url).pathname;

/** Bytes, as those of a buffer of their own. */
const own = (bytes: Uint8Array) => Uint8Array.from(bytes);

/** A private key in one of openssl's forms, for its owner alone. */
async function privateKey(name: string, ...args: string[]): Promise<string> {
  await openssl([
    "genrsa",
    ...args.slice(0, -1),
    "-out",
    at(name),
    args.at(-1) ?? "",
  ]);
  await Deno.chmod(at(name), 0o600);
  return at(name);
}

async function publicKey(file: string, name: string, form = "-pubout") {
  await openssl(["rsa", "-in", file, form, "-out", at(name)]);
  return at(name);
}

const firstLine = async (file: string) =>
  (await Deno.readTextFile(file)).split("\n")[0];

const OAEP = ["-pkeyopt", "rsa_padding_mode:oaep"];

/** openssl's names for the two forms, and the lines they begin with. */
const FORMS = [
  ["-traditional", "-RSAPublicKey_out", "RSA "],
  ["-verbose", "-pubout", ""],
] as const;

for (const [form, publicForm, prefix] of FORMS) {
  Deno.test(`a BEGIN ${prefix}PRIVATE KEY opens what openssl closed, and openssl what its BEGIN ${prefix}PUBLIC KEY closes`, async () => {
    const file = await privateKey(`own${prefix}`, form, "2048");
    const open = await publicKey(file, `peer${prefix}`, publicForm);
    assertEquals(await firstLine(file), `-----BEGIN ${prefix}PRIVATE KEY-----`);
    assertEquals(await firstLine(open), `-----BEGIN ${prefix}PUBLIC KEY-----`);
    const mine = await loadOwnKey(file);
    const peer = await loadPeerKey(open);
    assertEquals([mine.size, mine.warnings], [256, []]);
    assertEquals([peer.capacity, peer.warnings], [214, []]);
    const spki = await publicKey(file, "spki.pem");
    const theirs = await openssl(
      ["pkeyutl", "-encrypt", "-pubin", "-inkey", spki, ...OAEP],
      new TextEncoder().encode("from openssl €"),
    );
    assertEquals(
      new TextDecoder().decode(mine.decrypt(theirs)),
      "from openssl €",
    );
    for (const text of ["", "to openssl €", "x".repeat(214)]) {
      const block = peer.encrypt(new TextEncoder().encode(text));
      assertEquals(block.length, 256);
      const seen = await openssl(
        ["pkeyutl", "-decrypt", "-inkey", file, ...OAEP],
        own(block),
      );
      assertEquals(new TextDecoder().decode(seen), text);
    }
  });
}

Deno.test("a block is OAEP with SHA-1 and MGF1 with SHA-1: named to openssl, it opens the same", async () => {
  const file = await privateKey("named.pem", "2048");
  const peer = await loadPeerKey(await publicKey(file, "named.pub"));
  const options = [
    "rsa_padding_mode:oaep",
    "rsa_oaep_md:sha1",
    "rsa_mgf1_md:sha1",
  ];
  const seen = await openssl(
    [
      "pkeyutl",
      "-decrypt",
      "-inkey",
      file,
      ...options.flatMap((each) => ["-pkeyopt", each]),
    ],
    own(peer.encrypt(new TextEncoder().encode("hi"))),
  );
  assertEquals(new TextDecoder().decode(seen), "hi");
});

Deno.test("a block for another key, or changed by a bit, has no plaintext", async () => {
  const key = await loadOwnKey(sample("client1/private_key.pem"));
  const right = await loadPeerKey(sample("client1/public_key.pem"));
  const other = await loadPeerKey(sample("client2/public_key.pem"));
  const text = new TextEncoder().encode("hi");
  const block = right.encrypt(text);
  assertEquals(own(key.decrypt(block) ?? new Uint8Array()), text);
  (block[64] as number) ^= 1;
  for (
    const wrong of [
      block,
      other.encrypt(text),
      new Uint8Array(128),
      new Uint8Array(128).fill(255),
    ]
  ) {
    assertEquals(key.decrypt(wrong), undefined);
  }
});

Deno.test("the fingerprint is SHA-256 of the SPKI, the same for both files of a pair", async () => {
  const pair = await makeRsaPair(2_048);
  await writeRsaPair(at("pair"), pair);
  const file = at("pair/private_key.pem");
  const spki = await openssl([
    "pkey",
    "-in",
    file,
    "-pubout",
    "-outform",
    "DER",
  ]);
  const digest = new Uint8Array(
    await crypto.subtle.digest("SHA-256", own(spki)),
  );
  const expected = digest.toHex().toUpperCase().match(/../g)?.join(":");
  assertEquals(pair.fingerprint, expected);
  assertEquals(await fingerprintOfKey(file), expected);
  assertEquals(await fingerprintOfKey(at("pair/public_key.pem")), expected);
});

Deno.test("a file without a key has no fingerprint, and either kind would do", async () => {
  await Deno.writeTextFile(at("none.pem"), "no key");
  const error = await assertRejects(
    () => fingerprintOfKey(at("none.pem")),
    UserError,
  );
  assertEquals(
    [error.kind, error.message, error.advice],
    [
      "bad_certificate_file",
      `There is no key in ${at("none.pem")}; PEM was expected`,
      "Make a pair with chatp keys new NAME",
    ],
  );
});

Deno.test("a made pair is PKCS#8 and SPKI, the private key for its owner, and nothing is replaced", async () => {
  const pair = await makeRsaPair(2_048);
  await writeRsaPair(at("made/deep"), pair);
  const file = at("made/deep/private_key.pem");
  const open = at("made/deep/public_key.pem");
  assertEquals(await firstLine(file), "-----BEGIN PRIVATE KEY-----");
  assertEquals(await firstLine(open), "-----BEGIN PUBLIC KEY-----");
  if (Deno.build.os !== "windows") {
    assertEquals(((await Deno.stat(file)).mode ?? 0) & 0o777, 0o600);
  }
  assertEquals((await loadOwnKey(file)).warnings, []);
  await Deno.remove(file);
  const error = await assertRejects(
    () => writeRsaPair(at("made/deep"), pair),
    UserError,
  );
  assertEquals([error.kind, error.message], [
    "file_exists",
    `${open} is there already`,
  ]);
  await assertRejects(() => Deno.stat(file), Deno.errors.NotFound);
});

Deno.test("a pair that can't be written is told with the folder's name", async () => {
  const pair = await makeRsaPair(2_048);
  await Deno.writeTextFile(at("file"), "");
  const error = await assertRejects(
    () => writeRsaPair(at("file"), pair),
    UserError,
  );
  assertEquals(error.kind, "file_unwritable");
  assertMatch(error.message, /The folder .*file can't be made: /);
});

Deno.test("keys are made with 2048 to 8192 bits", async () => {
  for (const bits of [2_047, 8_193, 2_048.5, NaN]) {
    const error = await assertRejects(() => makeRsaPair(bits), UserError);
    assertEquals(error.kind, "usage");
  }
  const pair = await makeRsaPair(2_049);
  await writeRsaPair(at("odd"), pair);
  const key = await loadOwnKey(at("odd/private_key.pem"));
  const peer = await loadPeerKey(at("odd/public_key.pem"));
  assertEquals([key.bits, key.size, peer.capacity], [2_049, 257, 215]);
  assertEquals(peer.encrypt(new Uint8Array(215)).length, 257);
});

Deno.test("a short key and a private key that others may read are warned of", async () => {
  await Deno.copyFile(sample("client1/private_key.pem"), at("short.pem"));
  await Deno.chmod(at("short.pem"), 0o644);
  assertEquals((await loadOwnKey(at("short.pem"))).warnings, [
    `the key in ${
      at("short.pem")
    } has 1024 bits: under 2048 it is too short to be safe`,
    `others may read ${at("short.pem")}: chmod 600 ${at("short.pem")}`,
  ]);
  assertEquals((await loadPeerKey(sample("client2/public_key.pem"))).warnings, [
    `the key in ${
      sample("client2/public_key.pem")
    } has 1024 bits: under 2048 it is too short to be safe`,
  ]);
});

/** How a file is made, what it is loaded as, and what is said about it. */
const WRONG: readonly (readonly [
  name: string,
  make: (file: string) => Promise<unknown>,
  load: (file: string) => Promise<unknown>,
  message: RegExp,
  advice: RegExp,
])[] = [
  [
    "text",
    (file) => Deno.writeTextFile(file, "hello"),
    loadOwnKey,
    /There is no private key in .*; PEM was expected/,
    /chatp keys new/,
  ],
  [
    "text for a public key",
    (file) => Deno.writeTextFile(file, "hello"),
    loadPeerKey,
    /There is no public key in .*; PEM was expected/,
    /chatp keys new/,
  ],
  [
    "a public key for a private one",
    (file) => Deno.copyFile(sample("client1/public_key.pem"), file),
    loadOwnKey,
    /There is a public key in .*; a private one was expected/,
    /--peer-key/,
  ],
  [
    "a private key for a public one",
    (file) => Deno.copyFile(sample("client1/private_key.pem"), file),
    loadPeerKey,
    /There is a private key in .*; a public one was expected/,
    /nobody needs another's private one/,
  ],
  ...["-traditional", "-verbose"].map((form) =>
    [
      `an encrypted key (${form})`,
      (file: string) =>
        openssl([
          "genrsa",
          form,
          "-aes256",
          "-passout",
          "pass:x",
          "-out",
          file,
          "2048",
        ]),
      loadOwnKey,
      /The key in .* is encrypted/,
      /openssl pkey -in FILE -out NEWFILE/,
    ] as const
  ),
  [
    "a damaged private key",
    (file) =>
      Deno.writeTextFile(
        file,
        "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n",
      ),
    loadOwnKey,
    /The private key in .* is damaged/,
    /chatp keys new/,
  ],
  [
    "a damaged public key",
    (file) =>
      Deno.writeTextFile(
        file,
        "-----BEGIN PUBLIC KEY-----\nMIIE\n-----END PUBLIC KEY-----\n",
      ),
    loadPeerKey,
    /The public key in .* is damaged/,
    /chatp keys new/,
  ],
  [
    "a key on a curve",
    (file) =>
      openssl([
        "genpkey",
        "-algorithm",
        "EC",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-out",
        file,
      ]),
    loadOwnKey,
    /The key in .* is ec; RSA was expected/,
    /chatp keys new/,
  ],
  [
    "a key for signatures alone",
    (file) => openssl(["genpkey", "-algorithm", "RSA-PSS", "-out", file]),
    fingerprintOfKey,
    /The key in .* is rsa-pss; RSA was expected/,
    /chatp keys new/,
  ],
  [
    "a key of 1023 bits",
    (file) => openssl(["genrsa", "-out", file, "1023"]),
    loadOwnKey,
    /has 1023 bits; 1024 to 8192 were expected/,
    /chatp keys new/,
  ],
];

for (const [name, make, load, message, advice] of WRONG) {
  Deno.test(`${name} is refused with what to do`, async () => {
    const file = at(crypto.randomUUID());
    await make(file);
    const error = await assertRejects(() => load(file), UserError);
    assertEquals(error.kind, "bad_certificate_file");
    assertMatch(error.message, message);
    assertMatch(error.advice, advice);
  });
}

Deno.test("a key that is missing is told as a file that can't be read, with what to do", async () => {
  for (
    const [load, what] of [
      [loadOwnKey, "private key"],
      [loadPeerKey, "public key"],
      [fingerprintOfKey, "key"],
    ] as const
  ) {
    const error = await assertRejects(() => load(at("missing")), UserError);
    assertEquals([error.kind, error.status], ["file_unreadable", 24]);
    assertEquals(
      error.message,
      `Cannot read the ${what} ${at("missing")}: No such file or directory`,
    );
    assertMatch(error.advice, /chatp keys new/);
  }
});

Deno.test("the sample pairs in certs/ are two pairs of 1024 bits", async () => {
  const prints = new Set<string>();
  for (const name of ["client1", "client2"]) {
    const key = await loadOwnKey(sample(`${name}/private_key.pem`));
    const peer = await loadPeerKey(sample(`${name}/public_key.pem`));
    assertEquals([key.bits, peer.fingerprint], [1_024, key.fingerprint]);
    prints.add(key.fingerprint);
  }
  assert(prints.size === 2);
});
