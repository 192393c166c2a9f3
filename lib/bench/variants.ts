/**
 * The wires that are compared: a new one is a new row.
 *
 * @module
 */

import { type Scheme, SCHEMES, UserError } from "../net/mod.ts";
import {
  ChatProto1ClientCodec,
  type ClientCodec,
  JsonClientCodec,
} from "../wire/mod.ts";

/** What the published captures came to (EE586 project, "Performance"). */
export interface PublishedFigures {
  /** TCP payload, bytes. */
  readonly total: number;
  /** kbit/s. */
  readonly kbitPerSecond: number;
  /** How long the capture ran, s. */
  readonly seconds: number;
  /** Bytes against JSON, percent. */
  readonly vsJson?: number;
  /** Bytes against JSON in TLS, percent. */
  readonly vsJsonTls?: number;
}

/** One row of {@link VARIANTS}. */
export interface Variant {
  /** As `--wires` and the reports call it. */
  readonly wire: string;
  /** As the published figures call it. */
  readonly publishedName: string;
  /** As the published capture of it is called. */
  readonly captureName: string;
  readonly scheme: Scheme;
  /** A client's end of it. */
  readonly codec: () => ClientCodec;
  readonly published?: PublishedFigures;
}

/** Every wire that `chatp bench` knows, the baseline first. */
export const VARIANTS: readonly Variant[] = [
  {
    wire: "json",
    publishedName: "v2",
    captureName: "v2_traffic.pcap",
    scheme: "json",
    codec: () => new JsonClientCodec(2),
    published: { total: 656_550, kbitPerSecond: 32.07, seconds: 163 },
  },
  {
    wire: "json+tls",
    publishedName: "v2+TLS",
    captureName: "v2_tls_traffic.pcap",
    scheme: "jsons",
    codec: () => new JsonClientCodec(2),
    published: {
      total: 804_598,
      kbitPerSecond: 39.28,
      seconds: 163,
      vsJson: 22.5,
    },
  },
  {
    wire: "chatp1",
    publishedName: "v3",
    captureName: "v3_traffic.pcap",
    scheme: "chatp",
    codec: () => new ChatProto1ClientCodec(),
    published: {
      total: 386_444,
      kbitPerSecond: 19.02,
      seconds: 163,
      vsJson: -41.1,
    },
  },
  {
    wire: "chatp1+tls",
    publishedName: "v4",
    captureName: "v4_traffic.pcap",
    scheme: "chatps",
    codec: () => new ChatProto1ClientCodec(),
    published: {
      total: 594_154,
      kbitPerSecond: 25.97,
      seconds: 183,
      vsJson: -9.5,
      vsJsonTls: -26,
    },
  },
];

/** Whether a variant is in TLS. */
export function inTls({ scheme }: Variant): boolean {
  return SCHEMES[scheme].tls;
}

/**
 * The variants that a comma-separated list names, in the table's order.
 *
 * @throws {UserError} usage, when one is unknown or none is named.
 */
export function parseWires(list: string): readonly Variant[] {
  const names = new Set(
    list.split(",").map((name) => name.trim()).filter((name) => name !== ""),
  );
  const known = VARIANTS.map(({ wire }) => wire);
  const unknown = [...names].find((name) => !known.includes(name));
  if (unknown === undefined && names.size > 0) {
    return VARIANTS.filter(({ wire }) => names.has(wire));
  }
  throw new UserError(
    "usage",
    unknown === undefined
      ? "--wires names no wire"
      : `There is no wire "${unknown}" to measure`,
    { advice: `Name some of ${known.join(", ")}, separated by commas` },
  );
}
