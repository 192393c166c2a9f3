/**
 * A client of the relay: lines of input to the other, its texts to the output
 * (docs/relay.md). What the peer says MUST reach the output with its control
 * characters made visible.
 *
 * @module
 */

import {
  dial,
  type DialOptions,
  endSocket,
  formatAddress,
  type RelayAddress,
  UserError,
} from "../net/mod.ts";
import {
  type BlockDecryption,
  type BlockEncryption,
  encryptText,
  EXIT,
  RelayReader,
  RemoteProtocolError,
} from "../wire/mod.ts";
import type { Clock } from "./clock.ts";
import { inputLines, type LineReader, NO_TEXT } from "./input_lines.ts";
import { Output } from "./output.ts";
import { relayLines } from "./relay_lines.ts";
import { mistakeLine } from "./sentences.ts";

/** How a client of the relay is made. */
export interface RelayOptions {
  readonly address: RelayAddress;
  readonly dial: DialOptions;
  /** One's own private key. */
  readonly own: BlockDecryption;
  /** The other's public key. */
  readonly peer: BlockEncryption;
  readonly input: ReadableStream<Uint8Array>;
  /** Writes to stdout. */
  readonly write: (bytes: Uint8Array) => Promise<unknown>;
  /** Takes a line for stderr. */
  readonly complain: (line: string) => void;
  readonly clock: Clock;
  /** How long to stay and listen after the end of the input, ms. */
  readonly linger: number;
}

/** Time for the server to end its half of the connection, ms. */
const CLOSE_TIMEOUT = 2_000;

/**
 * Talks over a relay until one of the two leaves. Gives what it failed with:
 * what `dial` throws, unavailable, wrong_protocol, connection_lost; else
 * request_rejected when a line could not be sent.
 */
export async function runRelay(
  options: RelayOptions,
): Promise<UserError | undefined> {
  try {
    const socket = await dial(options.address, options.dial);
    return await new RelayClient(options, socket).run();
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
}

class RelayClient {
  readonly #options: RelayOptions;
  readonly #socket: Awaited<ReturnType<typeof dial>>;
  readonly #reader: RelayReader;
  readonly #output: Output;
  readonly #ready = Promise.withResolvers<void>();
  readonly #closed = Promise.withResolvers<void>();
  #isReady = false;
  /** It is known why the connection ends: nothing more is read or said. */
  #leaving = false;
  #failure: UserError | undefined;
  #asked = 0;
  #unsent = 0;

  constructor(options: RelayOptions, socket: Awaited<ReturnType<typeof dial>>) {
    this.#options = options;
    this.#socket = socket;
    this.#reader = new RelayReader(options.own);
    this.#output = new Output({
      write: options.write,
      onFull: (full) => full ? socket.pause() : socket.resume(),
    });
  }

  async run(): Promise<UserError | undefined> {
    this.#output.line(`connected to server at ${this.#options.address.host}`);
    void this.#output.broken.then(() => this.#leave());
    this.#listen();
    const closed = this.#closed.promise;
    const lines = this.#lines();
    const first = lines.read();
    // Who has nothing to say does not wait for somebody to say it to.
    const ended = first.then(({ done }) =>
      done ? undefined : this.#ready.promise
    );
    await Promise.race([this.#ready.promise, closed, ended]);
    if (!this.#leaving) await this.#talk(lines, first);
    await closed;
    await this.#output.flushed();
    return this.#failure ?? this.#unsentFailure();
  }

  #listen(): void {
    const socket = this.#socket;
    socket.on("data", (bytes: Uint8Array) => {
      if (!this.#leaving) this.#read(bytes);
    });
    socket.on("error", (error: Error) => {
      this.#fail(this.#lost(`broke: ${error.message}`, error));
    });
    socket.on("end", () => this.#ended());
    socket.on("close", () => {
      this.#ended();
      this.#closed.resolve();
    });
    if (!socket.destroyed) return;
    this.#ended();
    this.#closed.resolve();
  }

  /** The lines of the input, until the connection ends. */
  #lines(): LineReader {
    const reader = inputLines(this.#options.input).getReader();
    // Not waited for: a read of stdin can't be interrupted. A failure to
    // cancel concerns input that nobody wants any more.
    void this.#closed.promise.then(() => reader.cancel().catch(() => {}));
    return reader;
  }

  /** Sends the lines until they end or the connection does. */
  async #talk(
    lines: LineReader,
    first: Promise<ReadableStreamReadResult<string | undefined>>,
  ): Promise<void> {
    let next = first;
    for (let line = 1; !this.#leaving; line++, next = lines.read()) {
      const { value, done } = await next;
      if (done) return await this.#linger();
      if (value === "" || this.#leaving) continue;
      this.#asked++;
      if (value === undefined) this.#refuse(line);
      else await this.#send(value);
    }
  }

  /** What it would be to the other is not what stands there. */
  #refuse(line: number): void {
    this.#unsent++;
    this.#options.complain(`chatp: line ${line}: ${mistakeLine(NO_TEXT)}`);
  }

  #unsentFailure(): UserError | undefined {
    if (this.#unsent === 0) return undefined;
    return new UserError(
      "request_rejected",
      this.#asked === 1
        ? "The line was not sent"
        : `${this.#unsent} of ${this.#asked} lines were not sent`,
      { advice: "See the errors above" },
    );
  }

  async #send(text: string): Promise<void> {
    const blocks = encryptText(text, this.#options.peer);
    const socket = this.#socket;
    const taken = await new Promise<boolean>((resolve) => {
      const cut = () => resolve(false);
      socket.once("close", cut);
      socket.write(blocks, (error) => {
        // Else the connection would hold on to each line.
        socket.off("close", cut);
        resolve(!error);
      });
    });
    if (!taken) {
      this.#failure ??= this.#lost("ended before everything was sent");
      return;
    }
    this.#output.line(`sent ${blocks.length} / ${blocks.length} bytes`);
    if (text === EXIT) this.#leave("due to exit instruction");
  }

  /** Stays for a while when there is nothing more to send. */
  async #linger(): Promise<void> {
    const { clock, linger } = this.#options;
    if (linger > 0) {
      await new Promise<void>((resolve) => {
        const cancel = clock.after(linger, resolve);
        void this.#closed.promise.then(() => {
          cancel();
          resolve();
        });
      });
    }
    this.#leave("at the end of the input");
  }

  #read(bytes: Uint8Array): void {
    this.#reader.receive(bytes);
    while (!this.#leaving) {
      const event = this.#next();
      if (event === undefined) return;
      for (const line of relayLines(event)) this.#output.line(line);
      switch (event.type) {
        case "ready":
          this.#isReady = true;
          this.#ready.resolve();
          break;
        case "full":
          this.#fail(
            new UserError(
              "unavailable",
              `${this.#where} serves two clients already`,
              { advice: "Try again when they have left" },
            ),
          );
          break;
        case "exit":
          this.#leave("due to exit instruction");
      }
    }
  }

  #next(): ReturnType<RelayReader["next"]> {
    try {
      return this.#reader.next();
    } catch (error) {
      if (!(error instanceof RemoteProtocolError)) throw error;
      this.#fail(
        new UserError(
          "wrong_protocol",
          `What answered at ${this.#where} is no relay: ${error.detail}`,
          {
            advice: "Check that chatp serve --listen relay://… runs there",
            cause: error,
          },
        ),
      );
      return undefined;
    }
  }

  /** The server says nothing more. */
  #ended(): void {
    const { size } = this.#options.own;
    const { pending } = this.#reader;
    if (!this.#isReady) {
      this.#fail(this.#lost("was closed before the other client came"));
    } else if (pending > 0) {
      const cut = `ended within a block, after ${pending} of ${size} bytes`;
      this.#fail(this.#lost(cut));
    } else this.#leave("as the server closed it");
  }

  #fail(error: UserError): void {
    if (this.#leaving) return;
    this.#failure = error;
    this.#leave();
  }

  /** Ends the connection, once. */
  #leave(why?: string): void {
    if (this.#leaving) return;
    this.#leaving = true;
    if (why !== undefined) this.#output.line(`closing connection ${why}`);
    endSocket(this.#socket, CLOSE_TIMEOUT);
  }

  get #where(): string {
    return formatAddress(this.#options.address);
  }

  #lost(how: string, cause?: unknown): UserError {
    return new UserError(
      "connection_lost",
      `The connection to ${this.#where} ${how}`,
      cause === undefined ? {} : { cause },
    );
  }
}
