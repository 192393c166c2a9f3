/** The record of strace, read line by line as strace 6 writes it. */

import { assertEquals } from "@std/assert";
import { parseSystemCalls } from "./system_calls.ts";

const LOG = String.raw`<\x2f\x6c\x6f\x67>`;
const SOCKET = "<TCP:[127.0.0.1:5555->127.0.0.1:40000]>";

Deno.test("a system call is read with its target, its bytes and its moments", () => {
  const record = [
    String.raw`7 pwrite64(4${LOG}, "\x68\x69", 2, 0) = 2`,
    `7 fdatasync(4${LOG} <unfinished ...>`,
    String.raw`8 writev(9${SOCKET}, [{iov_base="\x61", iov_len=1}, ` +
    String.raw`{iov_base="\x22\x5c", iov_len=2}], 2) = 3`,
    "7 <... fdatasync resumed>)              = 0",
    `8 fsync(4${LOG} <unfinished ...>`,
    "8 +++ exited with 0 +++",
  ].join("\n");
  assertEquals(parseSystemCalls(record), [
    { name: "pwrite64", target: "/log", data: "hi", entered: 0, returned: 0 },
    { name: "fdatasync", target: "/log", data: "", entered: 1, returned: 3 },
    {
      name: "writev",
      target: "TCP:[127.0.0.1:5555->127.0.0.1:40000]",
      data: 'a"\\',
      entered: 2,
      returned: 2,
    },
    {
      name: "fsync",
      target: "/log",
      data: "",
      entered: 4,
      returned: Infinity,
    },
  ]);
});
