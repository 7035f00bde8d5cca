import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { ConferenceEvent, EventOrError } from '../../../src/live/events.ts'
import { WatchRegistry } from '../../../src/live/watchRegistry.ts'
import type { Conference, Participant } from '../../../src/model.ts'
import { connectShared } from '../../../src/redis/replicaServices.ts'
import type { RestcommClient } from '../../../src/restcomm/client.ts'
import { TEST_SECRET } from '../../support/gatewaySecret.ts'
import { hasRedis, type RedisServer, startRedis } from '../../support/startRedis.ts'
import { TcpProxy } from '../../support/tcpProxy.ts'
import { waitUntil } from '../../support/waitUntil.ts'

let redis: RedisServer
beforeAll(async () => {
  if (hasRedis) redis = await startRedis()
})
afterAll(() => redis?.kill())

const conference: Conference = {
  sid: `CF${'1'.repeat(32)}`,
  accountSid: `AC${'1'.repeat(32)}`,
  friendlyName: null,
  status: 'RUNNING_MODERATOR_PRESENT',
  statusText: 'RUNNING_MODERATOR_PRESENT',
  dateCreated: '2026-01-01T00:00:00Z',
  dateUpdated: '2026-01-01T00:00:00Z',
  apiVersion: '2012-04-24',
  uri: '/',
}

/** Participant of the conference, changed by the tests. */
interface ParticipantFlags {
  muted: boolean
}

/** Starts a replica which polls only on request. Replicas share data if the `name` is equal. */
async function startReplica(name: string, flags: ParticipantFlags) {
  const participant = (): Participant => ({
    callSid: `CA${'1'.repeat(32)}`,
    accountSid: conference.accountSid,
    conference: { accountSid: conference.accountSid, sid: conference.sid },
    muted: flags.muted,
    hold: false,
    startConferenceOnEnter: true,
    endConferenceOnExit: false,
    dateCreated: conference.dateCreated,
    dateUpdated: conference.dateUpdated,
    uri: '/',
  })
  const client = {
    conference: async () => conference,
    participants: async () => [participant()],
  } satisfies Partial<RestcommClient>
  const proxy = new TcpProxy()
  const url = (await proxy.listen(redis.url)).replace(/^http/, 'redis')
  const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined }
  const shared = connectShared(url, `http://${name}/restcomm`, TEST_SECRET, quiet)
  await waitUntil(() => shared.connection.isReady, 'the replica is connected to Redis')
  const changes: (readonly string[])[] = []
  shared.exchange.on('change', resources => changes.push(resources))
  const watches = new WatchRegistry(
    {
      intervalMs: 3_600_000,
      graceMs: 60_000,
      maxQueuedEvents: 100,
      maxWatches: 10,
      maxWatchesPerCredential: 10,
      maxUnverifiedWatches: 5,
    },
    () => true,
    shared.exchange,
  )
  onTestFinished(async () => {
    watches.close()
    await shared.close()
  })
  const events: EventOrError<ConferenceEvent>[] = []
  return {
    changes,
    events,
    watch: async () => {
      const stream = await watches.watchConference(
        { credentialHash: 'same', isServiceAccount: false, createClient: () => client as unknown as RestcommClient },
        conference,
      )
      void (async () => {
        for await (const event of stream) events.push(event)
      })()
      await waitUntil(() => events.length === 1, 'the subscriber receives the snapshot')
    },
    /** Changes the participant and reports the change, as a mutation does. */
    mutate: () => {
      flags.muted = true
      watches.invalidate(conference)
    },
    /** Closes the connections to Redis. The replica reconnects within some tens of milliseconds. */
    dropConnections: async () => {
      proxy.unblock()
      await waitUntil(() => !shared.connection.isReady, 'the replica is disconnected from Redis')
    },
  }
}

let pairs = 0
/** The leader has a subscriber. */
async function startPair() {
  pairs++
  const name = `pair-${pairs}`
  const flags = { muted: false }
  const leader = await startReplica(name, flags)
  await leader.watch()
  const follower = await startReplica(name, flags)
  return { leader, follower }
}

describe.skipIf(!hasRedis)('a short loss of the connection to Redis', () => {
  it.each(['leader', 'follower'] as const)(
    'a mutation through the %s during a loss of the connection to Redis reaches the subscribers of both replicas',
    async mutating => {
      const testLossOf = async (disconnected: 'leader' | 'follower') => {
        const pair = await startPair()
        await pair.follower.watch()
        await pair[disconnected].dropConnections()
        pair[mutating].mutate()
        const haveReceived = () => pair.leader.events.length === 2 && pair.follower.events.length === 2
        await waitUntil(
          haveReceived,
          `both subscribers receive the change, although the ${disconnected} was disconnected`,
        )
      }
      await Promise.all([testLossOf('leader'), testLossOf('follower')])
    },
  )

  it('a mutation through a replica without watches during a loss of the connection to Redis reaches the subscribers', async () => {
    const { leader, follower } = await startPair()
    await follower.dropConnections()
    follower.mutate()
    await waitUntil(() => leader.events.length === 2, 'the subscriber of the leader receives the change')
  })

  it('a reconnect to Redis counts as a change of unknown resources', async () => {
    const { leader } = await startPair()
    const before = leader.changes.length
    await leader.dropConnections()
    await waitUntil(() => leader.changes.length > before, 'the replica reports a change')
    expect(leader.changes.at(-1)).toEqual([])
  })
})
