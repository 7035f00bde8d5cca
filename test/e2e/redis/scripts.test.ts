import fc from 'fast-check'
import { Redis } from 'ioredis'
import { expect, it, onTestFinished } from 'vitest'
import { SCRIPTS } from '../../../src/redis/scripts.ts'
import { ModelRedis } from '../../support/modelRedis.ts'
import { hasRedis, startRedis } from '../../support/startRedis.ts'

const step = fc.oneof(
  fc.record({ kind: fc.constantFrom('claim', 'release'), replica: fc.constantFrom('A', 'B') }),
  // `since` selects one of the last known times; 0 is the newest. A time in the future simulates a clock that was set back.
  fc.record({
    kind: fc.constant('publish'),
    replica: fc.constantFrom('A', 'B'),
    since: fc.nat(3),
    isFuture: fc.oneof({ weight: 9, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  }),
  fc.record({ kind: fc.constantFrom('readStored', 'requestPoll', 'flushAll'), replica: fc.constant('A') }),
)

/** More than the time since 1970. */
const FUTURE_MICROSECONDS = 5e15

it.runIf(hasRedis)(
  'the scripts in Redis accept, reject and return the same as the model of the property test',
  async () => {
    const server = await startRedis()
    onTestFinished(() => server.kill())
    const redis = new Redis(server.url, { scripts: SCRIPTS })
    onTestFinished(() => redis.disconnect())
    let run = 0
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async steps => {
        run++
        const [lease, stored, channel] = [`lease:${run}`, `state:${run}`, `watch:${run}`]
        let clock = 1_000
        const model = new ModelRedis(() => clock)
        // The times of the model and of Redis differ, so the times of equal steps correspond to each other.
        const times: { model: number; redis: number }[] = [{ model: 0, redis: 0 }]
        for (const { kind, replica, ...options } of steps) {
          clock += 10
          if (kind === 'claim') {
            const expected = model.claim(replica, 60_000)
            const [time = 0, held] = await redis.claimLeases(1, lease, replica, 60_000)
            expect(held).toBe(expected.isHeld ? 1 : 0)
            times.push({ model: expected.time, redis: time })
          } else if (kind === 'release') {
            const released = await redis.releaseLease(lease, replica, channel)
            expect(released).toBe(model.release(replica) ? 1 : 0)
          } else if (kind === 'flushAll') {
            model.flushAll()
            await redis.del(lease, stored)
          } else if (kind === 'requestPoll') {
            times.push({ model: model.requestPoll().time, redis: await redis.requestPoll(stored, channel, 60_000) })
          } else if (kind === 'readStored') {
            const expected = model.readStored()
            const [time, text] = await redis.readStoredState(stored)
            const message = text === null ? null : JSON.parse(text)
            expect(message?.state ?? null).toEqual(expected.message?.state ?? null)
            expect(time).toBeGreaterThanOrEqual(message?.version ?? 0)
            times.push({ model: expected.time, redis: time })
          } else if ('since' in options) {
            const known = times.at(-1 - options.since) ?? { model: 0, redis: 0 }
            const offset = options.isFuture ? FUTURE_MICROSECONDS : 0
            const state = `state ${clock}`
            const nextPollMs = 1_000
            const expected = model.publish(replica, 60_000, { startedAfter: known.model + offset, nextPollMs, state })
            const members = JSON.stringify({ startedAfter: known.redis + offset, nextPollMs, state }).slice(1, -1)
            const args = [replica, 60_000, channel, known.redis + offset, 60_000, members]
            const version = await redis.publishState(lease, stored, ...args)
            expect(version > 0).toBe(expected !== null)
            if (expected !== null) times.push({ model: expected.version, redis: version })
          }
        }
        const redisTimes = times.map(({ redis }) => redis)
        expect(redisTimes).toEqual(redisTimes.toSorted((a, b) => a - b))
      }),
      { numRuns: 60 },
    )
  },
)

it.runIf(hasRedis)(
  'a published state is stored and sent with a version after the Redis time, to the microsecond',
  async () => {
    const server = await startRedis()
    onTestFinished(() => server.kill())
    const redis = new Redis(server.url, { scripts: SCRIPTS })
    const subscriber = new Redis(server.url)
    onTestFinished(() => {
      redis.disconnect()
      subscriber.disconnect()
    })
    const received = Promise.withResolvers<string>()
    subscriber.on('message', (_channel, text) => received.resolve(text))
    await subscriber.subscribe('watch')
    const [time = 0] = await redis.claimLeases(1, 'lease', 'A', 60_000)
    const version = await redis.publishState(
      'lease',
      'state',
      'A',
      60_000,
      'watch',
      time,
      60_000,
      '"state":{"text":"ü"}',
    )
    const message = { kind: 'state', version, state: { text: 'ü' } }
    expect(version).toBeGreaterThan(time)
    expect(JSON.parse(await received.promise)).toEqual(message)
    const [readTime, text] = await redis.readStoredState('state')
    expect([JSON.parse(text ?? ''), readTime >= version]).toEqual([message, true])
    expect(await redis.pttl('state')).toBeGreaterThan(50_000)

    // The clock of Redis was set back: versions grow nevertheless.
    await redis.hset('state', 'time', version + 1e7, 'version', version + 1e7)
    const publish = (startedAfter: number) =>
      redis.publishState('lease', 'state', 'A', 60_000, 'watch', startedAfter, 60_000, '"state":1')
    expect(await publish(version)).toBe(0)
    expect(await redis.requestPoll('state', 'watch', 60_000)).toBe(version + 1e7 + 1)
    expect(await publish(version + 1e7 + 1)).toBe(version + 1e7 + 2)
  },
)
