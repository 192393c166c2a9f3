/**
 * A reader that stalls costs the others nothing: a room of a hundred, with it and
 * without, in turns.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { stalledReaders } from "../perf/bad_neighbours.ts";
import { compare } from "../perf/neighbourhood.ts";
import { withServer } from "./test_server.ts";

/**
 * How many times as long the slowest hundredth may take. Who had to wait for the
 * reader would wait until it is dropped, a hundred times as long and more.
 */
const MOST = 10;

/** Below it figures are the machine's: it is what they are compared with, ms. */
const LEAST = 5;

Deno.test("in a room of a hundred a stalled reader is dropped, and nobody else waits or misses anything", () =>
  withServer(async (port, server) => {
    let dropped = 0;
    const { notice } = server.counts.rejected;
    const found = await compare({
      port,
      load: { clients: 100, rate: 100, duration: 1, rooms: 1 },
      wire: "chatp2",
      rounds: 3,
      beside: async (room, bad, round) => {
        const before = notice[429];
        const stop = await stalledReaders({ port, room, bad }, 1);
        await round();
        // What the system itself holds for a reader is full after some seconds.
        while (bad && notice[429] === before) {
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
        const { closed = 0 } = await stop();
        dropped += closed;
      },
    });
    const { due, lost, doubled, refused, cutOff } = found;
    // 100 messages to 99 others, three times.
    assertEquals({ due, lost, doubled, refused, cutOff }, {
      due: 29_700,
      lost: 0,
      doubled: 0,
      refused: 0,
      cutOff: 0,
    });
    // Each time it was told 429, and closed.
    assertEquals([notice[429], dropped], [3, 3]);
    const ratio = found.beside.p99 / Math.max(LEAST, found.without.p99);
    assert(
      ratio <= MOST,
      `p99 was ${found.beside.p99} ms beside it, ` +
        `${found.without.p99} ms without: a ratio of ${ratio}`,
    );
  }, {
    limits: {
      requestsPerSecond: Infinity,
      requestBurst: Infinity,
      sendQueue: 65_536,
    },
  }));
