import { assertEquals } from "@std/assert";
import { Tidying } from "../../lib/server/tidying.ts";
import { RawClient } from "./raw_client.ts";
import { withServer } from "./test_server.ts";

/** What was tidied up at which of these looks: connections, deliveries. */
function tidiedAt(looks: readonly [number, number][]): number[] {
  const at: number[] = [];
  let index = 0;
  const tidying = new Tidying(() => at.push(index));
  for (; index < looks.length; index++) tidying.look(...looks[index]!);
  return at;
}

Deno.test("memory is given back once nothing happens after a rush, in or out", () => {
  assertEquals(
    tidiedAt([
      [300, 0],
      [600, 0],
      // Still they come.
      [700, 0],
      [700, 0],
      [700, 0],
      [1_199, 0],
      [1_199, 0],
      [1_200, 0],
      [1_200, 0],
      [700, 0],
      [700, 0],
    ]),
    [3, 8, 10],
  );
});

Deno.test("memory is not given back as long as messages go out", () => {
  assertEquals(
    tidiedAt([[500, 0], [500, 1], [500, 2], [500, 2], [500, 3], [500, 3]]),
    [3],
  );
});

Deno.test("memory is not given back after fewer than 500", () => {
  assertEquals(tidiedAt([[499, 0], [499, 0], [499, 0], [0, 0], [0, 0]]), []);
});

Deno.test("a server gives memory back after a rush", async () => {
  const tidied = Promise.withResolvers<void>();
  let times = 0;
  const tidy = () => {
    times++;
    tidied.resolve();
  };
  await withServer(async (port) => {
    const clients: RawClient[] = [];
    for (let index = 0; index < 500; index++) {
      const client = await RawClient.connect(port, "json2");
      client.write("{");
      clients.push(client);
    }
    await tidied.promise;
    for (const client of clients) await client.close();
  }, { tidy });
  assertEquals(times, 1);
});
