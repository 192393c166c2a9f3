/**
 * What the server does with each kind of opening: the codec of the wires that
 * it serves, its last words in those that it does not.
 *
 * @module
 */

import {
  ChatProto1ServerCodec,
  ChatProto2ServerCodec,
  JsonServerCodec,
  type ServerCodec,
} from "../wire/mod.ts";
import type { Reach } from "../chat/mod.ts";
import type { Incoming } from "../net/mod.ts";

const HTTP_TEXT = "This is a chat server: chatp connect NAME HOST:PORT\n";

/** A wire that is served, or what is said to a peer that opens in it. */
export type OpeningRow =
  | { readonly codec: () => ServerCodec; readonly reach?: Reach }
  | { readonly lastWords: string };

/** What becomes of a connection, by its opening (inside TLS, if in TLS). */
export const OPENINGS: Readonly<Record<Incoming["wire"], OpeningRow>> = {
  chatproto: { codec: () => new ChatProto1ServerCodec() },
  chatproto2: { codec: () => new ChatProto2ServerCodec(), reach: "many" },
  json: { codec: () => new JsonServerCodec() },
  // No wire of ours: ChatProto's codec says so, in ChatProto's words.
  unknown: { codec: () => new ChatProto1ServerCodec() },
  cp: { lastWords: "500 This server does not speak CP\r\n" },
  http: {
    lastWords: "HTTP/1.1 400 Bad Request\r\n" +
      "Content-Type: text/plain; charset=utf-8\r\n" +
      `Content-Length: ${HTTP_TEXT.length}\r\n` +
      `Connection: close\r\n\r\n${HTTP_TEXT}`,
  },
};
