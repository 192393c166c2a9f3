/**
 * How a peer's PDUs are told apart: by CRLF, or by silence.
 */
import { assertEquals, assertLessOrEqual } from "@std/assert";
import type { Pdu } from "../../../lib/wire/cp/pdu.ts";
import { PduReader } from "../../../lib/wire/cp/pdu_reader.ts";
import { CpServer } from "../../../lib/wire/mod.ts";
import { bytesOf, lineOf, play, serverPlayer } from "./transcript.ts";

/** PDUs as `NAME|data`, or `NAME! fault`. */
function shown(pdus: Iterable<Pdu>): string[] {
  return [...pdus].map(({ name, data, fault }) =>
    fault === undefined ? `${name}|${lineOf(data)}` : `${name}! ${fault}`
  );
}

/** A reader whose peer sends no CRLF. */
function silent(): PduReader {
  const reader = new PduReader();
  shown(reader.receive(bytesOf("USERa"), 0));
  shown(reader.tick(40));
  assertEquals(reader.framing, "silence");
  return reader;
}

Deno.test("a first PDU that ends in CRLF settles on CRLF, and what is behind it is read so", () => {
  const reader = new PduReader();
  assertEquals(
    shown(reader.receive(bytesOf("USERalice\\r\\nPASSse\\ncret\\r\\nRM"), 0)),
    ["USER|alice", "PASS|se\\ncret"],
  );
  assertEquals([reader.framing, reader.pending], ["crlf", 2]);
  assertEquals(shown(reader.tick(9_999)), []);
  assertEquals(shown(reader.receive(bytesOf("SG\\r\\n"), 9_999)), ["RMSG|"]);
});

Deno.test("a first PDU that 40 ms of silence follow settles on silence, 39 do not", () => {
  const reader = new PduReader();
  assertEquals(shown(reader.receive(bytesOf("USERal"), 0)), []);
  assertEquals([reader.wakeAt, shown(reader.tick(39))], [40, []]);
  assertEquals(shown(reader.receive(bytesOf("ice"), 39)), []);
  assertEquals([reader.wakeAt, shown(reader.tick(78))], [79, []]);
  assertEquals([shown(reader.tick(79)), reader.framing], [
    ["USER|alice"],
    "silence",
  ]);
  assertEquals([reader.wakeAt, reader.pending], [undefined, 0]);
});

Deno.test("who was not woken in time settles first when the next read comes", () => {
  const reader = new PduReader();
  assertEquals(shown(reader.receive(bytesOf("USERalice"), 0)), []);
  assertEquals(shown(reader.receive(bytesOf("PASSsecret"), 40)), [
    "USER|alice",
    "PASS|secret",
  ]);
});

Deno.test("framed by silence, every later read is one PDU at once, without CR and LF at its ends", () => {
  const reader = silent();
  for (
    const [read, pdus] of [
      ["PASSsecret", ["PASS|secret"]],
      ["PASSsecret\\r\\n", ["PASS|secret"]],
      ["PASSsecret\\n", ["PASS|secret"]],
      ["\\r\\nRMSG", ["RMSG|"]],
      ["\\r\\n", []],
      ["\\n", []],
      ["\\r", []],
      ["", []],
      ["SMSGbob:a\\r\\nRMSG\\n", ["SMSG|bob:a\\r\\nRMSG"]],
      ["US", ["undefined|"]],
    ] as const
  ) {
    assertEquals(shown(reader.receive(bytesOf(read), 50)), [...pdus], read);
    assertEquals([reader.pending, reader.wakeAt], [0, undefined]);
  }
});

Deno.test("framed by silence, a command in the read of a 201 or 250 is told from its words", () => {
  for (
    const [read, pdus] of [
      ["201 recovered from errorRMSG", ["201|recovered from error", "RMSG|"]],
      ["201 recoveredTERM", ["201|recovered", "TERM|"]],
      ["201 xSMSGbob:see you", ["201|x", "SMSG|bob:see you"]],
      ["250 got it\\r\\nRMSG\\r\\n", ["250|got it", "RMSG|"]],
      ["201RMSG", ["undefined|"]],
      // Words that speak of a command, or are no whole one.
      ["201 recovered from RMSG", ["201|recovered from RMSG"]],
      ["201 after SMSG:", ["201|after SMSG:"]],
      ["201 RMSGs are back", ["201|RMSGs are back"]],
      ["201 xSMSG12345678901:a", ["201|xSMSG12345678901:a"]],
      ["201 xrmsg", ["201|xrmsg"]],
      // A message may say anything.
      ["SMSGbob:201 xRMSG", ["SMSG|bob:201 xRMSG"]],
    ] as const
  ) {
    assertEquals(shown(silent().receive(bytesOf(read), 50)), [...pdus], read);
  }
});

const STREAM = "\\r\\nUSERalice\\r\\n\\r\\n\\nPASSa\\rb\\n\\r\\n250 ok\\r\\n" +
  "\\rsmsgbob:\xc3\\r\\r\\nhuh\\r\\nTerm\\r\\n";
const PDUS = [
  "USER|alice",
  "PASS|a\\rb\\n",
  "250|ok",
  "SMSG|bob:\xc3\\r",
  "undefined|",
  "TERM|",
];

Deno.test("framed by CRLF, a stream gives the same PDUs wherever it is cut", () => {
  const stream = bytesOf(STREAM);
  for (let first = 0; first <= stream.length; first++) {
    for (let second = first; second <= stream.length; second++) {
      const reader = new PduReader();
      const cut = [
        stream.subarray(0, first),
        stream.subarray(first, second),
        stream.subarray(second),
      ];
      assertEquals(
        cut.flatMap((piece, index) =>
          shown(reader.receive(piece, index === 0 ? 0 : 39))
        ),
        PDUS,
        `cut at ${first} and ${second}`,
      );
    }
  }
});

Deno.test("framed by CRLF, a stream gives the same PDUs byte by byte, slowly", () => {
  const reader = new PduReader();
  let now = 0;
  const found: string[] = [];
  for (const byte of bytesOf(STREAM)) {
    found.push(...shown(reader.receive(new Uint8Array([byte]), now)));
    now += reader.framing === "crlf" ? 700 : 39;
  }
  assertEquals(found, PDUS);
});

Deno.test("a PDU may have 1,024 bytes, one more is too long and is told once", () => {
  const longest = `SMSGb:${"x".repeat(1_018)}`;
  assertEquals(bytesOf(longest).length, 1_024);
  const whole = [`SMSG|b:${"x".repeat(1_018)}`];
  const over = ["SMSG! too long", "RMSG|"];

  for (const size of [1, 7, 1_023, 1_024, 1_025, 4_000]) {
    for (
      const [text, due] of [[longest, [...whole, "RMSG|"]], [
        `${longest}y`,
        over,
      ]] as const
    ) {
      const reader = new PduReader("crlf");
      const stream = bytesOf(`${text}\\r\\nRMSG\\r\\n`);
      const found: string[] = [];
      for (let at = 0; at < stream.length; at += size) {
        found.push(...shown(reader.receive(stream.slice(at, at + size), 0)));
        assertLessOrEqual(reader.pending, 1_025);
      }
      assertEquals(found, due, `${text.length} bytes by ${size}`);
    }
  }

  assertEquals(shown(silent().receive(bytesOf(longest), 50)), whole);
  assertEquals(shown(silent().receive(bytesOf(`${longest}\\r\\n`), 50)), whole);
  assertEquals(shown(silent().receive(bytesOf(`${longest}y`), 50)), [
    "SMSG! too long",
  ]);
});

Deno.test("a CR at the edge of the longest PDU is its end, or one too many", () => {
  const longest = `SMSGb:${"x".repeat(1_018)}`;
  const read = (text: string) =>
    [...text.matchAll(/\\.|[^\\]+/g)].flatMap(([piece]) => [piece]);
  for (
    const [end, due] of [
      ["\\r\\n", `SMSG|b:${"x".repeat(1_018)}`],
      ["\\r\\r\\n", "SMSG! too long"],
      ["\\rx\\r\\n", "SMSG! too long"],
      ["\\n\\r\\n", "SMSG! too long"],
    ] as const
  ) {
    const reader = new PduReader("crlf");
    const found = read(longest + end).flatMap((piece) =>
      shown(reader.receive(bytesOf(piece), 0))
    );
    assertEquals(found, [due], end);
    assertEquals(shown(reader.receive(bytesOf("RMSG\\r\\n"), 0)), ["RMSG|"]);
  }
});

Deno.test("a first PDU that is too long is told at once, and its end settles the framing", () => {
  for (const [end, framing] of [["\\r\\n", "crlf"], ["", "silence"]] as const) {
    const reader = new PduReader();
    assertEquals(
      shown(reader.receive(bytesOf(`USER${"x".repeat(5_000)}`), 0)),
      ["USER! too long"],
    );
    assertEquals(reader.pending, 0);
    assertEquals(shown(reader.receive(bytesOf(`yz${end}`), 30)), []);
    assertEquals(shown(reader.tick(70)), []);
    assertEquals(reader.framing, framing);
    assertEquals(shown(reader.receive(bytesOf("RMSG\\r\\n"), 71)), ["RMSG|"]);
  }
});

Deno.test("a PDU that has not ended after 10 s is given up, with all that belongs to it", () => {
  const reader = new PduReader("crlf");
  assertEquals(shown(reader.receive(bytesOf("smsgbob:h"), 1_000)), []);
  assertEquals(shown(reader.receive(bytesOf("e"), 10_000)), []);
  assertEquals(reader.wakeAt, 11_000);
  assertEquals(shown(reader.tick(10_999)), []);
  assertEquals(shown(reader.tick(11_000)), ["SMSG! unended"]);
  assertEquals([reader.pending, reader.wakeAt], [0, undefined]);
  // Its rest is no command, whatever it looks like.
  assertEquals(shown(reader.receive(bytesOf("TERM\\r"), 11_001)), []);
  assertEquals(shown(reader.receive(bytesOf("\\n201 ok\\r\\n"), 30_000)), [
    "201|ok",
  ]);
});

Deno.test("a first PDU that dribbles for 10 s is given up", () => {
  const reader = new PduReader();
  const found: string[] = [];
  for (let now = 0; now <= 10_020; now += 30) {
    found.push(...shown(reader.receive(bytesOf("x"), now)));
  }
  assertEquals(found, ["undefined! unended"]);
  assertEquals(reader.pending, 0);
  assertEquals([shown(reader.tick(10_060)), reader.framing], [[], "silence"]);
});

Deno.test("the 10 s begin with a PDU's first byte, not with a stray CRLF before it", () => {
  const reader = new PduReader("crlf");
  assertEquals(shown(reader.receive(bytesOf("\\r\\n\\r"), 0)), []);
  assertEquals([reader.wakeAt, reader.pending], [undefined, 0]);
  assertEquals(shown(reader.receive(bytesOf("\\nR"), 5_000)), []);
  assertEquals(reader.wakeAt, 15_000);
});

Deno.test("commands are read in any case, and letters of other alphabets are none", () => {
  for (
    const [read, pdu] of [
      ["user\xe9", "USER|\xe9"],
      ["UsErx", "USER|x"],
      ["term", "TERM|"],
      ["250", "250|"],
      ["250 ", "250|"],
      ["250 a b", "250|a b"],
      ["2500", "undefined|"],
      ["250x", "undefined|"],
      ["999 x", "undefined|"],
      ["0250", "undefined|"],
      ["u\\xc5\\xbfer", "undefined|"],
      ["NICKx", "undefined|"],
      ["toString", "undefined|"],
    ] as const
  ) {
    const reader = new PduReader("crlf");
    assertEquals(shown(reader.receive(bytesOf(`${read}\\r\\n`), 0)), [pdu]);
  }
});

Deno.test("a client that sends no CRLF and one PDU a write is served as it is", () => {
  play(
    serverPlayer(),
    `
    > USERPamina
    + 39
    + 1
    < 220 received username successfully\\r\\n
    > PASSwrong
    * login Pamina wrong
    = logged in: no
    < 565 error authenticating user\\r\\n
    > USERPamina
    < 220 received username successfully\\r\\n
    > PASSILovePitt
    * login Pamina ILovePitt
    = logged in: yes
    < 230 user authenticated successfully\\r\\n
    > SMSGNobody:hello
    * send Nobody hello
    = sent: no such receiver
    < 545 receiver user does not exist\\r\\n
    > SMSGGeorge:hello
    * send George hello
    = sent: yes
    < 240 message successfully sent\\r\\n
    > RMSG
    * fetch
    = waiting George, more: Hi Pamina
    < RMSGGeorge:Hi Pamina\\r\\n
    > 250 received message
    * delivered
    * fetch
    = waiting Dolce: Hello Pamina! How are you?
    < RMSGDolce:Hello Pamina! How are you?\\r\\n
    > 250 received message
    * delivered
    < 255 end of messages\\r\\n
    > RMSG
    * fetch
    = none
    < 256 no new messages\\r\\n
    > TERM
    * close
    `,
  );
});

Deno.test("what comes after the close is not looked at", () => {
  const server = new CpServer();
  play(serverPlayer(server), "> TERM\\r\\nUSERalice\\r\\n\n* close");
  play(serverPlayer(server), "> USERalice\\r\\n\n+ 20000");
  assertEquals([server.pending, server.wakeAt], [0, undefined]);
});
