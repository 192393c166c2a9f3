/**
 * `chatp capture dissector`.
 *
 * @module
 */

import { Command } from "@cliffy/command";
import { dissectorSource } from "../lib/capture/mod.ts";
import { refuseOptions } from "./arguments.ts";
import { reporting } from "./report.ts";

/** `chatp capture dissector`, as the command line sees it. */
export const dissectorCommand = new Command()
  .description(
    "Print a dissector for Wireshark and tshark, in Lua: ChatProto 1.0, " +
      "ChatProto 2, CP and reliable UDP.",
  )
  .example(
    "Read a capture with tshark",
    "chatp capture dissector > chatp.lua && " +
      "tshark -X lua_script:chatp.lua -r chat.pcap",
  )
  .action(function () {
    return reporting(() => {
      refuseOptions(this, []);
      const bytes = new TextEncoder().encode(dissectorSource());
      for (let at = 0; at < bytes.length;) {
        at += Deno.stdout.writeSync(bytes.subarray(at));
      }
      return Promise.resolve();
    });
  });
