/**
 * Who plays in a round: guests, and accounts with one client or two.
 *
 * @module
 */

import { SeededRandom } from "../../lib/bench/random.ts";
import { hashPassword, openAccounts } from "../../lib/store/mod.ts";
import { parseUsername } from "../../lib/wire/mod.ts";
import { chatp } from "../commands/chatp_process.ts";
import { FetchingPlayer } from "./fetching_player.ts";
import { FollowingPlayer, type FollowingRole } from "./following_player.ts";
import { Player, type Role } from "./player.ts";
import type { Story } from "./story.ts";

/** How many play. */
export interface CastOptions {
  readonly guests: number;
  /** Every other one has two clients. */
  readonly accounts: number;
  /** Accounts on ChatProto 2, whose sessions are kept. */
  readonly followers: number;
  /** Guests on ChatProto 2, whose sessions are kept, too. */
  readonly staying: number;
  /** Accounts on CP. */
  readonly fetchers: number;
  /** The most events that an account is away. */
  readonly rest: number;
}

const NAMES = ["ann", "ben", "cleo", "dora", "emil", "finn", "gus", "hana"];

/** Those on ChatProto 2. */
const FOLLOWERS = ["ida", "jan", "kim", "leo"];

/** Guests there. */
const STAYING = ["mia", "nils"];

/** Those on CP. */
const FETCHERS = ["tess", "udo"];

/** Whose account is made while a server runs. */
const LATE = "zoe";

const PASSWORD = "correct horse battery staple";

/** CP carries no longer one. */
const SHORT_PASSWORD = "correct horse";

/** Everybody. */
export class Cast {
  readonly guests: readonly Player[];
  /** One client of each account, and its second one if it has two. */
  readonly accounts: readonly Player[];
  readonly followers: readonly FollowingPlayer[];
  readonly fetchers: readonly FetchingPlayer[];
  /** A client of the account that is made last. */
  readonly late: Player;
  readonly #names: string[];

  constructor(options: CastOptions, story: Story, random: SeededRandom) {
    const { guests, accounts, followers, staying, rest } = options;
    const fetchers = FETCHERS.slice(0, options.fetchers);
    let index = 0;
    const make = (account?: Role["account"]) => {
      const role = { index: index++, rest, ...account && { account } };
      return new Player(role, story, new SeededRandom(random.integer(2 ** 32)));
    };
    const client = (name: string) => make({ name, password: PASSWORD });
    this.#names = NAMES.slice(0, accounts);
    this.guests = Array.from({ length: guests }, () => make());
    this.accounts = this.#names.flatMap((name, place) =>
      place % 2 === 0 ? [client(name), client(name)] : [client(name)]
    );
    this.late = client(LATE);
    const follow = (role: Omit<FollowingRole, "index">) => {
      const own = new SeededRandom(random.integer(2 ** 32));
      return new FollowingPlayer({ index: index++, ...role }, story, own);
    };
    const followed = FOLLOWERS.slice(0, followers);
    const members = followed.map((name, place) => {
      const friends = place === 0 && { friends: followed.slice(1) };
      return follow({ name, password: PASSWORD, ...friends });
    });
    const [host] = members;
    this.followers = [
      ...members,
      ...STAYING.slice(0, staying).map((name) =>
        follow({ name, ...host !== undefined && { host } })
      ),
    ];
    this.fetchers = fetchers.map((name, place) =>
      new FetchingPlayer(
        {
          index: index++,
          name,
          password: SHORT_PASSWORD,
          secure: place % 2 === 1,
        },
        story,
        new SeededRandom(random.integer(2 ** 32)),
      )
    );
    this.#names.push(...followed, ...fetchers);
    for (const name of [...this.#names, LATE]) story.accounts.add(name);
  }

  /** Makes all accounts but the last; answers their names. */
  async makeAccounts(folder: string): Promise<readonly string[]> {
    const long = await hashPassword(PASSWORD);
    const short = await hashPassword(SHORT_PASSWORD);
    const accounts = openAccounts(folder);
    try {
      for (const name of this.#names) {
        const verifier = FETCHERS.includes(name) ? short : long;
        accounts.add(parseUsername(name), verifier, Date.now());
      }
    } finally {
      accounts.close();
    }
    return this.#names;
  }

  /** Makes the last one as people do; throws when that fails. */
  async makeLate(data: string): Promise<void> {
    const input = `${PASSWORD}\n`;
    const { code, err } = await chatp(["user", "add", LATE], { data, input });
    if (code !== 0) throw new Error(`chatp user add: ${err.join(" ")}`);
  }
}
