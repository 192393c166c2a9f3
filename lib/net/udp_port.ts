/**
 * A UDP port.
 *
 * @module
 */

import dgram from "node:dgram";
import { isIP } from "node:net";
import { unusable } from "./listen_on.ts";
import type { Endpoint } from "./listen.ts";

/** How a UDP port is opened. */
export interface UdpPortOptions {
  /** A name or an IP address. */
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** A datagram came. The address is as the system writes it. */
  readonly onDatagram: (bytes: Uint8Array, remote: Endpoint) => void;
  /** Something could not be sent or received; the port stays open. */
  readonly onError: (error: Error) => void;
}

/** An open UDP port. */
export class UdpPort {
  readonly #socket: dgram.Socket;
  readonly #options: UdpPortOptions;
  /** Datagrams that the system has not taken yet. */
  #sending = 0;
  #sent: (() => void) | undefined;
  #closed = false;

  private constructor(socket: dgram.Socket, options: UdpPortOptions) {
    this.#socket = socket;
    this.#options = options;
    socket.on("error", options.onError);
    // Its buffers stay as they are: with larger ones datagrams get lost.
    socket.on("message", (bytes, { address, port }) => {
      if (!this.#closed) options.onDatagram(bytes, { address, port });
    });
  }

  /**
   * Opens a port.
   *
   * @throws {UserError} address_in_use, address_unusable.
   */
  static open(options: UdpPortOptions): Promise<UdpPort> {
    const { host, port } = options;
    const socket = dgram.createSocket(isIP(host) === 6 ? "udp6" : "udp4");
    const { promise, resolve, reject } = Promise.withResolvers<UdpPort>();
    const fail = (error: Error) => {
      socket.close();
      reject(unusable(error, host, port));
    };
    socket.once("error", fail);
    socket.bind({ address: host, port }, () => {
      socket.off("error", fail);
      resolve(new UdpPort(socket, options));
    });
    return promise;
  }

  /** Where it really is. */
  get address(): { readonly host: string; readonly port: number } {
    const { address, port } = this.#socket.address();
    return { host: address, port };
  }

  /** Sends one datagram, which must not be changed any more. */
  send(bytes: Uint8Array, { address, port }: Endpoint): void {
    if (this.#closed) return;
    this.#sending++;
    this.#socket.send(bytes, port, address, (error) => {
      this.#sending--;
      if (error) this.#options.onError(error);
      if (this.#sending === 0) this.#sent?.();
    });
  }

  /** Closes when everything is sent; nothing is received any more. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#sending > 0) {
      await new Promise<void>((resolve) => this.#sent = resolve);
    }
    await new Promise<void>((resolve) => this.#socket.close(resolve));
  }
}
