import fc from 'fast-check'
import { createClient } from 'graphql-ws'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import WebSocket from 'ws'
import { sha256 } from '../../../src/auth/upstreamCredentials.ts'
import { redisNames } from '../../../src/redis/redisConnection.ts'
import { ACCOUNT_EVENTS, type AccountStreamEvent } from '../../support/accountEvents.ts'
import { ConferenceStream, sandboxState } from '../../support/conferenceStream.ts'
import type { ConfigOverrides } from '../../support/config.ts'
import { accountOf, basic, basicOf, labels } from '../../support/gateway.ts'
import { TEST_SECRET } from '../../support/gatewaySecret.ts'
import { nodeIdOf } from '../../support/nodeId.ts'
import { PollCounter } from '../../support/pollCounter.ts'
import { sendQuery, startReplicas } from '../../support/replicas.ts'
import { hasRedis, type RedisServer, startRedis } from '../../support/startRedis.ts'
import { waitUntil, waitUntilEqual } from '../../support/waitUntil.ts'

let redis: RedisServer
beforeAll(async () => {
  if (hasRedis) redis = await startRedis()
})
afterAll(() => redis?.kill())

const account = accountOf('part').sid
/** An hour, so that only mutations cause polls. */
const NO_TIMED_POLLS = { LIVE_POLL_INTERVAL_MS: '3600000' }

/** Access to the data in Redis, and to all messages from now on. */
async function spyOnRedis(url: string) {
  const store = new Redis(url)
  const subscriber = new Redis(url)
  onTestFinished(() => {
    store.disconnect()
    subscriber.disconnect()
  })
  const messages: string[] = []
  await subscriber.psubscribe('*')
  subscriber.on('pmessage', (_pattern, channel, message) => messages.push(channel, message))
  /** Returns all keys, values, channels and messages. */
  const readAll = async (): Promise<string> => {
    const keys = await store.keys('*')
    const values = await Promise.all(
      keys.map(async key => {
        const type = await store.type(key)
        return type === 'hash' ? JSON.stringify(await store.hgetall(key)) : ((await store.get(key)) ?? '')
      }),
    )
    return [...keys, ...values, ...messages].join('\n')
  }
  return { store, readAll, messages }
}

function createWebSocketClient(url: string) {
  const client = createClient({
    url: url.replace('http', 'ws'),
    webSocketImpl: WebSocket,
    connectionParams: { authorization: basic('part') },
  })
  onTestFinished(() => void client.dispose())
  return client
}

function watchConference(url: string, conferenceSid: string): ConferenceStream {
  return new ConferenceStream(url, basic('part'), nodeIdOf('Conference', account, conferenceSid))
}

/** Starts two replicas, each with a subscriber to the same conference. The first replica leads. */
async function startPair(redisUrl: string, env: Record<string, string>, overrides: ConfigOverrides = {}) {
  const { sandbox, urls } = await startReplicas(2, redisUrl, env, undefined, overrides)
  const { sid } = sandbox.rows.addConference({ account_sid: account, status: 'RUNNING_MODERATOR_PRESENT' })
  const join = () => sandbox.rows.addCall({ account_sid: account, conference_sid: sid }).sid
  const caller = join()
  const streams: ConferenceStream[] = []
  for (const url of urls) {
    const stream = watchConference(url, sid)
    await waitUntil(() => stream.events.length > 0, 'the subscriber receives the snapshot')
    streams.push(stream)
  }
  const waitForState = (description: string) =>
    waitUntilEqual(
      () => streams.map(({ replayedState }) => replayedState),
      () => streams.map(() => sandboxState(sandbox, sid)),
      description,
    )
  const [first = '', second = ''] = urls
  return { sandbox, urls: [first, second] as const, sid, join, caller, streams, waitForState }
}

describe.skipIf(!hasRedis)('replicas with one Redis', () => {
  it('one of ten replicas polls for a hundred subscribers, who receive the same events', async () => {
    const { sandbox, urls } = await startReplicas(10, redis.url, { LIVE_POLL_INTERVAL_MS: '50' })
    const { sid } = sandbox.rows.addConference({ account_sid: account, status: 'RUNNING_MODERATOR_PRESENT' })
    const query = `subscription { conferenceEvents(conferenceId: "${nodeIdOf('Conference', account, sid)}") {
      __typename ... on ParticipantJoined { participant { callSid } } } }`
    const received = urls.map(createWebSocketClient).flatMap(client =>
      Array.from({ length: 10 }, () => {
        const events: string[] = []
        client.subscribe<{ conferenceEvents: { __typename: string; participant?: { callSid: string } } }>(
          { query },
          {
            next: ({ data }) => {
              const event = data?.conferenceEvents
              if (event) events.push(event.participant?.callSid ?? event.__typename)
            },
            error: () => undefined,
            complete: () => undefined,
          },
        )
        return events
      }),
    )
    const expected = ['ConferenceSnapshot']
    const waitForEvents = (description: string) =>
      waitUntil(() => received.every(({ length }) => length === expected.length), description)
    await waitForEvents('all subscribers receive the snapshot')
    await new PollCounter(sandbox, redis.url, sid).waitForSinglePoller(async () => {
      for (let i = 0; i < 5; i++) {
        expected.push(sandbox.rows.addCall({ account_sid: account, conference_sid: sid }).sid)
        await waitForEvents('all subscribers receive the participant')
      }
    })
    expect(received).toEqual(received.map(() => expected))
  })

  it('a mutation through either replica makes the leader poll immediately', async () => {
    const { urls, sid, caller, waitForState } = await startPair(redis.url, NO_TIMED_POLLS)
    const [leader, follower] = urls
    const mutation = (name: string) =>
      `mutation { ${name}(input: { participantId: "${nodeIdOf('Participant', account, sid, caller)}" }) {
        participant { muted } userErrors { message } } }`
    expect(await sendQuery(follower, basic('part'), mutation('muteParticipant'))).toEqual({
      data: { muteParticipant: { participant: { muted: true }, userErrors: [] } },
    })
    await waitForState('both subscribers receive the change through the follower')
    expect(await sendQuery(leader, basic('part'), mutation('unmuteParticipant'))).toEqual({
      data: { unmuteParticipant: { participant: { muted: false }, userErrors: [] } },
    })
    await waitForState('both subscribers receive the change through the leader')
  })

  it('with two replicas, a refused poll ends no stream, and a poll refused twice ends the streams of both', async () => {
    const pair = await startPair(redis.url, { LIVE_POLL_INTERVAL_MS: '50' })
    const { sandbox, join, streams, waitForState } = pair
    let polls = 0
    let refusals = 0
    sandbox.intercept(({ path }) => {
      if (!path.endsWith('/Participants') || ++polls % 3 > 0) return undefined
      refusals++
      return { status: refusals % 2 === 0 ? 401 : 403 }
    })
    await waitUntil(() => refusals >= 2, 'two polls are refused')
    join()
    await waitForState('both subscribers receive the participant')
    expect(streams.map(({ codes, hasEnded }) => ({ codes, hasEnded }))).toEqual(
      streams.map(() => ({ codes: [], hasEnded: false })),
    )
    sandbox.intercept(() => ({ status: 401 }))
    await waitUntil(() => streams.every(({ hasEnded }) => hasEnded), 'both streams end')
    expect(streams.map(({ codes }) => codes)).toEqual(streams.map(() => ['UNAUTHENTICATED']))
  })

  it('each replica polls while Redis is unavailable, and one replica polls afterwards; no query fails', async () => {
    const ownRedis = await startRedis()
    onTestFinished(() => ownRedis.kill())
    const pair = await startPair(ownRedis.url, { LIVE_POLL_INTERVAL_MS: '50' })
    const { sandbox, urls, sid, join, streams, waitForState } = pair
    const counter = new PollCounter(sandbox, ownRedis.url, sid)
    const waitForPolls = async (count: number, isCancelled = () => false) => {
      const end = counter.polls + count
      await waitUntil(() => counter.polls >= end || isCancelled(), `the replicas poll ${count} times`)
    }

    const ended = sandbox.rows.addConference({ account_sid: account, status: 'COMPLETED' }).sid
    const answers: unknown[] = []
    let isEnding = false
    const sendQueries = async () => {
      while (!isEnding) {
        for (const url of urls) {
          const query = `{ running: conference(sid: "${sid}") { status } ended: conference(sid: "${ended}") { status } }`
          answers.push(await sendQuery(url, basic('part'), query))
        }
        await waitForPolls(1, () => isEnding)
      }
    }
    const sending = sendQueries()

    const callers: string[] = []
    for (const disturb of [() => ownRedis.kill(), async () => ownRedis.hang()]) {
      await disturb()
      // Redis cannot pass states on, so each subscriber receives the participants from a poll of its replica.
      callers.push(join())
      await waitForState('both subscribers receive the first participant without Redis')
      await waitForPolls(10)
      callers.push(join())
      await waitForState('both subscribers receive the second participant without Redis')
      ownRedis.resume()
      await ownRedis.kill()
      await ownRedis.start()
      callers.push(join())
      await waitForState('both subscribers receive the participant during the reconnect')
      await counter.waitForSinglePoller()
      callers.push(join())
      await waitForState('both subscribers receive the participant after the reconnect')
    }
    isEnding = true
    await sending
    expect(answers.length).toBeGreaterThan(20)
    const data = { running: { status: 'RUNNING_MODERATOR_PRESENT' }, ended: { status: 'COMPLETED' } }
    expect(answers).toEqual(answers.map(() => ({ data })))
    for (const stream of streams) {
      expect(stream.joinedCallSids.toSorted()).toEqual(callers.toSorted())
      expect(stream.codes).toEqual([])
    }
  })

  it('an ended conference is read once for both replicas, and only for clients with permission', async () => {
    const { sandbox, urls } = await startReplicas(2, redis.url)
    const [one = '', two = ''] = urls
    const store = new Redis(redis.url)
    onTestFinished(() => store.disconnect())
    let sid = ''
    // A replica on a busy machine may not wait for a row in Redis, so another conference is tried.
    const isReadOnce = async () => {
      sid = sandbox.rows.addConference({ account_sid: account, status: 'COMPLETED' }).sid
      const query = `{ conference(sid: "${sid}") { sid status } }`
      const expected = { data: { conference: { sid, status: 'COMPLETED' } } }
      expect(await sendQuery(one, basic('part'), query)).toEqual(expected)
      const rowKey = redisNames(TEST_SECRET, sandbox.url)('row', `${sha256(basic('part'))} ${account}/${sid}`)
      await waitUntil(async () => (await store.exists(rowKey)) > 0, 'the first replica writes the row to Redis')
      expect(await store.pttl(rowKey)).toBeGreaterThan(0)
      expect(await sendQuery(two, basic('part'), query)).toEqual(expected)
      return sandbox.requests.filter(({ path }) => path.endsWith(`/Conferences/${sid}`)).length === 1
    }
    await waitUntil(isReadOnce, 'the second replica uses the row of the first replica')
    const query = `{ conference(sid: "${sid}", accountSid: "${account}") { sid status } }`
    expect((await sendQuery(two, basic('conf1'), query)).errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }])
  })

  it('subscribers of all replicas receive the same changes of conferences, including the ends', async () => {
    const { sandbox, urls } = await startReplicas(2, redis.url, { LIVE_POLL_INTERVAL_MS: '100' })
    const received = urls.map((url): string[] => {
      const changes: string[] = []
      createWebSocketClient(url).subscribe<{ accountEvents: AccountStreamEvent }>(
        { query: ACCOUNT_EVENTS },
        {
          next: ({ data }) => {
            const { __typename, conference } = data?.accountEvents ?? {}
            changes.push(conference ? `${__typename} ${conference.sid} ${conference.status}` : `${__typename}`)
          },
          error: () => undefined,
          complete: () => undefined,
        },
      )
      return changes
    })
    const expected = ['AccountSnapshot']
    const waitForChanges = (description: string) =>
      waitUntilEqual(
        () => received,
        () => [expected, expected],
        description,
      )
    await waitForChanges('both subscribers receive the snapshot')
    for (const endStatus of ['COMPLETED', 'FAILED'] as const) {
      const { sid } = sandbox.rows.addConference({ account_sid: account, status: 'RUNNING_INITIALIZING' })
      expected.push(`ConferenceStarted ${sid} RUNNING_INITIALIZING`)
      await waitForChanges('both subscribers receive the start')
      sandbox.rows.updateConference(sid, { status: 'RUNNING_MODERATOR_PRESENT' })
      expected.push(`ConferenceChanged ${sid} RUNNING_MODERATOR_PRESENT`)
      await waitForChanges('both subscribers receive the change')
      sandbox.rows.updateConference(sid, { status: endStatus })
      expected.push(`ConferenceEnded ${sid} ${endStatus}`)
      await waitForChanges('both subscribers receive the end')
    }
  })

  it('a permanent error ends the subscriptions of all replicas, and an unknown conference starts none', async () => {
    const { sandbox, urls, streams } = await startPair(redis.url, { LIVE_POLL_INTERVAL_MS: '50' })
    sandbox.rows.updateAccount(account, { status: 'suspended' })
    await waitUntil(() => streams.every(({ hasEnded }) => hasEnded), 'both streams end')
    expect(streams.map(({ codes }) => codes)).toEqual([['FORBIDDEN'], ['FORBIDDEN']])
    sandbox.rows.updateAccount(account, { status: 'active' })
    const unknown = urls.map(url => watchConference(url, `CF${'0'.repeat(32)}`))
    await waitUntil(() => unknown.every(({ hasEnded }) => hasEnded), 'both streams end')
    expect(unknown.map(({ codes, events }) => [...codes, ...events])).toEqual([['BAD_USER_INPUT'], ['BAD_USER_INPUT']])
  })

  it('a temporary error reaches the subscribers of all replicas once, and events continue', async () => {
    const env = { LIVE_POLL_INTERVAL_MS: '50' }
    const { sandbox, join, streams, waitForState } = await startPair(redis.url, env, { live: { graceMs: 300 } })
    sandbox.intercept(() => ({ status: 502 }))
    await waitUntil(() => streams.every(({ codes }) => codes.length > 0), 'both subscribers receive the error')
    sandbox.intercept(null)
    join()
    await waitForState('both subscribers receive the participant')
    expect(streams.map(({ codes }) => codes)).toEqual([['UPSTREAM_UNAVAILABLE'], ['UPSTREAM_UNAVAILABLE']])
  })

  it('replicas share no data between credentials, and write no credentials to Redis', async () => {
    const ownRedis = await startRedis()
    onTestFinished(() => ownRedis.kill())
    const env = { LIVE_POLL_INTERVAL_MS: '100', CACHE_LIST_TTL_MS: '200' }
    const { sandbox, urls, logged } = await startReplicas(3, ownRedis.url, env)
    const { readAll, messages } = await spyOnRedis(ownRedis.url)
    const tenants = Array.from({ length: 12 }, (_, i) => {
      const token = `${i.toString(16)}`.padStart(32, 'e')
      const { sid } = sandbox.rows.addAccount({ email_address: `tenant${i}@example.com`, auth_token: token })
      const add = (status: string) =>
        sandbox.rows.addConference({ account_sid: sid, status, friendly_name: `room of ${sid}` }).sid
      const conferences = [add('COMPLETED'), add('FAILED'), add('COMPLETED')]
      const running = add('RUNNING_MODERATOR_PRESENT')
      sandbox.rows.addCall({ account_sid: sid, conference_sid: running })
      return { sid, token, authorization: basicOf(sid, token), conferences, running }
    })
    const streams = tenants.flatMap(({ authorization, sid, running }, i) =>
      [0, 1].map(j => {
        const url = urls[(i + j) % urls.length] ?? ''
        const stream = new ConferenceStream(url, authorization, nodeIdOf('Conference', sid, running))
        return { stream, running }
      }),
    )
    await waitUntil(() => streams.every(({ stream }) => stream.events.length > 0), 'all subscribers receive a snapshot')

    const step = fc.record({
      client: fc.nat(tenants.length - 1),
      owner: fc.nat(tenants.length - 1),
      index: fc.nat(2),
      replica: fc.nat(urls.length - 1),
      isList: fc.boolean(),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async steps => {
        await Promise.all(
          steps.map(async ({ client: clientIndex, owner: ownerIndex, index, replica, isList }) => {
            const [client, owner] = [tenants[clientIndex], tenants[ownerIndex]]
            if (client === undefined || owner === undefined) throw new Error('A tenant is missing.')
            const list = `conferences(accountSid: "${owner.sid}", first: 10) { nodes { accountSid friendlyName } }`
            const sid = owner.conferences[index]
            const single = `conference(sid: "${sid}", accountSid: "${owner.sid}") { accountSid friendlyName sid }`
            const answer = await sendQuery(urls[replica] ?? '', client.authorization, `{ ${isList ? list : single} }`)
            const data = JSON.stringify(answer.data ?? null)
            if (client === owner) {
              expect(answer.errors).toBeUndefined()
              expect(data).toContain(`room of ${client.sid}`)
            } else {
              expect(data).not.toContain('room of')
              expect(answer.errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }])
            }
          }),
        )
      }),
      { numRuns: 20 },
    )
    for (const { running } of tenants) {
      for (const call of sandbox.rows.callsIn(running)) sandbox.rows.finishCall(call.sid)
      sandbox.rows.updateConference(running, { status: 'COMPLETED' })
    }
    await waitUntil(() => streams.every(({ stream }) => stream.hasEnded), 'all streams end')
    for (const { stream, running } of streams) {
      expect(stream.codes).toEqual([])
      expect(stream.replayedState).toEqual(sandboxState(sandbox, running))
    }

    const text = `${await readAll()}\n${logged.join('\n')}`
    expect(text).toMatch(/^restcomm-graphql:2:row:[\w-]{43}$/m)
    expect(messages.length).toBeGreaterThan(0)
    for (const { token, authorization } of tenants) {
      expect(text).not.toContain(token)
      expect(text).not.toContain(authorization.replace('Basic ', ''))
      expect(text).not.toContain(sha256(authorization))
    }
    for (const { password } of Object.values(labels.accounts)) expect(text).not.toContain(password)
  })

  it('a response from before a mutation through another replica does not count as new', async () => {
    const { sandbox, urls, sid, caller, waitForState } = await startPair(redis.url, NO_TIMED_POLLS)
    const [leader, follower] = urls
    // The first response has the state before the mutation, and arrives after the mutation.
    const release = Promise.withResolvers<void>()
    onTestFinished(() => release.resolve())
    let isHeld = false
    sandbox.intercept(async ({ path, headers }) => {
      if (isHeld || !path.endsWith('/Participants')) return
      isHeld = true
      const response = await fetch(new URL(path, sandbox.url), {
        headers: { accept: 'application/json', authorization: String(headers.authorization) },
      })
      const body = await response.text()
      await release.promise
      return { status: 200, body, headers: { 'content-type': 'application/json' } }
    })
    const query = `{ conference(accountSid: "${account}", sid: "${sid}") { participants { nodes { muted } } } }`
    const heldAnswer = sendQuery(leader, basic('part'), query)
    await waitUntil(() => isHeld, 'the response is held')
    const participant = nodeIdOf('Participant', account, sid, caller)
    const mutation = `mutation { muteParticipant(input: { participantId: "${participant}" }) { userErrors { message } } }`
    const { data } = await sendQuery(follower, basic('part'), mutation)
    expect(data.muteParticipant.userErrors).toEqual([])
    await waitForState('both subscribers receive the change')
    release.resolve()
    expect((await heldAnswer).data.conference.participants.nodes).toEqual([{ muted: false }])
  })

  it('replicas ignore texts in Redis that are not JSON', async () => {
    const ownRedis = await startRedis()
    onTestFinished(() => ownRedis.kill())
    const { sandbox, urls, join, streams, waitForState } = await startPair(ownRedis.url, {
      LIVE_POLL_INTERVAL_MS: '50',
    })
    const { store } = await spyOnRedis(ownRedis.url)
    const [lease = ''] = await store.keys('restcomm-graphql:2:lease:*')
    const channel = lease.replace(':lease:', ':watch:')
    for (const message of ['', 'no JSON', 'null', '{"kind":']) {
      await store.publish(channel, message)
      await store.publish(redisNames(TEST_SECRET, sandbox.url)('changes'), message)
    }
    await store.hset(lease.replace(':lease:', ':state:'), 'message', 'no JSON')
    const ended = sandbox.rows.addConference({ account_sid: account, status: 'COMPLETED' }).sid
    const rowKey = redisNames(TEST_SECRET, sandbox.url)('row', `${sha256(basic('part'))} ${account}/${ended}`)
    await store.set(rowKey, 'no JSON', 'PX', 60_000)
    const query = `{ conference(accountSid: "${account}", sid: "${ended}") { status } }`
    const answer = await sendQuery(urls[0], basic('part'), query)
    expect(answer).toEqual({ data: { conference: { status: 'COMPLETED' } } })
    await waitUntil(async () => (await store.get(rowKey)) !== 'no JSON', 'the row is written')
    join()
    await waitForState('both subscribers receive the participant')
    expect(streams.map(({ codes }) => codes)).toEqual([[], []])
  })
})
