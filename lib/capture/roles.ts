/**
 * Who of two ends is the client.
 *
 * @module
 */

import {
  CP_CODES,
  CP_COMMANDS,
  CP_LIMITS,
  detectWire,
  HEADER_BYTES,
  MESSAGES,
  parsePdu,
  PREFACE_BYTES,
} from "../wire/mod.ts";
import { looksLikeFrames } from "./chatproto2_cutter.ts";
import { type ParsedSegment, TCP_FLAGS, type UdpDatagram } from "./packets.ts";

/** The port that servers of chatp have when nobody says otherwise. */
export const CHATP_PORT = 5555;

/** Names two ends, whichever of them sends. */
export function pairKey(
  { source, destination }: Pick<UdpDatagram, "source" | "destination">,
): string {
  const [one, other] = [source, destination]
    .map(({ address, port }) => `${address} ${port}`)
    .sort();
  return `${one} ${other}`;
}

const CR = 0x0d;
const CLIENT_HELLO = 1;
const SERVER_HELLO = 2;

/**
 * Tells from the first segment seen of a connection which of its ends is the
 * client: by its SYN; else, where the capture began in the middle, by what the
 * segment says; else by the ports. What frames of ChatProto 2 say counts
 * behind chatp's own port, as they have no mark of their own.
 */
export function clientOf(
  segment: Omit<ParsedSegment, "transport">,
): "source" | "destination" {
  const { source, destination, flags } = segment;
  if ((flags & TCP_FLAGS.syn) !== 0) {
    return (flags & TCP_FLAGS.ack) === 0 ? "source" : "destination";
  }
  const said = clientByBytes(segment.payload);
  if (said !== undefined) return said;
  if ((source.port === CHATP_PORT) !== (destination.port === CHATP_PORT)) {
    return source.port === CHATP_PORT ? "destination" : "source";
  }
  return clientByFrames(segment.payload) ??
    (source.port < destination.port ? "destination" : "source");
}

/** By frames of ChatProto 2 that only one side ever sends. */
function clientByFrames(
  payload: Uint8Array,
): "source" | "destination" | undefined {
  const bytes = detectWire(payload) === "chatproto2"
    ? payload.subarray(PREFACE_BYTES)
    : payload;
  const isClients = looksLikeFrames("up", bytes) === "yes";
  const isServers = looksLikeFrames("down", bytes) === "yes";
  if (isClients === isServers) return undefined;
  return isClients ? "source" : "destination";
}

/** By what only one side ever says, if it begins with that. */
function clientByBytes(
  bytes: Uint8Array,
): "source" | "destination" | undefined {
  if (bytes[0] === 0x16 && bytes[1] === 0x03) {
    if (bytes[5] === CLIENT_HELLO) return "source";
    if (bytes[5] === SERVER_HELLO) return "destination";
  }
  const rows: readonly { code: number; request?: unknown; event?: unknown }[] =
    Object.values(MESSAGES);
  if (bytes[0] === 0x43 && bytes[1] === 0x50 && bytes.length >= HEADER_BYTES) {
    return bySender(rows.find(({ code }) => code === bytes[3]));
  }
  const cp = cpClient(bytes);
  if (cp !== undefined) return cp;
  const type = /^\{"type":"(\w{1,40})"/.exec(
    new TextDecoder().decode(bytes.subarray(0, 64)),
  )?.[1];
  return bySender(
    type !== undefined && Object.hasOwn(MESSAGES, type)
      ? MESSAGES[type as keyof typeof MESSAGES]
      : undefined,
  );
}

/** By a PDU of CP that only one side ever sends. */
function cpClient(bytes: Uint8Array): "source" | "destination" | undefined {
  const { name, data } = parsePdu(bytes.subarray(0, CP_LIMITS.pduBytes));
  if (name === undefined) return undefined;
  // Of the one that both have only a server's has something behind it.
  if (name === "RMSG") {
    return data.length === 0 || data[0] === CR ? "source" : "destination";
  }
  const { from } = typeof name === "number"
    ? CP_CODES[name]
    : CP_COMMANDS[name];
  if (from === "both") return undefined;
  return from === "client" ? "source" : "destination";
}

function bySender(
  row: { readonly request?: unknown; readonly event?: unknown } | undefined,
): "source" | "destination" | undefined {
  if (row === undefined) return undefined;
  if (row.event === undefined) return "source";
  return row.request === undefined ? "destination" : undefined;
}
