/** A chat server with faults, for people who speak CP. */

import net from "node:net";
import { createInterface } from "node:readline";
import type { BenchServer } from "../../lib/bench/mod.ts";

/** Its faults. */
export interface CpFaults {
  /** Hands the first message out twice, the second never. */
  readonly losesAndDoubles?: boolean;
  /** Hands out what came last first. */
  readonly backwards?: boolean;
  /** Says that nobody is called as the receiver of this message, from 1. */
  readonly refuses?: number;
  /** Behind this message, from 1, everybody is cut off. */
  readonly cutsOffAfter?: number;
}

/** What waits for whom, and who is here. */
class Chat {
  readonly sockets = new Set<net.Socket>();
  readonly #faults: CpFaults;
  readonly #waiting = new Map<string, string[]>();
  #messages = 0;

  constructor(faults: CpFaults) {
    this.#faults = faults;
  }

  /** Takes a message; answers the code. */
  say(sender: string, receiver: string, text: string): number {
    const number = ++this.#messages;
    const { losesAndDoubles = false, refuses } = this.#faults;
    if (number === refuses) return 545;
    const queue = this.#waiting.get(receiver) ?? [];
    const copies = losesAndDoubles ? [2, 0][number - 1] ?? 1 : 1;
    queue.push(...Array(copies).fill(`${sender}:${text}`));
    this.#waiting.set(receiver, queue);
    return 240;
  }

  /** Cuts everybody off, if it is time. */
  cutOff(): void {
    if (this.#messages !== this.#faults.cutsOffAfter) return;
    for (const socket of this.sockets) socket.end();
  }

  /** What waits, in the order in which it is handed out. */
  take(name: string): string[] {
    const queue = this.#waiting.get(name)?.splice(0) ?? [];
    return this.#faults.backwards ? queue.reverse() : queue;
  }
}

function serve(chat: Chat, socket: net.Socket): void {
  let name = "";
  let messages: string[] = [];
  let end = 256;
  const tell = (pdu: string) => void socket.write(`${pdu}\r\n`);
  const handOut = () => {
    const message = messages.shift();
    tell(message === undefined ? `${end} that is all` : `RMSG${message}`);
    end = message === undefined ? 256 : 255;
  };
  chat.sockets.add(socket);
  socket.on("close", () => chat.sockets.delete(socket));
  socket.on("error", () => {});
  const lines = createInterface({ input: socket });
  lines.on("error", () => {});
  lines.on("line", (line: string) => {
    const [letters, data] = [line.slice(0, 4), line.slice(4)];
    if (letters === "USER") {
      name = data;
      tell("220 go on");
    } else if (letters === "PASS") tell("230 come in");
    else if (letters === "SMSG") {
      const [receiver = "", text = ""] = data.split(":");
      tell(`${chat.say(name, receiver, text)} so it is`);
      chat.cutOff();
    } else if (letters === "RMSG") {
      messages = chat.take(name);
      handOut();
    } else if (letters === "250 ") handOut();
    else if (letters === "TERM") socket.end();
  });
}

/** Serves CP on loopback, with these faults. */
export function startBadCpServer(faults: CpFaults): Promise<BenchServer> {
  const chat = new Chat(faults);
  const server = net.createServer((socket) => serve(chat, socket));
  return new Promise((resolve) =>
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as net.AddressInfo;
      const close = () =>
        new Promise<void>((closed) => server.close(() => closed()));
      resolve({ host: "127.0.0.1", port, close });
    })
  );
}
