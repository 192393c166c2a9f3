import { assert, assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { withPart } from "../../lib/secret/envelope.ts";
import {
  mostTextBytes,
  newMessageId,
  open,
  type OpenOptions,
  type Refusal,
  REFUSALS,
  seal,
  SecretError,
} from "../../lib/secret/mod.ts";
import { GOLDEN_ENVELOPE, GOLDEN_ID, GOLDEN_TEXT } from "./golden.ts";
import { ALICE, BIG, BOB, MALLORY } from "./key_ring.ts";

const GOLDEN = Uint8Array.fromBase64(GOLDEN_ENVELOPE);
const ID = Uint8Array.fromHex(GOLDEN_ID);

/** From Alice to Bob. */
const NAMES = { sender: "Alice", recipient: "BOB" };

/** As Bob opens what Alice wrote. */
const AT_BOB = {
  ...NAMES,
  mine: false,
  ownKeys: BOB,
  theirKeys: [ALICE.public],
};

/** As Alice opens what she wrote. */
const AT_ALICE = {
  ...NAMES,
  mine: true,
  ownKeys: ALICE,
  theirKeys: [BOB.public],
};

const FROM_ALICE = { ...NAMES, ownKeys: ALICE, theirKey: BOB.public };

async function refuses(
  kind: Refusal,
  options: OpenOptions,
  detail = "",
): Promise<void> {
  const error = await assertRejects(() => open(options), SecretError, detail);
  assertEquals(error.kind, kind);
}

const changedAt = (bytes: Uint8Array, at: number, by: number) => {
  const changed = bytes.slice();
  changed[at] = (changed[at] as number) ^ by;
  return changed;
};

/** Bytes under the signature of somebody, whatever they say. */
async function signedBy(
  { signing }: typeof ALICE,
  bytes: Uint8Array,
): Promise<Uint8Array> {
  const label = new TextEncoder().encode("chatp secret message 1\0");
  const signature = await crypto.subtle.sign(
    { name: "RSA-PSS", saltLength: 32 },
    signing,
    new Uint8Array([...label, ...bytes]),
  );
  return withPart(bytes, new Uint8Array(signature));
}

Deno.test("an envelope that another implementation made is opened by both", async () => {
  for (const reader of [AT_BOB, AT_ALICE]) {
    const opened = await open({ ...reader, bytes: GOLDEN });
    assertEquals(opened, {
      text: GOLDEN_TEXT,
      id: GOLDEN_ID,
      signer: ALICE.public,
    });
  }
});

Deno.test("an envelope has its parts where the docs say", async () => {
  const bytes = await seal({ ...FROM_ALICE, text: "hi", id: ID });
  assertEquals(bytes.length, 887 + 5 + 3 + 2);
  const text = (at: number, length: number) =>
    new TextDecoder().decode(bytes.subarray(at, at + length));
  const hex = (at: number, length: number) =>
    bytes.subarray(at, at + length).toHex();
  assertEquals(bytes[0], 1);
  assertEquals(hex(1, 16), GOLDEN_ID);
  assertEquals([bytes[17], text(18, 5)], [5, "alice"]);
  assertEquals([bytes[23], text(24, 3)], [3, "bob"]);
  assertEquals(hex(27, 32), BOB.public.digest.toHex());
  assertEquals(hex(59, 2), "0100");
  assertEquals(hex(317, 32), ALICE.public.digest.toHex());
  assertEquals(hex(349, 2), "0100");
  assertEquals(hex(607, 2), "001e"); // 12 + 2 + 16
  assertEquals(hex(639, 2), "0100");
});

Deno.test("what is sealed is opened by both, and nobody sees it on the way", async () => {
  const bytes = await seal({
    ...FROM_ALICE,
    text: "meet me at six",
    id: newMessageId(),
  });
  assert(!new TextDecoder("latin1").decode(bytes).includes("six"));
  for (const reader of [AT_BOB, AT_ALICE]) {
    assertEquals((await open({ ...reader, bytes })).text, "meet me at six");
  }
  const again = await seal({ ...FROM_ALICE, text: "meet me at six", id: ID });
  const other = await seal({ ...FROM_ALICE, text: "meet me at six", id: ID });
  // Its key, its nonce, its blocks and its signature are its own.
  for (const [from, to] of [[61, 317], [351, 607], [609, 639], [641, 897]]) {
    const part = (all: Uint8Array) => all.subarray(from, to).toHex();
    assert(part(again) !== part(other), `${from} to ${to}`);
  }
});

Deno.test("keys of different lengths go together", async () => {
  for (const [one, other] of [[BIG, BOB], [BOB, BIG]] as const) {
    const keys = { ownKeys: one, theirKey: other.public };
    const most = mostTextBytes({ ...NAMES, ...keys });
    const text = "x".repeat(most);
    const bytes = await seal({ ...NAMES, ...keys, text, id: ID });
    assertEquals(bytes.length, 8_192);
    const at = { ...NAMES, mine: false, bytes };
    const theirKeys = [MALLORY.public, one.public];
    const opened = await open({ ...at, ownKeys: other, theirKeys });
    assertEquals(opened, { text, id: GOLDEN_ID, signer: one.public });
  }
});

Deno.test("the room for a text is what the docs say", () => {
  assertEquals(mostTextBytes(FROM_ALICE), 7_305 - 5 - 3);
  const longest = { sender: "ᾀ".repeat(20), recipient: "ᾀ".repeat(20) };
  assertEquals(mostTextBytes({ ...FROM_ALICE, ...longest }), 7_305 - 200);
  const big = { ...FROM_ALICE, ownKeys: BIG, theirKey: BIG.public };
  assertEquals(mostTextBytes(big), 6_537 - 5 - 3);
});

Deno.test("a text that does not fit, or is none, is refused before it is sealed", async () => {
  const most = mostTextBytes(FROM_ALICE);
  const fits = await seal({ ...FROM_ALICE, text: "x".repeat(most), id: ID });
  assertEquals(fits.length, 8_192);
  for (
    const [text, detail] of [
      ["x".repeat(most + 1), `at most ${most} bytes, this one ${most + 1}`],
      ["€".repeat(2_433), "this one 7299"],
      ["x".repeat(1_000_000), "at most 8192 bytes"],
      ["", "empty"],
      ["\ud83d", "half a surrogate pair"],
    ] as const
  ) {
    const error = await assertRejects(
      () => seal({ ...FROM_ALICE, text, id: ID }),
      SecretError,
      detail,
    );
    assertEquals(error.kind, "bad_text");
  }
  await assertRejects(
    () => seal({ ...FROM_ALICE, text: "x", id: ID.subarray(1) }),
    TypeError,
  );
});

Deno.test("an envelope with any byte changed is refused", async () => {
  const kinds = new Set<Refusal>();
  for (let at = 0; at < GOLDEN.length; at++) {
    for (const by of [0x01, 0x80]) {
      const bytes = changedAt(GOLDEN, at, by);
      const error = await assertRejects(
        () => open({ ...AT_BOB, bytes }),
        SecretError,
      );
      kinds.add(error.kind);
    }
  }
  assertEquals([...kinds].sort(), [
    "forged",
    "malformed",
    "newer",
    "unknown_signer",
  ]);
});

Deno.test("an envelope that is cut anywhere, or has more behind it, is refused", async () => {
  for (let length = 0; length < GOLDEN.length; length++) {
    const bytes = GOLDEN.subarray(0, length);
    await refuses("malformed", { ...AT_BOB, bytes }, "it ends within");
  }
  const longer = new Uint8Array([...GOLDEN, 0]);
  await refuses("malformed", { ...AT_BOB, bytes: longer }, "something behind");
  const huge = new Uint8Array(8_193);
  huge.set(GOLDEN);
  await refuses("malformed", { ...AT_BOB, bytes: huge }, "at most 8192");
});

Deno.test("an envelope of another conversation is refused", async () => {
  const moved = [
    // To somebody else, from somebody else, and back to its author.
    { ...AT_BOB, recipient: "carol" },
    { ...AT_BOB, sender: "carol" },
    { ...AT_BOB, sender: "bob", recipient: "alice" },
    { ...AT_ALICE, recipient: "alice" },
  ];
  for (const where of moved) {
    await refuses(
      "other_conversation",
      { ...where, bytes: GOLDEN },
      "alice wrote it to bob",
    );
  }
  // Bob's own message, shown to him as if Alice had written it.
  const mine = await seal({
    sender: "bob",
    recipient: "alice",
    text: "yes",
    id: ID,
    ownKeys: BOB,
    theirKey: ALICE.public,
  });
  await refuses("unknown_signer", { ...AT_BOB, bytes: mine });
});

Deno.test("a name that nobody can have is refused before it is folded", async () => {
  // What folding would take seconds for: a server chose it.
  const names = ["", "a b", "a\nb", `a${"\u0301\u0316".repeat(50_000)}`];
  for (const sender of names) {
    await refuses("bad_name", { ...AT_BOB, sender, bytes: GOLDEN });
    await refuses("bad_name", { ...AT_BOB, recipient: sender, bytes: GOLDEN });
    const error = await assertRejects(
      () => seal({ ...FROM_ALICE, recipient: sender, text: "x", id: ID }),
      SecretError,
    );
    assertEquals(error.kind, "bad_name");
  }
});

Deno.test("names that are the same however they are written belong together", async () => {
  const bytes = await seal({
    ...FROM_ALICE,
    sender: "STRASSE",
    recipient: "bob",
    text: "hi",
    id: ID,
  });
  const opened = await open({ ...AT_BOB, sender: "Straße", bytes });
  assertEquals(opened.text, "hi");
});

Deno.test("who signed it has to be known, and who it is sealed to has to be oneself", async () => {
  const bytes = GOLDEN;
  await refuses("unknown_signer", { ...AT_BOB, theirKeys: [], bytes });
  await refuses("unknown_signer", {
    ...AT_BOB,
    theirKeys: [MALLORY.public, BOB.public],
    bytes,
  });
  await refuses("other_key", { ...AT_BOB, ownKeys: MALLORY, bytes });
  await refuses("unknown_signer", { ...AT_ALICE, ownKeys: MALLORY, bytes });
  // Mallory's words under Alice's name, signed with Mallory's key.
  const words = { ...FROM_ALICE, ownKeys: MALLORY, text: "pay her", id: ID };
  const forged = await seal(words);
  await refuses("unknown_signer", { ...AT_BOB, bytes: forged });
  // And with Alice's fingerprint in front of the signature.
  const claimed = forged.slice();
  claimed.set(ALICE.public.digest, 317);
  await refuses("forged", { ...AT_BOB, bytes: claimed });
  // Signed anew by who has no right to: the key is still not Alice's.
  const renewed = await signedBy(MALLORY, claimed.subarray(0, -258));
  await refuses("forged", { ...AT_BOB, bytes: renewed });
});

Deno.test("an author who seals wrongly is found out, not believed", async () => {
  const unsigned = GOLDEN.subarray(0, -258);
  for (const at of [2, 70, 360, 615, 630]) {
    const bytes = await signedBy(ALICE, changedAt(unsigned, at, 1));
    const reader = at === 360 ? AT_ALICE : AT_BOB;
    await refuses("unreadable", { ...reader, bytes });
  }
  // The signature of something else is none: it has no label.
  const bare = await crypto.subtle.sign(
    { name: "RSA-PSS", saltLength: 32 },
    ALICE.signing,
    Uint8Array.from(unsigned),
  );
  const bytes = withPart(unsigned, new Uint8Array(bare));
  await refuses("forged", { ...AT_BOB, bytes });
});

Deno.test("a name in an envelope can't control a terminal", async () => {
  const unsigned = GOLDEN.slice(0, -258);
  unsigned.set([0x1b], 18);
  const bytes = await signedBy(ALICE, unsigned);
  await refuses(
    "other_conversation",
    { ...AT_BOB, bytes },
    "\\x1blice wrote it to bob",
  );
});

Deno.test("any bytes are refused with a reason, and without a crash", async () => {
  const spliced = fc.tuple(
    fc.nat(GOLDEN.length),
    fc.uint8Array({ maxLength: 40 }),
    fc.nat(GOLDEN.length),
  ).map(([to, middle, from]) =>
    new Uint8Array([
      ...GOLDEN.subarray(0, to),
      ...middle,
      ...GOLDEN.subarray(from),
    ])
  ).filter((bytes) => bytes.toBase64() !== GOLDEN_ENVELOPE);
  const anything = fc.uint8Array({ maxLength: 9_000 }).map((bytes) => {
    if (bytes.length > 0) bytes[0] = 1;
    return bytes;
  });
  await fc.assert(
    fc.asyncProperty(fc.oneof(spliced, anything), async (bytes) => {
      const error = await assertRejects(
        () => open({ ...AT_BOB, bytes }),
        SecretError,
      );
      assert(error.message.startsWith(REFUSALS[error.kind]));
    }),
    { numRuns: 500 },
  );
});

Deno.test("any text that fits comes back as it was", async () => {
  const text = fc.string({ unit: "binary", minLength: 1, maxLength: 1_500 });
  await fc.assert(
    fc.asyncProperty(text, async (text) => {
      const bytes = await seal({ ...FROM_ALICE, text, id: newMessageId() });
      assertEquals((await open({ ...AT_BOB, bytes })).text, text);
    }),
    { numRuns: 40 },
  );
});
