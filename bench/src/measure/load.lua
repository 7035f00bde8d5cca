-- Sends the requests of a file in turn, and compares every answer, byte for byte, with those that are right.
-- The file: `R` or `A`, a length, a line break, so many bytes, a line break; and again.

local requests = {}
local answers = {}
local place = 0
wrong = 0
example = ""

function init(args)
  local file = assert(io.open(args[1], "rb"))
  while true do
    local head = file:read("*l")
    if head == nil or head == "" then break end
    local kind, length = head:match("^(%a) (%d+)$")
    local bytes = file:read(tonumber(length))
    file:read(1)
    if kind == "R" then requests[#requests + 1] = bytes else answers[bytes] = true end
  end
  file:close()
  place = tonumber(args[2])
end

function request()
  place = place % #requests + 1
  return requests[place]
end

function response(status, _, body)
  if status ~= 200 or not answers[body] then
    wrong = wrong + 1
    if wrong == 1 then example = status .. " " .. body:sub(1, 300) end
  end
end

local threads = {}

function setup(thread)
  threads[#threads + 1] = thread
end

function done(summary, latency)
  local bad = 0
  local shown = ""
  for _, thread in ipairs(threads) do
    bad = bad + thread:get("wrong")
    shown = thread:get("example")
  end
  local errors = summary.errors
  io.write(string.format(
    '\nRESULT {"requests":%d,"microseconds":%d,"wrong":%d,"failed":%d,"p50":%d,"p99":%d}\n',
    summary.requests, summary.duration, bad, errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50), latency:percentile(99)
  ))
  if bad > 0 then io.write("EXAMPLE " .. shown:gsub("%c", " ") .. "\n") end
end
