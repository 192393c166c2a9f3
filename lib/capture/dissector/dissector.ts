/**
 * A dissector for Wireshark and tshark, in Lua: ChatProto 1.0 and ChatProto 2.
 *
 * Its tables are made of those that the codecs use; the rest are the files
 * beside this one, one behind the other.
 *
 * @module
 */

import chatproto1 from "./chatproto1.lua" with { type: "text" };
import chatproto2 from "./chatproto2.lua" with { type: "text" };
import fields from "./chatproto2_fields.lua" with { type: "text" };
import frames from "./chatproto2_frames.lua" with { type: "text" };
import meaning from "./chatproto2_meaning.lua" with { type: "text" };
import connections from "./connections.lua" with { type: "text" };
import register from "./register.lua" with { type: "text" };
import { luaSource } from "./lua_value.ts";
import { dissectorTables } from "./tables.ts";

const HEADING = `\
-- Dissects ChatProto 1.0 and ChatProto 2, the wires of chatp.
--
-- Written by \`chatp capture dissector\`; docs/capture.md says where it goes.
-- Found on its port, by first bytes on others, or by "Decode as".
`;

/** The dissector's source. */
export function dissectorSource(): string {
  return [
    HEADING,
    `local TABLES = ${luaSource(dissectorTables())}\n`,
    connections,
    chatproto1,
    chatproto2,
    fields,
    meaning,
    frames,
    register,
  ].join("\n");
}
