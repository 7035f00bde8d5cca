import { Redis } from 'ioredis'
import { expect, it, onTestFinished, vi } from 'vitest'
import type { Member } from '../../../src/live/replication/replicaBus.ts'
import { RedisConnection } from '../../../src/redis/redisConnection.ts'
import { RedisExchange } from '../../../src/redis/redisReplicaBus.ts'
import { hasRedis, type RedisServer, startRedis } from '../../support/startRedis.ts'
import { waitUntil } from '../../support/waitUntil.ts'

const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined }

/** A replica's part in the one watch that there is, and what it was told. */
const beginMember = () => {
  let role: string | null = null
  const member = {
    isFailing: false,
    assume: (assumed: string) => {
      role = assumed
    },
    hear: vi.fn<Member['hear']>(),
    hearError: vi.fn<Member['hearError']>(),
    hearAttempt: vi.fn<Member['hearAttempt']>(),
    asked: vi.fn<Member['asked']>(),
    missed: vi.fn<Member['missed']>(),
  }
  return { ...member, member, role: () => role }
}

const begin = async (url: string) => {
  const connection = new RedisConnection(url, 'test:', quiet)
  const exchange = new RedisExchange(connection, quiet)
  onTestFinished(() => {
    exchange.close()
    connection.close()
  })
  await waitUntil(() => connection.isReady, 'Redis is reached')
  const join = () => {
    const part = beginMember()
    return { ...part, seat: exchange.join('watch', 60_000, part.member) }
  }
  return { connection, join }
}

const startOwn = async (): Promise<{ server: RedisServer; store: Redis }> => {
  const server = await startRedis()
  onTestFinished(() => server.kill())
  const store = new Redis(server.url)
  onTestFinished(() => store.disconnect())
  return { server, store }
}

const gone = { failure: null, code: null, message: 'gone', lasts: true }

it.runIf(hasRedis)('an error is told by whoever leads, and not by one that has lost its lease meanwhile', async () => {
  const { server, store } = await startOwn()
  const leading = (await begin(server.url)).join()
  await waitUntil(() => leading.role() === 'leads', 'the first one leads')
  const following = (await begin(server.url)).join()
  await waitUntil(() => following.role() === 'follows', 'the other follows')

  leading.seat.publishError(gone)
  await waitUntil(() => following.hearError.mock.calls.length === 1, 'it is told the error')
  expect(following.hearError).toHaveBeenCalledWith(gone)

  await store.set('test:lease:watch', 'another', 'PX', 60_000)
  leading.seat.publishError(gone)
  // Said after it, and so heard after it.
  leading.seat.ask('question', true)
  await waitUntil(() => following.asked.mock.calls.length === 1, 'it is asked')
  expect(following.hearError).toHaveBeenCalledOnce()
  await waitUntil(() => leading.role() === 'follows', 'the first one follows')
})

it.runIf(hasRedis)(
  'a watch that began while Redis refused the password hears what is said afterwards',
  { timeout: 60_000 },
  async () => {
    const { server, store } = await startOwn()
    const setPassword = async (password: string) => {
      await store.config('SET', 'requirepass', password)
    }
    await setPassword('right')
    const url = server.url.replace('redis://', 'redis://:right@')
    const replicas = [await begin(url), await begin(url)]
    await setPassword('other')
    await store.client('KILL', 'TYPE', 'pubsub')
    await store.client('KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
    await waitUntil(() => replicas.every(({ connection }) => !connection.isReady), 'Redis is away')
    const parts = replicas.map(({ join }) => join())
    // What was to be sent is thrown away with each refusal.
    for (const { connection } of replicas) {
      let refusals = 0
      connection.listener.on('error', () => {
        refusals++
      })
      await waitUntil(() => refusals > 1, 'the password is refused')
    }
    expect(parts.map(({ role }) => role())).toEqual(['alone', 'alone'])

    await setPassword('right')
    await waitUntil(() => new Set(parts.map(({ role }) => role())).size === 2, 'one leads')
    await waitUntil(() => parts.every(({ role }) => role() !== 'alone'), 'the other follows')
    // Again each time: on a busy machine one of them may count Redis as away for a moment.
    const one = (role: string) => parts.find(part => part.role() === role)
    await waitUntil(() => {
      one('leads')?.seat.publish([1, 1], '{}', true, [])
      return parts.some(({ hear }) => hear.mock.calls.length > 0)
    }, 'the one that follows is told the news')
    await waitUntil(() => {
      one('follows')?.seat.ask('question', true)
      return parts.some(({ asked }) => asked.mock.calls.length > 0)
    }, 'the one that leads is asked')
  },
)
