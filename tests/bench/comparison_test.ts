import { assert, assertEquals } from "@std/assert";
import { breakEven, textCarried } from "../../lib/bench/comparison.ts";
import { makeReport } from "../../lib/bench/mod.ts";
import { notes } from "../../lib/bench/notes.ts";
import { breakEvenText } from "../../lib/bench/wording.ts";
import { CONVERSATION, measurement, TLS_FIGURES } from "./measurements.ts";

/** Logged in at 0 and 5 s, messages at 68.528, 89.925 and 108.488 s, quits. */
const JSON_CURVE = [100, 200, 400, 600, 800, 1000, 1000];

function against(curve: readonly number[]) {
  return breakEven(
    CONVERSATION,
    measurement("chatp1+tls", { curve }),
    measurement("json", { curve: JSON_CURVE }),
  );
}

Deno.test("a wire breaks even at the step from which on it is never dearer", () => {
  const found = against([250, 500, 600, 590, 795, 900, 900]);
  assertEquals(found, {
    wire: "chatp1+tls",
    against: "json",
    kind: "within",
    time: 89_925,
    advance: 300,
    // 300 more at the last login, 5 less at the last message: over three.
    savedPerMessage: 305 / 3,
  });
  assertEquals(
    breakEvenText(found),
    "chatp1+tls breaks even with json after 90 s on the conversation's clock.",
  );
});

Deno.test("a wire that is dearer again later has not broken even yet", () => {
  const found = against([250, 500, 390, 610, 790, 900, 900]);
  assertEquals([found.kind, found.time], ["within", 108_488]);
});

Deno.test("a break-even beyond the end is extrapolated, and said to be", () => {
  // 300 more at 5 s, 150 more at the end: 150 saved in 158 s.
  const found = against([250, 500, 650, 800, 950, 1150, 1150]);
  assertEquals([found.kind, found.time], ["later", 163_000 + 158_000]);
  assertEquals(
    breakEvenText(found),
    "chatp1+tls never breaks even with json within 163 s; extrapolated at " +
      "the conversation's own rates, after 5 min 21 s.",
  );
});

Deno.test("a wire whose messages cost no less never breaks even", () => {
  const found = against([250, 500, 750, 950, 1150, 1400, 1400]);
  assertEquals([found.kind, found.time], ["never", undefined]);
  assertEquals(
    breakEvenText(found),
    "chatp1+tls never breaks even with json: each message costs no less.",
  );
});

Deno.test("the texts are counted once up and once for each receiver", () => {
  const text = "that's the right one".length + "told you".length +
    "the place on the corner has a new menu, and the soup is actually good"
      .length;
  assertEquals(textCarried(CONVERSATION), 2 * text);
});

function sentences(json: number, binary: number): readonly string[] {
  const of = (wire: string, application: number) =>
    measurement(wire, { up: 0, down: application, application });
  return notes({
    conversation: CONVERSATION,
    measurements: [of("json", json), of("chatp1", binary)],
    breakEvens: [],
    frames: [],
  });
}

Deno.test("a share that is the published one is called so", () => {
  // 589 of 1,000 is −41.1 %; the texts are 194 of them.
  assertEquals(
    sentences(1000, 589)[1],
    "Binary against JSON: ours is −41.1 %, EE586's −41.1 %, about the " +
      "same. The texts themselves are 19.4 % of our JSON's bytes and equally " +
      "long in both; on the rest binary saves 51.0 %.",
  );
});

Deno.test("a share that differs is explained by the texts, if they can", () => {
  // 300 of the 806 bytes that are no text are saved: 37.2 %.
  assertEquals(
    sentences(1000, 700)[1],
    "Binary against JSON: ours is −30.0 %, EE586's −41.1 %. The texts " +
      "themselves are 19.4 % of our JSON's bytes and equally long in both; " +
      "on the rest binary saves 37.2 %; so even without any text ours could " +
      "not save EE586's 41.1 %: its JSON must be wordier than ours.",
  );
  // 500 of 806 are 62.0 %, and 1 − 41.1 / 62.0 is 33.7 %.
  assertEquals(
    sentences(1000, 500)[1],
    "Binary against JSON: ours is −50.0 %, EE586's −41.1 %. The texts " +
      "themselves are 19.4 % of our JSON's bytes and equally long in both; " +
      "on the rest binary saves 62.0 %; EE586's share would be ours if " +
      "texts were 33.7 % of JSON's bytes.",
  );
});

Deno.test("nothing is said about what was not measured", () => {
  const { notes, breakEvens } = makeReport(CONVERSATION, [
    measurement("chatp1+tls", TLS_FIGURES),
  ]);
  assertEquals(breakEvens, []);
  assert(
    notes.every((note) => /^(LOGIN|ROOM_MSG) /.test(note)),
    notes.join("\n"),
  );
});
