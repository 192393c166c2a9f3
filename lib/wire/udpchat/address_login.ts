/**
 * Whose an address is: the login that it has, reachable or not, for as long as
 * that lasts.
 *
 * @module
 */

import { sameName } from "./group_names.ts";
import type { KeptLogin, KeptLogins } from "./kept_logins.ts";

/** How one is made. */
export interface AddressLoginOptions {
  /** Shared by all addresses of a server. */
  readonly logins: KeptLogins;
  /** How long somebody who can't be reached is logged in, ms. */
  readonly lasts: number;
  /** The address is nobody's any more. */
  readonly left: () => void;
}

/** That of one address. */
export class AddressLogin {
  readonly #options: AddressLoginOptions;
  #login: KeptLogin | undefined;

  constructor(options: AddressLoginOptions) {
    this.#options = options;
  }

  /** The login, if it still is this address's and lasts. */
  current(now: number): KeptLogin | undefined {
    const login = this.#login;
    if (login === undefined) return undefined;
    const { logins, lasts } = this.#options;
    const { lostAt } = login;
    const isNow = lostAt === undefined || now - lostAt < lasts;
    if (isNow && logins.belongs(login, this)) return login;
    this.forget();
    return undefined;
  }

  /** Whether this is the login, current or not. */
  is(login: KeptLogin | undefined): boolean {
    return login !== undefined && login === this.#login;
  }

  /** The address is its from now on; whatever was on its way comes again. */
  enter(login: KeptLogin, now: number): void {
    if (!this.is(login)) this.forget();
    login.lose(now);
    login.lostAt = undefined;
    this.#options.logins.give(login, this);
    this.#login = login;
  }

  /** It can't be reached; answers whose it is. */
  lose(now: number): string | undefined {
    this.#login?.lose(now);
    return this.#login?.username;
  }

  /** It is nobody's any more. */
  forget(): void {
    if (this.#login === undefined) return;
    this.#options.logins.drop(this.#login, this);
    this.#login = undefined;
    this.#options.left();
  }

  /**
   * The login that a SYN means: `own` is this address's, which needs no token,
   * `known` another one's.
   */
  meant(
    username: string,
    token: string | undefined,
    now: number,
  ): { readonly own?: KeptLogin; readonly known?: KeptLogin } {
    const login = this.current(now);
    const known = token === undefined
      ? undefined
      : this.#options.logins.find(username, token);
    const isOwn = login !== undefined && sameName(login.username, username) &&
      (token === undefined || known === login);
    if (isOwn) return { own: login };
    return known === undefined ? {} : { known };
  }
}
