/**
 * Every state with everything that can come, and every limit at its edge.
 */
import { assertEquals, assertThrows } from "@std/assert";
import {
  CP_OUTCOMES,
  CP_STATES,
  CP_TRANSITIONS,
} from "../../../lib/wire/cp/state_table.ts";
import {
  CP_CODES,
  CP_COMMANDS,
  type CpOutcome,
  CpServer,
  type CpState,
  LocalProtocolError,
} from "../../../lib/wire/mod.ts";
import {
  bytesOf,
  lines,
  play,
  played,
  serverLines,
  serverPlayer,
} from "./transcript.ts";

const LOGGED_IN = [
  "> USERalice\\r\\n",
  "> PASSsecret\\r\\n",
  "= logged in: yes",
];

/** How to get into a state where a PDU is due, at time 0. */
const WAYS = {
  "idle": [],
  "user validated": ["> USERalice\\r\\n"],
  "process command": LOGGED_IN,
  "receiving message": [...LOGGED_IN, "> RMSG\\r\\n", "= waiting bob: hi"],
  "error processing": [...LOGGED_IN, "> SMSGnobody\\r\\n"],
} as const satisfies Partial<Record<CpState, readonly string[]>>;

/** The same in a state where a question is open. */
const ASKING = {
  "authentication validated": ["> USERalice\\r\\n", "> PASSsecret\\r\\n"],
  "sending message": [...LOGGED_IN, "> SMSGbob:hi\\r\\n"],
  "receiving message": [...LOGGED_IN, "> RMSG\\r\\n"],
} as const satisfies Partial<Record<CpState, readonly string[]>>;

function serverAfter(way: readonly string[]): CpServer {
  const server = new CpServer();
  played(serverPlayer(server), way);
  return server;
}

const BAD = "< 500 bad command\\r\\n";
const UNSENT = "< 540 error sending message\\r\\n";
const UNKNOWN = "< 545 receiver user does not exist\\r\\n";
const COLON = "< 546 too many : characters found in PDU from client\\r\\n";
const UNREAD = "< 550 error downloading message\\r\\n";
const NO_NAME = "< 560 error sending username\\r\\n";
const NO_LOGIN = "< 565 error authenticating user\\r\\n";

/** What every PDU does where it is not due. */
const NOT_DUE = {
  "idle": [[BAD], "idle"],
  "user validated": [[BAD], "user validated"],
  "process command": [[BAD], "error processing"],
  "receiving message": [[BAD], "error processing"],
  "error processing": [[BAD], "error processing"],
} as const;

type Due = readonly [told: readonly string[], next: CpState];

/** What each PDU does where it is due: everything else is NOT_DUE. */
const WALK: Readonly<
  Record<string, Partial<Record<keyof typeof WAYS, Due>>>
> = {
  "USERbob": {
    "idle": [["< 220 received username successfully\\r\\n"], "user validated"],
  },
  "USER": { "idle": [[NO_NAME], "idle"] },
  "USER0123456789": {
    "idle": [["< 220 received username successfully\\r\\n"], "user validated"],
  },
  "USER01234567890": { "idle": [[NO_NAME], "idle"] },
  "USER{é*5}": {
    "idle": [["< 220 received username successfully\\r\\n"], "user validated"],
  },
  "USER{é*5}x": { "idle": [[NO_NAME], "idle"] },
  "USER\\xff": { "idle": [[NO_NAME], "idle"] },
  "USER{x*1020}": { "idle": [[NO_NAME], "idle"] },
  "USER{x*1021}": { "idle": [[NO_NAME], "idle"] },
  "PASSa": {
    "user validated": [["* login alice a"], "authentication validated"],
  },
  "pass{x*15}": {
    "user validated": [
      ["* login alice xxxxxxxxxxxxxxx"],
      "authentication validated",
    ],
  },
  "PASS": { "user validated": [[NO_LOGIN], "idle"] },
  "PASS{x*16}": { "user validated": [[NO_LOGIN], "idle"] },
  "PASS\\xc3": { "user validated": [[NO_LOGIN], "idle"] },
  "PASS{x*1021}": { "user validated": [[NO_LOGIN], "idle"] },
  "SMSGbob:hi": {
    "process command": [["* send bob hi"], "sending message"],
  },
  "SMSGbob:": { "process command": [[UNSENT], "error processing"] },
  "SMSGbob": { "process command": [[UNSENT], "error processing"] },
  "SMSG": { "process command": [[UNSENT], "error processing"] },
  "SMSG:": { "process command": [[UNSENT], "error processing"] },
  "SMSG:hi": { "process command": [[UNKNOWN], "error processing"] },
  "SMSG0123456789:hi": {
    "process command": [["* send 0123456789 hi"], "sending message"],
  },
  "SMSG01234567890:hi": {
    "process command": [[UNKNOWN], "error processing"],
  },
  "SMSG\\xff:hi": { "process command": [[UNKNOWN], "error processing"] },
  "SMSGbob:\\xff": { "process command": [[UNSENT], "error processing"] },
  "SMSGbob:a:b": { "process command": [[COLON], "error processing"] },
  "SMSGbob::": { "process command": [[COLON], "error processing"] },
  "SMSG01234567890:a:": { "process command": [[COLON], "error processing"] },
  "SMSGb:{x*1009}": {
    "process command": [[`* send b {x*1009}`], "sending message"],
  },
  "SMSGb:{x*1010}": { "process command": [[UNSENT], "error processing"] },
  "SMSG0123456789:{x*1009}": {
    "process command": [["* send 0123456789 {x*1009}"], "sending message"],
  },
  "SMSG0123456789:{x*1010}": {
    "process command": [[UNSENT], "error processing"],
  },
  "SMSGb:{é*504}x": {
    "process command": [["* send b {é*504}x"], "sending message"],
  },
  "SMSGb:{é*505}": { "process command": [[UNSENT], "error processing"] },
  "RMSG": { "process command": [["* fetch"], "receiving message"] },
  "RMSGbob": {},
  "RMSG{x*1021}": {},
  "TERM": {
    "idle": [["* close"], "idle"],
    "user validated": [["* close"], "idle"],
    "process command": [["* close"], "idle"],
    "receiving message": [["* close"], "idle"],
    "error processing": [["* close"], "idle"],
  },
  "TERMx": {},
  "201 recovered": {
    "process command": [[], "process command"],
    "error processing": [[], "process command"],
  },
  "201": {
    "process command": [[], "process command"],
    "error processing": [[], "process command"],
  },
  "201 {x*1021}": {},
  "220 x": {},
  "230 x": {},
  "240 x": {},
  "250 got it": {
    "receiving message": [
      ["* delivered", "< 255 end of messages\\r\\n"],
      "process command",
    ],
    "error processing": [[], "error processing"],
  },
  "250 {x*1021}": {
    "receiving message": [[UNREAD], "error processing"],
    "error processing": [[], "error processing"],
  },
  "255 x": {},
  "256 x": {},
  "500 x": {},
  "540 x": {},
  "545 x": {},
  "546 x": {},
  "550 no": { "receiving message": [[], "error processing"] },
  "560 x": {},
  "565 x": {},
  "NICKx": {},
  "{x*1025}": {},
  "US": {},
};

const expanded = (texts: readonly string[]) =>
  texts.flatMap((text) => lines(text));

for (const state of Object.keys(WAYS) as (keyof typeof WAYS)[]) {
  Deno.test(`in the state "${state}" each PDU is answered as it is due`, () => {
    for (const [pdu, due] of Object.entries(WALK)) {
      const server = serverAfter(WAYS[state]);
      assertEquals(server.state, state);
      const [told, next] = due[state] ?? NOT_DUE[state];
      const line = `> ${pdu}\\r\\n`;
      const happened = played(serverPlayer(server), lines(line));
      assertEquals(happened.slice(1), expanded(told), `${pdu} in ${state}`);
      assertEquals(server.state, next, `after ${pdu} in ${state}`);
    }
  });
}

for (const state of Object.keys(ASKING) as (keyof typeof ASKING)[]) {
  Deno.test(`in the state "${state}" no PDU is looked at before the chat has answered`, () => {
    for (const pdu of Object.keys(WALK)) {
      const server = serverAfter(ASKING[state]);
      assertEquals(server.state, state);
      const happened = played(serverPlayer(server), lines(`> ${pdu}\\r\\n`));
      assertEquals(happened.slice(1), [], pdu);
      assertEquals(server.state, state);
    }
  });
}

Deno.test("the walk has every command and every code, and the table every state", () => {
  const walked = Object.keys(WALK).map((pdu) => pdu.slice(0, 4).trim());
  for (const name of [...Object.keys(CP_COMMANDS), ...Object.keys(CP_CODES)]) {
    assertEquals(walked.includes(name), true, name);
  }
  const states = new Set(CP_TRANSITIONS.flatMap(([states]) => states));
  const next = new Set(CP_TRANSITIONS.map((row) => row[4]));
  assertEquals([...states].sort(), Object.keys(CP_STATES).sort());
  assertEquals([...next].sort(), Object.keys(CP_STATES).sort());
});

/** Each outcome where it is due: [way, outcome, what is told, next]. */
const SETTLED: readonly (readonly [
  way: keyof typeof ASKING,
  outcome: string,
  told: readonly string[],
  next: CpState,
])[] = [
  ["authentication validated", "logged in: yes", [
    "< 230 user authenticated successfully\\r\\n",
  ], "process command"],
  ["authentication validated", "logged in: no", [NO_LOGIN], "idle"],
  ["sending message", "sent: yes", [
    "< 240 message successfully sent\\r\\n",
  ], "process command"],
  ["sending message", "sent: no such receiver", [
    UNKNOWN,
  ], "error processing"],
  ["sending message", "sent: failed", [UNSENT], "error processing"],
  ["receiving message", "none", [
    "< 256 no new messages\\r\\n",
  ], "process command"],
  ["receiving message", "not fetched", [UNREAD], "error processing"],
  ["receiving message", "waiting bob: hi", [
    "< RMSGbob:hi\\r\\n",
  ], "receiving message"],
];

Deno.test("each outcome is told as it is due", () => {
  for (const [way, outcome, told, next] of SETTLED) {
    const server = serverAfter(ASKING[way]);
    const happened = played(serverPlayer(server), [`= ${outcome}`]);
    assertEquals(happened.slice(1), told, outcome);
    assertEquals(server.state, next, outcome);
  }
});

const OUTCOMES: readonly CpOutcome[] = [
  { type: "logged in", ok: true },
  { type: "sent", how: "yes" },
  { type: "waiting", sender: "bob", text: "hi", more: false },
  { type: "none" },
  { type: "not fetched" },
];

Deno.test("an outcome that nothing asked for is our mistake", () => {
  const asked: Readonly<Record<string, readonly string[]>> = {
    "authentication validated": ["logged in"],
    "sending message": ["sent"],
    "receiving message": ["waiting", "none", "not fetched"],
  };
  for (const ways of [WAYS, ASKING]) {
    for (const [state, way] of Object.entries(ways)) {
      for (const outcome of OUTCOMES) {
        if (ways === ASKING && asked[state]?.includes(outcome.type)) continue;
        assertThrows(
          () => serverAfter(way).settle(outcome, 0),
          LocalProtocolError,
          `"${outcome.type}" settles no open question`,
        );
      }
    }
  }
  assertEquals(
    Object.keys(CP_OUTCOMES).filter((name) =>
      !OUTCOMES.some(({ type }) => type === name)
    ),
    ["no 250", "too much"],
  );
});

Deno.test("an outcome that comes after the close is forgotten", () => {
  for (const outcome of OUTCOMES) {
    const server = serverAfter(["> TERM\\r\\n"]);
    assertEquals(server.settle(outcome, 0), []);
  }
});

Deno.test("what begins and does not end within 10 s is answered in its place", () => {
  for (
    const [way, pdu, told, next] of [
      ["idle", "USERal", BAD, "idle"],
      ["user validated", "PASSse", BAD, "user validated"],
      ["process command", "SMSGbob:h", UNSENT, "error processing"],
      ["process command", "sms", BAD, "error processing"],
      ["process command", "RMSG", BAD, "error processing"],
      ["process command", "TERM", BAD, "error processing"],
      ["error processing", "SMSGbob:h", BAD, "error processing"],
      ["error processing", "201 reco", BAD, "error processing"],
    ] as const
  ) {
    const server = serverAfter(WAYS[way]);
    if (way === "idle") played(serverPlayer(server), ["> NICK\\r\\n"]);
    play(
      serverPlayer(server),
      `
      > ${pdu}
      + 9999
      + 1
      ${told}
      > \\r\\n
      + 20000
      `,
    );
    assertEquals(server.state, next);
  }
});

Deno.test("a 250 that is missing after 10 s is answered by 550, and the message stays", () => {
  const server = serverAfter(WAYS["receiving message"]);
  assertEquals(server.wakeAt, 10_000);
  play(
    serverPlayer(server),
    `
    + 9999
    + 1
    < 550 error downloading message\\r\\n
    > 250 too late\\r\\n
    > 201 recovered from error\\r\\n
    > RMSG\\r\\n
    * fetch
    = waiting bob: hi
    < RMSGbob:hi\\r\\n
    > 250 got it\\r\\n
    * delivered
    < 255 end of messages\\r\\n
    + 20000
    `,
  );
});

Deno.test("a 250 that begins and does not end is missing, and is answered once", () => {
  const server = serverAfter(WAYS["receiving message"]);
  play(
    serverPlayer(server),
    `
    + 5000
    > 250 go
    + 4999
    + 1
    < 550 error downloading message\\r\\n
    > t it\\r\\n
    + 20000
    `,
  );
  assertEquals(server.state, "error processing");
});

Deno.test("a 250 has 10 s for each message and each piece", () => {
  play(
    serverPlayer(serverAfter(WAYS["process command"])),
    `
    > RMSG\\r\\n
    * fetch
    + 60000
    = waiting bob, more: {x*1014}y
    < RMSGbob:{x*1014}\\r\\n
    + 9999
    > 250\\r\\n
    < RMSGbob:y\\r\\n
    + 9999
    > 250\\r\\n
    * delivered
    * fetch
    + 60000
    = waiting bob: z
    < RMSGbob:z\\r\\n
    + 9999
    + 1
    < 550 error downloading message\\r\\n
    `,
  );
});

Deno.test("what time has ended is told in the order in which it did", () => {
  const server = serverAfter(WAYS["process command"]);
  play(
    serverPlayer(server),
    `
    > RMSG\\r\\nSMSGbob:ear
    * fetch
    + 100
    = waiting bob: hi
    < RMSGbob:hi\\r\\n
    `,
  );
  // Nobody woke it at 10,000 ms, when the early PDU had not ended: that was
  // before the 250 was missing, and is what ended the wait for it.
  assertEquals(serverLines(server.tick(30_000)), [BAD]);
  assertEquals([server.state, server.wakeAt], ["error processing", undefined]);
});

Deno.test("a refused login leaves nothing of the name behind", () => {
  play(
    serverPlayer(),
    `
    > USERalice\\r\\n
    < 220 received username successfully\\r\\n
    > USERbob\\r\\n
    < 500 bad command\\r\\n
    > PASSsecret\\r\\n
    * login alice secret
    = logged in: no
    < 565 error authenticating user\\r\\n
    > PASSsecret\\r\\n
    < 500 bad command\\r\\n
    > USERbob\\r\\n
    < 220 received username successfully\\r\\n
    > PASSsecret\\r\\n
    * login bob secret
    `,
  );
});

Deno.test("what is sent before the answer waits for it, up to 1,024 bytes", () => {
  play(
    serverPlayer(),
    `
    > USERalice\\r\\nPASSsecret\\r\\nSMSGbob:hi\\r\\nRMSG\\r\\nTERM\\r\\n
    < 220 received username successfully\\r\\n
    * login alice secret
    = logged in: yes
    < 230 user authenticated successfully\\r\\n
    * send bob hi
    = sent: yes
    < 240 message successfully sent\\r\\n
    * fetch
    = none
    < 256 no new messages\\r\\n
    * close
    `,
  );
  const server = serverAfter(ASKING["sending message"]);
  played(serverPlayer(server), lines("> SMSGb:{x*1009}\\r\\nSMSG:\\r\\n"));
  assertEquals(server.pending, 1_015 + 5);
  played(serverPlayer(server), lines("> 201\\r\\n"));
  assertEquals(server.pending, 1_024);
  const bytes = bytesOf("a\\r\\n");
  const actions = server.receive(bytes, 0).map(({ type }) => type);
  assertEquals(actions, ["write", "close"]);
  assertEquals([server.pending, server.wakeAt], [0, undefined]);
});

Deno.test("what has waited and had its answer takes no place any more", () => {
  const server = serverAfter(ASKING["sending message"]);
  for (let index = 0; index < 5; index++) {
    played(serverPlayer(server), lines("> SMSGb:{x*600}\\r\\n"));
    assertEquals(server.pending, 606);
    played(serverPlayer(server), ["= sent: yes"]);
    assertEquals(server.pending, 0);
  }
});

Deno.test("the longest PDU waits for an answer, whatever it is", () => {
  play(
    serverPlayer(serverAfter(ASKING["sending message"])),
    `
    > SMSG0123456789:{x*1009}\\r\\n
    = sent: yes
    < 240 message successfully sent\\r\\n
    * send 0123456789 {x*1009}
    > SMSG0123456789:{x*1009}\\r\\na\\r\\n
    < 500 bad command\\r\\n
    * close
    `,
  );
});
