/**
 * What the server does with each kind of opening: the codec of the wires that
 * it serves, its last words in those that it does not.
 *
 * @module
 */

import {
  ChatProto1ServerCodec,
  ChatProto2ServerCodec,
  cpLastWords,
  CpServerCodec,
  JsonServerCodec,
  type RemoteProtocolError,
  type ServerCodec,
} from "../wire/mod.ts";
import type { SessionOptions } from "../chat/mod.ts";
import type { Incoming } from "../net/mod.ts";

const HTTP_TEXT = "This is a chat server: chatp connect NAME HOST:PORT\n";

/** A wire that is served, or what is said to a peer that opens in it. */
export type OpeningRow =
  | {
    readonly codec: () => ServerCodec;
    /** What its sessions are like. */
    readonly session?: Pick<
      SessionOptions,
      "reach" | "retries" | "accountsOnly"
    >;
    /** Says at once why nobody may log in; else the login is answered so. */
    readonly refuse?: (refusal: RemoteProtocolError) => Uint8Array;
  }
  | { readonly lastWords: string };

/** What becomes of a connection, by its opening (inside TLS, if in TLS). */
export const OPENINGS: Readonly<Record<Incoming["wire"], OpeningRow>> = {
  chatproto: { codec: () => new ChatProto1ServerCodec() },
  chatproto2: {
    codec: () => new ChatProto2ServerCodec(),
    session: { reach: "many" },
  },
  json: { codec: () => new JsonServerCodec() },
  // No wire of ours: ChatProto's codec says so, in ChatProto's words.
  unknown: { codec: () => new ChatProto1ServerCodec() },
  cp: {
    codec: () => new CpServerCodec(),
    session: { reach: "none", retries: true, accountsOnly: true },
    // Before a password comes, which a login has to have here.
    refuse: ({ message }) => cpLastWords(message),
  },
  http: {
    lastWords: "HTTP/1.1 400 Bad Request\r\n" +
      "Content-Type: text/plain; charset=utf-8\r\n" +
      `Content-Length: ${HTTP_TEXT.length}\r\n` +
      `Connection: close\r\n\r\n${HTTP_TEXT}`,
  },
};
