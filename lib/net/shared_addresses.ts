/**
 * Addresses behind which there are many: no cap per address holds for them
 * (docs/operations.md, "Limits").
 *
 * @module
 */

import { BlockList, isIP } from "node:net";
import { isLoopback, unmapped } from "./address.ts";
import { UserError } from "./failure.ts";

/**
 * Answers whether an address is one of these, or on loopback, where a proxy, a
 * tunnel or a gateway of this machine stands for many. Each of `shared` is an IP
 * address, or a network such as 10.0.0.0/8.
 *
 * @throws {UserError} usage.
 */
export function sharedAddresses(
  shared: readonly string[] = [],
): (address: string) => boolean {
  const list = new BlockList();
  for (const text of shared) add(list, text);
  return (address) => {
    if (isLoopback(address)) return true;
    const plain = unmapped(address);
    const family = familyOf(plain);
    return family !== undefined && list.check(plain, family);
  };
}

function familyOf(address: string): "ipv4" | "ipv6" | undefined {
  const version = isIP(address);
  return version === 0 ? undefined : version === 4 ? "ipv4" : "ipv6";
}

function add(list: BlockList, text: string): void {
  const [address = "", bits, ...rest] = text.split("/");
  const family = familyOf(address);
  const most = family === "ipv4" ? 32 : 128;
  const prefix = bits === undefined ? most : Number(bits);
  const isPrefix = bits === undefined || /^\d{1,3}$/.test(bits);
  if (!family || !isPrefix || prefix > most || rest.length > 0) {
    throw new UserError(
      "usage",
      `"${text}" is no IP address, and no network such as 10.0.0.0/8`,
      { advice: "Give an address or a network with --shared-address" },
    );
  }
  list.addSubnet(address, prefix, family);
}
