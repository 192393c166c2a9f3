/**
 * Holds docs/udpchat.md against a server: its conversation is held with one, and
 * its table of requests is that of the code.
 */
import { assert, assertEquals } from "@std/assert";
import dgram from "node:dgram";
import { once } from "node:events";
import { decodeDatagram, REQUEST_TYPES } from "../../lib/wire/mod.ts";
import { datagram } from "../wire/udpchat/server_scene.ts";
import { withUdp } from "./udp_client.ts";

const DOCUMENT = (await Deno.readTextFile(
  new URL("../../docs/udpchat.md", import.meta.url),
)).replaceAll("\r\n", "\n");

/** One line of the conversation. */
interface Line {
  readonly who: string;
  readonly sends: boolean;
  readonly seqn: number;
  readonly flags: string;
  readonly body: string;
}

function conversation(): Line[] {
  const [, block = ""] = /^```udpchat\n([^]*?)^```$/m.exec(DOCUMENT) ?? [];
  return block.trimEnd().split("\n").map((line) => {
    const [, who = "", way, seqn, flags = "", body = ""] =
      /^(\w+) ([<>]) (-?\d+) ?(ACK|SYN|FIN)? ?(\{.*)?$/.exec(line) ?? [];
    assert(way !== undefined, line);
    return { who, sends: way === ">", seqn: Number(seqn), flags, body };
  });
}

/** What differs from run to run: tokens, and what the server's clock says. */
const settled = (body: string) =>
  body.replace(/"token":"[\w-]{32}"/, '"token":""')
    .replaceAll(/"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"/g, '""');

/** Somebody at a port, who knows what the SEQNs of the page are in truth. */
class Speaker {
  readonly socket = dgram.createSocket("udp4");
  readonly #server: number;
  readonly #came: Uint8Array[] = [];
  /** Of pushes, by those of the page. */
  readonly #seqns = new Map<number, number>();
  #wake = () => {};

  constructor(server: number) {
    this.#server = server;
    this.socket.on("message", (bytes) => {
      this.#came.push(bytes);
      this.#wake();
    });
  }

  send({ seqn, flags, body }: Line): void {
    const letter = flags.charAt(0);
    const meant = letter === "A" ? this.#seqns.get(seqn) ?? seqn : seqn;
    this.socket.send(
      datagram(meant, letter, body),
      this.#server,
      "127.0.0.1",
    );
  }

  /** Takes a datagram that says this; others may come before it. */
  async find({ seqn, flags, body }: Line): Promise<void> {
    for (;;) {
      const index = this.#came.findIndex((bytes) => {
        const found = decodeDatagram(bytes);
        const text = new TextDecoder().decode(bytes.subarray(7));
        return found.ack === (flags === "ACK") &&
          (!found.ack || found.seqn === seqn) &&
          settled(text) === settled(body);
      });
      const [bytes] = index < 0 ? [] : this.#came.splice(index, 1);
      if (bytes !== undefined) {
        const found = decodeDatagram(bytes);
        if (!found.ack) this.#seqns.set(seqn, found.seqn);
        return;
      }
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }
}

Deno.test("docs/udpchat.md: the conversation is held with a server, line by line", () =>
  withUdp(async ({ udp }) => {
    const people = new Map<string, Speaker>();
    for (const line of conversation()) {
      const speaker = people.get(line.who) ?? new Speaker(udp);
      people.set(line.who, speaker);
      if (line.sends) speaker.send(line);
      else await speaker.find(line);
    }
    assertEquals([...people.keys()], ["alice", "bob"]);
    for (const { socket } of people.values()) {
      socket.close();
      await once(socket, "close");
    }
  }));

Deno.test("docs/udpchat.md states every type of request", () => {
  const rows = [...DOCUMENT.matchAll(/^\| `([A-Z]{3}(?:_[A-Z]+)?)`/gm)];
  assertEquals(
    rows.map(([, type]) => type).toSorted(),
    [...REQUEST_TYPES].toSorted(),
  );
});
