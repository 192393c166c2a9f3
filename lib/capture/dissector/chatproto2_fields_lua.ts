/**
 * Reading fields of ChatProto 2 by the tables, in Lua: a part of the dissector for Wireshark.
 *
 * @module
 */

/** The source of this part. */
export const CHATPROTO2_FIELDS_LUA: string = String.raw`
-- Fields of ChatProto 2, by the tables of its frames.

-- The next number of a frame and its bytes, or nil when it ends before.
local function read_number(cursor)
  local value, factor, from = 0, 1, cursor.at
  for _ = 1, 8 do
    if cursor.at >= cursor.stop then
      return nil
    end
    local byte = cursor.tvb(cursor.at, 1):uint()
    cursor.at = cursor.at + 1
    value = value + byte % 128 * factor
    if byte < 128 then
      return value, cursor.tvb(from, cursor.at - from)
    end
    factor = factor * 128
  end
  return nil
end

-- The next string: where its bytes begin, how many they are, and the range
-- with its length; or nil when the frame ends before.
local function read_string(cursor)
  local from = cursor.at
  local length = read_number(cursor)
  if length == nil or length > cursor.stop - cursor.at then
    return nil
  end
  local at = cursor.at
  cursor.at = at + length
  return at, length, cursor.tvb(from, cursor.at - from)
end

-- A frame's row, if its kind is known, with its flags and number.
local function kind_at(tvb, at, direction)
  local first = tvb(at, 1):uint()
  local kind = math.floor(first / 16)
  if kind == TABLES.extended then
    kind = TABLES.extended_kinds + tvb(at + 1, 1):uint()
  end
  return TABLES.frames[direction][kind], first % 16, kind
end

-- Adds a text as what its flags say it is.
local function add_text(tree, cursor, at, length, flags)
  local has_bytes = length > 0
  local range = has_bytes and cursor.tvb(at, length) or cursor.whole
  tree:add(FIELDS_2.text_length, range, length):set_generated()
  if has_bit(flags, TABLES.text_flags.encrypted) then
    if has_bytes then
      tree:add(FIELDS_2.ciphertext, range)
    end
  elseif has_bit(flags, TABLES.text_flags.coded) then
    if has_bytes then
      tree:add(FIELDS_2.coded_text, range)
    end
  else
    local text = has_bytes and text_of(range) or ""
    tree:add(FIELDS_2.text, range, text)
  end
end

local add_fields

-- Adds items up to the end of the frame.
local function add_list(tree, cursor, of, frame)
  while cursor.at < cursor.stop do
    local from, item = cursor.at, tree
    if #of > 1 then
      item = tree:add(FIELDS_2.item, cursor.tvb(from))
    end
    local values = add_fields(item, cursor, of, 0, frame)
    if values == nil then
      return false
    end
    if #of > 1 then
      item:set_len(cursor.at - from)
      frame.items[#frame.items + 1] = values
    end
  end
  return true
end

-- Adds one field to 'tree' and to 'values'; answers false when it is cut.
local function add_field(tree, cursor, field, flags, values, frame)
  local key, as = field.key, field.as
  if as == "list" then
    return add_list(tree, cursor, field.of, frame)
  elseif as == "number" then
    local value, range = read_number(cursor)
    if value == nil then
      return false
    end
    local item = tree:add(FIELDS_2[key], range, u64(value))
    values[key] = value
    if field.names and not values.is_item then
      frame.handles[#frame.handles + 1] =
        { tree = tree, item = item, range = range, names = field.names, value = value }
    end
  elseif as == "rest" then
    add_text(tree, cursor, cursor.at, cursor.stop - cursor.at, flags)
    cursor.at = cursor.stop
  else
    local at, length, range = read_string(cursor)
    if at == nil then
      return false
    elseif field.is_text then
      add_text(tree, cursor, at, length, flags)
    elseif as == "bytes" then
      if length > 0 then
        tree:add(FIELDS_2[key], cursor.tvb(at, length))
      end
    else
      local text = length > 0 and text_of(cursor.tvb(at, length)) or ""
      tree:add(FIELDS_2[key], range, text)
      values[key] = text
    end
  end
  return true
end

-- Adds fields, those that the flags say are there; answers their values, or nil
-- when the frame ends before.
function add_fields(tree, cursor, fields, flags, frame, known)
  local values = known or { is_item = true }
  for _, field in ipairs(fields) do
    if field.flag == nil or has_bit(flags, field.flag) then
      if not add_field(tree, cursor, field, flags, values, frame) then
        return nil
      end
      if field.is_bits then
        flags = values[field.key]
      end
    end
  end
  return values
end
`.trimStart();
