import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import {
  COLUMNS,
  type Format,
  FORMATS,
  makeReport,
} from "../../lib/bench/mod.ts";
import { CONVERSATION, measurement, report } from "./measurements.ts";

function lines(format: Format): string[] {
  return FORMATS[format](report()).split("\n");
}

Deno.test("JSON has the keys that scripts look for, first and in this order", () => {
  const found = JSON.parse(FORMATS.json(report()));
  assertEquals(Object.keys(found), [
    "workload",
    "wires",
    "breakEven",
    "frames",
    "ledgers",
    "floors",
    "notes",
  ]);
  assertEquals(found.workload, {
    users: 2,
    messages: 3,
    seed: 7,
    seconds: 163,
    steps: 7,
  });
  assertEquals(Object.keys(found.wires[0]).slice(0, 10), [
    "wire",
    "total",
    "up",
    "down",
    "handshake",
    "messages",
    "due",
    "lost",
    "doubled",
    "outOfOrder",
  ]);
  assertEquals(FORMATS.json(report()).includes("\n"), false);
});

Deno.test("JSON's figures are bytes, and null where there is none", () => {
  const [json, tls] = JSON.parse(FORMATS.json(report())).wires;
  assertEquals(tls, {
    wire: "chatp1+tls",
    total: 1600,
    up: 600,
    down: 1000,
    handshake: 500,
    messages: 3,
    due: 3,
    lost: 0,
    doubled: 0,
    outOfOrder: 0,
    publishedTotal: 594_154,
    bytesPerMessage: 533.333,
    // 1,600 bytes are 12,800 bits, over 163 s.
    kbitPerSecond: 0.079,
    publishedKbitPerSecond: 25.97,
    vsJson: 60,
    publishedVsJson: -9.5,
    vsJsonTls: null,
    publishedVsJsonTls: -26,
    application: 600,
    // 1,600 less 600, 500 and 280: ten records of 22.
    recordOverhead: 220,
    closing: 280,
    records: 10,
    seconds: 0.5,
    datagrams: null,
    repeats: null,
    repeatedBytes: null,
    acknowledged: 3,
    notices: 4,
    noticesLost: 0,
    unexpected: 0,
    types: [],
  });
  assertEquals(json.vsJson, null);
  assertEquals(json.publishedTotal, 656_550);
});

Deno.test("CSV has a line of names and a line for each wire", () => {
  const [names, json, tls, ...rest] = lines("csv");
  assertEquals(names, COLUMNS.map(({ name }) => name).join(","));
  assertEquals(
    json,
    "json,1000,300,700,0,3,3,0,0,0,656550,333.333,0.049,32.07,,,,," +
      "1000,0,0,0,0.5,,,,3,4,0,0",
  );
  assertEquals(
    tls,
    "chatp1+tls,1600,600,1000,500,3,3,0,0,0,594154,533.333,0.079,25.97," +
      "60,-9.5,,-26,600,220,280,10,0.5,,,,3,4,0,0",
  );
  assertEquals(rest, []);
});

Deno.test("the table is aligned and has the published figures beside ours", () => {
  const table = lines("table");
  assertEquals(table.slice(0, 7), [
    "2 people, 3 messages in 7 steps, 163 s on the conversation's clock, seed 7",
    "",
    "Payload of TCP and UDP, both directions, in bytes",
    "wire        bytes    EE586  a message  kbit/s  EE586  vs json   EE586  vs json+tls    EE586",
    "json        1,000  656,550      333.3    0.05  32.07        –       –            –        –",
    "chatp1+tls  1,600  594,154      533.3    0.08  25.97  +60.0 %  −9.5 %            –  −26.0 %",
    "EE586: the figures published with the protocol; " +
    "their v4 (chatp1+tls) ran for 183 s, not 163 s",
  ]);
  assertEquals(table.filter((line) => line.length > 100), []);
});

Deno.test("the table shows LOGIN and ROOM_MSG byte for byte", () => {
  const table = FORMATS.table(report());
  assertStringIncludes(
    table,
    `LOGIN to the server: JSON 42 bytes, binary 16, −61.9 % (EE586 −50 %)
7b 22 74 79 70 65 22 3a 22 6c  {"type":"l  |  43 50 01 01 00 00 00 00 07 00  CP········
6f 67 69 6e 22 2c 22 75 73 65  ogin","use  |  05 61 6c 69 63 65              ·alice
72 6e 61 6d 65 22 3a 22 61 6c  rname":"al  |
69 63 65 22 2c 22 76 22 3a 32  ice","v":2  |
7d 0a                          }·          |`,
  );
  assertStringIncludes(
    table,
    "ROOM_MSG to the server: JSON 50 bytes, binary 31, −38.0 % (EE586 −46 %)",
  );
  assertStringIncludes(table, "ROOM_MSG from the server: JSON 84 bytes");
});

Deno.test("Markdown has tables, code and sentences", () => {
  const markdown = FORMATS.markdown(report());
  assertStringIncludes(
    markdown,
    "| wire | messages | acknowledged | due | lost | doubled | " +
      "out of order | notices | lost | unexpected |\n" +
      "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n" +
      "| json | 3 | 3 | 3 | 0 | 0 | 0 | 4 | 0 | 0 |\n",
  );
  assertStringIncludes(markdown, "```text\n7b 22 74");
  assertStringIncludes(
    markdown,
    "## Where it differs from the published figures\n\n- Bytes: ",
  );
});

Deno.test("where something was lost, the report is not clean and compares nothing", () => {
  const { clean, notes } = report({ lost: 1 });
  assertEquals(clean, false);
  assertEquals(notes, [
    "Not everything came once and in order over chatp1+tls: " +
    "the figures are of what did come, and not to be compared.",
  ]);
  assert(report().clean);
});

Deno.test("of reliable UDP the report has its datagrams and a sentence", () => {
  const types = [
    { direction: "up", type: "CHT", count: 3, bytes: 900 },
    { direction: "down", type: "ACK", count: 3, bytes: 120 },
  ] as const;
  const datagrams = { datagrams: 12, repeats: 2, repeatedBytes: 250 };
  const found = makeReport(CONVERSATION, [
    measurement("json"),
    measurement("udp", { up: 900, down: 600, types, datagrams }),
  ]);
  const [, udp] = JSON.parse(FORMATS.json(found)).wires;
  assertEquals(
    [udp.total, udp.datagrams, udp.repeats, udp.repeatedBytes],
    [1500, 12, 2, 250],
  );
  assertStringIncludes(
    FORMATS.table(found),
    "\n\nDatagrams of UDP\n" +
      "wire  datagrams  sent again  in bytes\n" +
      "udp          12           2       250\n\n",
  );
  assertStringIncludes(
    FORMATS.markdown(found),
    "## Datagrams of UDP\n\n| wire | datagrams | sent again | in bytes |\n" +
      "| --- | ---: | ---: | ---: |\n| udp | 12 | 2 | 250 |\n",
  );
  for (const format of Object.values(FORMATS)) {
    assertEquals(format(report()).includes("Datagrams of UDP"), false);
  }
  assertEquals(
    found.notes.find((note) => note.startsWith("Reliable UDP")),
    "Reliable UDP, of which nothing was published: its 1,500 bytes are " +
      "150.0 % of JSON's, 120 of them ACKs, and authors are sent their own " +
      "messages too. 2 of 12 datagrams were sent again, 250 bytes. What TCP " +
      "does beneath the others, it does itself. Its logins are with a " +
      "password, to accounts that were made before anything was counted.",
  );
});

Deno.test("of CP the report has a ledger and a sentence on what asking costs", () => {
  const types = [
    { direction: "up", type: "SMSG", count: 6, bytes: 150 },
    { direction: "up", type: "RMSG", count: 5, bytes: 30 },
    { direction: "down", type: "RMSG", count: 6, bytes: 150 },
    { direction: "down", type: "240", count: 6, bytes: 186 },
    { direction: "up", type: "250", count: 6, bytes: 210 },
    { direction: "down", type: "255", count: 2, bytes: 42 },
    { direction: "down", type: "256", count: 3, bytes: 63 },
  ] as const;
  const frames = [
    { direction: "up", frame: "SMSG", field: "text", count: 6, bytes: 551 },
    { direction: "up", frame: "250", field: "words", count: 6, bytes: 180 },
    { direction: "down", frame: "255", field: "words", count: 2, bytes: 100 },
  ] as const;
  const cp = { up: 390, down: 441, types, frames };
  const found = makeReport(CONVERSATION, [
    measurement("json"),
    measurement("cp", cp),
    measurement("cp+tls", { ...cp, up: 1000, down: 500, records: 10 }),
  ]);
  assertEquals(
    found.notes.find((note) => note.startsWith("CP, ")),
    "CP, of which nothing was published: its 831 bytes are 83.1 % of JSON's, " +
      "without any moves, lists, or who comes and goes. Nothing comes " +
      "unasked: people asked 5 times, 3 times in vain; that, and the ends of " +
      // 30, 42 and 63 are 135 of 831; 186 and 210 are 396; 180 and 100 are 280.
      "the answers, is 135 bytes, 16.2 %. What is said to a room is sent to " +
      "each in it by itself, 6 times for 3 messages. That a copy is kept " +
      "(240) and that it has come (250) is 396 bytes, 47.7 %; the words " +
      "behind all codes, which are for people, are 280 bytes, 33.7 %; in TLS " +
      "its 1,500 bytes are 150.0 % of JSON's without TLS, 500 of them for 10 " +
      "records.",
  );
  const table = FORMATS.table(found);
  assertStringIncludes(
    table,
    "\n\nThe ledger of cp: where its 831 bytes went\n" +
      "part                 count  bytes   share  of these\n" +
      "SMSG to the server       6    551  66.3 %  text 551\n" +
      "250 to the server        6    180  21.7 %  words 180\n" +
      "255 from the server      2    100  12.0 %  words 100\n\n",
  );
  for (const format of ["table", "markdown"] as const) {
    assertEquals(FORMATS[format](found).includes("the texts are"), false);
    assertEquals(FORMATS[format](found).includes("\n\n\n"), false);
  }
});

Deno.test("no format ends in a line feed", () => {
  for (const format of Object.values(FORMATS)) {
    assertEquals(format(report()).endsWith("\n"), false);
  }
});
