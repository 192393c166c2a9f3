/**
 * The wires that are compared: a new one is a new row.
 *
 * @module
 */

import { type Scheme, SCHEMES, UserError } from "../net/mod.ts";
import {
  ChatProto1ClientCodec,
  ChatProto2ClientCodec,
  type ChatProto2Options,
  type ClientCodec,
  JsonClientCodec,
} from "../wire/mod.ts";
import { ChatModel, type DueModel } from "./chat_model.ts";
import { BENCH_PASSWORD } from "./datagram_client.ts";
import { DatagramModel } from "./datagram_model.ts";
import { FrameLedger } from "./frame_ledger.ts";
import { type Manners, PlainManners, StreamManners } from "./manners.ts";
import { POLLING_PASSWORD } from "./polling_client.ts";
import { PollingModel } from "./polling_model.ts";
import { StreamModel } from "./stream_model.ts";

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

/** What every row of {@link VARIANTS} has. */
interface VariantRow {
  /** As `--wires` and the reports call it. */
  readonly wire: string;
  /** As the published figures call it; absent where there are none. */
  readonly publishedName?: string;
  /** What a capture of it is called: as the published one, if there is any. */
  readonly captureName: string;
  readonly scheme: Scheme;
  readonly published?: PublishedFigures;
  /** Everybody's, where a wire has no guests. */
  readonly password?: string;
}

/** A wire on TCP on which the server tells what there is. */
export interface StreamVariant extends VariantRow {
  readonly kind: "stream";
  readonly transport: "tcp";
  /** A client's end of it; `textCode` is for wires that have any. */
  readonly codec: (options?: ChatProto2Options) => ClientCodec;
  /** How a client behaves on it. */
  readonly manners: () => Manners;
  /** What everybody is due on it. */
  readonly model: (users: readonly string[]) => DueModel;
  /** Keeps account of its frames, where there are any. */
  readonly ledger?: () => FrameLedger;
}

/** A wire on TCP on which everybody asks for what waits. */
export interface PollingVariant extends VariantRow {
  readonly kind: "polling";
  readonly transport: "tcp";
  readonly model: (users: readonly string[]) => PollingModel;
}

/** A wire on UDP. */
export interface DatagramVariant extends VariantRow {
  readonly kind: "datagrams";
  readonly transport: "udp";
  readonly model: (users: readonly string[]) => DatagramModel;
}

/** One row of {@link VARIANTS}. */
export type Variant = StreamVariant | PollingVariant | DatagramVariant;

const PLAIN = {
  kind: "stream",
  transport: "tcp",
  manners: () => new PlainManners(),
  model: (users: readonly string[]) => new ChatModel(users),
} as const;

const STREAMS = {
  kind: "stream",
  transport: "tcp",
  codec: (options?: ChatProto2Options) => new ChatProto2ClientCodec(options),
  manners: () => new StreamManners(),
  model: (users: readonly string[]) => new StreamModel(users),
  ledger: () => new FrameLedger(),
} as const;

const POLLS = {
  kind: "polling",
  transport: "tcp",
  model: (users: readonly string[]) => new PollingModel(users),
  password: POLLING_PASSWORD,
} as const;

/** Every wire that `chatp bench` knows, the baseline first. */
export const VARIANTS: readonly Variant[] = [
  {
    wire: "json",
    publishedName: "v2",
    captureName: "v2_traffic.pcap",
    scheme: "json",
    codec: () => new JsonClientCodec(2),
    ...PLAIN,
    published: { total: 656_550, kbitPerSecond: 32.07, seconds: 163 },
  },
  {
    wire: "json+tls",
    publishedName: "v2+TLS",
    captureName: "v2_tls_traffic.pcap",
    scheme: "jsons",
    codec: () => new JsonClientCodec(2),
    ...PLAIN,
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
    ...PLAIN,
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
    ...PLAIN,
    published: {
      total: 594_154,
      kbitPerSecond: 25.97,
      seconds: 183,
      vsJson: -9.5,
      vsJsonTls: -26,
    },
  },
  {
    wire: "chatp2",
    captureName: "chatp2_traffic.pcap",
    scheme: "chatp",
    ...STREAMS,
  },
  {
    wire: "chatp2+tls",
    captureName: "chatp2_tls_traffic.pcap",
    scheme: "chatps",
    ...STREAMS,
  },
  {
    wire: "udp",
    captureName: "udp_traffic.pcap",
    scheme: "udpchat",
    kind: "datagrams",
    transport: "udp",
    model: (users) => new DatagramModel(users),
    password: BENCH_PASSWORD,
  },
  { wire: "cp", captureName: "cp_traffic.pcap", scheme: "cp", ...POLLS },
  {
    wire: "cp+tls",
    captureName: "cp_tls_traffic.pcap",
    scheme: "cps",
    ...POLLS,
  },
];

/** Whether a variant is in TLS. */
export function inTls({ scheme }: Variant): boolean {
  return SCHEMES[scheme].tls;
}

/**
 * The variants of a table that a comma-separated list names, in its order.
 *
 * @throws {UserError} usage, when one is unknown or none is named.
 */
export function parseWires(list: string): readonly Variant[];
export function parseWires<Row extends Variant>(
  list: string,
  variants: readonly Row[],
): readonly Row[];
export function parseWires(
  list: string,
  variants: readonly Variant[] = VARIANTS,
): readonly Variant[] {
  const names = new Set(
    list.split(",").map((name) => name.trim()).filter((name) => name !== ""),
  );
  const known = variants.map(({ wire }) => wire);
  const unknown = [...names].find((name) => !known.includes(name));
  if (unknown === undefined && names.size > 0) {
    return variants.filter(({ wire }) => names.has(wire));
  }
  throw new UserError(
    "usage",
    unknown === undefined
      ? "--wires names no wire"
      : `There is no wire "${unknown}" to measure`,
    { advice: `Name some of ${known.join(", ")}, separated by commas` },
  );
}
