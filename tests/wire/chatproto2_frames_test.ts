import { Buffer } from "node:buffer";
import { assertEquals } from "@std/assert";
import {
  FrameStream,
  preface,
} from "../../lib/wire/chatproto2/frame_stream.ts";

/** Tells what a stream of frames holds. */
class Frames extends FrameStream {
  next(): boolean {
    return this.readPreface() && this.readFrame();
  }

  get held(): Uint8Array {
    return this.fields.rest();
  }

  get copied(): Uint8Array {
    return this.fields.copy("key");
  }
}

Deno.test("what is copied from a frame stays as it is", () => {
  const frames = new Frames("request");
  frames.receive(preface(0));
  // As from a socket.
  const bytes = Buffer.of(4, 0x30, 2, 8, 9);
  frames.receive(bytes);
  assertEquals(frames.next(), true);
  const copied = frames.copied;
  bytes.fill(0);
  assertEquals(copied, Uint8Array.of(8, 9));
});

Deno.test("a frame is held until the next one is asked for, and no longer", () => {
  const frames = new Frames("request");
  frames.receive(preface(0));
  // 4 bytes: kind 3, and three more.
  frames.receive(Uint8Array.of(4, 0x30, 7, 8, 9, 2));
  assertEquals(frames.next(), true);
  assertEquals(frames.held, Uint8Array.of(7, 8, 9));
  frames.receive(Uint8Array.of(0x30, 6, 4, 0x30, 1, 2, 3));
  assertEquals([frames.next(), frames.next()], [true, true]);
  assertEquals(frames.next(), false);
  assertEquals(frames.held, new Uint8Array(0));
});
