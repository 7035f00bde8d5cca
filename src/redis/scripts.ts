import type { Redis } from 'ioredis'

/** The moment by Redis' own clock, in milliseconds: the same for all replicas. */
const NOW = `local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
`

/**
 * For each lease the moment, if it is this replica's now, since it was free or its own already, and 0 if it is another's.
 * It is renewed by what writes it, not by a mere `PEXPIRE`, which a Redis that is full would go on to take: whoever leads
 * could tell nobody what it sees, and would lead for good.
 */
const CLAIM = `${NOW}local held = {}
for i, key in ipairs(KEYS) do
  local holder = redis.call('GET', key)
  if holder == ARGV[1] or not holder then
    redis.call('SET', key, ARGV[1], 'PX', ARGV[2])
    held[i] = now
  else
    held[i] = 0
  end
end
return held
`

/** Gives a lease back, if it is this replica's, and tells those who wait for it. */
const RELEASE = `if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1])
redis.call('PUBLISH', ARGV[2], ARGV[3])
return 1
`

/** Gives a lease to another replica, if it is this one's, and tells it so: in the message, whose end is the moment. */
const HAND_OVER = `${NOW}if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
redis.call('PUBLISH', ARGV[4], ARGV[5] .. string.format('%.0f', now) .. '}')
return 1
`

/**
 * Keeps and tells what was seen, if this replica has the lease: one that was held up for longer than that must not tell
 * what is old by now. An empty state is that of the version before; 2 where that one is not kept any more.
 */
const PUBLISH = `${NOW}if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
if ARGV[5] ~= '' then
  redis.call('HSET', KEYS[2], 'version', ARGV[4], 'state', ARGV[5])
elseif redis.call('HGET', KEYS[2], 'version') ~= ARGV[4] then
  return 2
end
redis.call('HSET', KEYS[2], 'at', now)
redis.call('PEXPIRE', KEYS[2], ARGV[6])
redis.call('PUBLISH', ARGV[2], ARGV[3])
return 1
`

/** Tells something, if this replica has the lease. */
const TELL = `if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('PUBLISH', ARGV[2], ARGV[3])
return 1
`

/** What was seen last, its version, and its age. */
const LAST_SEEN = `${NOW}local seen = redis.call('HMGET', KEYS[1], 'version', 'state', 'at')
if not seen[2] then return nil end
return { seen[1], seen[2], now - tonumber(seen[3]) }
`

/** The scripts that Redis runs as one step each. */
export class Scripts {
  readonly #redis: Redis

  constructor(redis: Redis) {
    this.#redis = redis
    redis.defineCommand('rgClaim', { lua: CLAIM })
    redis.defineCommand('rgRelease', { lua: RELEASE, numberOfKeys: 1 })
    redis.defineCommand('rgHandOver', { lua: HAND_OVER, numberOfKeys: 1 })
    redis.defineCommand('rgPublish', { lua: PUBLISH, numberOfKeys: 2 })
    redis.defineCommand('rgTell', { lua: TELL, numberOfKeys: 1 })
    redis.defineCommand('rgLastSeen', { lua: LAST_SEEN, numberOfKeys: 1 })
  }

  async claim(leases: readonly string[], token: string, lifeMs: number): Promise<readonly number[]> {
    const held = await this.#run('rgClaim', [leases.length, ...leases, token, lifeMs])
    return Array.isArray(held) ? held.map(Number) : []
  }

  async release(lease: string, token: string, channel: string, message: string): Promise<void> {
    await this.#run('rgRelease', [lease, token, channel, message])
  }

  /** `message` is JSON up to the term, which belongs to its end. */
  async handOver(
    lease: string,
    from: string,
    to: string,
    lifeMs: number,
    [channel, message]: readonly [string, string],
  ): Promise<void> {
    await this.#run('rgHandOver', [lease, from, to, lifeMs, channel, message])
  }

  async publish(
    [lease, kept]: readonly [string, string],
    token: string,
    { channel, message, version, state, keepMs }: Publication,
  ): Promise<'told' | 'notHeld' | 'notKept'> {
    const done = await this.#run('rgPublish', [lease, kept, token, channel, message, version, state, keepMs])
    return done === 1 ? 'told' : done === 2 ? 'notKept' : 'notHeld'
  }

  /** False where the lease is not held. */
  async tell(lease: string, token: string, channel: string, message: string): Promise<boolean> {
    return (await this.#run('rgTell', [lease, token, channel, message])) === 1
  }

  async lastSeen(kept: string): Promise<readonly unknown[] | null> {
    const seen = await this.#run('rgLastSeen', [kept])
    return Array.isArray(seen) ? seen : null
  }

  #run(name: string, given: readonly (string | number)[]): Promise<unknown> {
    const command = (
      this.#redis as unknown as Record<string, (...given: readonly (string | number)[]) => Promise<unknown>>
    )[name]
    return command === undefined ? Promise.reject(new Error(`No ${name}.`)) : command.apply(this.#redis, [...given])
  }
}

interface Publication {
  readonly channel: string
  readonly message: string
  readonly version: string
  /** Empty where it is that of the version before. */
  readonly state: string
  readonly keepMs: number
}
