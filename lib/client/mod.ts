/**
 * The client: a session that mends its connection, commands, pipes and the
 * terminal.
 *
 * @module
 */

export * from "./backoff.ts";
export * from "./commands.ts";
export * from "./events.ts";
export * from "./exchange.ts";
export * from "./handshake.ts";
export * from "./lines.ts";
export * from "./link.ts";
export * from "./outbox.ts";
export * from "./output.ts";
export * from "./pipe.ts";
export * from "./rejection.ts";
export * from "./retry.ts";
export * from "./sentences.ts";
export * from "./session.ts";
export * from "./suggest.ts";
export * from "./terminal/mod.ts";
