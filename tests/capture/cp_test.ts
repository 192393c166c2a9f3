/**
 * CP in captures: our own dissection, and Wireshark's with our dissector.
 */
import { assert, assertEquals } from "@std/assert";
import {
  captureFormatter,
  dissectorSource,
  type Frame,
} from "../../lib/capture/mod.ts";
import { fileOf, packetsOf, readAll, type Said } from "./made_capture.ts";
import { dissected, hasTshark, skipReason, spoken } from "./tshark.ts";

async function frames(said: readonly Said[]): Promise<Frame[]> {
  return (await readAll(fileOf(packetsOf(said))))
    .filter((each) => each.event === "frame").map(({ frame }) => frame);
}

/** The lines of the frames, without times and widths. */
async function lines(said: readonly Said[]): Promise<string[]> {
  const toLine = captureFormatter("text");
  return (await readAll(fileOf(packetsOf(said))))
    .filter(({ event }) => event === "frame")
    .map((event) => toLine(event).split("\n").at(-1) as string)
    .map((line) => line.replaceAll(/ +/g, " ").replace(/^ ?\S+ #1 /, ""));
}

/** A session with CRLF, in which writes hold several PDUs and halves of one. */
const WITH_CRLF: readonly Said[] = [
  ["up", "USERalice\r\n"],
  ["down", "220 received username successfully\r\n"],
  ["up", "PASSsecret\r\n"],
  ["down", "230 user authenticated successfully\r\n"],
  ["up", "SMSGbob:Grüße\r\nRMSG\r\n"],
  ["down", "240 message successfully sent\r\nRMSGbob:see"],
  ["down", " you: now\r\n"],
  ["up", "250 message successfully received\r\n\r\n"],
  ["down", "255 end of messages\r\n"],
  ["up", "TERM\r\n"],
];

/** The original's client. */
const WITHOUT_CRLF: readonly Said[] = [
  ["up", "USERalice"],
  ["down", "220 received username successfully\r\n"],
  ["up", "passsecret"],
  ["down", "565 error authenticating user\r\n"],
  ["up", "TERM"],
];

Deno.test("PDUs of CP are told with their size and fields, but no password", async () => {
  assertEquals(await lines(WITH_CRLF), [
    '-> cp USER 11 B username="alice"',
    '<- cp 220 36 B text="received username successfully"',
    '-> cp PASS 12 B password="***"',
    '<- cp 230 37 B text="user authenticated successfully"',
    '-> cp SMSG 17 B recipient="bob" text="Grüße"',
    "-> cp RMSG 6 B",
    '<- cp 240 31 B text="message successfully sent"',
    '<- cp RMSG 22 B sender="bob" text="see you: now"',
    '-> cp 250 35 B text="message successfully received"',
    "-> cp (blank) 2 B",
    '<- cp 255 21 B text="end of messages"',
    "-> cp TERM 6 B",
  ]);
});

Deno.test("of who sends no CRLF each write is a PDU", async () => {
  assertEquals(await lines(WITHOUT_CRLF), [
    '-> cp USER 9 B username="alice"',
    '<- cp 220 36 B text="received username successfully"',
    '-> cp PASS 10 B password="***"',
    '<- cp 565 31 B text="error authenticating user"',
    "-> cp TERM 4 B",
  ]);
});

Deno.test("what CP does not have is malformed, what does not end incomplete", async () => {
  assertEquals(
    await lines([
      ["up", "USERalice\r\nHELO\r\nSMSGbob\r\n"],
      ["up", `SMSGbob:${"x".repeat(1_017)}`],
      ["up", "y\r\nRM"],
    ]),
    [
      '-> cp USER 11 B username="alice"',
      "-> cp (malformed) 6 B error: there is no such command or code",
      "-> cp (malformed) 9 B error: there is no : in it",
      "-> cp (malformed) 1028 B error: a PDU has at most 1024 bytes",
      "-> cp (incomplete) 2 B",
    ],
  );
});

Deno.test("a capture of CP without its beginning still tells who is who", async () => {
  for (
    const said of [
      ["up", "SMSGbob:hi\r\n"],
      ["down", "240 message successfully sent\r\n"],
      ["down", "RMSGbob:hi\r\n"],
      ["up", "RMSG\r\n"],
    ] as const
  ) {
    const [open, frame] = await readAll(fileOf(packetsOf([said]).slice(3)));
    assert(open?.event === "open" && frame?.event === "frame");
    assertEquals([open.client.port, frame.direction], [50_001, said[0]]);
    assertEquals(frame.frame.wire, "cp");
  }
});

/** Our frame in the words of the dissector in Lua. */
function expected({ type, bytes, fields }: Frame) {
  const isCode = /^\d/.test(type);
  return [
    bytes,
    { [isCode ? "code" : "command"]: type, ...fields },
  ] as const;
}

Deno.test({
  name: `tshark and we agree on CP, with CRLF and without${skipReason}`,
  ignore: !hasTshark,
  fn: async () => {
    for (const said of [WITH_CRLF, WITHOUT_CRLF]) {
      const folder = await Deno.makeTempDir();
      const [path, script] = [`${folder}/a.pcap`, `${folder}/chatp.lua`];
      try {
        await Deno.writeFile(path, fileOf(packetsOf(said)));
        await Deno.writeTextFile(script, dissectorSource());
        const theirs = (await dissected(path, script)).map((found) => {
          assertEquals(found.protocol, "chatpcp");
          const named = [...found.fields].filter(([name]) =>
            name.startsWith("chatpcp.")
          ).map(([name, [value = ""]]) => [
            name.slice("chatpcp.".length),
            name === "chatpcp.password" ? "***" : value,
          ]);
          return [found.bytes, Object.fromEntries(named)] as const;
        });
        const ours = (await frames(said)).filter(({ type }) =>
          type !== "(blank)"
        );
        assertEquals(theirs, ours.map(expected));
        const errors = (await spoken(path, script))
          .match(/.*(Malformed|malformed|Lua [Ee]rror).*/g);
        assertEquals(errors, null);
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    }
  },
});
