/**
 * The header of a TLS record, which stands in the clear (RFC 8446, 5.1).
 *
 * @module
 */

/** Bytes of a record's header: type, version, length. */
export const TLS_HEADER_BYTES = 5;

/** What TLS 1.3 adds to a protected record's content: its type and a tag. */
export const TLS_1_3_SEAL_BYTES = 1 + 16;

/** What a record holds, as its header says. */
export const TLS_CONTENT = {
  change_cipher_spec: 20,
  alert: 21,
  handshake: 22,
  application_data: 23,
} as const;

/** A record's header. */
export interface TlsHeader {
  /** One of {@link TLS_CONTENT}, or what no record has. */
  readonly type: number;
  /** The major version, 3 in every TLS. */
  readonly major: number;
  /** Bytes behind the header. */
  readonly length: number;
}

/** Reads a header from the first {@link TLS_HEADER_BYTES} bytes. */
export function tlsHeader(
  bytes: { at(index: number): number | undefined },
): TlsHeader {
  const [type = 0, major = 0, , high = 0, low = 0] = [0, 1, 2, 3, 4]
    .map((index) => bytes.at(index));
  return { type, major, length: high << 8 | low };
}
