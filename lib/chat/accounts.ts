/**
 * Accounts: making them, their passwords, and what others do to them while the
 * server runs (`chatp user`).
 *
 * @module
 */

import {
  type ChangePassword,
  foldName,
  type Name,
  parseUsername,
  type Register,
  textBytes,
} from "../wire/mod.ts";
import type { Core } from "./core.ts";
import type { KeptSessions } from "./kept_sessions.ts";
import { putPerson } from "./logins.ts";
import { Members } from "./members.ts";
import { Person, type Session } from "./people.ts";
import type { People } from "./people_list.ts";
import { refusal } from "./replies.ts";
import type { Change, PersonRecord, Verifier } from "./state.ts";
import { Throttle } from "./throttle.ts";

/** Bytes of UTF-8 in a password, at most. */
const PASSWORD_BYTES = 1_024;

/** What a password is checked for. */
interface Check<Peer> {
  readonly name: Name;
  /** Whose it should be; nobody's is never right. */
  readonly person: Person<Peer> | undefined;
  readonly password: string;
}

/** What happens with a check. */
interface Checked {
  done(right: boolean, now: number): void;
  failed(detail: string, now: number): void;
}

/** What accounts are made of. */
export interface AccountParts<Peer> {
  readonly core: Core<Peer>;
  readonly people: People<Peer>;
  readonly members: Members<Peer>;
  readonly kept: KeptSessions<Peer>;
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

/** All accounts. */
export class Accounts<Peer> {
  readonly #parts: AccountParts<Peer>;
  readonly #throttle = new Throttle();
  /** Passwords that wait to be checked or hashed. */
  #checks = 0;

  constructor(parts: AccountParts<Peer>) {
    this.#parts = parts;
  }

  /**
   * Checks a password.
   *
   * @throws {RemoteProtocolError} 429 when there were too many before.
   */
  check(
    session: Session<Peer>,
    { name, person, password }: Check<Peer>,
    now: number,
    then: Checked,
  ): void {
    const { address } = session;
    const attempt = this.#begin(address, name.key, now);
    const verifier = person?.verifier;
    const checked = { password, delay: attempt.wait };
    this.#checks++;
    this.#parts.core.ask(
      { kind: "verify", ...checked, ...verifier && { verifier } },
      (right, now) => {
        this.#checks--;
        // It may have been changed or removed meanwhile.
        const ok = right && person?.verifier === verifier &&
          verifier !== undefined;
        if (ok) this.#throttle.succeeded(attempt, now);
        then.done(ok, now);
      },
      (detail, now) => {
        this.#checks--;
        then.failed(detail, now);
      },
    );
  }

  #begin(address: string, account: string, now: number) {
    if (this.#checks >= this.#parts.core.limits.passwordChecks) {
      throw refusal(429, "too many passwords are being checked");
    }
    const attempt = this.#throttle.begin({ address, account }, now);
    if (attempt.type === "admitted") return attempt;
    const { seconds } = attempt;
    throw refusal(429, `too many failed tries, the next one in ${seconds} s`);
  }

  /** A verifier for a new password, in its turn. */
  #hash(
    session: Session<Peer>,
    password: string,
    now: number,
    hashed: (verifier: Verifier, now: number) => void,
  ): void {
    const { core } = this.#parts;
    checkPassword(password);
    // No name is like that: each address has a count of its own for this.
    const { address } = session;
    const { wait } = this.#begin(address, `new password from ${address}`, now);
    this.#checks++;
    session.busy = true;
    core.ask(
      { kind: "hash", password, delay: wait },
      (verifier, now) => {
        this.#checks--;
        core.attempt(session, now, () => {
          hashed(verifier, now);
          return false;
        });
      },
      (detail, now) => {
        this.#checks--;
        core.attempt(session, now, () => {
          throw refusal(500, detail);
        });
      },
    );
  }

  /**
   * Gets a handle for somebody who is on the way in. The store tells once what
   * other programs did to accounts: it counts also when nobody waits any more.
   */
  arrive(
    arrived: (handle: number, now: number) => void,
    failed: (detail: string, now: number) => void,
  ): void {
    this.#parts.core.ask({ kind: "arrival" }, ({ handle, accounts }, now) => {
      if (accounts !== undefined) this.update(accounts, now);
      arrived(handle, now);
    }, failed);
  }

  /**
   * Answers a registration, some time later.
   *
   * @throws {RemoteProtocolError} when it can't be.
   */
  register(session: Session<Peer>, request: Register): void {
    const { core, accountsOnly } = this.#parts;
    if (session.refusal !== undefined) throw session.refusal;
    if (accountsOnly) {
      throw refusal(403, "accounts are made by whoever runs this server");
    }
    const { person } = session;
    if (person?.account) throw refusal(409, "you have an account");
    if (person === undefined && request.username === undefined) {
      throw refusal(400, "an account has a name");
    }
    const name = person?.name ?? parseUsername(request.username ?? "");
    checkPassword(request.password);
    session.busy = true;
    const arrived = (handle: number, now: number) =>
      core.attempt(session, now, () => {
        if (person === undefined) this.#checkFree(name);
        this.#hash(session, request.password, now, (verifier, now) => {
          if (person !== undefined) this.#promote(session, person, verifier);
          else this.#make(session, request, name, handle, verifier, now);
        });
        return false;
      });
    this.arrive(arrived, (detail, now) =>
      core.attempt(session, now, () => {
        throw refusal(500, detail);
      }));
  }

  #checkFree({ key, shown }: Name): void {
    if (this.#parts.people.find(key) !== undefined) {
      throw refusal(409, `${shown} is taken`);
    }
  }

  /** A guest becomes an account. */
  #promote(
    session: Session<Peer>,
    person: Person<Peer>,
    verifier: Verifier,
  ): void {
    const { core } = this.#parts;
    const changes = [
      withVerifier(putPerson(person), verifier),
      ...Members.changesOf(person),
    ];
    // It stays somebody until that is written, even if it leaves.
    person.registering = true;
    this.#write(session, changes, () => {
      person.registering = false;
      person.verifier = verifier;
      person.recorded = true;
      for (const room of person.rooms) room.stored = true;
      core.reply(session, { type: "register", username: person.name.shown });
      return true;
    }, (now) => {
      person.registering = false;
      this.endGuest(person, now);
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
    const { people, enter } = this.#parts;
    this.#checkFree(name);
    const person = new Person<Peer>(handle, name, now, verifier);
    const changes = [putPerson(person)];
    this.#write(session, changes, (now) => {
      this.#welcome(person, now);
      people.add(person);
      enter(session, person, keep, now);
      return false;
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
    failed: (now: number) => void = () => {},
  ): void {
    const { core } = this.#parts;
    session.busy = true;
    core.ask({ kind: "save", changes }, (_, now) => {
      const goesOn = written(now);
      core.attempt(session, now, () => goesOn);
    }, (detail, now) => {
      failed(now);
      core.attempt(session, now, () => {
        throw refusal(500, detail);
      });
    });
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
    const { core } = this.#parts;
    if (!person.account) throw refusal(403, "a guest has no password");
    checkPassword(newPassword);
    this.check(session, { name: person.name, person, password }, now, {
      done: (right, now) =>
        core.attempt(session, now, () => {
          if (!right) throw refusal(401, "the password is wrong");
          this.#hash(session, newPassword, now, (verifier) => {
            this.#replaceIfUnchanged(session, person, verifier);
          });
          return false;
        }),
      failed: (detail, now) =>
        core.attempt(session, now, () => {
          throw refusal(500, detail);
        }),
    });
    session.busy = true;
  }

  /**
   * Replaces a password that no other program has changed meanwhile: whoever
   * runs the server has the last word, and their word ends the session.
   */
  #replaceIfUnchanged(
    session: Session<Peer>,
    person: Person<Peer>,
    verifier: Verifier,
  ): void {
    const { core } = this.#parts;
    this.arrive(
      (_, now) =>
        core.attempt(session, now, () => {
          this.#replace(session, person, verifier);
          return false;
        }),
      (detail, now) =>
        core.attempt(session, now, () => {
          throw refusal(500, detail);
        }),
    );
  }

  /** Writes a new password; whoever knew the old one is out. */
  #replace(
    session: Session<Peer>,
    person: Person<Peer>,
    verifier: Verifier,
  ): void {
    const { core } = this.#parts;
    const changes: Change[] = [withVerifier(putPerson(person), verifier)];
    for (const { handle } of person.kept) {
      changes.push({ type: "remove_session", handle });
    }
    this.#write(session, changes, (now) => {
      person.verifier = verifier;
      core.reply(session, { type: "change_password" });
      this.#endSessions(person, "the password was changed", now, session);
      return true;
    });
  }

  /** Takes over what another program made of the accounts. */
  update(records: readonly PersonRecord[], now: number): void {
    const { people } = this.#parts;
    const handles = new Set(records.map(({ handle }) => handle));
    // These first: one may have been made anew, under the same name.
    for (const person of [...people.all]) {
      if (person.account && !handles.has(person.handle)) this.#end(person, now);
    }
    for (const { handle, name, verifier, created } of records) {
      if (verifier === undefined) continue;
      const known = people.byHandle(handle);
      if (known === undefined || !known.account) {
        const person = new Person<Peer>(
          handle,
          nameOf(name),
          created,
          verifier,
        );
        this.#welcome(person, now);
        people.add(person);
      } else if (!sameVerifier(known.verifier, verifier)) {
        known.verifier = verifier;
        this.#endSessions(known, "the password was changed", now);
      }
    }
  }

  /** A guest gives way to the account of its name. */
  #welcome({ name }: Person<Peer>, now: number): void {
    const { people, members } = this.#parts;
    const guest = people.find(name.key);
    if (guest === undefined) return;
    this.#endSessions(guest, `${name.shown} has an account now`, now);
    people.remove(guest);
    members.forget(guest, now);
    if (!guest.recorded) return;
    this.#parts.core.save([{ type: "remove_person", handle: guest.handle }]);
  }

  /** A guest who isn't here and can't come back is nobody any more. */
  endGuest(person: Person<Peer>, now: number): void {
    if (person.here || person.stored) return;
    const { core, people, members } = this.#parts;
    people.remove(person);
    members.forget(person, now);
    if (person.recorded) {
      core.save([{ type: "remove_person", handle: person.handle }]);
    }
  }

  #end(person: Person<Peer>, now: number): void {
    const { people, members } = this.#parts;
    this.#endSessions(person, "this account was removed", now);
    person.verifier = undefined;
    people.remove(person);
    members.forget(person, now);
  }

  /** Ends all sessions of somebody but one, and makes all tokens void. */
  #endSessions(
    person: Person<Peer>,
    why: string,
    now: number,
    but?: Session<Peer>,
  ): void {
    const { core, kept } = this.#parts;
    const tokens = [...person.kept];
    for (const each of tokens) {
      kept.remove(each);
      if (each.session !== undefined) each.session.kept = undefined;
    }
    for (const session of [...person.sessions]) {
      if (session !== but) core.dismiss(session, 401, why, now);
    }
    // One may have been written after whoever ended them removed the others.
    core.save(
      tokens.map(({ handle }) => ({ type: "remove_session", handle })),
    );
  }
}

/** A name that was checked when it was taken. */
export function nameOf(shown: string): Name {
  return { shown, key: foldName(shown) };
}

function checkPassword(password: string): void {
  // A unit of UTF-16 has three bytes at most.
  const long = password.length > PASSWORD_BYTES ||
    textBytes(password) > PASSWORD_BYTES;
  if (long) {
    throw refusal(413, `a password has at most ${PASSWORD_BYTES} bytes`);
  }
  if (!password.isWellFormed()) throw refusal(400, "the password is no text");
  if (password === "") throw refusal(400, "the password is empty");
}

function withVerifier(change: Change, verifier: Verifier): Change {
  return change.type === "put_person"
    ? { ...change, person: { ...change.person, verifier } }
    : change;
}

function sameVerifier(a: Verifier | undefined, b: Verifier): boolean {
  return a?.rounds === b.rounds && `${a.salt}` === `${b.salt}` &&
    `${a.hash}` === `${b.hash}`;
}
