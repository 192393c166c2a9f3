/**
 * CP as the chat sees it: requests and events at both ends.
 */
import { assertEquals, assertThrows } from "@std/assert";
import {
  ByteWriter,
  CpClientCodec,
  cpLastWords,
  CpServerCodec,
  LocalProtocolError,
  RemoteProtocolError,
  type Request,
  type ServerEvent,
} from "../../../lib/wire/mod.ts";

const encoder = new TextEncoder();
const text = (bytes: Uint8Array | undefined) =>
  bytes && new TextDecoder().decode(bytes);

/** A server's end: what goes in and out, as texts. */
class Server {
  readonly codec = new CpServerCodec();

  /** One read at a time (ms), and what is said to it at once. */
  read(pdu: string, now = 0): string | undefined {
    this.codec.tick(now);
    this.codec.receive(encoder.encode(pdu));
    return text(this.codec.output());
  }

  asked(): Request[] {
    const requests: Request[] = [];
    for (let next = this.codec.next(); next; next = this.codec.next()) {
      requests.push(next);
    }
    return requests;
  }

  reply(event: ServerEvent, now = 0): string {
    const writer = new ByteWriter();
    this.codec.tick(now);
    this.codec.reply(writer, event);
    return text(writer.take()) ?? "";
  }

  /** Logged in as alice. */
  static ready(): Server {
    const server = new Server();
    server.read("USERalice\r\n");
    server.read("PASSsecret\r\n");
    server.asked();
    server.reply({ type: "login_ack", username: "alice", room: "general" });
    return server;
  }
}

const place = (sequence: number) => ({
  id: 70 + sequence,
  room: 9,
  sequence,
  time: 1_000,
});

const from = (sender: string, said: string | Uint8Array, sequence: number) =>
  ({
    type: "private_msg_delivery",
    sender,
    recipient: "alice",
    text: said,
    place: place(sequence),
  }) as const;

const tooFast = { type: "error_msg", code: 429, text: "Too fast: x" } as const;

Deno.test("a login, a message and a fetch are requests, and their replies CP's", () => {
  const server = new Server();
  assertEquals(
    server.read("USERalice\r\n"),
    "220 received username successfully\r\n",
  );
  assertEquals(server.read("PASSsecret\r\n"), undefined);
  assertEquals(server.codec.waits, true);
  assertEquals(server.asked(), [
    { type: "login", username: "alice", password: "secret" },
  ]);
  assertEquals(
    server.reply({ type: "login_ack", username: "alice", room: "general" }),
    "230 user authenticated successfully\r\n",
  );
  assertEquals(server.codec.waits, false);
  server.read("SMSGbob:hi\r\n");
  assertEquals(server.asked(), [
    { type: "private_msg", recipient: "bob", text: "hi" },
  ]);
  assertEquals(
    server.reply(from("alice", "hi", 1)),
    "240 message successfully sent\r\n",
  );
  server.read("RMSG\r\n");
  assertEquals(server.asked(), [{ type: "list_waiting" }]);
  const messages = [from("bob", "one", 3), from("bob", "two", 4)];
  assertEquals(
    server.reply({ type: "list_waiting", messages }),
    "RMSGbob:one\r\n",
  );
  assertEquals(server.read("250 ok\r\n"), undefined);
  assertEquals(server.asked(), [
    { type: "receipt", room: 9, received: 3 },
    { type: "list_waiting" },
  ]);
  assertEquals(
    server.reply({ type: "list_waiting", messages: messages.slice(1) }),
    "RMSGbob:two\r\n",
  );
  assertEquals(server.read("250 ok\r\n"), "255 end of messages\r\n");
  assertEquals(server.asked(), [{ type: "receipt", room: 9, received: 4 }]);
  server.read("TERM\r\n");
  assertEquals(server.asked(), [{ type: "logout" }]);
});

Deno.test("what the chat refuses is refused with CP's codes", () => {
  for (
    const [code, reply] of [
      [404, "545 receiver user does not exist\r\n"],
      [403, "540 error sending message\r\n"],
      [500, "540 error sending message\r\n"],
      [503, "540 error sending message\r\n"],
    ] as const
  ) {
    const server = Server.ready();
    server.read("SMSGbob:hi\r\n");
    assertEquals(server.reply({ type: "error_msg", code, text: "x" }), reply);
  }
  const server = Server.ready();
  server.read("RMSG\r\n");
  assertEquals(
    server.reply({ type: "error_msg", code: 500, text: "x" }),
    "550 error downloading message\r\n",
  );
});

Deno.test("what came too fast is asked again after a second, and not refused", () => {
  const server = Server.ready();
  server.read("SMSGbob:hi\r\n", 5_000);
  const [asked] = server.asked();
  assertEquals(server.reply(tooFast, 5_010), "");
  assertEquals(server.codec.wakeAt, 6_010);
  server.codec.tick(6_009);
  assertEquals(server.codec.ready, false);
  server.codec.tick(6_010);
  assertEquals(server.codec.ready, true);
  assertEquals(server.asked(), [asked]);
  assertEquals(
    server.reply(from("alice", "hi", 1), 6_011),
    "240 message successfully sent\r\n",
  );
  assertEquals(server.codec.wakeAt, undefined);
});

Deno.test("a login that would be checked too soon is asked again as well", () => {
  const server = new Server();
  server.read("USERalice\r\n", 5_000);
  server.read("PASSsecret\r\n", 5_001);
  const [login] = server.asked();
  const reason = "Too fast: too many failed tries, the next one in 3 s";
  assertEquals(server.reply({ type: "login_reject", code: 429, reason }), "");
  server.codec.tick(6_001);
  assertEquals(server.asked(), [login]);
  assertEquals(
    server.reply({ type: "login_reject", code: 401, reason: "x" }, 6_100),
    "565 error authenticating user\r\n",
  );
});

Deno.test("what waits behind an open question is taken with its reply", () => {
  const server = Server.ready();
  server.read("SMSGbob:hi\r\nRMSG\r\n");
  assertEquals(server.asked().length, 1);
  assertEquals(server.codec.ready, false);
  server.reply(from("alice", "hi", 1));
  assertEquals(server.codec.ready, true);
  assertEquals(server.asked(), [{ type: "list_waiting" }]);
});

Deno.test("PDUs that ask nothing are counted, each once", () => {
  const server = new Server();
  const { codec } = server;
  server.read("USERalice\r\nbad\r\nPASSsecret\r\n");
  assertEquals(codec.takeAsides(), 2);
  assertEquals(codec.takeAsides(), 0);
  server.asked();
  server.reply({ type: "login_ack", username: "alice", room: "general" });
  server.read("SMSGbob:hi\r\n201 ok\r\n");
  assertEquals(codec.takeAsides(), 1);
});

Deno.test("errors that the wire answers by itself are counted, each once", () => {
  const server = new Server();
  const { codec } = server;
  server.read("USER\r\nUSERalice\r\nPASSsecret\r\n");
  assertEquals(codec.takeRefused(), 1);
  assertEquals(codec.takeRefused(), 0);
  server.asked();
  // What the chat refuses it has counted itself.
  server.reply({ type: "login_reject", code: 401, reason: "x" });
  server.read("RMSG\r\nWHAT\r\n");
  assertEquals(codec.takeRefused(), 2);
});

Deno.test("the end of a first PDU without CRLF is the time's to tell, and a clock may be set back", () => {
  const server = new Server();
  server.read("USERalice", 1_000);
  assertEquals(server.codec.wakeAt, 1_040);
  server.codec.tick(0);
  server.codec.tick(1_040);
  assertEquals(
    text(server.codec.output()),
    "220 received username successfully\r\n",
  );
});

Deno.test("of what nobody asked for only why the server closes is told, in ASCII and one line", () => {
  const { encoding } = new CpServerCodec();
  const writer = new ByteWriter();
  encoding.write(writer, { type: "system_msg", text: "bob joined general" });
  encoding.write(writer, from("bob", "hi", 1));
  assertEquals(writer.length, 0);
  const why = "Unavailable: the server is going down";
  encoding.write(writer, { type: "error_msg", code: 503, text: why });
  assertEquals(text(writer.take()), `500 ${why}\r\n`);
  assertEquals(text(cpLastWords("a\r\nb ü")), "500 a b ?\r\n");
  assertEquals(cpLastWords("x".repeat(2_000)).length, 1_024);
});

// ---- the client's end

class Client {
  readonly codec = new CpClientCodec();

  ask(request: Request): string | undefined {
    return text(this.codec.encode(request));
  }

  /** What came, and what is said to it. */
  read(pdu: string): [readonly ServerEvent[], string | undefined] {
    this.codec.receive(encoder.encode(pdu));
    return [this.news(), text(this.codec.output())];
  }

  news(): ServerEvent[] {
    const events: ServerEvent[] = [];
    for (let next = this.codec.next(); next; next = this.codec.next()) {
      events.push(next);
    }
    return events;
  }

  /** Logged in as alice, with no messages. */
  static ready(): Client {
    const client = new Client();
    client.ask({ type: "login", username: "alice", password: "secret" });
    client.read("220 ok\r\n");
    client.read("230 ok\r\n");
    client.read("256 none\r\n");
    return client;
  }

  say(said: string): string | undefined {
    return this.ask({ type: "private_msg", recipient: "bob", text: said });
  }
}

const received = (said: string) =>
  ({
    type: "private_msg_delivery",
    sender: "bob",
    recipient: "alice",
    text: said,
  }) as const;

Deno.test("a client logs in, asks for what waits, and answers it once it is handed on", () => {
  const client = new Client();
  assertEquals(
    client.ask({ type: "login", username: "alice", password: "secret" }),
    "USERalice\r\n",
  );
  assertEquals(client.read("220 ok\r\n"), [[], "PASSsecret\r\n"]);
  assertEquals(client.read("230 ok\r\n"), [
    [{ type: "login_ack", username: "alice", room: "" }],
    "RMSG\r\n",
  ]);
  assertEquals(client.read("RMSGbob:hi\r\n"), [
    [received("hi")],
    "250 message successfully received\r\n",
  ]);
  assertEquals(client.read("255 end\r\n"), [[], undefined]);
  assertEquals(text(client.codec.keepalive()), "RMSG\r\n");
  assertEquals(text(client.codec.keepalive()), undefined);
});

Deno.test("a client's message waits while others are fetched, and its 240 is its receipt", () => {
  const client = Client.ready();
  client.codec.keepalive();
  assertEquals(client.say("hi"), "");
  assertEquals(client.read("256 none\r\n"), [[], "SMSGbob:hi\r\n"]);
  client.codec.receive(encoder.encode("240 ok\r\n"));
  const receipt = client.codec.next();
  assertEquals(receipt, {
    type: "private_msg_delivery",
    sender: "alice",
    recipient: "bob",
    text: "hi",
  });
  assertEquals(receipt && client.codec.answers(receipt), true);
});

Deno.test("a client says how a text went out that CP can't carry as it is", () => {
  const client = Client.ready();
  assertEquals(client.say("at 10:30"), "SMSGbob:at 10;30\r\n");
  const [[told, receipt]] = client.read("240 ok\r\n");
  assertEquals(told, {
    type: "system_msg",
    text: "CP can't carry that as it is. It went out as: at 10;30",
  });
  assertEquals(receipt?.type, "private_msg_delivery");
  client.say("x".repeat(1_010));
  client.read("240 ok\r\n");
  const [[parts]] = client.read("240 ok\r\n");
  assertEquals(
    parts?.type === "system_msg" && parts.text.slice(0, 70),
    "CP can't carry that as it is. It went out in 2 messages as: xxxxxxxxxx",
  );
});

Deno.test("a message to oneself is told once, by its answer, as soon as it was fetched", () => {
  const own = (said: string) => ({ ...received(said), sender: "alice" });
  const client = Client.ready();
  const note = (said: string) =>
    client.ask({ type: "private_msg", recipient: "Alice", text: said });
  note("hi");
  assertEquals(client.read("240 ok\r\n"), [[], "RMSG\r\n"]);
  // These another client of hers sent, and bob.
  for (const [sender, said] of [["alice", "ho"], ["bob", "hi"]] as const) {
    assertEquals(client.read(`RMSG${sender}:${said}\r\n`)[0], [
      { ...received(said), sender },
    ]);
  }
  assertEquals(client.read("RMSGalice:hi\r\n"), [
    [],
    "250 message successfully received\r\n",
  ]);
  client.codec.receive(encoder.encode("255 end\r\n"));
  const answer = client.codec.next();
  assertEquals(answer, own("hi"));
  assertEquals(answer && client.codec.answers(answer), true);
  // In two messages; each comes by itself.
  const long = "x".repeat(1_010);
  note(long);
  client.read("240 ok\r\n");
  assertEquals(client.read("240 ok\r\n")[1], "RMSG\r\n");
  assertEquals(client.read(`RMSGalice:${long.slice(0, 1_009)}\r\n`)[0], []);
  assertEquals(client.read("RMSGalice:x\r\n")[0], []);
  assertEquals(client.read("255 end\r\n")[0], [own(long)]);
  // One that can't be fetched now is stored all the same.
  note("later");
  client.read("240 ok\r\n");
  client.codec.receive(encoder.encode("550 error\r\n"));
  assertEquals(client.codec.next(), own("later"));
});

Deno.test("a refused message is answered with the model's code, and the client can go on", () => {
  const client = Client.ready();
  for (
    const [reply, code, why] of [
      ["545 nobody", 404, "Not found: nobody"],
      ["540 error", 500, "Internal error: error"],
      ["546 many", 400, "Malformed: many"],
    ] as const
  ) {
    client.say("hi");
    assertEquals(client.read(`${reply}\r\n`), [
      [{ type: "error_msg", code, text: why }],
      "201 recovered from error\r\n",
    ]);
  }
  client.say("y".repeat(1_010));
  client.read("240 ok\r\n");
  const [[half]] = client.read("540 no\r\n");
  assertEquals(
    half?.type === "error_msg" && half.text,
    "Internal error: no, at part 2 of it; what was before that went out",
  );
});

Deno.test("a login without a password, or with what CP can't carry, is refused before a byte is sent", () => {
  const refused = (username: string, password?: string) => {
    const client = new Client();
    const sent = client.ask({
      type: "login",
      username,
      ...password !== undefined && { password },
    });
    assertEquals([sent, client.codec.ready], ["", true]);
    return client.news()[0];
  };
  assertEquals(refused("alice"), {
    type: "login_reject",
    code: 401,
    reason: "Not logged in or wrong password: " +
      "this wire takes accounts, with their password",
  });
  assertEquals(refused("wolfgang-amadeus", "x"), {
    type: "login_reject",
    code: 400,
    reason: "Malformed: a user name has 1 to 10 bytes here",
  });
  assertEquals(refused("alice", "sixteen letters!"), {
    type: "login_reject",
    code: 400,
    reason: "Malformed: a password has 1 to 15 bytes here",
  });
});

Deno.test("a client knows a wrong password from a server that takes nobody", () => {
  const refused = (...replies: string[]) => {
    const client = new Client();
    client.ask({ type: "login", username: "alice", password: "wrong" });
    return replies.flatMap((reply) => client.read(`${reply}\r\n`)[0]);
  };
  assertEquals(refused("220 ok", "565 error authenticating user"), [{
    type: "login_reject",
    code: 401,
    reason: "Not logged in or wrong password: error authenticating user",
  }]);
  const why =
    "Not allowed: this server takes plaintext from its own machine only";
  assertEquals(refused(`500 ${why}`), [{
    type: "login_reject",
    code: 403,
    reason: why,
    hint: "Use cps://, or have the server started with --plaintext",
  }]);
});

Deno.test("what a server says before it closes is told as that, asked or not", () => {
  const words = "Unavailable: the server is going down";
  const event = { type: "error_msg", code: 503, text: words } as const;
  const client = Client.ready();
  assertEquals(client.read(`500 ${words}\r\n`)[0], [event]);
  client.codec.keepalive();
  client.codec.receive(encoder.encode(`500 ${words}\r\n`));
  const told = client.codec.next();
  assertEquals(told, event);
  assertEquals(told && client.codec.answers(told), false);
});

Deno.test("messages that can't be fetched are told of once, until they can be", () => {
  const client = Client.ready();
  const fail = () => {
    client.codec.keepalive();
    return client.read("550 error\r\n");
  };
  assertThrows(
    fail,
    RemoteProtocolError,
    "Malformed: messages can't be fetched: error",
  );
  assertEquals(text(client.codec.output()), "201 recovered from error\r\n");
  assertEquals(fail(), [[], "201 recovered from error\r\n"]);
  client.codec.keepalive();
  client.read("256 none\r\n");
  assertThrows(fail, RemoteProtocolError, "can't be fetched");
});

Deno.test("a server that is none is an error, and TERM is the last thing said", () => {
  const client = Client.ready();
  assertEquals(text(client.codec.farewell()), "TERM\r\n");
  assertEquals(client.codec.keepalive(), undefined);
  const other = Client.ready();
  assertThrows(
    () => other.read("HTTP/1.1 400\r\n"),
    RemoteProtocolError,
    "nothing was due, the server sent something else",
  );
});

Deno.test("what CP can't carry is a mistake of ours", () => {
  const client = Client.ready();
  assertThrows(
    () => client.ask({ type: "list_rooms" }),
    LocalProtocolError,
    "CP can't carry list_rooms",
  );
  client.say("one");
  assertThrows(() => client.say("two"), LocalProtocolError);
});
