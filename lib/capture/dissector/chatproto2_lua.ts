/**
 * The fields of ChatProto 2, in Lua: a part of the dissector for Wireshark.
 *
 * @module
 */

/** The source of this part. */
export const CHATPROTO2_LUA: string = String.raw`
-- ChatProto 2: frames of a length, a kind with flags, and fields.

local chatp2 = Proto("chatp2", "ChatProto 2")

local FIELDS_2 = {
  length = ProtoField.uint32("chatp2.length", "Length", base.DEC),
  kind = ProtoField.string("chatp2.kind", "Kind"),
  ["kind.number"] = ProtoField.uint8("chatp2.kind.number", "Kind", base.DEC),
  flags = ProtoField.uint8("chatp2.flags", "Flags", base.HEX),
  version = ProtoField.uint8("chatp2.version", "Version", base.DEC),
  features = ProtoField.uint8("chatp2.features", "Features", base.HEX),
  to = ProtoField.string("chatp2.to", "Reply to"),
  item = ProtoField.none("chatp2.item", "Item"),
  text_length = ProtoField.uint32("chatp2.text_length", "Bytes of the text"),
  coded_text = ProtoField.bytes("chatp2.coded_text", "Text in the text code"),
  ciphertext = ProtoField.bytes("chatp2.ciphertext", "Ciphertext"),
  body = ProtoField.bytes("chatp2.body", "Body"),
}
for name in pairs(TABLES.features) do
  FIELDS_2["features." .. name] =
    ProtoField.bool("chatp2.features." .. name, label(name))
end
for _, name in ipairs(TABLES.frame_flags) do
  FIELDS_2["flags." .. name] =
    ProtoField.bool("chatp2.flags." .. name, label(name))
end
for filter, as in pairs(TABLES.frame_fields) do
  local words = filter == "n" and "Request number" or label(filter)
  if as == "number" then
    FIELDS_2[filter] = ProtoField.uint64(
      "chatp2." .. filter,
      words,
      base.DEC,
      TABLES.numbers[filter]
    )
  elseif as == "bytes" then
    FIELDS_2[filter] = ProtoField.bytes("chatp2." .. filter, words)
  else
    FIELDS_2[filter] =
      ProtoField.string("chatp2." .. filter, words, base.UNICODE)
  end
end
chatp2.fields = FIELDS_2

local malformed_2 = ProtoExpert.new(
  "chatp2.malformed",
  "This is no frame of ChatProto 2",
  expert.group.MALFORMED,
  expert.severity.ERROR
)
local lost_2 = ProtoExpert.new(
  "chatp2.lost",
  "Messages were lost before this position",
  expert.group.SEQUENCE,
  expert.severity.WARN
)
chatp2.experts = { malformed_2, lost_2 }
`.trimStart();
