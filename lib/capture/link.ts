/**
 * Link types: what a captured packet begins with before its IP header
 * (https://www.tcpdump.org/linktypes.html).
 *
 * @module
 */

/** The link types that are read; files of ours have `raw`. */
export const LINK_TYPES = {
  /** BSD loopback: an address family of 4 bytes, in the writer's byte order. */
  null: 0,
  /** Ethernet, with or without VLAN tags. */
  ethernet: 1,
  /** IP without anything before it. */
  raw: 101,
  /** OpenBSD loopback: as `null`, in network byte order. */
  loop: 108,
  /** Linux cooked capture, what `tcpdump -i any` writes. */
  linuxCooked: 113,
  /** IPv4 without anything before it. */
  ipv4: 228,
  /** IPv6 without anything before it. */
  ipv6: 229,
  /** Linux cooked capture, version 2. */
  linuxCooked2: 276,
} as const;

const ETHERNET_BYTES = 14;
const VLAN_BYTES = 4;
/** EtherTypes of VLAN tags (IEEE 802.1Q, 802.1ad). */
const VLAN_TYPES: ReadonlySet<number> = new Set([0x8100, 0x88a8]);

/** Where the IP header begins behind an Ethernet header. */
function behindEthernet(packet: Uint8Array): number {
  let at = ETHERNET_BYTES;
  for (;;) {
    const type = (packet[at - 2] ?? 0) << 8 | (packet[at - 1] ?? 0);
    if (!VLAN_TYPES.has(type)) return at;
    at += VLAN_BYTES;
  }
}

/** Where the IP header begins, by link type. */
const IP_OFFSET: Readonly<Record<number, (packet: Uint8Array) => number>> = {
  [LINK_TYPES.null]: () => 4,
  [LINK_TYPES.ethernet]: behindEthernet,
  [LINK_TYPES.raw]: () => 0,
  [LINK_TYPES.loop]: () => 4,
  [LINK_TYPES.linuxCooked]: () => 16,
  [LINK_TYPES.ipv4]: () => 0,
  [LINK_TYPES.ipv6]: () => 0,
  [LINK_TYPES.linuxCooked2]: () => 20,
};

/**
 * What stands behind the link's own header: an IP packet, if it is one at all,
 * which its first four bits tell. Undefined for a link type that isn't read.
 */
export function behindLink(
  linkType: number,
  packet: Uint8Array,
): Uint8Array | undefined {
  const offset = IP_OFFSET[linkType];
  return offset === undefined ? undefined : packet.subarray(offset(packet));
}
