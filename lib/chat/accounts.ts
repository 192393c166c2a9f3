/**
 * Who has an account, and what others do to accounts while the server runs
 * (`chatp user`).
 *
 * @module
 */

import { foldName, type Name } from "../wire/mod.ts";
import type { Core } from "./core.ts";
import type { KeptSessions } from "./kept_sessions.ts";
import type { Members } from "./members.ts";
import { Person, type Session } from "./people.ts";
import type { People } from "./people_list.ts";
import type { PersonRecord, Verifier } from "./state.ts";

/** What accounts are made of. */
export interface AccountParts<Peer> {
  readonly core: Core<Peer>;
  readonly people: People<Peer>;
  readonly members: Members<Peer>;
  readonly kept: KeptSessions<Peer>;
}

/** All accounts. */
export class Accounts<Peer> {
  readonly #parts: AccountParts<Peer>;

  constructor(parts: AccountParts<Peer>) {
    this.#parts = parts;
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
        this.welcome(person, now);
        people.add(person);
      } else if (!sameVerifier(known.verifier, verifier)) {
        known.verifier = verifier;
        this.endSessions(known, "the password was changed", now);
      }
    }
  }

  /** A guest gives way to the account of its name. */
  welcome({ name }: Person<Peer>, now: number): void {
    const guest = this.#parts.people.find(name.key);
    if (guest === undefined) return;
    this.evict(guest, `${name.shown} has an account now`, now);
  }

  /** A guest has to go, whether it is here or not. */
  evict(guest: Person<Peer>, why: string, now: number): void {
    this.endSessions(guest, why, now);
    this.#strike(guest, now);
  }

  /** A guest who isn't here and can't come back is nobody any more. */
  endGuest(person: Person<Peer>, now: number): void {
    if (!person.here && !person.stored) this.#strike(person, now);
  }

  /** A guest is nobody any more. */
  #strike(person: Person<Peer>, now: number): void {
    const { core, people, members } = this.#parts;
    people.remove(person);
    members.forget(person, now);
    if (!person.recorded) return;
    person.recorded = false;
    core.save([{ type: "remove_person", handle: person.handle }]);
  }

  #end(person: Person<Peer>, now: number): void {
    const { people, members } = this.#parts;
    this.endSessions(person, "this account was removed", now);
    person.verifier = undefined;
    people.remove(person);
    members.forget(person, now);
  }

  /** Ends all sessions of somebody, kept or not, but one. */
  endSessions(
    person: Person<Peer>,
    why: string,
    now: number,
    but?: Session<Peer>,
  ): void {
    const { core, kept } = this.#parts;
    const tokens = [...person.kept].filter((each) => each !== but?.kept);
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

function sameVerifier(a: Verifier | undefined, b: Verifier): boolean {
  return a?.rounds === b.rounds && `${a.salt}` === `${b.salt}` &&
    `${a.hash}` === `${b.hash}`;
}
