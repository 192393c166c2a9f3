/**
 * A session that keeps secrets, with fakes all around: a server that hands out
 * keys, and for the rest says what the test says.
 *
 * @module
 */

import {
  type Abilities,
  FULL,
  type OpenLink,
  type SecrecyOptions,
  SecretPartners,
  type Session,
  type SessionEvent,
} from "../../lib/client/mod.ts";
import {
  KeyBook,
  newMessageId,
  type OwnKeys,
  type PublicKey,
  ReplayBook,
  seal,
} from "../../lib/secret/mod.ts";
import type {
  Place,
  PrivateMessageDelivery,
  Request,
  ServerEvent,
} from "../../lib/wire/mod.ts";
import { ALICE } from "../secret/key_ring.ts";
import { FakeLink, settle, Stage } from "./fakes.ts";

const SERVER = "here:5555";

/** A connection to the server of keys. */
class KeyLink extends FakeLink {
  readonly #answer: (request: Request) => ServerEvent | undefined;
  readonly #changed: () => void;

  constructor(
    abilities: Abilities,
    answer: (request: Request) => ServerEvent | undefined,
    changed: () => void,
  ) {
    super(abilities);
    this.#answer = answer;
    this.#changed = changed;
  }

  override send(request: Request): void {
    const answer = this.#answer(request);
    if (answer === undefined) super.send(request);
    else queueMicrotask(() => void this.say(answer));
    this.#changed();
  }
}

/** Where a message stands, in the room of alice and bob. */
export const at = (sequence: number): Place => ({
  id: 0,
  room: 9,
  sequence,
  time: sequence * 1_000,
});

/** What a secret message is made of, if not of Bob's "at six" to Alice. */
export interface Sealing {
  readonly sender?: string;
  readonly recipient?: string;
  readonly text?: string;
  readonly ownKeys?: OwnKeys;
  readonly theirKey?: PublicKey;
}

/** Seals as another client does. */
export function sealedBy(ownKeys: OwnKeys, options: Sealing = {}) {
  return seal({
    sender: "bob",
    recipient: "alice",
    text: "at six",
    id: newMessageId(),
    ownKeys,
    theirKey: ALICE.public,
    ...options,
  });
}

/** Alice's session. Bytes of a text are shown as how many they are. */
export class SecretStage {
  /** The keys that the server hands out, by name. */
  readonly keys = new Map<string, PublicKey>();
  readonly stage: Stage;
  readonly events: SessionEvent[] = [];
  /** Requests for keys that the server got. */
  readonly asked: string[] = [];
  #wake: () => void = () => {};

  private constructor(
    folder: string,
    books: Pick<SecrecyOptions, "partners" | "replays">,
    ownKeys: OwnKeys | undefined,
    abilities: Abilities,
    server: string,
  ) {
    let stage: Stage | undefined = undefined;
    const open: OpenLink = () => {
      const answer = (request: Request) => this.#answer(request);
      const link = new KeyLink(abilities, answer, () => this.#wake());
      stage?.links.push(link);
      return Promise.resolve(link);
    };
    this.stage = stage = new Stage({
      open,
      onEvent: (event) => {
        this.events.push(event);
        this.#wake();
      },
      secrecy: {
        server,
        keys: ownKeys,
        book: new KeyBook(folder),
        ...books,
      },
    });
  }

  /** Alice, who is let in. */
  static async enter(
    folder: string,
    { keys, ownKeys = ALICE, abilities = FULL, server = SERVER }: {
      readonly keys?: Readonly<Record<string, PublicKey>>;
      readonly ownKeys?: OwnKeys | null;
      readonly abilities?: Abilities;
      readonly server?: string;
    } = {},
  ): Promise<SecretStage> {
    const owner = { host: "here", username: "alice" };
    const partners = await SecretPartners.open(folder, owner);
    const replays = await ReplayBook.open(folder);
    const made = new SecretStage(
      folder,
      { partners, replays },
      ownKeys ?? undefined,
      abilities,
      server,
    );
    const all = { alice: ALICE.public, ...keys };
    for (const [name, key] of Object.entries(all)) made.keys.set(name, key);
    made.session.start();
    await settle();
    await made.link.say({
      type: "login_ack",
      username: "alice",
      room: "general",
      ...abilities.many && { token: "t" },
    });
    await made.until(() => made.stage.session.unsettled === 0);
    made.stage.link.sent.splice(0);
    made.events.splice(0);
    return made;
  }

  get session(): Session {
    return this.stage.session;
  }

  get link(): FakeLink {
    return this.stage.link;
  }

  #answer(request: Request): ServerEvent | undefined {
    if (request.type === "publish_key") {
      this.asked.push("publish");
      return { type: "publish_key" };
    }
    if (request.type !== "find_key") return undefined;
    const { type, user } = request;
    this.asked.push(user);
    const key = this.keys.get(user);
    return key === undefined
      ? { type: "error_msg", code: 404, text: `${user} has no key` }
      : { type, user, key: key.der };
  }

  /** Waits until it is so; looks whenever something was sent or told. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }

  /** Waits for as many requests, and takes them out. */
  async sent(count: number): Promise<Request[]> {
    await this.until(() => this.link.sent.length >= count);
    return this.link.sent.splice(0);
  }

  /** Waits for as many events, and takes them out: what people read of them. */
  async told(count: number): Promise<string[]> {
    await this.until(() => this.events.length >= count);
    return this.events.splice(0).map(line);
  }

  /** The server delivers a private message of Bob's, or as `said` has it. */
  async deliver(said: Partial<PrivateMessageDelivery>): Promise<void> {
    const type = "private_msg_delivery";
    const [sender, recipient] = ["bob", "alice"];
    await this.link.say({ type, sender, recipient, text: "", ...said });
  }

  async end(): Promise<void> {
    this.session.close();
    this.link.destroy();
    await this.link.break();
    await this.session.ended;
  }
}

function line(event: SessionEvent): string {
  switch (event.type) {
    case "private_msg_delivery": {
      const { sender, text, secret } = event as typeof event & {
        secret?: { kind: string; why?: string };
      };
      const shown = typeof text === "string" ? text : `${text.length} bytes`;
      const what = secret?.why ?? shown;
      return `${secret?.kind ?? "private"} ${sender}: ${what}`;
    }
    case "refused":
      return `refused ${event.ref}: ${event.text}`;
    case "warned":
      return `warned: ${event.text}`;
    case "answered":
      return `answered ${event.ref} ${JSON.stringify(event.answer)}`;
    case "acknowledged":
      return `acknowledged ${event.ref}`;
    case "room_msg":
      return `${event.sender}: ${event.text}`;
    default:
      return event.type;
  }
}
