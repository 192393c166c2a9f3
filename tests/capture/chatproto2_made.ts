/**
 * ChatProto 2 as it is said, and what is told of it.
 *
 * @module
 */

import { captureFormatter } from "../../lib/capture/mod.ts";
import { golden } from "../wire/golden.ts";
import { fileOf, type MadePacket, readAll, type Said } from "./made_capture.ts";

/** Only what was said, without times, widths and figures. */
export async function lines(packets: readonly MadePacket[]): Promise<string[]> {
  const toLine = captureFormatter("text");
  return (await readAll(fileOf(packets)))
    .filter(({ event }) => event !== "summary")
    .map((event) => toLine(event).split("\n").at(-1) as string)
    .map((line) => line.replaceAll(/ +/g, " ").replace(/^ ?\S+ #1 /, ""))
    .filter((line) => !/^(open|close)/.test(line));
}

/** Frames of less than 128 bytes, each with its length before it. */
const framed = (bodies: readonly string[]) =>
  Uint8Array.from(
    bodies.map(golden).flatMap((body) => [body.length, ...body]),
  );
/** What a client sends: frames. */
export const up = (...bodies: string[]): Said => ["up", framed(bodies)];
/** What a server sends: frames. */
export const down = (...bodies: string[]): Said => ["down", framed(bodies)];

/** A preface with these features. */
export const preface = (features = "00") =>
  golden(`4350 02 00 ${features} 00000000`);
/** Both prefaces. */
export const GREETING: readonly Said[] = [["up", preface()], [
  "down",
  preface(),
]];

/** al, 5, is in general, 2, whose last message is 41; bo is 3 there. */
export const ENTERED: readonly Said[] = [
  ...GREETING,
  up(`40 02 "al"`),
  down(`f0 00 02 "al" 05 02 07 "general"`),
  down(`70 02 01 07 "general" 03 00 02 "bo"`, "30 02"),
  down("40 02 29 80dea0cb05"),
];
