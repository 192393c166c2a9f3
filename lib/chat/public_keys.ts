/**
 * The public keys of accounts (docs/end_to_end.md, "Keys"): the hub keeps them
 * and hands them out, and has no use for them itself.
 *
 * A key MUST NOT be handed out before it is kept.
 *
 * @module
 */

import {
  checkPublicKey,
  type FindKeyRequest,
  parseUsername,
  type PublishKeyRequest,
  refusal,
} from "../wire/mod.ts";
import type { Core } from "./core.ts";
import type { Person, Session } from "./people.ts";
import type { People } from "./people_list.ts";
import type { Change } from "./state.ts";

/** What they are made of. */
export interface PublicKeyParts<Peer> {
  readonly core: Core<Peer>;
  readonly people: People<Peer>;
}

/** All of them. */
export class PublicKeys<Peer> {
  readonly #parts: PublicKeyParts<Peer>;

  constructor(parts: PublicKeyParts<Peer>) {
    this.#parts = parts;
  }

  /**
   * Gives an account a key, once it is kept; answers some time later.
   *
   * @throws {RemoteProtocolError} 400, 403, 413, not fatal.
   */
  publish(
    session: Session<Peer>,
    person: Person<Peer>,
    { key }: PublishKeyRequest,
  ): void {
    const { core } = this.#parts;
    if (!person.account) {
      throw refusal(403, "a key belongs to an account, a guest has none");
    }
    checkPublicKey(key);
    const { handle } = person;
    const changes: Change[] = [{
      type: "put_key",
      key: { person: handle, key },
    }];
    session.busy = true;
    core.ask({ kind: "save", changes }, (_, now) => {
      // It counts also when whoever asked has gone.
      person.publicKey = key;
      core.attempt(session, now, () => {
        core.reply(session, { type: "publish_key" });
        return true;
      });
    }, (detail, now) => core.fail(session, detail, now));
  }

  /**
   * Answers with somebody's key.
   *
   * @throws {RemoteProtocolError} 400, 404, not fatal.
   */
  find(session: Session<Peer>, { user }: FindKeyRequest): void {
    const { core, people } = this.#parts;
    const name = parseUsername(user);
    const person = people.find(name.key);
    if (person === undefined || !person.account) {
      throw refusal(404, `there is no account ${name.shown}`);
    }
    const { publicKey: key } = person;
    const { shown } = person.name;
    if (key === undefined) throw refusal(404, `${shown} has published no key`);
    core.reply(session, { type: "find_key", user: shown, key });
  }
}
