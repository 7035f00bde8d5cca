import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { RedisConnection } from '../../../src/redis/redisConnection.ts'
import { RedisSharedCache } from '../../../src/redis/redisSharedCache.ts'
import { decodeConference } from '../../../src/restcomm/resources/conferences.ts'

type Reply = [error: Error | null, value: unknown][]

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'clearImmediate', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

const row = decodeConference({
  sid: `CF${'a'.repeat(32)}`,
  account_sid: `AC${'b'.repeat(32)}`,
  friendly_name: 'room',
  status: 'COMPLETED',
  date_created: 'Tue, 31 May 2016 16:15:51 +0300',
  date_updated: 'Tue, 31 May 2016 16:15:51 +0300',
  api_version: '2012-04-24',
  uri: '/conference',
})
const key = `hash ${row.accountSid}/${row.sid}`

/** A cache whose replies from Redis are set by the test. */
function createCache() {
  const pipeline = {
    getrange: vi.fn(() => pipeline),
    pttl: vi.fn(() => pipeline),
    set: vi.fn(() => pipeline),
    exec: vi.fn(async (): Promise<Reply> => []),
  }
  const name = (kind: string, text: string) => `test:${kind}:${text}`
  const reportInvalid = vi.fn()
  const connection = { name, reportInvalid, isReady: true, commands: { pipeline: () => pipeline } }
  return { cache: new RedisSharedCache(connection as unknown as RedisConnection), pipeline, reportInvalid }
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
  const { cache, pipeline, reportInvalid } = createCache()
  pipeline.exec.mockResolvedValue([
    [null, JSON.stringify(row)],
    [null, 500],
    [null, ''],
    [null, -2],
  ])
  expect(await cache.read([key, 'b'])).toEqual([{ row, ttlMs: 500 }, null])
  expect(vi.getTimerCount()).toBe(0)
  expect(reportInvalid).not.toHaveBeenCalled()
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

it.each([
  { kind: 'of a different account', text: JSON.stringify({ ...row, accountSid: `AC${'c'.repeat(32)}` }), ttlMs: 500 },
  { kind: 'of a different conference', text: JSON.stringify({ ...row, sid: `CF${'c'.repeat(32)}` }), ttlMs: 500 },
  { kind: 'that can still change', text: JSON.stringify({ ...row, status: 'STOPPING' }), ttlMs: 500 },
  { kind: 'with a missing field', text: JSON.stringify({ ...row, uri: undefined }), ttlMs: 500 },
  { kind: 'with a further field', text: JSON.stringify({ ...row, more: 1 }), ttlMs: 500 },
  { kind: 'with a value of a wrong type', text: JSON.stringify({ ...row, friendlyName: 1 }), ttlMs: 500 },
  { kind: 'with an error', text: JSON.stringify({ ...row, uri: { decodingError: 'x', rowId: '' } }), ttlMs: 500 },
  { kind: 'longer than the maximum', text: JSON.stringify({ ...row, uri: 'x'.repeat(70_000) }), ttlMs: 500 },
  { kind: 'that is no JSON', text: 'no JSON', ttlMs: 500 },
  { kind: 'in a key of another type', text: undefined, ttlMs: 500 },
])('RedisSharedCache reports a row $kind, which counts as missing', async ({ text, ttlMs }) => {
  const { cache, pipeline, reportInvalid } = createCache()
  pipeline.exec.mockResolvedValue([
    [text === undefined ? new Error('WRONGTYPE') : null, text],
    [null, ttlMs],
  ])
  expect(await cache.read([key])).toEqual([null])
  expect(reportInvalid).toHaveBeenCalledExactlyOnceWith('row')
})

it('RedisSharedCache does not use a row without a lifetime', async () => {
  const { cache, pipeline } = createCache()
  pipeline.exec.mockResolvedValue([
    [null, JSON.stringify(row)],
    [null, -1],
  ])
  expect(await cache.read([key])).toEqual([null])
})
