/**
 * A conversation of three, in a server of its own, with one of them behind a
 * proxy that cuts its connection.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { setImmediate } from "node:timers/promises";
import { DEFAULT_LIMITS, type Draft, MemoryStore } from "../../lib/chat/mod.ts";
import { ChatServer, SILENT } from "../../lib/server/mod.ts";
import { SECRETS } from "../../lib/store/mod.ts";
import { RawClient } from "../server/raw_client.ts";
import { type Cut, CuttingProxy } from "./cutting_proxy.ts";
import { Follower } from "./follower.ts";
import { line, verify } from "./verify.ts";

const utf8 = (text: string) => new TextEncoder().encode(text);

/** Passwords that cost nothing: what they are worth is tested elsewhere. */
const CHEAP = {
  ...SECRETS,
  hashPassword: (password: string) =>
    Promise.resolve({ rounds: 1, salt: utf8("salt"), hash: utf8(password) }),
  verifyPassword: (password: string, verifier?: { hash: Uint8Array }) =>
    Promise.resolve(`${verifier?.hash}` === `${utf8(password)}`),
};

/** A log that is durable some turns of the event loop later, as a disk's is. */
class LaterStore extends MemoryStore {
  override async append(drafts: readonly Draft[]) {
    for (let turn = 0; turn < TURNS; turn++) await setImmediate();
    return await super.append(drafts);
  }
}

/** Long enough for a connection to end and another one to begin. */
const TURNS = 20;

/** How long nothing may happen at all, ms. */
const PATIENCE = 20_000;

/** What a conversation came to. */
export interface Report {
  /** Bytes of ann's connections, until everything was said and seen. */
  readonly carried: CuttingProxy["carried"];
  readonly cuts: number;
}

/** Everybody in one conversation; ann is the one who is cut. */
class Conversation {
  readonly ann: Follower;
  readonly ben = new Follower({ name: "ben", password: "ben's password" });
  readonly bob: RawClient;
  /** What bob was shown: in the room, and in private. */
  readonly general: string[] = [];
  readonly direct: string[] = [];
  readonly #guest: boolean;

  constructor(bob: RawClient, guest: boolean) {
    this.bob = bob;
    this.#guest = guest;
    const password = guest ? {} : { password: "ann's password" };
    this.ann = new Follower({ name: "ann", ...password });
  }

  /** Everybody is in the rooms where something will be said. */
  async gather(): Promise<void> {
    const { ann, ben } = this;
    await ben.until(() => ben.welcome);
    await ben.wish(
      { type: "join_room", room: "red" },
      () => ben.isIn("red"),
    );
    await ann.until(() => ann.isIn("general"));
    await ann.wish(
      { type: "make_group", room: "den", users: ["ben"] },
      () => ann.isIn("den"),
    );
    await ann.wish(
      { type: "join_room", room: "red" },
      () => ann.isIn("red"),
    );
    await ben.until(() => ben.isIn("den"));
  }

  /** Everybody says something at once, then answers. */
  async talk(): Promise<void> {
    const { ann, ben, bob } = this;
    ann.say("general", "ann: hello everybody, how are you?");
    ann.say("red", utf8("ann: nobody can read this"));
    ann.say("den", "ann: is anybody in here?");
    ann.tell("ben", "ann: between the two of us");
    ann.tell("nobody", "ann: is anybody there?");
    ben.say("general", "ben: hi, I am fine – é 🙂");
    bob.say("bob: me too");
    ben.say("red", "ben: what a nice room");
    ben.say("den", "ben: yes, I am");
    ann.tell("bob", "ann: do you still use JSON?");
    if (!this.#guest) {
      ben.tell("ann", "ben: I will not tell");
      bob.ask({ type: "private_msg", recipient: "ann", text: "bob: I do" });
    }
    await ann.until(() => ann.position("general") >= 3);
    ann.say("general", "ann: see you tomorrow");
    await ben.until(() => ben.position("general") >= 4);
    ben.say("general", "ben: good night");
  }

  /** How much each room holds in the end. */
  get #sizes(): [string, string, number][] {
    const { name } = this.ann;
    const more = this.#guest ? 0 : 1;
    return [
      ["general", "general", 5],
      ["red", "red", 2],
      ["den", "den", 2],
      ["@ben", `@${name}`, 1 + more],
    ];
  }

  /** Everybody has everything. */
  async settle(): Promise<void> {
    const { ann, ben, bob } = this;
    const direct = this.#guest ? 1 : 2;
    while (this.general.length < 5 || this.direct.length < direct) {
      const event = await bob.next();
      if (event.type === "room_msg") this.general.push(line(event.text));
      if (event.type === "room_msg_ack") this.general.push("bob: me too");
      if (event.type === "private_msg_delivery") {
        this.direct.push(line(event.text));
      }
    }
    for (const [seenByAnn, seenByBen, size] of this.#sizes) {
      await ann.until(() => ann.position(seenByAnn) >= size);
      await ben.until(() => ben.position(seenByBen) >= size);
    }
    await ann.until(() => ann.position("@bob") >= direct);
    await ann.until(() => ann.unanswered === 0);
    await ben.until(() => ben.unanswered === 0);
  }

  async check(): Promise<void> {
    const { ann, ben } = this;
    const kept = await verify([ann, ben]);
    assertEquals(this.general, kept.get(ann.rooms.find("general") ?? 0));
    assertEquals(this.direct, kept.get(ann.rooms.find("@bob") ?? 0));
    const refused = ann.settled.filter(({ place }) => place === undefined);
    assertEquals(refused.map(({ code }) => code), [404]);
    assertEquals(kept.size, 5);
    assertEquals([...kept.values()].flat().length, this.#guest ? 11 : 13);
  }
}

/** Goes on with another connection whenever one ends. */
export async function keepAlive(
  follower: Follower,
  port: () => number | Promise<number>,
): Promise<void> {
  while (!follower.stopped) await follower.live(await port());
}

async function play(
  port: number,
  proxy: CuttingProxy,
  guest: boolean,
): Promise<Report> {
  const bob = await RawClient.login(port, "bob", "json2");
  bob.socket.setNoDelay();
  const conversation = new Conversation(bob, guest);
  const { ann, ben } = conversation;
  const living = Promise.all([
    keepAlive(ann, () => proxy.port),
    keepAlive(ben, () => port),
  ]);
  try {
    await conversation.gather();
    await Promise.all([conversation.talk(), conversation.settle()]);
    const report = structuredClone({
      carried: proxy.carried,
      cuts: proxy.cuts,
    });
    await conversation.check();
    return report;
  } finally {
    ann.stop();
    ben.stop();
    await bob.close();
    await living;
  }
}

/** Plays it with these cuts, and holds it to its promises. */
export async function converse(
  cuts: readonly Cut[],
  { guest = false } = {},
): Promise<Report> {
  const server = await ChatServer.start({
    listen: [{ host: "127.0.0.1", port: 0 }],
    openStore: () => Promise.resolve(new LaterStore()),
    secrets: CHEAP,
    limits: DEFAULT_LIMITS,
    plaintext: false,
    logger: SILENT,
  });
  const port = server.addresses[0]?.port ?? 0;
  const what = cuts.map((cut) => JSON.stringify(cut)).join(" and ");
  const proxy = await CuttingProxy.start(port, cuts);
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    return await Promise.race([
      play(port, proxy, guest),
      new Promise<never>((_, reject) =>
        timer = setTimeout(() => reject(new Error("stuck")), PATIENCE)
      ),
    ]);
  } catch (error) {
    throw new Error(`Cut by ${what}: ${(error as Error).message}`, {
      cause: error,
    });
  } finally {
    clearTimeout(timer);
    await proxy[Symbol.asyncDispose]();
    await server.close();
  }
}
