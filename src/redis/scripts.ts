import type { Result } from 'ioredis'
import { MAX_CLOCK_LEAD_US, MAX_MESSAGE_BYTES } from './messages.ts'

/**
 * The scripts replace keys which they cannot have written: keys of another type, leases without a lifetime, and times that
 * are no numbers or too late. Otherwise such a key would stop the sharing of polls for ever.
 */

/** Redis time in microseconds. Lua numbers are exact up to 2^53. */
const TIME = `local clock = redis.call('TIME')
local time = clock[1] * 1000000 + clock[2]
`

/**
 * Also not less than the time of each publication and request. KEYS[#KEYS] is the key of the stored state. `tick` returns a
 * later time than each reply so far, also if the clock of Redis was set back.
 */
const STATE_TIME = `${TIME}local stateKey = KEYS[#KEYS]
local function readTime(field)
  local stored = redis.pcall('HGET', stateKey, field)
  if type(stored) == 'table' then redis.call('DEL', stateKey) end
  stored = type(stored) == 'string' and tonumber(stored) or 0
  return stored <= time + ${MAX_CLOCK_LEAD_US} and stored or 0
end
time = math.max(time, readTime('time'))
local function tick(ttlMs, ...)
  time = time + 1
  redis.call('HSET', stateKey, 'time', string.format('%.0f', time), ...)
  redis.call('PEXPIRE', stateKey, ttlMs)
end
`

/**
 * Claims or renews leases. KEYS: leases; ARGV: replica, lifetime in ms. Returns the Redis time, then 1 for each held lease
 * and 0 for each lease of another replica. Renews by `SET`, because a full Redis accepts `PEXPIRE` and rejects states.
 */
const CLAIM = `${TIME}local reply = {time}
for i, key in ipairs(KEYS) do
  local holder = redis.pcall('GET', key)
  local isFree = type(holder) ~= 'string' or holder == ARGV[1]
  if not isFree then
    local ttl = redis.call('PTTL', key)
    isFree = ttl < 0 or ttl > tonumber(ARGV[2])
  end
  if isFree then
    redis.call('SET', key, ARGV[1], 'PX', ARGV[2])
    reply[i + 1] = 1
  else
    reply[i + 1] = 0
  end
end
return reply
`

/**
 * Stores and publishes a state, and renews the lease. KEYS: lease, stored state; ARGV: replica, lifetime of the lease in ms,
 * channel, a Redis time before the poll began, lifetime of the state in ms, members of the JSON message. Returns the
 * version, or 0 if another replica holds the lease, if a state was published after the poll began, or if the clock of Redis
 * was set back.
 */
const PUBLISH = `${STATE_TIME}local holder = redis.pcall('GET', KEYS[1])
if type(holder) ~= 'string' then holder = ARGV[1] end
local startedAfter = tonumber(ARGV[4])
local version = readTime('version')
if holder ~= ARGV[1] or version > startedAfter or startedAfter > time then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
local text = string.format('%.0f', time + 1)
local message = '{"kind":"state","version":' .. text .. ',' .. ARGV[6] .. '}'
tick(ARGV[5], 'version', text, 'message', message)
redis.call('PUBLISH', ARGV[3], message)
return time
`

/** Returns the Redis time and the message of the stored state. KEYS: stored state. */
const READ_STORED = `${STATE_TIME}local isTooLong = redis.call('HSTRLEN', stateKey, 'message') > ${MAX_MESSAGE_BYTES}
return {time, not isTooLong and redis.call('HGET', stateKey, 'message')}
`

/** Sends a request for a poll, with a Redis time, and returns the time. KEYS: stored state; ARGV: channel, lifetime in ms. */
const REQUEST_POLL = `${STATE_TIME}tick(ARGV[2])
redis.call('PUBLISH', ARGV[1], '{"kind":"pollNow","time":' .. string.format('%.0f', time) .. '}')
return time
`

/** Releases a lease, and informs the other replicas. KEYS: lease; ARGV: replica, channel. Returns 0 if not held. */
const RELEASE = `if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1])
redis.call('PUBLISH', ARGV[2], '{"kind":"released","from":"' .. ARGV[1] .. '"}')
return 1
`

export const SCRIPTS = {
  claimLeases: { lua: CLAIM },
  publishState: { lua: PUBLISH, numberOfKeys: 2 },
  readStoredState: { lua: READ_STORED, numberOfKeys: 1 },
  requestPoll: { lua: REQUEST_POLL, numberOfKeys: 1 },
  releaseLease: { lua: RELEASE, numberOfKeys: 1 },
}

type Argument = string | number

declare module 'ioredis' {
  interface RedisCommander<Context> {
    claimLeases(leaseCount: number, ...leasesReplicaTtl: Argument[]): Result<number[], Context>
    publishState(...args: Argument[]): Result<number, Context>
    readStoredState(stateKey: string): Result<[number, string | null], Context>
    requestPoll(stateKey: string, channel: string, ttlMs: number): Result<number, Context>
    releaseLease(leaseKey: string, replica: string, channel: string): Result<number, Context>
  }
}
