import { assert, assertEquals } from "@std/assert";
import {
  compressBehind,
  COMPRESSORS,
  sharedDictionary,
} from "../../lib/bench/compressors.ts";
import { floors } from "../../lib/bench/floor.ts";
import { floorText } from "../../lib/bench/ledger.ts";
import { sharedDictionary as makeDictionary } from "../../tools/text_model/dictionary.ts";
import { CONVERSATION } from "./measurements.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A text that a dictionary has most of. */
const KNOWN = encoder.encode("see you at eight");
const TEXT = encoder.encode("see you at nine");

Deno.test("deflate writes what zlib does that is told the dictionary beforehand", async () => {
  const [deflate] = COMPRESSORS;
  const coded = await compressBehind(KNOWN, TEXT, deflate!);
  // As Python's zlib.compressobj(9, DEFLATED, -15, 9, zdict=b"see you at eight").
  assertEquals(coded.toHex(), "2b46f0f332f35201");
});

for (const compressor of COMPRESSORS) {
  Deno.test(`${compressor.name} saves with a dictionary that knows the text`, async () => {
    const nothing = encoder.encode("?");
    const told = await compressBehind(KNOWN, TEXT, compressor);
    const untold = await compressBehind(nothing, TEXT, compressor);
    assert(told.length > 0 && told.length < untold.length);
  });
}

Deno.test("the dictionary is the one that its tool makes of the model and of our own lines", () => {
  assertEquals(decoder.decode(sharedDictionary()), makeDictionary());
});

Deno.test("the texts are compressed with the text code's dictionary, with brotli's own, and not at all", async () => {
  const found = await floors(CONVERSATION);
  assertEquals(found.map(({ compressor }) => compressor), [
    "deflate with the text code's dictionary",
    "brotli with its own dictionary",
    "as they are",
  ]);
  // 20, 8 and 69 characters, each to the server and to one other.
  assertEquals(found[2]?.bytes, 194);
  assert(found[0]!.bytes < found[1]!.bytes && found[1]!.bytes < 194);
});

Deno.test("what the texts would be otherwise is said in whole sentences", () => {
  const ledger = { wire: "chatp2", total: 2_000, parts: [], texts: 1_100 };
  const compared = [
    { compressor: "deflate with the text code's dictionary", bytes: 1_500 },
    { compressor: "brotli with its own dictionary", bytes: 2_000 },
    { compressor: "as they are", bytes: 3_000 },
  ];
  assertEquals(
    floorText(ledger, compared),
    "chatp2: the texts are 1,100 bytes; they would be 1,500 in deflate with " +
      "the text code's dictionary, 2,000 in brotli with its own dictionary, " +
      "and 3,000 as they are.",
  );
  const records = {
    name: "TLS records, 22 bytes each",
    count: 10,
    bytes: 220,
    fields: {},
  };
  assertEquals(
    floorText({ ...ledger, parts: [records] }, compared.slice(2)),
    "chatp2: the texts are 1,100 bytes; they would be 3,000 as they are. 10 " +
      "records at 22 bytes each are 220, whatever is in them.",
  );
});
