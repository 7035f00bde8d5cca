import { expect, it, onTestFinished } from 'vitest'
import { RedisConnection } from '../../../src/redis/redisConnection.ts'
import { hasRedis, startRedis } from '../../support/startRedis.ts'
import { waitUntil } from '../../support/waitUntil.ts'

const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined }

it.runIf(hasRedis)('a reply that arrived while the event loop was blocked is in time', async () => {
  const redis = await startRedis()
  onTestFinished(() => redis.kill())
  const connection = new RedisConnection(redis.url, 'test:', quiet)
  onTestFinished(() => connection.close())
  await waitUntil(() => connection.isReady, 'Redis is reached')
  const answer = connection.commands.ping()
  await new Promise(resolve => setImmediate(resolve))
  const end = performance.now() + 1_300
  while (performance.now() < end);
  expect(await answer).toBe('PONG')
  expect(connection.isReady).toBe(true)
})
