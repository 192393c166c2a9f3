/**
 * The UDP datagrams of a capture, by the two addresses that exchange them.
 *
 * What comes from or goes to the port of reliable UDP is told, whatever it is;
 * elsewhere two addresses are told of from the first datagram on that is plainly
 * one of that wire. How many are kept is bounded: beyond, those that were silent
 * the longest are taken for unfinished.
 *
 * @module
 */

import type { Direction, Endpoint } from "../net/mod.ts";
import { decodeDatagram } from "../wire/mod.ts";
import type { Finding, PacketCounts } from "./finding.ts";
import type { ParsedDatagram } from "./packets.ts";
import { pairKey } from "./roles.ts";
import {
  hasHeader,
  looksLikeUdpChat,
  readUdpChat,
  UdpChatConversation,
} from "./udpchat_datagrams.ts";

/** The port of reliable UDP when nobody says otherwise. */
export const UDPCHAT_PORT = 5_000;

/** Pairs of addresses that are kept. */
const MOST_FLOWS = 10_000;

/** Two addresses. */
interface Flow {
  readonly id: number;
  readonly client: Endpoint;
  readonly conversation: UdpChatConversation;
}

/** All UDP of one capture. */
export class UdpFlows {
  readonly #counts: PacketCounts;
  /** Silent the longest before others. */
  readonly #flows = new Map<string, Flow>();

  /** Counts its connections and what was not acknowledged into `counts`. */
  constructor(counts: PacketCounts) {
    this.#counts = counts;
  }

  /** Takes a datagram; undefined when it is of another protocol. */
  receive(datagram: ParsedDatagram, time: number): Finding[] | undefined {
    const key = pairKey(datagram);
    const found: Finding[] = [];
    let flow = this.#flows.get(key);
    if (flow?.conversation.left && isSyn(datagram)) {
      found.push(this.#close(key, flow, time));
      flow = undefined;
    }
    if (flow === undefined) {
      if (!isTold(datagram)) return undefined;
      flow = this.#open(datagram, time, found);
    }
    this.#flows.delete(key);
    this.#flows.set(key, flow);
    const direction = directionOf(flow, datagram.source);
    const { payload, length } = datagram;
    const frame = flow.conversation.receive(direction, payload, length, time);
    const { id: connection } = flow;
    found.push({ event: "frame", time, direction, frame, connection });
    return found;
  }

  /** Ends what is left. */
  *end(time: number): Generator<Finding> {
    for (const [key, flow] of [...this.#flows]) {
      yield this.#close(key, flow, time);
    }
  }

  #open(datagram: ParsedDatagram, time: number, found: Finding[]): Flow {
    const [oldest] = this.#flows;
    if (this.#flows.size >= MOST_FLOWS && oldest !== undefined) {
      found.push(this.#close(...oldest, time));
    }
    const { source, destination } = datagram;
    const [client, server] = isFromClient(datagram)
      ? [source, destination]
      : [destination, source];
    const connection = ++this.#counts.connections;
    found.push({
      event: "open",
      time,
      connection,
      transport: "udp",
      client,
      server,
    });
    return { id: connection, client, conversation: new UdpChatConversation() };
  }

  #close(key: string, { id, conversation }: Flow, time: number): Finding {
    this.#flows.delete(key);
    this.#counts.unacknowledged += conversation.unacknowledged;
    const how = conversation.left ? "fin" : "unfinished";
    return { event: "close", time, connection: id, how };
  }
}

function isTold({ source, destination, payload, length }: ParsedDatagram) {
  return source.port === UDPCHAT_PORT || destination.port === UDPCHAT_PORT ||
    looksLikeUdpChat(payload, length);
}

function directionOf({ client }: Flow, source: Endpoint): Direction {
  return client.address === source.address && client.port === source.port
    ? "up"
    : "down";
}

function isSyn({ payload, length }: ParsedDatagram): boolean {
  const read = hasHeader(payload) ? readUdpChat(payload, length) : "cut";
  return typeof read !== "string" && "syn" in read && read.syn && !read.ack;
}

/** By the port; else by what only one side ever says; else by the lower port. */
function isFromClient(datagram: ParsedDatagram): boolean {
  const { source, destination } = datagram;
  if ((source.port === UDPCHAT_PORT) !== (destination.port === UDPCHAT_PORT)) {
    return destination.port === UDPCHAT_PORT;
  }
  return saysClient(datagram) ?? source.port >= destination.port;
}

/** Fields that only servers put into an ACK, and into what they push. */
const SERVERS_ACK = "status";
const SERVERS_PUSH = ["MessageID", "Members"] as const;

function saysClient({ payload, length }: ParsedDatagram): boolean | undefined {
  if (!looksLikeUdpChat(payload, length) || payload.length < length) {
    return undefined;
  }
  const { ack, syn, fin, body } = decodeDatagram(payload);
  if (ack) {
    if (Object.hasOwn(body, SERVERS_ACK)) return false;
    return Object.hasOwn(body, "MessageID") ? true : undefined;
  }
  if (syn || fin) return true;
  return !SERVERS_PUSH.some((name) => Object.hasOwn(body, name));
}
