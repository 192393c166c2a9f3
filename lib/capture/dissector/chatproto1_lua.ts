/**
 * Frames of ChatProto 1.0, in Lua: a part of the dissector for Wireshark.
 *
 * @module
 */

/** The source of this part. */
export const CHATPROTO1_LUA: string = String.raw`
-- ChatProto 1.0: a header of nine bytes, and fields with a length of two bytes.

local chatp = Proto("chatp", "ChatProto 1.0")
local HEADER_BYTES = TABLES.header_bytes

local types = {}
for code, row in pairs(TABLES.messages) do
  types[code] = row.name
end

local FIELDS_1 = {
  protocol = ProtoField.uint16("chatp.protocol", "Protocol number", base.HEX),
  version = ProtoField.uint8("chatp.version", "Version", base.HEX),
  type = ProtoField.uint8("chatp.type", "Type", base.HEX, types),
  flags = ProtoField.uint8("chatp.flags", "Flags", base.HEX),
  length = ProtoField.uint32("chatp.length", "Length of the body", base.DEC),
  ciphertext = ProtoField.bytes("chatp.ciphertext", "Ciphertext"),
  rest = ProtoField.bytes("chatp.rest", "Behind the last field"),
}
for name, bit in pairs(TABLES.message_flags) do
  FIELDS_1["flags." .. name] =
    ProtoField.bool("chatp.flags." .. name, label(name), 8, nil, bit)
end
for _, row in pairs(TABLES.messages) do
  for _, direction in ipairs({ "request", "event" }) do
    for _, field in ipairs(row[direction] or {}) do
      local name, kind = field.name, field.kind
      local filter = "chatp." .. name
      if FIELDS_1[name] ~= nil then
        -- It is there already.
      elseif kind == "code" then
        FIELDS_1[name] =
          ProtoField.uint32(filter, label(name), base.DEC, TABLES.errors)
      elseif kind == "integer" then
        FIELDS_1[name] = ProtoField.uint64(filter, label(name), base.DEC)
      else
        FIELDS_1[name] = ProtoField.string(filter, label(name), base.UNICODE)
      end
    end
  end
end
chatp.fields = FIELDS_1

local malformed_1 = ProtoExpert.new(
  "chatp.malformed",
  "This is no frame of ChatProto 1.0",
  expert.group.MALFORMED,
  expert.severity.ERROR
)
chatp.experts = { malformed_1 }

-- Adds one field; answers where the next begins, or nil when it is cut.
local function add_field_1(tree, field, tvb, at, stop, flags)
  if at + 2 > stop then
    return nil
  end
  local length = tvb(at, 2):uint()
  local ends = at + 2 + length
  if ends > stop then
    return nil
  end
  local range = tvb(at, ends - at)
  local text = length > 0 and text_of(tvb(at + 2, length)) or ""
  local name, kind = field.name, field.kind
  if kind == "text" and has_bit(flags, TABLES.message_flags.encrypted) then
    if length > 0 then
      tree:add(FIELDS_1.ciphertext, tvb(at + 2, length))
    end
  elseif kind == "integer" or kind == "code" then
    if not text:match("^%d+$") or #text > 16 then
      return nil
    end
    local value = tonumber(text)
    if kind == "integer" then
      tree:add(FIELDS_1[name], range, u64(value))
    elseif TABLES.errors[value] ~= nil then
      tree:add(FIELDS_1[name], range, value)
    end
  else
    tree:add(FIELDS_1[name], range, text)
  end
  return ends
end

-- Adds the fields of a body; answers false when they are not all there.
local function add_body_1(tree, fields, tvb, at, stop, flags)
  for _, field in ipairs(fields) do
    local is_list = field.kind == "list"
    local is_absent = at == stop and (field.optional or is_list)
    while not is_absent do
      at = add_field_1(tree, field, tvb, at, stop, flags)
      if at == nil then
        return false
      end
      is_absent = not is_list or at == stop
    end
  end
  if at < stop then
    tree:add(FIELDS_1.rest, tvb(at, stop - at))
  end
  return true
end

-- Dissects one whole frame; answers its type's name.
local function dissect_frame_1(tvb, tree, direction)
  local code, flags = tvb(3, 1):uint(), tvb(4, 1):uint()
  local row = TABLES.messages[code]
  local fields = row and row[direction]
  local name = row and row.name or string.format("type 0x%02x", code)
  local subtree = tree:add(chatp, tvb(), "ChatProto 1.0, " .. name)
  subtree:add(FIELDS_1.protocol, tvb(0, 2))
  subtree:add(FIELDS_1.version, tvb(2, 1))
  subtree:add(FIELDS_1.type, tvb(3, 1))
  local bits = subtree:add(FIELDS_1.flags, tvb(4, 1))
  for _, flag in ipairs(sorted_keys(TABLES.message_flags)) do
    bits:add(FIELDS_1["flags." .. flag], tvb(4, 1))
  end
  subtree:add(FIELDS_1.length, tvb(5, 4))
  local is_whole = fields ~= nil
    and add_body_1(subtree, fields, tvb, HEADER_BYTES, tvb:len(), flags)
  if not is_whole then
    subtree:add_proto_expert_info(malformed_1)
  end
  return name
end

-- Adds what can't be understood: all from 'at' on.
local function add_undecoded_1(tvb, tree, at)
  local subtree = tree:add(chatp, tvb(at), "ChatProto 1.0, malformed")
  subtree:add_proto_expert_info(malformed_1)
end

-- Dissects all frames that are here, and asks for the rest of the last.
local function dissect_1(tvb, pinfo, tree, direction)
  local at, size, found = 0, tvb:len(), {}
  while at < size do
    local left = size - at
    local known = math.min(left, 3)
    if tvb(at, known):uint() ~= tonumber(("435001"):sub(1, 2 * known), 16) then
      add_undecoded_1(tvb, tree, at)
      found[#found + 1] = "malformed"
      break
    end
    local body = left >= HEADER_BYTES and tvb(at + 5, 4):uint() or 0
    if body > TABLES.body_bytes then
      add_undecoded_1(tvb, tree, at)
      found[#found + 1] = "malformed"
      break
    end
    local bytes = HEADER_BYTES + body
    if left < bytes then
      wait_for(pinfo, at, left >= HEADER_BYTES and bytes - left or nil)
      break
    end
    found[#found + 1] =
      dissect_frame_1(tvb(at, bytes):tvb(), tree, direction)
    at = at + bytes
  end
  if #found > 0 then
    tell(pinfo, "ChatProto 1.0", found)
  end
  return size
end
`.trimStart();
