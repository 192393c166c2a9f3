import {
  assert,
  assertEquals,
  assertNotEquals,
  assertRejects,
} from "@std/assert";
import type { Verifier } from "../../lib/chat/state.ts";
import {
  hashPassword,
  PASSWORD_ROUNDS,
  verifyPassword,
} from "../../lib/store/passwords.ts";

const bytes = (hex: string) => Uint8Array.fromHex(hex);
const SALT = bytes("000102030405060708090a0b0c0d0e0f");

/** Made with another implementation (Python's `hashlib.pbkdf2_hmac`). */
const KNOWN: readonly (readonly [string, Verifier])[] = [
  ["correct horse battery staple", {
    rounds: 600_000,
    salt: SALT,
    hash: bytes(
      "ef177144eec9420cbc1093d2a8b344a92bc506d0d4ec9c028dd19f8324d8c1e6",
    ),
  }],
  ["na\u00efve caf\u00e9", {
    rounds: 1_000,
    salt: SALT,
    hash: bytes(
      "3f8d01b38e61b6166e91b4d800672e93114657cb7f4e655f46a8f3cdf1943ad8",
    ),
  }],
];

Deno.test("a password is checked as PBKDF2-SHA256 with the verifier's own rounds", async () => {
  for (const [password, verifier] of KNOWN) {
    assert(await verifyPassword(password, verifier));
    assert(!(await verifyPassword(`${password} `, verifier)));
  }
});

Deno.test("a new password has 600,000 rounds, 16 bytes of salt and 32 of hash", async () => {
  const verifier = await hashPassword("secret");
  assertEquals(
    [verifier.rounds, verifier.salt.length, verifier.hash.length],
    [600_000, 16, 32],
  );
  assert(await verifyPassword("secret", verifier));
  assert(!(await verifyPassword("Secret", verifier)));
});

Deno.test("the same password twice has two salts and two hashes", async () => {
  const [one, two] = await Promise.all(["same", "same"].map(hashPassword));
  assertNotEquals(one?.salt, two?.salt);
  assertNotEquals(one?.hash, two?.hash);
});

Deno.test("a password typed with combining marks is the one with whole letters", async () => {
  const [, verifier] = KNOWN[1]!;
  assert(await verifyPassword("nai\u0308ve cafe\u0301", verifier));
});

Deno.test("1,024 bytes of UTF-8 are a password, one more is none", async () => {
  const longest = "é".repeat(512);
  const verifier = await hashPassword(longest);
  assert(await verifyPassword(longest, verifier));
  for (const none of ["", `${longest}e`, "\ud800", "x".repeat(10_000_000)]) {
    assert(!(await verifyPassword(none, verifier)));
    const error = await assertRejects(() => hashPassword(none), RangeError);
    assertEquals(
      error.message,
      "A password is text of 1 to 1024 bytes of UTF-8",
    );
  }
});

/** The shortest of three runs, ms: the least that others disturbed. */
async function shortest(run: () => Promise<unknown>): Promise<number> {
  let least = Infinity;
  for (let left = 3; left > 0; left--) {
    const start = performance.now();
    await run();
    least = Math.min(least, performance.now() - start);
  }
  return least;
}

Deno.test("an unknown name is refused with the work of a wrong password", async () => {
  const verifier = { ...KNOWN[0]![1], rounds: PASSWORD_ROUNDS };
  const wrong = await shortest(() => verifyPassword("wrong", verifier));
  const unknown = await shortest(async () =>
    assertEquals(await verifyPassword("wrong", undefined), false)
  );
  assert(
    unknown > wrong / 3 && unknown < wrong * 3,
    `${unknown} ms and ${wrong} ms`,
  );
});

Deno.test("nobody's made-up verifier matches no password, not even of zeros", async () => {
  for (const password of ["", "\0", "0", "password"]) {
    assertEquals(await verifyPassword(password, undefined), false);
  }
});

Deno.test("a verifier that is damaged matches nothing and does not reject", async () => {
  const [password, sound] = KNOWN[1]!;
  const damaged: readonly Partial<Verifier>[] = [
    { rounds: 0 },
    { rounds: -1_000 },
    { rounds: 0.5 },
    { rounds: NaN },
    { rounds: 4_000_000_000 },
    { salt: new Uint8Array() },
    { hash: new Uint8Array() },
    { hash: sound.hash.subarray(1) },
  ];
  for (const damage of damaged) {
    assertEquals(
      await verifyPassword(password, { ...sound, ...damage }),
      false,
    );
  }
});

Deno.test("everything else goes on while a password is checked", async () => {
  let turns = 0;
  let checking = true;
  const turn = () => {
    if (!checking) return;
    turns++;
    setTimeout(turn);
  };
  turn();
  await verifyPassword("wrong", KNOWN[0]![1]);
  checking = false;
  await new Promise((resolve) => setTimeout(resolve, 2));
  assert(turns > 5, `${turns} turns`);
});
