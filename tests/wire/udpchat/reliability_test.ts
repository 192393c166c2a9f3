import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import {
  DatagramError,
  decodeDatagram,
  encodeBody,
  encodeDatagram,
  type LinkEvent,
  type LinkLimits,
  LocalProtocolError,
  ReliableLink,
} from "../../../lib/wire/mod.ts";

const link = (seqn = 1000, limits: Partial<LinkLimits> = {}) =>
  new ReliableLink({ seqn, limits });

/** Datagrams in short: `12 SYN {"a":1}`. */
function shown(datagrams: readonly Uint8Array[]): string[] {
  return datagrams.map((bytes) => {
    const { seqn, ack, syn, fin, body } = decodeDatagram(bytes);
    const flags = [ack ? " ACK" : "", syn ? " SYN" : "", fin ? " FIN" : ""];
    return `${seqn}${flags.join("")} ${JSON.stringify(body)}`;
  });
}

const sent = (from: ReliableLink) => shown(from.datagrams());

const request = (seqn: number, body: Record<string, unknown>) =>
  encodeDatagram({ seqn, ack: false, syn: false, fin: false, body });
const ack = (seqn: number, body: Record<string, unknown> = {}) =>
  encodeDatagram({ seqn, ack: true, syn: false, fin: false, body });
const syn = (body: Record<string, unknown>, seqn = 0) =>
  encodeDatagram({ seqn, ack: false, syn: true, fin: false, body });

/** The bodies of the requests among events. */
const released = (events: readonly LinkEvent[]) =>
  events.flatMap((event) => event.type === "request" ? [event.body] : []);

/** Wakes a link when it wants to be, up to a time; answers when that was. */
function wakings(woken: ReliableLink, until: number): number[] {
  const times: number[] = [];
  while (woken.nextWake <= until) {
    times.push(woken.nextWake);
    woken.wake(woken.nextWake);
  }
  return times;
}

Deno.test("a link's SEQNs advance by each datagram's length", () => {
  const sender = link(4660);
  // Seven bytes and the JSON.
  assertStrictEquals(sender.send({ a: 1 }, 0), 4660);
  assertStrictEquals(sender.send({}, 0), 4674);
  assertStrictEquals(sender.send({ text: "é" }, 0), 4683);
  assertStrictEquals(sender.send({}, 0), 4703);
  assertEquals(sent(sender), [
    `4660 {"a":1}`,
    "4674 {}",
    `4683 {"text":"é"}`,
    "4703 {}",
  ]);
  assertEquals(sent(sender), []);
});

Deno.test("a link's SEQNs go round, and are never 0 or -1", () => {
  const high = link(2_147_483_640);
  assertStrictEquals(high.send({}, 0), 2_147_483_640);
  assertStrictEquals(high.send({}, 0), -2_147_483_647);
  const low = link(-10);
  assertEquals([low.send({}, 0), low.send({}, 0), low.send({}, 0)], [
    -10,
    1,
    10,
  ]);
  assertStrictEquals(link(0).send({}, 0), 1);
});

Deno.test("a link hands out no SEQN that still waits for its ACK", () => {
  const sender = link(1000);
  assertStrictEquals(sender.send({ a: 1 }, 0), 1000);
  // 71,583 * 59,999 + 58,865 + 14 bytes are 2^32: once round.
  const most = encodeBody({ a: "x".repeat(59_984) });
  for (let count = 0; count < 71_583; count++) {
    sender.receive(ack(sender.sendEncoded(most, 0)), 0);
    sender.datagrams();
    sender.events();
  }
  sender.send({ a: "x".repeat(58_850) }, 0);
  assertStrictEquals(sender.send({ a: 2 }, 0), 1001);
});

Deno.test("a link repeats after 250 ms, then at its pace, and gives up after 5 s", () => {
  const sender = link();
  sender.send({ a: 1 }, 10_000);
  assertEquals(sent(sender), [`1000 {"a":1}`]);
  const times = wakings(sender, 14_999);
  // No round trip was measured, so that the pace is the slowest.
  assertEquals(
    times,
    Array.from({ length: 19 }, (_, nth) => 10_250 + 250 * nth),
  );
  assertEquals(sent(sender), times.map(() => `1000 {"a":1}`));
  assertEquals(sender.events(), []);
  assertStrictEquals(sender.nextWake, 15_000);
  sender.wake(15_000);
  assertEquals(sender.events(), [{
    type: "lost",
    unacknowledged: [{ seqn: 1000, body: encodeBody({ a: 1 }) }],
  }]);
  assertEquals(sent(sender), []);
  assertStrictEquals(sender.nextWake, Infinity);
});

Deno.test("a link's pace is the measured timeout, within 100 and 250 ms", () => {
  const paceAfter = (...roundTrips: number[]) => {
    const sender = link();
    for (const time of roundTrips) {
      sender.receive(ack(sender.send({}, 0)), time);
    }
    sender.send({}, 1_000);
    const [first, second] = wakings(sender, 2_000);
    assertStrictEquals(first, 1_250);
    return (second as number) - 1_250;
  };
  // RFC 6298: R + 4 * R/2 after the first.
  assertStrictEquals(paceAfter(50), 150);
  assertStrictEquals(paceAfter(10), 100);
  assertStrictEquals(paceAfter(200), 250);
  // 7/8 * 40 + 1/8 * 48 + 4 * (3/4 * 20 + 1/4 * 8).
  assertStrictEquals(paceAfter(40, 48), 109);
});

Deno.test("a link gives up after 5 s to the millisecond, whatever its pace", () => {
  const sender = link();
  sender.receive(ack(sender.send({}, 0)), 50);
  sender.events();
  sender.send({}, 1_000);
  const times = wakings(sender, 10_000);
  // 250 ms, then every 150 ms.
  assertEquals(times.slice(0, 3), [1_250, 1_400, 1_550]);
  assertEquals([times.length, ...times.slice(-2)], [33, 5_900, 6_000]);
  assertEquals(sender.events().map(({ type }) => type), ["lost"]);
});

Deno.test("a link measures no round trip of what was repeated", () => {
  const sender = link();
  const repeated = sender.send({}, 0);
  sender.wake(250);
  sender.receive(ack(repeated), 251);
  sender.send({}, 1_000);
  assertEquals(wakings(sender, 1_600), [1_250, 1_500]);
});

Deno.test("a link that is woken early does nothing, and late repeats once", () => {
  const sender = link();
  sender.send({}, 0);
  sender.datagrams();
  sender.wake(249);
  assertEquals(sent(sender), []);
  sender.wake(900);
  assertEquals(sent(sender), ["1000 {}"]);
  assertStrictEquals(sender.nextWake, 1_150);
});

Deno.test("a link hands back all that waits when it gives up, in order", () => {
  const sender = link(1000, { window: 2 });
  const seqns = [0, 1, 2, 3].map((a) => sender.send({ a }, a));
  sender.receive(ack(seqns[0] as number), 100);
  assertEquals(sent(sender).length, 3);
  assertEquals(sender.queued, { datagrams: 1, bytes: 14 });
  wakings(sender, 5_001);
  assertEquals(sender.events(), [
    { type: "acknowledged", seqn: 1000, body: {} },
    {
      type: "lost",
      unacknowledged: [1, 2, 3].map((a) => ({
        seqn: seqns[a] as number,
        body: encodeBody({ a }),
      })),
    },
  ]);
  assertEquals(sender.queued, { datagrams: 0, bytes: 0 });
  sender.datagrams();
  assertStrictEquals(sender.send({ a: 4 }, 6_000), 1056);
  assertEquals(sent(sender), [`1056 {"a":4}`]);
});

Deno.test("a link has no more on its way than its window, by number and bytes", () => {
  const few = link(1000, { window: 2 });
  for (let a = 0; a < 4; a++) few.send({ a }, 0);
  assertEquals(sent(few), [`1000 {"a":0}`, `1014 {"a":1}`]);
  few.receive(ack(1014), 1);
  assertEquals(sent(few), [`1028 {"a":2}`]);
  few.receive(ack(1014), 2);
  assertEquals(sent(few), []);
  const small = link(1000, { windowBytes: 28 });
  for (let a = 0; a < 4; a++) small.send({ a }, 0);
  assertEquals(sent(small), [`1000 {"a":0}`, `1014 {"a":1}`]);
  const tiny = link(1000, { windowBytes: 5 });
  for (let a = 0; a < 2; a++) tiny.send({ a }, 0);
  assertEquals(sent(tiny), [`1000 {"a":0}`]);
  tiny.receive(ack(1000), 1);
  assertEquals(sent(tiny), [`1014 {"a":1}`]);
});

Deno.test("a link sends a SYN first, and says from which SEQN on it counts", () => {
  const client = link();
  assertStrictEquals(client.sendSyn({ username: "al" }, 0), 0);
  client.send({ a: 1 }, 0);
  assertEquals(sent(client), [
    `0 SYN {"username":"al","link":1000,"seqn":1000}`,
  ]);
  client.receive(ack(0), 20);
  assertEquals(sent(client), [`1000 {"a":1}`]);
  assertEquals(client.events(), [{ type: "acknowledged", seqn: 0, body: {} }]);
});

Deno.test("a SYN that nobody acknowledges is given up with what waits for it", () => {
  const client = link();
  client.sendSyn({ username: null }, 0);
  client.send({ a: 1 }, 4_000);
  assertStrictEquals(wakings(client, 5_000).at(-1), 5_000);
  assertEquals(client.events(), [{
    type: "lost",
    unacknowledged: [{ seqn: 1000, body: encodeBody({ a: 1 }) }],
  }]);
  client.datagrams();
  // A late ACK of the first says nothing of the second.
  assertStrictEquals(client.sendSyn({ username: null }, 5_000), -1);
  client.send({ a: 1 }, 5_000);
  client.datagrams();
  client.receive(ack(0), 5_001);
  assertEquals(sent(client), []);
  client.receive(ack(-1), 5_002);
  assertEquals(sent(client), [`1014 {"a":1}`]);
});

Deno.test("a SYN is refused while something waits for its ACK", () => {
  const client = link();
  client.send({ a: 1 }, 0);
  assertThrows(() => client.sendSyn({}, 1), LocalProtocolError, "hand it back");
  assertEquals(client.handBack(), [{ seqn: 1000, body: encodeBody({ a: 1 }) }]);
  assertStrictEquals(client.nextWake, Infinity);
  client.sendSyn({}, 1);
  assertEquals(client.handBack(), []);
  client.datagrams();
  client.send({ a: 2 }, 2);
  assertEquals(sent(client), [`1014 {"a":2}`]);
});

Deno.test("a FIN overtakes the window and is repeated until its ACK", () => {
  const client = link(1000, { window: 1 });
  client.send({ a: 1 }, 0);
  client.send({ a: 2 }, 0);
  assertStrictEquals(client.sendFin(0), 0);
  assertEquals(sent(client), [`1000 {"a":1}`, "0 FIN {}"]);
  client.receive(ack(1000), 1);
  client.wake(250);
  assertEquals(sent(client), ["0 FIN {}"]);
  client.receive(ack(0), 251);
  assertEquals(sent(client), [`1014 {"a":2}`]);
});

Deno.test("a link answers every SYN and FIN with {} and its SEQN", () => {
  const server = link();
  const body = { username: "al" };
  for (const seqn of [0, -1, 0]) {
    server.receive(syn(body, seqn), 0);
    server.receive(
      encodeDatagram({ seqn, ack: false, syn: false, fin: true, body: {} }),
      0,
    );
  }
  // What the original's window sends when it is closed.
  server.receive(new Uint8Array([255, 255, 255, 255, 0, 0, 1]), 0);
  assertEquals(sent(server), [
    "0 ACK {}",
    "0 ACK {}",
    "-1 ACK {}",
    "-1 ACK {}",
    "0 ACK {}",
    "0 ACK {}",
    "-1 ACK {}",
  ]);
  assertEquals(server.events(), [
    { type: "syn", body },
    { type: "fin" },
    { type: "syn", body },
    { type: "fin" },
    { type: "syn", body },
    { type: "fin" },
    { type: "fin" },
  ]);
});

Deno.test("a link takes an ACK for nothing else, whatever flags it bears", () => {
  const server = link();
  server.receive(new Uint8Array([0, 0, 0, 9, 1, 1, 1]), 0);
  assertEquals([sent(server), server.events()], [[], []]);
});

Deno.test("a link gives a repeated request the same ACK and does nothing else", () => {
  const server = link();
  server.receive(request(7, { a: 1 }), 0);
  assertEquals(server.events(), [{ type: "request", seqn: 7, body: { a: 1 } }]);
  server.receive(request(7, { a: 1 }), 100);
  assertEquals([sent(server), server.events()], [[], []]);
  server.answer(7, { status: 200 });
  assertEquals(sent(server), [`7 ACK {"status":200}`]);
  server.receive(request(7, { a: 1 }), 200);
  // Bytes that can't be read get it too: the SEQN is what counts.
  server.receive(new Uint8Array([0, 0, 0, 7, 0, 0, 0, 0x5b]), 59_999);
  assertEquals(sent(server), [`7 ACK {"status":200}`, `7 ACK {"status":200}`]);
  assertEquals(server.events(), []);
  server.receive(request(7, { a: 1 }), 60_000);
  assertEquals(sent(server), []);
  assertEquals(released(server.events()), [{ a: 1 }]);
});

Deno.test("a link gives a request one answer", () => {
  const server = link();
  server.receive(request(7, {}), 0);
  assertStrictEquals(server.answer(7, { status: 200 }), true);
  assertStrictEquals(server.answer(7, { status: 500 }), false);
  assertEquals(sent(server), [`7 ACK {"status":200}`]);
});

Deno.test("an answer that takes longer than a minute goes out all the same", () => {
  const server = link();
  server.receive(request(7, {}), 0);
  server.receive(request(8, {}), 60_000);
  assertStrictEquals(server.answer(7, {}), true);
  assertEquals(sent(server), ["7 ACK {}"]);
});

Deno.test("a link forgets the oldest answers beyond its bounds, and no request without", () => {
  const server = link(1, { answers: 3 });
  for (const seqn of [1, 2, 3, 4, 5]) server.receive(request(seqn, {}), 0);
  for (const seqn of [2, 3, 4, 5]) server.answer(seqn, { seqn });
  server.datagrams();
  server.events();
  for (const seqn of [1, 2, 3, 4, 5]) server.receive(request(seqn, {}), 1);
  assertEquals(sent(server), [
    `3 ACK {"seqn":3}`,
    `4 ACK {"seqn":4}`,
    `5 ACK {"seqn":5}`,
  ]);
  assertEquals(server.events(), [{ type: "request", seqn: 2, body: {} }]);
  assertEquals(server.holds.answers, 3);

  const small = link(1, { answerBytes: 25 });
  for (const seqn of [1, 2, 3]) small.receive(request(seqn, {}), 0);
  for (const seqn of [1, 2, 3]) small.answer(seqn, { seqn });
  assertEquals([small.holds.answers, small.holds.answerBytes], [2, 20]);
});

Deno.test("a link takes no request while too many are not answered", () => {
  const server = link(1, { unanswered: 2 });
  for (const seqn of [1, 2, 3]) server.receive(request(seqn, {}), 0);
  server.receive(request(4, { n: 0 }), 0);
  assertEquals(server.events().length, 2);
  server.answer(1, {});
  server.receive(request(4, { n: 0 }), 100);
  assertEquals(released(server.events()), [{ n: 0 }]);
  // What is never answered is swallowed for a minute.
  server.receive(request(2, {}), 59_999);
  server.receive(request(3, {}), 60_000);
  assertEquals(server.events(), [{ type: "request", seqn: 3, body: {} }]);
});

Deno.test("a link releases numbered requests in order, and others as they come", () => {
  const server = link();
  server.receive(request(30, { n: 2 }), 0);
  server.receive(request(20, { n: 1 }), 0);
  server.receive(request(25, { x: 1 }), 0);
  server.receive(request(20, { n: 1 }), 0);
  assertEquals(released(server.events()), [{ x: 1 }]);
  assertEquals([server.holds.held, server.holds.heldBytes], [2, 28]);
  server.receive(request(10, { n: 0 }), 0);
  assertEquals(released(server.events()), [{ n: 0 }, { n: 1 }, { n: 2 }]);
  assertEquals([server.holds.held, server.holds.heldBytes], [0, 0]);
  assertEquals(sent(server), []);
});

Deno.test("a SEQN that waits for its turn says nothing else", () => {
  const server = link();
  server.receive(request(12, { n: 2 }), 0);
  server.receive(request(12, { n: 1 }), 0);
  server.receive(request(12, { a: 1 }), 0);
  server.receive(request(10, { n: 0 }), 0);
  server.receive(request(11, { n: 1 }), 0);
  assertEquals(released(server.events()), [{ n: 0 }, { n: 1 }, { n: 2 }]);
});

Deno.test("a link takes for a number only what counts", () => {
  const server = link();
  const bodies = [-1, 0.5, 1e300, "0", null, true, [0]].map((n) => ({ n }));
  bodies.forEach((body, seqn) => server.receive(request(seqn + 9, body), 0));
  assertEquals(released(server.events()), bodies);
});

Deno.test("a link doesn't acknowledge what is too far ahead, and takes it later", () => {
  const server = link(1, { held: 2, heldBytes: 40 });
  server.receive(request(13, { n: 3 }), 0);
  server.receive(request(12, { n: 2 }), 0);
  server.receive(request(11, { n: 1, text: "too long to be held" }), 0);
  assertEquals([server.holds.held, server.holds.heldBytes], [1, 14]);
  server.receive(request(10, { n: 0 }), 0);
  server.receive(request(13, { n: 3 }), 1);
  server.receive(request(11, { n: 1, text: "too long to be held" }), 2);
  assertEquals(released(server.events()).map(({ n }) => n), [0, 1, 2, 3]);
});

Deno.test("a request that is said again under another SEQN gets the first's answer", () => {
  const server = link();
  server.receive(request(10, { n: 0, ref: "a" }), 0);
  server.receive(request(20, { n: 0, ref: "a" }), 1);
  server.receive(request(31, { n: 2, ref: "c" }), 1);
  server.receive(request(32, { n: 2, ref: "c" }), 1);
  assertEquals(released(server.events()), [{ n: 0, ref: "a" }]);
  server.answer(10, { status: 200 });
  server.receive(request(20, { n: 0, ref: "a" }), 100);
  server.receive(request(20, { n: 0, ref: "a" }), 200);
  assertEquals(sent(server), [
    `10 ACK {"status":200}`,
    `20 ACK {"status":200}`,
    `20 ACK {"status":200}`,
  ]);
  assertEquals(server.events(), []);
});

Deno.test("a request whose answer is forgotten is acknowledged under another SEQN", () => {
  const server = link();
  server.receive(request(10, { n: 0 }), 0);
  server.answer(10, { status: 200 });
  server.datagrams();
  server.receive(request(20, { n: 0 }), 60_000);
  assertEquals(sent(server), ["20 ACK {}"]);
  assertEquals(released(server.events()), [{ n: 0 }]);
});

Deno.test("a number of this connection is not taken for one of the last", () => {
  const server = link();
  server.receive(syn({ link: 1, seqn: 10 }), 0);
  server.receive(request(10, { n: 0, ref: "a" }), 0);
  server.receive(syn({ link: 1, seqn: 20 }, -1), 0);
  server.receive(request(20, { n: 0, ref: "b" }), 0);
  server.receive(request(30, { n: 0, ref: "b" }), 0);
  assertEquals(released(server.events()).length, 2);
  server.answer(10, { to: "a" });
  server.answer(20, { to: "b" });
  server.datagrams();
  server.receive(request(30, { n: 0, ref: "b" }), 0);
  assertEquals(sent(server), [`30 ACK {"to":"b"}`]);
});

Deno.test("two requests with one number are a mistake of the peer's", () => {
  const server = link();
  server.receive(request(10, { n: 0, text: "a" }), 0);
  server.receive(request(12, { n: 2, text: "c" }), 0);
  for (const [seqn, n] of [[20, 0], [21, 2]] as const) {
    const error = assertThrows(
      () => server.receive(request(seqn, { n, text: "other" }), 0),
      DatagramError,
      `two requests have the n ${n}`,
    );
    assertStrictEquals(error.seqn, seqn);
    server.refuse(seqn, { status: error.code });
    assertEquals(sent(server), [`${seqn} ACK {"status":400}`]);
  }
});

Deno.test("a SYN lets n count from 0 again, and the same or an older one does not", () => {
  const server = link();
  const first = syn({ username: "al", link: 90, seqn: 100 });
  const second = syn({ username: "al", link: 90, seqn: 200 }, -1);
  server.receive(first, 0);
  server.receive(request(100, { n: 0, a: 1 }), 1);
  server.receive(first, 2);
  server.receive(request(120, { n: 1, a: 2 }), 3);
  server.receive(request(160, { n: 3, a: 4 }), 3);
  server.receive(second, 10);
  // From before: nobody waits for it any more.
  server.receive(request(140, { n: 2, a: 3 }), 11);
  server.receive(request(141, { n: 0, a: 3 }), 11);
  server.receive(request(220, { n: 1, a: 4 }), 12);
  server.receive(second, 13);
  server.receive(first, 13);
  server.receive(request(200, { n: 0, a: 3 }), 14);
  const events = server.events();
  assertEquals(released(events), [
    { n: 0, a: 1 },
    { n: 1, a: 2 },
    { n: 0, a: 3 },
    { n: 1, a: 4 },
  ]);
  assertStrictEquals(events.filter(({ type }) => type === "syn").length, 4);
  assertEquals(sent(server), [
    "0 ACK {}",
    "0 ACK {}",
    "-1 ACK {}",
    "-1 ACK {}",
  ]);
  assertStrictEquals(server.holds.held, 0);
});

Deno.test("another client at the same address counts from 0, whatever its SEQNs", () => {
  const server = link();
  server.receive(syn({ link: 2000, seqn: 2000 }), 0);
  server.receive(request(2000, { n: 0, a: 1 }), 1);
  server.receive(syn({ link: 1000, seqn: 1000 }), 2);
  server.receive(request(1000, { n: 0, a: 2 }), 3);
  assertEquals(released(server.events()), [{ n: 0, a: 1 }, { n: 0, a: 2 }]);
});

Deno.test("another SYN that does not say from which SEQN counts from 0 again", () => {
  const server = link();
  server.receive(request(10, { n: 0 }), 0);
  server.receive(syn({ username: "al" }), 1);
  server.receive(request(5, { n: 0 }), 2);
  server.receive(syn({ username: "al", link: "1", seqn: 2 }), 3);
  server.receive(request(1, { n: 0 }), 4);
  assertEquals(released(server.events()), [{ n: 0 }, { n: 0 }, { n: 0 }]);
  server.receive(request(20, { n: 5 }), 4);
  server.receive(syn({ username: "al" }), 5);
  assertEquals([server.holds.held, server.holds.heldBytes], [0, 0]);
});

const BARE = syn({ username: "al" });
const FIN = encodeDatagram({
  seqn: -1,
  ack: false,
  syn: false,
  fin: true,
  body: {},
});

/** A server that has heard a SYN without a SEQN, n = 0, n = 1 and more. */
function counting(...more: readonly Uint8Array[]): ReliableLink {
  const server = link();
  for (
    const datagram of [
      BARE,
      request(10, { n: 0, a: 1 }),
      request(20, { n: 1, a: 2 }),
    ]
  ) server.receive(datagram, 0);
  assertEquals(released(server.events()).length, 2);
  for (const datagram of more) server.receive(datagram, 1);
  return server;
}

Deno.test("a SYN that comes again late lets n go on, also when it does not say from which SEQN", () => {
  const server = counting(
    BARE,
    request(40, { n: 3, a: 4 }),
    // Not the one of before, as long as nobody knows who says it.
    request(50, { n: 1, a: 2 }),
    request(30, { n: 2, a: 3 }),
    BARE,
    BARE,
    request(60, { n: 4, a: 5 }),
  );
  assertEquals(released(server.events()), [
    { n: 2, a: 3 },
    { n: 3, a: 4 },
    { n: 4, a: 5 },
  ]);
  server.answer(20, { status: 200 });
  server.datagrams();
  server.receive(request(20, { n: 1, a: 2 }), 2);
  server.receive(request(50, { n: 1, a: 2 }), 2);
  assertEquals(sent(server), [
    `20 ACK {"status":200}`,
    `50 ACK {"status":200}`,
  ]);
  assertThrows(
    () => server.receive(request(70, { n: 0, a: 9 }), 2),
    DatagramError,
    "two requests have the n 0",
  );
});

Deno.test("who begins anew with the same SYN counts from 0, whatever it says first", () => {
  // What it says may be what it said before: it is said again.
  const server = counting(
    BARE,
    request(5, { n: 1, a: 7 }),
    request(6, { n: 3, a: 9 }),
    request(4, { n: 0, a: 1 }),
    BARE,
    request(5, { n: 1, a: 7 }),
    request(7, { n: 2, a: 8 }),
    request(6, { n: 3, a: 9 }),
  );
  assertEquals(released(server.events()), [
    { n: 0, a: 1 },
    { n: 1, a: 7 },
    { n: 2, a: 8 },
    { n: 3, a: 9 },
  ]);
});

Deno.test("the same SYN behind a FIN, or with another SEQN, counts from 0 at once", () => {
  for (const again of [[FIN, BARE], [syn({ username: "al" }, -1)]]) {
    const server = counting(
      ...again,
      request(6, { n: 2, a: 9 }),
      request(5, { n: 1, a: 8 }),
      request(4, { n: 0, a: 7 }),
    );
    assertEquals(released(server.events()), [
      { n: 0, a: 7 },
      { n: 1, a: 8 },
      { n: 2, a: 9 },
    ]);
  }
});

Deno.test("what is no number from 0 on is no place in the order: it is taken as it comes", () => {
  const server = link();
  const odd = [-1, 1.5, "3", 2 ** 53, null, true];
  for (const [seqn, n] of odd.entries()) {
    server.receive(request(seqn, { n }), 0);
  }
  assertEquals(released(server.events()), odd.map((n) => ({ n })));
});

Deno.test("a link still hears a peer whose SEQNs have gone half round since its SYN", () => {
  const server = link();
  server.receive(syn({ link: 100, seqn: 100 }), 0);
  let seqn = 100;
  for (let n = 0; n < 8; n++) {
    server.receive(request(seqn, { n }), n);
    seqn = (seqn + 0x3000_0000) | 0;
  }
  assertEquals(released(server.events()).length, 8);
  server.receive(syn({ link: 100, seqn }), 9);
  server.receive(request(seqn, { n: 0 }), 9);
  assertEquals(released(server.events()), [{ n: 0 }]);
});

Deno.test("a link throws what it can't read, and answers what has a SEQN each time", () => {
  const server = link();
  const bad = new Uint8Array([0, 0, 0, 9, 0, 0, 0, 0x5b]);
  for (const now of [0, 1]) {
    const error = assertThrows(() => server.receive(bad, now), DatagramError);
    server.refuse(error.seqn as number, { status: error.code });
    assertEquals(sent(server), [`9 ACK {"status":400}`]);
  }
  server.receive(request(9, { a: 1 }), 2);
  assertEquals(released(server.events()), [{ a: 1 }]);
});

Deno.test("a FIN that can't be read is refused apart from the request with its SEQN", () => {
  const server = link();
  server.receive(request(9, { a: 1 }), 0);
  const bad = new Uint8Array([0, 0, 0, 9, 0, 0, 1, 0x5b]);
  const error = assertThrows(() => server.receive(bad, 0), DatagramError);
  server.refuse(error.seqn as number, { status: error.code });
  assertStrictEquals(server.answer(9, { status: 200 }), true);
  assertEquals(sent(server), [`9 ACK {"status":400}`, `9 ACK {"status":200}`]);
});

Deno.test("a link waits on for an ACK that it could not read", () => {
  const client = link();
  const seqn = client.send({}, 0);
  assertThrows(
    () => client.receive(new Uint8Array([0, 0, 3, 232, 1, 0, 0, 0x5b]), 1),
    DatagramError,
  );
  client.receive(ack(seqn, { status: 200 }), 2);
  assertEquals(client.events(), [
    { type: "acknowledged", seqn, body: { status: 200 } },
  ]);
});

Deno.test("one encoded body is sent by many links, each with its own SEQN", () => {
  const body = encodeBody({ type: "CHT" });
  const links = [link(10), link(20)];
  for (const each of links) each.sendEncoded(body, 0);
  assertEquals(links.flatMap(sent), [`10 {"type":"CHT"}`, `20 {"type":"CHT"}`]);
  assertStrictEquals(links[0]?.handBack()[0]?.body, body);
  const long = new Uint8Array(59_993);
  assertThrows(() => link().sendEncoded(long, 0), LocalProtocolError, "60000");
  assertThrows(
    () => link().answerEncoded(1, long),
    LocalProtocolError,
    "60000",
  );
});
