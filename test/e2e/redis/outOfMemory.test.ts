import { Redis } from 'ioredis'
import { expect, it, onTestFinished } from 'vitest'
import { ConferenceStream, truthOf } from '../../support/conferenceStream.ts'
import { accountOf, basic } from '../../support/gateway.ts'
import { idOf } from '../../support/nodeId.ts'
import { hasRedis, startRedis } from '../../support/redisServer.ts'
import { until, untilEqual } from '../../support/waitFor.ts'
import { startReplicas } from '../../support/replicas.ts'

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
    const streams = urls.map(url => new ConferenceStream(url, basic('part'), idOf('Conference', account, sid)))
    const join = () => sandbox.rows.addCall({ account_sid: account, conference_sid: sid })
    const untilTold = (what: string) =>
      untilEqual(
        () => streams.map(({ replayed }) => replayed),
        () => streams.map(() => truthOf(sandbox, sid)),
        what,
      )
    const leases = async () => (await store.keys('*:lease:*')).length
    await until(() => streams.every(({ events }) => events.length > 0), 'both begin')
    await until(async () => (await leases()) === 1, 'one leads')

    await store.config('SET', 'maxmemory', '1')
    join()
    await until(async () => (await leases()) === 0, 'nobody leads who can tell nothing', 30_000)
    await untilTold('both are told of who joins')
    join()
    await untilTold('both look for themselves')

    await store.config('SET', 'maxmemory', '0')
    await until(async () => (await leases()) === 1, 'one leads again')
    join()
    await untilTold('both are told of who joins then')
    expect(streams.map(({ codes }) => codes)).toEqual([[], []])
  },
  90_000,
)
