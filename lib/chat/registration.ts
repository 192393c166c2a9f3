/**
 * What people do to their own accounts: making one, changing its password.
 *
 * What is in the store holds: a change that was written counts also when whoever
 * asked for it has gone.
 *
 * @module
 */

import {
  type ChangePassword,
  type Name,
  parseUsername,
  refusal,
  type Register,
} from "../wire/mod.ts";
import type { Accounts } from "./accounts.ts";
import type { Arrivals } from "./arrivals.ts";
import type { Core } from "./core.ts";
import type { KeptSession, KeptSessions } from "./kept_sessions.ts";
import { Members } from "./members.ts";
import { checkPassword, type Passwords } from "./passwords.ts";
import { Person, type Session } from "./people.ts";
import type { People } from "./people_list.ts";
import type { Questions } from "./questions.ts";
import { putPerson } from "./records.ts";
import type { Change, Verifier } from "./state.ts";

/** What registration is made of. */
export interface RegistrationParts<Peer> {
  readonly core: Core<Peer>;
  readonly people: People<Peer>;
  readonly accounts: Accounts<Peer>;
  readonly kept: KeptSessions<Peer>;
  readonly passwords: Passwords<Peer>;
  readonly arrivals: Arrivals<Peer>;
  /** Accounts are made by whoever runs the server alone. */
  readonly accountsOnly: boolean;
  /** Lets in who has made an account just now. */
  readonly enter: (
    session: Session<Peer>,
    person: Person<Peer>,
    keep: true | undefined,
    now: number,
  ) => void;
}

/** A token that nobody has yet. */
type Ticket = Pick<
  Questions<never>["token"]["answer"],
  "token" | "digest"
>;

/** What takes a password's place, and its token's, if the session is kept. */
interface Replacement {
  readonly verifier: Verifier;
  readonly ticket: Ticket | undefined;
}

/** The desk. */
export class Registration<Peer> {
  readonly #parts: RegistrationParts<Peer>;
  /** Names, by their keys, whose new accounts are on their way to the store. */
  readonly #making = new Set<string>();

  constructor(parts: RegistrationParts<Peer>) {
    this.#parts = parts;
  }

  /**
   * Answers a registration, some time later.
   *
   * @throws {RemoteProtocolError} when it can't be.
   */
  register(session: Session<Peer>, request: Register, now: number): void {
    const { core, accounts, passwords, arrivals, accountsOnly } = this.#parts;
    if (session.refusal !== undefined) throw session.refusal;
    if (accountsOnly) {
      throw refusal(403, "accounts are made by whoever runs this server");
    }
    const { person } = session;
    if (person === undefined) arrivals.count(session, now);
    if (person?.account) throw refusal(409, "you have an account");
    if (person === undefined && request.username === undefined) {
      throw refusal(400, "an account has a name");
    }
    const name = person?.name ?? parseUsername(request.username ?? "");
    checkPassword(request.password);
    session.busy = true;
    const arrived = (handle: number, now: number) =>
      core.attempt(session, now, () => {
        this.#checkFree(name, person);
        passwords.hash(session, request.password, now, (verifier, now) => {
          this.#checkFree(name, person);
          if (person !== undefined) this.#promote(session, person, verifier);
          else this.#make(session, request, name, handle, verifier, now);
        });
        return false;
      });
    accounts.arrive(arrived, (detail, now) => core.fail(session, detail, now));
  }

  /** Whether nobody has a name but the guest who asks, if it is one. */
  #checkFree({ key, shown }: Name, guest: Person<Peer> | undefined): void {
    if (this.#parts.people.find(key) !== guest || this.#making.has(key)) {
      throw refusal(409, `${shown} is taken`);
    }
  }

  /**
   * Answers a registration that was not written: another program may have given
   * the name to somebody else meanwhile.
   */
  #refuse(
    session: Session<Peer>,
    name: Name,
    guest: Person<Peer> | undefined,
    detail: string,
  ): void {
    const { core, accounts } = this.#parts;
    const looked = (now: number) =>
      core.attempt(session, now, () => {
        this.#checkFree(name, guest);
        throw refusal(500, detail);
      });
    accounts.arrive((_, now) => looked(now), (_, now) => looked(now));
  }

  /** A guest becomes an account. */
  #promote(
    session: Session<Peer>,
    person: Person<Peer>,
    verifier: Verifier,
  ): void {
    const { core } = this.#parts;
    const changes = [
      putPerson(person, verifier),
      ...Members.changesOf(person),
    ];
    // It stays somebody until that is written, even if it leaves.
    person.registering = true;
    // The store is to hear from now on what becomes of its rooms.
    for (const room of person.rooms) room.stored = true;
    this.#write(session, changes, () => {
      person.registering = false;
      person.verifier = verifier;
      person.recorded = true;
      core.reply(session, { type: "register", username: person.name.shown });
      return true;
    }, (detail, now) => {
      person.registering = false;
      this.#parts.accounts.endGuest(person, now);
      this.#refuse(session, person.name, person, detail);
    });
  }

  /** Somebody who isn't logged in gets an account, and is. */
  #make(
    session: Session<Peer>,
    { keep }: Register,
    name: Name,
    handle: number,
    verifier: Verifier,
    now: number,
  ): void {
    const { people, accounts, enter } = this.#parts;
    const person = new Person<Peer>(handle, name, now, verifier);
    const changes = [putPerson(person)];
    this.#making.add(name.key);
    this.#write(session, changes, (now) => {
      this.#making.delete(name.key);
      accounts.welcome(person, now);
      people.add(person);
      enter(session, person, keep, now);
      return false;
    }, (detail) => {
      this.#making.delete(name.key);
      this.#refuse(session, name, undefined, detail);
    });
  }

  /**
   * Writes what a session asked for. `written` is called also when the session
   * is gone by then: what is in the store holds. With true the session goes on.
   */
  #write(
    session: Session<Peer>,
    changes: readonly Change[],
    written: (now: number) => boolean,
    failed: (detail: string, now: number) => void,
  ): void {
    const { core } = this.#parts;
    session.busy = true;
    core.ask({ kind: "save", changes }, (_, now) => {
      const goesOn = written(now);
      core.attempt(session, now, () => goesOn);
    }, failed);
  }

  /**
   * Answers a change of password, some time later.
   *
   * @throws {RemoteProtocolError} when it can't be.
   */
  changePassword(
    session: Session<Peer>,
    person: Person<Peer>,
    { password, newPassword }: ChangePassword,
    now: number,
  ): void {
    const { core, passwords } = this.#parts;
    if (!person.account) throw refusal(403, "a guest has no password");
    checkPassword(newPassword);
    passwords.check(session, { name: person.name, person, password }, now, {
      done: (right, now) =>
        core.attempt(session, now, () => {
          if (!right) throw refusal(401, "the password is wrong");
          passwords.hash(session, newPassword, now, (verifier) => {
            this.#retoken(session, (ticket) =>
              this.#replaceIfUnchanged(session, person, { verifier, ticket }));
          });
          return false;
        }),
      failed: (detail, now) => core.fail(session, detail, now),
    });
    session.busy = true;
  }

  /** Goes on with a new token, if the session is kept. */
  #retoken(
    session: Session<Peer>,
    then: (ticket: Ticket | undefined) => void,
  ): void {
    if (session.kept === undefined) return then(undefined);
    this.#parts.core.askFor(session, { kind: "token" }, (ticket) => {
      then(ticket);
      return false;
    });
  }

  /**
   * Replaces a password that no other program has changed meanwhile: whoever
   * runs the server has the last word, and their word ends the session.
   */
  #replaceIfUnchanged(
    session: Session<Peer>,
    person: Person<Peer>,
    replacement: Replacement,
  ): void {
    const { core, accounts } = this.#parts;
    accounts.arrive(
      (_, now) =>
        core.attempt(session, now, () => {
          this.#replace(session, person, replacement, now);
          return false;
        }),
      (detail, now) => core.fail(session, detail, now),
    );
  }

  /**
   * Writes a new password; whoever knew the old one is out, and so is every
   * token. The session that is kept goes on under another one.
   */
  #replace(
    session: Session<Peer>,
    person: Person<Peer>,
    { verifier, ticket }: Replacement,
    now: number,
  ): void {
    const { core, accounts } = this.#parts;
    const changes: Change[] = [putPerson(person, verifier)];
    for (const kept of person.kept) {
      changes.push(
        kept === session.kept && ticket !== undefined
          ? kept.change(now, ticket.digest)
          : { type: "remove_session", handle: kept.handle },
      );
    }
    this.#write(session, changes, (now) => {
      person.verifier = verifier;
      const kept = session.closed ? undefined : session.kept;
      const token = kept && ticket && this.#rename(kept, ticket, now);
      core.reply(session, {
        type: "change_password",
        ...token !== undefined && { token },
      });
      const but = session.closed ? undefined : session;
      accounts.endSessions(person, "the password was changed", now, but);
      return true;
    }, (detail, now) => core.fail(session, detail, now));
  }

  /** Answers the token by which a session goes from now on. */
  #rename(kept: KeptSession<Peer>, ticket: Ticket, now: number): string {
    this.#parts.kept.rename(kept, ticket.digest);
    // It may have been written again meanwhile, with the digest before.
    this.#parts.core.save([kept.change(now)]);
    return ticket.token;
  }
}
