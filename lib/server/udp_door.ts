/**
 * A UDP port of the server: the addresses that it knows, and what becomes of
 * their datagrams.
 *
 * - Addresses MUST be bounded in number; those without a login have a smaller
 *   bound of their own, so that forged ones drive out nobody who is logged in.
 * - What one address sends MUST NOT keep the others from being heard: of what
 *   comes too fast nothing is read.
 *
 * @module
 */

import type { Hub, Limits } from "../chat/mod.ts";
import {
  type Endpoint,
  formatEndpoint,
  UdpPort,
  unmapped,
} from "../net/mod.ts";
import {
  type ErrorCode,
  type KeptLogins,
  RemoteProtocolError,
  type Request,
  type ServerEndEvent,
} from "../wire/mod.ts";
import type { Clock } from "./clock.ts";
import type { Logger } from "./logger.ts";
import type { Peer } from "./peer.ts";
import { UdpAddress, type UdpAddressEvents } from "./udp_address.ts";
import type { UdpPeer } from "./udp_peer.ts";

/** How a door is opened. */
export interface UdpDoorOptions {
  /** A name or an IP address. */
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly hub: Hub<Peer>;
  /** Those of all doors. */
  readonly logins: KeptLogins;
  readonly limits: Limits;
  /** Whether an IP address stands for many: no cap per address holds. */
  readonly isShared: (address: string) => boolean;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The share of what comes that is ignored, 0 to 1. */
  readonly drop: number;
  /** A peer asks something. */
  readonly request: (peer: Peer, request: Request) => void;
  /** Call `flush` when this turn's work is done. */
  readonly queued: (peer: Peer) => void;
  /** The hub has something to do. */
  readonly schedule: () => void;
  /** A session is over. */
  readonly closed: () => void;
  /** Somebody without a session was answered with an error. */
  readonly refused: (code: ErrorCode) => void;
}

/** How often it is looked what is to be repeated, ms. */
const REPEATING = 25;

/** How often it is looked who is to be forgotten, ms. */
const SWEEPING = 1_000;

/** How long an address without a login is known, ms. */
const STRANGER_LASTS = 60_000;

/** An open UDP port. */
export class UdpDoor {
  readonly #options: UdpDoorOptions;
  /** Those without a login, by endpoint, the one heard first before others. */
  readonly #strangers = new Map<string, UdpAddress>();
  /** Those with one. */
  readonly #members = new Map<string, UdpAddress>();
  /** Those that may have something to repeat. */
  readonly #repeating = new Set<UdpAddress>();
  /** Those that something came from in this turn. */
  #touched = new Set<UdpAddress>();
  /** Those whose sessions the hub has. */
  readonly #peers = new Set<Peer>();
  readonly #sweeper: ReturnType<typeof setInterval>;
  #repeater: ReturnType<typeof setTimeout> | undefined;
  #port!: UdpPort;
  #stopped = false;
  #closed = false;

  private constructor(options: UdpDoorOptions) {
    this.#options = options;
    this.#sweeper = setInterval(() => this.#sweep(), SWEEPING);
  }

  /**
   * Opens a port.
   *
   * @throws {UserError} address_in_use, address_unusable.
   */
  static async open(options: UdpDoorOptions): Promise<UdpDoor> {
    const { host, port, logger } = options;
    const door = new UdpDoor(options);
    try {
      door.#port = await UdpPort.open({
        host,
        port,
        onDatagram: (bytes, remote) => door.#receive(bytes, remote),
        onError: ({ message }) => logger.debug(`A datagram failed: ${message}`),
      });
    } catch (error) {
      clearInterval(door.#sweeper);
      throw error;
    }
    return door;
  }

  /** Where it really is. */
  get address(): { readonly host: string; readonly port: number } {
    return this.#port.address;
  }

  /** Whether the hub has no session that came through here. */
  get idle(): boolean {
    return this.#peers.size === 0;
  }

  /** Whether nothing that was said waits for its ACK. */
  get settled(): boolean {
    for (const { nextWake } of this.#repeating) {
      if (nextWake !== Infinity) return false;
    }
    return true;
  }

  /** How many addresses it knows. */
  get known(): { readonly members: number; readonly strangers: number } {
    return { members: this.#members.size, strangers: this.#strangers.size };
  }

  /** What waits to be sent to those with a login, bytes. */
  get queueBytes(): number {
    let sum = 0;
    for (const { queueBytes } of this.#members.values()) sum += queueBytes;
    return sum;
  }

  #receive(bytes: Uint8Array, remote: Endpoint): void {
    if (this.#stopped || Math.random() < this.#options.drop) return;
    const address = this.#find(remote);
    if (address === undefined) return;
    address.receive(bytes);
    this.#touched.add(address);
    this.#file(address);
  }

  #find(remote: Endpoint): UdpAddress | undefined {
    const key = formatEndpoint(remote.address, remote.port);
    const known = this.#members.get(key) ?? this.#strangers.get(key);
    if (known !== undefined) return known;
    if (!this.#makeRoom()) return undefined;
    const { limits, clock, logins } = this.#options;
    const from = formatEndpoint(unmapped(remote.address), remote.port);
    const [seqn = 0] = crypto.getRandomValues(new Int32Array(1));
    const address = new UdpAddress({
      remote,
      label: `${from} (udpchat)`,
      seqn,
      logins,
      limits,
      clock,
      events: this.#events,
    });
    this.#strangers.set(key, address);
    return address;
  }

  /** Whether there is room for one more stranger, once the oldest has gone. */
  #makeRoom(): boolean {
    if (this.#strangers.size < this.#options.limits.udpStrangers) return true;
    for (const [key, { idle }] of this.#strangers) {
      if (idle) return this.#strangers.delete(key);
    }
    return false;
  }

  /** Puts an address where it belongs now. */
  #file(address: UdpAddress): void {
    const { remote, isLogin } = address;
    const key = formatEndpoint(remote.address, remote.port);
    const [from, to] = isLogin
      ? [this.#strangers, this.#members]
      : [this.#members, this.#strangers];
    if (from.delete(key)) to.set(key, address);
  }

  #repeat(address: UdpAddress): void {
    if (address.nextWake === Infinity || this.#closed) return;
    this.#repeating.add(address);
    this.#repeater ??= setTimeout(() => this.#wake(), REPEATING);
  }

  #wake(): void {
    const now = this.#options.clock.now();
    for (const address of [...this.#repeating]) {
      if (address.nextWake <= now) address.wake();
      if (address.nextWake === Infinity) this.#repeating.delete(address);
    }
    this.#repeater = this.#repeating.size === 0
      ? undefined
      : setTimeout(() => this.#wake(), REPEATING);
  }

  /** Forgets who was not heard for too long. */
  #sweep(): void {
    const oldest = this.#options.clock.now() - STRANGER_LASTS;
    for (const address of this.#members.values()) this.#file(address);
    for (const [key, address] of this.#strangers) {
      if (address.heard < oldest && address.idle) this.#strangers.delete(key);
    }
  }

  /** Call it before the hub's work: says what has arrived. */
  turn(): void {
    const touched = this.#touched;
    this.#touched = new Set();
    for (const address of touched) address.turn();
  }

  // ---- what addresses want done

  readonly #events: UdpAddressEvents = {
    send: (bytes, address) => {
      this.#port.send(bytes, address.remote);
      this.#repeat(address);
    },
    done: (event, peer, address) => this.#do(event, peer, address),
    closed: (peer, address) => {
      this.#peers.delete(peer);
      this.#file(address);
      this.#options.closed();
    },
    gone: ({ label }, username, why) =>
      this.#options.logger.info(`${username} left, ${label}: ${why}`),
    queued: (peer) => this.#options.queued(peer),
    refused: (code) => this.#options.refused(code),
  };

  #do(event: ServerEndEvent, peer: UdpPeer, address: UdpAddress): void {
    const { hub, clock, request, schedule } = this.#options;
    const now = clock.now();
    switch (event.type) {
      case "open":
        this.#connect(peer, address, now);
        request(peer, event.request);
        break;
      case "request":
        request(peer, event.request);
        break;
      case "mistake":
        hub.mistake(peer.session, event.error, now);
        break;
      case "receipt":
        hub.state(peer.session, event.receipt, now);
        break;
      case "close":
        if (event.forGood) hub.receive(peer.session, { type: "logout" }, now);
        hub.disconnect(peer.session, now);
        break;
    }
    schedule();
  }

  #connect(peer: UdpPeer, address: UdpAddress, now: number): void {
    const { hub, limits, isShared } = this.#options;
    const from = unmapped(address.remote.address);
    const full = !address.isLogin && this.#members.size >= limits.udpAddresses;
    peer.session = hub.connect(peer, {
      now,
      address: from,
      shared: isShared(from),
      reach: "many",
      allReceipts: true,
      ...full && { refusal: FULL },
    });
    this.#peers.add(peer);
  }

  /** Hears nobody any more. */
  stop(): void {
    this.#stopped = true;
    clearInterval(this.#sweeper);
  }

  /** Sends what is to be sent, then closes. */
  async close(): Promise<void> {
    this.stop();
    this.#closed = true;
    clearTimeout(this.#repeater);
    await this.#port.close();
  }
}

const FULL = new RemoteProtocolError(503, "the server is full", {
  fatal: true,
  hint: "Try again later",
});
