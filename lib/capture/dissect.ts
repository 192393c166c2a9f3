/**
 * Takes a capture apart: packets to TCP connections, connections to streams,
 * streams to frames; and to UDP datagrams. Pure: packets in, findings out.
 *
 * @module
 */

import type { Direction, Endpoint } from "../net/mod.ts";
import { Conversation, type StreamFinding } from "./conversation.ts";
import type { Finding, PacketCounts } from "./finding.ts";
import { behindLink } from "./link.ts";
import { type ParsedSegment, parsePacket, TCP_FLAGS } from "./packets.ts";
import type { CapturedPacket } from "./pcap.ts";
import { clientOf, pairKey } from "./roles.ts";
import { UdpFlows } from "./udp_flows.ts";

/** Closed connections whose late segments are still known for what they are. */
const MOST_REMEMBERED = 1_000;

/** Takes one capture apart. */
export class Dissector {
  readonly counts: PacketCounts = {
    packets: 0,
    connections: 0,
    repeatedBytes: 0,
    unacknowledged: 0,
    leftOut: new Map(),
  };
  readonly #open = new Map<string, Conversation>();
  readonly #flows = new UdpFlows(this.counts);
  /** Keys of closed connections, the oldest first. */
  readonly #closed = new Set<string>();
  #time = 0;

  /** Takes the next packet of the capture, and copies what it keeps of it. */
  *receive(packet: CapturedPacket): Generator<Finding> {
    this.counts.packets++;
    this.#time = packet.time;
    const ip = behindLink(packet.linkType, packet.bytes);
    if (ip === undefined) {
      return this.#leaveOut(`link type ${packet.linkType}`);
    }
    const cut = packet.bytes.length - ip.length;
    const parsed = parsePacket(ip, packet.originalLength - cut);
    if (typeof parsed === "string") return this.#leaveOut(parsed);
    if (parsed.transport === "tcp") {
      return yield* this.#segment(parsed, packet.time);
    }
    const told = this.#flows.receive(parsed, packet.time);
    if (told === undefined) return this.#leaveOut("other UDP");
    yield* told;
  }

  /** Ends what is still open, to be called behind the last packet. */
  *end(): Generator<Finding> {
    for (const [key, conversation] of [...this.#open]) {
      yield* this.#close(key, conversation, this.#time, "unfinished");
    }
    yield* this.#flows.end(this.#time);
  }

  #leaveOut(cause: Parameters<PacketCounts["leftOut"]["get"]>[0]): void {
    const { leftOut } = this.counts;
    leftOut.set(cause, (leftOut.get(cause) ?? 0) + 1);
  }

  *#segment(segment: ParsedSegment, time: number): Generator<Finding> {
    const key = pairKey(segment);
    const { flags, seqn, source } = segment;
    const syn = (flags & TCP_FLAGS.syn) !== 0;
    let conversation = this.#open.get(key);
    if (conversation !== undefined && syn) {
      const direction = directionOf(conversation, source);
      if (conversation.stream(direction).isOther(seqn + 1)) {
        yield* this.#close(key, conversation, time, "unfinished");
        conversation = undefined;
      }
    }
    if (conversation === undefined) {
      if (!syn && (segment.length === 0 || this.#closed.has(key))) {
        this.counts.repeatedBytes += segment.payload.length;
        return;
      }
      conversation = this.#begin(key, segment);
      const { id: connection, client, server } = conversation;
      yield { event: "open", time, connection, client, server };
    }
    this.#put(conversation, segment, time);
    yield* tagged(conversation, conversation.take());
    if ((flags & TCP_FLAGS.rst) !== 0) {
      yield* this.#close(key, conversation, time, "reset");
    } else if (conversation.finished) {
      yield* this.#close(key, conversation, time, "fin");
    }
  }

  #begin(key: string, segment: ParsedSegment): Conversation {
    this.#closed.delete(key);
    const { source, destination } = segment;
    const [client, server] = clientOf(segment) === "source"
      ? [source, destination]
      : [destination, source];
    const conversation = new Conversation(
      ++this.counts.connections,
      client,
      server,
      (segment.flags & TCP_FLAGS.syn) === 0,
    );
    this.#open.set(key, conversation);
    return conversation;
  }

  /** Puts a segment into its stream, and its acknowledgement into the other. */
  #put(
    conversation: Conversation,
    { source, seqn, ack, flags, payload, length }: ParsedSegment,
    time: number,
  ): void {
    const direction = directionOf(conversation, source);
    const stream = conversation.stream(direction);
    const syn = (flags & TCP_FLAGS.syn) !== 0;
    const first = syn ? seqn + 1 : seqn;
    if (syn) stream.begin(first);
    // The reader's buffer is not ours to keep.
    stream.receive(first, payload.slice(), time);
    if ((flags & TCP_FLAGS.fin) !== 0) stream.finish(first + length);
    if ((flags & TCP_FLAGS.ack) !== 0) {
      const other = conversation.stream(direction === "up" ? "down" : "up");
      other.acknowledged(ack, time);
    }
  }

  *#close(
    key: string,
    conversation: Conversation,
    time: number,
    how: "fin" | "reset" | "unfinished",
  ): Generator<Finding> {
    yield* tagged(conversation, conversation.end(time));
    this.#open.delete(key);
    this.#closed.add(key);
    for (const oldest of this.#closed) {
      if (this.#closed.size <= MOST_REMEMBERED) break;
      this.#closed.delete(oldest);
    }
    this.counts.repeatedBytes += conversation.stream("up").repeated +
      conversation.stream("down").repeated;
    yield { event: "close", time, connection: conversation.id, how };
  }
}

function directionOf(
  { client }: Conversation,
  { address, port }: Endpoint,
): Direction {
  return client.address === address && client.port === port ? "up" : "down";
}

function* tagged(
  { id }: Conversation,
  findings: Iterable<StreamFinding>,
): Generator<Finding> {
  for (const finding of findings) yield { ...finding, connection: id };
}
