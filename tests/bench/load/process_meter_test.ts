import net from "node:net";
import { once } from "node:events";
import { assert, assertEquals } from "@std/assert";
import {
  listeningInodes,
  listeningProcess,
  parseUse,
  processUse,
  queuedTime,
} from "../../../lib/bench/load/mod.ts";

Deno.test("a process's times and memory are read whatever it calls itself", () => {
  const stat = "4242 (a b) (c) S 1 4242 4242 0 -1 4194560 " +
    "900 0 0 0 150 50 7 8 20 0 9 0 123456 1000000 5000 18446744073709551615";
  const status = "Name:\ta b) (c\nVmHWM:\t  200 kB\nVmRSS:\t  100 kB\n";
  assertEquals(parseUse(stat, status), {
    name: "a b) (c",
    cpu: 2,
    memory: 102_400,
    peak: 204_800,
  });
});

Deno.test("of the sockets on a port only those that listen count", () => {
  const table = [
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode",
    "   0: 0100007F:15B3 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 777 1 0 100 0",
    "   1: 0100007F:15B3 0100007F:C001 01 00000000:00000000 00:00000000 00000000  1000        0 778 1 0 20 4",
    "   2: 0100007F:15B4 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 779 1 0 100 0",
    "",
  ].join("\n");
  assertEquals(listeningInodes(table, 0x15b3), ["777"]);
  assertEquals(listeningInodes(table, 1), []);
});

const linux = Deno.build.os === "linux";

Deno.test({
  name: linux
    ? "who listens on a port is found, and what it uses"
    : "who listens on a port is found, and what it uses (needs /proc of Linux)",
  ignore: !linux,
  fn: async () => {
    const server = net.createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as net.AddressInfo;
    assertEquals(listeningProcess(port), Deno.pid);
    server.close();
    await once(server, "close");
    assertEquals(listeningProcess(port), undefined);
    const use = processUse(Deno.pid);
    assert(use !== undefined && use.cpu > 0 && use.memory > 1e6);
    assert(use.peak >= use.memory);
    const queued = queuedTime(Deno.pid);
    assert(queued === undefined || queued >= 0);
  },
});

Deno.test("of a process that is not there nothing is told", () => {
  assertEquals(processUse(2 ** 30), undefined);
  assertEquals(queuedTime(2 ** 30), undefined);
});
