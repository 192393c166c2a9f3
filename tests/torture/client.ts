/**
 * One connection to a tortured server: sends, and notes everything that comes.
 *
 * @module
 */

import type { ServerEvent, Text } from "../../lib/wire/mod.ts";
import type { RawClient } from "../server/raw_client.ts";
import { keyOf, numberedText } from "./numbered_text.ts";
import type { Said, Story, View, Visit } from "./story.ts";

/** What was asked and not answered. */
type Asked =
  | { readonly kind: "room" | "direct"; readonly said: Said }
  | { readonly kind: "join" | "list" };

/** A client that is logged in. */
export class TortureClient {
  readonly visit: Visit;
  readonly #raw: RawClient;
  readonly #story: Story;
  readonly #asked: Asked[] = [];
  /** The room that its next message goes to. */
  #room = "#general";

  /** `raw` has taken the acknowledgement of its login. */
  constructor(raw: RawClient, story: Story, name: string, life: number) {
    this.#raw = raw;
    this.#story = story;
    this.visit = { name, life, views: [], direct: [], whole: false };
    story.visits.push(this.visit);
    this.#enter(this.#room);
  }

  /** Requests not answered yet. */
  get unanswered(): number {
    return this.#asked.length;
  }

  /** The view of the room it is in. */
  get #view(): View {
    return this.visit.views.at(-1) as View;
  }

  #enter(room: string): void {
    this.visit.views.push({ room, replayed: [], live: [], whole: false });
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
    this.#room = `#${room}`;
    this.#asked.push({ kind: "join" });
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

  /** Sees everything that was written so far, with everybody else quiet. */
  async catchUp(): Promise<void> {
    this.list();
    while (this.unanswered > 0) await this.take();
    this.#view.whole = true;
    this.visit.whole = true;
  }

  close(): Promise<void> {
    return this.#raw.close();
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
        this.#answered("join", event);
        return this.#enter(`#${event.room}`);
      case "list_users":
        this.#answered("list", event);
        return;
      default:
        this.#blame(event);
    }
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
    this.visit.direct.push(key);
    if (sender === this.visit.name) this.#acknowledge("direct", event);
    else if (recipient !== this.visit.name) this.#blame(event);
  }

  #acknowledge(kind: "room" | "direct", event: ServerEvent, id?: number): void {
    const asked = this.#answered(kind, event);
    if (asked === undefined || !("said" in asked)) return;
    const { said } = asked;
    said.fate = "acknowledged";
    if (id !== undefined) said.id = id;
    if (kind === "room") this.#view.live.push(said.key);
    else if (this.visit.direct.at(-1) !== said.key) this.#blame(event);
  }

  /** A recipient that has left is the one thing that is refused. */
  #noteError(event: ServerEvent & { type: "error_msg" }): void {
    const asked = this.#asked.shift();
    if (asked === undefined || !("said" in asked)) return this.#blame(event);
    asked.said.fate = "refused";
    if (asked.kind !== "direct" || !event.text.startsWith("Not found")) {
      this.#blame(event);
    }
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
