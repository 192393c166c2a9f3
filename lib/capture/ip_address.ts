/**
 * IP addresses as text and as bytes.
 *
 * @module
 */

import { isIP } from "node:net";

/** The 4 or 16 bytes of an address; undefined for what is no IP address. */
export function addressBytes(address: string): Uint8Array | undefined {
  const plain = address.split("%", 1)[0] ?? "";
  switch (isIP(plain)) {
    case 4:
      return Uint8Array.from(plain.split("."), Number);
    case 6:
      return ipv6Bytes(plain);
    default:
      return undefined;
  }
}

function ipv6Bytes(address: string): Uint8Array {
  // As URLs write it, an IPv4 address at the end has become two groups.
  const canonical = new URL(`http://[${address}]/`).hostname.slice(1, -1);
  const [front = [], back = []] = canonical.split("::")
    .map((half) => half === "" ? [] : half.split(":"));
  const zeros = Array<string>(8 - front.length - back.length).fill("0");
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  [...front, ...zeros, ...back].forEach((group, index) =>
    view.setUint16(2 * index, parseInt(group, 16))
  );
  return bytes;
}

/** The text of 4 or 16 bytes (RFC 5952). */
export function addressText(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join(".");
  const groups = bytes.toHex().match(/.{4}/g) ?? [];
  return new URL(`http://[${groups.join(":")}]/`).hostname.slice(1, -1);
}

/** An IPv4 address as the IPv6 address that stands for it (RFC 4291, 2.5.5.2). */
export function mapped(address: Uint8Array): Uint8Array {
  if (address.length === 16) return address;
  const bytes = new Uint8Array(16);
  bytes.fill(0xff, 10, 12);
  bytes.set(address, 12);
  return bytes;
}
