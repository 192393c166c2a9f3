/**
 * Any message that a wire can carry, for the property tests.
 */
import fc from "fast-check";
import { type Direction, ERROR_CODES } from "../../lib/wire/mod.ts";
import type { Message, WireId } from "./wires.ts";

/** Any text that UTF-8 can carry. */
export const string = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.string({ unit: "grapheme", maxLength: 40 }),
  fc.constantFrom("__proto__", "constructor", "\0", "\ufeff", '"\\\n', "👋"),
);

const text = fc.oneof(string, fc.uint8Array({ maxLength: 60 }));
const list = fc.array(string, { maxLength: 8 });
const code = fc.constantFrom(
  ...Object.keys(ERROR_CODES).map((each) =>
    Number(each) as keyof typeof ERROR_CODES
  ),
);
const history = fc.constant(true as const);
const is = <Type extends string>(type: Type) => fc.constant(type);

/** Any request. */
export const request: fc.Arbitrary<Message> = fc.oneof(
  fc.record({ type: is("login"), username: string, password: string }, {
    requiredKeys: ["type", "username"],
  }),
  fc.record({ type: is("room_msg"), text }),
  fc.record({ type: is("private_msg"), recipient: string, text }),
  fc.record({ type: is("join_room"), room: string }),
  fc.record({ type: is("list_users") }),
  fc.record({ type: is("list_rooms") }),
) as fc.Arbitrary<Message>;

const event: fc.Arbitrary<Message> = fc.oneof(
  fc.record({ type: is("login_ack"), username: string, room: string }),
  fc.record({ type: is("login_reject"), reason: string }),
  fc.record({
    type: is("room_msg"),
    room: string,
    sender: string,
    text,
    history,
  }, { requiredKeys: ["type", "room", "sender", "text"] }),
  fc.record({
    type: is("private_msg_delivery"),
    sender: string,
    recipient: string,
    text,
    history,
  }, { requiredKeys: ["type", "sender", "recipient", "text"] }),
  fc.record({ type: is("join_room"), room: string }),
  fc.record({ type: is("list_users"), room: string, users: list }),
  fc.record({ type: is("list_rooms"), rooms: list }),
  fc.record({ type: is("system_msg"), text: string }),
  fc.record({ type: is("room_msg_ack"), id: fc.maxSafeNat() }),
) as fc.Arbitrary<Message>;

/** What differs from wire to wire: what an error says besides its text. */
const errors: Readonly<Record<WireId, fc.Arbitrary<Message>>> = {
  chatp2: fc.record({ type: is("error_msg"), code, text: string }),
  chatp1: fc.record({ type: is("error_msg"), code, text: string }),
  json1: fc.record({ type: is("error_msg"), text: string }),
  json2: fc.oneof(
    fc.record({ type: is("error_msg"), code, text: string, hint: string }, {
      requiredKeys: ["type", "text"],
    }),
    fc.record({ type: is("login_reject"), reason: string, code, hint: string }),
  ) as fc.Arbitrary<Message>,
};

/** Any message of a direction that the wire can carry. */
export function message(
  wire: WireId,
  direction: Direction,
): fc.Arbitrary<Message> {
  return direction === "request" ? request : fc.oneof(event, errors[wire]);
}

/** Where a stream may be cut: shares of its length. */
export const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), {
  maxLength: 12,
});

/** The stream in pieces, cut there. */
export function cut(
  bytes: Uint8Array,
  shares: readonly number[],
): Uint8Array[] {
  const at = shares.map((share) => Math.floor(share * bytes.length)).sort((
    a,
    b,
  ) => a - b);
  return [0, ...at].map((start, index) =>
    // Copies, so that no two pieces share their memory.
    new Uint8Array(bytes.subarray(start, at[index] ?? bytes.length))
  );
}
