/**
 * Our client's end of one CP connection: it ends everything in CRLF, and MUST
 * have one request in flight at most (docs/cp.md, "Our client").
 *
 * What it is asked comes out as bytes and, later, as one of `logged in`,
 * `sent`, `collected` and `refused`. Behind an error that the server has to be
 * brought back from it sends 201 by itself, and can be asked again at once. A
 * 500 that answers nothing comes out as `told`: the server is about to close.
 *
 * A text that the wire can't carry as it is goes out changed: `;` for `:`, a
 * space for a line break, and in several messages when it is too long.
 *
 * @module
 */

import { LocalProtocolError, RemoteProtocolError } from "../errors.ts";
import {
  CP_CODES,
  CP_LIMITS,
  type CpCode,
  encodeCode,
  encodePdu,
  type Pdu,
} from "./pdu.ts";
import { PduReader } from "./pdu_reader.ts";
import { bytesOf, messageRoom, oneLine, pieces, withoutColon } from "./text.ts";

/** What a client's end has to say, in this order. */
export type CpClientAction =
  /** Send these bytes. */
  | { readonly type: "write"; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly type: "logged in" }
  /** The text is kept for its receiver, as it stands here. */
  | {
    readonly type: "sent";
    readonly text: string;
    /** How many messages it took. */
    readonly messages: number;
  }
  /** It is the caller's now; the `write` behind it tells the server so. */
  | {
    readonly type: "message";
    readonly sender: string;
    readonly text: string;
  }
  /** There are no more messages; so many came. */
  | { readonly type: "collected"; readonly messages: number }
  /** What was asked was not done. */
  | {
    readonly type: "refused";
    readonly code: CpCode;
    /** Untrusted, when it is the server's. */
    readonly text: string;
    /** Of a text in several messages, how many went before; else how many came. */
    readonly messages: number;
  }
  /** The server's last words. Untrusted. */
  | { readonly type: "told"; readonly text: string }
  /** Send what there is to send, then close. */
  | { readonly type: "close" }
  /** This is no server that can be understood: close. Nothing comes any more. */
  | { readonly type: "failed"; readonly error: RemoteProtocolError };

type Request = "USER" | "PASS" | "SMSG" | "RMSG";

/** What each request can be answered by. */
const REPLIES: Readonly<Record<Request, readonly Pdu["name"][]>> = {
  USER: [220, 500, 560],
  PASS: [230, 500, 565],
  SMSG: [240, 500, 540, 545, 546],
  RMSG: ["RMSG", 255, 256, 500, 550],
};

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const COLON = 0x3a;

/**
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { CpClient } from "./client_machine.ts";
 *
 * const bytes = (text: string) => new TextEncoder().encode(text);
 * const client = new CpClient();
 * const write = (text: string) =>
 *   ({ type: "write", bytes: bytes(text) }) as const;
 * assertEquals(client.login("alice", "secret"), [write("USERalice\r\n")]);
 * assertEquals(client.receive(bytes("220 ok\r\n"), 0), [
 *   write("PASSsecret\r\n"),
 * ]);
 * assertEquals(client.receive(bytes("230 ok\r\n"), 1), [{ type: "logged in" }]);
 * assertEquals(client.send("bob", "10:30?"), [write("SMSGbob:10;30?\r\n")]);
 * assertEquals(client.receive(bytes("240 ok\r\n"), 2), [
 *   { type: "sent", text: "10;30?", messages: 1 },
 * ]);
 * ```
 */
export class CpClient {
  readonly #reader = new PduReader("crlf");
  #loggedIn = false;
  #ended = false;
  #request: Request | undefined;
  #password = "";
  #receiver = "";
  /** The messages of a text that are still to go. */
  #rest: string[] = [];
  #text = "";
  /** How many have gone, or come. */
  #messages = 0;
  #actions: CpClientAction[] = [];

  /** Whether an answer is due: nothing can be asked before it is here. */
  get busy(): boolean {
    return this.#request !== undefined;
  }

  /** Whether the server has let us in. */
  get loggedIn(): boolean {
    return this.#loggedIn;
  }

  /** Bytes of the server's that are held. */
  get pending(): number {
    return this.#reader.pending;
  }

  /** When {@link tick} is due, ms; undefined when nothing is waited for. */
  get wakeAt(): number | undefined {
    return this.#ended ? undefined : this.#reader.wakeAt;
  }

  /**
   * Logs in. Refused at once when the wire can't carry name or password.
   *
   * @throws {LocalProtocolError} when busy or ended, here and below.
   */
  login(username: string, password: string): CpClientAction[] {
    this.#mustBeFree(false);
    const name = bytesOf(username);
    const secret = bytesOf(password);
    if (name < 1 || name > CP_LIMITS.nameBytes || /\r\n/.test(username)) {
      return this.#cannot(560, "a user name has 1 to 10 bytes here");
    }
    if (
      secret < 1 || secret > CP_LIMITS.passwordBytes || /\r\n/.test(password)
    ) {
      return this.#cannot(565, "a password has 1 to 15 bytes here");
    }
    this.#password = password;
    this.#ask("USER", username);
    return this.#done();
  }

  /** Sends a text. Refused at once when nobody can be called so, or it is empty. */
  send(receiver: string, text: string): CpClientAction[] {
    this.#mustBeFree(true);
    const name = bytesOf(receiver);
    if (name < 1 || name > CP_LIMITS.nameBytes || /:|\r\n/.test(receiver)) {
      return this.#cannot(545, "a user name has 1 to 10 bytes here, and no :");
    }
    if (text === "") return this.#cannot(540, "the text is empty");
    this.#receiver = receiver;
    this.#text = withoutColon(oneLine(text));
    const room = Math.min(CP_LIMITS.messageBytes, messageRoom(receiver));
    this.#rest = pieces(this.#text, room);
    this.#messages = 0;
    this.#sendNext();
    return this.#done();
  }

  /** Asks for the messages that wait. */
  collect(): CpClientAction[] {
    this.#mustBeFree(true);
    this.#messages = 0;
    this.#ask("RMSG", "");
    return this.#done();
  }

  /** Ends the session, also while an answer is due. */
  end(): CpClientAction[] {
    if (this.#ended) return [];
    this.#write(encodePdu("TERM"));
    this.#actions.push({ type: "close" });
    this.#ended = true;
    this.#request = undefined;
    return this.#done();
  }

  /** Takes what one read brought; `now` in ms. */
  receive(bytes: Uint8Array, now: number): CpClientAction[] {
    return this.#takeAll(this.#reader.receive(bytes, now));
  }

  /** Lets pass what time has passed by `now`, ms. */
  tick(now: number): CpClientAction[] {
    return this.#takeAll(this.#reader.tick(now));
  }

  #mustBeFree(loggedIn: boolean): void {
    if (this.#request === undefined && !this.#ended) {
      if (this.#loggedIn === loggedIn) return;
      throw new LocalProtocolError(
        loggedIn ? "Nobody is logged in" : "Somebody is logged in already",
      );
    }
    throw new LocalProtocolError(
      this.#ended ? "The session has ended" : "The last answer is not here yet",
    );
  }

  #done(): CpClientAction[] {
    const actions = this.#actions;
    this.#actions = [];
    return actions;
  }

  #cannot(code: CpCode, text: string): CpClientAction[] {
    return [{ type: "refused", code, text, messages: 0 }];
  }

  #write(bytes: Uint8Array<ArrayBuffer>): void {
    this.#actions.push({ type: "write", bytes });
  }

  #ask(request: Request, data: string): void {
    this.#request = request;
    this.#write(encodePdu(request + data));
  }

  #sendNext(): void {
    this.#ask("SMSG", `${this.#receiver}:${this.#rest.shift() ?? ""}`);
  }

  #takeAll(pdus: Iterable<Pdu>): CpClientAction[] {
    if (this.#ended) return [];
    for (const pdu of pdus) {
      this.#take(pdu);
      if (this.#ended) break;
    }
    return this.#done();
  }

  #take(pdu: Pdu): void {
    const { name, data, fault } = pdu;
    const request = this.#request;
    if (request === undefined && name === 500 && fault === undefined) {
      this.#actions.push({ type: "told", text: decoder.decode(data) });
    } else if (request === undefined || !REPLIES[request].includes(name)) {
      const due = request === undefined ? "nothing" : `a reply to ${request}`;
      this.#fail(`${due} was due, the server sent ${name ?? "something else"}`);
    } else if (name === "RMSG") this.#takeMessage(pdu);
    else if (fault !== undefined) {
      this.#fail(`a reply was ${fault}`);
    } else this.#takeCode(name as CpCode, decoder.decode(data));
  }

  #takeMessage({ data, fault }: Pdu): void {
    const colon = data.indexOf(COLON);
    if (fault !== undefined || colon < 0) {
      // The server keeps what it is not told that we have.
      this.#write(encodeCode(550));
      this.#refused(550, fault ?? "a message came without its sender");
      return;
    }
    this.#messages++;
    this.#actions.push({
      type: "message",
      sender: decoder.decode(data.subarray(0, colon)),
      text: decoder.decode(data.subarray(colon + 1)),
    });
    this.#write(encodeCode(250));
  }

  #takeCode(code: CpCode, text: string): void {
    switch (code) {
      case 220:
        this.#ask("PASS", this.#password);
        this.#password = "";
        break;
      case 230:
        this.#loggedIn = true;
        this.#answered({ type: "logged in" });
        break;
      case 240:
        this.#messages++;
        if (this.#rest.length > 0) this.#sendNext();
        else {
          this.#answered({
            type: "sent",
            text: this.#text,
            messages: this.#messages,
          });
        }
        break;
      case 255:
      case 256:
        this.#answered({ type: "collected", messages: this.#messages });
        break;
      default:
        this.#refused(code, text);
    }
  }

  #answered(action: CpClientAction): void {
    this.#request = undefined;
    this.#password = "";
    this.#text = "";
    this.#rest = [];
    this.#actions.push(action);
  }

  #refused(code: CpCode, text: string): void {
    // Before the login there is nothing to be brought back from.
    if (this.#loggedIn) this.#write(encodeCode(201));
    const shown = text === "" ? CP_CODES[code].text : text;
    const messages = this.#messages;
    this.#answered({ type: "refused", code, text: shown, messages });
  }

  #fail(detail: string): void {
    this.#ended = true;
    this.#answered({
      type: "failed",
      error: new RemoteProtocolError(400, detail, { fatal: true }),
    });
  }
}
