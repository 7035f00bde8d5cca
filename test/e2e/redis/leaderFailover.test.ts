import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { ConferenceStream, sandboxState } from '../../support/conferenceStream.ts'
import type { ConfigOverrides } from '../../support/config.ts'
import { accountOf, basic } from '../../support/gateway.ts'
import { nodeIdOf } from '../../support/nodeId.ts'
import { PollCounter } from '../../support/pollCounter.ts'
import { startReplicas, watchKey } from '../../support/replicas.ts'
import { hasRedis, type RedisServer, startRedis } from '../../support/startRedis.ts'
import { TcpProxy } from '../../support/tcpProxy.ts'
import { waitUntil, waitUntilEqual } from '../../support/waitUntil.ts'

let redis: RedisServer
beforeAll(async () => {
  if (hasRedis) redis = await startRedis()
})
afterAll(() => redis?.kill())

const account = accountOf('part').sid

/**
 * Starts two replicas, each with a proxy in front of Restcomm and a subscriber to the same conference. The first replica
 * leads.
 */
async function startPair(config: ConfigOverrides = {}) {
  const proxies = [new TcpProxy(), new TcpProxy()] as const
  const { sandbox, urls } = await startReplicas(
    2,
    redis.url,
    { LIVE_POLL_INTERVAL_MS: '50', RESTCOMM_TIMEOUT_MS: '1000' },
    (url, index) => proxies[index === 0 ? 0 : 1].listen(url),
    config,
  )
  const { sid } = sandbox.rows.addConference({ account_sid: account, status: 'RUNNING_MODERATOR_PRESENT' })
  const streams: ConferenceStream[] = []
  for (const url of urls) {
    const stream = new ConferenceStream(url, basic('part'), nodeIdOf('Conference', account, sid))
    await waitUntil(() => stream.events.length > 0, 'the subscriber receives the snapshot')
    streams.push(stream)
  }
  const store = new Redis(redis.url)
  onTestFinished(() => store.disconnect())
  const leader = () => store.get(watchKey(sandbox, 'lease', basic('part'), `${account}/${sid}`))
  const join = () => sandbox.rows.addCall({ account_sid: account, conference_sid: sid }).sid
  const waitForState = (description: string) =>
    waitUntilEqual(
      () => streams.map(({ replayedState }) => replayedState),
      () => streams.map(() => sandboxState(sandbox, sid)),
      description,
    )
  return { proxies, streams, leader, join, waitForState, counter: new PollCounter(sandbox, redis.url, sid) }
}

describe.skipIf(!hasRedis)('a leader that cannot reach Restcomm', () => {
  it.each(['refuse', 'swallow'] as const)(
    'a leader that cannot reach Restcomm (%s) is replaced by a replica with access, and subscribers notice nothing',
    async mode => {
      const { proxies, streams, leader, join, waitForState, counter } = await startPair()
      const firstLeader = await leader()
      proxies[0].block(mode)
      join()
      await waitUntil(async () => ![firstLeader, null].includes(await leader()), 'the other replica leads')
      join()
      await waitForState('both subscribers receive the participants')
      const secondLeader = await leader()
      proxies[0].unblock()
      // The former leader does not take the lease back, and a single replica polls for both.
      await counter.waitForSinglePoller()
      expect(await leader()).toBe(secondLeader)
      expect(streams.map(({ codes }) => codes)).toEqual([[], []])
    },
  )

  it('a leader releases its lease while no replica reaches Restcomm, and each subscriber receives one error', async () => {
    const { proxies, streams, leader, join, waitForState } = await startPair({ live: { graceMs: 300 } })
    for (const proxy of proxies) proxy.block('refuse')
    await waitUntil(() => streams.every(({ codes }) => codes.length > 0), 'both subscribers receive the error')
    await waitUntil(async () => (await leader()) === null, 'no replica holds the lease')
    for (const proxy of proxies) proxy.unblock()
    join()
    await waitForState('both subscribers receive the participant')
    await waitUntil(async () => (await leader()) !== null, 'a replica leads again')
    expect(streams.map(({ codes }) => codes)).toEqual([['UPSTREAM_UNAVAILABLE'], ['UPSTREAM_UNAVAILABLE']])
  })
})
