/**
 * Which part of the hub answers which request. Messages are not among them:
 * these are said (`speech.ts`).
 *
 * @module
 */

import { refusal, type Request } from "../wire/mod.ts";
import { Arrivals } from "./arrivals.ts";
import { Groups } from "./groups.ts";
import { Joins } from "./joins.ts";
import { type LoginParts, Logins } from "./logins.ts";
import { Mailbox } from "./mailbox.ts";
import { loggedIn } from "./messages.ts";
import { Passwords } from "./passwords.ts";
import type { Session } from "./people.ts";
import { PublicKeys } from "./public_keys.ts";
import { Queries } from "./queries.ts";
import type { Receipts } from "./receipts.ts";
import { Registration } from "./registration.ts";
import { Sayings } from "./sayings.ts";
import type { Sessions } from "./sessions.ts";

/** What the parts that answer are made of. */
export interface DispatchParts<Peer>
  extends Omit<LoginParts<Peer>, "passwords" | "arrivals"> {
  readonly receipts: Receipts<Peer>;
  readonly sessions: Sessions<Peer>;
}

/** Hands requests to those who answer them. */
export class Dispatch<Peer> {
  readonly #sessions: Sessions<Peer>;
  readonly #logins: Logins<Peer>;
  readonly #registration: Registration<Peer>;
  readonly #joins: Joins<Peer>;
  readonly #groups: Groups<Peer>;
  readonly #sayings: Sayings<Peer>;
  readonly #keys: PublicKeys<Peer>;
  readonly #queries: Queries<Peer>;
  readonly #mailbox: Mailbox<Peer>;

  constructor(shared: DispatchParts<Peer>) {
    const { core, people } = shared;
    const parts = {
      ...shared,
      passwords: new Passwords(core),
      arrivals: new Arrivals(core.limits, people),
    };
    const logins = this.#logins = new Logins(parts);
    this.#registration = new Registration({
      ...parts,
      enter: (...arrival) => logins.enter(...arrival),
    });
    this.#sessions = parts.sessions;
    this.#joins = new Joins(parts);
    this.#groups = new Groups(parts);
    this.#sayings = new Sayings(parts);
    this.#keys = new PublicKeys(parts);
    this.#queries = new Queries(parts);
    this.#mailbox = new Mailbox(parts);
  }

  /**
   * Answers a request, or makes its session busy and answers later.
   *
   * @throws {RemoteProtocolError} in the place of an answer.
   */
  answer(session: Session<Peer>, request: Request, now: number): void {
    switch (request.type) {
      case "login":
      case "resume":
        refuseSecond(session);
        this.#sessions.comesIn(session);
        return request.type === "login"
          ? this.#logins.login(session, request, now)
          : this.#logins.resume(session, request, now);
      case "register":
        // Without a name it is the guest's, who is logged in.
        if (request.username !== undefined) refuseSecond(session);
        this.#registration.register(session, request, now);
        return this.#sessions.comesIn(session);
    }
    const { person, room } = loggedIn(session);
    switch (request.type) {
      case "change_password":
        return this.#registration.changePassword(
          session,
          person,
          request,
          now,
        );
      case "join_room":
        return this.#joins.join(session, person, request, now);
      case "leave_room":
        return this.#groups.leave(session, person, request, now);
      case "make_group":
        return this.#groups.make(session, person, request, now);
      case "invite":
        return this.#groups.invite(session, person, request, now);
      case "set_topic":
        return this.#sayings.setTopic(session, person, room, request);
      case "set_away":
        return this.#sayings.setAway(session, person, request);
      case "list_users":
        return this.#queries.listUsers(session, person, request.room, room);
      case "list_rooms":
        return this.#queries.listRooms(session, person);
      case "list_own_rooms":
        return this.#queries.listOwnRooms(session, person);
      case "list_people":
        return this.#queries.listPeople(session);
      case "list_waiting":
        return this.#mailbox.list(session, person);
      case "list_members":
        return this.#queries.listMembers(session, person, request);
      case "history":
        return this.#queries.history(session, person, request);
      case "search":
        return this.#queries.search(session, person, request);
      case "names":
        return this.#queries.names(session, person, request);
      case "publish_key":
        return this.#keys.publish(session, person, request);
      case "find_key":
        return this.#keys.find(session, request);
    }
  }
}

function refuseSecond<Peer>({ person }: Session<Peer>): void {
  if (person === undefined) return;
  throw refusal(
    400,
    `this connection is logged in as ${person.name.shown} already`,
  );
}
