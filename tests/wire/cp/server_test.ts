/**
 * Messages as a server hands them out, and errors as it is brought back.
 */
import { assertEquals } from "@std/assert";
import { CpServer } from "../../../lib/wire/mod.ts";
import { bytesOf, play, played, serverPlayer } from "./transcript.ts";

/** A server whose peer ends its PDUs so, and has asked for messages. */
function asked(end: "\\r\\n" | ""): CpServer {
  const server = new CpServer();
  played(serverPlayer(server), [
    `> USERalice${end}`,
    "+ 40",
    `> PASSsecret${end}`,
    "= logged in: yes",
    `> RMSG${end}`,
  ]);
  return server;
}

Deno.test("a text goes out as its peer can read it, and always in one line", () => {
  for (
    const [sender, text, crlf, silence] of [
      ["bob", "at 10:30", "RMSGbob:at 10:30", "RMSGbob:at 10;30"],
      ["bob", "Grüße 👋", "RMSGbob:Grüße 👋", "RMSGbob:Gr??e ?"],
      ["bob", "a\\r\\nb\\nc\\rd", "RMSGbob:a b c d", "RMSGbob:a b c d"],
      ["bob", "a\u2028b\u0085c", "RMSGbob:a b c", "RMSGbob:a b c"],
      ["bob", "\\x1b[2J\\x00\\x7f", "RMSGbob:\x1b[2J\0\x7f", "RMSGbob:?[2J??"],
      ["bob", "", "RMSGbob:", "RMSGbob:"],
      ["0123456789x", "hi", "RMSG0123456789:hi", "RMSG0123456789:hi"],
      ["123456789é", "hi", "RMSG123456789:hi", "RMSG123456789?:hi"],
      ["éééééé", "hi", "RMSGééééé:hi", "RMSG??????:hi"],
      ["👋👋👋", "hi", "RMSG👋👋:hi", "RMSG???:hi"],
    ] as const
  ) {
    for (const [end, due] of [["\\r\\n", crlf], ["", silence]] as const) {
      const happened = played(serverPlayer(asked(end)), [
        `= waiting ${sender}: ${text}`,
      ]);
      assertEquals(happened.slice(1), [`< ${due}\\r\\n`]);
    }
  }
});

Deno.test("a long text goes out in pieces of 1,024 bytes with their CRLF, each for its own 250", () => {
  play(
    serverPlayer(asked("\\r\\n")),
    `
    = waiting bob: {x*1014}
    < RMSGbob:{x*1014}\\r\\n
    > 250\\r\\n
    * delivered
    < 255 end of messages\\r\\n
    > RMSG\\r\\n
    * fetch
    = waiting bob, more: {x*1014}y
    < RMSGbob:{x*1014}\\r\\n
    > 250\\r\\n
    < RMSGbob:y\\r\\n
    > 250\\r\\n
    * delivered
    * fetch
    = waiting 0123456789: {x*1006}é{👋*252}
    < RMSG0123456789:{x*1006}\\r\\n
    > 250\\r\\n
    < RMSG0123456789:é{👋*251}\\r\\n
    > 250\\r\\n
    < RMSG0123456789:👋\\r\\n
    > 250\\r\\n
    * delivered
    < 255 end of messages\\r\\n
    `,
  );
});

Deno.test("where another was expected and there is none, the messages end by 255", () => {
  play(
    serverPlayer(asked("\\r\\n")),
    `
    = waiting bob, more: hi
    < RMSGbob:hi\\r\\n
    > 250\\r\\n
    * delivered
    * fetch
    = none
    < 255 end of messages\\r\\n
    > RMSG\\r\\n
    * fetch
    = none
    < 256 no new messages\\r\\n
    `,
  );
});

Deno.test("the longest text of all comes whole, in pieces that fit", () => {
  const text = "👋é€x".repeat(819) + "é";
  assertEquals(bytesOf(text).length, 8_192);
  const server = asked("\\r\\n");
  let actions = server.settle({
    type: "waiting",
    sender: "0123456789",
    text,
    more: false,
  }, 0);
  let got = "";
  for (let pieces = 1;; pieces++) {
    const [action] = actions;
    if (action?.type !== "write") break;
    const line = new TextDecoder("utf-8", { fatal: true }).decode(action.bytes);
    assertEquals(action.bytes.length <= 1_024, true);
    got += line.slice("RMSG0123456789:".length, -2);
    actions = server.receive(bytesOf("250 ok\\r\\n"), 0);
    if (actions[0]?.type === "delivered") {
      assertEquals(pieces, 9);
      break;
    }
  }
  assertEquals(got, text);
});

Deno.test("a connection that is lost between an RMSG and its 250 leaves the message waiting", () => {
  const texts = [["hi", 1], ["x".repeat(1_015), 2], ["x".repeat(3_000), 3]];
  for (const end of ["\\r\\n", ""] as const) {
    for (const [text, pieces] of texts as [string, number][]) {
      for (let acknowledged = 0; acknowledged <= pieces; acknowledged++) {
        const happened = played(serverPlayer(asked(end)), [
          `= waiting bob: ${text}`,
          ...Array(acknowledged).fill(`> 250 ok${end}`),
        ]);
        // Here the connection is lost.
        assertEquals(
          happened.includes("* delivered"),
          acknowledged === pieces,
          `${text.length} bytes, ${acknowledged} times 250`,
        );
      }
    }
  }
});

Deno.test("a 250 counts for no RMSG that went out after it came", () => {
  play(
    serverPlayer(asked("\\r\\n")),
    `
    > 250 before there was one\\r\\n
    = waiting bob: hi
    < RMSGbob:hi\\r\\n
    < 500 bad command\\r\\n
    > 201\\r\\nRMSG\\r\\n
    * fetch
    = waiting bob: {x*1014}y
    < RMSGbob:{x*1014}\\r\\n
    > 250 first\\r\\n250 second, unseen\\r\\n
    < RMSGbob:y\\r\\n
    < 500 bad command\\r\\n
    `,
  );
});

Deno.test("a command in the place of a 250 leaves the message waiting", () => {
  play(
    serverPlayer(asked("\\r\\n")),
    `
    = waiting bob, more: hi
    < RMSGbob:hi\\r\\n
    > SMSGbob:wait\\r\\n
    < 500 bad command\\r\\n
    > 250 hi\\r\\n
    > 201 recovered\\r\\n
    > RMSG\\r\\n
    * fetch
    = waiting bob: hi
    < RMSGbob:hi\\r\\n
    > 550 no colon in it\\r\\n
    > 201 recovered\\r\\n
    > RMSG\\r\\n
    * fetch
    = none
    < 256 no new messages\\r\\n
    `,
  );
});

Deno.test("framed by CRLF, an error is left by 201 or TERM alone", () => {
  play(
    serverPlayer(asked("\\r\\n")),
    `
    = none
    < 256 no new messages\\r\\n
    > SMSGbob\\r\\n
    < 540 error sending message\\r\\n
    > SMSGbob:hi\\r\\n
    < 500 bad command\\r\\n
    > RMSG\\r\\n
    < 500 bad command\\r\\n
    > 201 recovered from error\\r\\n
    > SMSGbob:hi\\r\\n
    * send bob hi
    `,
  );
});

Deno.test("framed by silence, an error is left by the next command too: the original's client sends no 201", () => {
  play(
    serverPlayer(asked("")),
    `
    = none
    < 256 no new messages\\r\\n
    > SMSGnobody:hi
    * send nobody hi
    = sent: no such receiver
    < 545 receiver user does not exist\\r\\n
    > SMSGbob:hi
    * send bob hi
    = sent: yes
    < 240 message successfully sent\\r\\n
    > SMSGbob:a:b
    < 546 too many : characters found in PDU from client\\r\\n
    > RMSG
    * fetch
    = not fetched
    < 550 error downloading message\\r\\n
    > SMSG
    < 540 error sending message\\r\\n
    > 201 recovered from error
    > RMSG
    * fetch
    = none
    < 256 no new messages\\r\\n
    > huh
    < 500 bad command\\r\\n
    > USERbob
    < 500 bad command\\r\\n
    > 201 recovered from errorSMSGbob:hi
    * send bob hi
    = sent: failed
    < 540 error sending message\\r\\n
    > TERM
    * close
    `,
  );
});

Deno.test("framed by silence, a late 250 and the one for a 550 are no commands", () => {
  play(
    serverPlayer(asked("")),
    `
    = waiting bob: hi
    < RMSGbob:hi\\r\\n
    + 10000
    < 550 error downloading message\\r\\n
    > 250 received message
    > 250 received messageRMSG
    * fetch
    = waiting bob: hi
    < RMSGbob:hi\\r\\n
    > 250 received message
    * delivered
    < 255 end of messages\\r\\n
    `,
  );
});
