/**
 * A client's end of a CP connection as the chat sees it: requests go to the
 * machine, and what comes of them are replies and news (docs/cp.md, "Our
 * client").
 *
 * - One message is sent at a time, and one may wait for the answer to an RMSG.
 * - Behind a login, and after each `keepalive`, it asks for what waits.
 * - A message to oneself waits as well. So it is answered once it was fetched,
 *   and is told by that answer alone.
 *
 * @module
 */

import { ByteWriter } from "../bytes.ts";
import type { ClientCodec } from "../codec.ts";
import {
  type ErrorCode,
  errorCodeOf,
  errorText,
  LocalProtocolError,
  refusal,
  RemoteProtocolError,
} from "../errors.ts";
import type { ErrorMessage, LoginReject, ServerEvent } from "../events.ts";
import { foldName } from "../names.ts";
import type { Login, PrivateMessageRequest, Request } from "../requests.ts";
import { CpClient, type CpClientAction } from "./client_machine.ts";
import type { CpCode } from "./pdu.ts";

type Refused = Extract<CpClientAction, { readonly type: "refused" }>;
type Incoming = Extract<CpClientAction, { readonly type: "message" }>;

/** A message to oneself that is stored. */
interface OwnMessage {
  readonly text: string;
  /** What of it was not fetched yet. */
  rest: string;
}

/** What a code means where the server's words don't say so. */
const MEANINGS: Partial<Record<CpCode, ErrorCode>> = {
  540: 500,
  545: 404,
  565: 401,
};

/** What to do about it where the code's own hint is not the best. */
const HINTS: Partial<Record<ErrorCode, string>> = {
  403: "Use cps://, or have the server started with --plaintext",
};

/** A client's end of a CP connection. */
export class CpClientCodec implements ClientCodec {
  readonly name = "cp";
  readonly #machine = new CpClient();
  readonly #output = new ByteWriter(64);
  /** What came, and mistakes in the place of what came. */
  #news: (ServerEvent | RemoteProtocolError)[] = [];
  readonly #answers = new WeakSet<ServerEvent>();
  #username = "";
  /** What is asked: a login or a message; absent while messages are fetched. */
  #asked: Login | PrivateMessageRequest | undefined;
  /** What is asked as soon as the messages are here. */
  #waiting: PrivateMessageRequest | undefined;
  /** The one that is answered once it is fetched. */
  #own: OwnMessage | undefined;
  /** It is time to ask for messages. */
  #due = false;
  /** They could not be fetched, and that was told. */
  #troubled = false;
  #ended = false;

  get pending(): number {
    return this.#machine.pending;
  }

  get ready(): boolean {
    return this.#news.length > 0;
  }

  /**
   * The bytes of a request, none when it has to wait or can't be said; that it
   * can't comes as its answer.
   */
  encode(request: Request): Uint8Array {
    if (request.type === "login") this.#logIn(request);
    else if (request.type === "private_msg") {
      if ((this.#asked ?? this.#waiting ?? this.#own) !== undefined) {
        throw new LocalProtocolError("CP has one message in flight");
      }
      this.#waiting = request;
      this.#goOn();
    } else throw new LocalProtocolError(`CP can't carry ${request.type}`);
    return this.#output.take();
  }

  /** Time is nothing to a client: a PDU that does not end is no answer. */
  receive(bytes: Uint8Array): void {
    this.#take(this.#machine.receive(bytes, 0));
    this.#goOn();
  }

  next(): ServerEvent | undefined {
    const news = this.#news.shift();
    if (news instanceof RemoteProtocolError) throw news;
    return news;
  }

  answers(event: ServerEvent): boolean {
    return this.#answers.has(event);
  }

  output(): Uint8Array | undefined {
    return this.#output.length === 0 ? undefined : this.#output.take();
  }

  /** Asks for the messages that wait. */
  keepalive(): Uint8Array | undefined {
    this.#due = true;
    this.#goOn();
    return this.output();
  }

  farewell(): Uint8Array | undefined {
    this.#take(this.#machine.end());
    return this.output();
  }

  #logIn(request: Login): void {
    const { username, password } = request;
    this.#asked = request;
    this.#username = username;
    if (password === undefined) {
      return this.#reject(401, "this wire takes accounts, with their password");
    }
    const actions = this.#machine.login(username, password);
    const [first] = actions;
    // Another password would be as right or wrong: the wire can't carry these.
    if (first?.type === "refused") return this.#reject(400, first.text);
    this.#take(actions);
  }

  /** Asks for what is next, when nothing is asked. */
  #goOn(): void {
    if (this.#ended || this.#machine.busy || !this.#machine.loggedIn) return;
    if (this.#due) {
      this.#due = false;
      return this.#take(this.#machine.collect());
    }
    const message = this.#waiting;
    if (message === undefined) return;
    this.#waiting = undefined;
    this.#asked = message;
    const { recipient, text } = message;
    if (typeof text !== "string") {
      throw new LocalProtocolError("CP can't carry what is encrypted");
    }
    this.#take(this.#machine.send(recipient, text));
  }

  #take(actions: readonly CpClientAction[]): void {
    for (const action of actions) {
      switch (action.type) {
        case "write":
          this.#output.bytes(action.bytes);
          break;
        case "logged in":
          this.#due = true;
          this.#answer({
            type: "login_ack",
            username: this.#username,
            room: "",
          });
          break;
        case "sent":
          this.#sent(action.text, action.messages);
          break;
        case "message":
          this.#came(action);
          break;
        case "collected":
          this.#troubled = false;
          this.#answerOwn();
          break;
        case "refused":
          this.#refused(action);
          break;
        case "told":
          this.#lastWords(action.text);
          break;
        case "failed":
          this.#ended = true;
          this.#news.push(action.error);
          break;
        case "close":
          this.#ended = true;
      }
    }
  }

  #tell(event: ServerEvent): void {
    this.#news.push(event);
  }

  /** Tells it as the answer to what was asked. */
  #answer(event: ServerEvent): void {
    this.#asked = undefined;
    this.#answers.add(event);
    this.#tell(event);
  }

  #sent(text: string, messages: number): void {
    const asked = this.#asked;
    if (asked?.type !== "private_msg") return;
    const { recipient } = asked;
    if (text !== asked.text || messages > 1) {
      const parts = messages > 1 ? ` in ${messages} messages` : "";
      this.#tell({
        type: "system_msg",
        text: `CP can't carry that as it is. It went out${parts} as: ${text}`,
      });
    }
    if (foldName(recipient) !== foldName(this.#username)) {
      return this.#answer(this.#delivery(recipient, text));
    }
    this.#asked = undefined;
    this.#own = { text, rest: text };
    this.#due = true;
  }

  #delivery(recipient: string, text: string): ServerEvent {
    const sender = this.#username;
    return { type: "private_msg_delivery", sender, recipient, text };
  }

  #came({ sender, text }: Incoming): void {
    const recipient = this.#username;
    const own = this.#own;
    if (
      own !== undefined && text !== "" && own.rest.startsWith(text) &&
      foldName(sender) === foldName(recipient)
    ) {
      own.rest = own.rest.slice(text.length);
    } else {
      this.#tell({ type: "private_msg_delivery", sender, recipient, text });
    }
  }

  /** It was fetched, or can't be now; stored it is. */
  #answerOwn(): void {
    const own = this.#own;
    this.#own = undefined;
    if (own !== undefined) {
      this.#answer(this.#delivery(this.#username, own.text));
    }
  }

  #refused({ code, text, messages }: Refused): void {
    const asked = this.#asked;
    const told = errorCodeOf(text);
    if (asked === undefined) return this.#notFetched(text, told);
    if (asked.type === "login") {
      return this.#reject(told ?? MEANINGS[code] ?? 400, text);
    }
    const before = messages === 0
      ? ""
      : `, at part ${messages + 1} of it; what was before that went out`;
    this.#answer(failure(told ?? MEANINGS[code] ?? 400, text + before));
  }

  #reject(code: ErrorCode, text: string): void {
    const { text: reason, ...rest } = failure(code, text);
    const event: LoginReject = { ...rest, type: "login_reject", reason };
    this.#answer(event);
  }

  /** The messages stay where they are, until they are asked for again. */
  #notFetched(text: string, told: ErrorCode | undefined): void {
    if (told !== undefined) return this.#lastWords(text);
    this.#answerOwn();
    if (this.#troubled) return;
    this.#troubled = true;
    const detail = `messages can't be fetched: ${text}`;
    this.#news.push(refusal(400, detail));
  }

  /** What answers nothing is why the server closes. */
  #lastWords(text: string): void {
    this.#tell(failure(errorCodeOf(text) ?? 500, text));
  }
}

/** An error, with its code's title where it has none. */
function failure(code: ErrorCode, text: string): ErrorMessage {
  const hint = HINTS[code];
  return {
    type: "error_msg",
    code,
    text: errorCodeOf(text) === undefined ? errorText(code, text) : text,
    ...hint !== undefined && { hint },
  };
}
