/**
 * Plays what is written down against a machine. A script has what goes in and
 * what must come out, line by line; playing gives the script as it happened.
 *
 * ```text
 * + 40                     so many ms pass; the machine is woken when it asks
 * > USERalice\r\n          the client's bytes, in one read
 * < 220 ...\r\n            the server's bytes, in one write
 * * login alice secret     what is asked of the chat, or told to our user
 * = logged in: yes         the outcome (server); what our user asks (client)
 * ```
 *
 * Bytes are UTF-8 with `\r`, `\n` and `\xNN` written out, and `{a*9}` for nine
 * letters a.
 */
import { assertEquals } from "@std/assert";
import {
  CpClient,
  type CpClientAction,
  type CpOutcome,
  CpServer,
  type CpServerAction,
} from "../../../lib/wire/mod.ts";
import { joined } from "../golden.ts";

const encoder = new TextEncoder();

/** The bytes that a line stands for. */
export function bytesOf(line: string): Uint8Array<ArrayBuffer> {
  const token = /\\x([0-9a-f]{2})|\\([rn])|[^\\]+/g;
  return joined(
    ...[...line.matchAll(token)].map(([text, hex, letter]) => {
      if (hex !== undefined) return new Uint8Array([parseInt(hex, 16)]);
      if (letter === undefined) return encoder.encode(text);
      return new Uint8Array([letter === "r" ? 0x0d : 0x0a]);
    }),
  );
}

function expanded(line: string): string {
  return line.replace(
    /\{(.)\*(\d+)\}/gu,
    (_, letter, count) => letter.repeat(count),
  );
}

/** Bytes as a line; invalid UTF-8 is not told apart. */
export function lineOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes)
    .replaceAll("\r", "\\r").replaceAll("\n", "\\n");
}

/** A machine as a script speaks to it. */
interface Player {
  readonly machine: {
    receive(bytes: Uint8Array, now: number): unknown;
    readonly wakeAt: number | undefined;
  };
  /** What the peer's lines begin with. */
  readonly peer: ">" | "<";
  receive(bytes: Uint8Array, now: number): string[];
  tick(now: number): string[];
  ask(line: string, now: number): string[];
}

function outcome(line: string): CpOutcome {
  const { head = "", more, text = "" } =
    /^(?<head>[^,:]+)(?<more>, more)?(?:: (?<text>[^]*))?$/.exec(line)
      ?.groups ??
      {};
  if (head === "logged in") return { type: head, ok: text === "yes" };
  if (head === "none" || head === "not fetched") return { type: head };
  if (head === "sent") {
    return { type: head, how: text as "yes" | "no such receiver" | "failed" };
  }
  const sender = head.replace(/^waiting /, "");
  const said = new TextDecoder().decode(bytesOf(text));
  return { type: "waiting", sender, text: said, more: more !== undefined };
}

/** What a server's end does, as lines. */
export function serverLines(actions: readonly CpServerAction[]): string[] {
  return actions.map((action) => {
    switch (action.type) {
      case "write":
        return `< ${lineOf(action.bytes)}`;
      case "login":
        return `* login ${action.username} ${action.password}`;
      case "send":
        return `* send ${action.receiver} ${
          lineOf(encoder.encode(action.text))
        }`;
      default:
        return `* ${action.type}`;
    }
  });
}

function clientLines(actions: readonly CpClientAction[]): string[] {
  return actions.map((action) => {
    switch (action.type) {
      case "write":
        return `> ${lineOf(action.bytes)}`;
      case "message":
        return `* message ${action.sender} ${action.text}`;
      case "sent":
        return `* sent ${action.messages} ${action.text}`;
      case "collected":
        return `* collected ${action.messages}`;
      case "refused":
        return `* refused ${action.code} ${action.messages} ${action.text}`;
      case "failed":
        return `* failed ${action.error.message}`;
      default:
        return `* ${action.type}`;
    }
  });
}

/** A server's end. */
export function serverPlayer(machine: CpServer = new CpServer()): Player {
  return {
    machine,
    peer: ">",
    receive: (bytes, now) => serverLines(machine.receive(bytes, now)),
    tick: (now) => serverLines(machine.tick(now)),
    ask: (line, now) => serverLines(machine.settle(outcome(line), now)),
  };
}

/** Our client's end. */
export function clientPlayer(machine: CpClient = new CpClient()): Player {
  return {
    machine,
    peer: "<",
    receive: (bytes, now) => clientLines(machine.receive(bytes, now)),
    tick: (now) => clientLines(machine.tick(now)),
    ask: (line) => {
      const [what, first = "", ...words] = line.split(" ");
      const rest = new TextDecoder().decode(bytesOf(words.join(" ")));
      if (what === "login") return clientLines(machine.login(first, rest));
      if (what === "send") return clientLines(machine.send(first, rest));
      return clientLines(
        what === "collect" ? machine.collect() : machine.end(),
      );
    },
  };
}

/** Plays the lines that go in; answers all lines as they happened. */
export function played(player: Player, script: readonly string[]): string[] {
  let now = 0;
  const happened: string[] = [];
  const pass = (until: number) => {
    for (let at = player.machine.wakeAt; at !== undefined && at <= until;) {
      happened.push(...player.tick(at));
      const next = player.machine.wakeAt;
      // A machine that wants to be woken for ever would be a bug.
      assertEquals(next === undefined || next > at, true, "woken for nothing");
      at = next;
    }
    now = until;
  };
  for (const line of script) {
    const text = line.slice(2);
    if (line.startsWith("+")) {
      happened.push(line);
      pass(now + Number(text));
    } else if (line.startsWith(player.peer)) {
      happened.push(line, ...player.receive(bytesOf(text), now));
    } else if (line.startsWith("=")) {
      happened.push(line, ...player.ask(text, now));
    }
  }
  return happened;
}

/** The lines of a script, without what else stands between them. */
export function lines(script: string): string[] {
  return script.split("\n").map((line) => expanded(line.trimStart()))
    .filter((line) => /^[+<>*=] /.test(line));
}

/** Plays a script and holds that it happened like that. */
export function play(player: Player, script: string): void {
  const wanted = lines(script);
  assertEquals(played(player, wanted), wanted);
}
