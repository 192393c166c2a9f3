import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  cutText,
  encryptText,
  type RelayEvent,
  RelayReader,
  RemoteProtocolError,
} from "../../lib/wire/mod.ts";
import { PLAIN_KEY } from "./relay_key.ts";

/** A text, and its pieces of at most 12 bytes. */
const CUTS: readonly (readonly [string, string[]])[] = [
  ["", [""]],
  ["hello", ["hello"]],
  ["twelve bytes", ["twelve bytes"]],
  ["twelve bytes.", ["twelve bytes", "."]],
  ["eleven byte€", ["eleven byte", "€"]],
  ["ten bytes:€€", ["ten bytes:", "€€"]],
  ["nine byte😀", ["nine byte", "😀"]],
  ["exit", ["exit"]],
  ["no way to exit", ["no way to ex", "it"]],
  ["twelve bytesexit", ["twelve byte", "sexit"]],
  ["nine byte€exit", ["nine byte", "€exit"]],
  ["twelve bytesexit!", ["twelve bytes", "exit!"]],
  ["exitexitexitexit", ["exitexitexi", "texit"]],
];

for (const [text, pieces] of CUTS) {
  Deno.test(`the text ${JSON.stringify(text)} is cut into ${pieces.length}`, () => {
    const decoder = new TextDecoder("utf-8", { fatal: true });
    assertEquals(
      cutText(text, 12).map((piece) => decoder.decode(piece)),
      pieces,
    );
  });
}

Deno.test("any text is cut into whole code points that fit, and no piece but the whole is exit", () => {
  const words = fc.array(fc.constantFrom("exit", "e", "é", "€", "😀", "xit"));
  fc.assert(
    fc.property(words, fc.integer({ min: 12, max: 40 }), (all, most) => {
      const text = all.join("");
      const pieces = cutText(text, most).map((piece) => {
        assertEquals(piece.length <= most, true);
        return new TextDecoder("utf-8", { fatal: true }).decode(piece);
      });
      assertEquals(pieces.join(""), text);
      if (pieces.length > 1) assertEquals(pieces.includes("exit"), false);
    }),
  );
});

Deno.test("a text is as many blocks as it has pieces", () => {
  assertEquals(
    encryptText("hello", PLAIN_KEY).toHex(),
    "0568656c6c6f00000000000000000000",
  );
  assertEquals(
    encryptText("fifteen bytes..more", PLAIN_KEY).toHex(),
    "0f6669667465656e2062797465732e2e" + "046d6f72650000000000000000000000",
  );
});

const bytes = (hex: string) => Uint8Array.fromHex(hex);
const ascii = (text: string) => new TextEncoder().encode(text);

/** What comes of a stream that arrives in these pieces. */
function read(...pieces: Uint8Array[]): RelayEvent[] {
  const reader = new RelayReader(PLAIN_KEY);
  return pieces.flatMap((piece) => {
    reader.receive(piece.slice());
    const events: RelayEvent[] = [];
    for (let next = reader.next(); next; next = reader.next()) {
      events.push(next);
    }
    return events;
  });
}

const HI = "02686900000000000000000000000000";
const FALSE = "ff000000000000000000000000000000";
const EXIT = "04657869740000000000000000000000";

/** Bytes from a server, and what they are. */
const STREAMS: readonly (readonly [string, Uint8Array, RelayEvent[]])[] = [
  ["server ready", ascii("server ready\n"), [{ type: "ready" }]],
  ["server full, and what is behind it not", ascii("server full\nxyz"), [
    { type: "full" },
  ]],
  [
    "blocks, one not for this key, and nothing behind exit",
    new Uint8Array([
      ...ascii("server ready\n"),
      ...bytes(HI + FALSE + HI + EXIT + HI),
    ]),
    [
      { type: "ready" },
      { type: "text", ciphertext: bytes(HI), text: "hi" },
      { type: "undecryptable", ciphertext: bytes(FALSE) },
      { type: "text", ciphertext: bytes(HI), text: "hi" },
      { type: "exit", ciphertext: bytes(EXIT) },
    ],
  ],
  [
    "a block that is no UTF-8",
    new Uint8Array([
      ...ascii("server ready\n"),
      ...bytes("02ff41" + "00".repeat(13)),
    ]),
    [
      { type: "ready" },
      {
        type: "text",
        ciphertext: bytes("02ff41" + "00".repeat(13)),
        text: "\ufffdA",
      },
    ],
  ],
];

for (const [name, stream, events] of STREAMS) {
  Deno.test(`a client reads ${name}, however it is cut`, () => {
    assertEquals(read(stream), events);
    assertEquals(
      read(...Array.from(stream, (byte) => Uint8Array.of(byte))),
      events,
    );
    for (let at = 0; at <= stream.length; at++) {
      assertEquals(read(stream.subarray(0, at), stream.subarray(at)), events);
    }
  });
}

Deno.test("a first line that is none of the two is refused at the first wrong byte", () => {
  for (const wrong of ["HTTP/1.1 400", "server rain", "server full ", "\n"]) {
    const error = assertThrows(
      () => read(...Array.from(ascii(wrong), (byte) => Uint8Array.of(byte))),
      RemoteProtocolError,
    );
    assertEquals([error.code, error.fatal], [400, true]);
  }
});

Deno.test("any bytes give events or one error, and never more than a block is held", () => {
  const pieces = fc.array(fc.uint8Array({ maxLength: 40 }));
  fc.assert(fc.property(fc.boolean(), pieces, (ready, all) => {
    const reader = new RelayReader(PLAIN_KEY);
    if (ready) reader.receive(ascii("server ready\n"));
    try {
      for (const piece of all) {
        reader.receive(piece);
        while (reader.next() !== undefined);
        assertEquals(reader.pending < 16, true);
      }
    } catch (error) {
      if (!(error instanceof RemoteProtocolError)) throw error;
      assertEquals(ready, false);
      assertEquals([reader.next(), reader.pending], [undefined, 0]);
    }
  }));
});
