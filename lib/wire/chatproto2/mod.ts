/**
 * ChatProto 2 (docs/chatproto2.md).
 *
 * @module
 */

export { ChatProto2ClientCodec } from "./client_codec.ts";
export { CHATPROTO2_EVENTS } from "./encode_events.ts";
export { FieldReader } from "./fields.ts";
export { FEATURES, OtherVersionError, PREFACE_BYTES } from "./frame_stream.ts";
export * from "./frames.ts";
export * from "./kinds.ts";
export { TEXT_CODE, type TextCode } from "./message_text.ts";
export {
  type ChatProto2Options,
  ChatProto2ServerCodec,
} from "./server_codec.ts";
