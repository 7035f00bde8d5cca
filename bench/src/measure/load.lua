-- Sends the requests of a file in turn, and compares each response body, byte for byte, with the accepted bodies.
-- Each record of the file: `R` (request) or `A` (accepted body), length in bytes, line break, the bytes, line break.

local requests = {}
local accepted = {}
local position = 0
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
    if kind == "R" then requests[#requests + 1] = bytes else accepted[bytes] = true end
  end
  file:close()
  position = tonumber(args[2])
end

function request()
  position = position % #requests + 1
  return requests[position]
end

function response(status, _, body)
  if status ~= 200 or not accepted[body] then
    wrong = wrong + 1
    if wrong == 1 then example = status .. " " .. body:sub(1, 300) end
  end
end

local threads = {}

function setup(thread)
  threads[#threads + 1] = thread
end

function done(summary, latency)
  local wrong_total = 0
  local example_shown = ""
  for _, thread in ipairs(threads) do
    wrong_total = wrong_total + thread:get("wrong")
    example_shown = thread:get("example")
  end
  local errors = summary.errors
  io.write(string.format(
    '\nRESULT {"requests":%d,"durationUs":%d,"wrong":%d,"failed":%d,"p50Us":%d,"p99Us":%d}\n',
    summary.requests, summary.duration, wrong_total, errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50), latency:percentile(99)
  ))
  if wrong_total > 0 then io.write("EXAMPLE " .. example_shown:gsub("%c", " ") .. "\n") end
end
