import { assertEquals } from "@std/assert";
import { RoomBook } from "../../lib/client/room_book.ts";

const at = (sequence: number) => ({ id: 0, room: 3, sequence, time: 0 });

/** A book in which general is known up to its fourth message. */
function general(): RoomBook {
  const book = new RoomBook();
  book.connected();
  book.take({
    type: "rooms",
    rooms: [{
      room: 3,
      kind: "public",
      name: "general",
      last: 9,
      received: 4,
      read: 4,
      receivedByAll: 4,
    }],
  });
  book.take({ type: "position", room: 3, sequence: 4, time: 0 });
  return book;
}

Deno.test("an answer to what was said before hides nothing of what was missed", () => {
  const book = general();
  book.stored(1, at(7), true);
  const shown = [5, 6, 7, 8].filter((sequence) => book.said(at(sequence)));
  // The seventh is one's own: its answer has shown it.
  assertEquals(shown, [5, 6, 8]);
  assertEquals(book.positions, [{ room: 3, sequence: 8 }]);
});

Deno.test("one's own message is received with its answer, and is not told again", () => {
  const book = general();
  book.stored(1, at(5));
  assertEquals(book.positions, [{ room: 3, sequence: 5 }]);
  assertEquals([4, 5, 6].map((sequence) => book.said(at(sequence))), [
    false,
    false,
    true,
  ]);
});

Deno.test("a public room goes on where it was under another handle, a group does not", () => {
  const book = general();
  const told = (kind: "public" | "group", handle: number) => {
    book.connected();
    book.take({
      type: "rooms",
      rooms: [{
        room: handle,
        kind,
        name: "General",
        last: 9,
        received: 9,
        read: 9,
        receivedByAll: 9,
      }],
    });
    return [4, 5].map((sequence) =>
      book.said({ ...at(sequence), room: handle })
    );
  };
  assertEquals(told("public", 1_002), [false, true]);
  assertEquals(told("group", 1_003), [true, true]);
});

Deno.test("what everybody got while there was no connection is told with the rooms, once", () => {
  const book = general();
  book.stored(1, at(5));
  book.stored(2, at(6));
  const again = (receivedByAll: number) => {
    book.connected();
    return book.take({
      type: "rooms",
      rooms: [{
        room: 3,
        kind: "public",
        name: "general",
        last: 9,
        received: 6,
        read: 6,
        receivedByAll,
      }],
    });
  };
  const type = "received_by_all";
  assertEquals(again(5), [{ type, room: "general", sequence: 5, refs: [1] }]);
  assertEquals(again(5), []);
  assertEquals(again(9), [{ type, room: "general", sequence: 9, refs: [2] }]);
});
