/**
 * One variant against another.
 *
 * @module
 */

import { textBytes } from "../wire/mod.ts";
import { ChatModel } from "./chat_model.ts";
import { type Measurement, total } from "./measurement.ts";
import { type Conversation, DURATION } from "./workload.ts";

/** How much more (or less, below 0) `ours` is than `base`, percent. */
export function change(ours: number, base: number): number {
  return (ours / base - 1) * 100;
}

/** When one wire has cost no more bytes than another since the beginning. */
export interface BreakEven {
  readonly wire: string;
  readonly against: string;
  /**
   * `within`: by `time` on the conversation's clock, and to its end.
   * `later`: not within it; at the rates of the conversation by `time`.
   * `never`: not within it, and each message costs no less.
   */
  readonly kind: "within" | "later" | "never";
  /** ms on the conversation's clock; absent for `never`. */
  readonly time?: number;
  /** What the wire had cost more when everybody was logged in, bytes. */
  readonly advance: number;
  /** What it saves with each message from then on, bytes; below 0: costs. */
  readonly savedPerMessage: number;
}

/** The steps between the last login and the first quit. */
function talk({ steps }: Conversation): { first: number; last: number } {
  return {
    first: steps.findLastIndex(({ action }) => action.type === "login"),
    last: steps.findIndex(({ action }) => action.type === "quit") - 1,
  };
}

/** When `wire` breaks even with `against`, from what both had cost by when. */
export function breakEven(
  conversation: Conversation,
  wire: Measurement,
  against: Measurement,
): BreakEven {
  const { steps, workload } = conversation;
  const extra = steps.map((_, index) =>
    (wire.curve[index] as number) - (against.curve[index] as number)
  );
  const { first, last } = talk(conversation);
  const advance = extra[first] as number;
  const saved = advance - (extra[last] as number);
  const found = {
    wire: wire.variant.wire,
    against: against.variant.wire,
    advance,
    savedPerMessage: saved / workload.messages,
  };
  const since = extra.findLastIndex((bytes) => bytes > 0) + 1;
  const step = steps[since];
  if (step !== undefined) return { ...found, kind: "within", time: step.time };
  if (saved <= 0) return { ...found, kind: "never" };
  const rate = saved / (DURATION - (steps[first]?.time as number));
  const time = DURATION + (extra.at(-1) as number) / rate;
  return { ...found, kind: "later", time };
}

/** Bytes of text that a conversation puts on any wire, both directions. */
export function textCarried({ users, steps }: Conversation): number {
  const model = new ChatModel(users);
  let bytes = 0;
  for (const step of steps) {
    const due = model.apply(step);
    if (!("text" in step.action)) continue;
    const copies = due.filter(({ event }) => "text" in event).length;
    bytes += textBytes(step.action.text) * (1 + copies);
  }
  return bytes;
}

/** A measurement and the two that shares are taken against, if measured. */
export interface Row {
  readonly measurement: Measurement;
  readonly json?: Measurement | undefined;
  readonly jsonTls?: Measurement | undefined;
}

/** Each measurement beside its baselines. */
export function rows(measurements: readonly Measurement[]): readonly Row[] {
  const find = (wire: string) =>
    measurements.find(({ variant }) => variant.wire === wire);
  const json = find("json");
  const jsonTls = find("json+tls");
  return measurements.map((measurement) => ({ measurement, json, jsonTls }));
}

/** The row of a wire, if it was measured. */
export function rowOf(
  measurements: readonly Measurement[],
  wire: string,
): Row | undefined {
  return rows(measurements).find(({ measurement }) =>
    measurement.variant.wire === wire
  );
}

/** Bytes against a baseline, percent; undefined for itself and for none. */
export function against(
  measurement: Measurement,
  base: Measurement | undefined,
): number | undefined {
  if (base === undefined || base === measurement) return undefined;
  return change(total(measurement), total(base));
}
