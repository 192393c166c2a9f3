/**
 * Records what goes through a tap into a pcap file.
 *
 * Every observation is written at once and as whole packets: whatever ends the
 * program, the file can be read up to there.
 *
 * @module
 */

import {
  type Direction,
  errorCode,
  fileErrorMessage,
  type TapConnection,
  type TapEnd,
  type TapObserver,
  type UdpTapObserver,
  UserError,
} from "../net/mod.ts";
import { ByteWriter } from "../wire/mod.ts";
import { DatagramWriter } from "./datagram_writer.ts";
import { counted } from "./format.ts";
import { pcapFileHeader, writePcapRecord } from "./pcap.ts";
import { type PacketSink, StreamWriter } from "./stream_writer.ts";

/** What was recorded so far. */
export interface Recorded {
  connections: number;
  packets: number;
  /** Payload from clients to the server, bytes. */
  up: number;
  /** Payload from the server to clients, bytes. */
  down: number;
}

/** What was recorded, in a few words. */
export function recordedText(
  { packets, up, down, connections }: Recorded,
): string {
  return `${counted(packets, "packet", "packets")}, ${
    counted(up + down, "byte", "bytes")
  }, ${counted(connections, "connection", "connections")}`;
}

/** How a file is made. */
export interface RecorderOptions {
  /** Replace a file that is there already. */
  readonly force?: boolean;
}

/** A tap's observer that writes a pcap file, which only its owner may read. */
export class Recorder implements TapObserver {
  /** What was recorded so far. */
  readonly counts: Recorded = { connections: 0, packets: 0, up: 0, down: 0 };
  /** Resolves when something could not be written; nothing more will be then. */
  readonly failure: Promise<UserError>;
  readonly #path: string;
  readonly #file: Deno.FsFile;
  readonly #writer = new ByteWriter();
  readonly #streams: StreamWriter;
  readonly #datagrams: DatagramWriter;
  readonly #fail: (error: UserError) => void;
  #failed: UserError | undefined;

  private constructor(path: string, file: Deno.FsFile) {
    this.#path = path;
    this.#file = file;
    const { promise, resolve } = Promise.withResolvers<UserError>();
    this.failure = promise;
    this.#fail = resolve;
    const sink: PacketSink = (time, packet) => {
      this.counts.packets++;
      writePcapRecord(this.#writer, time, packet);
    };
    this.#streams = new StreamWriter(sink);
    this.#datagrams = new DatagramWriter(sink);
  }

  /**
   * Makes the file, with mode 0600 and a header.
   *
   * @throws {UserError} file_exists, or file_unwritable when it can't be written.
   */
  static create(
    path: string,
    { force = false }: RecorderOptions = {},
  ): Recorder {
    let file: Deno.FsFile;
    try {
      file = Deno.openSync(path, {
        write: true,
        mode: 0o600,
        ...force ? { create: true, truncate: true } : { createNew: true },
      });
    } catch (error) {
      throw notWritten(path, error);
    }
    const recorder = new Recorder(path, file);
    try {
      // One that was there already may have been open to others.
      const mayBeOpen = force && Deno.build.os !== "windows";
      if (mayBeOpen && file.statSync().isFile) Deno.chmodSync(path, 0o600);
      writeAll(file, pcapFileHeader());
    } catch (error) {
      file.close();
      throw notWritten(path, error);
    }
    return recorder;
  }

  /** What watches a tap for datagrams for this recorder. */
  get ofDatagrams(): UdpTapObserver {
    return {
      open: () => void this.counts.connections++,
      datagram: (connection, direction, bytes, time) => {
        this.counts[direction] += bytes.length;
        this.#record(() =>
          this.#datagrams.datagram(connection, direction, bytes, time)
        );
      },
    };
  }

  open(connection: TapConnection): void {
    this.counts.connections++;
    this.#record(() => this.#streams.open(connection));
  }

  data(
    connection: TapConnection,
    direction: Direction,
    bytes: Uint8Array,
    time: number,
  ): void {
    this.counts[direction] += bytes.length;
    this.#record(() => this.#streams.data(connection, direction, bytes, time));
  }

  close(
    connection: TapConnection,
    direction: Direction,
    time: number,
    how: TapEnd,
  ): void {
    this.#record(() => this.#streams.close(connection, direction, time, how));
  }

  /**
   * Closes the file.
   *
   * @throws {UserError} when not all was written.
   */
  finish(): void {
    this.#file.close();
    if (this.#failed !== undefined) throw this.#failed;
  }

  /** Writes what `observe` makes; a full disk must not hurt those who chat. */
  #record(observe: () => void): void {
    if (this.#failed !== undefined) return;
    observe();
    try {
      writeAll(this.#file, this.#writer.take());
    } catch (error) {
      this.#failed = notWritten(this.#path, error);
      this.#fail(this.#failed);
    }
  }
}

function writeAll(file: Deno.FsFile, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
}

function notWritten(path: string, cause: unknown): UserError {
  if (errorCode(cause) === "EEXIST") {
    return new UserError("file_exists", `The file ${path} is there already`, {
      cause,
    });
  }
  return new UserError(
    "file_unwritable",
    `The file ${path} can't be written: ${fileErrorMessage(cause)}`,
    {
      advice: "Choose another file, or make room and check permissions",
      cause,
    },
  );
}
