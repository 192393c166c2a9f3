/**
 * Which network somebody comes from, as far as guessing is concerned.
 *
 * @module
 */

/** The last two groups of an IPv6 address, written as an IPv4 one. */
const DOTTED = /\d+\.\d+\.\d+\.\d+$/;

/**
 * An IPv4 address as it is, of an IPv6 address the first 64 bits
 * (`2001:db8:0:1::/64`): whoever has one address of these has all 2^64
 * (RFC 4291, section 2.5.1). An IPv4 address that came as IPv6 is IPv4 again.
 * Anything else is a network of its own.
 */
export function networkOf(address: string): string {
  if (!address.includes(":")) return address;
  const [plain = ""] = address.toLowerCase().split("%", 1);
  const dotted = DOTTED.exec(plain)?.[0];
  if (dotted !== undefined && plain === `::ffff:${dotted}`) return dotted;
  const [head = "", tail] = plain.replace(DOTTED, "0:0").split("::");
  const groups = groupsOf(head);
  if (tail !== undefined) {
    const last = groupsOf(tail);
    while (groups.length + last.length < 8) groups.push("0");
    groups.push(...last);
  }
  const network = groups.slice(0, 4).map((group) => group.replace(/^0+\B/, ""));
  return `${network.join(":")}::/64`;
}

function groupsOf(text: string): string[] {
  return text === "" ? [] : text.split(":");
}
