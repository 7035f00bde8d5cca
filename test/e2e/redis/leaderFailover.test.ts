import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { ConferenceStream, sandboxState } from '../../support/conferenceStream.ts'
import type { ConfigOverrides } from '../../support/config.ts'
import { accountOf, basic } from '../../support/gateway.ts'
import { nodeIdOf } from '../../support/nodeId.ts'
import { startReplicas } from '../../support/replicas.ts'
import { hasRedis, type RedisServer, startRedis } from '../../support/startRedis.ts'
import { TcpProxy } from '../../support/tcpProxy.ts'
import { waitUntil, waitUntilEqual } from '../../support/waitUntil.ts'

let redis: RedisServer
beforeAll(async () => {
  if (hasRedis) redis = await startRedis()
})
afterAll(() => redis?.kill())

const INTERVAL = 200
const account = accountOf('part').sid
const pause = (ms: number) => new Promise(resolve => setTimeout(resolve, ms))

/** Two replicas, each with a way to Restcomm and a subscriber of its own to the same conference. The first one leads. */
const begin = async (env: Record<string, string>, config: ConfigOverrides = {}) => {
  const ways = [new TcpProxy(), new TcpProxy()] as const
  const [first, second] = ways
  const { sandbox, urls } = await startReplicas(
    2,
    redis.url,
    { LIVE_POLL_INTERVAL_MS: String(INTERVAL), ...env },
    (url, index) => (index === 0 ? first : second).listen(url),
    config,
  )
  const { sid } = sandbox.rows.addConference({ account_sid: account, status: 'RUNNING_MODERATOR_PRESENT' })
  const streams: ConferenceStream[] = []
  for (const url of urls) {
    const stream = new ConferenceStream(url, basic('part'), nodeIdOf('Conference', account, sid))
    await waitUntil(() => stream.events.length > 0, 'the stream begins')
    streams.push(stream)
  }
  const store = new Redis(redis.url)
  onTestFinished(() => store.disconnect())
  const lease = async () => (await store.keys('*:lease:*')).find(key => key.includes(sid)) ?? ''
  const leader = async () => store.get(await lease())
  const join = () => sandbox.rows.addCall({ account_sid: account, conference_sid: sid }).sid
  const untilTold = (what: string, within?: number) =>
    waitUntilEqual(
      () => streams.map(({ replayedState }) => replayedState),
      () => streams.map(() => sandboxState(sandbox, sid)),
      what,
      within,
    )
  const looks = () => sandbox.requests.filter(({ path }) => path.endsWith(`/Conferences/${sid}`)).length
  return { first, second, streams, leader, join, untilTold, looks }
}

describe.skipIf(!hasRedis)('a leader that cannot reach Restcomm', { timeout: 60_000 }, () => {
  it.each(['refuse', 'swallow'] as const)(
    'a leader that cannot reach Restcomm (%s) is replaced by a replica with access, and subscribers notice nothing',
    async how => {
      const timeout = { RESTCOMM_TIMEOUT_MS: '1000' }
      const { first, streams, leader, join, untilTold, looks } = await begin(timeout)
      const before = await leader()
      first.block(how)
      join()
      await waitUntil(async () => ![before, null].includes(await leader()), 'the other leads', 8_000)
      join()
      await untilTold('both are told of who joins', 8_000)
      const after = await leader()
      first.unblock()
      const seen = looks()
      const began = performance.now()
      await pause(2_000)
      // The former leader does not take the lease back, and a single replica polls for both.
      expect(await leader()).toBe(after)
      expect(looks() - seen).toBeLessThanOrEqual((performance.now() - began) / (0.9 * INTERVAL) + 3)
      expect(streams.map(({ codes }) => codes)).toEqual([[], []])
    },
  )

  it('a leader releases its lease while no replica reaches Restcomm, and each subscriber receives one error', async () => {
    const { first, second, streams, leader, join, untilTold } = await begin({}, { live: { graceMs: 1_000 } })
    first.block('refuse')
    second.block('refuse')
    await waitUntil(() => streams.every(({ codes }) => codes.length > 0), 'both subscribers receive the error')
    await waitUntil(async () => (await leader()) === null, 'no replica holds the lease')
    // The delays between the polls grow in both replicas.
    const attempts = [first.attempts, second.attempts]
    await pause(4_000)
    expect(first.attempts - (attempts[0] ?? 0)).toBeLessThan(8)
    expect(second.attempts - (attempts[1] ?? 0)).toBeLessThan(8)
    first.unblock()
    second.unblock()
    join()
    await untilTold('both recover')
    await waitUntil(async () => (await leader()) !== null, 'a replica leads again')
    expect(streams.map(({ codes }) => codes)).toEqual([['UPSTREAM_UNAVAILABLE'], ['UPSTREAM_UNAVAILABLE']])
  })
})
