/** A chat server with faults, for people who speak JSON. */

import net from "node:net";
import type { BenchServer } from "../../lib/bench/mod.ts";

/** Its faults besides the two that it always has. */
export interface Faults {
  /** After so many messages everybody is cut off. */
  readonly cutOffAfter?: number;
  /** This message, from 1, comes behind the next one of the same person. */
  readonly late?: number;
  /** Messages get neither answer nor delivery. */
  readonly deaf?: boolean;
  /**
   * Other rooms hear what is said too, as said in the room that this names; and
   * what Bob says in the lobby.
   */
  readonly leaks?: (room: string) => string;
  /** Why it lets nobody in. */
  readonly rejection?: string;
}

/** A message as it is told. */
interface Said {
  readonly type: "room_msg";
  readonly room: string;
  readonly sender: string;
  readonly text: string;
}

const LOBBY = "general";
const BOB: Said = {
  type: "room_msg",
  room: LOBBY,
  sender: "bob",
  text: "hello",
};

/** Delivers the first message twice, the second never, and all others. */
export function startBadServer(faults: Faults = {}): Promise<BenchServer> {
  const people = new Map<string, net.Socket>();
  const held = new Map<string, Said>();
  let messages = 0;
  const rooms = new Map<string, string>();
  const tell = (socket: net.Socket | undefined, event: unknown) =>
    socket?.write(`${JSON.stringify(event)}\n`);
  const others = (name: string) =>
    [...people].filter(([other]) => other !== name).map(([, each]) => each);
  const roomOf = (name: string) => rooms.get(name) ?? LOBBY;
  const hears = (name: string, { room, ...said }: Said) => {
    if (roomOf(name) === room) tell(people.get(name), { room, ...said });
    else if (faults.leaks !== undefined) {
      tell(people.get(name), { ...said, room: faults.leaks(room) });
      tell(people.get(name), BOB);
    }
  };
  const say = (name: string, text: string) => {
    messages++;
    tell(people.get(name), { type: "room_msg_ack", id: messages });
    const room = roomOf(name);
    const event: Said = { type: "room_msg", room, sender: name, text };
    if (messages === faults.late) return void held.set(name, event);
    const copies = messages === 1 ? 2 : messages === 2 ? 0 : 1;
    const behind = held.get(name);
    held.delete(name);
    for (const other of people.keys()) {
      if (other === name) continue;
      for (let copy = 0; copy < copies; copy++) hears(other, event);
      if (behind !== undefined) hears(other, behind);
    }
    if (messages !== faults.cutOffAfter) return;
    for (const socket of people.values()) socket.end();
  };
  const server = net.createServer((socket) => {
    let name = "";
    const take = (line: string): void => {
      const request = JSON.parse(line);
      if (request.type === "room_msg") {
        return faults.deaf ? undefined : say(name, request.text);
      }
      if (request.type === "join_room") {
        rooms.set(name, request.room);
        return void tell(socket, { type: "join_room", room: request.room });
      }
      if (faults.rejection !== undefined) {
        tell(socket, { type: "login_reject", reason: faults.rejection });
        return void socket.end();
      }
      name = request.username;
      people.set(name, socket);
      tell(socket, { type: "login_ack", username: name, room: LOBBY });
      for (const other of others(name)) {
        tell(other, { type: "system_msg", text: `${name} joined general` });
      }
    };
    socket.on("data", (bytes) => {
      String(bytes).split("\n").filter((line) => line !== "").forEach(take);
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
