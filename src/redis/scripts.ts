import type { Result } from 'ioredis'

/** Redis time in microseconds. Lua numbers are exact up to 2^53. */
const TIME = `local clock = redis.call('TIME')
local time = clock[1] * 1000000 + clock[2]
`

/** Not less than the version of each published state. KEYS[#KEYS] is the key of the stored state. */
const STATE_TIME = `${TIME}local stored = tonumber(redis.call('HGET', KEYS[#KEYS], 'version') or 0)
if stored > time then time = stored end
`

/**
 * Claims or renews leases. KEYS: leases; ARGV: replica, lifetime in ms. Returns the Redis time, then 1 for each held lease
 * and 0 for each lease of another replica. Renews by `SET`, because a full Redis accepts `PEXPIRE` and rejects states.
 */
const CLAIM = `${TIME}local reply = {time}
for i, key in ipairs(KEYS) do
  local holder = redis.call('GET', key)
  if not holder or holder == ARGV[1] then
    redis.call('SET', key, ARGV[1], 'PX', ARGV[2])
    reply[i + 1] = 1
  else
    reply[i + 1] = 0
  end
end
return reply
`

/**
 * Stores and publishes a state. KEYS: lease, stored state; ARGV: replica, channel, a Redis time before the poll began,
 * lifetime in ms, members of the JSON message. Returns the version, or 0 if the replica does not hold the lease, if a state
 * was published after the poll began, or if the clock of Redis was set back.
 */
const PUBLISH = `${STATE_TIME}local startedAfter = tonumber(ARGV[3])
if redis.call('GET', KEYS[1]) ~= ARGV[1] or stored > startedAfter or startedAfter > time then return 0 end
local version = string.format('%.0f', time + 1)
local message = '{"kind":"state","version":' .. version .. ',' .. ARGV[5] .. '}'
redis.call('HSET', KEYS[2], 'version', version, 'message', message)
redis.call('PEXPIRE', KEYS[2], ARGV[4])
redis.call('PUBLISH', ARGV[2], message)
return time + 1
`

/** Returns the Redis time and the message of the stored state. KEYS: stored state. */
const READ_STORED = `${STATE_TIME}return {time, redis.call('HGET', KEYS[1], 'message')}
`

/** Sends a request for a poll with the Redis time. KEYS: stored state; ARGV: channel. */
const REQUEST_POLL = `${STATE_TIME}local text = string.format('%.0f', time)
return redis.call('PUBLISH', ARGV[1], '{"kind":"pollNow","time":' .. text .. '}')
`

/** Sends a message if the replica holds the lease. KEYS: lease; ARGV: replica, channel, message, 1 to release the lease. */
const NOTIFY = `if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
if ARGV[4] == '1' then redis.call('DEL', KEYS[1]) end
redis.call('PUBLISH', ARGV[2], ARGV[3])
return 1
`

export const SCRIPTS = {
  claimLeases: { lua: CLAIM },
  publishState: { lua: PUBLISH, numberOfKeys: 2 },
  readStoredState: { lua: READ_STORED, numberOfKeys: 1 },
  requestPoll: { lua: REQUEST_POLL, numberOfKeys: 1 },
  notifyFollowers: { lua: NOTIFY, numberOfKeys: 1 },
}

type Argument = string | number

declare module 'ioredis' {
  interface RedisCommander<Context> {
    claimLeases(leaseCount: number, ...leasesReplicaTtl: Argument[]): Result<number[], Context>
    publishState(...args: Argument[]): Result<number, Context>
    readStoredState(stateKey: string): Result<[number, string | null], Context>
    requestPoll(stateKey: string, channel: string): Result<number, Context>
    notifyFollowers(...args: Argument[]): Result<number, Context>
  }
}
