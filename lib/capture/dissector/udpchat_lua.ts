/**
 * Datagrams of reliable UDP, in Lua: a part of the dissector for Wireshark.
 *
 * @module
 */

/** The source of this part. */
export const UDPCHAT_LUA: string = String.raw`
-- Reliable UDP with JSON: seven bytes of header and a JSON object, which
-- Wireshark's own dissector of JSON shows.

local udpchat = Proto("udpchat", "Reliable UDP with JSON")
local json = Dissector.get("json")
local UDPCHAT = TABLES.udpchat

local FIELDS_U = {
  seqn = ProtoField.int32("udpchat.seqn", "SEQN", base.DEC),
  ack = ProtoField.bool("udpchat.ack", "ACK"),
  syn = ProtoField.bool("udpchat.syn", "SYN"),
  fin = ProtoField.bool("udpchat.fin", "FIN"),
  type = ProtoField.string("udpchat.type", "Type"),
  to = ProtoField.string("udpchat.to", "Acknowledges"),
  repeated = ProtoField.bool("udpchat.repeated", "Sent again"),
  unmatched = ProtoField.bool("udpchat.unmatched", "To nothing that was captured"),
  round_trip = ProtoField.double("udpchat.round_trip", "Round trip in ms"),
}
udpchat.fields = FIELDS_U

local malformed_u = ProtoExpert.new(
  "udpchat.malformed",
  "This is no datagram of reliable UDP",
  expert.group.MALFORMED,
  expert.severity.ERROR
)
udpchat.experts = { malformed_u }

-- Whether a text is UTF-8.
local function is_utf8(raw)
  local rest = raw
    :gsub("\240[\144-\191][\128-\191][\128-\191]", " ")
    :gsub("[\241-\243][\128-\191][\128-\191][\128-\191]", " ")
    :gsub("\244[\128-\143][\128-\191][\128-\191]", " ")
    :gsub("\224[\160-\191][\128-\191]", " ")
    :gsub("[\225-\236\238\239][\128-\191][\128-\191]", " ")
    :gsub("\237[\128-\159][\128-\191]", " ")
    :gsub("[\194-\223][\128-\191]", " ")
  return rest:find("[\128-\255]") == nil
end

local function behind_space(raw, at)
  return raw:match("^[ \t\r\n]*()", at)
end

-- Where a JSON string that begins at 'at' ends, and what is in it as it stands;
-- nil when it is none.
local function json_string(raw, at)
  local from = at + 1
  at = from
  while true do
    at = raw:match('^[^"\\%c]*()', at)
    local character = raw:sub(at, at)
    if character == '"' then
      return at + 1, raw:sub(from, at - 1)
    elseif character == "\127" then
      at = at + 1
    elseif character ~= "\\" then
      return nil
    else
      at = raw:match('^\\["\\/bfnrt]()', at)
        or raw:match("^\\u%x%x%x%x()", at)
      if at == nil then
        return nil
      end
    end
  end
end

local function json_number(raw, at)
  at = raw:match("^%-?0()", at) or raw:match("^%-?[1-9]%d*()", at)
  at = at and (raw:match("^%.%d+()", at) or at)
  return at and (raw:match("^[eE][+-]?%d+()", at) or at)
end

local json_value

-- An object or a list: where it ends, and what the key "type" has, if a string.
local function json_inside(raw, at, depth, is_object)
  local close, found = is_object and "}" or "]", nil
  at = behind_space(raw, at + 1)
  if raw:sub(at, at) == close then
    return at + 1
  end
  while true do
    local key, value
    if is_object then
      if raw:sub(at, at) ~= '"' then
        return nil
      end
      at, key = json_string(raw, at)
      at = at and raw:match("^[ \t\r\n]*:[ \t\r\n]*()", at)
      if at == nil then
        return nil
      end
    end
    local is_string = raw:sub(at, at) == '"'
    at, value = json_value(raw, at, depth)
    if at == nil then
      return nil
    end
    if key == "type" then
      found = is_string and value or nil
    end
    at = behind_space(raw, at)
    local next = raw:sub(at, at)
    if next == close then
      return at + 1, found
    elseif next ~= "," then
      return nil
    end
    at = behind_space(raw, at + 1)
  end
end

-- Where the value that begins at 'at' ends, or nil when it is none; of a string
-- what is in it.
function json_value(raw, at, depth)
  local first = raw:sub(at, at)
  if first == '"' then
    return json_string(raw, at)
  elseif first == "{" or first == "[" then
    if depth >= UDPCHAT.deepest then
      return nil
    end
    return json_inside(raw, at, depth + 1, first == "{")
  end
  for _, word in ipairs({ "true", "false", "null" }) do
    if raw:sub(at, at + #word - 1) == word then
      return at + #word
    end
  end
  return json_number(raw, at)
end

-- Whether a body is an object or nothing, and its type.
local function body_of(tvb)
  if tvb:len() == UDPCHAT.header_bytes then
    return true
  end
  local raw = tvb(UDPCHAT.header_bytes):raw()
  if not is_utf8(raw) then
    return false
  end
  local from = behind_space(raw, 1)
  local first = raw:sub(from, from)
  local ends, found = json_value(raw, from, 0)
  if ends == nil or behind_space(raw, ends) <= #raw then
    return false
  end
  if first == "{" then
    return true, found
  end
  return raw:sub(from, ends - 1) == "null"
end

local function has_header_u(tvb)
  if tvb:len() < UDPCHAT.header_bytes then
    return false
  end
  return tvb(4, 1):uint() < 2 and tvb(5, 1):uint() < 2 and tvb(6, 1):uint() < 2
end

-- What two ends have said since one of them came, by sender and SEQN.
local flows_u = {}
local results_u = {}

function udpchat.init()
  flows_u, results_u = {}, {}
end

-- Who comes again after leaving begins anew.
local function flow_u(from, to, datagram)
  local key = from < to and from .. " " .. to or to .. " " .. from
  local flow = flows_u[key]
  local comes = datagram.syn and not datagram.ack
    and datagram.is_plain and datagram.wrong == nil
  if flow == nil or flow.left and comes then
    flow = { [from] = {}, [to] = {} }
    flows_u[key] = flow
  end
  return flow
end

-- Whether it is the same again, and no other with its SEQN.
local function is_same_u(known, datagram, time)
  local lasts = datagram.is_control and UDPCHAT.control_lasts or UDPCHAT.lasts
  return known.type == datagram.type
    and known.is_control == datagram.is_control
    and time - known.first < lasts
end

-- What a datagram is among the others, worked out when it is read first.
local function place_u(pinfo, datagram)
  local key = pinfo.number
  if results_u[key] ~= nil then
    return results_u[key]
  end
  local from = end_of(pinfo.src, pinfo.src_port)
  local to = end_of(pinfo.dst, pinfo.dst_port)
  local time = pinfo.rel_ts
  local result = {}
  local flow = flow_u(from, to, datagram)
  local said = flow[datagram.ack and to or from]
  local known = said[datagram.seqn]
  if datagram.ack then
    if known == nil then
      result.unmatched = true
    else
      result.to = known.type
      result.repeated = known.acknowledged
      if not known.acknowledged and not known.repeated then
        result.round_trip = (time - known.first) * 1000
      end
      known.acknowledged = true
    end
  elseif known ~= nil and is_same_u(known, datagram, time) then
    known.repeated = true
    result.repeated = true
  else
    flow.left = datagram.fin
    said[datagram.seqn] = {
      type = datagram.type, is_control = datagram.is_control, first = time
    }
  end
  results_u[key] = result
  return result
end

local function type_u(datagram, found)
  if datagram.wrong ~= nil then
    return datagram.wrong
  end
  return datagram.ack and "ACK" or datagram.syn and "SYN"
    or datagram.fin and "FIN" or UDPCHAT.types[found] and found or "(unknown)"
end

function udpchat.dissector(tvb, pinfo, tree)
  local is_plain, size = has_header_u(tvb), tvb:len()
  if size < UDPCHAT.header_bytes then
    return 0
  end
  local is_cut = tvb:reported_len() > size
  local is_whole, found = body_of(tvb)
  -- Somebody else's, who uses this port.
  if not is_plain and (is_cut or not is_whole or size == UDPCHAT.header_bytes) then
    return 0
  end
  local datagram = {
    seqn = tvb(0, 4):int(),
    ack = tvb(4, 1):uint() ~= 0,
    syn = tvb(5, 1):uint() ~= 0,
    fin = tvb(6, 1):uint() ~= 0,
    is_plain = is_plain,
    wrong = is_cut and "(incomplete)" or not is_whole and "(malformed)" or nil,
  }
  datagram.is_control = datagram.syn or datagram.fin
  datagram.type = type_u(datagram, found)
  local place = place_u(pinfo, datagram)
  local subtree = tree:add(udpchat, tvb(), "Reliable UDP, " .. datagram.type)
  subtree:add(FIELDS_U.seqn, tvb(0, 4))
  subtree:add(FIELDS_U.ack, tvb(4, 1), datagram.ack)
  subtree:add(FIELDS_U.syn, tvb(5, 1), datagram.syn)
  subtree:add(FIELDS_U.fin, tvb(6, 1), datagram.fin)
  subtree:add(FIELDS_U.type, tvb(), datagram.type):set_generated()
  for _, name in ipairs({ "to", "repeated", "unmatched", "round_trip" }) do
    if place[name] then
      subtree:add(FIELDS_U[name], tvb(), place[name]):set_generated()
    end
  end
  if datagram.wrong == "(malformed)" then
    subtree:add_proto_expert_info(malformed_u)
  elseif size > UDPCHAT.header_bytes then
    json:call(tvb(UDPCHAT.header_bytes):tvb(), pinfo, subtree)
  end
  pinfo.cols.protocol = "udpchat"
  local to = place.to and " to " .. place.to or ""
  local again = place.repeated and ", again" or ""
  pinfo.cols.info:set(datagram.type .. to .. " " .. datagram.seqn .. again)
  return size
end

-- On any port: a header, and an object behind it.
udpchat:register_heuristic("udp", function(tvb, pinfo, tree)
  local header = UDPCHAT.header_bytes
  if not has_header_u(tvb) or tvb:len() == header then
    return false
  end
  if tvb(header, 1):uint() ~= 0x7b or not body_of(tvb) then
    return false
  end
  pinfo.conversation = udpchat
  udpchat.dissector(tvb, pinfo, tree)
  return true
end)

DissectorTable.get("udp.port"):add(UDPCHAT.port, udpchat)
`.trimStart();
