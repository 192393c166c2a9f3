/** What a session tells of topics, and of who is away. */

import { assertEquals } from "@std/assert";
import { FULL } from "../../lib/client/mod.ts";
import type { RoomState, ServerEvent } from "../../lib/wire/mod.ts";
import { settle, Stage } from "./fakes.ts";

const rooms = (...told: (readonly [number, string, string?])[]) => ({
  type: "rooms" as const,
  rooms: told.map(([room, name, topic]): RoomState => ({
    room,
    name,
    kind: "public",
    ...topic !== undefined && { topic },
    last: 0,
    received: 0,
    read: 0,
    receivedByAll: 0,
  })),
});

/** Alice, who is in general. */
async function begin(room?: string): Promise<Stage> {
  const stage = new Stage({ password: undefined, room });
  stage.abilities = FULL;
  stage.session.start();
  await settle();
  await stage.letIn();
  return stage;
}

Deno.test("what a room is about is told as one comes in, and when it has changed over a break", async () => {
  const stage = await begin();
  await stage.link.say(rooms([3, "general", "cake"], [4, "tea"]));
  assertEquals(stage.take(), ["connected general", "* general: cake"]);
  const again = async (...told: [number, string, string?][]) => {
    await stage.link.break();
    await stage.clock.pass(2_000);
    await stage.letIn();
    await stage.link.say(rooms(...told));
    return stage.take().filter((line) => line.startsWith("*"));
  };
  assertEquals(await again([3, "general", "cake"]), []);
  assertEquals(await again([3, "general", "pie"]), ["* general: pie"]);
  assertEquals(await again([3, "general"]), ["* general: "]);
});

Deno.test("on the way in nothing is told before one is there", async () => {
  const stage = await begin("tea");
  const bobs = { user: "bob", room: "general", topic: "pie" };
  await stage.link.say(
    rooms([3, "general", "cake"]),
    { type: "topic", ...bobs },
    { type: "away", user: "bob", text: "lunch" },
  );
  assertEquals(stage.take(), ["* bob away: lunch"]);
  await stage.link.say(
    { type: "join_room", room: "tea" },
    rooms([4, "tea", "leaves"]),
  );
  assertEquals(stage.take(), [
    "connected tea",
    "* general: pie",
    "* tea: leaves",
  ]);
});

Deno.test("a topic that was told with who set it is not told again", async () => {
  const stage = await begin();
  await stage.link.say(rooms([3, "general"]));
  stage.session.submit({ type: "set_topic", topic: "cake" });
  await settle();
  assertEquals(stage.link.take().at(-1), "set_topic cake 3");
  await stage.link.say({ type: "set_topic", room: "general", topic: "cake" });
  await stage.link.say({
    type: "topic",
    room: "general",
    user: "bob",
    topic: "pie",
  });
  await stage.link.say(rooms([3, "general", "pie"]));
  assertEquals(stage.take(), [
    "connected general",
    "answered 1 set_topic",
    "* bob set general: pie",
  ]);
  assertEquals(stage.session.topic, "pie");
});

Deno.test("the topic is shown in its turn, without asking the server", async () => {
  const stage = await begin();
  const topics = () =>
    stage.events.splice(0).flatMap((event) =>
      event.type === "answered" && event.answer.type === "show_topic"
        ? [event.answer.topic]
        : []
    );
  stage.session.submit({ type: "show_topic" });
  await settle();
  assertEquals(topics(), []);
  await stage.link.say(rooms([3, "general", "cake"]));
  assertEquals(topics(), ["cake"]);
  stage.session.submit({ type: "set_topic", topic: "" });
  stage.session.submit({ type: "show_topic" });
  await settle();
  assertEquals(topics(), []);
  await stage.link.say({ type: "set_topic", room: "general", topic: "" });
  assertEquals(topics(), [""]);
  assertEquals(stage.link.take(), ["login alice true", "set_topic  3"]);
});

Deno.test("a private message to somebody away tells that they are, once", async () => {
  const stage = await begin();
  await stage.link.say(rooms([3, "general"]), {
    type: "away",
    user: "bob",
    text: "lunch",
  });
  stage.take();
  const write = async (text: string) => {
    stage.session.submit({ type: "private_msg", recipient: "Bob", text });
    await settle();
    const receipt: ServerEvent = {
      type: "private_msg_delivery",
      sender: "alice",
      recipient: "bob",
      text,
      place: { id: 0, room: 9, sequence: 1, time: 0 },
    };
    await stage.link.say(receipt);
    return stage.take();
  };
  assertEquals(await write("one"), ["acknowledged 1", "* bob away: lunch"]);
  assertEquals(await write("two"), ["acknowledged 2"]);
});

Deno.test("a wire that has no topics says so, and nothing is sent", async () => {
  const stage = new Stage();
  await stage.enter();
  stage.link.take();
  stage.take();
  stage.session.submit({ type: "show_topic" });
  stage.session.submit({ type: "set_topic", topic: "cake" });
  stage.session.submit({ type: "set_away", text: "lunch" });
  await settle();
  assertEquals(stage.link.take(), []);
  assertEquals(
    stage.take(),
    [1, 2, 3].map((ref) =>
      `refused ${ref}: Not sent: The wire to this server can't carry that`
    ),
  );
});
