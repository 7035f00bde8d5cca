import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { ConferenceEvent } from '../../../src/live/events.ts'
import type { EventOrError } from '../../../src/live/sharedWatch.ts'
import { WatchRegistry } from '../../../src/live/watchRegistry.ts'
import type { Conference, Participant } from '../../../src/model.ts'
import { connectShared } from '../../../src/redis/replicaServices.ts'
import type { RestcommClient } from '../../../src/restcomm/client.ts'
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

/** Watches that look once a minute, of a room in which one participant is muted or not. */
const begin = async (room: { muted: boolean; name: string }) => {
  const participant = (): Participant => ({
    callSid: `CA${'1'.repeat(32)}`,
    accountSid: conference.accountSid,
    conference,
    muted: room.muted,
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
  const way = new TcpProxy()
  const url = (await way.listen(redis.url)).replace(/^http/, 'redis')
  const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined }
  const shared = connectShared(url, `http://${room.name}/restcomm`, quiet)
  await waitUntil(() => shared.isReady, 'Redis is reached')
  const heard: (readonly string[])[] = []
  shared.exchange.onChange(resources => heard.push(resources))
  const watches = new WatchRegistry(
    {
      intervalMs: 60_000,
      graceMs: 60_000,
      maxQueuedEvents: 100,
      maxWatches: 10,
      maxWatchesPerCredential: 10,
    },
    shared.exchange,
  )
  onTestFinished(async () => {
    watches.close()
    await shared.close()
  })
  const events: EventOrError<ConferenceEvent>[] = []
  const watch = async () => {
    const stream = await watches.watchConference(
      { credentialHash: 'same', createClient: () => client as unknown as RestcommClient },
      conference,
    )
    void (async () => {
      for await (const event of stream) events.push(event)
    })()
    await waitUntil(() => events.length === 1, 'the snapshot is told')
  }
  return {
    watches,
    watch,
    heard,
    events,
    nudge: () => watches.invalidate(conference),
    /** Its connections to Redis are dropped, and made anew within some tens of milliseconds. */
    blink: async () => {
      way.unblock()
      await waitUntil(() => !shared.isReady, 'Redis is away')
    },
  }
}

let rooms = 0
const beginTwo = async () => {
  rooms++
  const room = { muted: false, name: `room-${rooms}` }
  const leader = await begin(room)
  await leader.watch()
  const follower = await begin(room)
  return { room, leader, follower }
}

describe.skipIf(!hasRedis)('a short loss of the connection to Redis', { timeout: 60_000 }, () => {
  it.each(['leader', 'follower'] as const)(
    'a mutation through the %s during a loss of the connection to Redis reaches the subscribers of both replicas',
    async acting => {
      for (const blinking of ['leader', 'follower'] as const) {
        const two = await beginTwo()
        await two.follower.watch()
        await two[blinking].blink()
        two.room.muted = true
        two[acting].nudge()
        await waitUntil(
          () => two.leader.events.length === 2 && two.follower.events.length === 2,
          `both are told, though the ${blinking} was cut off`,
          8_000,
        )
      }
    },
  )

  it('a mutation through a replica without watches during a loss of the connection to Redis reaches the subscribers', async () => {
    const { room, leader, follower } = await beginTwo()
    await follower.blink()
    room.muted = true
    follower.nudge()
    await waitUntil(() => leader.events.length === 2, 'the other is told', 8_000)
  })

  it('a reconnect to Redis counts as a change of unknown resources', async () => {
    const { leader } = await beginTwo()
    const before = leader.heard.length
    await leader.blink()
    await waitUntil(() => leader.heard.length > before, 'it is told')
    expect(leader.heard.at(-1)).toEqual([])
  })
})
