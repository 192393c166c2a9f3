import { assertEquals, assertThrows } from "@std/assert";
import { CpClient, LocalProtocolError } from "../../../lib/wire/mod.ts";
import { bytesOf, clientPlayer, play, played } from "./transcript.ts";

/** A client that is logged in. */
function loggedIn(): CpClient {
  const client = new CpClient();
  played(clientPlayer(client), [
    "= login alice secret",
    "< 220 ok\\r\\n",
    "< 230 ok\\r\\n",
  ]);
  assertEquals([client.loggedIn, client.busy], [true, false]);
  return client;
}

Deno.test("our client logs in, sends, asks for messages and ends", () => {
  play(
    clientPlayer(),
    `
    = login alice secret
    > USERalice\\r\\n
    < 220 received username successfully\\r\\n
    > PASSsecret\\r\\n
    < 230 user authenticated successfully\\r\\n
    * logged in
    = send bob hi
    > SMSGbob:hi\\r\\n
    < 240 message successfully sent\\r\\n
    * sent 1 hi
    = collect
    > RMSG\\r\\n
    < RMSGbob:at 10:30\\r\\n
    * message bob at 10:30
    > 250 message successfully received\\r\\n
    < RMSGcarol:Grüße\\r\\n
    * message carol Grüße
    > 250 message successfully received\\r\\n
    < 255 end of messages\\r\\n
    * collected 2
    = collect
    > RMSG\\r\\n
    < 256 no new messages\\r\\n
    * collected 0
    = end
    > TERM\\r\\n
    * close
    `,
  );
});

Deno.test("our client is refused a login and may try again, without a 201", () => {
  play(
    clientPlayer(),
    `
    = login alice wrong
    > USERalice\\r\\n
    < 220\\r\\n
    > PASSwrong\\r\\n
    < 565 error authenticating user\\r\\n
    * refused 565 0 error authenticating user
    = login alice right
    > USERalice\\r\\n
    < 560\\r\\n
    * refused 560 0 error sending username
    = login alice right
    > USERalice\\r\\n
    < 500 plaintext is refused here\\r\\n
    * refused 500 0 plaintext is refused here
    `,
  );
});

Deno.test("our client asks nothing that the wire can't carry", () => {
  for (
    const [ask, due] of [
      [
        "login 01234567890 a",
        "* refused 560 0 a user name has 1 to 10 bytes here",
      ],
      ["login {é*6} a", "* refused 560 0 a user name has 1 to 10 bytes here"],
      ["login  a", "* refused 560 0 a user name has 1 to 10 bytes here"],
      [
        "login a {x*16}",
        "* refused 565 0 a password has 1 to 15 bytes here",
      ],
      ["login a ", "* refused 565 0 a password has 1 to 15 bytes here"],
      [
        "login a b\\r\\nTERM",
        "* refused 565 0 a password has 1 to 15 bytes here",
      ],
    ] as const
  ) play(clientPlayer(), `= ${ask}\n${due}`);
  play(clientPlayer(), "= login 0123456789 {x*15}\n> USER0123456789\\r\\n");

  const nobody = "* refused 545 0 a user name has 1 to 10 bytes here, and no :";
  for (
    const [ask, due] of [
      ["send 01234567890 a", nobody],
      ["send  a", nobody],
      ["send a:b c", nobody],
      ["send bob ", "* refused 540 0 the text is empty"],
    ] as const
  ) play(clientPlayer(loggedIn()), `= ${ask}\n${due}`);
});

Deno.test("our client sends a text as the wire can carry it, and says so", () => {
  play(
    clientPlayer(loggedIn()),
    `
    = send bob at 10:30\\r\\nhttp://x\\nok
    > SMSGbob:at 10;30 http;//x ok\\r\\n
    < 240 ok\\r\\n
    * sent 1 at 10;30 http;//x ok
    `,
  );
});

Deno.test("our client cuts a long text between code points, into messages of 1,009 bytes at most", () => {
  play(
    clientPlayer(loggedIn()),
    `
    = send b {x*1009}
    > SMSGb:{x*1009}\\r\\n
    < 240 ok\\r\\n
    * sent 1 {x*1009}
    = send b {x*1007}éy
    > SMSGb:{x*1007}é\\r\\n
    < 240 ok\\r\\n
    > SMSGb:y\\r\\n
    < 240 ok\\r\\n
    * sent 2 {x*1007}éy
    = send b {x*1008}éy
    > SMSGb:{x*1008}\\r\\n
    < 240 ok\\r\\n
    > SMSGb:éy\\r\\n
    < 545 nobody\\r\\n
    > 201 recovered from error\\r\\n
    * refused 545 1 nobody
    = send 0123456789 {x*1008}
    > SMSG0123456789:{x*1007}\\r\\n
    < 240 ok\\r\\n
    > SMSG0123456789:x\\r\\n
    < 240 ok\\r\\n
    * sent 2 {x*1008}
    `,
  );
});

Deno.test("our client brings the server back from each error, and goes on", () => {
  const client = loggedIn();
  for (const code of [500, 540, 545, 546]) {
    play(
      clientPlayer(client),
      `
      = send bob hi
      > SMSGbob:hi\\r\\n
      < ${code} why\\r\\n
      > 201 recovered from error\\r\\n
      * refused ${code} 0 why
      `,
    );
  }
  for (const code of [500, 550]) {
    play(
      clientPlayer(client),
      `
      = collect
      > RMSG\\r\\n
      < RMSGbob:hi\\r\\n
      * message bob hi
      > 250 message successfully received\\r\\n
      < ${code} why\\r\\n
      > 201 recovered from error\\r\\n
      * refused ${code} 1 why
      `,
    );
  }
});

Deno.test("our client does not acknowledge what it could not read", () => {
  for (const line of ["RMSGbob\\r\\n", "RMSG{x*1021}\\r\\n"]) {
    const why = line.startsWith("RMSGb")
      ? "a message came without its sender"
      : "too long";
    play(
      clientPlayer(loggedIn()),
      `
      = collect
      > RMSG\\r\\n
      < ${line}
      > 550 error downloading message\\r\\n
      > 201 recovered from error\\r\\n
      * refused 550 0 ${why}
      `,
    );
  }
  play(
    clientPlayer(loggedIn()),
    `
    = collect
    > RMSG\\r\\n
    < RMSGbob:h
    + 9999
    + 1
    > 550 error downloading message\\r\\n
    > 201 recovered from error\\r\\n
    * refused 550 0 unended
    < i\\r\\n
    = collect
    > RMSG\\r\\n
    < 256\\r\\n
    * collected 0
    `,
  );
});

Deno.test("our client ends with a server that answers what it was not asked", () => {
  for (
    const [ask, answer, why] of [
      ["collect", "240 ok", "a reply to RMSG was due, the server sent 240"],
      [
        "collect",
        "hello",
        "a reply to RMSG was due, the server sent something else",
      ],
      [
        "send bob hi",
        "RMSGbob:hi",
        "a reply to SMSG was due, the server sent RMSG",
      ],
      ["send bob hi", "240 {x*1021}", "a reply was too long"],
    ] as const
  ) {
    const client = loggedIn();
    const happened = played(clientPlayer(client), [
      `= ${ask}`,
      `< ${answer.replace("{x*1021}", "x".repeat(1_021))}\\r\\n`,
      "< 256 ok\\r\\n",
      "+ 20000",
    ]);
    assertEquals(happened.filter((line) => line.startsWith("*")), [
      `* failed Malformed: ${why}`,
    ]);
  }
  play(
    clientPlayer(),
    "< 220 ok\\r\\n\n* failed Malformed: nothing was due, the server sent 220",
  );
});

Deno.test("our client reads replies that are cut at every byte", () => {
  const client = loggedIn();
  const stream = bytesOf("RMSGbob:a\\r\\nRMSGb:\\r\\n\\r\\n255 end\\r\\n");
  const types = client.collect().map(({ type }) => type);
  for (const byte of stream) {
    types.push(
      ...client.receive(new Uint8Array([byte]), 0).map(({ type }) => type),
    );
  }
  assertEquals(types, [
    "write",
    "message",
    "write",
    "message",
    "write",
    "collected",
  ]);
});

Deno.test("our client has one request in flight, and none before the login or after the end", () => {
  const fresh = new CpClient();
  assertThrows(
    () => fresh.collect(),
    LocalProtocolError,
    "Nobody is logged in",
  );
  assertThrows(() => fresh.send("a", "b"), LocalProtocolError);
  const client = loggedIn();
  assertThrows(
    () => client.login("a", "b"),
    LocalProtocolError,
    "Somebody is logged in already",
  );
  client.collect();
  assertThrows(
    () => client.send("a", "b"),
    LocalProtocolError,
    "The last answer is not here yet",
  );
  // It may end all the same.
  play(clientPlayer(client), "= end\n> TERM\\r\\n\n* close\n< 256 ok\\r\\n");
  assertThrows(
    () => client.collect(),
    LocalProtocolError,
    "The session has ended",
  );
  assertEquals([client.end(), client.wakeAt], [[], undefined]);
});
