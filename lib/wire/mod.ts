/**
 * The wires: the message model, its codecs, errors, names and limits. Pure:
 * nothing here touches a socket, a clock, a timer or chance.
 *
 * @module
 */

export * from "./basic_event.ts";
export * from "./bytes.ts";
export * from "./chatproto1.ts";
export * from "./chatproto2/mod.ts";
export * from "./codec.ts";
export * from "./cp/mod.ts";
export * from "./detect.ts";
export * from "./errors.ts";
export * from "./events.ts";
export * from "./json.ts";
export * from "./limits.ts";
export * from "./model.ts";
export * from "./names.ts";
export * from "./printable.ts";
export * from "./relay/mod.ts";
export * from "./requests.ts";
export * from "./rsa_public_key.ts";
export * from "./text.ts";
export * from "./tls_record.ts";
export * from "./udpchat/mod.ts";
