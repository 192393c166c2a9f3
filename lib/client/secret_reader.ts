/**
 * Opens the secret messages among what a session tells
 * (docs/end_to_end.md, "Opening", "Replays").
 *
 * What it guarantees:
 *
 * - Everything is shown in the order in which it came, however long a message
 *   takes to be opened.
 * - What can't be opened, and what is a replay, MUST NOT be shown as a message.
 * - What was not sealed, from or to somebody with whom secrecy is on, is marked:
 *   without alarm where it is history from before all that was.
 *
 * @module
 */

import {
  ID_BYTES,
  open,
  type OwnKeys,
  type PublicKey,
  type ReplayBook,
  Replays,
  SecretError,
  type Sighting,
} from "../secret/mod.ts";
import {
  foldName,
  type Place,
  printable,
  type PrivateMessageDelivery,
} from "../wire/mod.ts";
import type { SecretMark, SessionEvent, Shown } from "./events.ts";
import {
  type KeyState,
  secretFailure,
  type SecretKeys,
} from "./secret_keys.ts";
import type { SecretPartners } from "./secret_partners.ts";

/** Events that may wait before nothing more is to come. */
const MOST_WAITING = 64;

/** Events that may wait while the server is asked for a key. */
const MOST_ASKING = 1_024;

/** What it is made of. */
export interface SecretReaderParts {
  readonly username: string;
  readonly server: string;
  readonly keys: OwnKeys | undefined;
  readonly theirKeys: SecretKeys;
  readonly replays: ReplayBook;
  readonly partners: SecretPartners;
  readonly tell: (event: SessionEvent) => void;
  readonly onFull: (full: boolean) => void;
}

/** A private message under the flag ENCRYPTED. */
type Sealed = PrivateMessageDelivery & { readonly text: Uint8Array };

function isSealed(said: Shown): said is Sealed {
  return said.type === "private_msg_delivery" && typeof said.text !== "string";
}

/** What a session tells, opened. */
export class SecretReader {
  readonly #parts: SecretReaderParts;
  readonly #me: string;
  readonly #queue: (() => Promise<void>)[] = [];
  #running: Promise<void> | undefined;
  #isFull = false;
  /**
   * While the server is asked for a key, the connection has to be read. Waits no
   * longer for the answer.
   */
  #stopAsking: (() => void) | undefined;
  /** Of wires that don't say where a message stands: in the order they came. */
  readonly #unplaced = new Map<string, Replays>();
  #count = 0;

  constructor(parts: SecretReaderParts) {
    this.#parts = parts;
    this.#me = foldName(parts.username);
  }

  /** Shows an event, once all before it are shown. */
  show(event: SessionEvent): void {
    if (this.#running === undefined && !this.#needsTime(event)) {
      return this.#tell(event);
    }
    this.#enqueue(async () => {
      const opened = await this.#opened(event);
      if (opened !== undefined) this.#tell(opened);
    });
  }

  /** A message of one's own stands there: it is no news any more, anywhere. */
  stored(user: string, sealed: Uint8Array, place: Place | undefined): void {
    // What one writes to oneself is shown, and noted then.
    if (foldName(user) === this.#me) return;
    const id = sealed.subarray(1, 1 + ID_BYTES).toHex();
    this.#enqueue(async () => {
      try {
        await this.#see(user, id, place);
      } catch (error) {
        this.#tell({ type: "warned", ...secretFailure(error) });
      }
    });
  }

  /** Resolves when everything is shown. */
  async flushed(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  #enqueue(job: () => Promise<void>): void {
    this.#queue.push(job);
    this.#checkFull();
    this.#running ??= this.#run();
  }

  async #run(): Promise<void> {
    for (let job = this.#queue.shift(); job; job = this.#queue.shift()) {
      await job();
      this.#checkFull();
    }
    this.#running = undefined;
  }

  #checkFull(): void {
    const { length } = this.#queue;
    if (length >= MOST_ASKING) this.#stopAsking?.();
    const isFull = length >= MOST_WAITING && this.#stopAsking === undefined;
    if (isFull === this.#isFull) return;
    this.#isFull = isFull;
    this.#parts.onFull(isFull);
  }

  #needsTime(event: SessionEvent): boolean {
    switch (event.type) {
      case "private_msg_delivery":
        return isSealed(event);
      case "answered": {
        const { answer } = event;
        return (answer.type === "history" || answer.type === "search") &&
          answer.messages.some(isSealed);
      }
    }
    return false;
  }

  /** Shows an event in which nothing is sealed any more. */
  #tell(event: SessionEvent): void {
    if (event.type === "private_msg_delivery") {
      return this.#parts.tell(this.#marked(event) as typeof event);
    }
    if (event.type !== "answered") return this.#parts.tell(event);
    const { answer } = event;
    if (answer.type !== "history" && answer.type !== "search") {
      return this.#parts.tell(event);
    }
    const messages = answer.messages.map((said) => this.#marked(said, true));
    this.#parts.tell({ ...event, answer: { ...answer, messages } });
  }

  /** Marks what was not sealed and should have been, or is too old for that. */
  #marked(said: Shown, isHistory = said.history === true): Shown {
    if (said.type !== "private_msg_delivery" || said.secret !== undefined) {
      return said;
    }
    const { partners, replays, server } = this.#parts;
    const other = this.#other(said);
    if (!partners.has(other)) return said;
    const isBefore = isHistory && said.place !== undefined &&
      said.place.sequence < replays.first(server, other);
    return { ...said, secret: { kind: isBefore ? "before" : "clear" } };
  }

  /** With whom it is that one has this conversation. */
  #other({ sender, recipient }: PrivateMessageDelivery): string {
    return foldName(sender) === this.#me ? recipient : sender;
  }

  async #opened(event: SessionEvent): Promise<SessionEvent | undefined> {
    if (event.type === "private_msg_delivery") {
      if (!isSealed(event)) return event;
      return await this.#open(event) as typeof event | undefined;
    }
    if (event.type !== "answered") return event;
    const { answer } = event;
    if (answer.type !== "history" && answer.type !== "search") return event;
    const messages: Shown[] = [];
    for (const said of answer.messages) {
      const shown = isSealed(said)
        ? await this.#open({ ...said, history: true })
        : said;
      if (shown !== undefined) messages.push(shown);
    }
    return { ...event, answer: { ...answer, messages } };
  }

  /** Opens a message; undefined for a replay, of which a warning is told. */
  async #open(said: Sealed): Promise<Shown | undefined> {
    const { keys } = this.#parts;
    if (keys === undefined) {
      const why = "It is secret: to read it, connect with --key FILE, and " +
        "the key that it is sealed to";
      return refused(said, why);
    }
    const other = this.#other(said);
    try {
      const { text, id } = await this.#decrypt(said, other, keys);
      const sighting = await this.#see(other, id, said.place);
      if (isReplay(said, sighting)) {
        return this.#warn(
          `A message of ${said.sender} to ${said.recipient} ` +
            "that was shown before came again as if it were new; it is left out",
        );
      }
      if (sighting === "earlier") {
        this.#warn(
          `What ${said.sender} says next was shown before, further ` +
            "down, where it did not belong: forget it there",
        );
      }
      return { ...said, text, secret: { kind: "opened" } };
    } catch (error) {
      return refused(said, secretFailure(error).text);
    }
  }

  async #decrypt(said: Sealed, other: string, ownKeys: OwnKeys) {
    const mine = foldName(said.sender) === this.#me;
    const theirKeys = mine ? [] : await this.#keysOf(other);
    try {
      const opened = await open({
        bytes: said.text,
        mine,
        sender: said.sender,
        // What was sealed for others is not for us, whatever the server says.
        recipient: mine ? said.recipient : this.#parts.username,
        ownKeys,
        theirKeys,
      });
      if (!mine) this.#checkRecipient(said);
      return opened;
    } catch (error) {
      const isUnknown = error instanceof SecretError &&
        error.kind === "unknown_signer" && !mine;
      if (isUnknown && theirKeys.length === 0) {
        const none = printable(`no key of ${other} is known`);
        throw new SecretError("unknown_signer", none);
      }
      // Somebody who has a new key is to be known by it, once it is accepted.
      if (isUnknown && said.history !== true) await this.#look(other);
      throw error;
    }
  }

  /** Nor is what was sealed for us for others: it would be shown as theirs. */
  #checkRecipient({ sender, recipient }: Sealed): void {
    if (foldName(recipient) === this.#me) return;
    const claim = `the server says that ${sender} wrote it to ${recipient}`;
    throw new SecretError("other_conversation", printable(claim));
  }

  async #keysOf(user: string): Promise<readonly PublicKey[]> {
    const key = await this.#parts.theirKeys.known(user);
    if (key !== undefined) return [key];
    const state = await this.#look(user);
    return state?.kind === "known" ? [state.key] : [];
  }

  /** Asks the server for somebody's key; no answer once too much waits. */
  async #look(user: string): Promise<KeyState | undefined> {
    const stopped = new Promise<undefined>((resolve) => {
      this.#stopAsking = () => resolve(undefined);
    });
    this.#checkFull();
    try {
      return await Promise.race([this.#parts.theirKeys.look(user), stopped]);
    } finally {
      this.#stopAsking = undefined;
      this.#checkFull();
    }
  }

  async #see(
    user: string,
    id: string,
    place: Place | undefined,
  ): Promise<Sighting> {
    const { replays, server } = this.#parts;
    if (place !== undefined) {
      return await replays.see(server, user, id, place.sequence);
    }
    const key = foldName(user);
    const known = this.#unplaced.get(key) ?? new Replays();
    this.#unplaced.set(key, known);
    const sighting = known.see(id, ++this.#count);
    // A server may come down to a wire that tells no places.
    return replays.has(server, user, id) ? "replayed" : sighting;
  }

  #warn(text: string): undefined {
    this.#parts.tell({ type: "warned", text });
  }
}

/**
 * Whether it was shown before, and not there: what was seen is no news anywhere.
 * History without a place may be shown again.
 */
function isReplay({ history, place }: Sealed, sighting: Sighting): boolean {
  if (history !== true) return sighting !== "new";
  return place !== undefined && sighting === "replayed";
}

function refused(said: Sealed, why: string): Shown {
  const secret: SecretMark = { kind: "refused", why };
  return { ...said, secret };
}
