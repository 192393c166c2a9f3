/**
 * The kinds and flags of the frames of ChatProto 2 (docs/chatproto2.md, "Frames
 * of the client", "Frames of the server").
 *
 * @module
 */

/** In the high four bits: the kind is the second byte. */
export const EXTENDED = 15;

/** What is added to an extended kind, so that it is no other. */
export const EXTENDED_KINDS = 16;

/** The flags that mean the same wherever they are. */
export const FRAME_FLAGS = {
  /** The text is in the text code. */
  coded: 1,
  /** The text is end-to-end ciphertext. */
  encrypted: 2,
  /** The request number is there; without, it is 0. */
  number: 8,
} as const;

/** The kinds of frames that clients send. */
export const CLIENT_KINDS = {
  say: 1,
  receipt: 2,
  tell: 3,
  login: 4,
  resume: 5,
  register: 6,
  password: 7,
  join: 8,
  leave: 9,
  group: 10,
  invite: 11,
  list: 12,
  history: 13,
  search: 14,
  askNames: EXTENDED_KINDS,
  topic: EXTENDED_KINDS + 1,
  away: EXTENDED_KINDS + 2,
  logout: EXTENDED_KINDS + 3,
  publishKey: EXTENDED_KINDS + 4,
  findKey: EXTENDED_KINDS + 5,
} as const;

/** Flags of frames that clients send. */
export const CLIENT_FLAGS = {
  say: { room: 4 },
  receipt: { unread: 1, more: 2, room: 4 },
  login: { password: 1, keep: 2 },
  register: { user: 1, keep: 2 },
  list: { users: 1, members: 2, room: 4 },
  history: { before: 1, after: 2, since: 4 },
  search: { before: 1, room: 4 },
  topic: { room: 4 },
} as const;

/** The kinds of frames that servers send. */
export const SERVER_KINDS = {
  message: 1,
  stored: 2,
  select: 3,
  position: 4,
  received: 5,
  presence: 6,
  names: 7,
  reply: 8,
  refused: 9,
  past: 10,
  rooms: 11,
  system: 12,
  closing: 13,
  invitation: 14,
  welcome: EXTENDED_KINDS,
  moved: EXTENDED_KINDS + 1,
  topic: EXTENDED_KINDS + 2,
  away: EXTENDED_KINDS + 3,
  crowd: EXTENDED_KINDS + 4,
} as const;

/** Flags of frames that servers send. */
export const SERVER_FLAGS = {
  message: { pause: 4 },
  stored: { place: 1, repeated: 2, pause: 4 },
  received: { behind: 1, sequence: 2 },
  presence: { here: 1 },
  reply: { token: 1 },
  past: { sender: 4 },
  welcome: { token: 1 },
} as const;

/** Flags of an entry of history or of what was found. */
export const ENTRY_FLAGS = { sender: 4, direct: 8 } as const;

/** What a handle stands for, by the number that says so. */
export const HANDLE_KINDS = ["user", "public", "group", "direct"] as const;

/** What a member is. */
export const MEMBER_STATES = { account: 1, here: 2, away: 4 } as const;
