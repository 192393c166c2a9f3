/**
 * What every store of the state has to do: one suite, run for each of them.
 *
 * @module
 */

import { assert, assertEquals, assertRejects } from "@std/assert";
import type {
  Change,
  ChatStore,
  MemberRecord,
  PersonRecord,
  RejectionRecord,
  RoomRecord,
  SessionRecord,
  Snapshot,
} from "../../lib/chat/state.ts";
import { draft } from "./log_conformance.ts";

/** How the suite gets a store. */
export interface StateImplementation {
  readonly name: string;
  /** Runs `test` with a new, empty store, then closes it. */
  withStore(test: (store: ChatStore) => Promise<void>): Promise<void>;
}

/** A verifier of made-up bytes. */
export const VERIFIER = {
  rounds: 600_000,
  salt: new Uint8Array([0, 1, 254, 255]),
  hash: new Uint8Array([7, 0, 0, 7]),
};

/** A public key of made-up bytes. */
export const KEY = new Uint8Array([0x30, 0, 0xff]);

export const NOTHING: Snapshot = {
  people: [],
  keys: [],
  rooms: [],
  members: [],
  sessions: [],
  rejections: [],
};

export const guest = (handle: number, name = `guest${handle}`) => ({
  handle,
  name,
  created: 1_790_000_000_001,
});

export const account = (handle: number, name: string) => ({
  ...guest(handle, name),
  verifier: VERIFIER,
});

const room = (
  handle: number,
  kind: RoomRecord["kind"],
  stream: string,
): RoomRecord => ({ handle, kind, name: `room ${handle}`, stream, created: 9 });

const session = (handle: number, person: number): SessionRecord => ({
  handle,
  person,
  digest: `00ff${handle}`,
  seen: 1_790_000_000_002,
});

export const put = {
  person: (person: PersonRecord): Change => ({ type: "put_person", person }),
  key: (person: number, key: Uint8Array): Change => ({
    type: "put_key",
    key: { person, key },
  }),
  room: (
    handle: number,
    kind: RoomRecord["kind"],
    stream: string,
  ): Change => ({ type: "put_room", room: room(handle, kind, stream) }),
  member: (room: number, person: number, received = 0, read = 0): Change => ({
    type: "put_member",
    member: { room, person, received, read },
  }),
  session: (handle: number, person: number): Change => ({
    type: "put_session",
    session: session(handle, person),
  }),
  rejection: (
    session: number,
    ref: number,
    detail = "no room",
  ): Change => ({
    type: "put_rejection",
    rejection: { session, ref, code: 404, detail },
  }),
};

export const move = (
  room: number,
  person: number,
  received: number,
  read: number,
): Change => ({
  type: "move_cursor",
  member: { room, person, received, read },
});

/** Ada (1), a guest (2), a room (3) of both, a group (4) of Ada's. */
const SMALL: readonly Change[] = [
  put.person(account(1, "Ada")),
  put.person(guest(2)),
  put.room(3, "public", "#tea"),
  put.room(4, "group", "&4"),
  put.member(3, 1, 5, 4),
  put.member(3, 2),
  put.member(4, 1, 1, 1),
  put.session(5, 1),
  put.session(6, 2),
  put.session(7, 1),
  put.rejection(5, 0),
  put.rejection(6, 0),
  put.rejection(6, 1),
];

const member = (
  room: number,
  person: number,
  received = 0,
  read = 0,
): MemberRecord => ({ room, person, received, read });
const rejection = (session: number, ref: number): RejectionRecord => ({
  session,
  ref,
  code: 404,
  detail: "no room",
});

type Case = [name: string, test: (store: ChatStore) => Promise<void>];

const KEEPING: readonly Case[] = [
  ["begins with nothing", async (store) => {
    assertEquals(await store.load(), NOTHING);
    assertEquals(await store.accounts(), undefined);
  }],
  ["gives every record back as it was, with the room's last", async (store) => {
    await store.append([1, 2].map((n) => draft(`${n}`, { room: "@1,2" })));
    await store.save([
      put.person(account(1, "Zoë_Ω")),
      put.person(guest(2)),
      put.key(1, KEY),
      put.room(9_007_199_254_740_991, "group", "&3"),
      put.room(4, "direct", "@1,2"),
      put.member(4, 2, 2, 1),
      put.member(9_007_199_254_740_991, 1),
      put.session(6, 2),
      put.rejection(6, 9_007_199_254_740_991),
      put.rejection(6, 0, "said\nin two lines\u0000 and more"),
    ]);
    assertEquals(await store.load(), {
      people: [
        {
          handle: 1,
          name: "Zoë_Ω",
          created: 1_790_000_000_001,
          verifier: {
            rounds: 600_000,
            salt: new Uint8Array([0, 1, 254, 255]),
            hash: new Uint8Array([7, 0, 0, 7]),
          },
        },
        { handle: 2, name: "guest2", created: 1_790_000_000_001 },
      ],
      keys: [{ person: 1, key: new Uint8Array([0x30, 0, 0xff]) }],
      rooms: [
        {
          handle: 4,
          kind: "direct",
          name: "room 4",
          stream: "@1,2",
          created: 9,
          last: 2,
        },
        {
          handle: 9_007_199_254_740_991,
          kind: "group",
          name: "room 9007199254740991",
          stream: "&3",
          created: 9,
          last: 0,
        },
      ],
      members: [
        { room: 4, person: 2, received: 2, read: 1 },
        { room: 9_007_199_254_740_991, person: 1, received: 0, read: 0 },
      ],
      sessions: [
        { handle: 6, person: 2, digest: "00ff6", seen: 1_790_000_000_002 },
      ],
      rejections: [
        {
          session: 6,
          ref: 0,
          code: 404,
          detail: "said\nin two lines\u0000 and more",
        },
        {
          session: 6,
          ref: 9_007_199_254_740_991,
          code: 404,
          detail: "no room",
        },
      ],
    });
  }],
  ["keeps a verifier's bytes as they were at the call", async (store) => {
    const salt = VERIFIER.salt.slice();
    const person = { ...guest(1, "ada"), verifier: { ...VERIFIER, salt } };
    const saved = store.save([put.person(person)]);
    salt.fill(0);
    await saved;
    const { people } = await store.load();
    assertEquals(people, [account(1, "ada")]);
  }],
  [
    "keeps one key of an account, the last, until the account goes",
    async (store) => {
      const key = KEY.slice();
      const saved = store.save([
        put.person(account(1, "ada")),
        put.person(account(2, "eve")),
        put.key(2, new Uint8Array([1])),
        put.key(1, key),
      ]);
      key.fill(9);
      await saved;
      const keys = async () => (await store.load()).keys;
      const eves = { person: 2, key: new Uint8Array([1]) };
      assertEquals(await keys(), [{ person: 1, key: KEY }, eves]);
      await store.save([put.key(1, new Uint8Array([7, 8]))]);
      // A new password, another name: the key is the person's.
      await store.save([put.person(account(1, "adah"))]);
      const last = { person: 1, key: new Uint8Array([7, 8]) };
      assertEquals(await keys(), [last, eves]);
      await store.save([{ type: "remove_person", handle: 1 }]);
      await store.save([put.person(account(1, "ada"))]);
      assertEquals(await keys(), [eves]);
      await store.save([put.key(99, KEY)]);
      assertEquals(await keys(), [eves]);
      await assertRejects(() =>
        store.save([
          put.key(2, KEY),
          { type: "remove_person", handle: 1 },
          put.person(account(3, "EVE")),
        ])
      );
      assertEquals(await keys(), [eves]);
    },
  ],
  ["replaces what is put again", async (store) => {
    await store.save(SMALL);
    await store.save([
      put.person(guest(1, "Eve")),
      {
        type: "put_room",
        room: {
          ...room(3, "public", "#cake"),
          name: "c",
          topic: "sweets",
          madeBy: "1:0a",
        },
      },
      put.member(3, 1, 2, 1),
      {
        type: "put_session",
        session: { ...session(5, 2), digest: "ee", seen: 3 },
      },
      {
        type: "put_rejection",
        rejection: { session: 5, ref: 0, code: 403, detail: "no" },
      },
    ]);
    const { people, rooms, members, sessions, rejections } = await store.load();
    assertEquals(people, [guest(1, "Eve"), guest(2)]);
    assertEquals(rooms[0], {
      ...room(3, "public", "#cake"),
      name: "c",
      topic: "sweets",
      madeBy: "1:0a",
      last: 0,
    });
    assertEquals(members[0], member(3, 1, 2, 1));
    assertEquals(sessions[0], { handle: 5, person: 2, digest: "ee", seen: 3 });
    assertEquals(rejections[0], {
      session: 5,
      ref: 0,
      code: 403,
      detail: "no",
    });
    assertEquals(rooms.length + members.length + sessions.length, 2 + 3 + 3);
  }],
  ["removes a person with memberships and sessions", async (store) => {
    await store.save(SMALL);
    await store.save([{ type: "remove_person", handle: 1 }]);
    const { people, rooms, members, sessions, rejections } = await store.load();
    assertEquals(people, [guest(2)]);
    assertEquals(rooms.map(({ handle }) => handle), [3, 4]);
    assertEquals(members, [member(3, 2)]);
    assertEquals(sessions, [session(6, 2)]);
    assertEquals(rejections, [rejection(6, 0), rejection(6, 1)]);
  }],
  ["removes a room with its members, not what was said", async (store) => {
    await store.append([draft("one", { room: "#tea" })]);
    await store.save(SMALL);
    await store.save([{ type: "remove_room", handle: 3 }]);
    const { rooms, members } = await store.load();
    assertEquals(rooms, [{ ...room(4, "group", "&4"), last: 0 }]);
    assertEquals(members, [member(4, 1, 1, 1)]);
    await store.save([put.room(8, "public", "#tea")]);
    assertEquals((await store.load()).rooms[1]?.last, 1);
    assertEquals((await store.load()).members, [member(4, 1, 1, 1)]);
  }],
  ["removes members, and sessions with their rejections", async (store) => {
    await store.save(SMALL);
    await store.save([
      { type: "remove_member", room: 3, person: 1 },
      { type: "remove_session", handle: 6 },
    ]);
    const { members, sessions, rejections } = await store.load();
    assertEquals(members, [member(3, 2), member(4, 1, 1, 1)]);
    assertEquals(sessions, [session(5, 1), session(7, 1)]);
    assertEquals(rejections, [rejection(5, 0)]);
  }],
  ["removes what isn't there without a word", async (store) => {
    await store.save(SMALL);
    const before = await store.load();
    await store.save([
      { type: "remove_person", handle: 99 },
      { type: "remove_room", handle: 99 },
      { type: "remove_member", room: 3, person: 99 },
      { type: "remove_member", room: 99, person: 1 },
      { type: "remove_session", handle: 99 },
    ]);
    await store.save([]);
    assertEquals(await store.load(), before);
  }],
  ["gives nobody what was somebody's under the same handle", async (store) => {
    await store.save(SMALL);
    await store.save([
      { type: "remove_person", handle: 1 },
      { type: "remove_room", handle: 3 },
      { type: "remove_session", handle: 6 },
      put.person(guest(1)),
      put.room(3, "public", "#tea"),
      put.session(5, 1),
      put.session(6, 2),
    ]);
    const { members, sessions, rejections } = await store.load();
    assertEquals(members, []);
    assertEquals(sessions, [session(5, 1), session(6, 2)]);
    assertEquals(rejections, []);
  }],
  ["moves cursors forward, and those of members alone", async (store) => {
    await store.save(SMALL);
    await store.save([
      move(3, 1, 7, 3),
      move(3, 2, 1, 1),
      move(4, 1, 0, 2),
      move(4, 2, 9, 9),
      move(99, 1, 9, 9),
    ]);
    await store.save([move(3, 1, 6, 6), move(3, 2, 0, 0)]);
    assertEquals((await store.load()).members, [
      member(3, 1, 7, 6),
      member(3, 2, 1, 1),
      member(4, 1, 1, 2),
    ]);
    await store.save([
      { type: "remove_member", room: 3, person: 1 },
      move(3, 1, 8, 8),
    ]);
    assertEquals((await store.load()).members.length, 2);
  }],
  ["leaves out what refers to nobody", async (store) => {
    await store.save(SMALL);
    const before = await store.load();
    await store.save([
      put.member(3, 99),
      put.member(99, 1),
      put.session(98, 99),
      put.rejection(98, 1),
      put.rejection(97, 1),
    ]);
    assertEquals(await store.load(), before);
  }],
];

const ORDER: readonly Case[] = [
  ["makes all changes of a save or none", async (store) => {
    await store.save(SMALL);
    const before = await store.load();
    await assertRejects(
      () =>
        store.save([
          { type: "remove_room", handle: 3 },
          { type: "remove_session", handle: 5 },
          move(4, 1, 9, 9),
          put.room(10, "public", "#tea"),
          put.person(guest(10)),
          put.member(10, 10),
          put.session(11, 10),
          put.person(guest(1, "Eve")),
          put.person(account(12, "EVE")),
          put.person(account(13, "eve")),
        ]),
      Error,
      "eve",
    );
    assertEquals(await store.load(), before);
    await store.save([put.person(account(13, "eve"))]);
    assertEquals((await store.load()).people.length, 3);
  }],
  ["makes changes in their order, of saves as well", async (store) => {
    await Promise.all([
      store.save([put.person(account(1, "ada"))]),
      store.save([
        { type: "remove_person", handle: 1 },
        put.person(account(2, "ADA")),
        { type: "remove_person", handle: 2 },
        put.person(account(3, "Ada")),
      ]),
      store.save([put.room(4, "public", "#a"), put.member(4, 3, 1, 1)]),
      store.save([move(4, 3, 5, 2), put.member(4, 3, 2, 2)]),
      store.save([move(4, 3, 3, 1)]),
    ]);
    const { people, members } = await store.load();
    assertEquals(people, [account(3, "Ada")]);
    assertEquals(members, [member(4, 3, 3, 2)]);
    await Promise.all(
      [3, 9, 5, 1].map((received) => store.save([put.member(4, 3, received)])),
    );
    assertEquals((await store.load()).members, [member(4, 3, 1)]);
  }],
  ["settles saves and appends in the order of the calls", async (store) => {
    const order: number[] = [];
    await Promise.all(Array.from({ length: 200 }, async (_, call) => {
      if (call % 3 === 0) await store.append([draft(`${call}`)]);
      else await store.save([put.person(guest(call))]);
      order.push(call);
    }));
    assertEquals(order, order.toSorted((a, b) => a - b));
    assertEquals(await store.last("#general"), 67);
    assertEquals((await store.load()).people.length, 133);
  }],
  ["writes saves and appends of others when one is refused", async (store) => {
    const settled: number[] = [];
    const works = [
      () => store.append([draft("a")]),
      () => store.save([put.person(account(1, "ada"))]),
      () => store.save([put.person(guest(9)), put.person(account(2, "ADA"))]),
      () => store.append([draft("b")]),
      () => store.save([put.person(account(3, "eve"))]),
    ];
    const outcomes = await Promise.allSettled(
      works.map((work, index) => work().finally(() => settled.push(index))),
    );
    assertEquals(outcomes.map(({ status }) => status), [
      "fulfilled",
      "fulfilled",
      "rejected",
      "fulfilled",
      "fulfilled",
    ]);
    assertEquals(settled, [0, 1, 2, 3, 4]);
    assertEquals(await store.last("#general"), 2);
    assertEquals((await store.load()).people, [
      account(1, "ada"),
      account(3, "eve"),
    ]);
  }],
];

const UNIQUE: readonly Case[] = [
  ["has no two accounts of one name, however it is written", async (store) => {
    await store.save([put.person(account(1, "Straße"))]);
    for (const name of ["STRASSE", "strasse", "Straße", "STRAẞE"]) {
      const error = await assertRejects(
        () => store.save([put.person(account(2, name))]),
        Error,
        "There is an account",
      );
      assert(!error.message.includes("254"), "a verifier is in an error");
    }
    // A guest may have that name, but not become an account; others may.
    await store.save([put.person(guest(2, "STRASSE"))]);
    await assertRejects(() => store.save([put.person(account(2, "STRASSE"))]));
    await store.save([put.person(account(3, "Strase"))]);
    await store.save([put.person(account(1, "STRASSE"))]);
    await store.save([put.person(guest(1, "STRASSE"))]);
    await store.save([put.person(account(2, "strasse"))]);
    assertEquals((await store.load()).people, [
      guest(1, "STRASSE"),
      account(2, "strasse"),
      account(3, "Strase"),
    ]);
  }],
  ["has no two rooms of one stream", async (store) => {
    await store.save([put.room(1, "public", "#a")]);
    await assertRejects(() => store.save([put.room(2, "public", "#a")]));
    await store.save([
      { type: "remove_room", handle: 1 },
      put.room(2, "public", "#a"),
    ]);
    assertEquals((await store.load()).rooms.map(({ handle }) => handle), [2]);
  }],
  ["gives each handle once", async (store) => {
    const handles = await Promise.all(
      Array.from({ length: 2_500 }, () => store.handle()),
    );
    assert(handles.every((handle) => Number.isSafeInteger(handle)));
    assert(Math.min(...handles) > 0);
    assertEquals(new Set(handles).size, 2_500);
  }],
  ["says of no change of its own that accounts changed", async (store) => {
    await store.save(SMALL);
    await store.handle();
    await store.append([draft("a")]);
    assertEquals(await store.accounts(), undefined);
  }],
];

/** Runs the suite for one implementation. */
export function testState({ name, withStore }: StateImplementation): void {
  for (const [what, test] of [...KEEPING, ...ORDER, ...UNIQUE]) {
    Deno.test(`${name} ${what}`, () => withStore(test));
  }
}
