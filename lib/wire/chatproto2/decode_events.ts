/**
 * Events out of the frames of a ChatProto 2 server (docs/chatproto2.md, "Frames
 * of the server"), with the names, sequences and times that do not travel.
 *
 * @module
 */

import { RemoteProtocolError } from "../errors.ts";
import type { ServerEvent } from "../events.ts";
import { AnswerReader } from "./decode_answers.ts";
import { pastPlace, readNames, readRooms } from "./decode_replies.ts";
import { FEATURES, KEEPALIVE } from "./frame_stream.ts";
import { SERVER_FLAGS, SERVER_KINDS } from "./kinds.ts";
import { readText, type TextCode } from "./message_text.ts";
import { readError } from "./write_error.ts";

/** The kinds without which a stream can't be counted. */
const COUNTED: ReadonlySet<number> = new Set([
  SERVER_KINDS.message,
  SERVER_KINDS.select,
  SERVER_KINDS.position,
  SERVER_KINDS.rooms,
]);

/** Reads events. */
export class EventReader extends AnswerReader {
  /** Keepalives that came: each tells that the connection lives. */
  keepalives = 0;
  /** What the server may take up. */
  protected readonly offered: TextCode | undefined;
  /** What this frame does to a stream is done. */
  #counted = false;

  constructor(offered: TextCode | undefined) {
    super();
    this.offered = offered;
  }

  /**
   * The next event.
   *
   * @throws {RemoteProtocolError} in the place of what is wrong; an
   * {@link OtherVersionError} when the server speaks another version.
   */
  next(): ServerEvent | undefined {
    for (;;) {
      const event = this.release();
      if (event !== undefined) return event;
      try {
        if (!this.#readNext()) return undefined;
        const event = this.#event();
        if (event !== undefined) return event;
      } catch (error) {
        if (!(error instanceof RemoteProtocolError)) throw error;
        this.#mistake(error);
      }
    }
  }

  #mistake(error: RemoteProtocolError): void {
    const { code, detail, hint } = error;
    const lost = COUNTED.has(this.kind) && !this.#counted;
    if (error.fatal || lost) this.end();
    this.raise(
      lost && !error.fatal
        ? new RemoteProtocolError(code, detail, { fatal: true, hint })
        : error,
    );
  }

  #readNext(): boolean {
    if (this.peerFeatures === undefined) {
      if (!this.readPreface()) return false;
      const coded = (this.peerFeatures ?? 0) & FEATURES.textCode;
      this.textCode = coded === 0 ? undefined : this.offered;
    }
    return this.readFrame();
  }

  #event(): ServerEvent | undefined {
    this.#counted = false;
    if (this.readsAnswer) return this.readAnswer();
    switch (this.kind) {
      case SERVER_KINDS.message:
        return this.#message();
      case SERVER_KINDS.select:
        this.streams.select(this.fields.number("room"));
        return undefined;
      case SERVER_KINDS.received:
        return this.#received();
      case SERVER_KINDS.presence:
        return this.#presence();
      case SERVER_KINDS.crowd:
        return this.#crowd();
      case SERVER_KINDS.position:
        return this.#position();
      case SERVER_KINDS.past:
        return this.#past();
      case SERVER_KINDS.rooms:
        return this.#rooms();
      case SERVER_KINDS.names:
        readNames(this.fields, this.directory);
        return undefined;
      case KEEPALIVE:
        this.keepalives++;
        return undefined;
    }
    return this.#news();
  }

  // ---- streams

  #message(): ServerEvent | undefined {
    const { fields } = this;
    const sender = fields.number("sender's handle");
    const pause = this.has(SERVER_FLAGS.message.pause)
      ? fields.number("pause")
      : 0;
    // It counts even if its text can't be read.
    const { room, sequence, time } = this.streams.advance(pause);
    this.#counted = true;
    const text = readText(fields.rest(), this.flags, this.textCode);
    const place = { id: 0, room, sequence, time, sender, pause };
    return this.tell([room, sender], () => this.said({ room, text, place }));
  }

  #past(): ServerEvent | undefined {
    const { fields } = this;
    const room = fields.number("room");
    const id = fields.number("id");
    const where = pastPlace(fields, room, id);
    const handle = this.has(SERVER_FLAGS.past.sender)
      ? fields.number("sender's handle")
      : undefined;
    const sender = fields.string("name");
    const text = readText(fields.rest(), this.flags, this.textCode);
    const place = handle === undefined ? where : { ...where, sender: handle };
    if (handle !== undefined) this.directory.learn(handle, "user", sender);
    const spoken = { room, text, place, sender, history: true } as const;
    return this.tell([room], () => this.said(spoken));
  }

  #position(): ServerEvent | undefined {
    const { fields } = this;
    const event = {
      type: "position",
      room: fields.number("room"),
      sequence: fields.number("sequence"),
      time: fields.number("time"),
    } as const;
    this.streams.position(event);
    return this.tell([], () => event);
  }

  #received(): ServerEvent | undefined {
    const { received: flag } = SERVER_FLAGS;
    const room = this.streams.selected;
    const type = "received_by_all";
    if (this.has(flag.sequence)) {
      const sequence = this.fields.number("sequence");
      return this.tell([], () => ({ type, room, sequence }));
    }
    const behind = this.has(flag.behind) ? this.fields.number("distance") : 0;
    const sequence = Math.max(0, this.streams.sequence - behind);
    return this.tell([], () => ({ type, room, sequence, behind }));
  }

  #presence(): ServerEvent | undefined {
    const user = this.fields.number("user's handle");
    const name = this.fields.string("name");
    const here = this.has(SERVER_FLAGS.presence.here);
    const room = this.streams.selected;
    this.directory.learn(user, "user", name);
    return this.tell([room], () => ({
      type: "presence",
      room: this.named(room).name,
      user: name,
      here,
      handles: { room, user },
    }));
  }

  #crowd(): ServerEvent | undefined {
    const here = this.fields.number("number of people");
    const joined = this.fields.number("number of those who joined");
    const left = this.fields.number("number of those who left");
    const roomHandle = this.streams.selected;
    return this.tell([roomHandle], () => {
      const room = this.named(roomHandle).name;
      return { type: "crowd", room, joined, left, here, roomHandle };
    });
  }

  #rooms(): ServerEvent | undefined {
    const rooms = readRooms(this.fields);
    for (const { room, kind, name } of rooms) {
      this.directory.learn(room, kind, name);
      // Its stream begins anew, at its next position.
      this.streams.leave(room);
    }
    return this.tell([], () => ({ type: "rooms", rooms }));
  }

  // ---- news

  /** What is told as it is read; undefined for unknown kinds. */
  #news(): ServerEvent | undefined {
    const { fields } = this;
    switch (this.kind) {
      case SERVER_KINDS.system: {
        const text = fields.string("text");
        return this.tell([], () => ({ type: "system_msg", text }));
      }
      case SERVER_KINDS.closing: {
        const error = readError(fields.number("code"), fields.string("detail"));
        // Whatever was asked: there will be no answer.
        this.giveUp();
        return this.tell([], () => ({ type: "error_msg", ...error }));
      }
      case SERVER_KINDS.invitation: {
        const user = fields.string("user");
        const room = fields.string("name");
        return this.tell([], () => ({ type: "invitation", user, room }));
      }
      case SERVER_KINDS.topic: {
        const user = fields.string("user");
        const room = fields.string("name");
        const topic = fields.string("topic");
        return this.tell([], () => ({ type: "topic", user, room, topic }));
      }
      case SERVER_KINDS.away: {
        const user = fields.string("user");
        const text = fields.string("text");
        const away = text === "" ? {} : { text };
        return this.tell([], () => ({ type: "away", user, ...away }));
      }
      case SERVER_KINDS.moved: {
        const left = fields.string("left");
        const room = fields.string("name");
        const handle = this.directory.room(left);
        if (handle !== undefined) this.streams.leave(handle);
        return this.tell([], () => ({ type: "moved", left, room }));
      }
    }
    return undefined;
  }
}
