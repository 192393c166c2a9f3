/**
 * A player on CP: an account that says things to people and fetches what they
 * said, one after the other, each answered by a 250, and cuts its connection in
 * between. What it was shown and did not answer MUST come again.
 *
 * @module
 */

import type { SeededRandom } from "../../lib/bench/random.ts";
import { RawCp } from "../server/cp_client.ts";
import { keyOf, messageKey, numberedText } from "./numbered_text.ts";
import type { Stage } from "./stage.ts";
import type { Fetched, Fetcher, Said, Story, Visit } from "./story.ts";

/** Bytes of a text that goes out as one message (docs/cp.md, "PDUs"). */
const MOST_BYTES = 1_009;

/** What stands in the place of ciphertext (docs/cp.md, "In the chat"). */
const SECRET = "[end-to-end encrypted, this client can't read it]";

/** What one does next, and how often. */
const DEEDS = ["say", "fetch", "wait", "leave", "cut"] as const;
const WEIGHTS = [60, 20, 14, 3, 3];

/** How often a message is refused by 550, or the connection cut, not a 250. */
const REFUSALS = 0.01;
const CUTS = 0.01;

/** The most events that one waits for. */
const REST = 300;

/** Who a player is. */
export interface FetchingRole {
  /** As that of other players: no two have the same. */
  readonly index: number;
  /** At most 10 bytes. */
  readonly name: string;
  /** At most 15 bytes. */
  readonly password: string;
  readonly secure: boolean;
}

/** One who goes on through all of a server's lives. */
export class FetchingPlayer implements Fetcher {
  readonly fetched: Fetched[] = [];
  readonly #role: FetchingRole;
  readonly #story: Story;
  readonly #random: SeededRandom;
  readonly #visit: Visit;
  #said = 0;
  #deed = "plays";

  constructor(role: FetchingRole, story: Story, random: SeededRandom) {
    this.#role = role;
    this.#story = story;
    this.#random = random;
    this.#visit = {
      name: role.name,
      life: 0,
      began: 0,
      views: [],
      direct: [],
      whole: false,
    };
    story.fetchers.push(this);
  }

  get name(): string {
    return this.#role.name;
  }

  /** Who this is and what it is about to do, for a fault. */
  get doing(): string {
    const wire = this.#role.secure ? "cp and TLS" : "cp";
    return `${this.name} on ${wire} ${this.#deed}`;
  }

  /** Plays until the server dies, or until it is quiet. */
  async play(stage: Stage): Promise<void> {
    while (!stage.dying) {
      try {
        const client = await this.#enter(stage);
        if (client === undefined) return;
        const quiet = await this.#talk(client, stage);
        await client.close();
        if (quiet) return;
      } catch (error) {
        return this.#lost(stage, error);
      }
    }
  }

  /** Comes back to fetch everything, and goes. */
  async comeHome(stage: Stage): Promise<void> {
    const client = await this.#enter(stage);
    if (client === undefined) return;
    await this.#fetch(client, stage, { all: true });
    await this.#leave(client);
  }

  #lost(stage: Stage, error: unknown): void {
    if (stage.dying) return;
    const what = `A living server lost ${this.name}: ${error}`;
    this.#story.blame("unexpected", what);
  }

  async #enter(stage: Stage): Promise<RawCp | undefined> {
    this.#deed = "logs in";
    const { name, password, secure } = this.#role;
    const died = stage.died.then(() => undefined);
    const login = RawCp.login(stage.port, name, password, { secure });
    return await Promise.race([
      login.catch((error) => {
        this.#lost(stage, error);
        return died;
      }),
      died,
    ]);
  }

  /** True when it is quiet, false when it has left. */
  async #talk(client: RawCp, stage: Stage): Promise<boolean> {
    this.#deed = "talks";
    for (;;) {
      if (stage.quiet) {
        await this.#fetch(client, stage, { all: true });
        return true;
      }
      switch (DEEDS[this.#random.weighted(WEIGHTS)]) {
        case "say":
          await this.#say(client, stage);
          break;
        case "fetch":
          await this.#fetch(client, stage);
          break;
        case "wait":
          await stage.pause(1 + this.#random.integer(REST));
          break;
        case "leave":
          await this.#leave(client);
          return false;
        case "cut":
          return false;
      }
      if (client.socket.destroyed) return false;
    }
  }

  /** Says goodbye, and waits until the server has closed. */
  async #leave(client: RawCp): Promise<void> {
    this.#deed = "leaves";
    client.write("TERM\r\n");
    const more = await client.read();
    if (more !== "") this.#blame("TERM", more);
  }

  async #say(client: RawCp, stage: Stage): Promise<void> {
    const others = [...stage.names.values(), ...stage.accounts]
      .filter((name) => name !== this.name);
    if (others.length === 0) return;
    const to = this.#random.pick(others);
    const { key, text } = this.#next();
    const { life } = stage;
    const said: Said = {
      key,
      visit: this.#visit,
      to: `@${to}`,
      fate: "unconfirmed",
      runs: { first: life, last: life },
    };
    this.#story.said.set(key, said);
    const reply = await this.#ask(client, `SMSG${to}:${text}`);
    stage.happened();
    if (reply.startsWith("240 ")) said.fate = "acknowledged";
    else {
      said.fate = "refused";
      // A guest who has left is the one thing refused.
      const account = this.#story.accounts.has(to);
      if (account || !reply.startsWith("545 ")) this.#blame("SMSG", reply);
      client.write("201\r\n");
    }
  }

  /** The next text that this wire can carry as it is. */
  #next(): { key: number; text: string } {
    for (;;) {
      const key = messageKey(this.#role.index, ++this.#said);
      const text = numberedText(key);
      if (typeof text !== "string") continue;
      if (new TextEncoder().encode(text).length <= MOST_BYTES) {
        return { key, text };
      }
    }
  }

  /** Fetches what waits: all, or until it cuts its connection or refuses one. */
  async #fetch(
    client: RawCp,
    stage: Stage,
    { all = false } = {},
  ): Promise<void> {
    let reply = await this.#ask(client, "RMSG");
    /** What there is of a message that comes in several. */
    let text = "";
    while (reply.startsWith("RMSG")) {
      stage.happened();
      const colon = reply.indexOf(":");
      const sender = reply.slice(4, colon);
      text += reply.slice(colon + 1, -2);
      const key = keyOf(text);
      const whole = key !== undefined || text === SECRET;
      const { life } = stage;
      const fetched: Fetched & { fate: Fetched["fate"] } = {
        key,
        sender,
        life,
        fate: "open",
      };
      if (whole) {
        this.fetched.push(fetched);
        text = "";
      }
      if (!all && this.#random.chance(CUTS)) return await client.close();
      if (!all && this.#random.chance(REFUSALS)) {
        client.write("550 could not read it\r\n");
        client.write("201\r\n");
        return;
      }
      fetched.fate = "answered";
      reply = await this.#ask(client, "250 ok");
      // Any answer shows that the 250 was taken.
      fetched.fate = "confirmed";
    }
    if (text !== "") this.#blame("half a message", text);
    if (!/^25[56] /.test(reply)) this.#blame("RMSG", reply);
  }

  async #ask(client: RawCp, pdu: string): Promise<string> {
    const reply = await client.ask(`${pdu}\r\n`);
    if (reply === "") {
      throw new Error(`Its connection closed at ${pdu.slice(0, 30)}`);
    }
    return reply;
  }

  #blame(asked: string, told: string): void {
    const words = JSON.stringify(told).slice(0, 150);
    this.#story.blame(
      "unexpected",
      `${this.name} (${asked}) was told ${words}`,
    );
  }
}
