/**
 * A dissector for Wireshark and tshark, in Lua: ChatProto 1.0, ChatProto 2, CP
 * and reliable UDP.
 *
 * Its tables are made of those that the codecs use; the rest are the files
 * beside this one, one behind the other.
 *
 * @module
 */

import { CHATPROTO1_LUA } from "./chatproto1_lua.ts";
import { CHATPROTO2_LUA } from "./chatproto2_lua.ts";
import { CHATPROTO2_FIELDS_LUA } from "./chatproto2_fields_lua.ts";
import { CHATPROTO2_FRAMES_LUA } from "./chatproto2_frames_lua.ts";
import { CHATPROTO2_MEANING_LUA } from "./chatproto2_meaning_lua.ts";
import { CP_LUA } from "./cp_lua.ts";
import { CONNECTIONS_LUA } from "./connections_lua.ts";
import { REGISTER_LUA } from "./register_lua.ts";
import { luaSource } from "./lua_value.ts";
import { dissectorTables } from "./tables.ts";
import { UDPCHAT_LUA } from "./udpchat_lua.ts";

const HEADING = `\
-- Dissects ChatProto 1.0, ChatProto 2, CP and reliable UDP, wires of chatp.
--
-- Written by \`chatp capture dissector\`; docs/capture.md says where it goes.
-- Found on their ports, by first bytes on others, or by "Decode as".
`;

/** The dissector's source. */
export function dissectorSource(): string {
  return [
    HEADING,
    `local TABLES = ${luaSource(dissectorTables())}\n`,
    CONNECTIONS_LUA,
    CHATPROTO1_LUA,
    CHATPROTO2_LUA,
    CHATPROTO2_FIELDS_LUA,
    CHATPROTO2_MEANING_LUA,
    CHATPROTO2_FRAMES_LUA,
    REGISTER_LUA,
    CP_LUA,
    UDPCHAT_LUA,
  ].join("\n");
}
