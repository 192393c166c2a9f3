/**
 * Where Wireshark finds the dissector, in Lua: a part of the dissector for Wireshark.
 *
 * @module
 */

/** The source of this part. */
export const REGISTER_LUA: string = String.raw`
-- Which of the two a connection speaks, and where they are found.

-- Whether a row has all flags that are set.
local function has_flags(row, flags)
  for _, bit in ipairs({ 1, 2, 4, 8 }) do
    if has_bit(flags, bit) and not has_bit(row.flag_bits, bit) then
      return false
    end
  end
  return true
end

-- Whether there is a whole frame here, of a kind and with flags that a
-- direction has, and nothing but such frames.
function looks_like_2(tvb, direction)
  local cursor = { tvb = tvb, at = 0, stop = tvb:len() }
  local found = false
  while cursor.at < cursor.stop do
    local length = read_number(cursor)
    if length == nil or length > TABLES.body_bytes then
      return found and length == nil
    end
    local ends = cursor.at + length
    if length > 0 and cursor.at + 1 < cursor.stop then
      local row, flags = kind_at(tvb, cursor.at, direction)
      if row == nil or not has_flags(row, flags) then
        return false
      end
      found = found or ends <= cursor.stop
    end
    cursor.at = ends
  end
  return found
end

-- The version that the first bytes of a connection name: nil when they are
-- none's, 0 when they could become some.
local function version_at(tvb, direction)
  local known = math.min(tvb:len(), 2)
  if tvb(0, known):uint() ~= tonumber(("4350"):sub(1, 2 * known), 16) then
    local is_json = tvb(0, 1):uint() == 0x7b
    return not is_json and looks_like_2(tvb, direction) and 2 or nil
  end
  if tvb:len() < 3 then
    return 0
  end
  local version = tvb(2, 1):uint()
  return (version == 1 or version == 2) and version or nil
end

local function dissect(tvb, pinfo, tree)
  if tvb:len() == 0 then
    return 0
  end
  local connection = connection_of(pinfo, tvb)
  local direction = direction_of(connection, pinfo)
  local version = connection.version or version_at(tvb, direction)
  if version == nil then
    return 0
  end
  if version == 0 then
    wait_for(pinfo, 0)
    return tvb:len()
  end
  connection.version = version
  if version == 1 or is_answer(tvb) and not connection.greeted[direction] then
    return dissect_1(tvb, pinfo, tree, direction)
  end
  return dissect_2(tvb, pinfo, tree, connection, direction)
end

chatp.init = forget_connections
chatp.dissector = dissect
chatp2.dissector = dissect

-- By the first bytes, on any port: a header of 1.0, a preface of 2.
chatp:register_heuristic("tcp", function(tvb, pinfo, tree)
  if tvb:len() < HEADER_BYTES or tvb(0, 3):uint() ~= 0x435001 then
    return false
  end
  local is_known = TABLES.messages[tvb(3, 1):uint()] ~= nil
  if not is_known or tvb(5, 4):uint() > TABLES.body_bytes then
    return false
  end
  pinfo.conversation = chatp
  dissect(tvb, pinfo, tree)
  return true
end)
chatp2:register_heuristic("tcp", function(tvb, pinfo, tree)
  if tvb:len() < TABLES.preface_bytes or tvb(0, 4):uint() ~= 0x43500200 then
    return false
  end
  if tvb(5, 4):uint() ~= 0 then
    return false
  end
  pinfo.conversation = chatp2
  dissect(tvb, pinfo, tree)
  return true
end)

local ports = DissectorTable.get("tcp.port")
ports:add(TABLES.port, chatp)
-- For "Decode as", on other ports.
ports:add_for_decode_as(chatp2)
`.trimStart();
