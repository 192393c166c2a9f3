/**
 * Captures of reliable UDP, made of datagrams.
 *
 * @module
 */

import { DatagramWriter } from "../../lib/capture/mod.ts";
import type { Direction, Endpoint } from "../../lib/net/mod.ts";
import { type Datagram, encodeDatagram } from "../../lib/wire/mod.ts";
import { BEGIN, type MadePacket } from "./made_capture.ts";

/** A datagram, and how long after the capture's begin it came, ms. */
export type Sent = readonly [
  time: number,
  Direction,
  Uint8Array | Partial<Datagram>,
];

/** Between whom; by default 192.0.2.1:50001 and 192.0.2.2:5000. */
export interface Ends {
  readonly client?: Endpoint;
  readonly server?: Endpoint;
}

/** A datagram's bytes; what is not said is 0, false and empty. */
export function bytesOf(sent: Uint8Array | Partial<Datagram>): Uint8Array {
  if (sent instanceof Uint8Array) return sent;
  return encodeDatagram({
    seqn: 0,
    ack: false,
    syn: false,
    fin: false,
    body: {},
    ...sent,
  });
}

/** The packets of what two addresses send. */
export function udpPackets(
  sent: readonly Sent[],
  {
    client = { address: "192.0.2.1", port: 50_001 },
    server = { address: "192.0.2.2", port: 5_000 },
  }: Ends = {},
): MadePacket[] {
  const packets: MadePacket[] = [];
  const writer = new DatagramWriter((time, packet) =>
    packets.push({ time, packet })
  );
  const connection = { id: 1, client, server, time: BEGIN };
  for (const [time, direction, what] of sent) {
    writer.datagram(connection, direction, bytesOf(what), BEGIN + time);
  }
  return packets;
}

/** A request of the client's. */
export const ask = (
  time: number,
  seqn: number,
  body: Datagram["body"],
): Sent => [time, "up", { seqn, body }];

/** Somebody comes, says something that gets lost once, and goes. */
export const TALK: readonly Sent[] = [
  [0, "up", { syn: true, body: { username: null } }],
  [0.5, "down", { ack: true }],
  ask(1, 4_660, {
    type: "USR_LOGIN",
    username: "alice",
    password: "correct horse",
  }),
  [3, "down", {
    seqn: 4_660,
    ack: true,
    body: {
      status: 200,
      error: null,
      response: { username: "alice", token: "s3cr3t" },
    },
  }],
  ask(10, 4_700, {
    type: "CHT",
    group: "General Chat Room",
    text: "grüß dich",
    username: "alice",
    time_sent: "2026-01-02T03:04:05.123456",
    n: 0,
  }),
  ask(260, 4_700, {
    type: "CHT",
    group: "General Chat Room",
    text: "grüß dich",
    username: "alice",
    time_sent: "2026-01-02T03:04:05.123456",
    n: 0,
  }),
  [261, "down", {
    seqn: 4_700,
    ack: true,
    body: { status: 200, error: null, response: null },
  }],
  [262, "down", {
    seqn: 77,
    body: {
      type: "CHT",
      MessageID: 9,
      msg_seqn: 4_700,
      group: "General Chat Room",
      username: "alice",
      text: "grüß dich",
      time_sent: "2026-01-02T03:04:05.123456",
    },
  }],
  [263.25, "up", {
    seqn: 77,
    ack: true,
    body: { MessageID: 9, group: "General Chat Room", username: "alice" },
  }],
  [270, "down", {
    seqn: 300,
    body: { type: "MSG_RBA", group: "General Chat Room", MessageID: 9 },
  }],
  // As the original leaves: the bare header, and nobody answers.
  [300, "up", Uint8Array.fromHex("ffffffff000001")],
];
