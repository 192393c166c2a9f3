/**
 * The server's end of the wire towards one address (docs/udpchat.md).
 *
 * ## Theory of operation
 *
 * An address is nobody's, somebody's, or somebody's who can't be reached. Each
 * login, and each resumption of one, is a session of the hub of its own, a
 * `Visit`; an attempt that succeeds takes the place of what was there before.
 *
 * | state | request | SYN | push not acknowledged | FIN |
 * | --- | --- | --- | --- | --- |
 * | nobody's | 401, or an attempt | resumes with a token | – | – |
 * | an attempt | waits for it | waits for it | – | nobody's |
 * | somebody's | to the hub | 200 | lost | nobody's |
 * | lost | proven: resumes, then to the hub | proven: resumes | – | nobody's |
 *
 * - Each request MUST be answered once, in an ACK with its SEQN; the hub's replies
 *   come in the order of a session's requests, which is kept here.
 * - A session that was lost MUST be pushed nothing, and stays until the hub has
 *   replied to what it was asked: those ACKs are given when they are asked for.
 * - A login that is lost is resumed with its token and what it has acknowledged:
 *   whatever it was not known to have is pushed again.
 * - An address that is nobody's, or not proven to be its peer's own, MUST NOT be
 *   sent more than `outbound.ts` allows. One that was lost is to be proven anew,
 *   before it means anything to anybody else that something comes from there.
 *
 * Nothing here touches a socket or a clock: hand in datagrams and `now`, ms, and
 * after every call take `events()` and `datagrams()`, and look at `nextWake`.
 *
 * @module
 */

import { refusal, RemoteProtocolError } from "../errors.ts";
import type { ServerEvent } from "../events.ts";
import type { Login, Register, Resume } from "../requests.ts";
import { type AddressEvent, AddressLink } from "./address_link.ts";
import { AddressLogin } from "./address_login.ts";
import { type DatagramBody, DatagramError } from "./datagram.ts";
import { sameName } from "./group_names.ts";
import { gather } from "./history_pages.ts";
import { KeptLogin } from "./kept_logins.ts";
import type { ServerEndEvent, ServerEndOptions } from "./server_events.ts";
import { ServerPushes } from "./server_pushes.ts";
import {
  answerTo,
  type Asked,
  errorBody,
  errorOf,
  isNameless,
  opensLogin,
  readRequest,
} from "./server_requests.ts";
import { type Due, type Host, type Open, Visit } from "./visit.ts";

/** A request that is to be answered. */
interface DueRequest extends Due {
  readonly asked: Asked;
}

/** A login that the hub is asked for. */
interface Attempt {
  readonly visit: Visit;
  /** What asked for it, if a request did. */
  readonly due?: DueRequest;
  /** SYNs that asked for it, by SEQN: their bytes. */
  readonly syns: Map<number, number>;
  /** Present when it resumes. */
  readonly resumes?: KeptLogin;
  /** It resumes to log out. */
  readonly leaves?: boolean;
}

/** What is said of a request that needs a login. */
const NOT_LOGGED_IN = "log in first, with a SYN and USR_LOGIN";

/** One address. */
export class UdpServerEnd implements Host {
  readonly #options: ServerEndOptions;
  readonly #link: AddressLink;
  #events: ServerEndEvent[] = [];
  /** A SYN has come. */
  #met = false;
  readonly #login: AddressLogin;
  /** Present while somebody is logged in and can be reached. */
  #visit: Visit | undefined;
  #pushes: ServerPushes | undefined;
  #attempt: Attempt | undefined;
  /** They end when they have replied; the value: for good. */
  readonly #leaving = new Map<Visit, boolean>();
  /** Requests that wait for that, or for an attempt. */
  #waiting: DueRequest[] = [];
  /** Those of a login that was lost, until the address is proven. */
  #doubtful: DueRequest[] = [];

  constructor(options: ServerEndOptions) {
    this.#options = options;
    this.#link = new AddressLink(options.seqn);
    const { logins, loginLasts: lasts } = options;
    const left = () => this.#link.leave();
    this.#login = new AddressLogin({ logins, lasts, left });
  }

  /** Who is logged in, reachable or not. */
  username(now: number): string | undefined {
    return this.#login.current(now)?.username;
  }

  /** Whether nothing is to be waited for before this is forgotten. */
  get idle(): boolean {
    return this.#visit === undefined && this.#attempt === undefined &&
      this.#leaving.size === 0;
  }

  /** The number of the push that was made last. */
  get pushes(): number {
    return this.#pushes?.last ?? 0;
  }

  /** What waits to be sent, bytes. */
  get queuedBytes(): number {
    return this.#link.queuedBytes + (this.#pushes?.heldBytes ?? 0);
  }

  /** Takes what is to be done. */
  events(): ServerEndEvent[] {
    const taken = this.#events;
    this.#events = [];
    return taken;
  }

  /** Takes what is to be sent now. */
  datagrams(): Uint8Array[] {
    return this.#link.datagrams();
  }

  /** When to `wake`, ms, or Infinity. */
  get nextWake(): number {
    return this.#link.nextWake;
  }

  /** Repeats what is due. */
  wake(now: number): void {
    for (const event of this.#link.wake(now)) {
      if (event.type === "lost") this.#lose("unreachable", now);
    }
  }

  /** A datagram came. */
  receive(bytes: Uint8Array, now: number): void {
    let events: AddressEvent[];
    try {
      events = this.#link.receive(bytes, now);
    } catch (error) {
      if (!(error instanceof DatagramError)) throw error;
      const { seqn, code } = error;
      if (seqn === undefined) return;
      const body = errorBody(code, error.message);
      this.#events.push({ type: "refused", code });
      return this.#link.answerNow({ seqn, bytes: bytes.length }, body);
    }
    const leaves = events.some(({ type }) => type === "fin");
    for (const event of events) {
      if (leaves && event.type === "syn") continue;
      this.#heard(event, bytes.length, now);
    }
    const isAck = bytes[4] !== 0;
    if (!isAck && !this.#link.proven && this.#lost(now)) this.#link.probe(now);
  }

  #heard(event: AddressEvent, bytes: number, now: number): void {
    switch (event.type) {
      case "request":
        return this.#ask({ seqn: event.seqn, bytes }, event.body, now);
      case "acknowledged":
        return this.#pushes?.acknowledged(event.seqn);
      case "proven":
        return this.#proven(now);
      case "syn":
        return this.#syn({ seqn: event.seqn ?? 0, bytes }, event.body, now);
      case "fin":
        return this.#fin(now);
      case "lost":
        return this.#lose("unreachable", now);
    }
  }

  /** What has arrived since the last call becomes events. */
  turn(): void {
    const visit = this.#visit;
    if (visit === undefined) return;
    for (const receipt of this.#pushes?.takeReceipts() ?? []) {
      this.#events.push({ type: "receipt", visit, receipt });
    }
  }

  // ---- requests

  #refuse(due: Due, error: RemoteProtocolError): void {
    this.#events.push({ type: "refused", code: error.code });
    this.#link.answer(due, errorBody(error.code, error.message));
  }

  #ask(due: Due, body: DatagramBody, now: number): void {
    let asked: Asked;
    try {
      asked = readRequest(body);
    } catch (error) {
      if (!(error instanceof RemoteProtocolError)) throw error;
      return this.#mistake(due, error);
    }
    this.#proceed({ ...due, asked }, now);
  }

  /** Answered in its place, where there is a session. */
  #mistake(due: Due, error: RemoteProtocolError): void {
    const visit = this.#visit;
    if (visit === undefined) return this.#refuse(due, error);
    visit.open.push({ ...due, asked: undefined });
    this.#events.push({ type: "mistake", visit, error });
  }

  #proceed(due: DueRequest, now: number): void {
    const { asked } = due;
    if (this.#attempt !== undefined || this.#leaving.size > 0) {
      this.#waiting.push(due);
      return;
    }
    if (opensLogin(asked)) return this.#open(due);
    const login = this.#login.current(now);
    if (login === undefined) {
      return this.#refuse(due, refusal(401, NOT_LOGGED_IN));
    }
    if (this.#visit === undefined) {
      if (!this.#link.proven) {
        this.#doubtful.push(due);
        return this.#link.probe(now);
      }
      this.#waiting.push(due);
      return this.#resume(login);
    }
    const { username = "" } = asked;
    if (!isNameless(asked) && !sameName(username, login.username)) {
      const error = refusal(401, `you are logged in as ${login.username}`);
      return this.#mistake(due, error);
    }
    const visit = this.#visit;
    visit.open.push(due);
    this.#events.push({ type: "request", visit, request: asked.request });
  }

  /** Goes on with what waited. */
  #goOn(now: number): void {
    for (const due of this.#waiting.splice(0)) this.#proceed(due, now);
  }

  // ---- logins

  #open(due: DueRequest): void {
    const { request } = due.asked;
    if (!this.#met) return this.#refuse(due, refusal(401, "say SYN first"));
    if (request.type !== "login" && request.type !== "register") return;
    this.#turnAway(this.#doubtful);
    this.#begin({ visit: new Visit(this), due, syns: new Map() }, request);
  }

  #resume(login: KeptLogin, syn?: Due, leaves = false): void {
    const { token, positions } = login;
    const syns = new Map(syn && [[syn.seqn, syn.bytes]]);
    const visit = new Visit(this);
    const attempt = { visit, resumes: login, syns, leaves };
    this.#begin(attempt, { type: "resume", token, positions });
  }

  #begin(attempt: Attempt, request: Login | Register | Resume): void {
    const { visit } = attempt;
    this.#attempt = attempt;
    this.#events.push({ type: "open", visit, request });
  }

  /** The hub has replied to an attempt. */
  #decided(attempt: Attempt, event: ServerEvent, now: number): void {
    this.#attempt = undefined;
    const { due } = attempt;
    const isIn = event.type === "login_ack" &&
      (attempt.resumes === undefined ||
        sameName(attempt.resumes.username, event.username));
    if (!isIn) return this.#fail(attempt, event, now);
    if (attempt.leaves) {
      const { visit } = attempt;
      this.#events.push({ type: "close", visit, forGood: true });
      return this.#goOn(now);
    }
    const { username, token } = event;
    const login = attempt.resumes ?? new KeptLogin(username, token ?? "");
    this.#enter(attempt.visit, login, now);
    if (due !== undefined) this.#link.answer(due, answerTo(due.asked, event));
    const body = { status: 200, error: null, response: { username } };
    this.#answerSyns(attempt, body);
    this.#pushes = new ServerPushes(
      (body, now) => this.#link.say(body, now),
      login,
      this.#link.proven,
    );
    if (!this.#link.proven) {
      if (attempt.resumes === undefined) this.#link.lend();
      this.#link.probe(now);
    }
    this.#goOn(now);
  }

  #answerSyns({ syns }: Attempt, body: DatagramBody): void {
    for (const [seqn, bytes] of syns) {
      this.#link.answerNow({ seqn, bytes }, body);
    }
  }

  #enter(visit: Visit, login: KeptLogin, now: number): void {
    if (this.#visit !== undefined) this.#leave(this.#visit, true);
    this.#login.enter(login, now);
    this.#visit = visit;
    visit.username = login.username;
    this.#link.unsay();
    this.#link.enter();
  }

  #fail(attempt: Attempt, event: ServerEvent, now: number): void {
    const { visit, due, resumes } = attempt;
    const error = errorOf(event) ??
      { code: 401 as const, text: "Not logged in: the token is another's" };
    if (error.code === 401 && this.#login.is(resumes)) this.#login.forget();
    this.#events.push({ type: "close", visit, forGood: false });
    if (due !== undefined) this.#link.answer(due, answerTo(due.asked, event));
    const body = errorBody(error.code, error.text);
    this.#answerSyns(attempt, body);
    if (resumes === undefined) return this.#goOn(now);
    for (const waiting of this.#waiting.splice(0)) {
      this.#link.answer(waiting, body);
    }
  }

  /** A session gets nothing more; it ends when it has replied. */
  #leave(visit: Visit, forGood: boolean): void {
    if (visit === this.#visit) {
      this.#visit = undefined;
      this.#pushes = undefined;
      this.#link.unsay();
    }
    this.#leaving.set(visit, forGood);
    this.#endIfDone(visit);
  }

  #endIfDone(visit: Visit): void {
    const forGood = this.#leaving.get(visit);
    if (forGood === undefined || visit.open.length > 0) return;
    this.#leaving.delete(visit);
    this.#events.push({ type: "close", visit, forGood });
  }

  /** Nobody is there, or not any more: what waited is not done later either. */
  #turnAway(waiting: DueRequest[]): void {
    for (const due of waiting.splice(0)) {
      this.#refuse(due, refusal(401, NOT_LOGGED_IN));
    }
  }

  #lose(why: string, now: number): void {
    this.#turnAway(this.#doubtful);
    const visit = this.#visit;
    if (visit === undefined) return;
    const username = this.#login.lose(now) ?? "";
    this.#leave(visit, false);
    this.#link.doubt();
    this.#events.push({ type: "gone", username, why });
  }

  // ---- what comes that is no request

  /** Whose it is that can't be reached and is not being asked for. */
  #lost(now: number): KeptLogin | undefined {
    const busy = this.#visit ?? this.#attempt ?? this.#leaving.size > 0;
    return busy ? undefined : this.#login.current(now);
  }

  /** What waited until somebody is there goes on. */
  #proven(now: number): void {
    this.#pushes?.release(now);
    const lost = this.#lost(now);
    if (lost === undefined) return this.#turnAway(this.#doubtful);
    this.#waiting.push(...this.#doubtful.splice(0));
    this.#resume(lost);
  }

  #syn(due: Due, body: DatagramBody, now: number): void {
    this.#met = true;
    const { username, token } = body;
    const { proven } = this.#link;
    if (typeof username !== "string") {
      this.#link.answerNow(due, {});
      const lost = this.#lost(now);
      if (lost !== undefined && proven) this.#resume(lost);
      return;
    }
    const busy = this.#attempt !== undefined || this.#leaving.size > 0;
    if (busy) return this.#join(username, due);
    const secret = typeof token === "string" ? token : undefined;
    const { own, known } = this.#login.meant(username, secret, now);
    if (own !== undefined) {
      if (this.#visit === undefined) {
        // One that is not proven is probed, and says SYN again.
        return proven ? this.#resume(own, due) : undefined;
      }
      const response = { username: own.username };
      return this.#link.answerNow(due, { status: 200, error: null, response });
    }
    if (secret === undefined) {
      this.#events.push({ type: "refused", code: 401 });
      return this.#link.answerNow(due, errorBody(401, NOT_LOGGED_IN));
    }
    this.#resume(known ?? new KeptLogin(username, secret), due);
  }

  /** A SYN comes again while it is decided; one that does not is not heard. */
  #join(username: string, { seqn, bytes }: Due): void {
    const resumes = this.#attempt?.resumes;
    if (resumes === undefined || !sameName(resumes.username, username)) return;
    this.#attempt?.syns.set(seqn, bytes);
  }

  #fin(now: number): void {
    const login = this.#login.current(now);
    this.#login.forget();
    this.#met = false;
    const attempt = this.#attempt;
    this.#attempt = undefined;
    if (attempt !== undefined) {
      const { visit } = attempt;
      this.#events.push({ type: "close", visit, forGood: true });
    }
    this.#turnAway(this.#doubtful);
    this.#turnAway(this.#waiting);
    if (login === undefined) return;
    const { username } = login;
    this.#events.push({ type: "gone", username, why: "logged out" });
    if (this.#visit !== undefined) this.#leave(this.#visit, true);
    // Its token is to mean nothing any more.
    else if (this.#leaving.size === 0) this.#resume(login, undefined, true);
  }

  // ---- what the hub says

  replied(visit: Visit, reply: ServerEvent, now: number): void {
    const attempt = this.#attempt;
    if (visit === attempt?.visit) return this.#decided(attempt, reply, now);
    const open = visit.open.shift();
    if (open === undefined) return;
    const { event, next } = gather(open, reply);
    if (next !== undefined && visit === this.#visit) {
      const { request } = next;
      visit.open.push(next.open);
      this.#events.push({ type: "request", visit, request });
      return;
    }
    const { asked } = open;
    const pushes = visit === this.#visit ? this.#pushes : undefined;
    this.#link.answer(
      open,
      asked === undefined
        ? errorBody(errorOf(event)?.code ?? 500, errorOf(event)?.text ?? "")
        : answerTo(asked, pushes?.asArrived(event) ?? event),
    );
    if (visit === this.#visit) this.#follow(visit, event, open, now);
    this.#endIfDone(visit);
    if (this.#leaving.size === 0) this.#goOn(now);
  }

  /** What a reply means besides. */
  #follow(visit: Visit, event: ServerEvent, open: Open, now: number): void {
    if (event.type === "history") {
      const place = event.messages.at(-1)?.place;
      if (place === undefined) return;
      const { room, sequence: received } = place;
      const receipt = { type: "receipt", room, received } as const;
      this.#events.push({ type: "receipt", visit, receipt });
    } else if (event.type === "make_group") this.#pushes?.tell(event, now);
    else {
      this.#pushes?.tellOwn(event, open, now);
      this.#pushed(now);
    }
  }

  told(visit: Visit, event: ServerEvent, now: number): void {
    if (event.type === "error_msg") visit.why = errorOf(event);
    if (visit !== this.#visit) return;
    this.#pushes?.tell(event, now);
    this.#pushed(now);
  }

  batch(visit: Visit, bytes: Uint8Array, now: number): void {
    if (visit !== this.#visit) return;
    this.#pushes?.tellAll(bytes, now);
    this.#pushed(now);
  }

  /** Something was pushed: nobody may have too much waiting. */
  #pushed(now: number): void {
    if (this.queuedBytes <= this.#options.sendQueue) return;
    this.#lose("acknowledges too slowly", now);
  }

  /** The hub has closed a session. */
  closed(visit: Visit, now: number): void {
    const why = visit.why ??
      { code: 503 as const, text: "Unavailable: the server is going down" };
    const attempt = this.#attempt;
    if (visit === attempt?.visit) {
      const event = { type: "error_msg", ...why } as const;
      this.#attempt = undefined;
      return this.#fail(attempt, event, now);
    }
    this.#leaving.delete(visit);
    for (const open of visit.open.splice(0)) {
      this.#link.answer(open, errorBody(why.code, why.text));
    }
    if (visit !== this.#visit) {
      if (this.#leaving.size === 0) this.#goOn(now);
      return;
    }
    this.#visit = undefined;
    this.#pushes = undefined;
    this.#link.unsay();
    this.#login.forget();
    const { username = "" } = visit;
    this.#events.push({ type: "gone", username, why: why.text });
  }

  taken(visit: Visit, push: number): boolean | undefined {
    if (visit !== this.#visit) {
      return visit === this.#attempt?.visit && undefined;
    }
    return (this.#pushes?.settled ?? Infinity) >= push ? true : undefined;
  }
}
