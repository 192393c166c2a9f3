/** A chat server with faults, for two people who speak JSON. */

import net from "node:net";
import type { BenchServer } from "../../lib/bench/mod.ts";

/** Its faults besides the one that it always has. */
export interface Faults {
  /** After so many messages everybody is cut off. */
  readonly cutOffAfter?: number;
}

/** Delivers the first message twice, the second never, and all others. */
export function startBadServer(faults: Faults = {}): Promise<BenchServer> {
  const people = new Map<string, net.Socket>();
  let messages = 0;
  const tell = (socket: net.Socket | undefined, event: unknown) =>
    socket?.write(`${JSON.stringify(event)}\n`);
  const others = (name: string) =>
    [...people].filter(([other]) => other !== name).map(([, each]) => each);
  const say = (name: string, text: string) => {
    messages++;
    tell(people.get(name), { type: "room_msg_ack", id: messages });
    const copies = messages === 1 ? 2 : messages === 2 ? 0 : 1;
    for (const other of others(name)) {
      for (let copy = 0; copy < copies; copy++) {
        tell(other, { type: "room_msg", room: "general", sender: name, text });
      }
    }
    if (messages !== faults.cutOffAfter) return;
    for (const socket of people.values()) socket.end();
  };
  const server = net.createServer((socket) => {
    let name = "";
    socket.on("data", (bytes) => {
      const request = JSON.parse(String(bytes));
      if (request.type === "room_msg") return say(name, request.text);
      name = request.username;
      people.set(name, socket);
      tell(socket, { type: "login_ack", username: name, room: "general" });
      for (const other of others(name)) {
        tell(other, { type: "system_msg", text: `${name} joined general` });
      }
    });
    socket.on("end", () => {
      people.delete(name);
      for (const other of others(name)) {
        tell(other, { type: "system_msg", text: `${name} left general` });
      }
    });
    socket.on("error", () => {});
  });
  return new Promise((resolve) =>
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as net.AddressInfo;
      const close = () =>
        new Promise<void>((closed) => server.close(() => closed()));
      resolve({ host: "127.0.0.1", port, close });
    })
  );
}
