/**
 * Requests out of the frames of a ChatProto 2 client (docs/chatproto2.md,
 * "Frames of the client").
 *
 * @module
 */

import { copyOf } from "../bytes.ts";
import { RemoteProtocolError } from "../errors.ts";
import type {
  HistoryRequest,
  Login,
  PrivateMessageRequest,
  Receipt,
  Register,
  Request,
  RoomMessageRequest,
  SearchRequest,
} from "../requests.ts";
import { malformed } from "../stream_reader.ts";
import { FrameStream } from "./frame_stream.ts";
import { CLIENT_FLAGS, CLIENT_KINDS, FRAME_FLAGS } from "./kinds.ts";
import { readText, type TextCode } from "./message_text.ts";

/** So that a field that is not there is absent. */
type Writable<Type> = { -readonly [Key in keyof Type]: Type[Key] };

/** Whether this connection is somebody's. */
type Door = "open" | "asked" | "closed";

/** Reads requests, and what each of them leaves to the ones before. */
export class RequestReader extends FrameStream {
  /** The code in use. */
  protected textCode: TextCode | undefined;
  /** The number of the request that was read last; undefined: it had none. */
  protected number: number | undefined;
  /** Whether that was one which logs in. */
  protected isLogin = false;
  #door: Door = "open";
  /** The ref of the next message, where the session is kept. */
  #ref: number | undefined;
  /** Where the last SAY went; 0 is the room one is in. */
  #room = 0;
  /** What the last RECEIPT said. */
  #receiptRoom = 0;
  #received = 0;

  constructor() {
    super("request");
  }

  /** What became of a request that logs in. */
  protected loggedIn(done: boolean): void {
    if (this.#door === "asked") this.#door = done ? "closed" : "open";
  }

  /**
   * The request in the frame that was read, or undefined when its kind is
   * unknown.
   *
   * @throws {RemoteProtocolError} fatal, if it has no number.
   */
  protected readRequest(): Request | undefined {
    this.isLogin = false;
    this.number = undefined;
    try {
      if (this.kind === CLIENT_KINDS.receipt) return this.#receipt();
      if (this.kind === CLIENT_KINDS.logout) return { type: "logout" };
      if (!NUMBERED.has(this.kind)) return undefined;
      this.number = this.has(FRAME_FLAGS.number)
        ? this.fields.number("request number")
        : 0;
      return this.#read();
    } catch (error) {
      if (!(error instanceof RemoteProtocolError)) throw error;
      if (this.number !== undefined) throw error;
      // Nobody could tell what an answer belongs to.
      this.fatal(error.code, error.detail);
    }
  }

  #read(): Request {
    const { fields } = this;
    switch (this.kind) {
      case CLIENT_KINDS.say:
        return this.#say();
      case CLIENT_KINDS.tell:
        return this.#tell();
      case CLIENT_KINDS.login:
        return this.#login();
      case CLIENT_KINDS.resume:
        return this.#resume();
      case CLIENT_KINDS.register:
        return this.#register();
      case CLIENT_KINDS.password: {
        const password = fields.string("old password");
        const newPassword = fields.string("new password");
        return { type: "change_password", password, newPassword };
      }
      case CLIENT_KINDS.join:
        return { type: "join_room", room: fields.string("name") };
      case CLIENT_KINDS.leave:
        return { type: "leave_room", room: fields.number("room") };
      case CLIENT_KINDS.group: {
        const room = fields.string("name");
        const users = fields.list((item) => item.string("user"));
        return { type: "make_group", room, users };
      }
      case CLIENT_KINDS.invite: {
        const room = fields.number("room");
        return { type: "invite", room, user: fields.string("user") };
      }
      case CLIENT_KINDS.list:
        return this.#list();
      case CLIENT_KINDS.history:
        return this.#history();
      case CLIENT_KINDS.search:
        return this.#search();
      case CLIENT_KINDS.topic:
        return this.#topic();
      case CLIENT_KINDS.away: {
        const text = fields.string("text");
        return text === "" ? { type: "set_away" } : { type: "set_away", text };
      }
      case CLIENT_KINDS.publishKey:
        return { type: "publish_key", key: copyOf(fields.bytes("key")) };
      case CLIENT_KINDS.findKey:
        return { type: "find_key", user: fields.string("user") };
      default: {
        const handles = fields.list((item) => item.number("handle"));
        return { type: "names", handles };
      }
    }
  }

  #say(): Request {
    // Counted whatever becomes of it: the client does so too.
    const ref = this.#takeRef();
    if (this.has(CLIENT_FLAGS.say.room)) {
      this.#room = this.fields.number("room");
    }
    const text = readText(this.fields.rest(), this.flags, this.textCode);
    const request: Writable<RoomMessageRequest> = { type: "room_msg", text };
    if (this.#room !== 0) request.room = this.#room;
    if (ref !== undefined) request.ref = ref;
    return request;
  }

  #tell(): Request {
    const ref = this.#takeRef();
    const recipient = this.fields.string("user");
    const text = readText(this.fields.rest(), this.flags, this.textCode);
    const request: Writable<PrivateMessageRequest> = {
      type: "private_msg",
      recipient,
      text,
    };
    if (ref !== undefined) request.ref = ref;
    return request;
  }

  /** @throws {RemoteProtocolError} 400, not fatal, when none is left. */
  #takeRef(): number | undefined {
    if (this.#ref === undefined) return undefined;
    if (this.#ref <= Number.MAX_SAFE_INTEGER) return this.#ref++;
    throw malformed("the session has no ref left, log in anew");
  }

  /**
   * Refs count anew; false when somebody is logged in already, or about to be.
   */
  #enter(ref: number | undefined): boolean {
    this.isLogin = true;
    if (this.#door !== "open") return false;
    this.#door = "asked";
    this.#ref = ref;
    return true;
  }

  #login(): Request {
    const { login: flag } = CLIENT_FLAGS;
    const keep = this.has(flag.keep);
    this.#enter(keep ? 0 : undefined);
    const username = this.fields.string("user");
    const request: Writable<Login> = { type: "login", username };
    if (this.has(flag.password)) {
      request.password = this.fields.string("password");
    }
    if (keep) request.keep = true;
    return request;
  }

  #resume(): Request {
    const { fields } = this;
    const entered = this.#enter(undefined);
    const token = fields.string("token");
    const ref = fields.number("ref");
    if (entered) this.#ref = ref;
    const positions = fields.list((item) => {
      const room = item.number("room");
      return { room, sequence: item.number("sequence") };
    });
    return { type: "resume", token, ref, positions };
  }

  #register(): Request {
    const { register: flag } = CLIENT_FLAGS;
    const keep = this.has(flag.keep);
    const named = this.has(flag.user);
    if (named) this.#enter(keep ? 0 : undefined);
    const username = named ? this.fields.string("user") : undefined;
    const password = this.fields.string("password");
    const request: Writable<Register> = { type: "register", password };
    if (username !== undefined) request.username = username;
    if (keep) request.keep = true;
    return request;
  }

  #list(): Request {
    const { users, members, room: named } = CLIENT_FLAGS.list;
    const room = this.has(named) ? this.fields.number("room") : 0;
    const what = this.flags & (users | members);
    if (what === 0) return { type: "list_rooms" };
    if (what === users) {
      return room === 0 ? { type: "list_users" } : { type: "list_users", room };
    }
    if (what === members && room !== 0) return { type: "list_members", room };
    throw malformed("a LIST is of rooms, of users or of a room's members");
  }

  #topic(): Request {
    const named = this.has(CLIENT_FLAGS.topic.room);
    const room = named ? this.fields.number("room") : 0;
    const topic = this.fields.string("topic");
    return room === 0
      ? { type: "set_topic", topic }
      : { type: "set_topic", room, topic };
  }

  #history(): Request {
    const { fields } = this;
    const { history: flag } = CLIENT_FLAGS;
    const room = fields.number("room");
    const limit = fields.number("limit");
    const request: Writable<HistoryRequest> = { type: "history", room };
    if (limit !== 0) request.limit = limit;
    if (this.has(flag.before)) request.before = fields.number("before");
    if (this.has(flag.after)) request.after = fields.number("after");
    if (this.has(flag.since)) request.since = fields.number("since");
    return request;
  }

  #search(): Request {
    const { fields } = this;
    const { search: flag } = CLIENT_FLAGS;
    const limit = fields.number("limit");
    const words = fields.string("words");
    const request: Writable<SearchRequest> = { type: "search", words };
    if (limit !== 0) request.limit = limit;
    if (this.has(flag.room)) request.room = fields.number("room");
    if (this.has(flag.before)) request.before = fields.number("before");
    return request;
  }

  #receipt(): Request {
    const { fields } = this;
    const { receipt: flag } = CLIENT_FLAGS;
    let received: number;
    if (this.has(flag.room)) {
      this.#receiptRoom = fields.number("room");
      received = fields.number("sequence");
    } else if (this.#receiptRoom === 0) {
      throw malformed("the first RECEIPT names its room");
    } else {
      const more = this.has(flag.more) ? fields.number("more") : 1;
      received = Math.min(this.#received + more, Number.MAX_SAFE_INTEGER);
    }
    this.#received = received;
    const unread = this.has(flag.unread) ? fields.number("unread") : 0;
    const read = Math.max(0, received - unread);
    const room = this.#receiptRoom;
    const receipt: Writable<Receipt> = { type: "receipt", room, received };
    if (read > 0) receipt.read = read;
    return receipt;
  }
}

/** The kinds that have a request number: those that get a reply. */
const NUMBERED: ReadonlySet<number> = new Set(
  Object.values(CLIENT_KINDS).filter((kind) =>
    kind !== CLIENT_KINDS.receipt && kind !== CLIENT_KINDS.logout
  ),
);
