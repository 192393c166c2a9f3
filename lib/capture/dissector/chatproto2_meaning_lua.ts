/**
 * What frames of ChatProto 2 mean where they stand, in Lua: a part of the dissector for Wireshark.
 *
 * @module
 */

/** The source of this part. */
export const CHATPROTO2_MEANING_LUA: string = String.raw`
-- What frames of ChatProto 2 mean where they stand: names, rooms, sequences.

-- What a request's REPLY has behind the number.
local function reply_fields(row, flags)
  if row.name ~= "list" then
    return row.reply or {}
  end
  for _, what in ipairs({ "members", "users" }) do
    if has_bit(flags, row.flags[what]) then
      return TABLES.list_replies[what]
    end
  end
  return TABLES.list_replies.rooms
end

local function learn(connection, handle, name)
  if handle ~= nil and handle ~= 0 and name ~= nil then
    connection.names[handle] = name
  end
end

-- Takes the names that a server's frame tells.
local function learn_names(connection, frame, values)
  learn(connection, values.sender_handle, values.name)
  learn(connection, values.user_handle, values.name)
  learn(connection, values.room_handle, values.room_name)
  for _, item in ipairs(frame.items) do
    learn(connection, item.handle, item.name or item.user)
    learn(connection, item.sender_handle, item.sender)
    local flags = item.item_flags or 0
    if not has_bit(flags, TABLES.entry_flags.direct) then
      learn(connection, item.room_handle, item.name)
    end
  end
end

-- The next message of the room that goes on.
local function next_message(connection)
  local room = connection.selected
  local last = room and connection.streams[room]
  if last ~= nil then
    connection.streams[room] = last + 1
  end
  return { room = room, sequence = last and last + 1 }
end

local MEANINGS = { request = {}, event = {} }

function MEANINGS.request.say(connection, values)
  connection.said = values.room_handle or connection.said
  return { room = connection.said }
end

function MEANINGS.request.receipt(connection, values)
  local before = connection.receipt
  if values.room_handle ~= nil then
    before = { room = values.room_handle, sequence = values.sequence }
  elseif before ~= nil then
    local sequence = before.sequence + (values.more or 1)
    before = { room = before.room, sequence = sequence }
  end
  connection.receipt = before
  return before or {}
end

function MEANINGS.event.select(connection, values)
  connection.selected = values.room_handle
  return {}
end

function MEANINGS.event.position(connection, values)
  local room, sequence = values.room_handle, values.sequence
  local last = connection.streams[room]
  connection.streams[room] = sequence
  return { is_lost = last ~= nil and last ~= sequence }
end

MEANINGS.event.message = next_message

function MEANINGS.event.stored(connection, values)
  return values.sequence == nil and next_message(connection) or {}
end

function MEANINGS.event.received(connection, values)
  local room = connection.selected
  local last = room and connection.streams[room]
  if last == nil or values.sequence ~= nil then
    return { room = room }
  end
  return { room = room, sequence = math.max(0, last - (values.behind or 0)) }
end

function MEANINGS.event.presence(connection)
  return { room = connection.selected }
end

MEANINGS.event.crowd = MEANINGS.event.presence

function MEANINGS.event.rooms(connection, _, frame)
  for _, item in ipairs(frame.items) do
    connection.streams[item.room_handle] = nil
  end
  return {}
end

-- What a frame means in its place: known from the first time it was read.
local function result_of(connection, pinfo, key, make)
  local result = pinfo.visited and connection.results[key] or nil
  if result == nil then
    result = make()
    connection.results[key] = result
  end
  return result
end

-- Adds what does not stand in a frame itself.
local function add_meaning(subtree, connection, frame, values, result)
  local whole = frame.whole
  if result.room ~= nil and values.room_handle == nil then
    local item =
      subtree:add(FIELDS_2.room_handle, whole, u64(result.room)):set_generated()
    frame.handles[#frame.handles + 1] = {
      tree = subtree, item = item, range = whole, names = "room", value = result.room
    }
  end
  if result.sequence ~= nil and values.sequence == nil then
    subtree:add(FIELDS_2.sequence, whole, u64(result.sequence)):set_generated()
  end
  if result.is_lost then
    subtree:add_proto_expert_info(lost_2)
  end
  for _, handle in ipairs(frame.handles) do
    local name = connection.names[handle.value]
    if name ~= nil then
      handle.item:append_text(" (" .. name .. ")")
      if values[handle.names] == nil then
        handle.tree:add(FIELDS_2[handle.names], handle.range, name):set_generated()
      end
    end
  end
end
`.trimStart();
