import { Redis } from 'ioredis'
import { expect, it, onTestFinished, vi } from 'vitest'
import type { LeaseStatus } from '../../../src/live/replicaExchange.ts'
import { RedisConnection, redisNames } from '../../../src/redis/redisConnection.ts'
import { RedisReplicaExchange } from '../../../src/redis/redisReplicaExchange.ts'
import { hasRedis, type RedisServer, startRedis } from '../../support/startRedis.ts'
import { waitUntil } from '../../support/waitUntil.ts'

const quiet = { info: () => undefined, warn: () => undefined }

async function startExchange(url: string, { isCommandConnectionClosed = false } = {}) {
  const connection = new RedisConnection(url, redisNames('secret', 'http://restcomm/restcomm'), quiet)
  if (isCommandConnectionClosed) connection.commands.disconnect()
  const exchange = new RedisReplicaExchange(connection)
  onTestFinished(() => {
    exchange.close()
    connection.close()
  })
  if (!isCommandConnectionClosed) await waitUntil(() => connection.isReady, 'Redis is connected')
  /** Joins the only watch. */
  const join = () => {
    let lease: LeaseStatus | null = null
    const member = {
      canLead: true,
      acceptsState: () => true,
      onLease: (status: LeaseStatus) => {
        lease = status
      },
      onState: vi.fn(),
      onPollNow: vi.fn(),
      onReconnect: vi.fn(),
    }
    return { member, membership: exchange.join('watch', 60_000, member), lease: () => lease }
  }
  return { connection, exchange, join }
}

async function startServer(): Promise<{ server: RedisServer; store: Redis }> {
  const server = await startRedis()
  onTestFinished(() => server.kill())
  const store = new Redis(server.url)
  onTestFinished(() => store.disconnect())
  return { server, store }
}

function polled(startedAfter: number, state: unknown = { some: 'state' }) {
  return { startedAt: performance.now(), startedAfter, nextPollMs: 1_000, state }
}

it.runIf(hasRedis)('a released lease passes to another replica at once', async () => {
  const { server } = await startServer()
  const leader = (await startExchange(server.url)).join()
  await waitUntil(() => leader.lease() === 'held', 'the first replica holds the lease')
  const follower = (await startExchange(server.url)).join()
  await waitUntil(() => follower.lease() === 'heldByOther', 'the second replica follows')
  leader.member.canLead = false
  leader.membership.releaseLease()
  await waitUntil(() => follower.lease() === 'held', 'the follower holds the lease')
  follower.membership.leave()
  leader.member.canLead = true
  await waitUntil(() => leader.lease() === 'held', 'the first replica holds the lease again')
})

it.runIf(hasRedis)(
  'a replica receives states if the subscriber reconnects before both connections are ready',
  async () => {
    const { server, store } = await startServer()
    const { connection, join } = await startExchange(server.url, { isCommandConnectionClosed: true })
    await waitUntil(() => connection.subscriber.status === 'ready', 'the subscriber is connected')
    const { membership, lease, member } = join()
    await waitUntil(() => lease() === 'unavailable', 'the replica works on its own')
    await store.client('KILL', 'TYPE', 'pubsub')
    await store.client('KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
    await connection.commands.connect()
    await waitUntil(() => lease() === 'held', 'the replica holds the lease')
    await membership.publish(polled(membership.time()))
    await waitUntil(() => member.onState.mock.calls.length > 0, 'the replica receives the state')
  },
)

it.runIf(hasRedis)('a state of a poll that began before the connection was lost is not published', async () => {
  const { server, store } = await startServer()
  const { connection, join } = await startExchange(server.url)
  const { membership, lease, member } = join()
  await waitUntil(() => lease() === 'held', 'the replica holds the lease')
  const before = polled(membership.time())
  await store.client('KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
  await waitUntil(() => !connection.isReady, 'the connection is closed')
  expect(membership.time()).toBe(0)
  expect(await membership.publish(before)).toBe('failed')
  await waitUntil(() => member.onReconnect.mock.calls.length > 0, 'the replica is connected again')
  expect(await membership.publish(before)).toBe('rejected')
  expect(await membership.publish(polled(membership.time()))).toBeGreaterThan(before.startedAfter)
})

it.runIf(hasRedis)('a replica reports the changes lost during an outage before a lease starts a poll', async () => {
  const { server, store } = await startServer()
  const { connection, exchange, join } = await startExchange(server.url)
  const { member, lease } = join()
  await waitUntil(() => lease() === 'held', 'the replica holds the lease')
  const order: string[] = []
  let isReconnected = false
  connection.on('change', isReady => {
    isReconnected = isReady
    order.length = 0
  })
  exchange.on('change', () => order.push('change'))
  member.onLease = status => {
    if (status !== 'unavailable') order.push(status)
  }
  await store.client('KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
  await waitUntil(() => isReconnected && order.includes('held'), 'the replica holds the lease again')
  expect(order[0]).toBe('change')
})

it.runIf(hasRedis)('a full Redis rejects states and leases, so no replica leads', async () => {
  const { server, store } = await startServer()
  const { membership, lease } = (await startExchange(server.url)).join()
  await waitUntil(() => lease() === 'held', 'the replica holds the lease')
  await store.config('SET', 'maxmemory', '1')
  expect(await membership.publish(polled(membership.time()))).toBe('failed')
  await waitUntil(() => lease() === 'unavailable', 'the lease cannot be renewed')
  await store.config('SET', 'maxmemory', '0')
  await waitUntil(() => lease() === 'held', 'the replica holds the lease again')
})

it.runIf(hasRedis)('a watch that begins while Redis rejects the password receives messages afterwards', async () => {
  const { server, store } = await startServer()
  const setPassword = (password: string) => store.config('SET', 'requirepass', password)
  await setPassword('right')
  const url = server.url.replace('redis://', 'redis://:right@')
  const replicas = [await startExchange(url), await startExchange(url)]
  await setPassword('other')
  await store.client('KILL', 'TYPE', 'pubsub')
  await store.client('KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
  await waitUntil(() => replicas.every(({ connection }) => !connection.isReady), 'Redis is disconnected')
  const watches = replicas.map(({ join }) => join())
  await waitUntil(() => watches.every(({ lease }) => lease() === 'unavailable'), 'each replica is on its own')
  const rejections = replicas.map(({ connection }) => {
    const onError = vi.fn()
    connection.subscriber.on('error', onError)
    return onError.mock.calls
  })
  await waitUntil(() => rejections.every(({ length }) => length > 1), 'the password is rejected')

  await setPassword('right')
  const withLease = (status: LeaseStatus) => watches.find(({ lease }) => lease() === status)
  await waitUntil(() => Boolean(withLease('held') && withLease('heldByOther')), 'one replica leads')
  const leader = withLease('held')
  const follower = withLease('heldByOther')
  if (leader === undefined || follower === undefined) throw new Error('One replica leads, and one follows.')
  await waitUntil(async () => {
    await leader.membership.publish(polled(leader.membership.time()))
    return follower.member.onState.mock.calls.length > 0
  }, 'the follower receives a state')
  await waitUntil(() => {
    follower.membership.requestPoll()
    return leader.member.onPollNow.mock.calls.length > 0
  }, 'the leader receives a request for a poll')
})
