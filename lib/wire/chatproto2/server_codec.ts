/**
 * A server's end of a ChatProto 2 connection (docs/chatproto2.md).
 *
 * It remembers what the wire leaves out: the numbers of the requests that have
 * no reply yet (they are answered in their order), the room that is meant where
 * none is named, how many messages came, and the room whose stream goes on.
 *
 * What is wrong in a request MUST be answered in its place. So every error that
 * `next` throws counts as a request: the next reply but those before it is its.
 *
 * @module
 */

import type { ByteWriter } from "../bytes.ts";
import type { EventEncoding, ServerCodec } from "../codec.ts";
import { LocalProtocolError, RemoteProtocolError } from "../errors.ts";
import type { ServerEvent } from "../events.ts";
import { isNotice, type Request } from "../requests.ts";
import { RequestReader } from "./decode_requests.ts";
import {
  CHATPROTO2_EVENTS,
  CHATPROTO2_SILENCE,
  codedEvents,
  wholly,
} from "./encode_events.ts";
import { writeReply } from "./encode_replies.ts";
import { beginFrame, endFrame } from "./fields.ts";
import { FEATURES, KEEPALIVE, preface, PREFACE_BYTES } from "./frame_stream.ts";
import { SERVER_KINDS } from "./kinds.ts";
import { TEXT_CODE, type TextCode } from "./message_text.ts";

/** What both ends of a connection can be given. */
export interface ChatProto2Options {
  /** False: the feature is not offered. Default: {@link TEXT_CODE}. */
  readonly textCode?: TextCode | false;
}

/** A request without its reply; without a number it can't be answered. */
interface Unanswered {
  readonly number: number | undefined;
  /** It asked for the oldest messages behind something. */
  readonly forward: boolean;
  readonly login: boolean;
}

/** A server's end of a ChatProto 2 connection. */
export class ChatProto2ServerCodec extends RequestReader
  implements ServerCodec {
  /** Whether the client has sent a keepalive: it then has to go on with it. */
  keepsAlive = false;
  readonly #offered: TextCode | undefined;
  #encoding = CHATPROTO2_SILENCE;
  readonly #unanswered: Unanswered[] = [];
  #selected = 0;
  /** Bytes that are due: of a preface, of a keepalive. */
  #greets = false;
  #echoes = false;

  constructor({ textCode = TEXT_CODE }: ChatProto2Options = {}) {
    super();
    this.#offered = textCode || undefined;
  }

  /**
   * One and the same object for all who have the same features. Before the
   * preface is read nothing can be said.
   */
  get encoding(): EventEncoding {
    return this.#encoding;
  }

  next(): Request | undefined {
    try {
      return this.#next();
    } catch (error) {
      if (!(error instanceof RemoteProtocolError)) throw error;
      this.#greet(0);
      this.#ask(this.number, false);
      throw error;
    }
  }

  #next(): Request | undefined {
    this.number = undefined;
    if (!this.readPreface()) return undefined;
    this.#greet(this.peerFeatures ?? 0);
    while (this.readFrame()) {
      if (this.kind === KEEPALIVE) {
        this.#echoes = this.keepsAlive = true;
        continue;
      }
      const request = this.readRequest();
      if (request === undefined) continue;
      if (!isNotice(request)) this.#ask(this.number, isForward(request));
      return request;
    }
    return undefined;
  }

  /** Settles how this peer is spoken to, once. */
  #greet(theirs: number): void {
    if (this.#encoding !== CHATPROTO2_SILENCE) return;
    this.#greets = true;
    const coded = (theirs & FEATURES.textCode) !== 0;
    this.textCode = coded ? this.#offered : undefined;
    this.#encoding = this.textCode === undefined
      ? CHATPROTO2_EVENTS
      : codedEvents(this.textCode);
  }

  #ask(number: number | undefined, forward: boolean): void {
    this.#unanswered.push({ number, forward, login: this.isLogin });
  }

  select(writer: ByteWriter, room: number): void {
    if (room === this.#selected) return;
    this.#selected = room;
    const start = beginFrame(writer, SERVER_KINDS.select, 0);
    writer.varint(room);
    endFrame(writer, start);
  }

  reply(writer: ByteWriter, event: ServerEvent): void {
    const asked = this.#unanswered[0];
    const number = asked?.number;
    if (asked === undefined || number === undefined) {
      if (event.type !== "error_msg") {
        throw new LocalProtocolError(`A ${event.type} answers nothing`);
      }
      this.#encoding.write(writer, event);
      this.#unanswered.shift();
      return;
    }
    const { forward } = asked;
    wholly(writer, () => {
      writeReply(writer, { number, forward }, event, this.textCode);
    });
    this.#unanswered.shift();
    if (asked.login) this.loggedIn(event.type === "login_ack");
  }

  /** Take it before anything else is written. */
  output(): Uint8Array | undefined {
    if (!this.#greets && !this.#echoes) return undefined;
    const features = this.textCode === undefined ? 0 : FEATURES.textCode;
    const bytes = new Uint8Array(
      (this.#greets ? PREFACE_BYTES : 0) + Number(this.#echoes),
    );
    if (this.#greets) bytes.set(preface(features));
    this.#greets = this.#echoes = false;
    return bytes;
  }
}

/** Whether the messages wanted are the oldest of those behind something. */
function isForward(request: Request): boolean {
  return request.type === "history" && request.before === undefined &&
    (request.after !== undefined || request.since !== undefined);
}
