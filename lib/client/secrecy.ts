/**
 * Secrecy in a session (docs/end_to_end.md, "In chatp connect"): seals what is
 * to be secret, carries out `/secret`, `/trust` and `/verify`, and publishes
 * one's own key. What comes in is `secret_reader.ts`'s.
 *
 * Whom one writes to secretly is known in the moment in which something is
 * typed. From then on a message to them MUST be sealed or refused, whatever
 * becomes of `/secret` itself.
 *
 * @module
 */

import {
  type KeyBook,
  mostTextBytes,
  newMessageId,
  type OwnKeys,
  type ReplayBook,
  safetyNumber,
  seal,
} from "../secret/mod.ts";
import { sameBytes } from "../wire/mod.ts";
import { cutText } from "./cut_text.ts";
import type { Outcome, Reason } from "./entries.ts";
import type { SessionEvent } from "./events.ts";
import type { ChatRequest, SecretRequest } from "./exchange.ts";
import { type Ask, secretFailure, SecretKeys } from "./secret_keys.ts";
import type { SecretPartners } from "./secret_partners.ts";
import { SecretReader } from "./secret_reader.ts";

/** What a session is given to keep secrets with. */
export interface SecrecyOptions {
  /** As it is addressed: `host:port`. */
  readonly server: string;
  /** One's own; undefined: nothing can be sealed or opened. */
  readonly keys: OwnKeys | undefined;
  readonly book: KeyBook;
  readonly replays: ReplayBook;
  readonly partners: SecretPartners;
}

/** What else it is made of. */
export interface SecrecyParts extends SecrecyOptions {
  readonly username: string;
  readonly ask: Ask;
  /** Shows an event, in its order. */
  readonly tell: (event: SessionEvent) => void;
  /** Whether so much waits to be opened that nothing more should come. */
  readonly onFull: (full: boolean) => void;
}

const NO_KEY = {
  text: "There is no key to seal or open secret messages with",
  hint: "Connect with --key FILE; chatp keys new NAME makes a pair",
} as const;

/** One session's. */
export class Secrecy {
  readonly reader: SecretReader;
  readonly #parts: SecrecyParts;
  readonly #keys: SecretKeys;
  #published = false;
  #warnedOfSearch = false;

  constructor(parts: SecrecyParts) {
    this.#parts = parts;
    const { server, book, ask, tell, username, keys } = parts;
    const warn = (text: string, hint: string) =>
      tell({ type: "warned", text, hint });
    const own = keys?.public;
    this.#keys = new SecretKeys({ server, book, username, own, ask, warn });
    this.reader = new SecretReader({ ...parts, tell, theirKeys: this.#keys });
  }

  /** Whether messages to this user are to be sealed, as things stand. */
  isPartner(user: string): boolean {
    return this.#parts.partners.has(user);
  }

  /** Something was typed: what is typed behind it goes by that. */
  typed(request: ChatRequest): void {
    const { partners } = this.#parts;
    if (request.type === "secret") partners.set(request.user, !request.off);
    if (request.type !== "search" || !partners.any || this.#warnedOfSearch) {
      return;
    }
    this.#warnedOfSearch = true;
    this.reader.show({
      type: "warned",
      text: "The server is told the words that you search for, and finds no " +
        "secret message by them",
    });
  }

  /** Something came to pass, after which keys may be others. */
  happened(event: SessionEvent): void {
    if (event.type === "presence" && event.here) this.#keys.doubt(event.user);
    if (event.type === "connected") this.#keys.doubt();
  }

  /** Seals a message, or carries out what the client does itself. */
  async act(request: ChatRequest): Promise<Outcome> {
    try {
      switch (request.type) {
        case "private_msg":
          return typeof request.text === "string"
            ? await this.#seal(request.recipient, request.text)
            : refused("It is sealed already");
        case "secret":
          return await this.#turn(request);
        case "trust":
          return await this.#trust(request.user);
        case "verify":
          return await this.#verify(request.user);
      }
    } catch (error) {
      return { kind: "refused", ...secretFailure(error) };
    }
    throw new TypeError(`${request.type} is nothing to be kept secret`);
  }

  async #seal(recipient: string, text: string): Promise<Outcome> {
    const { keys: ownKeys, username: sender } = this.#parts;
    if (ownKeys === undefined) return unsent(recipient, NO_KEY);
    const state = await this.#keys.find(recipient);
    if (state.kind === "none") return unsent(recipient, state);
    if (state.kind === "changed") return unsent(recipient, changed(recipient));
    const how = { sender, recipient, ownKeys, theirKey: state.key };
    const parts: Uint8Array[] = [];
    for (const part of cutText(text, mostTextBytes(how))) {
      parts.push(await seal({ ...how, text: part, id: newMessageId() }));
    }
    return { kind: "sealed", parts };
  }

  async #turn({ type, user, off }: SecretRequest): Promise<Outcome> {
    const on = off !== true;
    await this.#parts.partners.keep(user, on);
    if (!on) return { kind: "answered", answer: { type, user, on } };
    if (this.#parts.keys === undefined) return unsent(user, NO_KEY);
    const state = await this.#keys.look(user);
    if (state.kind === "none") return unsent(user, state);
    if (state.kind === "changed") return unsent(user, changed(user));
    const { fingerprint } = state.key;
    return { kind: "answered", answer: { type, user, on, fingerprint } };
  }

  async #trust(user: string): Promise<Outcome> {
    const key = await this.#keys.trust(user);
    if (key !== undefined) {
      const { fingerprint } = key;
      const answer = { type: "trust", user, fingerprint } as const;
      return { kind: "answered", answer };
    }
    // What was not shown in this run is not accepted unseen.
    const state = await this.#keys.look(user);
    switch (state.kind) {
      case "known":
        return refused(`The key of ${user} is the known one`);
      case "changed":
        return { kind: "refused", ...changed(user) };
      case "none":
        return state.hint === undefined
          ? refused(state.text)
          : { kind: "refused", text: state.text, hint: state.hint };
    }
  }

  async #verify(user: string): Promise<Outcome> {
    const { keys, username } = this.#parts;
    if (keys === undefined) return { kind: "refused", ...NO_KEY };
    const state = await this.#keys.find(user);
    if (state.kind === "none") return { ...state, kind: "refused" };
    const number = await safetyNumber(
      { name: username, fingerprint: keys.public.fingerprint },
      { name: user, fingerprint: state.key.fingerprint },
    );
    const accepted = state.kind === "known";
    const type = "verify";
    return { kind: "answered", answer: { type, user, number, accepted } };
  }

  /** One is logged in, or has an account now: the key is made known. */
  async publish(): Promise<void> {
    const { keys, ask, username: user } = this.#parts;
    if (keys === undefined || this.#published) return;
    this.#published = true;
    const found = await ask({ type: "find_key", user });
    const before = found.kind === "answered" && found.event.type === "find_key"
      ? found.event.key
      : undefined;
    if (before !== undefined && sameBytes(before, keys.public.der)) return;
    const fate = await ask({ type: "publish_key", key: keys.public.der });
    if (fate.kind === "refused") return this.#unpublished(fate);
    const { fingerprint } = keys.public;
    this.reader.show({
      type: "warned",
      text: `Your key is published, its fingerprint is ${fingerprint}`,
      ...before !== undefined && {
        hint: "Your account had another one until now: whoever knows that " +
          "has to accept this one",
      },
    });
  }

  #unpublished({ text, code, hint }: Reason): void {
    this.#published = false;
    const advice = code === 403 ? "/register makes your name an account" : hint;
    this.reader.show({
      type: "warned",
      text: "Your key is not published over this connection: who does not " +
        `have it yet can't read what you seal (${text})`,
      ...advice !== undefined && { hint: advice },
    });
  }
}

function refused(text: string): Outcome {
  return { kind: "refused", text };
}

function changed(user: string): { readonly text: string; hint: string } {
  return {
    text: `The key of ${user} has changed and is not accepted`,
    hint: `/verify ${user} shows the number to compare, /trust ${user} ` +
      "accepts the key",
  };
}

/** Nothing goes to somebody, as long as that is so. */
function unsent(
  user: string,
  { text, hint }: { readonly text: string; readonly hint?: string },
): Outcome {
  const off = `/secret ${user} off writes in the clear`;
  return {
    kind: "refused",
    text: `Nothing is sent to ${user}: ${text}`,
    hint: hint === undefined ? off : `${hint}; ${off}`,
  };
}
