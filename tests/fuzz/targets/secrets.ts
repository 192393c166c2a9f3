/**
 * Secret messages, and files with keys and certificates.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import type { SeededRandom } from "../../../lib/bench/random.ts";
import {
  fingerprintOfKey,
  loadCredentials,
  loadOwnKey,
  loadPeerKey,
  readAuthority,
  UserError,
} from "../../../lib/net/mod.ts";
import { withPart } from "../../../lib/secret/envelope.ts";
import {
  importPublicKey,
  loadOwnKeys,
  open,
  SecretError,
} from "../../../lib/secret/mod.ts";
import { joined } from "../../wire/golden.ts";
import { GOLDEN_ENVELOPE, GOLDEN_TEXT } from "../../secret/golden.ts";
import { ALICE, BOB, MALLORY } from "../../secret/key_ring.ts";
import { mutated } from "../mutate.ts";
import { bytes } from "../nonsense.ts";
import type { Seen, Target } from "../target.ts";

const GOLDEN = Uint8Array.fromBase64(GOLDEN_ENVELOPE);
const encoder = new TextEncoder();
const SIGNATURE_BYTES = 258;

/** Bytes under Alice's signature, whatever they say. */
async function signedByAlice(bytes: Uint8Array): Promise<Uint8Array> {
  const label = encoder.encode("chatp secret message 1\0");
  const signature = await crypto.subtle.sign(
    { name: "RSA-PSS", saltLength: 32 },
    ALICE.signing,
    joined(label, bytes),
  );
  return withPart(bytes, new Uint8Array(signature));
}

/** Who opens it, by the first byte. */
const READERS = [
  { mine: false, ownKeys: BOB, theirKeys: [ALICE.public] },
  { mine: true, ownKeys: ALICE, theirKeys: [BOB.public] },
  { mine: false, ownKeys: BOB, theirKeys: [ALICE.public] },
  { mine: false, ownKeys: MALLORY, theirKeys: [ALICE.public] },
] as const;
/** Its bytes are signed first. */
const SIGNED = 2;

const SEALED: Target = {
  name: "sealed-message",
  invariant: "Any bytes are opened to their text or refused with a " +
    "SecretError, and of what nobody signed only the very envelope that its " +
    "author made is opened.",
  seeds: () => [
    ...[0, 1, 3].map((reader) => joined(Uint8Array.of(reader), GOLDEN)),
    joined(Uint8Array.of(SIGNED), GOLDEN.slice(0, -SIGNATURE_BYTES)),
  ],
  make: mutated,
  run: async (input) => {
    const which = (input[0] ?? 0) % READERS.length;
    const signs = which === SIGNED;
    const rest = input.slice(1);
    const bytes = signs && rest.length < 0xffff
      ? await signedByAlice(rest)
      : rest;
    const reader = READERS[which] as typeof READERS[number];
    const names = { sender: "Alice", recipient: "BOB" };
    try {
      const { text } = await open({ ...reader, ...names, bytes });
      const genuine = signs ? bytes : GOLDEN;
      assertEquals(bytes.toHex(), genuine.toHex(), "a changed one is opened");
      assert(which !== 3, "Mallory opened it");
      if (!signs) assertEquals(text, GOLDEN_TEXT);
      return new Set(["opened"]);
    } catch (error) {
      if (!(error instanceof SecretError)) throw error;
      return new Set([`${which} ${error.kind}`]);
    }
  },
};

const PEMS = [
  "../../secret/keys/alice.pem",
  "../../secret/keys/ec.pem",
  "../../secret/keys/exponent_3.pem",
  "../../secret/keys/pss.pem",
  "../../secret/keys/small.pem",
  "../../../certs/client1/private_key.pem",
  "../../../certs/client1/public_key.pem",
  "../../../certs/server.crt",
  "../../../certs/server.key",
].map((path) => new URL(path, import.meta.url));

let path: string | undefined;

/** A file that is gone when this process ends. */
function file(): string {
  if (path !== undefined) return path;
  path = Deno.makeTempFileSync();
  const made = path;
  globalThis.addEventListener("unload", () => Deno.removeSync(made));
  return path;
}

/** What loads a file that somebody names, by the first byte. */
const LOADERS: readonly ((file: string) => Promise<unknown>)[] = [
  loadOwnKeys,
  (file) => loadOwnKey(file).then((key) => key.decrypt(new Uint8Array(128))),
  loadPeerKey,
  fingerprintOfKey,
  readAuthority,
  (file) => loadCredentials(file, file, new Date(0)),
];

/** The bytes within PEM changed, or the text of it. */
function changedPem(
  random: SeededRandom,
  pem: Uint8Array,
  others: readonly Uint8Array[],
): Uint8Array {
  const text = new TextDecoder().decode(pem);
  const body = /(-----BEGIN [^-]+-----\n)([A-Za-z0-9+/=\n]+)(-----END)/;
  const found = body.exec(text);
  if (found === null || random.chance(0.3)) {
    return mutated(random, pem, others);
  }
  try {
    const der = Uint8Array.fromBase64((found[2] ?? "").replaceAll("\n", ""));
    const written = mutated(random, der, [der]).toBase64();
    const lines = written.replaceAll(/.{1,64}/g, "$&\n");
    return encoder.encode(text.replace(body, `$1${lines}$3`));
  } catch {
    return mutated(random, pem, others);
  }
}

const KEYS: Target = {
  name: "key-files",
  invariant: "Any file that is named for a key or a certificate is taken or " +
    "refused with a UserError, and any public key's bytes with a SecretError.",
  seeds: async () => {
    const pems = await Promise.all(PEMS.map((pem) => Deno.readFile(pem)));
    const pair = joined(pems[8] as Uint8Array, pems[7] as Uint8Array);
    return [
      ...[...pems, pair].flatMap((pem) =>
        LOADERS.map((_, index) => joined(Uint8Array.of(index), pem))
      ),
      joined(Uint8Array.of(LOADERS.length), ALICE.public.der),
    ];
  },
  make: (random, seed, others) => {
    const loader = random.chance(0.8)
      ? seed[0] ?? 0
      : random.integer(LOADERS.length + 1);
    const rest = seed.subarray(1);
    const isKey = loader % (LOADERS.length + 1) === LOADERS.length;
    const changed = isKey
      ? mutated(random, rest, [rest, bytes(random, 600)])
      : changedPem(random, rest, others);
    return joined(Uint8Array.of(loader), changed);
  },
  run: async (input): Promise<Seen> => {
    const which = (input[0] ?? 0) % (LOADERS.length + 1);
    const load = LOADERS[which];
    try {
      if (load === undefined) await importPublicKey(input.subarray(1));
      else {
        await Deno.writeFile(file(), input.subarray(1), { mode: 0o600 });
        await load(file());
      }
      return new Set([`${which} taken`]);
    } catch (error) {
      const mine = load === undefined
        ? error instanceof SecretError
        : error instanceof UserError && error.kind === "bad_certificate_file";
      if (!mine) throw error;
      const { message } = error as Error;
      const what = message.replaceAll(file(), "").replaceAll(/\d+/g, "…");
      return new Set([`${which} ${what.slice(0, 60)}`]);
    }
  },
};

/** Keys, and what is sealed with them. */
export const SECRETS: readonly Target[] = [SEALED, KEYS];
