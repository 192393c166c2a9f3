/**
 * Reads a whole capture file, from bytes to findings and figures.
 *
 * @module
 */

import { Dissector } from "./dissect.ts";
import type { Finding } from "./finding.ts";
import { PcapReader } from "./pcap.ts";
import { type Summary, Tally } from "./summary.ts";

/** A finding, something to know about the file, or, at the end, the figures. */
export type ReadingEvent =
  | Finding
  | { readonly event: "note"; readonly text: string }
  | { readonly event: "summary"; readonly summary: Summary };

/**
 * Reads a pcap file as its bytes come. What is whole of a cut or damaged file
 * is read, a note says what was not. The chunks must not be reused.
 *
 * @throws {UserError} file_unreadable, when it is no pcap file.
 */
export async function* readCapture(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<ReadingEvent> {
  const reader = new PcapReader();
  const dissector = new Dissector();
  const tally = new Tally();
  const counted = function* (findings: Iterable<Finding>) {
    for (const finding of findings) {
      tally.add(finding);
      yield finding;
    }
  };
  for await (const chunk of chunks) {
    reader.receive(chunk);
    for (let packet = reader.next(); packet; packet = reader.next()) {
      yield* counted(dissector.receive(packet));
    }
  }
  const text = reader.end();
  yield* counted(dissector.end());
  if (text !== undefined) yield { event: "note", text };
  yield { event: "summary", summary: tally.summary(dissector.counts) };
}
