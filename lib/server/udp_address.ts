/**
 * One address that datagrams come from: the end of the wire, and its sessions
 * of the hub.
 *
 * @module
 */

import type { Limits } from "../chat/mod.ts";
import { TokenBucket } from "../chat/token_bucket.ts";
import type { Endpoint } from "../net/mod.ts";
import {
  type ErrorCode,
  type KeptLogins,
  type ServerEndEvent,
  UdpServerEnd,
} from "../wire/mod.ts";
import type { Clock } from "./clock.ts";
import { UdpPeer } from "./udp_peer.ts";

/** What an address has its server do. */
export interface UdpAddressEvents {
  /** Send this. */
  send(bytes: Uint8Array, address: UdpAddress): void;
  /** Do this, for the session that it names. */
  done(event: ServerEndEvent, peer: UdpPeer, address: UdpAddress): void;
  /** A session is over. */
  closed(peer: UdpPeer, address: UdpAddress): void;
  /** For the log. */
  gone(address: UdpAddress, username: string, why: string): void;
  /** Call `flush` when this turn's work is done. */
  queued(peer: UdpPeer): void;
  /** It was answered with an error that no session gave. */
  refused(code: ErrorCode): void;
}

/** How an address is made. */
export interface UdpAddressOptions {
  readonly remote: Endpoint;
  /** For the log. */
  readonly label: string;
  readonly seqn: number;
  readonly logins: KeptLogins;
  readonly limits: Limits;
  readonly clock: Clock;
  readonly events: UdpAddressEvents;
}

/** How many times as many datagrams are looked at as requests are taken. */
const DATAGRAMS_PER_REQUEST = 2;

const isAck = (datagram: Uint8Array) => (datagram[4] ?? 0) !== 0;

/** An address. */
export class UdpAddress {
  readonly remote: Endpoint;
  readonly label: string;
  /** When something came last, ms. */
  heard: number;
  readonly #end: UdpServerEnd;
  readonly #bucket: TokenBucket;
  readonly #options: UdpAddressOptions;
  readonly #peers = new Map<unknown, UdpPeer>();

  constructor(options: UdpAddressOptions) {
    const { remote, label, seqn, logins, limits, clock } = options;
    this.remote = remote;
    this.label = label;
    this.heard = clock.now();
    this.#options = options;
    this.#bucket = new TokenBucket(
      DATAGRAMS_PER_REQUEST * limits.requestsPerSecond,
      DATAGRAMS_PER_REQUEST * limits.requestBurst,
      this.heard,
    );
    this.#end = new UdpServerEnd({
      seqn,
      logins,
      loginLasts: limits.udpLogin,
      sendQueue: limits.sendQueue,
    });
  }

  /** Whether somebody is logged in, reachable or not. */
  get isLogin(): boolean {
    return this.#end.username(this.#options.clock.now()) !== undefined;
  }

  /** Whether the hub knows nothing of it. */
  get idle(): boolean {
    return this.#peers.size === 0 && this.#end.idle;
  }

  /** What waits to be sent, bytes. */
  get queueBytes(): number {
    return this.#end.queuedBytes;
  }

  get nextWake(): number {
    return this.#end.nextWake;
  }

  /**
   * A datagram came. More than fit its requests are not looked at, since looking
   * takes time from others: they come again.
   */
  receive(bytes: Uint8Array): void {
    const now = this.#options.clock.now();
    this.heard = now;
    const { requestBytes } = this.#options.limits;
    const size = Math.floor(bytes.length / requestBytes);
    // An ACK costs nothing, unless there is more to read in it than in any.
    const cost = isAck(bytes) ? size : Math.max(1, size);
    if (cost > 0 && !this.#bucket.take(now, cost)) return;
    this.#end.receive(bytes, now);
    this.flush();
  }

  /** It is time. */
  wake(): void {
    this.#end.wake(this.#options.clock.now());
    this.flush();
  }

  /** A turn begins: what has arrived is to be told. */
  turn(): void {
    this.#end.turn();
    this.flush();
  }

  /** Does what is to be done, and sends what is to be sent. */
  flush(): void {
    for (const event of this.#end.events()) this.#do(event);
    const { events } = this.#options;
    for (const datagram of this.#end.datagrams()) events.send(datagram, this);
    for (const peer of this.#peers.values()) peer.settle();
  }

  #do(event: ServerEndEvent): void {
    const { events, label, clock } = this.#options;
    if (event.type === "gone") {
      return events.gone(this, event.username, event.why);
    }
    if (event.type === "refused") return events.refused(event.code);
    const { visit } = event;
    let peer = this.#peers.get(visit);
    if (event.type === "open") {
      peer = new UdpPeer({
        visit,
        label,
        clock,
        queued: events.queued,
        flush: () => this.flush(),
        closed: (peer) => this.#closed(peer),
      });
      this.#peers.set(visit, peer);
    }
    if (peer === undefined) return;
    events.done(event, peer, this);
    if (event.type === "close") this.#closed(peer);
  }

  #closed(peer: UdpPeer): void {
    if (!this.#peers.delete(peer.visit)) return;
    peer.settle();
    this.#options.events.closed(peer, this);
  }
}
