/** The bench's conversation as a capture: its bytes are those of the bench. */

import { assertEquals } from "@std/assert";
import { benchServers } from "../../commands/bench.ts";
import { recorderOf } from "../../commands/capture_samples.ts";
import { playVariant, VARIANTS } from "../../lib/bench/mod.ts";
import {
  type ReadingEvent,
  Recorder,
  retell,
  SetClock,
} from "../../lib/capture/mod.ts";
import { readAll } from "./made_capture.ts";
import { complaints, hasTshark, payloadByPort, skipReason } from "./tshark.ts";

/** Where the servers are, in the captures. */
const PORTS = { tcp: 5_555, udp: 5_000 } as const;

/** Plays a variant and records it; gives both counts to `check`. */
async function recorded(
  variant: (typeof VARIANTS)[number],
  check: (
    path: string,
    measured: { readonly up: number; readonly down: number },
  ) => Promise<void>,
): Promise<void> {
  const path = await Deno.makeTempFile({ suffix: ".pcap" });
  try {
    const recorder = Recorder.create(path, { force: true });
    const clock = new SetClock(Date.now());
    const { up, down } = await playVariant(
      variant,
      { users: 3, messages: 40, seed: 7 },
      {
        startServer: benchServers(),
        observers: [retell(recorderOf(recorder, variant), {
          server: { address: "127.0.0.1", port: PORTS[variant.transport] },
          client: (id) => ({ address: "127.0.0.1", port: 50_000 + id }),
          now: () => clock.now(),
        })],
      },
    );
    recorder.finish();
    await check(path, { up, down });
  } finally {
    await Deno.remove(path);
  }
}

for (const variant of VARIANTS) {
  Deno.test(`a capture of ${variant.wire} holds the bytes that bench counts, all of them understood`, () =>
    recorded(variant, async (path, measured) => {
      const last = (await readAll(await Deno.readFile(path))).at(-1);
      const { summary } = last as ReadingEvent & { event: "summary" };
      const { up, down, errors, missing, connections } = summary;
      assertEquals({ up, down }, measured);
      assertEquals({ errors, missing, connections }, {
        errors: 0,
        missing: 0,
        connections: 3,
      });
    }));

  Deno.test({
    name:
      `tshark's sum of payload for ${variant.wire} is what bench counts, without a warning${skipReason}`,
    ignore: !hasTshark,
    fn: () =>
      recorded(variant, async (path, { up, down }) => {
        assertEquals(await complaints(path), "");
        const sums = await payloadByPort(path, variant.transport);
        const all = sums.values().reduce((sum, each) => sum + each, 0);
        assertEquals(sums.get(PORTS[variant.transport]), down);
        assertEquals(all, up + down);
      }),
  });
}
