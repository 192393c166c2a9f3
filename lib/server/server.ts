/**
 * The server: its doors, the hub and the log, wired together.
 *
 * A message's way: socket → `Connection` → codec → `Hub.receive` → (end of
 * turn) `drain` → log → `Hub.stored` → `fanOut` → `Connection.flush` → socket.
 * All that arrives in one turn of the event loop is one append to the log.
 *
 * @module
 */

import type { SecureContext } from "node:tls";
import {
  type ChatStore,
  type Effect,
  Hub,
  type Limits,
  type Session,
  type Shown,
} from "../chat/mod.ts";
import { KeptLogins, type Request, type ServerEvent } from "../wire/mod.ts";
import { isLoopback, type Listener, type ServerAddress } from "../net/mod.ts";
import type { Secrets } from "./answers.ts";
import { Asking } from "./asking.ts";
import { Chores } from "./chores.ts";
import { type Clock, SYSTEM_CLOCK } from "./clock.ts";
import type { Connection, ConnectionEvents } from "./connection.ts";
import { Counts } from "./counts.ts";
import { fanOut, messagesIn } from "./fanout.ts";
import type { Logger } from "./logger.ts";
import type { Peer } from "./peer.ts";
import { TcpDoors } from "./tcp_doors.ts";
import { UdpDoor } from "./udp_door.ts";

/** One port to open. */
export interface Opened {
  /** A name or an IP address. */
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Serve this wire alone, with or without TLS; else every TCP wire. */
  readonly only?: Pick<ServerAddress, "scheme" | "wire" | "tls">;
}

/** How a server is made. */
export interface ServerOptions {
  readonly listen: readonly Opened[];
  /** Opens the store, once all ports are open; the server closes it. */
  readonly openStore: () => Promise<ChatStore>;
  readonly limits: Limits;
  readonly secrets: Secrets;
  /** Take plaintext from everybody, not from loopback alone. */
  readonly plaintext: boolean;
  /** Take nobody without an account. */
  readonly accountsOnly?: boolean;
  /** How long messages are kept, ms; absent: for good. */
  readonly retain?: number;
  /**
   * Whether an address stands for many, as a proxy's does: no cap per address
   * holds for it. Default: those on loopback do.
   */
  readonly isShared?: (address: string) => boolean;
  /** How many files and sockets this process may have open. Default: any. */
  readonly openFiles?: number;
  /** The certificate for new connections, asked for at each; none: no TLS. */
  readonly secureContext?: () => SecureContext;
  readonly logger: Logger;
  /** Default: the computer's. */
  readonly clock?: Clock;
  /** The share of UDP datagrams that are ignored, 0 to 1. Default: none. */
  readonly drop?: number;
  /** Called with each batch for the log; its answer when that is written. */
  readonly onCommit?: () => () => void;
  /** Gives back memory; called after a rush. Default: nothing is done. */
  readonly tidy?: () => void;
}

/** Where a server listens. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** A running server. */
export class ChatServer {
  readonly #options: ServerOptions;
  readonly #clock: Clock;
  readonly #hub: Hub<Peer>;
  readonly #counts = new Counts();
  readonly #isShared: (address: string) => boolean;
  /** Of TCP and UDP, in the order of the options. */
  readonly #listeners: Pick<Listener, "address">[] = [];
  readonly #tcp: TcpDoors;
  readonly #doors: UdpDoor[] = [];
  readonly #udpLogins = new KeptLogins();
  readonly #stalled = new Set<Connection>();
  /** Of sessions that close: settles when it is known what they took. */
  readonly #closings = new Set<Promise<void>>();
  #dirty: Peer[] = [];
  #turn: ReturnType<typeof setImmediate> | undefined;
  #callOff: (() => void) | undefined;
  #wake = Infinity;
  #read = 0;
  /** Mutes that the log tells of. */
  #mutes = 0;
  #requests = 0;
  /** What is queued now is sent at the end of this turn's work. */
  #working = false;
  /** Undefined until it is open: nothing is done before. */
  #store: ChatStore | undefined;
  #asking: Asking<Peer> | undefined;
  #chores: Chores | undefined;
  #closed: (() => void) | undefined;
  #closing: Promise<void> | undefined;

  private constructor(options: ServerOptions) {
    this.#options = options;
    const { limits, accountsOnly = false, clock = SYSTEM_CLOCK } = options;
    this.#clock = clock;
    this.#isShared = options.isShared ?? isLoopback;
    this.#hub = new Hub({ limits, accountsOnly });
    this.#tcp = new TcpDoors({
      ...options,
      isShared: this.#isShared,
      clock,
      hub: this.#hub,
      counts: this.#counts,
      events: this.#events,
      accepted: () => this.#schedule(),
    });
  }

  /**
   * Opens all ports and the store, or nothing. Nobody is logged in before the
   * store is open.
   *
   * @throws {UserError} when a port can't be opened; what `openStore` throws.
   */
  static async start(options: ServerOptions): Promise<ChatServer> {
    const server = new ChatServer(options);
    server.#tcp.checkOpenFiles();
    try {
      for (const opened of options.listen) await server.#open(opened);
      await server.#openStore();
    } catch (error) {
      server.#tcp.stop();
      for (const door of server.#doors) await door.close();
      for (const connection of server.#tcp.connections) connection.close();
      // Why it did not start says more than what its store says then.
      await Promise.allSettled([server.#store?.close()]);
      throw error;
    }
    server.#work();
    return server;
  }

  /** Where it really listens, in the order of the options. */
  get addresses(): readonly ListenAddress[] {
    return this.#listeners.map(({ address }) => address);
  }

  /** Whether nothing that was said over UDP waits for its acknowledgement. */
  get settled(): boolean {
    return this.#doors.every(({ settled }) => settled);
  }

  /** Requests that a turn's work is done for, receipts among them. */
  get requests(): number {
    return this.#requests;
  }

  /** What has been counted. */
  get counts(): Counts {
    return this.#counts;
  }

  /** How often somebody was muted. */
  get mutes(): number {
    return this.#hub.mutes;
  }

  /** People who are logged in. */
  get people(): number {
    return this.#hub.people;
  }

  /** The TCP connections that have a session. */
  get connections(): Iterable<Pick<Connection, "wire" | "tls">> {
    return this.#tcp.connections;
  }

  /** Those that have not shown their wire yet. */
  get openings(): Iterable<{ readonly tls: boolean }> {
    return this.#tcp.openings();
  }

  /** UDP addresses that have a login. */
  get udpLogins(): number {
    return this.#doors.reduce((sum, { known }) => sum + known.members, 0);
  }

  /** What waits for those who are to read it, bytes. */
  get queueBytes(): number {
    let sum = this.#tcp.queueBytes;
    for (const { queueBytes } of this.#doors) sum += queueBytes;
    return sum;
  }

  /** Why nobody should be sent here, if so. */
  async unready(): Promise<string | undefined> {
    const trouble = await this.#asking?.trouble();
    if (this.#closing !== undefined) return "the server is shutting down";
    if (this.#asking === undefined) return "the store is not open";
    return trouble;
  }

  /**
   * As `ChatStore.lost`: then there is nothing left to do but to close. Undefined
   * until the store is open.
   */
  get storeLost(): Promise<Error> | undefined {
    return this.#store?.lost;
  }

  /** Tells everyone, finishes what was accepted, closes; once. */
  close(): Promise<void> {
    return this.#closing ??= this.#shutDown();
  }

  async #shutDown(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#closed = resolve);
    this.#tcp.stop();
    for (const door of this.#doors) door.stop();
    this.#chores?.stop();
    this.#asking?.stop();
    this.#hub.shutdown(this.#clock.now());
    this.#work();
    this.#checkClosed();
    await closed;
    await Promise.all(this.#closings);
    this.#hub.flush();
    this.#work();
    await this.#asking?.settled();
    for (const door of this.#doors) await door.close();
    this.#callOff?.();
    clearImmediate(this.#turn);
    await this.#store?.close();
  }

  async #openStore(): Promise<void> {
    const { openStore, secrets, logger, retain } = this.#options;
    const { onCommit, tidy = () => {} } = this.#options;
    const hub = this.#hub;
    const store = this.#store = await openStore();
    hub.restore(await store.load(), this.#clock.now());
    const answered = () => this.#work();
    const counts = this.#counts;
    const parts = { hub, store, secrets, logger, counts, clock: this.#clock };
    const asking = this.#asking = new Asking({
      ...parts,
      answered,
      onCommit,
    });
    this.#chores = new Chores({
      ...parts,
      asking,
      retain,
      tidy,
      connections: this.#tcp.connections,
      learnt: () => this.#arm(),
    });
  }

  async #open(opened: Opened): Promise<void> {
    if (opened.only?.wire === "udpchat") return await this.#openUdp(opened);
    this.#listeners.push(await this.#tcp.open(opened));
  }

  async #openUdp({ host, port }: Opened): Promise<void> {
    const { limits, logger, drop = 0 } = this.#options;
    const door = await UdpDoor.open({
      host,
      port,
      hub: this.#hub,
      logins: this.#udpLogins,
      limits,
      isShared: this.#isShared,
      clock: this.#clock,
      logger,
      drop,
      request: (peer, request) => this.#receive(peer, request),
      queued: (peer) => this.#queued(peer),
      schedule: () => this.#schedule(),
      closed: () => this.#checkClosed(),
      refused: (code) => this.#counts.rejected.request[code]++,
    });
    this.#doors.push(door);
    this.#listeners.push(door);
  }

  readonly #events: ConnectionEvents = {
    request: (connection, request, bytes) =>
      this.#receive(connection, request, bytes),
    mistake: (connection, error, bytes) => {
      this.#hub.mistake(connection.session, error, this.#clock.now(), bytes);
      this.#tellMute(connection);
      this.#schedule();
    },
    refused: (times) => {
      this.#counts.rejected.request[400] += times;
    },
    end: (connection) => {
      this.#hub.end(connection.session, this.#clock.now());
      this.#schedule();
    },
    gone: (connection, cause) => {
      if (!this.#tcp.connections.delete(connection)) return;
      this.#stalled.delete(connection);
      this.#chores?.confirm(connection);
      this.#hub.disconnect(connection.session, this.#clock.now());
      const why = cause === undefined ? "" : `: ${cause}`;
      this.#options.logger.info(
        `${nameOf(connection)} left, ${connection.label}${why}`,
      );
      this.#schedule();
    },
    closed: (socket) => {
      this.#tcp.closed(socket);
      this.#checkClosed();
    },
    dropped: () => this.#counts.rejected.notice[429]++,
    queued: (connection) => this.#queued(connection),
    stalled: (connection) => this.#stalled.add(connection),
  };

  #receive(peer: Peer, request: Request, bytes?: number): void {
    this.#read++;
    this.#hub.receive(peer.session, request, this.#clock.now(), bytes);
    this.#tellMute(peer);
    this.#schedule();
  }

  /** Whoever runs the server is to know who floods it. */
  #tellMute(peer: Peer): void {
    if (this.#hub.mutes === this.#mutes) return;
    this.#mutes = this.#hub.mutes;
    if (peer.session.person === undefined) return;
    this.#options.logger.info(`${nameOf(peer)} is muted, ${peer.label}`);
  }

  #queued(peer: Peer): void {
    this.#dirty.push(peer);
    // Such as the answer to a keepalive, which no request comes with.
    if (!this.#working) this.#schedule();
  }

  /** Does this turn's work at its end, once. */
  #schedule(): void {
    this.#turn ??= setImmediate(() => {
      this.#turn = undefined;
      this.#work();
    });
  }

  #work(): void {
    const asking = this.#asking;
    if (asking === undefined) return;
    this.#working = true;
    for (const door of this.#doors) door.turn();
    const effects = this.#hub.drain();
    const last = effects.at(-1);
    for (const effect of effects) this.#apply(effect, asking, effect === last);
    const dirty = this.#dirty;
    this.#dirty = [];
    for (const peer of dirty) peer.flush();
    this.#working = false;
    const read = this.#read;
    const stalled = [...this.#stalled];
    this.#stalled.clear();
    for (const connection of stalled) connection.resume();
    this.#arm();
    this.#requests = read;
  }

  #apply(effect: Effect<Peer>, asking: Asking<Peer>, last: boolean): void {
    switch (effect.type) {
      case "append":
        asking.append(effect.drafts);
        break;
      case "ask":
        asking.ask(effect.asked);
        break;
      case "send":
        this.#send(effect.session.peer, effect.event, effect.reply);
        break;
      case "publish":
        fanOut(effect.members, effect.messages, last);
        this.#counts.deliveries += effect.members.length *
          messagesIn(effect.messages);
        break;
      case "close": {
        const { session, shown } = effect;
        const closing = this.#close(session, shown).then(() => {
          this.#closings.delete(closing);
        });
        this.#closings.add(closing);
        break;
      }
    }
  }

  #send(peer: Peer, event: ServerEvent, reply = false): void {
    if (reply) peer.reply([event]);
    else peer.send(event);
    const { logger } = this.#options;
    const { rejected } = this.#counts;
    if (event.type === "error_msg") {
      rejected[reply ? "request" : "notice"][event.code ?? 500]++;
      // That the server goes down stands there already.
      if (reply || event.code === 503 || !peer.session.person) return;
      logger.info(`${nameOf(peer)} is told: ${event.text}, ${peer.label}`);
    } else if (event.type === "login_ack") {
      logger.info(`${event.username} logged in, ${peer.label}`);
    } else if (event.type === "login_reject") {
      rejected.login[event.code ?? 500]++;
      logger.info(`Login refused (${event.code}), ${peer.label}`);
    }
  }

  /** What a closed session was shown it has when all of that was taken. */
  async #close(
    session: Session<Peer>,
    shown: Shown<Peer> | undefined,
  ): Promise<void> {
    const taken = await session.peer.close();
    if (!taken || shown === undefined) return;
    this.#hub.reached(session, shown, this.#clock.now());
    this.#arm();
  }

  /** Sets the timer for the hub's next deadline. */
  #arm(): void {
    const wake = this.#hub.nextWake;
    if (wake === this.#wake) return;
    this.#wake = wake;
    this.#callOff?.();
    if (wake === Infinity) return;
    this.#callOff = this.#clock.at(wake, () => {
      this.#wake = Infinity;
      this.#hub.wake(this.#clock.now());
      this.#work();
    });
  }

  #checkClosed(): void {
    if (!this.#tcp.idle) return;
    if (this.#doors.every(({ idle }) => idle)) this.#closed?.();
  }
}

/** Who it is, for the log. No user name has brackets. */
function nameOf({ session }: Peer): string {
  return session.person?.name.shown ?? "(not logged in)";
}
