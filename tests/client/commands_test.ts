import { assert, assertEquals } from "@std/assert";
import {
  BASIC,
  type Command,
  COMMANDS,
  CP,
  FULL,
  helpLines,
  nearest,
  parseHistorySpan,
  parseLine,
  PasswordDialogue,
  slips,
  usage,
} from "../../lib/client/mod.ts";

const said = (text: string): Command => ({
  kind: "request",
  request: { type: "room_msg", text },
});

Deno.test("a line without a slash is said to the room, as it is", () => {
  assertEquals(parseLine("  hi there "), said("  hi there "));
  assertEquals(parseLine("a/b"), said("a/b"));
  assertEquals(parseLine("\x1b[31mred"), said("\x1b[31mred"));
});

Deno.test("two slashes say a text that begins with one", () => {
  assertEquals(parseLine("//etc/hosts"), said("/etc/hosts"));
  assertEquals(parseLine("//"), said("/"));
});

Deno.test("an empty line asks for nothing", () => {
  for (const line of ["", "  ", "\t"]) {
    assertEquals(parseLine(line), { kind: "nothing" });
  }
});

Deno.test("the seed's commands and aliases mean what they meant", () => {
  const outcome = (line: string) => {
    const command = parseLine(line);
    return command.kind === "request" ? command.request.type : command.kind;
  };
  for (const word of ["/join", "/j", "/J"]) {
    assertEquals(outcome(`${word} tea`), "join_room", word);
  }
  for (const word of ["/msg", "/m", "/pm", "/dm", "/whisper"]) {
    assertEquals(outcome(`${word} bob hi`), "private_msg", word);
  }
  for (const word of ["/users", "/who", "/list", "/names"]) {
    assertEquals(outcome(word), "list_users", word);
  }
  for (const word of ["/rooms", "/r"]) {
    assertEquals(outcome(word), "list_rooms", word);
  }
  for (const word of ["/help", "/h", "/?"]) assertEquals(outcome(word), "help");
  assertEquals(parseLine("/login bob"), { kind: "login", username: "bob" });
  for (const word of ["/quit", "/exit", "/q"]) {
    assertEquals(outcome(word), "quit");
  }
});

Deno.test("the last argument is all that is left of the line", () => {
  assertEquals(parseLine("/join  General Tea Room "), {
    kind: "request",
    request: { type: "join_room", room: "General Tea Room" },
  });
  assertEquals(parseLine("/msg bob  hi  there, you"), {
    kind: "request",
    request: { type: "private_msg", recipient: "bob", text: "hi  there, you" },
  });
});

Deno.test("a mistake says what is wrong and what would be right", () => {
  const mistake = (text: string, hint: string): Command => ({
    kind: "mistake",
    text,
    hint,
  });
  assertEquals(
    parseLine("/msg bob"),
    mistake("/msg lacks its <message>", "Type /msg <user> <message>"),
  );
  assertEquals(
    parseLine("/j"),
    mistake("/j lacks its <room>", "Type /join <room>"),
  );
  for (const word of ["users", "r", "back", "quit"]) {
    assertEquals(
      parseLine(`/${word} tea`),
      mistake(`/${word} takes nothing behind it`, `Type /${word} alone`),
    );
    assertEquals(parseLine(`/${word} `), parseLine(`/${word}`));
  }
  assertEquals(parseLine("/passwd now"), {
    kind: "passwords",
    command: "passwd",
  });
  assertEquals(
    parseLine("/hlep"),
    mistake(
      "There is no command /hlep",
      "Did you mean /help? /help lists the commands",
    ),
  );
  assertEquals(
    parseLine("/xyzzy now"),
    mistake(
      "There is no command /xyzzy",
      "/help lists the commands, // says a text that begins with a slash",
    ),
  );
  assertEquals(
    parseLine("/msg b@b hi"),
    mistake(
      "Malformed: a user name is made of letters, digits, '_', '.' and '-'",
      "/help lists the commands",
    ),
  );
  for (const line of ["", "/group crew "]) {
    assertEquals(
      parseLine(line + "bob ".repeat(2_100)),
      mistake(
        "Too large: a text has at most 8192 bytes, this one has more",
        "Send it in smaller pieces",
      ),
    );
  }
});

Deno.test("a text that will be sealed may be of any length, another has one message's", () => {
  const now = new Date(0);
  const isSecret = (user: string) => user === "bob";
  const text = "grüße ".repeat(5_000) + "!";
  assertEquals(parseLine(`/msg bob ${text}`, { now, isSecret }), {
    kind: "request",
    request: { type: "private_msg", recipient: "bob", text },
  });
  assertEquals(
    parseLine(`/msg carol ${text}`, { now, isSecret }).kind,
    "mistake",
  );
  assertEquals(
    parseLine("/msg bob \ud800", { now, isSecret }).kind,
    "mistake",
  );
});

Deno.test("the help shows every command in a row that fits 80 columns, behind a time", () => {
  const lines = helpLines(FULL);
  assertEquals(lines.slice(0, 3), [
    "/join <room>              Go to a room, or make it",
    "/leave [room]             Leave this room, or another one",
    "/msg <user> <message>     Say something to one person alone",
  ]);
  assertEquals(
    lines[8],
    "/group <group> <user>…    Make a room for its members alone",
  );
  assertEquals(lines.length, Object.keys(COMMANDS).length + 1);
  for (const line of lines.slice(0, -1)) assert(line.length <= 72, line);
  assertEquals(
    lines.at(-1),
    "//text says a text that begins with a slash; anything else is said to the room",
  );
});

Deno.test("where a wire carries less the help shows less, and where there are no rooms says where a line goes", () => {
  assertEquals(helpLines(CP), [
    "/msg <user> <message>  Say something to one person alone",
    "/login <user>          Come back as somebody else",
    "/help [command]        Show this, or more about a command",
    "/quit                  Leave the chat",
    "//text says a text that begins with a slash; anything else goes to whom you wrote last",
  ]);
  assertEquals(
    helpLines(BASIC).at(-1),
    "//text says a text that begins with a slash; anything else is said to the room",
  );
});

Deno.test("the help of a command shows its arguments, its aliases and all there is to know", () => {
  assertEquals(helpLines(FULL, "msg"), [
    "/msg <user> <message>, also /m /pm /dm /whisper",
    "Say something to one person alone",
  ]);
  assertEquals(helpLines(FULL, "back"), [
    "/back",
    "Tell others that you look again",
  ]);
  assertEquals(helpLines(CP, "join"), [
    "/join <room>, also /j",
    "Go to another room; it comes into being if it is new",
    "This wire does not carry it",
  ]);
});

Deno.test("help is asked for by any name of a command, with its slash or without", () => {
  assertEquals(parseLine("/help"), { kind: "help" });
  for (const word of ["msg", "/msg", "whisper", "/PM"]) {
    assertEquals(parseLine(`/help ${word}`), { kind: "help", command: "msg" });
  }
  assertEquals(parseLine("/help jion"), {
    kind: "mistake",
    text: "There is no command /jion",
    hint: "Did you mean /join? /help lists the commands",
  });
});

Deno.test("no word means two commands", () => {
  const words = Object.entries(COMMANDS).flatMap(([name, row]) => [
    name,
    ...row.aliases,
  ]);
  assertEquals(new Set(words).size, words.length);
  assertEquals(usage("msg"), "/msg <user> <message>");
});

Deno.test("slips count letters left out, put in, changed and swapped", () => {
  assertEquals(
    [
      slips("rooms", "rooms"),
      slips("room", "rooms"),
      slips("roooms", "rooms"),
      slips("raoms", "rooms"),
      slips("romos", "rooms"),
      slips("", "abc"),
    ],
    [0, 1, 1, 1, 1, 3],
  );
});

Deno.test("the nearest word begins so, or has a slip at most for each three letters", () => {
  const words = ["join", "quit", "users", "msg", "register", "q"];
  assertEquals(nearest("jion", words), "join");
  assertEquals(nearest("quti", words), "quit");
  assertEquals(nearest("usres", words), "users");
  assertEquals(nearest("mgs", words), "msg");
  assertEquals(nearest("rgistr", words), "register");
  assertEquals(nearest("rgsist", words), undefined);
  // Two slips of five letters, of four, of three.
  assertEquals(nearest("usrse", ["users"]), undefined);
  assertEquals(nearest("nick", ["kick", "back"]), "kick");
  assertEquals(nearest("nick", ["back"]), undefined);
  assertEquals(nearest("foo", ["who"]), undefined);
  assertEquals(nearest("reg", words), "register");
  assertEquals(nearest("re", words), undefined);
  // All of a word of one letter would be a slip.
  assertEquals(nearest("x", words), undefined);
  assertEquals(nearest("", words), undefined);
});

Deno.test("rooms and people are asked for by their names, the last argument may be missing", () => {
  const request = (line: string) => {
    const command = parseLine(line);
    return command.kind === "request" ? command.request : command;
  };
  assertEquals(request("/leave"), { type: "leave_room" });
  assertEquals(request("/leave Tea Room"), {
    type: "leave_room",
    room: "Tea Room",
  });
  assertEquals(request("/group club bob  carol"), {
    type: "make_group",
    room: "club",
    users: ["bob", "carol"],
  });
  assertEquals(request("/invite bob Tea Room"), {
    type: "invite",
    user: "bob",
    room: "Tea Room",
  });
  assertEquals(request("/members"), { type: "list_members" });
  assertEquals(request("/search green tea"), {
    type: "search",
    words: "green tea",
  });
  assertEquals(request("/history"), { type: "history", limit: 50 });
  assertEquals(request("/history @bob"), {
    type: "history",
    room: "@bob",
    limit: 50,
  });
  assertEquals(request("/history  @bob  7 "), {
    type: "history",
    room: "@bob",
    limit: 7,
  });
  assertEquals(parseLine("/history 1970-01-01 0:00").kind, "request");
  assertEquals(parseLine("/group club"), {
    kind: "mistake",
    text: "/group lacks its <user>",
    hint: "Type /group <group> <user>…",
  });
});

Deno.test("history is asked for by a number, or by a time in one's own time zone", () => {
  const now = new Date(2026, 10, 21, 9, 30);
  const since = (text: string) => {
    const span = parseHistorySpan(text, now);
    return span && "since" in span ? new Date(span.since) : span;
  };
  assertEquals(since("7"), { limit: 7 });
  assertEquals(since("2h"), new Date(2026, 10, 21, 7, 30));
  assertEquals(since("45m"), new Date(2026, 10, 21, 8, 45));
  assertEquals(since("1d"), new Date(2026, 10, 20, 9, 30));
  assertEquals(since("9:05"), new Date(2026, 10, 21, 9, 5));
  // What is still to come today was yesterday.
  assertEquals(since("10:30"), new Date(2026, 10, 20, 10, 30));
  assertEquals(since("2026-11-20"), new Date(2026, 10, 20));
  // Nothing was said before 1970, and no wire can ask for it.
  assertEquals(since("1960-01-01"), new Date(0));
  assertEquals(since("99999d"), new Date(0));
  assertEquals(since("2026-11-20 10:30"), new Date(2026, 10, 20, 10, 30));
  for (
    const text of ["", "0", "x", "25:00", "2026-13-01", "2026-02-31", "2w"]
  ) {
    assertEquals(since(text), undefined, text);
  }
  for (const line of ["soon", "@", "@b@b", "@bob soon", "7 @bob"]) {
    assertEquals(parseLine(`/history ${line}`).kind, "mistake", line);
  }
});

Deno.test("passwords are asked for one by one, the new one twice where nobody sees it", () => {
  const register = new PasswordDialogue("register", true);
  assertEquals(register.prompt, "Password for your account: ");
  assertEquals(register.answer("secret"), { kind: "more" });
  assertEquals(register.prompt, "The same again: ");
  assertEquals(register.answer("secret"), {
    kind: "request",
    request: { type: "register", password: "secret" },
    warning: "a password of fewer than 8 characters is soon guessed",
  });
  const mistyped = new PasswordDialogue("register", true);
  mistyped.answer("secret");
  assertEquals(mistyped.answer("secert").kind, "mistake");
  const passwd = new PasswordDialogue("passwd", false);
  // What a password is by now may be any.
  assertEquals(passwd.answer("old\x15"), { kind: "more" });
  assertEquals(passwd.answer("\u00fc\u{1f600}345678"), {
    kind: "request",
    request: {
      type: "change_password",
      password: "old\x15",
      newPassword: "\u00fc\u{1f600}345678",
    },
  });
  const typed = new PasswordDialogue("passwd", true);
  typed.answer("old");
  for (const dialogue of [typed, new PasswordDialogue("register", true)]) {
    const answer = dialogue.answer("with\ta tab");
    assertEquals(
      answer.kind === "mistake" && answer.text,
      "The password has a control character in it",
    );
  }
  assertEquals(new PasswordDialogue("passwd", true).answer("").kind, "mistake");
  assertEquals(
    new PasswordDialogue("passwd", true).answer("x".repeat(1_025)),
    {
      kind: "mistake",
      text: "Too large: a password has at most 1024 bytes",
      hint: "Nothing was changed; type /passwd to try again",
    },
  );
});

Deno.test("a topic is shown, set and deleted, and being away begins and ends", () => {
  const request = (line: string) => {
    const command = parseLine(line);
    return command.kind === "request" ? command.request : command;
  };
  assertEquals(request("/topic"), { type: "show_topic" });
  assertEquals(request("/t  cake at  four "), {
    type: "set_topic",
    topic: "cake at  four",
  });
  assertEquals(request("/topic -delete"), { type: "set_topic", topic: "" });
  assertEquals(request("/topic -delete it"), {
    type: "set_topic",
    topic: "-delete it",
  });
  assertEquals(request("/away out for lunch"), {
    type: "set_away",
    text: "out for lunch",
  });
  assertEquals(request("/away"), { type: "set_away", typed: "/away" });
  assertEquals(request("/back"), { type: "set_away" });
  assertEquals(parseLine(`/topic ${"x".repeat(8193)}`).kind, "mistake");
  assertEquals(parseLine(`/away ${"x".repeat(8193)}`).kind, "mistake");
});

Deno.test("secrecy is asked for, accepted and verified by a name", () => {
  const asked = (line: string) => {
    const command = parseLine(line);
    return command.kind === "request" ? command.request : command;
  };
  assertEquals(asked("/secret bob"), { type: "secret", user: "bob" });
  const off = { type: "secret", user: "bob", off: true } as const;
  assertEquals(asked("/secret bob OFF"), off);
  assertEquals(asked("/trust bob"), { type: "trust", user: "bob" });
  assertEquals(asked("/verify bob"), { type: "verify", user: "bob" });
  // Whoever thinks that a message may stand there is told where it goes.
  assertEquals(asked("/secret bob at six"), {
    kind: "mistake",
    text: "/secret takes a name, and off or nothing behind it",
    hint: "Type /secret bob, then /msg bob <message>",
  });
});
