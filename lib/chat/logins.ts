/**
 * How somebody comes in: by a name, with a password if the name has an account,
 * or with the token of a session that was kept.
 *
 * - A name that has an account MUST NOT be used without its password.
 * - Whether a name has an account makes no difference to the answer of a wrong
 *   password and to the time it takes. (That a guest may take a name tells that
 *   it has none.)
 * - Checks are slowed down by `throttle.ts`, and their number is bounded.
 *
 * @module
 */

import {
  LOBBY,
  type Login,
  type LoginAck,
  type Name,
  parseUsername,
  type Position,
  refusal,
  RemoteProtocolError,
  type Resume,
} from "../wire/mod.ts";
import type { Accounts } from "./accounts.ts";
import type { Arrivals } from "./arrivals.ts";
import type { Core } from "./core.ts";
import { KeptSession, type KeptSessions } from "./kept_sessions.ts";
import { Members } from "./members.ts";
import { Person, type Session } from "./people.ts";
import type { Passwords } from "./passwords.ts";
import type { People } from "./people_list.ts";
import type { Question, QuestionKind, Questions } from "./questions.ts";
import { putPerson, roomStates } from "./records.ts";
import { loginReject } from "./replies.ts";
import type { Receipts } from "./receipts.ts";
import type { Rooms } from "./rooms.ts";
import type { Seats } from "./seats.ts";
import type { Change } from "./state.ts";

/** What logins are made of. */
export interface LoginParts<Peer> {
  readonly core: Core<Peer>;
  readonly people: People<Peer>;
  readonly rooms: Rooms<Peer>;
  readonly seats: Seats<Peer>;
  readonly receipts: Receipts<Peer>;
  readonly members: Members<Peer>;
  readonly kept: KeptSessions<Peer>;
  readonly accounts: Accounts<Peer>;
  readonly passwords: Passwords<Peer>;
  readonly arrivals: Arrivals<Peer>;
  /** Nobody comes in without an account. */
  readonly accountsOnly: boolean;
  /** A session is somebody's from now on. */
  readonly admitted: (session: Session<Peer>, now: number) => void;
}

/** Somebody on the way in. */
interface Arrival<Peer> {
  readonly person: Person<Peer>;
  /** Present when the session is to be kept. */
  readonly keep?: true | undefined;
  /** What the client has already. */
  readonly positions?: readonly Position[];
  /** To be told first. */
  readonly note?: string;
}

/** The door. */
export class Logins<Peer> {
  readonly #parts: LoginParts<Peer>;

  constructor(parts: LoginParts<Peer>) {
    this.#parts = parts;
  }

  /** Answers a login, some time later. */
  login(session: Session<Peer>, request: Login, now: number): void {
    this.#attempt(session, now, () => {
      if (session.refusal !== undefined) throw session.refusal;
      this.#parts.arrivals.count(session, now);
      const name = parseUsername(request.username);
      this.#arrive(session, (handle, now) => {
        this.#enter(session, request, name, handle, now);
      });
    });
  }

  /** Answers a resumption, some time later. */
  resume(session: Session<Peer>, request: Resume, now: number): void {
    this.#attempt(session, now, () => {
      if (session.refusal !== undefined) throw session.refusal;
      this.#parts.arrivals.count(session, now);
      const { token, positions } = request;
      this.#arrive(session, () => {
        this.#ask(session, { kind: "digest", token }, (digest, now) => {
          const kept = this.#parts.kept.find(digest);
          // A guest may be of a time before nobody came in without an account.
          if (!kept || this.#parts.accountsOnly && !kept.person.account) {
            throw refusal(401, "this session is over, log in by name");
          }
          this.#takeUp(session, kept, positions, now);
        });
      });
    });
  }

  /** Lets in who has made an account just now. */
  enter(
    session: Session<Peer>,
    person: Person<Peer>,
    keep: true | undefined,
    now: number,
  ): void {
    this.#attempt(session, now, () => {
      this.#admit(session, { person, keep }, now);
    });
  }

  /** Does a part of it; what it throws rejects the login. */
  #attempt(session: Session<Peer>, now: number, work: () => void): void {
    if (session.closed) return;
    session.busy = true;
    try {
      work();
    } catch (error) {
      if (!(error instanceof RemoteProtocolError)) throw error;
      this.#reject(session, error, now);
    }
  }

  /** Goes on with a handle, knowing what other programs did to accounts. */
  #arrive(
    session: Session<Peer>,
    arrived: (handle: number, now: number) => void,
  ): void {
    this.#parts.accounts.arrive(
      (handle, now) => this.#attempt(session, now, () => arrived(handle, now)),
      (detail, now) => this.#fail(session, detail, now),
    );
  }

  #reject(session: Session<Peer>, error: RemoteProtocolError, now: number) {
    const { core } = this.#parts;
    core.reply(session, loginReject(error));
    const again = session.retries && session.person === undefined;
    if (again && !error.fatal) core.turns.release(session, now);
    else core.turns.close(session, now);
  }

  #ask<Kind extends QuestionKind>(
    session: Session<Peer>,
    question: Question<Peer, Kind>,
    answered: (
      answer: Questions<Peer>[Kind]["answer"],
      now: number,
    ) => void,
  ): void {
    this.#parts.core.ask(
      question,
      (answer, now) => this.#attempt(session, now, () => answered(answer, now)),
      (detail, now) => this.#fail(session, detail, now),
    );
  }

  #fail(session: Session<Peer>, detail: string, now: number): void {
    this.#attempt(session, now, () => {
      throw refusal(500, detail);
    });
  }

  #enter(
    session: Session<Peer>,
    { password, keep, account }: Login,
    name: Name,
    handle: number,
    now: number,
  ): void {
    const { people, passwords, arrivals } = this.#parts;
    const accountsOnly = this.#parts.accountsOnly || session.accountsOnly;
    const known = people.find(name.key);
    if (account && !known?.account) {
      throw refusal(404, `there is no account ${name.shown}`);
    }
    if (known?.account || accountsOnly) {
      if (password === undefined) {
        throw refusal(401, "this name can be used with its password alone");
      }
      const person = known?.account ? known : undefined;
      passwords.check(session, { name, person, password }, now, {
        done: (right, now) =>
          this.#attempt(session, now, () => {
            if (!right || person === undefined) {
              throw refusal(401, "the name or the password is wrong");
            }
            this.#admit(session, { person, keep }, now);
          }),
        failed: (detail, now) => this.#fail(session, detail, now),
      });
      return;
    }
    if (known !== undefined) this.#displace(known, name, now);
    arrivals.checkGuest(session);
    const person = new Person<Peer>(handle, name, now);
    people.add(person);
    const note = password === undefined
      ? {}
      : { note: `${name.shown} has no account here: you are a guest` };
    this.#admit(session, { person, keep, ...note }, now);
  }

  /**
   * A guest who has asked nothing for long gives its name up.
   *
   * @throws {RemoteProtocolError} 409, not fatal.
   */
  #displace(known: Person<Peer>, { shown }: Name, now: number): void {
    const { core, accounts } = this.#parts;
    const last = Math.max(...[...known.sessions].map(({ seen }) => seen));
    const idle = known.here && last + core.limits.guestIdle <= now;
    if (!idle || known.registering) {
      throw refusal(409, `somebody is here as ${shown}`);
    }
    accounts.evict(known, `${shown} was idle, and somebody came for it`, now);
  }

  #admit(session: Session<Peer>, arrival: Arrival<Peer>, now: number): void {
    const { person, keep } = arrival;
    const { people, rooms, members, admitted } = this.#parts;
    session.person = person;
    if (!person.here) people.count(1);
    people.place(person, session.network);
    person.sessions.add(session);
    admitted(session, now);
    const failed = (detail: string, now: number) =>
      this.#fail(session, detail, now);
    const enter = (token?: string) =>
      rooms.whenOpen(rooms.lobby, {
        opened: (now) => {
          const fresh = !rooms.lobby.members.has(person);
          members.add(rooms.lobby, [person], {
            done: (now) => this.#settle(session, arrival, fresh, token, now),
            failed,
          }, now);
        },
        failed,
      }, now);
    if (!keep) return enter();
    this.#ask(session, { kind: "token" }, ({ handle, token, digest }, now) => {
      const kept = new KeptSession(handle, person, digest);
      this.#keep(session, kept, () => enter(token), now);
    });
  }

  /** Writes a session that is to be kept, and what it keeps of a guest. */
  #keep(
    session: Session<Peer>,
    kept: KeptSession<Peer>,
    written: () => void,
    now: number,
  ): void {
    const { core, kept: all, accounts } = this.#parts;
    const { person } = kept;
    const changes = [...personChanges(person), kept.change(now)];
    // The store is to hear from now on what becomes of its guest.
    person.recorded = true;
    for (const room of person.rooms) room.stored = true;
    all.add(kept);
    all.use(kept, session, now);
    const drop = (now: number) => {
      all.remove(kept);
      session.kept = undefined;
      accounts.endGuest(person, now);
    };
    core.ask({ kind: "save", changes }, (_, now) => {
      if (!session.closed) return this.#attempt(session, now, written);
      // Nobody was told the token.
      drop(now);
      core.save([{ type: "remove_session", handle: kept.handle }]);
    }, (detail, now) => {
      drop(now);
      this.#fail(session, detail, now);
    });
  }

  /** Everything is there: answers, and shows what was missed. */
  #settle(
    session: Session<Peer>,
    { person, positions = [], note }: Arrival<Peer>,
    fresh: boolean,
    token: string | undefined,
    now: number,
  ): void {
    if (session.closed) return;
    const { core, rooms, seats, receipts } = this.#parts;
    const { lobby } = rooms;
    for (const { room: handle, sequence } of positions) {
      const room = rooms.byHandle(handle);
      if (room) receipts.state(session, room, { received: sequence }, now);
    }
    session.room = lobby;
    core.reply(session, acknowledgement(session, person, token));
    if (note !== undefined) {
      core.send(session, { type: "system_msg", text: note });
    }
    const many = session.reach === "many";
    if (session.reach === "none") return core.turns.release(session, now);
    if (many) core.send(session, { type: "rooms", rooms: roomStates(person) });
    const has = new Map(positions.map((at) => [at.room, at.sequence]));
    for (const room of person.rooms) {
      if (!many && room !== lobby && room.kind !== "direct") continue;
      const received = room.members.get(person)?.received ?? room.last;
      // Another of its sessions may have come in first, and the room gone on.
      const start = fresh && room === lobby
        ? Math.min(received, Math.max(0, room.last - core.limits.joinHistory))
        : received;
      seats.take(session, room, has.get(room.handle) ?? start, now);
    }
    core.turns.release(session, now);
  }

  /** Goes on with a session that was kept. */
  #takeUp(
    session: Session<Peer>,
    kept: KeptSession<Peer>,
    positions: readonly Position[],
    now: number,
  ): void {
    const { session: old, person } = kept;
    this.#parts.kept.use(kept, session, now);
    this.#parts.core.save([kept.change(now)]);
    this.#admit(session, { person, positions }, now);
    if (old === undefined) return;
    const detail = "this session goes on with another connection";
    this.#parts.core.dismiss(old, 409, detail, now);
  }
}

function acknowledgement<Peer>(
  { reach, room }: Session<Peer>,
  { name, handle }: Person<Peer>,
  token: string | undefined,
): LoginAck {
  const ack = { type: "login_ack", username: name.shown, room: LOBBY } as const;
  if (reach === "one") return ack;
  return {
    ...ack,
    user: handle,
    ...room !== undefined && { roomHandle: room.handle },
    ...token !== undefined && { token },
  };
}

/** What the store is to know of somebody whose session is kept. */
function personChanges<Peer>(person: Person<Peer>): Change[] {
  // A guest may have been asked into rooms already.
  return person.account
    ? []
    : [putPerson(person), ...Members.changesOf(person)];
}
