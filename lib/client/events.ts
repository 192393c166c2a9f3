/**
 * What a session tells whoever shows it: the terminal, a pipe, a test.
 *
 * @module
 */

import type {
  AwaySet,
  ErrorCode,
  GroupMade,
  HistoryPage,
  Invited,
  MemberList,
  PasswordChanged,
  Place,
  Registered,
  RoomJoined,
  RoomLeft,
  RoomList,
  Said,
  SearchResult,
  TopicSet,
  UserList,
} from "../wire/mod.ts";
import type { ChatRequest, Happening } from "./exchange.ts";
import type { RoomNews } from "./room_book.ts";

/** The session is logged in and in its room. */
export interface Connected {
  readonly type: "connected";
  /** As the server writes it. */
  readonly username: string;
  readonly room: string;
  /** True when this connection follows one that broke. */
  readonly again: boolean;
}

/** The connection broke, or could not be made again. */
export interface Lost {
  readonly type: "lost";
  readonly reason: string;
  /** Which pause in a row this is, from 1. */
  readonly attempt: number;
  /** ms until the next try; absent when one leaves anyway. */
  readonly pause?: number;
  /** Whether it was there and broke; else it could not be made again. */
  readonly broke: boolean;
}

/** What was submitted as `ref` was done: a message is on the server's disk. */
export interface Acknowledged {
  readonly type: "acknowledged";
  readonly ref: number;
  readonly request: ChatRequest;
  /** The server's id of the message, where the wire tells it. */
  readonly id?: number;
  /** Where it stands, where the wire tells it. */
  readonly place?: Place;
  /** The name of its room, of two people `@` and the other one's name. */
  readonly room?: string;
  /** Whether it was sealed. */
  readonly sealed?: true;
}

/** What the room is about that one is in; empty: nothing in particular. */
export interface TopicShown {
  readonly type: "show_topic";
  readonly room: string;
  readonly topic: string;
}

/** Secrecy with somebody is on or off from here on. */
export interface SecretSet {
  readonly type: "secret";
  readonly user: string;
  readonly on: boolean;
  /** Of their key, `AA:BB:…`, where it is on. */
  readonly fingerprint?: string;
}

/** Somebody's changed key was accepted. */
export interface KeyTrusted {
  readonly type: "trust";
  readonly user: string;
  /** `AA:BB:…`. */
  readonly fingerprint: string;
}

/** The number by which two people compare their keys. */
export interface SafetyNumber {
  readonly type: "verify";
  readonly user: string;
  readonly number: string;
  /** False when it is for a changed key that is not accepted. */
  readonly accepted: boolean;
}

/** What is known of a private message besides what it says. */
export type SecretMark =
  /** It came sealed, and says this. */
  | { readonly kind: "opened" }
  /** It came sealed, and why it can't be opened or is not believed. */
  | { readonly kind: "refused"; readonly why: string }
  /** It was not sealed, though secrecy is on: the server may have made it. */
  | { readonly kind: "clear" }
  /** Nor was this, which is said to be from before the first that was. */
  | { readonly kind: "before" };

/** A message as it is shown. */
export type Shown = Said & { readonly secret?: SecretMark };

/** What a request can be answered with besides that it was done. */
export type Answer =
  | RoomJoined
  | RoomLeft
  | GroupMade
  | Invited
  | TopicSet
  | TopicShown
  | AwaySet
  | UserList
  | RoomList
  | MemberList
  | HistoryPage
  | SearchResult
  | Registered
  | PasswordChanged
  | SecretSet
  | KeyTrusted
  | SafetyNumber;

/** The answer to what was submitted as `ref`. */
export interface Answered {
  readonly type: "answered";
  readonly ref: number;
  readonly answer: Answer;
}

/** What was submitted as `ref` was not done, and will not be. */
export interface Refused {
  readonly type: "refused";
  readonly ref: number;
  readonly request: ChatRequest;
  readonly text: string;
  readonly code?: ErrorCode;
  readonly hint?: string;
}

/** `ref` was sent, and the connection broke before it was acknowledged. */
export interface Unconfirmed {
  readonly type: "unconfirmed";
  readonly ref: number;
  readonly request: ChatRequest;
}

/** Something the person should know that concerns no request. */
export interface Warned {
  readonly type: "warned";
  readonly text: string;
  readonly code?: ErrorCode;
  readonly hint?: string;
}

/** Everything a session tells. */
export type SessionEvent =
  | Connected
  | Lost
  | Acknowledged
  | Answered
  | Refused
  | Unconfirmed
  | Warned
  | RoomNews
  | Happening
  | Extract<Shown, { readonly type: "private_msg_delivery" }>;
