/** Stand-in for `@std/crypto/aes-gcm`: AES-GCM of WebCrypto, nonce in front. */

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** What both functions take besides key and bytes. */
export interface AesGcmOptions {
  /** Authenticated, not encrypted. */
  additionalData?: BufferSource;
}

function parameters(
  iv: Uint8Array<ArrayBuffer>,
  options: AesGcmOptions | undefined,
): AesGcmParams {
  const additionalData = options?.additionalData;
  return {
    name: "AES-GCM",
    iv,
    tagLength: TAG_BYTES * 8,
    ...additionalData !== undefined && { additionalData },
  };
}

/** Encrypts under a random nonce; answers nonce, ciphertext and tag. */
export async function encryptAesGcm(
  key: CryptoKey,
  plaintext: BufferSource,
  options?: AesGcmOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
  const sealed = new Uint8Array(
    await crypto.subtle.encrypt(parameters(nonce, options), key, plaintext),
  );
  const result = new Uint8Array(NONCE_BYTES + sealed.length);
  result.set(nonce);
  result.set(sealed, NONCE_BYTES);
  return result;
}

/**
 * Decrypts what {@link encryptAesGcm} answered.
 *
 * @throws {RangeError} when it is too short.
 * @throws {DOMException} when anything about it is wrong.
 */
export async function decryptAesGcm(
  key: CryptoKey,
  data: BufferSource,
  options?: AesGcmOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
  const least = NONCE_BYTES + TAG_BYTES;
  if (bytes.length < least) {
    throw new RangeError(
      `Data is too short: expected at least ${least} bytes, got ${bytes.length}`,
    );
  }
  return new Uint8Array(
    await crypto.subtle.decrypt(
      parameters(bytes.subarray(0, NONCE_BYTES), options),
      key,
      bytes.subarray(NONCE_BYTES),
    ),
  );
}
