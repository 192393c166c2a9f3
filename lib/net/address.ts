/**
 * Addresses: the scheme names the wire (docs/chatproto.md, "Addresses"), and
 * the rest says where.
 *
 * @module
 */

import { BlockList, isIP } from "node:net";
import { UserError } from "./failure.ts";

/** The wires of the chat that a client can ask for. */
export type WireName = "chatproto" | "json" | "udpchat" | "cp";

/** The wire beside the chat: two clients, and nothing that the server can read. */
export type RelayName = "relay";

/** A wire's published versions. */
export type WireVersion = 1 | 2;

interface SchemeRow {
  readonly wire: WireName | RelayName;
  readonly tls: boolean;
  /** Port when the address names none. */
  readonly port: number;
  /** Version when the address names none. */
  readonly version: WireVersion;
  /** Versions that `?v=` may name. */
  readonly versions: readonly WireVersion[];
}

/** Every scheme that is served: a new wire is a new row. */
export const SCHEMES = {
  chatps: {
    wire: "chatproto",
    tls: true,
    port: 5555,
    version: 2,
    versions: [1, 2],
  },
  chatp: {
    wire: "chatproto",
    tls: false,
    port: 5555,
    version: 2,
    versions: [1, 2],
  },
  jsons: { wire: "json", tls: true, port: 5555, version: 2, versions: [1, 2] },
  json: { wire: "json", tls: false, port: 5555, version: 2, versions: [1, 2] },
  udpchat: {
    wire: "udpchat",
    tls: false,
    port: 5000,
    version: 1,
    versions: [1],
  },
  cp: { wire: "cp", tls: false, port: 5035, version: 1, versions: [1] },
  cps: { wire: "cp", tls: true, port: 5035, version: 1, versions: [1] },
  relay: { wire: "relay", tls: false, port: 2000, version: 1, versions: [1] },
} as const satisfies Record<string, SchemeRow>;

/** The name of a row of {@link SCHEMES}. */
export type Scheme = keyof typeof SCHEMES;

/** Where something listens and how it is spoken to. */
export interface WireAddress<Wire extends WireName | RelayName> {
  readonly scheme: Scheme;
  readonly wire: Wire;
  readonly version: WireVersion;
  readonly tls: boolean;
  /** A name in lower case (IDN as Punycode) or an IP address, no brackets. */
  readonly host: string;
  /** 0–65,535; 0 only in an address to listen on: any free port. */
  readonly port: number;
}

/** Where a chat server is and how it is spoken to. */
export type ServerAddress = WireAddress<WireName>;

/** Where a relay is. */
export type RelayAddress = WireAddress<RelayName>;

/** What `chatp connect` uses for whatever is not said. */
export const DEFAULT_SERVER = {
  scheme: "chatps",
  host: "127.0.0.1",
  port: 5555,
} as const satisfies { scheme: Scheme; host: string; port: number };

/** Every address of this machine. */
const EVERYWHERE = "0.0.0.0";

const FORM =
  /^(?<scheme>[a-z][a-z0-9+.-]*):\/\/(?<authority>[^/?#]*)\/?(?<query>\?[^#]*)?$/i;

/**
 * The server that `chatp connect <user> [server] [port]` names. `server` is a
 * host, `host:port` or a URL, IPv6 addresses in brackets where a port follows.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { formatAddress, parseServer } from "./address.ts";
 *
 * assertEquals(formatAddress(parseServer()), "chatps://127.0.0.1:5555");
 * assertEquals(formatAddress(parseServer("[::1]:4000")), "chatps://[::1]:4000");
 * ```
 *
 * @throws {UserError} usage.
 */
export function parseServer(server?: string, port?: number): ServerAddress {
  const text = server?.trim() || DEFAULT_SERVER.host;
  const parsed = text.includes("://")
    ? parseUrl(text)
    : { scheme: DEFAULT_SERVER.scheme, ...parseAuthority(text, text) };
  if (
    port !== undefined && parsed.port !== undefined && parsed.port !== port
  ) {
    throw usage(
      `The server "${text}" names port ${parsed.port}, and port ${port} was given besides`,
      "Give the port once",
    );
  }
  const which = port === undefined ? `of "${text}"` : String(port);
  const address = complete(parsed, checkPort(port ?? parsed.port, 1, which));
  if (isRelay(address)) {
    throw usage(`The relay ${formatAddress(address)} has no chat`, RELAY_USAGE);
  }
  return address;
}

/** How a relay is used, as advice. */
export const RELAY_USAGE =
  "Two clients use it: chatp connect relay://HOST:PORT --key FILE --peer-key FILE";

/** Whether a text is meant as the address of a relay. */
export function namesRelay(text: string): boolean {
  return /^\s*relay:\/\//i.test(text);
}

/**
 * The relay that `chatp connect relay://…` names.
 *
 * @throws {UserError} usage.
 */
export function parseRelay(url: string): RelayAddress {
  const text = url.trim();
  const parsed = parseUrl(text);
  const port = checkPort(parsed.port, 1, `of "${text}"`);
  const address = complete(parsed, port);
  if (isRelay(address)) return address;
  throw usage(`"${text}" is no address of a relay`, RELAY_USAGE);
}

/** Whether an address is that of a relay; else it is one of a chat. */
export function isRelay(
  address: ServerAddress | RelayAddress,
): address is RelayAddress {
  return address.wire === "relay";
}

/**
 * An address to listen on, such as `chatps://0.0.0.0:5555`. Port 0 is any free
 * one; without a host it is every address of the machine.
 *
 * @throws {UserError} usage.
 */
export function parseListen(url: string): ServerAddress | RelayAddress {
  const text = url.trim();
  if (!text.includes("://")) {
    throw usage(
      `The address to listen on "${text}" has no scheme`,
      "Name the wire, for example chatps://0.0.0.0:5555",
    );
  }
  const parsed = parseUrl(text, EVERYWHERE);
  return complete(parsed, checkPort(parsed.port, 0, `of "${text}"`));
}

/**
 * Where to listen for what is no wire: `host:port`, an IPv6 address in
 * brackets; `:port`, of every address of the machine; or a port alone, which is
 * one of this machine for itself. Port 0 is any free one. `example`: a port for
 * the advice to whoever gives a wrong one.
 *
 * @throws {UserError} usage.
 */
export function parseEndpoint(
  endpoint: string,
  example: number,
): { readonly host: string; readonly port: number } {
  const text = endpoint.trim();
  const where = /^\d+$/.test(text)
    ? `${DEFAULT_SERVER.host}:${text}`
    : text.replace(/^:(?=\d+$)/, `${EVERYWHERE}:`);
  const { host, port } = parseAuthority(where, text);
  const checked = checkPort(port, 0, `of "${text}"`, example);
  if (checked !== undefined) return { host, port: checked };
  throw usage(
    `The address "${text}" has no port`,
    "Write host:port, an IPv6 address in brackets, or a port alone",
  );
}

/** The address as a URL, with its port, and its version where it isn't the scheme's own. */
export function formatAddress(
  address: ServerAddress | RelayAddress,
): string {
  const version = address.version === SCHEMES[address.scheme].version
    ? ""
    : `?v=${address.version}`;
  return `${address.scheme}://${
    formatEndpoint(address.host, address.port)
  }${version}`;
}

/** `host:port`, an IPv6 address in brackets. */
export function formatEndpoint(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** However it is written. */
const LOOPBACK = new BlockList();
LOOPBACK.addAddress("::1", "ipv6");

/** Whether an IP address is this machine's own: 127/8, ::1, ::ffff:127.x. */
export function isLoopback(ip: string): boolean {
  const plain = unmapped(ip);
  switch (isIP(plain)) {
    case 4:
      return plain.startsWith("127.");
    case 6:
      return LOOPBACK.check(plain, "ipv6");
    default:
      return false;
  }
}

/** An IPv4 address that came as IPv6 (`::ffff:a.b.c.d`) as IPv4 again. */
export function unmapped(ip: string): string {
  if (isIP(ip) !== 6) return ip;
  const canonical = canonicalHost(`[${ip.split("%", 1)[0]}]`);
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(
    canonical ?? "",
  );
  if (mapped === null) return ip;
  return mapped.slice(1).flatMap((group) => {
    const number = parseInt(group, 16);
    return [number >> 8, number & 0xff];
  }).join(".");
}

interface Parsed {
  readonly scheme: Scheme;
  readonly host: string;
  readonly port: number | undefined;
  readonly version?: WireVersion | undefined;
}

function complete(
  parsed: Parsed,
  port: number | undefined,
): ServerAddress | RelayAddress {
  const { wire, tls, ...row }: SchemeRow = SCHEMES[parsed.scheme];
  const address = {
    scheme: parsed.scheme,
    version: parsed.version ?? row.version,
    tls,
    host: parsed.host,
    port: port ?? row.port,
  };
  return wire === "relay" ? { ...address, wire } : { ...address, wire };
}

function parseUrl(text: string, defaultHost?: string): Parsed {
  const groups = FORM.exec(text)?.groups;
  if (groups === undefined) {
    throw usage(
      `The address "${text}" is not of the form scheme://host:port`,
      "Leave out the path and what follows it",
    );
  }
  const scheme = parseScheme((groups["scheme"] ?? "").toLowerCase());
  const authority = groups["authority"] ?? "";
  const where = defaultHost !== undefined && /^(:.*)?$/.test(authority)
    ? parseAuthority(`${defaultHost}${authority}`, text)
    : parseAuthority(authority, text);
  return { scheme, ...where, version: parseVersion(scheme, groups["query"]) };
}

function parseScheme(scheme: string): Scheme {
  if (Object.hasOwn(SCHEMES, scheme)) return scheme as Scheme;
  throw usage(
    `There is no scheme ${scheme}://`,
    `Use one of ${Object.keys(SCHEMES).map((name) => `${name}://`).join(", ")}`,
  );
}

function parseVersion(
  scheme: Scheme,
  query: string | undefined,
): WireVersion | undefined {
  const parameters = new URLSearchParams(query);
  let version: WireVersion | undefined;
  for (const [name, value] of parameters) {
    if (name !== "v") {
      throw usage(
        `The address has an unknown parameter "${name}"`,
        "The only one is v, the wire's version, for example ?v=1",
      );
    }
    const { versions }: SchemeRow = SCHEMES[scheme];
    version = versions.find((each) => String(each) === value);
    if (version === undefined) {
      throw usage(
        `There is no version "${value}" of ${scheme}://`,
        `Use ${versions.map((each) => `?v=${each}`).join(" or ")}`,
      );
    }
  }
  return version;
}

/** Splits `host`, `host:port`, `[v6]`, `[v6]:port` or a bare IPv6 address. */
function parseAuthority(
  authority: string,
  text: string,
): { host: string; port: number | undefined } {
  if (authority.includes("@")) {
    throw usage(
      `The address "${text}" has a user in it`,
      "Give the user name by itself: chatp connect <user> [server] [port]",
    );
  }
  if (isIP(authority) === 6) {
    return { host: checkHost(`[${authority}]`, text), port: undefined };
  }
  const parts = /^(\[[^\]]*\]|[^:]*)(?::(.*))?$/.exec(authority);
  if (parts === null) {
    throw usage(
      `The address "${text}" has more than one port`,
      "Write host:port, an IPv6 address in brackets",
    );
  }
  const host = checkHost(parts[1] ?? "", text);
  if (parts[2] === undefined) return { host, port: undefined };
  return {
    host,
    port: /^\d{1,5}$/.test(parts[2]) ? Number(parts[2]) : NaN,
  };
}

function checkHost(host: string, text: string): string {
  const zoned = /^\[([^%\]]+)(%[\w.-]+)\]$/.exec(host);
  const found = canonicalHost(zoned === null ? host : `[${zoned[1]}]`);
  if (found === undefined) {
    throw usage(
      `The address "${text}" has no host that could be one`,
      "Give a name such as chat.example.org, an IPv4 address, or an IPv6 address in brackets",
    );
  }
  return found + (zoned?.[2] ?? "");
}

/** A host as URLs of the web write it, without brackets; undefined if it is none. */
function canonicalHost(host: string): string | undefined {
  if (/[\s/?#@\\]/.test(host)) return undefined;
  const url = URL.parse(`http://${host}/`);
  if (url === null || url.port !== "") return undefined;
  return url.hostname.replace(/^\[|\]$/g, "") || undefined;
}

/** `which`: the port itself, or what it stands in. */
function checkPort(
  port: number | undefined,
  least: 0 | 1,
  which: string,
  example: number = DEFAULT_SERVER.port,
): number | undefined {
  if (port === undefined) return undefined;
  if (Number.isInteger(port) && port >= least && port <= 65_535) return port;
  throw usage(
    `The port ${which} is not a number from ${least} to 65535`,
    `Give a port such as ${example}`,
  );
}

function usage(message: string, advice: string): UserError {
  return new UserError("usage", message, { advice });
}
