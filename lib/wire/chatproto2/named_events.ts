/**
 * Events whose people and rooms come by their handles (docs/chatproto2.md,
 * "Handles").
 *
 * - Events MUST come in the order of their frames. While a name is asked for,
 *   everything from there on is held back.
 * - No more than a limited amount is: then what is unknown goes by its handle.
 *
 * @module
 */

import type { RemoteProtocolError } from "../errors.ts";
import type { HandleName, Place, ServerEvent } from "../events.ts";
import type { Text } from "../requests.ts";
import { Directory } from "./directory.ts";
import { FrameStream } from "./frame_stream.ts";

/** What is held back at most, as bytes of frames and so much for each. */
const MOST_HELD = 4_194_304;
const HELD_EACH = 256;

/** An event, or an error in the place of one, that waits for names. */
interface Held {
  readonly handles: readonly number[];
  readonly make: () => ServerEvent;
  readonly size: number;
}

/** What is known of a message before its names are. */
export interface Spoken {
  readonly room: number;
  readonly text: Text;
  readonly place: Place;
  /** Of one whose handle is not all that is known. */
  readonly sender?: string;
  readonly history?: true;
}

/** Tells events in order, each when its names are known. */
export class NamedEvents extends FrameStream {
  protected readonly directory = new Directory();
  /** Oneself. */
  protected username = "";
  protected user = 0;
  #held: Held[] = [];
  #size = 0;

  /**
   * Nobody answers any more (the connection has ended): what is held back for
   * the sake of names comes without them.
   */
  giveUp(): void {
    this.directory.giveUp();
  }

  /** The first that is held back, if its names are known. */
  protected release(): ServerEvent | undefined {
    const [first] = this.#held;
    if (first === undefined) return undefined;
    for (const handle of first.handles) {
      if (this.directory.get(handle) !== undefined) continue;
      this.directory.want(handle);
      return undefined;
    }
    this.#held.shift();
    this.#size -= first.size;
    return first.make();
  }

  #hold(handles: readonly number[], make: () => ServerEvent): void {
    for (const handle of handles) this.directory.want(handle);
    const size = this.frameBytes + HELD_EACH;
    this.#held.push({ handles, size, make });
    this.#size += size;
    if (this.#size > MOST_HELD) this.giveUp();
  }

  /** Tells an event now, or when the names of these are known. */
  protected tell(
    handles: readonly number[],
    make: () => ServerEvent,
  ): ServerEvent | undefined {
    const waits = this.#held.length > 0 ||
      handles.some((handle) => this.directory.get(handle) === undefined);
    if (!waits) return make();
    this.#hold(handles, make);
    return undefined;
  }

  /** Throws an error now, or when what came before it is told. */
  protected raise(error: RemoteProtocolError): void {
    // Behind a fatal one nobody answers.
    if (error.fatal) this.giveUp();
    if (this.#held.length === 0) throw error;
    this.#hold([], () => {
      throw error;
    });
  }

  /** What a handle stands for, as far as is known. */
  protected named(handle: number): HandleName {
    return this.directory.get(handle) ??
      { handle, kind: "user", name: `#${handle}` };
  }

  /** A message with its names. */
  protected said(
    { room, text, place, history, ...rest }: Spoken,
  ): ServerEvent {
    const { kind, name } = this.named(room);
    const sender = rest.sender ?? this.named(place.sender ?? 0).name;
    const also = history === undefined ? { place } : { history, place };
    if (kind !== "direct") {
      return { type: "room_msg", room: name, sender, text, ...also };
    }
    const mine = place.sender === undefined
      ? sender === this.username
      : place.sender === this.user;
    const recipient = mine ? name : this.username;
    return { type: "private_msg_delivery", sender, recipient, text, ...also };
  }
}
