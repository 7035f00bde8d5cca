import { Redis } from 'ioredis'
import { expect, it, onTestFinished } from 'vitest'
import { ConferenceStream, sandboxState } from '../../support/conferenceStream.ts'
import { accountOf, basic } from '../../support/gateway.ts'
import { nodeIdOf } from '../../support/nodeId.ts'
import { startReplicas } from '../../support/replicas.ts'
import { hasRedis, startRedis } from '../../support/startRedis.ts'
import { waitUntil, waitUntilEqual } from '../../support/waitUntil.ts'

const account = accountOf('part').sid

it.runIf(hasRedis)(
  'where Redis is full each replica looks for itself, and one for all when it is not',
  async () => {
    const redis = await startRedis()
    onTestFinished(() => redis.kill())
    const store = new Redis(redis.url)
    onTestFinished(() => store.disconnect())
    const { sandbox, urls } = await startReplicas(2, redis.url, { LIVE_POLL_INTERVAL_MS: '200' })
    const { sid } = sandbox.rows.addConference({ account_sid: account, status: 'RUNNING_MODERATOR_PRESENT' })
    const streams = urls.map(url => new ConferenceStream(url, basic('part'), nodeIdOf('Conference', account, sid)))
    const join = () => sandbox.rows.addCall({ account_sid: account, conference_sid: sid })
    const untilTold = (what: string) =>
      waitUntilEqual(
        () => streams.map(({ replayedState }) => replayedState),
        () => streams.map(() => sandboxState(sandbox, sid)),
        what,
      )
    const leases = async () => (await store.keys('*:lease:*')).length
    await waitUntil(() => streams.every(({ events }) => events.length > 0), 'both begin')
    await waitUntil(async () => (await leases()) === 1, 'one leads')

    await store.config('SET', 'maxmemory', '1')
    join()
    await waitUntil(async () => (await leases()) === 0, 'nobody leads who can tell nothing', 30_000)
    await untilTold('both are told of who joins')
    join()
    await untilTold('both look for themselves')

    await store.config('SET', 'maxmemory', '0')
    await waitUntil(async () => (await leases()) === 1, 'one leads again')
    join()
    await untilTold('both are told of who joins then')
    expect(streams.map(({ codes }) => codes)).toEqual([[], []])
  },
  90_000,
)
