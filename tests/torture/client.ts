/**
 * One connection to a tortured server: sends, and notes everything that comes.
 *
 * @module
 */

import type { ServerEvent, Text } from "../../lib/wire/mod.ts";
import type { RawClient } from "../server/raw_client.ts";
import { keyOf, numberedText } from "./numbered_text.ts";
import {
  LOBBY,
  type Said,
  type Story,
  type View,
  type Visit,
} from "./story.ts";

/** What was asked and not answered. */
type Asked =
  | { readonly kind: "room" | "direct"; readonly said: Said }
  /** `from`: the room that it leaves. */
  | { readonly kind: "join"; readonly from: string }
  | { readonly kind: "list" };

/** A client that is logged in. */
export class TortureClient {
  readonly visit: Visit;
  readonly #raw: RawClient;
  readonly #story: Story;
  readonly #asked: Asked[] = [];
  /** The room that its next message goes to. */
  #room = LOBBY;

  /** `raw` has taken the acknowledgement of its login. */
  constructor(
    raw: RawClient,
    story: Story,
    who: Pick<Visit, "name" | "life" | "began">,
  ) {
    this.#raw = raw;
    this.#story = story;
    this.visit = { ...who, views: [], direct: [], whole: false };
    story.visits.push(this.visit);
    story.enter(this.visit, LOBBY, "login");
  }

  /** Requests not answered yet. */
  get unanswered(): number {
    return this.#asked.length;
  }

  /** The view of the room it is in. */
  get #view(): View {
    return this.visit.views.at(-1) as View;
  }

  #send(key: number, to: string): Text {
    const said: Said = { key, visit: this.visit, to, fate: "unconfirmed" };
    this.#story.said.set(key, said);
    this.#asked.push({ kind: to.startsWith("#") ? "room" : "direct", said });
    return numberedText(key);
  }

  /** Says the message of a key to the room. */
  say(key: number): void {
    this.#raw.ask({ type: "room_msg", text: this.#send(key, this.#room) });
  }

  /** Says it to one person. */
  tell(recipient: string, key: number): void {
    const text = this.#send(key, `@${recipient}`);
    this.#raw.ask({ type: "private_msg", recipient, text });
  }

  join(room: string): void {
    // What is there already is answered, and shows nothing.
    if (this.#room === `#${room}`) return this.list();
    this.#story.leave(this.visit.name, this.#room);
    this.#asked.push({ kind: "join", from: this.#room });
    this.#room = `#${room}`;
    this.#raw.ask({ type: "join_room", room });
  }

  list(): void {
    this.#asked.push({ kind: "list" });
    this.#raw.ask({ type: "list_users" });
  }

  /** Takes the next event; throws when the connection has ended. */
  async take(): Promise<void> {
    this.#note(await this.#raw.next());
  }

  /**
   * Sees everything that was written so far, with everybody else quiet. What
   * an account has missed may come later.
   */
  async catchUp(): Promise<void> {
    this.list();
    while (this.unanswered > 0) await this.take();
    if (this.#story.accounts.has(this.visit.name)) return;
    this.#view.whole = true;
    this.visit.whole = true;
  }

  /** Goes to a room and sees everything up to a message of it, if any. */
  async visitUntil(room: string, last: number | undefined): Promise<void> {
    this.join(room);
    while (this.unanswered > 0) await this.take();
    if (last === undefined) return;
    const { replayed, live } = this.#view;
    while (replayed.at(-1) !== last && live.at(-1) !== last) await this.take();
    this.#view.whole = true;
  }

  /**
   * Hangs up, but reads on until the server has closed too: then everything
   * that the server took for received has been received.
   */
  async leave(alive: () => boolean): Promise<void> {
    this.#raw.socket.end();
    await this.close();
    if (!alive()) return;
    this.visit.ended = this.#story.moment();
    if (this.unanswered === 0) return;
    const what = `${this.visit.name} left, ${this.unanswered} were unanswered`;
    this.#story.blame("unexpected", what);
  }

  /** Takes what is there of a connection that has ended, or is about to. */
  async close(): Promise<void> {
    try {
      for (;;) await this.take();
    } catch {
      await this.cut();
    }
  }

  /** Cuts the connection, whatever was on its way. */
  async cut(): Promise<void> {
    await this.#raw.close();
    this.visit.failure = this.#raw.failure;
    // Nobody knows whether the server did that.
    for (const asked of this.#asked) {
      if (asked.kind === "join") {
        this.#story.leave(this.visit.name, asked.from);
      }
    }
  }

  #note(event: ServerEvent): void {
    switch (event.type) {
      case "system_msg":
        return;
      case "room_msg":
        return this.#noteRoomMessage(event);
      case "private_msg_delivery":
        return this.#noteDirect(event);
      case "room_msg_ack":
        return this.#acknowledge("room", event, event.id);
      case "error_msg":
        return this.#noteError(event);
      case "join_room":
        return this.#noteJoin(event);
      case "list_users":
        this.#answered("list", event);
        return;
      default:
        this.#blame(event);
    }
  }

  #noteJoin(event: ServerEvent & { type: "join_room" }): void {
    const asked = this.#answered("join", event);
    const { name } = this.visit;
    if (asked?.kind === "join") this.#story.leave(name, asked.from);
    this.#story.enter(this.visit, `#${event.room}`, "join");
  }

  #noteRoomMessage(event: ServerEvent & { type: "room_msg" }): void {
    const key = this.#whole(event.text, event);
    if (key === undefined) return;
    const { room, replayed, live } = this.#view;
    const said = this.#story.said.get(key);
    if (room !== `#${event.room}` || said?.visit.name !== event.sender) {
      this.#blame(event);
    }
    if (event.history !== true) live.push(key);
    else if (live.length === 0) replayed.push(key);
    else {
      const what = `${this.visit.name} in ${room}: a replay behind news`;
      this.#story.blame("wrong replay", what);
    }
  }

  #noteDirect(event: ServerEvent & { type: "private_msg_delivery" }): void {
    const key = this.#whole(event.text, event);
    if (key === undefined) return;
    const { sender, recipient } = event;
    const said = this.#story.said.get(key);
    if (said?.visit.name !== sender || said.to !== `@${recipient}`) {
      this.#blame(event);
    }
    const history = event.history === true;
    this.visit.direct.push({ key, history });
    // Another client of an account is shown it as everybody is.
    if (said?.visit === this.visit && !history) {
      this.#acknowledge("direct", event);
    }
  }

  #acknowledge(kind: "room" | "direct", event: ServerEvent, id?: number): void {
    const asked = this.#answered(kind, event);
    if (asked === undefined || !("said" in asked)) return;
    const { said } = asked;
    said.fate = "acknowledged";
    if (id !== undefined) said.id = id;
    if (kind === "room") this.#view.live.push(said.key);
    else if (this.visit.direct.at(-1)?.key !== said.key) this.#blame(event);
  }

  /** A recipient that was a guest and left is the one thing refused. */
  #noteError(event: ServerEvent & { type: "error_msg" }): void {
    const asked = this.#asked.shift();
    if (asked === undefined || !("said" in asked)) return this.#blame(event);
    asked.said.fate = "refused";
    const account = this.#story.accounts.has(asked.said.to.slice(1));
    const gone = asked.kind === "direct" && event.text.startsWith("Not found");
    if (account || !gone) this.#blame(event);
  }

  /** Takes what an answer is for: replies come in the order of requests. */
  #answered(kind: Asked["kind"], event: ServerEvent): Asked | undefined {
    const asked = this.#asked.shift();
    if (asked?.kind === kind) return asked;
    this.#blame(event);
    return undefined;
  }

  #whole(text: Text, event: ServerEvent): number | undefined {
    const key = keyOf(text);
    if (key === undefined) this.#blame(event);
    return key;
  }

  #blame(event: ServerEvent): void {
    const words = JSON.stringify(event).slice(0, 150);
    this.#story.blame("unexpected", `${this.visit.name} was told ${words}`);
  }
}
