/**
 * Secret messages: sealed by their author for one reader and themselves, and
 * opened again (docs/end_to_end.md, "Sealing", "Opening").
 *
 * What this guarantees:
 *
 * - Nobody without one of the two private keys can learn a text from its
 *   envelope, but for its length.
 * - `open` answers a text only if the sender signed exactly these bytes, for
 *   exactly this recipient. It MUST NOT decrypt anything before it knows that:
 *   what others made must not be told apart by what decrypting it does.
 * - Any bytes give a text or a {@link SecretError}, nothing else.
 *
 * @module
 */

import { decryptAesGcm, encryptAesGcm } from "@std/crypto/aes-gcm";
import { timingSafeEqual } from "@std/crypto/timing-safe-equal";
import {
  checkText,
  printable,
  RemoteProtocolError,
  textBytes,
  WIRE_LIMITS,
} from "../wire/mod.ts";
import {
  type Envelope,
  ID_BYTES,
  type KeyBlock,
  overhead,
  readEnvelope,
  withPart,
  writeHead,
} from "./envelope.ts";
import type { OwnKeys, PublicKey } from "./keys.ts";
import { SecretError } from "./secret_error.ts";
import { userKey } from "./user_key.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** In front of what is signed: no signature means anything elsewhere. */
const SIGNED_AS = encoder.encode("chatp secret message 1\0");

/** The label of RSA-OAEP: no block means anything elsewhere. */
const OAEP = {
  name: "RSA-OAEP",
  label: encoder.encode("chatp secret message key 1"),
} as const;

/** RSA-PSS with a salt as long as the digest (RFC 8017, 9.1). */
const PSS = { name: "RSA-PSS", saltLength: 32 } as const;

/** Bits of the key that each message has of its own. */
const KEY_BITS = 256;

/** Who writes to whom, as their names are shown or typed. */
export interface Conversation {
  readonly sender: string;
  readonly recipient: string;
}

/** What is sealed. */
export interface SealOptions extends Conversation {
  /** As `checkText` wants it, and at most {@link mostTextBytes}. */
  readonly text: string;
  /** 16 random bytes, {@link newMessageId}: the same for no other message. */
  readonly id: Uint8Array;
  readonly ownKeys: OwnKeys;
  /** The recipient's. */
  readonly theirKey: PublicKey;
}

/** What is opened, and where it was found. */
export interface OpenOptions extends Conversation {
  readonly bytes: Uint8Array;
  /** Whether oneself is the sender; else one is the recipient. */
  readonly mine: boolean;
  readonly ownKeys: OwnKeys;
  /** The other's: those that their messages may be signed with. */
  readonly theirKeys: readonly PublicKey[];
}

/** A secret message that may be believed. */
export interface Opened {
  readonly text: string;
  /** Its id, hex: for {@link Replays}. */
  readonly id: string;
  /** The key that it is signed with. */
  readonly signer: PublicKey;
}

/** An id for a new message. */
export function newMessageId(): Uint8Array<ArrayBuffer> {
  return crypto.getRandomValues(new Uint8Array(ID_BYTES));
}

/**
 * How many bytes of UTF-8 a text may have to be sealed. With keys of 2,048 bits
 * 7,305 less the bytes of both folded names.
 */
export function mostTextBytes(
  { sender, recipient, ownKeys, theirKey }: Omit<SealOptions, "text" | "id">,
): number {
  const own = ownKeys.public.size;
  return WIRE_LIMITS.textBytes - overhead({
    sender: userKey(sender),
    recipient: userKey(recipient),
    blockBytes: theirKey.size + own,
    signatureBytes: own,
  });
}

/**
 * Seals a text: the bytes to be sent under the flag ENCRYPTED, at most 8,192.
 *
 * @throws {SecretError} bad_text when the text is empty, too long or no
 * well-formed text; bad_name.
 */
export async function seal(options: SealOptions): Promise<Uint8Array> {
  const { text, id, ownKeys, theirKey } = options;
  checkSealable(text, mostTextBytes(options));
  if (id.length !== ID_BYTES) {
    throw new TypeError(`An id has ${ID_BYTES} bytes, not ${id.length}`);
  }
  const key = await crypto.subtle.generateKey(
    { name: "AES-GCM", length: KEY_BITS },
    true,
    ["encrypt"],
  );
  const raw = new Uint8Array(await crypto.subtle.exportKey("raw", key));
  const head = writeHead({
    id,
    sender: userKey(options.sender),
    recipient: userKey(options.recipient),
    blocks: [
      await keyBlock(theirKey, raw),
      await keyBlock(ownKeys.public, raw),
    ],
  });
  raw.fill(0);
  const sealed = await encryptAesGcm(key, encoder.encode(text), {
    additionalData: head,
  });
  const signed = withPart(head, sealed);
  const signature = await crypto.subtle.sign(
    PSS,
    ownKeys.signing,
    asSigned(signed),
  );
  return withPart(signed, new Uint8Array(signature));
}

function checkSealable(text: string, most: number): void {
  try {
    checkText(text);
  } catch (error) {
    if (!(error instanceof RemoteProtocolError)) throw error;
    throw new SecretError("bad_text", error.detail);
  }
  const bytes = textBytes(text);
  if (bytes <= most) return;
  throw new SecretError(
    "bad_text",
    `a secret text to them has at most ${most} bytes, this one ${bytes}`,
  );
}

async function keyBlock(
  { digest, encryption }: PublicKey,
  raw: Uint8Array<ArrayBuffer>,
): Promise<KeyBlock> {
  const block = await crypto.subtle.encrypt(OAEP, encryption, raw);
  return { digest, block: new Uint8Array(block) };
}

function asSigned(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(SIGNED_AS.length + bytes.length);
  all.set(SIGNED_AS);
  all.set(bytes, SIGNED_AS.length);
  return all;
}

/**
 * Opens what {@link seal} made. Whether it is a replay is not its to know: ask
 * `Replays` with the id.
 *
 * @throws {SecretError} what is wrong with it.
 */
export async function open(options: OpenOptions): Promise<Opened> {
  const { bytes, mine, ownKeys, theirKeys } = options;
  const envelope = readEnvelope(bytes);
  const [theirs, own] = envelope.blocks;
  const signer = (mine ? [ownKeys.public] : theirKeys)
    .find(({ digest }) => timingSafeEqual(digest, own.digest));
  if (signer === undefined) throw new SecretError("unknown_signer");
  await checkSignature(envelope, signer);
  checkConversation(envelope, options);
  const block = mine ? own : theirs;
  if (!timingSafeEqual(block.digest, ownKeys.public.digest)) {
    throw new SecretError("other_key");
  }
  const text = await decrypt(envelope, block, ownKeys);
  return { text, id: envelope.id.toHex(), signer };
}

async function checkSignature(
  { signed, signature }: Envelope,
  { verification, size }: PublicKey,
): Promise<void> {
  const right = signature.length === size &&
    await crypto.subtle.verify(PSS, verification, signature, asSigned(signed));
  if (!right) throw new SecretError("forged");
}

function checkConversation(
  envelope: Conversation,
  { sender, recipient }: Conversation,
): void {
  const same = envelope.sender === userKey(sender) &&
    envelope.recipient === userKey(recipient);
  if (same) return;
  throw new SecretError(
    "other_conversation",
    printable(`${envelope.sender} wrote it to ${envelope.recipient}`),
  );
}

async function decrypt(
  { head, sealed }: Envelope,
  { block }: KeyBlock,
  { decryption }: OwnKeys,
): Promise<string> {
  try {
    const raw = await crypto.subtle.decrypt(
      OAEP,
      decryption,
      Uint8Array.from(block),
    );
    if (raw.byteLength !== KEY_BITS / 8) throw new TypeError("no key");
    const key = await crypto.subtle.importKey("raw", raw, "AES-GCM", false, [
      "decrypt",
    ]);
    return decoder.decode(
      await decryptAesGcm(key, sealed, { additionalData: head }),
    );
  } catch (cause) {
    throw new SecretError("unreadable", undefined, { cause });
  }
}
