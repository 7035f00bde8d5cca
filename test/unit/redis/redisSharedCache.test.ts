import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { RedisConnection } from '../../../src/redis/redisConnection.ts'
import { RedisSharedCache } from '../../../src/redis/redisSharedCache.ts'

type Reply = [error: Error | null, value: unknown][]

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'clearImmediate', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

/** A cache whose replies from Redis are set by the test. */
function createCache() {
  const pipeline = {
    mget: vi.fn(() => pipeline),
    pttl: vi.fn(() => pipeline),
    set: vi.fn(() => pipeline),
    exec: vi.fn(async (): Promise<Reply> => []),
  }
  const name = (kind: string, text: string) => `test:${kind}:${text}`
  const connection = { name, isReady: true, commands: { pipeline: () => pipeline } }
  return { cache: new RedisSharedCache(connection as unknown as RedisConnection), pipeline }
}

it('RedisSharedCache serializes and sends rows after the responses of the tick, and equal keys once', async () => {
  const { cache, pipeline } = createCache()
  const toJSON = vi.fn(() => 'row')
  cache.write('a', { toJSON }, 1_000)
  cache.write('a', { toJSON }, 2_000)
  cache.write('b', { toJSON }, 3_000)
  expect(toJSON).not.toHaveBeenCalled()
  await vi.advanceTimersByTimeAsync(0)
  const sent = [
    ['test:row:a', '"row"', 'PX', 2_000],
    ['test:row:b', '"row"', 'PX', 3_000],
  ]
  expect([pipeline.set.mock.calls, pipeline.exec.mock.calls.length]).toEqual([sent, 1])
  cache.write('c', { toJSON }, 4_000)
  await vi.advanceTimersByTimeAsync(0)
  expect([pipeline.set.mock.calls.length, pipeline.exec.mock.calls.length]).toEqual([3, 2])
})

it('RedisSharedCache returns rows with the remaining lifetimes, and leaves no timer behind', async () => {
  const { cache, pipeline } = createCache()
  pipeline.exec.mockResolvedValue([
    [null, ['{"sid":"a"}', null]],
    [null, 500],
    [null, -2],
  ])
  expect(await cache.read(['a', 'b'])).toEqual([{ row: { sid: 'a' }, ttlMs: 500 }, null])
  expect(vi.getTimerCount()).toBe(0)
})

it('RedisSharedCache treats the rows of a late reply as missing, and reads none for a second', async () => {
  const { cache, pipeline } = createCache()
  const late = Promise.withResolvers<Reply>()
  pipeline.exec.mockReturnValueOnce(late.promise)
  const read = vi.fn()
  void cache.read(['a']).then(read)
  await vi.advanceTimersByTimeAsync(49)
  expect(read).not.toHaveBeenCalled()
  await vi.advanceTimersByTimeAsync(1)
  expect(read).toHaveBeenCalledExactlyOnceWith([null])
  await vi.advanceTimersByTimeAsync(999)
  expect(await cache.read(['a'])).toEqual([null])
  expect(pipeline.exec).toHaveBeenCalledTimes(1)
  await vi.advanceTimersByTimeAsync(1)
  await cache.read(['a'])
  expect(pipeline.exec).toHaveBeenCalledTimes(2)
})
