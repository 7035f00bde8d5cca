import fc from 'fast-check'
import { createClient } from 'graphql-ws'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import WebSocket from 'ws'
import { ConferenceStream, sandboxState } from '../../support/conferenceStream.ts'
import { accountOf, basic, basicOf, labels } from '../../support/gateway.ts'
import { nodeIdOf } from '../../support/nodeId.ts'
import { sendQuery, startReplicas } from '../../support/replicas.ts'
import { hasRedis, type RedisServer, startRedis } from '../../support/startRedis.ts'
import { waitUntil, waitUntilEqual } from '../../support/waitUntil.ts'

let redis: RedisServer
beforeAll(async () => {
  if (hasRedis) redis = await startRedis()
})
afterAll(() => redis?.kill())

const account = accountOf('part').sid
const pause = (ms: number) => new Promise(resolve => setTimeout(resolve, ms))

/** Everything that Redis knows, keys and values, and everything that is said through it from now on. */
const spy = async (url: string) => {
  const store = new Redis(url)
  const listener = new Redis(url)
  onTestFinished(() => {
    store.disconnect()
    listener.disconnect()
  })
  const said: string[] = []
  await listener.psubscribe('*')
  listener.on('pmessage', (_pattern, channel, message) => said.push(channel, message))
  const everything = async (): Promise<string> => {
    const keys = await store.keys('*')
    const values = await Promise.all(
      keys.map(async key => {
        const type = await store.type(key)
        return type === 'hash' ? JSON.stringify(await store.hgetall(key)) : ((await store.get(key)) ?? '')
      }),
    )
    return [...keys, ...values, ...said].join('\n')
  }
  return { store, everything, said }
}

describe.skipIf(!hasRedis)('replicas with one Redis', { timeout: 120_000 }, () => {
  it('ten replicas with a thousand subscribers poll once', async () => {
    const INTERVAL = 1_000
    const { sandbox, urls } = await startReplicas(10, redis.url, { LIVE_POLL_INTERVAL_MS: String(INTERVAL) })
    const { sid } = sandbox.rows.addConference({ account_sid: account, status: 'RUNNING_MODERATOR_PRESENT' })
    const clients = urls.map(url =>
      createClient({
        url: url.replace('http', 'ws'),
        webSocketImpl: WebSocket,
        connectionParams: { authorization: basic('part') },
        lazy: false,
      }),
    )
    onTestFinished(async () => {
      for (const client of clients) await client.dispose()
    })
    const told = new Map<number, string[]>()
    const query = `subscription { conferenceEvents(conferenceId: "${nodeIdOf('Conference', account, sid)}") {
      __typename ... on ParticipantJoined { participant { callSid } } } }`
    const looks = () => sandbox.requests.filter(({ path }) => path.endsWith(`/Conferences/${sid}`)).length
    const began = performance.now()
    for (let i = 0; i < 1_000; i++) {
      const events: string[] = []
      told.set(i, events)
      clients[i % 10]?.subscribe<{ conferenceEvents: { __typename: string; participant?: { callSid: string } } }>(
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
    }
    const all = (count: number) => [...told.values()].every(events => events.length === count)
    await waitUntil(() => all(1), 'everybody has the snapshot', 60_000)
    const joined: string[] = []
    for (let i = 0; i < 5; i++) {
      joined.push(sandbox.rows.addCall({ account_sid: account, conference_sid: sid }).sid)
      await waitUntil(() => all(i + 2), 'everybody is told of who joins', 30_000)
    }
    // A loop looks once an interval, give or take a tenth, and once for newcomers after each interval that they took.
    expect(looks()).toBeLessThanOrEqual(((performance.now() - began) / INTERVAL) * (1 / 0.9 + 1) + 2)
    const before = looks()
    const idle = performance.now()
    await pause(6_000)
    expect(looks() - before).toBeLessThanOrEqual((performance.now() - idle) / (0.9 * INTERVAL) + 1)
    expect(looks()).toBeGreaterThan(before)
    expect([...told.values()]).toEqual(Array.from({ length: 1_000 }, () => ['ConferenceSnapshot', ...joined]))
  })

  it('subscribers of all replicas receive the same changes of conferences, including the ends', async () => {
    const { sandbox, urls } = await startReplicas(2, redis.url, { LIVE_POLL_INTERVAL_MS: '100' })
    const seen = urls.map((url): string[] => {
      const client = createClient({
        url: url.replace('http', 'ws'),
        webSocketImpl: WebSocket,
        connectionParams: { authorization: basic('part') },
      })
      const changes: string[] = []
      client.subscribe<{ conferencesChanged: { sid: string; status: string } }>(
        { query: 'subscription { conferencesChanged { sid status } }' },
        {
          next: ({ data }) => {
            const { sid, status } = data?.conferencesChanged ?? {}
            if (sid !== undefined) changes.push(`${sid} ${status}`)
          },
          error: () => undefined,
          complete: () => undefined,
        },
      )
      onTestFinished(() => void client.dispose())
      return changes
    })
    await pause(1_500)
    const expected: string[] = []
    for (let i = 0; i < 4; i++) {
      const { sid } = sandbox.rows.addConference({ account_sid: account, status: 'RUNNING_INITIALIZING' })
      expected.push(`${sid} RUNNING_INITIALIZING`)
      await waitUntilEqual(
        () => seen,
        () => [expected, expected],
        'both are told of the beginning',
      )
      sandbox.rows.updateConference(sid, { status: i % 2 === 0 ? 'COMPLETED' : 'FAILED' })
      expected.push(`${sid} ${i % 2 === 0 ? 'COMPLETED' : 'FAILED'}`)
      await waitUntilEqual(
        () => seen,
        () => [expected, expected],
        'both are told of the end',
      )
    }
  })

  it('a permanent error ends the subscriptions of all replicas, and an unknown conference starts none', async () => {
    const { sandbox, urls } = await startReplicas(2, redis.url, { LIVE_POLL_INTERVAL_MS: '100' })
    const { sid } = sandbox.rows.addConference({ account_sid: account, status: 'RUNNING_MODERATOR_PRESENT' })
    const watch = (url: string, id: string) => new ConferenceStream(url, basic('part'), id)
    const streams = urls.map(url => watch(url, nodeIdOf('Conference', account, sid)))
    await waitUntil(() => streams.every(({ events }) => events.length > 0), 'both begin')
    sandbox.rows.updateAccount(account, { status: 'suspended' })
    await waitUntil(() => streams.every(({ hasEnded }) => hasEnded), 'both end')
    expect(streams.map(({ codes }) => codes)).toEqual([['FORBIDDEN'], ['FORBIDDEN']])
    sandbox.rows.updateAccount(account, { status: 'active' })
    const unknown = urls.map(url => watch(url, nodeIdOf('Conference', account, `CF${'0'.repeat(32)}`)))
    await waitUntil(() => unknown.every(({ hasEnded }) => hasEnded), 'both end')
    expect(unknown.map(({ codes, events }) => [...codes, ...events])).toEqual([['BAD_USER_INPUT'], ['BAD_USER_INPUT']])
  })

  it('a temporary error reaches the subscribers of all replicas once, and events continue', async () => {
    const { sandbox, urls } = await startReplicas(2, redis.url, { LIVE_POLL_INTERVAL_MS: '100' }, undefined, {
      live: { graceMs: 300 },
    })
    const { sid } = sandbox.rows.addConference({ account_sid: account, status: 'RUNNING_MODERATOR_PRESENT' })
    const streams = urls.map(url => new ConferenceStream(url, basic('part'), nodeIdOf('Conference', account, sid)))
    await waitUntil(() => streams.every(({ events }) => events.length > 0), 'both begin')
    sandbox.intercept(() => ({ status: 502 }))
    await waitUntil(() => streams.every(({ codes }) => codes.length > 0), 'both are told')
    sandbox.intercept(null)
    sandbox.rows.addCall({ account_sid: account, conference_sid: sid })
    await waitUntilEqual(
      () => streams.map(({ replayedState }) => replayedState),
      () => [sandboxState(sandbox, sid), sandboxState(sandbox, sid)],
      'both recover',
    )
    expect(streams.map(({ codes }) => codes)).toEqual([['UPSTREAM_UNAVAILABLE'], ['UPSTREAM_UNAVAILABLE']])
  })

  it('replicas share no data between credentials, and write no credentials to Redis', async () => {
    const own = await startRedis()
    onTestFinished(() => own.kill())
    const env = { LIVE_POLL_INTERVAL_MS: '100', CACHE_LIST_TTL_MS: '200' }
    const { sandbox, urls, logged } = await startReplicas(3, own.url, env)
    const { everything, said } = await spy(own.url)
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
    await waitUntil(() => streams.every(({ stream }) => stream.events.length > 0), 'all of them begin', 30_000)

    const step = fc.record({
      asker: fc.nat(tenants.length - 1),
      owner: fc.nat(tenants.length - 1),
      which: fc.nat(2),
      replica: fc.nat(urls.length - 1),
      listed: fc.boolean(),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async steps => {
        await Promise.all(
          steps.map(async ({ asker, owner, which, replica, listed }) => {
            const [who, whose] = [tenants[asker], tenants[owner]]
            const sid = whose?.conferences[which]
            if (who === undefined || whose === undefined) throw new Error('There are that many tenants.')
            const own = `conferences(accountSid: "${whose.sid}", first: 10) { nodes { accountSid friendlyName } }`
            const one = `conference(sid: "${sid}", accountSid: "${whose.sid}") { accountSid friendlyName sid }`
            const answer = await sendQuery(urls[replica] ?? '', who.authorization, `{ ${listed ? own : one} }`)
            const shown = JSON.stringify(answer.data ?? null)
            if (who === whose) {
              expect(answer.errors).toBeUndefined()
              expect(shown).toContain(`room of ${who.sid}`)
            } else {
              expect(shown).not.toContain('room of')
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
    await waitUntil(() => streams.every(({ stream }) => stream.hasEnded), 'all of them end', 30_000)
    for (const { stream, running } of streams) {
      expect(stream.codes).toEqual([])
      expect(stream.replayedState).toEqual(sandboxState(sandbox, running))
    }

    const text = `${await everything()}\n${logged.join('\n')}`
    expect(text).toMatch(/^restcomm-graphql:2:[0-9a-f]{12}:row:/m)
    expect(said.length).toBeGreaterThan(0)
    for (const { token, authorization } of tenants) {
      expect(text).not.toContain(token)
      expect(text).not.toContain(authorization.replace('Basic ', ''))
    }
    for (const { password } of Object.values(labels.accounts)) expect(text).not.toContain(password)
  })

  it('a response from before a mutation through another replica does not count as new', async () => {
    const { sandbox, urls } = await startReplicas(2, redis.url, { LIVE_POLL_INTERVAL_MS: '60000' })
    const [one = '', two = ''] = urls
    const { sid } = sandbox.rows.addConference({ account_sid: account, status: 'RUNNING_MODERATOR_PRESENT' })
    const caller = sandbox.rows.addCall({ account_sid: account, conference_sid: sid }).sid
    const stream = new ConferenceStream(one, basic('part'), nodeIdOf('Conference', account, sid))
    await waitUntil(() => stream.events.length > 0, 'the stream begins')

    // The first answer to come shows how it is now, and arrives late.
    const late = Promise.withResolvers<void>()
    onTestFinished(() => late.resolve())
    let isHeld = false
    sandbox.intercept(async ({ path, headers }) => {
      if (isHeld || !path.endsWith('/Participants')) return
      isHeld = true
      const before = await fetch(new URL(path, sandbox.url), {
        headers: { accept: 'application/json', authorization: String(headers.authorization) },
      })
      const body = await before.text()
      await late.promise
      return { status: 200, body, headers: { 'content-type': 'application/json' } }
    })
    const asked = sendQuery(
      one,
      basic('part'),
      `{ conference(accountSid: "${account}", sid: "${sid}") { participants { nodes { muted } } } }`,
    )
    await waitUntil(() => isHeld, 'the answer is held')
    const { data } = await sendQuery(
      two,
      basic('part'),
      `mutation { muteParticipant(input: { participantId: "${nodeIdOf('Participant', account, sid, caller)}" }) { userErrors { message } } }`,
    )
    expect(data.muteParticipant.userErrors).toEqual([])
    await waitUntilEqual(
      () => stream.replayedState,
      () => sandboxState(sandbox, sid),
      'the one that looks sees what was done',
    )
    late.resolve()
    expect((await asked).data.conference.participants.nodes).toEqual([{ muted: false }])
  })

  it('replicas ignore texts in Redis that are not JSON', async () => {
    const own = await startRedis()
    onTestFinished(() => own.kill())
    const { sandbox, urls } = await startReplicas(2, own.url, { LIVE_POLL_INTERVAL_MS: '100' })
    const { store } = await spy(own.url)
    const { sid } = sandbox.rows.addConference({ account_sid: account, status: 'RUNNING_MODERATOR_PRESENT' })
    const streams = urls.map(url => new ConferenceStream(url, basic('part'), nodeIdOf('Conference', account, sid)))
    await waitUntil(() => streams.every(({ events }) => events.length > 0), 'both begin')
    const [lease = ''] = await store.keys('restcomm-graphql:2:*:lease:*')
    const channel = lease.replace(':lease:', ':watch:')
    for (const message of ['', 'no JSON', 'null', '{"kind":']) {
      await store.publish(channel, message)
      await store.publish(lease.replace(/lease:.*/, 'changes'), message)
    }
    await store.hset(lease.replace(':lease:', ':state:'), 'message', 'no JSON')
    const ended = sandbox.rows.addConference({ account_sid: account, status: 'COMPLETED' }).sid
    const [credentialHash] = lease.split(':lease:')[1]?.split(' ') ?? []
    const rowKey = lease.replace(/lease:.*/, `row:${credentialHash} ${account}/${ended}`)
    await store.set(rowKey, 'no JSON', 'PX', 60_000)
    const query = `{ conference(accountSid: "${account}", sid: "${ended}") { status } }`
    const [url = ''] = urls
    expect(await sendQuery(url, basic('part'), query)).toEqual({ data: { conference: { status: 'COMPLETED' } } })
    await waitUntil(async () => (await store.get(rowKey)) !== 'no JSON', 'the row is written')
    sandbox.rows.addCall({ account_sid: account, conference_sid: sid })
    await waitUntilEqual(
      () => streams.map(({ replayedState }) => replayedState),
      () => [sandboxState(sandbox, sid), sandboxState(sandbox, sid)],
      'both are told of who joins',
    )
    expect(streams.map(({ codes }) => codes)).toEqual([[], []])
  })
})
