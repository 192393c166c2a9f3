/**
 * PDUs of CP, in Lua: a part of the dissector for Wireshark.
 *
 * @module
 */

/** The source of this part. */
export const CP_LUA: string = String.raw`
-- CP: lines of text, ended by CRLF; or, of clients that send none, one a
-- segment.

local cp = Proto("chatpcp", "CP")
local CP = TABLES.cp

local FIELDS_CP = {
  command = ProtoField.string("chatpcp.command", "Command"),
  code = ProtoField.uint16("chatpcp.code", "Code", base.DEC, CP.codes),
  username = ProtoField.string("chatpcp.username", "Username", base.UNICODE),
  password = ProtoField.string("chatpcp.password", "Password", base.UNICODE),
  recipient = ProtoField.string("chatpcp.recipient", "Recipient", base.UNICODE),
  sender = ProtoField.string("chatpcp.sender", "Sender", base.UNICODE),
  text = ProtoField.string("chatpcp.text", "Text", base.UNICODE),
}
cp.fields = FIELDS_CP

local malformed_cp = ProtoExpert.new(
  "chatpcp.malformed",
  "This is no PDU of CP",
  expert.group.MALFORMED,
  expert.severity.ERROR
)
cp.experts = { malformed_cp }

-- A PDU's command or code, which begins it; nil when it has none.
local function name_cp(raw)
  local command = raw:sub(1, 4):upper()
  if CP.commands[command] ~= nil then
    return command
  end
  local code = tonumber(raw:match("^(%d%d%d) ") or raw:match("^(%d%d%d)$"))
  return code ~= nil and CP.codes[code] ~= nil and code or nil
end

local function add_text_cp(tree, field, tvb, from, ends)
  local range = from < ends and tvb(from, ends - from) or tvb(0, 0)
  tree:add(FIELDS_CP[field], range, from < ends and text_of(range) or "")
end

-- Adds what stands before a colon and behind it; false when there is none.
local function add_parted_cp(tree, tvb, raw, who)
  local colon = raw:find(":", 5, true)
  if colon == nil then
    return false
  end
  add_text_cp(tree, who, tvb, 4, colon - 1)
  add_text_cp(tree, "text", tvb, colon, #raw)
  return true
end

-- Adds what a PDU says; false when that is not there.
local function add_fields_cp(tree, tvb, raw, name, direction)
  if name == "USER" then
    add_text_cp(tree, "username", tvb, 4, #raw)
  elseif name == "PASS" then
    add_text_cp(tree, "password", tvb, 4, #raw)
  elseif name == "SMSG" then
    return add_parted_cp(tree, tvb, raw, "recipient")
  elseif name == "RMSG" and direction == "event" then
    return add_parted_cp(tree, tvb, raw, "sender")
  elseif type(name) == "number" and #raw > 4 then
    add_text_cp(tree, "text", tvb, 4, #raw)
  end
  return true
end

-- Dissects one whole PDU of so many bytes without its CRLF; answers its name.
local function dissect_pdu(tvb, tree, direction, size)
  local raw = size > 0 and tvb(0, size):raw() or ""
  local name = name_cp(raw)
  local subtree = tree:add(cp, tvb(), "CP, " .. (name or "malformed"))
  if type(name) == "string" then
    subtree:add(FIELDS_CP.command, tvb(0, 4), name)
  elseif name ~= nil then
    subtree:add(FIELDS_CP.code, tvb(0, 3), name)
  end
  local is_whole = name ~= nil and size <= CP.pdu_bytes
    and add_fields_cp(subtree, tvb, raw, name, direction)
  if not is_whole then
    subtree:add_proto_expert_info(malformed_cp)
  end
  return tostring(name or "malformed")
end

-- What a read without CRLF is without CR and LF at its ends.
local function trimmed_cp(tvb)
  local raw = tvb:raw()
  local from = raw:match("^[\r\n]*()")
  local text = raw:sub(from):match("^(.-)[\r\n]*$")
  return from - 1, #text
end

function cp.dissector(tvb, pinfo, tree)
  local size = tvb:len()
  if size == 0 then
    return 0
  end
  local connection = connection_of(pinfo, tvb)
  local direction = direction_of(connection, pinfo)
  if direction == "request" and connection.framing == nil then
    connection.framing = tvb:raw():find("\r\n", 1, true) and "crlf" or "silence"
  end
  if direction == "request" and connection.framing == "silence" then
    local from, length = trimmed_cp(tvb)
    if length > 0 then
      local found = dissect_pdu(tvb(from):tvb(), tree, direction, length)
      tell(pinfo, "CP", { found })
    end
    return size
  end
  local raw, at, found = tvb:raw(), 0, {}
  while at < size do
    local ends = raw:find("\r\n", at + 1, true)
    if ends == nil then
      wait_for(pinfo, at)
      break
    end
    local length = ends - 1 - at
    if length > 0 then
      local pdu = tvb(at, length + 2):tvb()
      found[#found + 1] = dissect_pdu(pdu, tree, direction, length)
    end
    at = ends + 1
  end
  if #found > 0 then
    tell(pinfo, "CP", found)
  end
  return size
end

-- On any port: a command with something right behind it, as others that have
-- such commands put a space there.
cp:register_heuristic("tcp", function(tvb, pinfo, tree)
  local raw = tvb:raw(0, math.min(tvb:len(), 5))
  local command = raw:sub(1, 4):upper()
  if CP.commands[command] == nil or not raw:match("^....[^ \r\n]") then
    return false
  end
  pinfo.conversation = cp
  cp.dissector(tvb, pinfo, tree)
  return true
end)

DissectorTable.get("tcp.port"):add(CP.port, cp)
`.trimStart();
