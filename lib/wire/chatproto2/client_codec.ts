/**
 * A client's end of a ChatProto 2 connection (docs/chatproto2.md).
 *
 * Names, sequences and times, which do not travel, are put into the events that
 * come out. For a name it does not know the codec asks by itself: take `output`
 * whenever bytes were received.
 *
 * @module
 */

import { ByteWriter } from "../bytes.ts";
import type { ClientCodec } from "../codec.ts";
import { LocalProtocolError } from "../errors.ts";
import {
  isNotice,
  type Notice,
  type Receipt,
  type Request,
  type RoomReference,
} from "../requests.ts";
import { EventReader } from "./decode_events.ts";
import { beginNumbered } from "./encode_replies.ts";
import {
  isNumbered,
  type Numbered,
  type RequestPlace,
  writeRequest,
} from "./encode_requests.ts";
import { beginFrame, endFrame, writeNumber } from "./fields.ts";
import { FEATURES, preface } from "./frame_stream.ts";
import { CLIENT_FLAGS, CLIENT_KINDS } from "./kinds.ts";
import { TEXT_CODE } from "./message_text.ts";
import type { Asked } from "./questions.ts";
import type { ChatProto2Options } from "./server_codec.ts";

/** A client's end of a ChatProto 2 connection. */
export class ChatProto2ClientCodec extends EventReader implements ClientCodec {
  readonly name = "chatp2";
  #greeted = false;
  /** The ref of the next message, where the session is to be kept. */
  #ref: number | undefined;
  /** Where the last SAY went; 0 is the room one is in. */
  #said = 0;
  /** What the last RECEIPT said. */
  #receiptRoom = 0;
  #received = 0;
  /** Up to where each room was read: not stating it takes nothing back. */
  readonly #read = new Map<number, number>();

  constructor({ textCode = TEXT_CODE }: ChatProto2Options = {}) {
    super(textCode || undefined);
  }

  /**
   * One request as bytes, the preface before the first. They MUST be sent in
   * the order in which they were made here.
   *
   * @throws {LocalProtocolError} when it can't be carried; then nothing of it
   * counts.
   */
  encode(request: Request): Uint8Array {
    const writer = new ByteWriter();
    if (!this.#greeted) writer.bytes(this.#preface());
    if (isNotice(request)) this.#note(writer, request);
    else if (isNumbered(request)) this.#ask(writer, request);
    else {
      throw new LocalProtocolError(`ChatProto 2 has no ${request.type}`);
    }
    this.#greeted = true;
    return writer.take();
  }

  /**
   * What has to be sent now: questions for names, and the preface if nothing
   * was sent before.
   */
  output(): Uint8Array | undefined {
    const writer = new ByteWriter();
    if (!this.#greeted) writer.bytes(this.#preface());
    this.#greeted = true;
    for (;;) {
      const handles = this.directory.takeWanted();
      if (handles.length === 0) break;
      const { number } = this.questions;
      const start = beginNumbered(writer, CLIENT_KINDS.askNames, 0, number);
      for (const handle of handles) writer.varint(handle);
      endFrame(writer, start);
      this.questions.push({ type: "ask_names", number, handles });
    }
    return writer.length === 0 ? undefined : writer.take();
  }

  /** An empty frame: the server answers by one, see {@link keepalives}. */
  keepalive(): Uint8Array {
    const writer = new ByteWriter();
    if (!this.#greeted) writer.bytes(this.#preface());
    this.#greeted = true;
    writer.u8(0);
    return writer.take();
  }

  #preface(): Uint8Array {
    return preface(this.offered === undefined ? 0 : FEATURES.textCode);
  }

  // ---- requests

  #ask(writer: ByteWriter, request: Numbered): void {
    const ref = this.#nextRef(request);
    const { number } = this.questions;
    const room = this.#room(request);
    const place: RequestPlace = { number, room, said: this.#said };
    writeRequest(writer, request, place, this.textCode);
    // Nothing may count before all of it could be written.
    this.#ref = ref;
    if (request.type === "room_msg") this.#said = room;
    this.questions.push(asked(request, number, room));
  }

  /**
   * What the next ref is behind this request.
   *
   * @throws {LocalProtocolError} when it has another than its turn's.
   */
  #nextRef(request: Request): number | undefined {
    const { type } = request;
    if (type === "login" || (type === "register" && request.username)) {
      return request.keep === true ? 0 : undefined;
    }
    if (type === "resume") return request.ref ?? 0;
    if (type !== "room_msg" && type !== "private_msg") return this.#ref;
    const { ref } = request;
    if (ref !== undefined && ref !== this.#ref) {
      throw new LocalProtocolError(
        `A message with the ref ${ref} is out of turn, ${
          this.#ref === undefined ? "there are none" : `${this.#ref} is next`
        }`,
      );
    }
    return this.#ref === undefined ? undefined : this.#ref + 1;
  }

  /** The handle of the room that a request is about, 0 where it names none. */
  #room(request: Request): number {
    switch (request.type) {
      case "room_msg":
      case "leave_room":
      case "invite":
      case "list_users":
      case "list_members":
      case "history":
      case "search":
      case "set_topic":
        return this.#handleOf(request.room);
    }
    return 0;
  }

  #handleOf(reference: RoomReference | undefined): number {
    if (reference === undefined) return 0;
    if (typeof reference === "number") return reference;
    const room = this.directory.room(reference);
    if (room !== undefined) return room;
    throw new LocalProtocolError(`The room ${reference} has no handle here`);
  }

  // ---- what gets no reply

  #note(writer: ByteWriter, notice: Notice): void {
    if (notice.type === "receipt") return this.#writeReceipt(writer, notice);
    endFrame(writer, beginFrame(writer, CLIENT_KINDS.logout, 0));
  }

  #writeReceipt(writer: ByteWriter, { room, received, read }: Receipt): void {
    const { receipt: flag } = CLIENT_FLAGS;
    const seen = Math.max(read ?? 0, this.#read.get(room) ?? 0);
    const unread = Math.max(0, received - seen);
    const goesOn = room === this.#receiptRoom && received >= this.#received;
    const more = received - this.#received;
    const flags = (unread > 0 ? flag.unread : 0) |
      (goesOn ? more === 1 ? 0 : flag.more : flag.room);
    const start = beginFrame(writer, CLIENT_KINDS.receipt, flags);
    if (!goesOn) {
      writeNumber(writer, room, "room's handle");
      writeNumber(writer, received, "sequence");
    } else if (more !== 1) writeNumber(writer, more, "difference");
    if (unread > 0) writeNumber(writer, unread, "number of the unread");
    endFrame(writer, start);
    this.#receiptRoom = room;
    this.#received = received;
    this.#read.set(room, seen);
  }
}

function asked(
  request: Numbered,
  number: number,
  room: number,
): Asked {
  const { type } = request;
  switch (type) {
    case "room_msg":
      return { type, number, text: request.text };
    case "private_msg": {
      const { text, recipient } = request;
      return { type, number, text, recipient };
    }
    case "leave_room":
      return { type, number, room };
  }
  return { type, number };
}
