import { assertEquals } from "@std/assert";
import { nextUnread, promptText } from "../../../lib/client/mod.ts";

const unread = (room: string, count: number) => ({ room, read: 0, count });

Deno.test("the prompt says where a line goes, and what is unread elsewhere", () => {
  const cases: readonly [Partial<Parameters<typeof promptText>[0]>, string][] =
    [
      [{}, "[tea] "],
      [{ online: false }, "[tea, offline] "],
      [{ unread: [unread("Tea", 2), unread("general", 0)] }, "[tea] "],
      [
        { unread: [unread("a\x1b", 3), unread("b", 1)] },
        "[tea · a\\x1b 3 · b 1] ",
      ],
      [
        {
          unread: ["ab", "cd", "世界", "ef", "gh"].map((name) =>
            unread(name, 1)
          ),
        },
        "[tea · ab 1 · cd 1 · 3 more] ",
      ],
      [
        { unread: [unread("a longer one", 1), unread("b", 1)], columns: 20 },
        "[tea · a longer one 1 · 1 more] ",
      ],
      [{ room: "@bob" }, "[@bob] "],
      [{ room: "" }, "[nobody] "],
    ];
  for (const [state, text] of cases) {
    const tea = { room: "tea", online: true, unread: [], columns: 50 };
    assertEquals(promptText({ ...tea, ...state }), text);
  }
});

Deno.test("the next room with something unread is behind the one where one is, and comes round", () => {
  const rooms = [
    unread("a", 1),
    unread("b", 0),
    unread("C", 2),
    unread("d", 3),
  ];
  const next = (room: string) => nextUnread(rooms, room);
  assertEquals(["a", "b", "c", "d", "e"].map(next), ["C", "C", "d", "a", "a"]);
  assertEquals(nextUnread([unread("a", 5), unread("b", 0)], "a"), undefined);
});
