/** Somebody with several clients, in whose rooms each gets everything. */

import { assertEquals } from "@std/assert";
import type { Reach, Session } from "../../lib/chat/mod.ts";
import { ChatRoom, type ChatRoomOptions, type Peer } from "./chat_room.ts";

type Someone = Session<Peer>;

const NAMES = ["alice", "bob", "carol"] as const;

/** A hub with three accounts, and clients of theirs that are in. */
function withClients<
  const Clients extends readonly (readonly [name: string, reach: Reach])[],
>(
  clients: Clients,
  options: ChatRoomOptions = {},
): [ChatRoom, ...{ [Each in keyof Clients]: Someone }] {
  const room = new ChatRoom(options);
  for (const name of NAMES) room.addAccount(name, "secret");
  const sessions = clients.map(([name, reach]) =>
    room.login(name, { password: "secret", reach })
  ) as { [Each in keyof Clients]: Someone };
  for (const { peer } of sessions) peer.take();
  return [room, ...sessions];
}

/** A request, and its reply. */
const JOIN_TEA = { type: "join_room", room: "tea" } as const;

Deno.test("what was said in a room that another client has left meanwhile is acknowledged with its place, outside the stream", () => {
  const [room, leaves, says] = withClients(
    [["alice", "many"], ["alice", "many"]],
    { streams: true },
  );
  room.ask(leaves, JOIN_TEA);
  const handle = room.hub.room("tea")?.handle ?? 0;
  room.ask(says, { type: "room_msg", room: "tea", text: "hi" });
  room.ask(leaves, { type: "leave_room", room: "tea" });
  says.peer.take();
  room.durable();
  const place = { id: 1, room: handle, sequence: 1, time: 1_000, sender: 101 };
  assertEquals(says.peer.take(), [{ type: "room_msg_ack", id: 1, place }]);
});
