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
  'each replica polls for itself while Redis is full, and one replica polls for all replicas afterwards',
  async () => {
    const redis = await startRedis()
    onTestFinished(() => redis.kill())
    const store = new Redis(redis.url)
    onTestFinished(() => store.disconnect())
    const { sandbox, urls } = await startReplicas(2, redis.url, { LIVE_POLL_INTERVAL_MS: '50' })
    const { sid } = sandbox.rows.addConference({ account_sid: account, status: 'RUNNING_MODERATOR_PRESENT' })
    const streams = urls.map(url => new ConferenceStream(url, basic('part'), nodeIdOf('Conference', account, sid)))
    const join = () => sandbox.rows.addCall({ account_sid: account, conference_sid: sid })
    const waitForState = (description: string) =>
      waitUntilEqual(
        () => streams.map(({ replayedState }) => replayedState),
        () => streams.map(() => sandboxState(sandbox, sid)),
        description,
      )
    const leases = async () => (await store.keys('*:lease:*')).length
    await waitUntil(() => streams.every(({ events }) => events.length > 0), 'both streams begin')
    await waitUntil(async () => (await leases()) === 1, 'one replica leads')

    await store.config('SET', 'maxmemory', '1')
    join()
    await waitUntil(async () => (await leases()) === 0, 'no replica leads without publishing')
    await waitForState('both subscribers receive the first participant')
    join()
    await waitForState('both replicas poll')

    await store.config('SET', 'maxmemory', '0')
    await waitUntil(async () => (await leases()) === 1, 'one replica leads again')
    join()
    await waitForState('both subscribers receive the last participant')
    expect(streams.map(({ codes }) => codes)).toEqual([[], []])
  },
)
