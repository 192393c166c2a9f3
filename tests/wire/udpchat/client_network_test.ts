/**
 * A client's end and a server of few lines over a bad network, in made-up time:
 * everything that happens follows from a seed.
 */
import { assert, assertEquals } from "@std/assert";
import { SeededRandom } from "../../../lib/bench/random.ts";
import {
  ClientRooms,
  ReliableLink,
  UdpChatClient,
} from "../../../lib/wire/mod.ts";
import { LOBBY, push } from "./client_scene.ts";

const MESSAGES = 30;

/** Numbers what is said from 5 on, and pushes it; says things itself. */
class Server {
  readonly link: ReliableLink;
  readonly texts: string[] = [];
  #now = 0;

  constructor(seqn: number) {
    this.link = new ReliableLink({ seqn });
  }

  attend(now: number): void {
    this.#now = now;
    for (const event of this.link.events()) {
      if (event.type === "request") this.#answer(event.seqn, event.body);
    }
  }

  #answer(seqn: number, body: Readonly<Record<string, unknown>>): void {
    const ok = { status: 200, error: null };
    switch (body["type"]) {
      case "USR_LOGIN":
        this.link.answer(seqn, { ...ok, response: { username: "alice" } });
        return;
      case "GRP_HST":
        this.link.answer(seqn, { ...ok, response: JSON.parse(LOBBY) });
        return;
      case "CHT": {
        this.say("bob", `before ${body["text"]}`);
        const sequence = this.say("alice", String(body["text"]), seqn);
        const stored = { MessageID: sequence, sequence };
        this.link.answer(seqn, { ...ok, response: null, ...stored });
      }
    }
  }

  say(username: string, text: string, seqn = 0): number {
    const sequence = 4 + this.texts.push(text);
    const body = push({ id: sequence, sequence, text, username, seqn });
    this.link.send(JSON.parse(body), this.#now);
    return sequence;
  }
}

Deno.test("over a bad network a client tells everything once and in order, its own in its place", () => {
  for (let seed = 0; seed < 100; seed++) {
    const random = new SeededRandom(seed);
    const client = new UdpChatClient({ seqn: seed, rooms: new ClientRooms() });
    const server = new Server(seed * 1_000);
    const flights: { at: number; to: "client" | "server"; data: Uint8Array }[] =
      [];
    const told: unknown[] = [];
    let now = 0;
    let said = 0;
    const carry = (to: "client" | "server", datagrams: Uint8Array[]) => {
      for (const data of datagrams) {
        for (let copies = random.integer(4); copies > 0; copies -= 2) {
          flights.push({ at: now + 1 + random.integer(80), to, data });
        }
      }
    };
    const attend = () => {
      server.attend(now);
      for (const event of client.events()) {
        if (event.type !== "event") throw new Error(event.type);
        const { event: { type, ...fields } } = event;
        if (type === "position") {
          for (; said < MESSAGES; said++) {
            client.send({ type: "room_msg", room: 1, text: `m${said}` }, now);
          }
        }
        if (!("place" in fields)) continue;
        told.push("text" in fields ? fields.text : fields.place?.sequence);
      }
      carry("server", client.datagrams());
      carry("client", server.link.datagrams());
    };
    client.send({ type: "login", username: "alice", password: "secret" }, now);
    attend();
    while (told.length < 2 * MESSAGES) {
      flights.sort((one, other) => one.at - other.at);
      const wake = Math.min(client.nextWake, server.link.nextWake);
      const [next] = flights;
      if (next !== undefined && next.at <= wake) {
        flights.shift();
        now = next.at;
        const end = next.to === "client" ? client : server.link;
        end.receive(next.data, now);
      } else {
        assert(wake < Infinity, `nothing more happens (seed ${seed})`);
        now = wake;
        client.wake(now);
        server.link.wake(now);
      }
      attend();
    }
    const expected = Array.from({ length: MESSAGES }, (_, index) => [
      `before m${index}`,
      6 + 2 * index,
    ]);
    assertEquals(told, expected.flat());
  }
});
