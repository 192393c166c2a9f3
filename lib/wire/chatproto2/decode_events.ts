/**
 * Events out of the frames of a ChatProto 2 server (docs/chatproto2.md, "Frames
 * of the server"), with the names, sequences and times that do not travel.
 *
 * - Events MUST come in the order of the frames. While the name of somebody is
 *   asked for, everything from there on is held back.
 * - No more than a limited amount is: then what is unknown goes by its handle.
 *
 * @module
 */

import { RemoteProtocolError } from "../errors.ts";
import type {
  LoginAck,
  Place,
  PrivateMessageDelivery,
  ServerEvent,
} from "../events.ts";
import type { Text } from "../requests.ts";
import {
  pastPlace,
  readNames,
  readReply,
  readRooms,
  type ReplyParts,
} from "./decode_replies.ts";
import { Directory } from "./directory.ts";
import { FEATURES, FrameStream, KEEPALIVE } from "./frame_stream.ts";
import { FRAME_FLAGS, SERVER_FLAGS, SERVER_KINDS } from "./frames.ts";
import { readText, type TextCode } from "./message_text.ts";
import { type Asked, Questions } from "./questions.ts";
import { Streams } from "./streams.ts";
import { readError } from "./write_error.ts";

/** What is held back at most, as bytes of frames and so much for each. */
const MOST_HELD = 4_194_304;
const HELD_EACH = 256;

/** An event, or an error in the place of one, that waits for names. */
interface Held {
  readonly handles: readonly number[];
  readonly make: () => ServerEvent;
  readonly size: number;
}

/** What is known of somebody's message before its names are. */
interface Spoken {
  readonly room: number;
  readonly text: Text;
  readonly place: Place;
  /** Of one whose handle is not all that is known. */
  readonly sender?: string;
  readonly history?: true;
}

/** Reads events. */
export class EventReader extends FrameStream {
  /** Keepalives that came: each tells that the connection lives. */
  keepalives = 0;
  protected readonly questions = new Questions();
  protected readonly directory = new Directory();
  protected readonly streams = new Streams();
  /** What was offered to the server, and of that what it took. */
  protected readonly offered: TextCode | undefined;
  protected textCode: TextCode | undefined;
  #username = "";
  #user = 0;
  #held: Held[] = [];
  #heldSize = 0;

  constructor(textCode: TextCode | undefined) {
    super("event");
    this.offered = textCode;
  }

  /**
   * Nobody answers any more (the connection has ended): what is held back for
   * the sake of names comes without them.
   */
  giveUp(): void {
    this.directory.giveUp();
  }

  /**
   * The next event.
   *
   * @throws {RemoteProtocolError} as {@link Decoder.next}; an
   * {@link OtherVersionError} when the server speaks another version.
   */
  next(): ServerEvent | undefined {
    for (;;) {
      const event = this.#release();
      if (event !== undefined) return event;
      try {
        if (!this.#readNext()) return undefined;
        const event = this.#event();
        if (event !== undefined) return event;
      } catch (error) {
        if (!(error instanceof RemoteProtocolError)) throw error;
        if (error.fatal) this.#end(error);
        if (this.#held.length === 0) throw error;
        this.#hold([], HELD_EACH, () => {
          throw error;
        });
      }
    }
  }

  #readNext(): boolean {
    if (this.peerFeatures === undefined) {
      if (!this.readPreface()) return false;
      const coded = (this.peerFeatures ?? 0) & FEATURES.textCode;
      this.textCode = coded === 0 ? undefined : this.offered;
    }
    return this.readFrame();
  }

  /** Nothing comes any more, but what is held back. */
  #end(error: RemoteProtocolError): void {
    this.giveUp();
    try {
      this.die(error);
    } catch {
      // It is thrown in its place.
    }
  }

  // ---- what waits for names

  /** The first that is held back, if its names are known. */
  #release(): ServerEvent | undefined {
    const [first] = this.#held;
    if (first === undefined) return undefined;
    for (const handle of first.handles) {
      if (this.directory.get(handle) !== undefined) continue;
      this.directory.want(handle);
      return undefined;
    }
    this.#held.shift();
    this.#heldSize -= first.size;
    return first.make();
  }

  #hold(
    handles: readonly number[],
    size: number,
    make: () => ServerEvent,
  ): void {
    for (const handle of handles) this.directory.want(handle);
    this.#held.push({ handles, size, make });
    this.#heldSize += size;
    if (this.#heldSize > MOST_HELD) this.giveUp();
  }

  /** Tells an event now, or when the names of these are known. */
  #tell(
    handles: readonly number[],
    make: () => ServerEvent,
  ): ServerEvent | undefined {
    const waits = this.#held.length > 0 ||
      handles.some((handle) => this.directory.get(handle) === undefined);
    if (!waits) return make();
    this.#hold(handles, this.frameBytes + HELD_EACH, make);
    return undefined;
  }

  // ---- frames

  #event(): ServerEvent | undefined {
    switch (this.kind) {
      case SERVER_KINDS.message:
        return this.#message();
      case SERVER_KINDS.stored:
        return this.#stored();
      case SERVER_KINDS.select:
        this.streams.select(this.fields.number("room"));
        return undefined;
      case SERVER_KINDS.reply:
        return this.#reply();
      case SERVER_KINDS.refused:
        return this.#refused();
      case SERVER_KINDS.welcome:
        return this.#welcome();
      case SERVER_KINDS.past:
        return this.#past();
      case SERVER_KINDS.names:
        readNames(this.fields, this.directory);
        return undefined;
      case KEEPALIVE:
        this.keepalives++;
        return undefined;
    }
    return this.#news();
  }

  /** What is told the same way as it is read; undefined for unknown kinds. */
  #news(): ServerEvent | undefined {
    const { fields } = this;
    switch (this.kind) {
      case SERVER_KINDS.received:
        return this.#received();
      case SERVER_KINDS.presence:
        return this.#presence();
      case SERVER_KINDS.position:
        return this.#position();
      case SERVER_KINDS.rooms:
        return this.#rooms();
      case SERVER_KINDS.system: {
        const text = fields.string("text");
        return this.#tell([], () => ({ type: "system_msg", text }));
      }
      case SERVER_KINDS.closing: {
        const error = readError(fields.number("code"), fields.string("detail"));
        // Whatever was asked: there will be no answer.
        this.giveUp();
        return this.#tell([], () => ({ type: "error_msg", ...error }));
      }
      case SERVER_KINDS.invitation: {
        const user = fields.string("user");
        const room = fields.string("name");
        return this.#tell([], () => ({ type: "invitation", user, room }));
      }
      case SERVER_KINDS.moved: {
        const left = fields.string("left");
        const room = fields.string("name");
        return this.#tell([], () => ({ type: "moved", left, room }));
      }
    }
    return undefined;
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
    const text = readText(fields.rest(), this.flags, this.textCode);
    const place = { id: 0, room, sequence, time, sender, pause };
    const spoken = { room, text, place };
    return this.#tell([room, sender], () => this.#said(spoken));
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
    return this.#tell([room], () => this.#said(spoken));
  }

  /** A message with its names. */
  #said({ room, text, place, history, ...rest }: Spoken): ServerEvent {
    const { kind, name } = this.#named(room);
    const sender = rest.sender ?? this.#named(place.sender ?? 0).name;
    const also = history === undefined ? {} : { history };
    if (kind !== "direct") {
      return { type: "room_msg", room: name, sender, text, ...also, place };
    }
    const mine = place.sender === undefined
      ? sender === this.#username
      : place.sender === this.#user;
    const recipient = mine ? name : this.#username;
    const type = "private_msg_delivery";
    return { type, sender, recipient, text, ...also, place };
  }

  #named(handle: number) {
    const { kind, name } = this.directory.get(handle) ??
      { kind: "user", name: `#${handle}` };
    return { kind, name };
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
    return this.#tell([], () => event);
  }

  #received(): ServerEvent | undefined {
    const { received: flag } = SERVER_FLAGS;
    const room = this.streams.selected;
    const type = "received_by_all";
    if (this.has(flag.sequence)) {
      const sequence = this.fields.number("sequence");
      return this.#tell([], () => ({ type, room, sequence }));
    }
    const behind = this.has(flag.behind) ? this.fields.number("distance") : 0;
    const sequence = Math.max(0, this.streams.sequence - behind);
    return this.#tell([], () => ({ type, room, sequence, behind }));
  }

  #presence(): ServerEvent | undefined {
    const user = this.fields.number("user's handle");
    const name = this.fields.string("name");
    const here = this.has(SERVER_FLAGS.presence.here);
    const room = this.streams.selected;
    this.directory.learn(user, "user", name);
    return this.#tell([room], () => ({
      type: "presence",
      room: this.#named(room).name,
      user: name,
      here,
      handles: { room, user },
    }));
  }

  #rooms(): ServerEvent | undefined {
    const rooms = readRooms(this.fields);
    for (const { room, kind, name } of rooms) {
      this.directory.learn(room, kind, name);
      this.streams.leave(room);
    }
    return this.#tell([], () => ({ type: "rooms", rooms }));
  }

  // ---- replies

  /**
   * The request that this frame answers.
   *
   * @throws {RemoteProtocolError} fatal, when that is not the oldest.
   */
  #answered(): Asked {
    const number = this.has(FRAME_FLAGS.number)
      ? this.fields.number("request number")
      : 0;
    const { oldest } = this.questions;
    if (oldest?.number !== number) {
      const due = oldest === undefined ? "none is" : `${oldest.number} is`;
      this.fatal(400, `request ${number} is answered, ${due} due`);
    }
    this.questions.shift();
    return oldest;
  }

  /** What is wrong in an answer can't be asked for again. */
  #wholly<Result>(read: () => Result): Result {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof RemoteProtocolError) || error.fatal) throw error;
      this.fatal(error.code, error.detail);
    }
  }

  #stored(): ServerEvent | undefined {
    const { stored: flag } = SERVER_FLAGS;
    const { fields } = this;
    return this.#wholly(() => {
      const asked = this.#answered();
      if (asked.text === undefined) {
        this.fatal(400, `STORED answers no ${asked.type}`);
      }
      const repeated = this.has(flag.repeated)
        ? { repeated: true } as const
        : {};
      const place = this.has(flag.place)
        ? this.#storedPlace()
        : this.#nextPlace(
          this.has(flag.pause) ? fields.number("pause") : 0,
        );
      const { room } = place;
      const { text, recipient } = asked;
      return this.#tell([room], () => {
        const { kind, name } = this.#named(room);
        if (kind !== "direct" && recipient === undefined) {
          return { type: "room_msg_ack", id: 0, place, ...repeated };
        }
        const event: PrivateMessageDelivery = {
          type: "private_msg_delivery",
          sender: this.#username,
          recipient: kind === "direct" ? name : recipient ?? "",
          text,
          place,
        };
        return { ...event, ...repeated };
      });
    });
  }

  #nextPlace(pause: number): Place {
    const step = this.streams.advance(pause);
    return { id: 0, ...step, sender: this.#user, pause };
  }

  #storedPlace(): Place {
    const { fields } = this;
    const room = fields.number("room");
    const sequence = fields.number("sequence");
    const time = fields.number("time") * 1000;
    return { id: 0, room, sequence, time, sender: this.#user };
  }

  #reply(): ServerEvent | undefined {
    return this.#wholly(() => {
      const asked = this.#answered();
      const parts: ReplyParts = {
        fields: this.fields,
        directory: this.directory,
        textCode: this.textCode,
        username: this.#username,
      };
      const event = readReply(parts, asked);
      if (asked.type === "ask_names") {
        this.directory.giveUp(asked.handles);
        return undefined;
      }
      if (asked.room !== undefined) this.streams.leave(asked.room);
      return this.#tell([], () => event);
    });
  }

  #refused(): ServerEvent | undefined {
    return this.#wholly(() => {
      const asked = this.#answered();
      const error = readError(
        this.fields.number("code"),
        this.fields.string("detail"),
      );
      if (asked.type === "ask_names") {
        this.directory.giveUp(asked.handles);
        return undefined;
      }
      const login = asked.type === "login" || asked.type === "resume";
      const { text: reason, ...code } = error;
      return this.#tell(
        [],
        () =>
          login
            ? { type: "login_reject", reason, ...code }
            : { type: "error_msg", ...error },
      );
    });
  }

  #welcome(): ServerEvent | undefined {
    const { fields } = this;
    return this.#wholly(() => {
      const { type } = this.#answered();
      if (!LOGINS.has(type)) this.fatal(400, `WELCOME answers no ${type}`);
      const username = fields.string("name");
      const user = fields.number("user's handle");
      const roomHandle = fields.number("room's handle");
      const room = fields.string("room's name");
      const token = this.has(SERVER_FLAGS.welcome.token)
        ? fields.string("token")
        : undefined;
      this.#username = username;
      this.#user = user;
      if (user !== 0) this.directory.learn(user, "user", username);
      if (roomHandle !== 0) this.directory.learn(roomHandle, "public", room);
      const event: LoginAck = {
        type: "login_ack",
        username,
        room,
        ...user !== 0 && { user },
        ...roomHandle !== 0 && { roomHandle },
        ...token !== undefined && { token },
      };
      return this.#tell([], () => event);
    });
  }
}

const LOGINS: ReadonlySet<Asked["type"]> = new Set([
  "login",
  "resume",
  "register",
]);
