/**
 * Frames of ChatProto 2, in Lua: a part of the dissector for Wireshark.
 *
 * @module
 */

/** The source of this part. */
export const CHATPROTO2_FRAMES_LUA: string = String.raw`
-- Frames of ChatProto 2.

-- The request that a reply is to.
local function asked_by(connection, values, key, pinfo)
  return result_of(connection, pinfo, key .. " asked", function()
    local asked = connection.asked[values.n] or {}
    connection.asked[values.n] = nil
    return asked
  end)
end

-- Adds the request number, where a frame has one; answers false when it is cut.
local function add_number(subtree, cursor, frame, row, flags, values)
  local first = row.fields[1]
  if first == nil or first.key ~= "n" then
    return true
  end
  if has_bit(flags, row.flags.number) then
    if not add_field(subtree, cursor, first, flags, values, frame) then
      return false
    end
  else
    values.n = 0
    subtree:add(FIELDS_2.n, frame.whole, u64(0)):set_generated()
  end
  if frame.direction == "request" and not frame.pinfo.visited then
    local reply = reply_fields(row, flags)
    frame.connection.asked[values.n] = { name = row.name, reply = reply }
  end
  return true
end

-- Adds what a reply says by its request; answers false when it is cut.
local function add_reply(subtree, cursor, frame, row, flags, values)
  if values.n == nil or frame.direction == "request" then
    return true
  end
  local asked = asked_by(frame.connection, values, frame.key, frame.pinfo)
  if asked.name ~= nil and (row.name == "reply" or row.name == "refused") then
    subtree:add(FIELDS_2.to, frame.whole, asked.name):set_generated()
  end
  if row.name ~= "reply" or asked.reply == nil then
    return true
  end
  return add_fields(subtree, cursor, asked.reply, flags, frame, values) ~= nil
end

-- Adds the fields of a frame whose kind is known; answers false when it is cut.
local function add_frame(subtree, cursor, frame, row, flags)
  local connection, direction = frame.connection, frame.direction
  local values = {}
  local is_whole = add_number(subtree, cursor, frame, row, flags, values)
    and add_fields(subtree, cursor, row.rest, flags, frame, values) ~= nil
    and add_reply(subtree, cursor, frame, row, flags, values)
  if is_whole and direction == "event" then
    learn_names(connection, frame, values)
  end
  -- A message is the next of its room even if it can't be read.
  if is_whole or row.name == "message" then
    local mean = MEANINGS[direction][row.name]
    local result = result_of(connection, frame.pinfo, frame.key, function()
      return mean and mean(connection, values, frame) or {}
    end)
    add_meaning(subtree, connection, frame, values, result)
  end
  if is_whole and cursor.at < cursor.stop then
    subtree:add(FIELDS_2.body, cursor.tvb(cursor.at, cursor.stop - cursor.at))
  end
  return is_whole
end

local function add_flags(subtree, row, flags, range)
  local bits = subtree:add(FIELDS_2.flags, range, flags)
  for _, name in ipairs(sorted_keys(row and row.flags or {})) do
    bits:add(FIELDS_2["flags." .. name], range, has_bit(flags, row.flags[name]))
  end
end

-- Dissects one whole frame, whose fields begin behind its length at 'at';
-- answers its kind's name.
local function dissect_frame_2(tvb, tree, frame, at)
  local subtree = tree:add(chatp2, tvb(), "ChatProto 2")
  local length = tvb:len() - at
  subtree:add(FIELDS_2.length, tvb(0, at), length)
  frame.whole = tvb()
  if length == 0 then
    subtree:add(FIELDS_2.kind, tvb(), "keepalive"):set_generated()
    subtree:append_text(", keepalive")
    return "keepalive"
  end
  local kind_range = tvb(at, 1)
  if math.floor(kind_range:uint() / 16) == TABLES.extended then
    if length == 1 then
      subtree:add_proto_expert_info(malformed_2)
      return "malformed"
    end
    kind_range = tvb(at, 2)
  end
  local row, flags, number = kind_at(tvb, at, frame.direction)
  local name = row and row.name or "unknown"
  subtree:append_text(", " .. name)
  subtree:add(FIELDS_2["kind.number"], kind_range, number)
  subtree:add(FIELDS_2.kind, kind_range, name):set_generated()
  add_flags(subtree, row, flags, tvb(at, 1))
  local cursor = {
    tvb = tvb, at = at + kind_range:len(), stop = tvb:len(), whole = tvb()
  }
  if row == nil then
    if cursor.at < cursor.stop then
      subtree:add(FIELDS_2.body, tvb(cursor.at, cursor.stop - cursor.at))
    end
  elseif not add_frame(subtree, cursor, frame, row, flags) then
    subtree:add_proto_expert_info(malformed_2)
  end
  return name
end

local function dissect_preface(tvb, tree)
  local subtree = tree:add(chatp2, tvb(), "ChatProto 2, preface")
  subtree:add(FIELDS_2.kind, tvb(0, 4), "preface"):set_generated()
  subtree:add(FIELDS_2.version, tvb(2, 1))
  local features = subtree:add(FIELDS_2.features, tvb(4, 1))
  local bits = tvb(4, 1):uint()
  for _, name in ipairs(sorted_keys(TABLES.features)) do
    local is_on = has_bit(bits, TABLES.features[name])
    features:add(FIELDS_2["features." .. name], tvb(4, 1), is_on)
  end
end

-- Whether a preface begins here: the first thing that a direction says.
local function is_preface(tvb, connection, direction, pinfo)
  local greeted = connection.greeted[direction]
  if greeted ~= nil and greeted ~= pinfo.number then
    return false
  end
  local known = math.min(tvb:len(), 4)
  return tvb(0, known):uint() == tonumber(("43500200"):sub(1, 2 * known), 16)
end

local function add_undecoded_2(tvb, tree)
  local subtree = tree:add(chatp2, tvb, "ChatProto 2, malformed")
  subtree:add_proto_expert_info(malformed_2)
end

-- Dissects the frame at 'at'; answers where it ends and its name, or nil when
-- more has to come.
local function dissect_next(tvb, tree, frame, at)
  local cursor = { tvb = tvb, at = at, stop = tvb:len() }
  local length = read_number(cursor)
  if length == nil and cursor.at - at < 8 then
    wait_for(frame.pinfo, at)
    return nil
  end
  if length == nil or length > TABLES.body_bytes then
    add_undecoded_2(tvb(at), tree)
    frame.connection.dead[frame.direction] = frame.pinfo.number
    return tvb:len(), "malformed"
  end
  local ends = cursor.at + length
  if ends > tvb:len() then
    wait_for(frame.pinfo, at, ends - tvb:len())
    return nil
  end
  local range = tvb(at, ends - at)
  frame.items, frame.handles = {}, {}
  local hex = range:bytes():tohex()
  frame.key = table.concat({ frame.pinfo.number, tvb:len(), at, hex }, " ")
  return ends, dissect_frame_2(range:tvb(), tree, frame, cursor.at - at)
end

-- Dissects all frames that are here, and asks for the rest of the last.
local function dissect_2(tvb, pinfo, tree, connection, direction)
  local at, found = 0, {}
  local dead = connection.dead[direction]
  if dead ~= nil and dead < pinfo.number then
    add_undecoded_2(tvb(), tree)
    return tvb:len()
  end
  if is_preface(tvb, connection, direction, pinfo) then
    at = TABLES.preface_bytes
    if tvb:len() < at then
      wait_for(pinfo, 0, at - tvb:len())
      return tvb:len()
    end
    dissect_preface(tvb(0, at):tvb(), tree)
    found[1] = "preface"
  end
  connection.greeted[direction] = connection.greeted[direction] or pinfo.number
  local frame = { connection = connection, direction = direction, pinfo = pinfo }
  while at < tvb:len() do
    local ends, name = dissect_next(tvb, tree, frame, at)
    if ends == nil then
      break
    end
    found[#found + 1] = name
    at = ends
  end
  if #found > 0 then
    tell(pinfo, "ChatProto 2", found)
  end
  return tvb:len()
end
`.trimStart();
