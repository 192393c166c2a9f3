/**
 * Somebody who chats through pipes.
 *
 * @module
 */

import {
  type Clock,
  linkOpener,
  type PipeOptions,
  runPipe,
} from "../../lib/client/mod.ts";
import { parseServer, type UserError } from "../../lib/net/mod.ts";

/** The clock of this machine. */
export const CLOCK: Clock = {
  now: () => performance.now(),
  after(delay, run) {
    const timer = setTimeout(run, delay);
    return () => clearTimeout(timer);
  },
};

/** Somebody with pipes for hands. */
export class Piper {
  readonly out: string[] = [];
  readonly errors: string[] = [];
  readonly done: Promise<UserError | undefined>;
  #input!: ReadableStreamDefaultController<Uint8Array>;
  #heard: () => void = () => {};

  constructor(
    name: string,
    url: string,
    { room, ...options }: Partial<PipeOptions> & { room?: string } = {},
  ) {
    let rest = "";
    this.done = runPipe({
      session: {
        open: linkOpener({
          address: parseServer(url),
          dial: { timeout: 10_000, insecure: true },
          hasPassword: false,
          plaintext: false,
        }),
        username: name,
        room,
        loginTimeout: 10_000,
        random: Math.random,
      },
      clock: CLOCK,
      input: new ReadableStream({
        start: (controller) => {
          this.#input = controller;
        },
      }),
      write: (bytes) => {
        const lines = (rest + new TextDecoder().decode(bytes)).split("\n");
        rest = lines.pop() ?? "";
        this.out.push(...lines);
        this.#heard();
        return Promise.resolve();
      },
      complain: (line) => this.errors.push(line),
      json: false,
      linger: 0,
      now: () => new Date(0),
      ...options,
    });
  }

  say(text: string): this {
    this.#input.enqueue(new TextEncoder().encode(text));
    return this;
  }

  /** Bytes as they are. */
  put(bytes: readonly number[]): this {
    this.#input.enqueue(Uint8Array.from(bytes));
    return this;
  }

  end(): this {
    this.#input.close();
    return this;
  }

  /** Waits for a line on stdout. */
  async hears(line: string): Promise<void> {
    while (!this.out.includes(line)) {
      await new Promise<void>((resolve) => this.#heard = resolve);
    }
  }
}
