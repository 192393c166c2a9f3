import { assertEquals } from "@std/assert";
import {
  type CommandName,
  commandsOn,
  complete,
  CP,
  FULL,
} from "../../../lib/client/mod.ts";

const NAMES = {
  commands: commandsOn(FULL),
  users: ["alice", "Alina", "bob", "Émile"],
  rooms: ["general", "tea", "tea time"],
  ownRooms: ["general", "tea", "crew"],
  ownGroups: ["crew"],
  topic: "cake at four",
};

/** Completes at `|`; gives the line with `|` at the cursor, or the choices. */
function tab(
  written: string,
  commands: readonly CommandName[] = NAMES.commands,
): string | readonly string[] {
  const cursor = written.indexOf("|");
  const names = { ...NAMES, commands };
  const completion = complete(written.replace("|", ""), cursor, names);
  switch (completion.kind) {
    case "line":
      return `${completion.text.slice(0, completion.cursor)}|${
        completion.text.slice(completion.cursor)
      }`;
    case "choices":
      return completion.choices;
    case "nothing":
      return written;
  }
}

Deno.test("commands are completed, by their names first", () => {
  assertEquals(tab("/j|"), "/join |");
  assertEquals(tab("/|"), [
    "/join",
    "/leave",
    "/msg",
    "/secret",
    "/trust",
    "/verify",
    "/users",
    "/rooms",
    "/group",
    "/invite",
    "/members",
    "/topic",
    "/away",
    "/back",
    "/history",
    "/search",
    "/register",
    "/passwd",
    "/login",
    "/help",
    "/quit",
  ]);
  assertEquals(tab("/wh|"), ["/whisper", "/who"]);
  assertEquals(tab("/whi|"), "/whisper |");
  assertEquals(tab("/xyz|"), "/xyz|");
});

Deno.test("commands are completed behind /help, with a slash or without", () => {
  assertEquals(tab("/help jo|"), "/help join |");
  assertEquals(tab("/? /jo|"), "/? /join |");
  assertEquals(tab("/help m|"), ["msg", "members"]);
});

Deno.test("no command is offered that the wire can't carry", () => {
  const commands = commandsOn(CP);
  assertEquals(tab("/|", commands), ["/msg", "/login", "/help", "/quit"]);
  assertEquals(tab("/us|", commands), "/us|");
  assertEquals(tab("/wh|", commands), "/whisper |");
});

Deno.test("names are completed anywhere in a text, in any case, with a colon behind one that it begins with", () => {
  assertEquals(tab("b|"), "bob: |");
  assertEquals(tab("hello B|, how"), "hello bob |, how");
  assertEquals(tab("é|"), "Émile: |");
  assertEquals(tab("a|"), "ali|");
  assertEquals(tab("ali|"), ["alice", "Alina"]);
  assertEquals(tab("hello |"), "hello |");
  assertEquals(tab("bo| there"), "bob: |there");
  assertEquals(tab("so bo| there"), "so bob |there");
  assertEquals(tab("ask @B|"), "ask @bob |");
});

Deno.test("a command's arguments are completed by their kind", () => {
  assertEquals(tab("/msg b|"), "/msg bob |");
  assertEquals(tab("/m |"), ["alice", "Alina", "bob", "Émile"]);
  assertEquals(tab("/msg bob hi ali|"), ["alice", "Alina"]);
  assertEquals(tab("/join g|"), "/join general |");
  assertEquals(tab("/join tea t|"), "/join tea time |");
  assertEquals(tab("/join t|"), "/join tea|");
  assertEquals(tab("/history @B|"), "/history @bob |");
  assertEquals(tab("/history 1|"), "/history 1|");
  assertEquals(tab("/topic |"), "/topic cake at four |");
  assertEquals(tab("/t -|"), "/t -delete |");
  assertEquals(tab("/topic b|"), "/topic b|");
  assertEquals(tab("/away with b|"), "/away with bob |");
  assertEquals(tab("/users b|"), "/users b|");
  assertEquals(tab("/nothing b|"), "/nothing b|");
  assertEquals(tab("//b|"), "//b|");
});

Deno.test("of the rooms those are completed with which a command can do something", () => {
  assertEquals(tab("/invite bob |"), "/invite bob crew |");
  assertEquals(tab("/add bob g|"), "/add bob g|");
  assertEquals(tab("/leave |"), ["tea", "crew"]);
  assertEquals(tab("/part g|"), "/part g|");
  assertEquals(tab("/members g|"), "/members general |");
});

Deno.test("a topic that is not known is not completed", () => {
  for (const topic of [undefined, ""]) {
    assertEquals(complete("/topic ", 7, { ...NAMES, topic }), {
      kind: "nothing",
    });
  }
});
