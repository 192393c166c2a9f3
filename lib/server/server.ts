/**
 * The server: listeners, connections, the hub and the log, wired together.
 *
 * A message's way: socket → `Connection` → codec → `Hub.receive` → (end of
 * turn) `drain` → log → `Hub.stored` → `fanOut` → `Connection.flush` → socket.
 * All that arrives in one turn of the event loop is one append to the log.
 *
 * @module
 */

import type { Duplex } from "node:stream";
import type { SecureContext } from "node:tls";
import {
  type ChatStore,
  type Effect,
  Hub,
  type Limits,
  type Session,
  type Shown,
} from "../chat/mod.ts";
import {
  type ErrorCode,
  KeptLogins,
  RemoteProtocolError,
  type Request,
  type ServerEvent,
} from "../wire/mod.ts";
import {
  backlogWithin,
  connectionsThatFit,
  endSocket,
  type Incoming,
  isLoopback,
  listen,
  type Listener,
  openFilesFor,
  type ServerAddress,
} from "../net/mod.ts";
import type { Secrets } from "./answers.ts";
import { Asking } from "./asking.ts";
import { Chores } from "./chores.ts";
import { type Clock, SYSTEM_CLOCK } from "./clock.ts";
import { Connection, type ConnectionEvents, labelOf } from "./connection.ts";
import { Counts, type TurnedAway } from "./counts.ts";
import { Crowd, MOST_TOLD } from "./crowd.ts";
import { fanOut, messagesIn } from "./fanout.ts";
import type { Logger } from "./logger.ts";
import { OPENINGS } from "./openings.ts";
import type { Peer } from "./peer.ts";
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
  readonly #crowd: Crowd;
  /** When it was told last that nobody else fits, ms. */
  #toldFull = -Infinity;
  /** Of TCP and UDP, in the order of the options. */
  readonly #listeners: Pick<Listener, "address">[] = [];
  readonly #tcp: Listener[] = [];
  readonly #doors: UdpDoor[] = [];
  readonly #udpLogins = new KeptLogins();
  readonly #connections = new Set<Connection>();
  /** Theirs, those of peers turned away, and of readers dropped: till closed. */
  readonly #sockets = new Set<Duplex>();
  readonly #stalled = new Set<Connection>();
  #dirty: Peer[] = [];
  #turn: ReturnType<typeof setImmediate> | undefined;
  #callOff: (() => void) | undefined;
  #wake = Infinity;
  #read = 0;
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
    this.#crowd = new Crowd(limits, this.#isShared, this.#capacity);
    this.#hub = new Hub({ limits, accountsOnly });
  }

  /** Connections that there can be, before descriptors run out. */
  get #capacity(): number {
    return connectionsThatFit(this.#options.openFiles ?? Infinity);
  }

  /** Says what `ulimit -n` leaves of the limits, if that is less. */
  #checkOpenFiles(): void {
    const { limits: { connections }, openFiles, logger } = this.#options;
    const wanted = connections + MOST_TOLD.inAll;
    if (this.#capacity >= wanted) return;
    logger.warn(
      `At most ${this.#capacity} connections fit into the ${openFiles} files ` +
        `that may be open: for ${connections}, allow ${openFilesFor(wanted)} ` +
        "(ulimit -n; in systemd LimitNOFILE)",
    );
  }

  /** Says that nobody else fits, once a minute at most. */
  #tellFull(): void {
    const now = this.#clock.now();
    if (now < this.#toldFull + 60_000) return;
    this.#toldFull = now;
    this.#options.logger.error(
      `All ${this.#capacity} connections that fit into the files that may be ` +
        "open are taken, others are cut: raise ulimit -n (LimitNOFILE)",
    );
  }

  /**
   * Opens all ports and the store, or nothing. Nobody is logged in before the
   * store is open.
   *
   * @throws {UserError} when a port can't be opened; what `openStore` throws.
   */
  static async start(options: ServerOptions): Promise<ChatServer> {
    const server = new ChatServer(options);
    server.#checkOpenFiles();
    try {
      for (const opened of options.listen) await server.#open(opened);
      await server.#openStore();
    } catch (error) {
      for (const listener of server.#tcp) listener.close();
      for (const door of server.#doors) await door.close();
      for (const connection of server.#connections) connection.close();
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
    return this.#connections;
  }

  /** UDP addresses that have a login. */
  get udpLogins(): number {
    return this.#doors.reduce((sum, { known }) => sum + known.members, 0);
  }

  /** What waits for those who are to read it, bytes. */
  get queueBytes(): number {
    let sum = 0;
    for (const { writableLength } of this.#sockets) sum += writableLength;
    for (const { queueBytes } of this.#doors) sum += queueBytes;
    return sum;
  }

  /** Why nobody should be sent here, if so. */
  get unready(): string | undefined {
    if (this.#closing !== undefined) return "the server is shutting down";
    if (this.#asking === undefined) return "the store is not open";
    return undefined;
  }

  /** Tells everyone, finishes what was accepted, closes; once. */
  close(): Promise<void> {
    return this.#closing ??= this.#shutDown();
  }

  async #shutDown(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#closed = resolve);
    for (const listener of this.#tcp) listener.close();
    for (const door of this.#doors) door.stop();
    this.#chores?.stop();
    this.#asking?.stop();
    this.#hub.shutdown(this.#clock.now());
    this.#work();
    this.#checkClosed();
    await closed;
    this.#hub.flush();
    this.#work();
    await this.#asking?.settled();
    for (const door of this.#doors) await door.close();
    this.#callOff?.();
    clearImmediate(this.#turn);
    await this.#store?.close();
  }

  async #openStore(): Promise<void> {
    const { openStore, secrets, logger, retain, onCommit } = this.#options;
    const hub = this.#hub;
    const store = this.#store = await openStore();
    hub.restore(await store.load(), this.#clock.now());
    const answered = () => this.#work();
    const parts = { hub, store, secrets, logger, clock: this.#clock };
    const asking = this.#asking = new Asking({
      ...parts,
      answered,
      counts: this.#counts,
      onCommit,
    });
    this.#chores = new Chores({
      ...parts,
      asking,
      retain,
      connections: this.#connections,
      learnt: () => this.#arm(),
    });
  }

  async #open(opened: Opened): Promise<void> {
    if (opened.only?.wire === "udpchat") return await this.#openUdp(opened);
    const { limits, secureContext, logger } = this.#options;
    const listener = await listen({
      host: opened.host,
      port: opened.port,
      backlog: backlogWithin(this.#options.openFiles ?? Infinity),
      ...secureContext && { secureContext },
      firstBytesTimeout: limits.loginTimeout,
      openings: limits.openings,
      onOpened: (address) => {
        const gone = this.#crowd.enter(address);
        if (gone !== undefined) return gone;
        const { connection } = this.#counts.rejected;
        if (!this.#crowd.isFull) connection.crowd++;
        else {
          connection.full++;
          this.#tellFull();
        }
        return undefined;
      },
      onConnection: (incoming) => this.#accept(incoming, opened),
      onRefused: (reason, remote) => {
        const cause = remote.address === "" ? "not_accepted" : "no_wire";
        this.#counts.rejected.connection[cause]++;
        logger.debug(`${remote.address}:${remote.port} refused: ${reason}`);
      },
    });
    this.#tcp.push(listener);
    this.#listeners.push(listener);
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

  /** Why this peer may not log in, if so. */
  #refusal(
    { wire, tls, loopback, remote }: Incoming,
    { only }: Opened,
  ): RemoteProtocolError | undefined {
    const { connections, connectionsPerAddress } = this.#options.limits;
    if (this.#sockets.size > connections) {
      return new RemoteProtocolError(503, "the server is full", {
        fatal: true,
        hint: "Try again later",
      });
    }
    if (this.#crowd.isOver(remote.address)) {
      const detail = `an address has at most ${connectionsPerAddress} ` +
        "connections, and yours has them";
      return new RemoteProtocolError(429, detail, {
        fatal: true,
        hint: "Close some, or ask whoever runs the server to allow more",
      });
    }
    if (!tls && !loopback && !this.#options.plaintext) {
      return new RemoteProtocolError(
        403,
        "this server takes plaintext from its own machine only",
        {
          fatal: true,
          hint: "Connect with TLS (chatps:// or jsons://), " +
            "or have the server started with --plaintext",
        },
      );
    }
    const name = wire === "chatproto2" ? "chatproto" : wire;
    if (only !== undefined && (only.wire !== name || only.tls !== tls)) {
      return new RemoteProtocolError(
        403,
        `this port serves ${only.scheme}:// alone`,
        { fatal: true, hint: `Connect with ${only.scheme}://` },
      );
    }
    return undefined;
  }

  #accept(incoming: Incoming, opened: Opened): void {
    const { tls, socket, hearing, remote } = incoming;
    // What nobody knows is a bad command where a port is for CP alone.
    const wire = incoming.wire === "unknown" && opened.only?.wire === "cp"
      ? "cp"
      : incoming.wire;
    const row = OPENINGS[wire];
    const label = labelOf({ remote, wire, tls });
    const { connections } = this.#options.limits;
    const turnedAway = this.#counts.rejected.connection;
    if (this.#sockets.size >= connections + MOST_TOLD.inAll) {
      socket.destroy();
      turnedAway.full++;
      return this.#options.logger.debug(`${label} cut: far too many are open`);
    }
    this.#sockets.add(socket);
    const refusal = this.#refusal({ ...incoming, wire }, opened);
    const lastWords = "codec" in row
      ? refusal && row.refuse?.(refusal)
      : row.lastWords;
    if (!("codec" in row) || lastWords !== undefined) {
      if (!("codec" in row)) turnedAway.http++;
      else turnedAway[(refusal && CAUSES[refusal.code]) ?? "forbidden"]++;
      socket.once("close", () => this.#events.closed(socket));
      socket.write(lastWords ?? "");
      endSocket(socket, this.#options.limits.closeTimeout);
      return this.#options.logger.debug(`${label} turned away`);
    }
    const connection = new Connection({
      socket,
      hearing,
      codec: row.codec(),
      limits: this.#options.limits,
      clock: this.#clock,
      events: this.#events,
      remote,
      wire,
      tls,
    });
    connection.session = this.#hub.connect(connection, {
      now: this.#clock.now(),
      address: remote.address,
      shared: this.#isShared(remote.address),
      ...row.session,
      ...refusal && { refusal },
    });
    this.#connections.add(connection);
    this.#options.logger.debug(`${label} connected`);
    connection.start();
    this.#schedule();
  }

  readonly #events: ConnectionEvents = {
    request: (connection, request, bytes) =>
      this.#receive(connection, request, bytes),
    mistake: (connection, error, bytes) => {
      this.#hub.mistake(connection.session, error, this.#clock.now(), bytes);
      this.#schedule();
    },
    end: (connection) => {
      this.#hub.end(connection.session, this.#clock.now());
      this.#schedule();
    },
    gone: (connection, cause) => {
      if (!this.#connections.delete(connection)) return;
      this.#stalled.delete(connection);
      this.#chores?.confirm(connection);
      this.#hub.disconnect(connection.session, this.#clock.now());
      const name = connection.session.person?.name.shown ?? "nobody";
      const why = cause === undefined ? "" : `: ${cause}`;
      this.#options.logger.info(`${name} left, ${connection.label}${why}`);
      this.#schedule();
    },
    closed: (socket) => {
      this.#sockets.delete(socket);
      this.#checkClosed();
    },
    dropped: () => this.#counts.rejected.notice[429]++,
    queued: (connection) => this.#queued(connection),
    stalled: (connection) => this.#stalled.add(connection),
  };

  #receive(peer: Peer, request: Request, bytes?: number): void {
    this.#read++;
    this.#hub.receive(peer.session, request, this.#clock.now(), bytes);
    this.#schedule();
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
    for (const effect of this.#hub.drain()) this.#apply(effect, asking);
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

  #apply(effect: Effect<Peer>, asking: Asking<Peer>): void {
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
        fanOut(effect.members, effect.messages);
        this.#counts.deliveries += effect.members.length *
          messagesIn(effect.messages);
        break;
      case "close":
        this.#close(effect.session, effect.shown);
        break;
    }
  }

  #send(peer: Peer, event: ServerEvent, reply = false): void {
    if (reply) peer.reply(event);
    else peer.send(event);
    const { logger } = this.#options;
    const { rejected } = this.#counts;
    if (event.type === "error_msg") {
      rejected[reply ? "request" : "notice"][event.code ?? 500]++;
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
    if (this.#sockets.size > 0) return;
    if (this.#doors.every(({ idle }) => idle)) this.#closed?.();
  }
}

/** What a refusal is in the metrics, if it is not `forbidden`. */
const CAUSES: Partial<Record<ErrorCode, TurnedAway>> = {
  429: "crowd",
  503: "full",
};
