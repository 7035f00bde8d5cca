import { spawnSync } from 'node:child_process'
import { afterEach, expect, it, onTestFinished, vi } from 'vitest'
import { RedisConnection, redisNames } from '../../../src/redis/redisConnection.ts'
import { hasRedis, startRedis } from '../../support/startRedis.ts'
import { waitUntil } from '../../support/waitUntil.ts'

const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined }

afterEach(() => {
  vi.useRealTimers()
})

async function connectRedis() {
  const redis = await startRedis()
  onTestFinished(() => redis.kill())
  const connection = new RedisConnection(redis.url, redisNames('secret', 'http://restcomm/restcomm'), quiet)
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
