import { Buffer } from "node:buffer";
import { assertEquals } from "@std/assert";
import {
  ChatProto2ClientCodec,
  ChatProto2ServerCodec,
} from "../../lib/wire/mod.ts";
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
}

Deno.test("a key that was read stays as it is, whatever becomes of the bytes", () => {
  const codec = new ChatProto2ServerCodec();
  // As from a socket.
  const bytes = Buffer.from(
    new ChatProto2ClientCodec().encode({
      type: "publish_key",
      key: Uint8Array.of(8, 9),
    }),
  );
  codec.receive(bytes);
  const request = codec.next();
  bytes.fill(0);
  assertEquals(request, { type: "publish_key", key: Uint8Array.of(8, 9) });
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
