import { spawnSync } from 'node:child_process'
import { afterEach, expect, it, onTestFinished, vi } from 'vitest'
import { RedisConnection, type RedisLog, redisNames } from '../../../src/redis/redisConnection.ts'
import { hasRedis, startRedis } from '../../support/startRedis.ts'
import { waitUntil } from '../../support/waitUntil.ts'

const NAMES = redisNames('secret', 'http://restcomm/restcomm')
const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined }

afterEach(() => {
  vi.useRealTimers()
})

async function connectRedis() {
  const redis = await startRedis()
  onTestFinished(() => redis.kill())
  const connection = new RedisConnection(redis.url, NAMES, quiet)
  onTestFinished(() => connection.close())
  await waitUntil(() => connection.isReady, 'Redis is connected')
  return { redis, connection }
}

/** Blocks the event loop until Redis has answered all earlier commands, because Redis answers in order. */
function blockUntilAnswered(redisUrl: string): void {
  const source = `
    const socket = require('node:net').connect(${new URL(redisUrl).port}, '127.0.0.1')
    socket.on('data', () => socket.destroy())
    socket.write('PING\\r\\n')`
  expect(spawnSync(process.execPath, ['-e', source]).status).toBe(0)
}

it.runIf(hasRedis)('a reply that arrived while the event loop was blocked is in time', async () => {
  const { redis, connection } = await connectRedis()
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  // After a callback of `setImmediate`, as after a timeout, the event loop reads the sockets before the next callback.
  await new Promise(resolve => setImmediate(resolve))
  const answer = connection.commands.ping()
  blockUntilAnswered(redis.url)
  vi.advanceTimersByTime(1_300)
  expect(await answer).toBe('PONG')
  expect(connection.isReady).toBe(true)
})

it.runIf(hasRedis)('a connection without a reply in time is closed, and the command fails', async () => {
  const { redis, connection } = await connectRedis()
  redis.hang()
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const answer = expect(connection.commands.ping()).rejects.toThrow('Redis did not answer in time.')
  vi.advanceTimersByTime(1_300)
  await answer
  // ioredis destroys the socket if Redis does not close the connection either.
  vi.advanceTimersByTime(2_000)
  vi.useRealTimers()
  await waitUntil(() => !connection.isReady, 'the connection is closed')
})

it.runIf(hasRedis)('an outage of Redis leaves a line at the start and a line at the end', async () => {
  const lines: (readonly [message: string, fields: object])[] = []
  const write = (fields: object | string, message?: string) =>
    lines.push(typeof fields === 'string' ? [fields, {}] : [message ?? '', fields])
  const redis = await startRedis()
  onTestFinished(() => redis.kill())
  const connection = new RedisConnection(redis.url, NAMES, { info: write, warn: write } as RedisLog)
  onTestFinished(() => connection.close())
  await waitUntil(() => connection.isReady, 'Redis is connected')
  const failures: unknown[] = []
  for (const client of [connection.commands, connection.subscriber]) client.on('error', error => failures.push(error))
  redis.kill()
  await waitUntil(() => failures.length >= 6, 'several attempts to reconnect have failed')
  expect(lines).toMatchObject([
    ['Redis connected: replicas share rows and watches', {}],
    ['Redis disconnected: the replica works on its own', {}],
  ])
})

it('a Redis that cannot be reached at the start leaves a line with the reason', async () => {
  const warn = vi.fn()
  const connection = new RedisConnection('redis://127.0.0.1:1', NAMES, { info: vi.fn(), warn } as unknown as RedisLog)
  onTestFinished(() => connection.close())
  await waitUntil(() => warn.mock.calls.length > 0, 'the error is logged')
  expect(warn.mock.calls).toEqual([[{ reason: 'ECONNREFUSED' }, 'Redis disconnected: the replica works on its own']])
})
