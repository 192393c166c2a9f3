/** What is told of captured ChatProto 2, all bytes written by hand. */

import { assertEquals } from "@std/assert";
import { compressText } from "../../lib/wire/text_code/text_code.ts";
import { golden } from "../wire/golden.ts";
import {
  down,
  ENTERED,
  GREETING,
  lines,
  preface,
  up,
} from "./chatproto2_made.ts";
import { packetsOf, type Said } from "./made_capture.ts";

const TEXT = "see you tomorrow";
/** The same in the text code. */
const CODED = (compressText(TEXT) as Uint8Array).toHex();

interface Case {
  readonly name: string;
  readonly before?: readonly Said[];
  readonly said: readonly Said[];
  readonly lines: readonly string[];
}

const CASES: readonly Case[] = [
  {
    name: "prefaces are told with their features, logins without what lets in",
    said: [
      ["up", preface("01")],
      up(`43 02 "al" 06 "secret"`),
      ["down", preface("81")],
      down(`f1 00 02 "al" 05 02 07 "general" 03 "tok"`),
      up(`78 01 02 "ab" 02 "cd"`),
    ],
    lines: [
      "-> chatp2 preface 9 B [text_code]",
      '-> chatp2 login 12 B n=0 user="al" password="***" [keep]',
      "<- chatp2 preface 9 B [text_code] [flag_128]",
      '<- chatp2 welcome 20 B n=0 user="al" room="general" name="al" room_name="general" token="***"',
      '-> chatp2 password 9 B n=1 old="***" new="***"',
    ],
  },
  {
    name: "rooms and people are told by name, and sequences are counted",
    before: ENTERED,
    said: [
      down(`10 03 "hi"`, `14 03 07 "ho"`, `10 04 "?"`),
      up(`18 01 "yes"`),
      down("28 01", "51 02", "50"),
      up("25 02 2c 01", "20", "23 02 00"),
      down("f0 04 7b 14 00"),
      down(`61 04 02 "cy"`, `10 04 "!"`, "40 02 2e 00"),
    ],
    lines: [
      '<- chatp2 message 5 B room="general" sequence=42 sender="bo" text="hi"',
      '<- chatp2 message 6 B room="general" sequence=43 sender="bo" pause=7 text="ho"',
      '<- chatp2 message 4 B room="general" sequence=44 sender="#4" text="?"',
      '-> chatp2 say 6 B n=1 text="yes"',
      '<- chatp2 stored 3 B n=1 room="general" sequence=45',
      '<- chatp2 received 3 B room="general" sequence=43 behind=2',
      '<- chatp2 received 2 B room="general" sequence=45',
      '-> chatp2 receipt 5 B room="general" sequence=44 unread=1',
      '-> chatp2 receipt 2 B room="general" sequence=45',
      '-> chatp2 receipt 4 B room="general" sequence=47 more=2 unread=0',
      '<- chatp2 crowd 6 B room="general" here=123 came=20 went=0',
      '<- chatp2 presence 6 B room="general" user="cy" name="cy" [here]',
      '<- chatp2 message 4 B room="general" sequence=46 sender="cy" text="!"',
      '<- chatp2 position 5 B room="general" sequence=46 time=0',
    ],
  },
  {
    name: "a position that is not where the messages end is an error",
    before: ENTERED,
    said: [down(`10 03 "hi"`, "40 02 2c 00", `10 03 "ho"`)],
    lines: [
      '<- chatp2 message 5 B room="general" sequence=42 sender="bo" text="hi"',
      '<- chatp2 position 5 B room="general" sequence=44 time=0 error: Messages of general were lost: the server is at 44, what came ends at 42',
      '<- chatp2 message 5 B room="general" sequence=45 sender="bo" text="ho"',
    ],
  },
  {
    name: "replies are told by what they reply to",
    before: ENTERED,
    said: [
      up("c0", "c9 01", "ce 02 02", "f8 00 03 03", "d8 04 02 00"),
      up(`88 05 01 "x"`, `88 06 01 "y"`),
      down(`80 07 "general" 03 "tea"`, `88 01 01 "g" 02 "al"`),
      down(`88 02 07 "general" 03 03 02 "bo"`, `88 03 09 01 03 "tea"`),
      down(
        `88 04 00 07 "general" 64 02 2a 8827 04 04 02 "cy" 07 "general" 02 "hi"`,
      ),
      down(`98 05 9903 05 "taken"`, `88 07 01 02`, `10 04 "!"`),
    ],
    lines: [
      "-> chatp2 list 2 B n=0",
      "-> chatp2 list 3 B n=1 [users]",
      '-> chatp2 list 4 B n=2 room="general" [members]',
      "-> chatp2 ask_names 5 B n=3 handles=[3]",
      '-> chatp2 history 5 B n=4 room="general" limit=0',
      '-> chatp2 join 5 B n=5 name="x"',
      '-> chatp2 join 5 B n=6 name="y"',
      '<- chatp2 reply 14 B n=0 to="list" names=["general","tea"]',
      '<- chatp2 reply 8 B n=1 to="list" name="g" users=["al"]',
      '<- chatp2 reply 16 B n=2 to="list" name="general" items=[{"handle":3,"state":"account,here","user":"bo"}]',
      '<- chatp2 reply 9 B n=3 to="ask_names" items=[{"handle":9,"what":"public","name":"tea"}]',
      '<- chatp2 reply 33 B n=4 to="history" more=0 name="general" items=[{"room":2,"sender_handle":4,"id":100,"sequence":42,"time":5000,"flags":"","sender":"cy","name":"general","text":"hi"}]',
      '<- chatp2 refused 11 B n=5 to="join" code=409 detail="taken"',
      '<- chatp2 reply 5 B n=7 body="<2 bytes>"',
      '<- chatp2 message 4 B room="general" sequence=42 sender="cy" text="!"',
    ],
  },
  {
    name: "a new token is told without what lets in, and a farewell",
    before: ENTERED,
    said: [
      up(`70 02 "ab" 02 "cd"`),
      down(`81 03 "tok"`),
      up(`70 02 "cd" 02 "ab"`),
      down("80"),
      up("f0 03"),
    ],
    lines: [
      '-> chatp2 password 8 B n=0 old="***" new="***"',
      '<- chatp2 reply 6 B n=0 to="password" token="***" [token]',
      '-> chatp2 password 8 B n=0 old="***" new="***"',
      '<- chatp2 reply 2 B n=0 to="password"',
      "-> chatp2 logout 3 B",
    ],
  },
  {
    name: "keys are told by their length",
    before: ENTERED,
    said: [
      up("f0 04 03 30 82 01"),
      up(`f8 05 01 02 "bo"`),
      down("80", `88 01 02 "bo" 02 30 82`),
    ],
    lines: [
      '-> chatp2 publish_key 7 B n=0 key="<3 bytes>"',
      '-> chatp2 find_key 7 B n=1 user="bo"',
      '<- chatp2 reply 2 B n=0 to="publish_key"',
      '<- chatp2 reply 9 B n=1 to="find_key" user="bo" key="<2 bytes>"',
    ],
  },
  {
    name: "texts are told whatever they travel as",
    before: [["up", preface("01")], ["down", preface("01")]],
    said: [
      up(`11 ${CODED}`, `12 00ff1b80`, `10 e282ac`, `31 02 "bo" ${CODED}`),
    ],
    lines: [
      `-> chatp2 say ${2 + CODED.length / 2} B n=0 text="${TEXT}" [coded]`,
      '-> chatp2 say 6 B n=0 text="<4 bytes>" [encrypted]',
      '-> chatp2 say 5 B n=0 text="€"',
      `-> chatp2 tell ${
        5 + CODED.length / 2
      } B n=0 user="bo" text="${TEXT}" [coded]`,
    ],
  },
  {
    name: "bad frames are told in their place, and reading goes on behind them",
    before: ENTERED,
    said: [
      up("11 00", "13 00", "d8 02 02", "10 ff", "28 07", "2004"),
      up("80 01", "ff 63 01 02", "01", "c0"),
      down("9900", "14 03", "10 03"),
    ],
    lines: [
      '-> chatp2 (malformed) 3 B kind="say" error: Malformed: the text is coded, which was not agreed upon',
      '-> chatp2 (malformed) 3 B kind="say" error: Malformed: ciphertext is never coded',
      '-> chatp2 (malformed) 4 B kind="history" error: Malformed: the frame ends within its field limit',
      '-> chatp2 (malformed) 3 B kind="say" error: Malformed: the text is not valid UTF-8',
      "-> chatp2 receipt 3 B [flag_8]",
      "-> chatp2 receipt 3 B",
      '-> chatp2 (malformed) 3 B kind="join" error: Malformed: the frame ends within its field name',
      "-> chatp2 (unknown) 5 B kind=115",
      "-> chatp2 (unknown) 2 B",
      "-> chatp2 list 2 B n=0",
      '<- chatp2 (malformed) 3 B kind="refused" error: Malformed: the frame ends within its field code',
      '<- chatp2 (malformed) 3 B kind="message" error: Malformed: the frame ends within its field pause',
      '<- chatp2 message 3 B room="general" sequence=43 sender="bo" text=""',
    ],
  },
  {
    name: "behind a frame that is too long nothing is understood",
    before: GREETING,
    said: [["up", golden("01 c0 818004")], ["up", golden("01 c0")]],
    lines: [
      "-> chatp2 list 2 B n=0",
      "-> chatp2 (malformed) 3 B error: Too large: a frame has at most 65536 bytes, this one 65537 or more",
      "-> chatp2 (undecoded) 2 B",
    ],
  },
  {
    name: "frames are told however they are cut",
    said: [
      ["up", golden("43")],
      ["up", golden("50 0200 00")],
      ["up", golden("00000000 04")],
      ["up", golden(`40 02 "a`.replace(`"a`, "61"))],
      ["up", golden("6c 00 00 05 40")],
    ],
    lines: [
      "-> chatp2 preface 9 B",
      '-> chatp2 login 5 B n=0 user="al"',
      "-> chatp2 keepalive 1 B",
      "-> chatp2 keepalive 1 B",
      "-> chatp2 (incomplete) 2 B",
    ],
  },
  {
    name: "a server that knows 1.0 alone is understood",
    said: [
      ["up", preface("01")],
      ["down", golden(`4350 01 0b 00 0000000a 0003 "400" 0003 "old"`)],
    ],
    lines: [
      "-> chatp2 preface 9 B [text_code]",
      '<- chatp1 error_msg 19 B code=400 text="old"',
    ],
  },
];

for (const { name, before = [], said, lines: expected } of CASES) {
  Deno.test(name, async () => {
    const skipped = (await lines(packetsOf(before))).length;
    const all = await lines(packetsOf([...before, ...said]));
    assertEquals(all.slice(skipped), expected);
  });
}
