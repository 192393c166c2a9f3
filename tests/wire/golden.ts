/**
 * Bytes as they are written out by hand, in tests and in docs/chatproto.md:
 * hex digits are bytes, `"…"` stands for the ASCII between the quotes, `#`
 * begins a comment, white space means nothing.
 */
export function golden(notation: string): Uint8Array<ArrayBuffer> {
  const bytes: number[] = [];
  const token = /\s+|#[^\n]*|"(?<ascii>[\x20-\x7e]*?)"|(?<hex>[0-9a-f]{2})/y;
  while (token.lastIndex < notation.length) {
    const at = token.lastIndex;
    const groups = token.exec(notation)?.groups;
    if (groups === undefined) {
      throw new Error(`no bytes: ${notation.slice(at, at + 20)}`);
    }
    const { ascii, hex } = groups;
    if (hex !== undefined) bytes.push(parseInt(hex, 16));
    for (const character of ascii ?? "") bytes.push(character.charCodeAt(0));
  }
  return new Uint8Array(bytes);
}

/** A line of text as UTF-8 with its line feed. */
export function lineBytes(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${text}\n`);
}

/** Pieces of a stream as one. */
export function joined(...pieces: Uint8Array[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(pieces.flatMap((piece) => [...piece]));
}
