/**
 * The TCP ports of a server: who comes in, and who is turned away, and why.
 *
 * @module
 */

import type { Duplex } from "node:stream";
import type { Hub } from "../chat/mod.ts";
import { type ErrorCode, RemoteProtocolError } from "../wire/mod.ts";
import {
  backlogWithin,
  connectionsThatFit,
  endSocket,
  type Incoming,
  listen,
  type Listener,
  openFilesFor,
} from "../net/mod.ts";
import type { Clock } from "./clock.ts";
import { Connection, type ConnectionEvents, labelOf } from "./connection.ts";
import type { Counts, TurnedAway } from "./counts.ts";
import { Crowd, MOST_TOLD } from "./crowd.ts";
import { OPENINGS } from "./openings.ts";
import type { Peer } from "./peer.ts";
import type { Opened, ServerOptions } from "./server.ts";

/** What the doors are made of. */
export interface TcpDoorsParts extends
  Pick<
    ServerOptions,
    "limits" | "plaintext" | "openFiles" | "secureContext" | "logger"
  > {
  readonly isShared: (address: string) => boolean;
  readonly clock: Clock;
  readonly hub: Hub<Peer>;
  readonly counts: Counts;
  /** Of the connections that come in. */
  readonly events: ConnectionEvents;
  /** Somebody came in: the hub may want something done. */
  readonly accepted: () => void;
}

/** All TCP ports of one server. */
export class TcpDoors {
  readonly #parts: TcpDoorsParts;
  readonly #crowd: Crowd;
  readonly #listeners: Listener[] = [];
  /** Those that have a session. */
  readonly connections = new Set<Connection>();
  /** Theirs, those of peers turned away, and of readers dropped: till closed. */
  readonly #sockets = new Set<Duplex>();
  /** When it was told last that nobody else fits, ms. */
  #toldFull = -Infinity;

  constructor(parts: TcpDoorsParts) {
    this.#parts = parts;
    this.#crowd = new Crowd(parts.limits, parts.isShared, this.#capacity);
  }

  /** Whether every socket is closed. */
  get idle(): boolean {
    return this.#sockets.size === 0;
  }

  /** The connections that have not shown their wire yet. */
  *openings(): Iterable<{ readonly tls: boolean }> {
    for (const { openings } of this.#listeners) yield* openings;
  }

  /** What waits for those who are to read it, bytes. */
  get queueBytes(): number {
    let sum = 0;
    for (const { writableLength } of this.#sockets) sum += writableLength;
    return sum;
  }

  /** A socket is gone. */
  closed(socket: Duplex): void {
    this.#sockets.delete(socket);
  }

  /** Lets nobody else in. */
  stop(): void {
    for (const listener of this.#listeners) listener.close();
  }

  /** Connections that there can be, before descriptors run out. */
  get #capacity(): number {
    return connectionsThatFit(this.#parts.openFiles ?? Infinity);
  }

  /** Says what `ulimit -n` leaves of the limits, if that is less. */
  checkOpenFiles(): void {
    const { limits: { connections }, openFiles, logger } = this.#parts;
    const wanted = connections + MOST_TOLD.inAll;
    if (this.#capacity >= wanted) return;
    logger.warn(
      `At most ${this.#capacity} connections fit into the ${openFiles} files ` +
        `that may be open: for ${connections}, and others who are told that ` +
        `it is full, allow ${openFilesFor(wanted)} (ulimit -n; in systemd ` +
        "LimitNOFILE)",
    );
  }

  /** Says that nobody else fits, once a minute at most. */
  #tellFull(): void {
    const now = this.#parts.clock.now();
    if (now < this.#toldFull + 60_000) return;
    this.#toldFull = now;
    this.#parts.logger.error(
      `All ${this.#capacity} connections that fit into the files that may be ` +
        "open are taken, others are cut: raise ulimit -n (LimitNOFILE)",
    );
  }

  /**
   * Opens a port.
   *
   * @throws {UserError} when it can't be opened.
   */
  async open(opened: Opened): Promise<Listener> {
    const { limits, secureContext, logger, counts } = this.#parts;
    const listener = await listen({
      host: opened.host,
      port: opened.port,
      backlog: backlogWithin(this.#parts.openFiles ?? Infinity),
      ...secureContext && { secureContext },
      cpAlone: opened.only?.wire === "cp",
      firstBytesTimeout: limits.loginTimeout,
      openings: limits.openings,
      onOpened: (address) => {
        const gone = this.#crowd.enter(address);
        if (gone !== undefined) return gone;
        const { connection } = counts.rejected;
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
        counts.rejected.connection[cause]++;
        logger.debug(`${remote.address}:${remote.port} refused: ${reason}`);
      },
    });
    this.#listeners.push(listener);
    return listener;
  }

  /** Why this peer may not log in, if so. */
  #refusal(
    { wire, tls, loopback, remote }: Incoming,
    { only }: Opened,
  ): RemoteProtocolError | undefined {
    const { connections, connectionsPerAddress } = this.#parts.limits;
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
    if (!tls && !loopback && !this.#parts.plaintext) {
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
    const { tls, socket, remote } = incoming;
    // What nobody knows is a bad command where a port is for CP alone.
    const wire = incoming.wire === "unknown" && opened.only?.wire === "cp"
      ? "cp"
      : incoming.wire;
    const row = OPENINGS[wire];
    const label = labelOf({ remote, wire, tls });
    const { limits, clock, hub, events, logger } = this.#parts;
    const turnedAway = this.#parts.counts.rejected.connection;
    if (this.#sockets.size >= limits.connections + MOST_TOLD.inAll) {
      socket.destroy();
      turnedAway.full++;
      return logger.debug(`${label} cut: far too many are open`);
    }
    this.#sockets.add(socket);
    const refusal = this.#refusal({ ...incoming, wire }, opened);
    const lastWords = "codec" in row
      ? refusal && row.refuse?.(refusal)
      : row.lastWords;
    if (!("codec" in row) || lastWords !== undefined) {
      if (!("codec" in row)) turnedAway.http++;
      else turnedAway[(refusal && CAUSES[refusal.code]) ?? "forbidden"]++;
      socket.once("close", () => events.closed(socket));
      socket.write(lastWords ?? "");
      endSocket(socket, limits.closeTimeout);
      return logger.debug(`${label} turned away`);
    }
    const connection = new Connection({
      socket,
      codec: row.codec(),
      limits,
      clock,
      events,
      remote,
      wire,
      tls,
    });
    connection.session = hub.connect(connection, {
      now: clock.now(),
      address: remote.address,
      shared: this.#parts.isShared(remote.address),
      ...row.session,
      ...refusal && { refusal },
    });
    this.connections.add(connection);
    logger.debug(`${label} connected`);
    connection.start();
    this.#parts.accepted();
  }
}

/** What a refusal is in the metrics, if it is not `forbidden`. */
const CAUSES: Partial<Record<ErrorCode, TurnedAway>> = {
  429: "crowd",
  503: "full",
};
