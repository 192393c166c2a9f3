/**
 * Connections, and what every wire needs, in Lua: a part of the dissector for Wireshark.
 *
 * @module
 */

/** The source of this part. */
export const CONNECTIONS_LUA: string = String.raw`
-- Connections: which end is the client, and what both have told.

local tcp_stream = Field.new("tcp.stream")

local connections = {}

local function forget_connections()
  connections = {}
end

-- The end that a packet comes from, or goes to.
local function end_of(address, port)
  return tostring(address) .. " " .. port
end

-- Who only answers in ChatProto 1.0 is no client.
local function is_answer(tvb)
  if tvb:len() < 4 or tvb(0, 3):uint() ~= 0x435001 then
    return false
  end
  local row = TABLES.messages[tvb(3, 1):uint()]
  return row ~= nil and row.request == nil
end

-- Whether bytes are frames of ChatProto 2 of a direction: further below.
local looks_like_2

-- Whether this came from a server, by what only servers say.
local function is_of_server(tvb)
  if is_answer(tvb) then
    return true
  end
  return looks_like_2(tvb, "event") and not looks_like_2(tvb, "request")
end

local function client_of(pinfo, tvb)
  local from = end_of(pinfo.src, pinfo.src_port)
  local to = end_of(pinfo.dst, pinfo.dst_port)
  for _, port in ipairs({ TABLES.port, TABLES.cp.port }) do
    local is_from = pinfo.src_port == port
    if is_from ~= (pinfo.dst_port == port) then
      return is_from and to or from
    end
  end
  -- The server says nothing before the client has.
  return is_of_server(tvb) and to or from
end

-- What is known of the connection of a packet. 'names', 'asked', 'streams',
-- 'selected' and so on are those of the last frame that was read for the first
-- time; what a frame means in its place is kept in 'results'.
local function connection_of(pinfo, tvb)
  local stream = tcp_stream()
  local key = stream and tostring(stream.value) or "none"
  local connection = connections[key]
  if connection == nil then
    connection = {
      client = client_of(pinfo, tvb),
      names = {},
      asked = {},
      streams = {},
      greeted = {},
      dead = {},
      results = {},
    }
    connections[key] = connection
  end
  return connection
end

local function direction_of(connection, pinfo)
  local from = end_of(pinfo.src, pinfo.src_port)
  return from == connection.client and "request" or "event"
end

-- Asks for the rest of a frame that begins at 'at': so many bytes, or, without
-- a number, whatever comes.
local function wait_for(pinfo, at, bytes)
  pinfo.desegment_offset = at
  pinfo.desegment_len = bytes or DESEGMENT_ONE_MORE_SEGMENT
end

-- Numbers up to 2^53 in a tree.
local function u64(value)
  return UInt64.new(value % 0x100000000, math.floor(value / 0x100000000))
end

local function has_bit(flags, bit)
  return math.floor(flags / bit) % 2 == 1
end

-- Puts what was found into the columns of a packet that may have more.
local function tell(pinfo, name, found)
  pinfo.cols.protocol = name
  pinfo.cols.info:set(table.concat(found, ", ") .. " ")
  pinfo.cols.info:fence()
end

-- UTF-8 as a value: in a tree, a text would end where it has a NUL.
local function text_of(range)
  local raw, found, from = range:raw(), {}, 1
  while true do
    local nul = raw:find("\0", from, true)
    local length = (nul or #raw + 1) - from
    if length > 0 then
      found[#found + 1] = range(from - 1, length):string(ENC_UTF_8)
    end
    if nul == nil then
      return table.concat(found)
    end
    found[#found + 1] = "\226\144\128" -- U+2400, the picture of a NUL
    from = nul + 1
  end
end

-- A list of the keys of a table in order.
local function sorted_keys(of)
  local keys = {}
  for key in pairs(of) do
    keys[#keys + 1] = key
  end
  table.sort(keys)
  return keys
end

-- 'room_name' as it stands before a value: 'Room name'.
local function label(key)
  local words = key:gsub("_", " ")
  return words:sub(1, 1):upper() .. words:sub(2)
end
`.trimStart();
