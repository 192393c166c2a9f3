/**
 * Single messages, byte for byte: the same one in JSON and in binary.
 *
 * @module
 */

import {
  ByteWriter,
  CHATPROTO1_EVENTS,
  ChatProto1ClientCodec,
  JSON_EVENTS,
  JsonClientCodec,
  LOBBY,
  type Request,
  type ServerEvent,
  textBytes,
} from "../wire/mod.ts";
import { change } from "./comparison.ts";
import type { Conversation } from "./workload.ts";

/** One message in both wires. */
export interface FramePair {
  readonly type: "LOGIN" | "ROOM_MSG";
  readonly direction: "up" | "down";
  /** The bytes of the name or the text that vary; the same in both. */
  readonly content: number;
  readonly json: Uint8Array;
  readonly binary: Uint8Array;
  /** Binary against JSON, percent. */
  readonly saving: number;
  /** The same in the published description, which names no direction. */
  readonly publishedSaving: number;
}

const PUBLISHED_SAVING = { LOGIN: -50, ROOM_MSG: -46 } as const;

function pair(
  type: FramePair["type"],
  direction: FramePair["direction"],
  content: number,
  json: Uint8Array,
  binary: Uint8Array,
): FramePair {
  return {
    type,
    direction,
    content,
    json,
    binary,
    saving: change(binary.length, json.length),
    publishedSaving: PUBLISHED_SAVING[type],
  };
}

function requestPair(
  type: FramePair["type"],
  content: number,
  request: Request,
): FramePair {
  return pair(
    type,
    "up",
    content,
    new JsonClientCodec(2).encode(request),
    new ChatProto1ClientCodec().encode(request),
  );
}

function eventPair(
  type: FramePair["type"],
  content: number,
  event: ServerEvent,
): FramePair {
  const [json, binary] = [JSON_EVENTS[2], CHATPROTO1_EVENTS].map((wire) => {
    const writer = new ByteWriter();
    wire.write(writer, event);
    return writer.take();
  }) as [Uint8Array, Uint8Array];
  return pair(type, "down", content, json, binary);
}

/**
 * The first LOGIN of a conversation, and the ROOM_MSG whose text has the
 * median length, as it is said and as it is delivered.
 */
export function framePairs({ users, steps }: Conversation): FramePair[] {
  const pairs: FramePair[] = [];
  const login = steps.find(({ action }) => action.type === "login")?.action;
  if (login?.type === "login") {
    pairs.push(requestPair("LOGIN", textBytes(login.username), login));
  }
  const said = steps.flatMap(({ user, action }) =>
    action.type === "room_msg"
      ? [{ sender: users[user] as string, request: action }]
      : []
  ).sort((a, b) => textBytes(a.request.text) - textBytes(b.request.text));
  const median = said[Math.floor(said.length / 2)];
  if (median !== undefined) {
    const { sender, request } = median;
    const bytes = textBytes(request.text);
    pairs.push(
      requestPair("ROOM_MSG", bytes, request),
      eventPair("ROOM_MSG", bytes, { ...request, room: LOBBY, sender }),
    );
  }
  return pairs;
}

/** Bytes of a row on one side of {@link sideBySide}. */
const ROW_BYTES = 10;

function dumpRow(bytes: Uint8Array, at: number): string {
  const row = bytes.subarray(at, at + ROW_BYTES);
  const hex = [...row].map((byte) => byte.toString(16).padStart(2, "0"));
  const characters = [...row].map((byte) =>
    byte > 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "·"
  );
  return `${hex.join(" ").padEnd(ROW_BYTES * 3)} ${
    characters.join("").padEnd(ROW_BYTES)
  }`;
}

/** Both byte for byte, in hex and ASCII: JSON on the left, binary right. */
export function sideBySide({ json, binary }: FramePair): string[] {
  const lines: string[] = [];
  const most = Math.max(json.length, binary.length);
  for (let at = 0; at < most; at += ROW_BYTES) {
    lines.push(`${dumpRow(json, at)}  |  ${dumpRow(binary, at)}`.trimEnd());
  }
  return lines;
}
