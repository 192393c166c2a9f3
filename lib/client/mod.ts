/**
 * The client: a session that mends its connection, commands, pipes and the
 * terminal.
 *
 * @module
 */

export * from "./abilities.ts";
export * from "./away_book.ts";
export * from "./backlog.ts";
export * from "./backoff.ts";
export * from "./clock.ts";
export * from "./commands.ts";
export * from "./connections.ts";
export * from "./conversation.ts";
export * from "./cut_text.ts";
export * from "./entrance.ts";
export * from "./entries.ts";
export * from "./events.ts";
export * from "./exchange.ts";
export * from "./handshake.ts";
export * from "./held_back.ts";
export * from "./history_span.ts";
export * from "./lines.ts";
export * from "./link.ts";
export * from "./liveness.ts";
export * from "./new_password.ts";
export * from "./outbox.ts";
export * from "./output.ts";
export * from "./parse_line.ts";
export * from "./password_dialogue.ts";
export * from "./pipe.ts";
export * from "./rejection.ts";
export * from "./relay.ts";
export * from "./relay_lines.ts";
export * from "./retry.ts";
export * from "./room_book.ts";
export * from "./routing.ts";
export * from "./secrecy.ts";
export * from "./secret_keys.ts";
export * from "./secret_partners.ts";
export * from "./secret_reader.ts";
export * from "./secrets.ts";
export * from "./sentences.ts";
export * from "./session.ts";
export * from "./session_options.ts";
export * from "./suggest.ts";
export * from "./talk.ts";
export * from "./terminal/mod.ts";
export * from "./whereabouts.ts";
