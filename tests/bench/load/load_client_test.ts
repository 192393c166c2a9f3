import { assertEquals } from "@std/assert";
import { LOAD_WIRES, ReadingTurns } from "../../../lib/bench/load/mod.ts";
import { LoadClient } from "../../../lib/bench/load/load_client.ts";
import type { StreamVariant } from "../../../lib/bench/mod.ts";
import { TEXT_CODE } from "../../../lib/wire/mod.ts";
import { startBadServer } from "../bad_server.ts";

/** Tells when somebody has to wait. */
class WatchedTurns extends ReadingTurns {
  #postponed = Promise.withResolvers<void>();

  override postpone(since: number, read: () => void): void {
    super.postpone(since, read);
    this.#postponed.resolve();
  }

  async postponed(): Promise<void> {
    await this.#postponed.promise;
    this.#postponed = Promise.withResolvers();
  }
}

Deno.test("a client of a load reads nothing when a turn is over, and everything in the next", async () => {
  const server = await startBadServer();
  let now = 0;
  const turns = new WatchedTurns(() => now);
  const acknowledged: number[] = [];
  let answered = Promise.withResolvers<void>();
  const client = await LoadClient.enter(
    {
      variant: LOAD_WIRES.find(({ wire }) => wire === "json") as StreamVariant,
      address: { host: "127.0.0.1", port: server.port },
      dial: { timeout: 5_000 },
      username: "alice",
      room: "cake",
      turns,
      textCode: TEXT_CODE,
    },
    {
      acknowledged: (message) => {
        acknowledged.push(message);
        answered.resolve();
      },
      refused: () => {},
      said: () => {},
      unexpected: () => {},
      gone: () => {},
    },
  );
  try {
    for (const message of [1, 2]) {
      turns.next();
      now += 6;
      client.say(message, "hi");
      client.flush();
      await turns.postponed();
      assertEquals(acknowledged.length, message - 1);
      turns.next();
      assertEquals(acknowledged.length, message);
    }
    // With time left nobody has to wait.
    answered = Promise.withResolvers();
    client.say(3, "hi");
    client.flush();
    await answered.promise;
    assertEquals(acknowledged, [1, 2, 3]);
  } finally {
    await client.leave(5_000);
    await server.close();
  }
});
