/**
 * What holds for any bytes at any times: they give replies and questions and
 * nothing else, each question is settled before the next, nothing is held
 * beyond the limit, and no message is delivered that was not acknowledged.
 */
import fc from "fast-check";
import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import {
  CpClient,
  type CpOutcome,
  CpServer,
  type CpServerAction,
} from "../../../lib/wire/mod.ts";
import { cut, cuts, string } from "../arbitraries.ts";
import { joined } from "../golden.ts";

const encoder = new TextEncoder();
const bytes = (text: string) => encoder.encode(text);

/** Bytes that look like the protocol's own, whole or spoilt. */
const piece = fc.oneof(
  fc.constantFrom(
    "USERalice",
    "PASSsecret",
    "SMSGbob:hi",
    "SMSGbob:a:b",
    "RMSG",
    "250 ok",
    "250 okRMSG",
    "550 no",
    "201 recovered",
    "201 okSMSGbob:hi",
    "TERM",
    "\r",
    "\n",
  ).map(bytes),
  fc.constant(new Uint8Array([0x0d, 0x0a])),
  fc.uint8Array({ maxLength: 12 }),
  fc.integer({ min: 1_000, max: 3_000 }).map((length) =>
    new Uint8Array(length).fill(0x78)
  ),
);
const read = fc.array(piece, { maxLength: 5 }).map((all) => joined(...all));
const pause = fc.oneof(
  fc.constantFrom(0, 1, 39, 40, 41, 9_999, 10_000, 10_001),
  fc.nat(20_000),
);
const text = fc.oneof(string, fc.constant("👋é\r\n:".repeat(400)));
/** So that something comes behind it. */
const often = fc.nat(4).map((chance) => chance > 0);
const outcome: fc.Arbitrary<Record<string, CpOutcome>> = fc.record({
  login: fc.record({
    type: fc.constant("logged in" as const),
    ok: often,
  }),
  send: fc.record({
    type: fc.constant("sent" as const),
    how: fc.constantFrom("yes", "no such receiver", "failed"),
  }),
  fetch: fc.oneof(
    fc.record({
      type: fc.constant("waiting" as const),
      sender: string,
      text,
      more: fc.boolean(),
    }),
    fc.constantFrom(
      { type: "none" } as const,
      { type: "not fetched" } as const,
    ),
  ),
}) as fc.Arbitrary<Record<string, CpOutcome>>;
/** The end of a peer's PDUs, once it has been handed a message; "" before all. */
const start = fc.constantFrom("", "crlf", "silence");
const whole = fc.oneof(piece, read).map((each) => joined(each, bytes("\r\n")));
/** What a peer that knows the protocol says, with any end. */
const polite = fc.tuple(
  fc.constantFrom("250 ok", "250 ok", "RMSG", "201 ok", "SMSGbob:hi"),
  fc.constantFrom("\r\n", "\r\n", ""),
).map(([text, end]) => bytes(text + end));
const step = fc.record({
  read: fc.oneof(
    { arbitrary: polite, weight: 5 },
    { arbitrary: fc.oneof(piece, whole, read), weight: 1 },
  ),
  pause: fc.oneof({ arbitrary: fc.nat(100), weight: 3 }, pause),
  woken: fc.boolean(),
  settles: often,
  outcome,
});

const QUESTIONS = ["login", "send", "fetch"];

/** A server whose peer has been handed a message, or has said nothing yet. */
function started(start: string): CpServer {
  const server = new CpServer();
  if (start === "") return server;
  const end = start === "crlf" ? "\r\n" : "";
  server.receive(bytes(`USERalice${end}`), 0);
  server.tick(40);
  server.receive(bytes(`PASSsecret${end}`), 40);
  server.settle({ type: "logged in", ok: true }, 40);
  assertEquals(server.receive(bytes(`RMSG${end}`), 40), [{ type: "fetch" }]);
  const waiting = { type: "waiting", sender: "bob", text: "hi" } as const;
  server.settle({ ...waiting, more: true }, 40);
  assertEquals(server.framing, start);
  return server;
}

/** Checks one call's actions; answers the question that is open behind them. */
function checked(
  actions: readonly CpServerAction[],
  open: string | undefined,
): { open: string | undefined; closed: boolean } {
  let closed = false;
  for (const action of actions) {
    assert(!closed, "something came behind the close");
    if (action.type === "write") {
      assert(action.bytes.length <= 1_024);
      const line = new TextDecoder("utf-8", { fatal: true })
        .decode(action.bytes);
      assert(/^(?:\d{3} [^\r\n]+|RMSG[^:\r\n]{0,10}:[^\r\n]*)\r\n$/.test(line));
    }
    closed = action.type === "close";
    if (QUESTIONS.includes(action.type)) {
      assertEquals(open, undefined, "two questions are open");
      open = action.type;
    }
  }
  return { open: closed ? undefined : open, closed };
}

Deno.test("any bytes at any times give a CP server replies and questions, and are never held beyond the limit", () => {
  let delivered = 0;
  fc.assert(
    fc.property(start, fc.array(step, { maxLength: 30 }), (start, steps) => {
      const server = started(start);
      let state: { open: string | undefined; closed: boolean } = {
        open: undefined,
        closed: false,
      };
      let now = 40;
      let out = start === "" ? 0 : 1;
      let acknowledged = 0;
      const take = (actions: readonly CpServerAction[], comes: number) => {
        if (state.closed) assertEquals(actions, []);
        for (const action of actions) {
          if (action.type === "delivered") {
            delivered++;
            acknowledged++;
            assertLessOrEqual(acknowledged, comes);
          }
          if (action.type === "write" && action.bytes[0] === 0x52) out++;
        }
        assertLessOrEqual(acknowledged, out, "delivered before it went out");
        const next = checked(actions, state.open);
        state = { ...next, closed: state.closed || next.closed };
        assertLessOrEqual(server.pending, 2_049);
        const { wakeAt } = server;
        if (state.closed) {
          assertEquals([server.pending, wakeAt], [0, undefined]);
        }
        assert(wakeAt === undefined || wakeAt > now, "is to be woken at once");
      };
      // What was delivered is never more than what came as a 250.
      let comes = 0;
      for (const { read, pause, woken, settles, outcome } of steps) {
        now += pause;
        if (woken) take(server.tick(now), comes);
        comes += new TextDecoder("latin1").decode(read).split("250").length - 1;
        take(server.receive(read, now), comes);
        const due = state.open === undefined ? undefined : outcome[state.open];
        if (settles && due !== undefined) {
          state = { ...state, open: undefined };
          take(server.settle(due, now), comes);
        }
      }
    }),
    { numRuns: 2_000 },
  );
  assert(delivered > 100, `only ${delivered} runs got as far as a delivery`);
});

Deno.test("framed by CRLF, it changes nothing how any stream is cut", () => {
  fc.assert(
    fc.property(fc.array(read, { maxLength: 8 }), cuts, (reads, shares) => {
      const stream = joined(bytes("NICK\r\n"), ...reads);
      const run = (pieces: readonly Uint8Array[]) => {
        const server = new CpServer();
        return pieces.flatMap((each) => server.receive(each, 0));
      };
      assertEquals(run(cut(stream, shares)), run([stream]));
    }),
    { numRuns: 500 },
  );
});

Deno.test("any bytes at any times give our CP client what it can tell, and are never held beyond the limit", () => {
  const reply = fc.oneof(
    read,
    fc.constantFrom("220", "230", "240", "255", "256", "545 x", "RMSGbob:hi")
      .map((text) => bytes(`${text}\r\n`)),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(reply, pause)), (replies) => {
      const client = new CpClient();
      client.login("alice", "secret");
      let now = 0;
      let failed = false;
      for (const [read, pause] of replies) {
        now += pause;
        const actions = client.receive(read, now);
        if (failed) assertEquals(actions, []);
        failed ||= actions.some(({ type }) => type === "failed");
        assertLessOrEqual(client.pending, 1_025);
        if (failed || client.busy) continue;
        if (!client.loggedIn) client.login("alice", "secret");
        else if (now % 2 === 0) client.collect();
        else client.send("bob", "hi");
      }
    }),
    { numRuns: 500 },
  );
});

Deno.test("any text that our client sends comes through as it says, also in several messages", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        text,
        fc.string({ unit: "grapheme", minLength: 900, maxLength: 2_100 }),
      ),
      fc.constantFrom("b", "0123456789"),
      (said, receiver) => {
        const server = new CpServer();
        const client = new CpClient();
        const answers: Record<string, CpOutcome> = {
          login: { type: "logged in", ok: true },
          send: { type: "sent", how: "yes" },
        };
        const got: string[] = [];
        let told: string | undefined;
        const up = (actions: ReturnType<CpClient["send"]>) => {
          for (const action of actions) {
            if (action.type === "sent") told = action.text;
            if (action.type === "write") {
              down(server.receive(action.bytes, 0));
            }
          }
        };
        const down = (actions: readonly CpServerAction[]) => {
          for (const action of actions) {
            if (action.type === "send") {
              assertEquals(action.receiver, receiver);
              got.push(action.text);
            }
            const answer = answers[action.type];
            if (answer !== undefined) down(server.settle(answer, 0));
            if (action.type === "write") up(client.receive(action.bytes, 0));
          }
        };
        up(client.login("alice", "secret"));
        assert(client.loggedIn);
        if (said === "") return;
        up(client.send(receiver, said));
        assertEquals(got.join(""), told);
        const due = said.replace(/\r\n|[\n\v\f\r\x85\u2028\u2029]/g, " ")
          .replaceAll(":", ";");
        assertEquals(told, due);
      },
    ),
    { numRuns: 300 },
  );
});
