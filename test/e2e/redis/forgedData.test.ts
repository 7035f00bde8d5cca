import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { sha256 } from '../../../src/auth/upstreamCredentials.ts'
import { redisNames } from '../../../src/redis/redisConnection.ts'
import { SCRIPTS } from '../../../src/redis/scripts.ts'
import { ConferenceStream, sandboxState } from '../../support/conferenceStream.ts'
import { accountOf, basic } from '../../support/gateway.ts'
import { TEST_SECRET } from '../../support/gatewaySecret.ts'
import { nodeIdOf } from '../../support/nodeId.ts'
import { sendQuery, startReplicas, watchKey } from '../../support/replicas.ts'
import { hasRedis, type RedisServer, startRedis } from '../../support/startRedis.ts'
import { waitUntil, waitUntilEqual } from '../../support/waitUntil.ts'

let redis: RedisServer
beforeAll(async () => {
  if (hasRedis) redis = await startRedis()
})
afterAll(() => redis?.kill())

const account = accountOf('part').sid
const other = accountOf('conf137').sid
const authorization = basic('part')

/** A leader and a follower of a conference, and a program that writes to their Redis. */
async function startPair() {
  const { sandbox, urls, logged } = await startReplicas(2, redis.url, { LIVE_POLL_INTERVAL_MS: '50' })
  const { sid } = sandbox.rows.addConference({ account_sid: account, status: 'RUNNING_MODERATOR_PRESENT' })
  const join = () => sandbox.rows.addCall({ account_sid: account, conference_sid: sid }).sid
  join()
  const streams: ConferenceStream[] = []
  for (const url of urls) {
    const stream = new ConferenceStream(url, authorization, nodeIdOf('Conference', account, sid))
    await waitUntil(() => stream.events.length > 0, 'the subscriber receives the snapshot')
    streams.push(stream)
  }
  const store = new Redis(redis.url, { scripts: SCRIPTS })
  onTestFinished(() => store.disconnect())
  const keyOf = (kind: 'lease' | 'state' | 'watch') => watchKey(sandbox, kind, authorization, `${account}/${sid}`)
  const keys = { lease: keyOf('lease'), state: keyOf('state'), channel: keyOf('watch') }
  return {
    sandbox,
    urls,
    logged,
    sid,
    join,
    streams,
    store,
    keys,
    /** The last published message. */
    readMessage: async () => {
      await waitUntil(async () => (await store.hexists(keys.state, 'message')) === 1, 'the leader publishes a state')
      return JSON.parse((await store.hget(keys.state, 'message')) ?? '')
    },
    /** Publishes and stores a message, like a leader. */
    forge: async (message: object | string) => {
      const text = typeof message === 'string' ? message : JSON.stringify(message)
      await store.hset(keys.state, 'message', text)
      await store.publish(keys.channel, text)
    },
    waitForState: () =>
      waitUntilEqual(
        () => streams.map(({ replayedState }) => replayedState),
        () => streams.map(() => sandboxState(sandbox, sid)),
        'both subscribers receive the state of Restcomm',
      ),
  }
}

describe.skipIf(!hasRedis)('data in Redis forged by another program', () => {
  it('a path in place of a SID in a state or a row reaches neither Restcomm nor a subscriber', async () => {
    const { sandbox, urls, logged, sid, join, streams, store, readMessage, forge, waitForState } = await startPair()
    sandbox.clearRequests()
    const { state, ...message } = await readMessage()
    const path = `${account}/../${other}`
    const [participant] = state.participants
    const forgedStates = [
      { ...state, conference: { ...state.conference, accountSid: path } },
      { ...state, conference: { ...state.conference, sid: `../../../${other}` } },
      { ...state, conference: { ...state.conference, accountSid: other } },
      { ...state, participants: [{ ...participant, accountSid: path, callSid: `CA${'6'.repeat(32)}` }] },
      { ...state, participants: [{ ...participant, callSid: '../../Calls' }] },
      { ...state, participants: [{ ...participant, conference: { accountSid: path, sid } }] },
    ]
    for (const [i, forged] of forgedStates.entries()) {
      await forge({ ...message, version: message.version + i, startedAfter: message.version + i, state: forged })
    }
    const ended = sandbox.rows.addConference({ account_sid: account, status: 'COMPLETED' }).sid
    const rowKey = redisNames(TEST_SECRET, sandbox.url)('row', `${sha256(authorization)} ${account}/${ended}`)
    const row = { ...state.conference, sid: ended, accountSid: path, status: 'COMPLETED', statusText: 'COMPLETED' }
    await store.set(rowKey, JSON.stringify(row), 'PX', 60_000)
    const query = `{ conference(accountSid: "${account}", sid: "${ended}") {
      account { sid } calls(first: 1) { totalCount } participants { totalCount } } }`
    for (const url of urls) {
      const { errors, data } = await sendQuery(url, authorization, query)
      expect([errors, data.conference.account.sid]).toEqual([undefined, account])
    }
    await store.publish(
      redisNames(TEST_SECRET, sandbox.url)('changes'),
      JSON.stringify({ from: '', resources: [path] }),
    )
    join()
    await waitForState()
    const paths = sandbox.requests.map(request => decodeURIComponent(request.path))
    expect(paths.length).toBeGreaterThan(4)
    expect(paths.filter(sent => sent.includes('..') || sent.includes(other) || !sent.includes(account))).toEqual([])
    expect(streams.map(({ codes }) => codes)).toEqual([[], []])
    expect(streams.flatMap(({ joinedCallSids }) => joinedCallSids)).not.toContain(`CA${'6'.repeat(32)}`)
    const warnings = logged.filter(line => line.includes('invalid data in Redis ignored'))
    expect(warnings.length).toBeGreaterThan(0)
    // At most one warning of each replica in ten seconds.
    expect(warnings.length).toBeLessThanOrEqual(4)
  })

  it('a forged end of a conference does not end the streams of subscribers', async () => {
    const { sandbox, sid, join, streams, store, keys, readMessage, forge, waitForState } = await startPair()
    const { state, ...message } = await readMessage()
    const conference = { ...state.conference, status: 'COMPLETED', statusText: 'COMPLETED' }
    await store.set(keys.lease, 'nobody')
    await forge({ ...message, startedAfter: message.version, state: { conference, participants: [] } })
    join()
    await waitForState()
    sandbox.rows.updateConference(sid, { status: 'COMPLETED' })
    await waitUntil(() => streams.every(({ hasEnded }) => hasEnded), 'the end in Restcomm ends both streams')
    expect(streams.map(({ codes }) => codes)).toEqual([[], []])
  })

  it.each([
    ['a version of 2^53', { version: 2 ** 53, startedAfter: 2 ** 53 }],
    ['a version within the accepted time', (now: number) => ({ version: now + 5e7, startedAfter: now + 5e7 })],
    ['a delay of eleven days', (now: number) => ({ version: now, startedAfter: now, nextPollMs: 1e9 })],
  ])('a state with %s and a lease without an end do not stop the events', async (_forgery, changes) => {
    const { join, readMessage, forge, store, keys, waitForState } = await startPair()
    const message = await readMessage()
    await store.set(keys.lease, 'nobody')
    await forge({ ...message, ...(typeof changes === 'function' ? changes(message.version) : changes) })
    for (let i = 0; i < 3; i++) {
      join()
      await waitForState()
    }
  })

  it.each([
    ['a late time in the stored state', ({ state }: Keys) => [['hset', state, 'time', '1e300', 'version', 'inf']]],
    [
      'a time of 2^53 in the stored state',
      ({ state }: Keys) => [['hset', state, 'time', String(2 ** 53), 'version', String(2 ** 53)]],
    ],
    ['texts in place of times', ({ state }: Keys) => [['hset', state, 'time', 'nan', 'version', 'text']]],
    ['a stored state of another type', ({ state }: Keys) => [['set', state, 'text']]],
    ['a lease of an unknown replica', ({ lease }: Keys) => [['set', lease, 'nobody']]],
    [
      'a lease of another type',
      ({ lease }: Keys) => [
        ['del', lease],
        ['hset', lease, 'a', 'b'],
      ],
    ],
  ])('%s stops neither the events nor the sharing of polls', async (_forgery, commands) => {
    const { join, store, keys, waitForState } = await startPair()
    for (const [command = '', ...args] of commands(keys)) await store.call(command, ...args)
    join()
    await waitForState()
    // One of the replicas leads again, and its states have times of the clock.
    const isPublished = async () => {
      const [holder, version, [seconds]] = await Promise.all([
        store.get(keys.lease).catch(() => null),
        store.hget(keys.state, 'version').catch(() => null),
        store.time(),
      ])
      const leadSeconds = Number(version) / 1e6 - Number(seconds)
      return /^[\da-f-]{36}$/.test(holder ?? '') && Math.abs(leadSeconds) < 60
    }
    await waitUntil(isPublished, 'a replica leads and publishes')
    join()
    await waitForState()
  })

  it.each([
    ['a text', ['set', 'text']],
    ['a negative number', ['set', '-1000000']],
    ['a large number without an end of the window', ['set', '999999999']],
    ['a value of another type', ['hset', 'a', 'b']],
  ])(
    '%s in place of a rate limit counter gives a client neither more nor less budget',
    async (_forgery, [command = '', ...args]) => {
      const { sandbox, urls } = await startReplicas(1, redis.url, {
        RATE_LIMIT_COST: '100',
        RATE_LIMIT_WINDOW_MS: '600000',
      })
      const store = new Redis(redis.url)
      onTestFinished(() => store.disconnect())
      const key = redisNames(TEST_SECRET, sandbox.url)('rate', sha256(authorization))
      await store.call(command, key, ...args)
      const [url = ''] = urls
      const answers = []
      for (let i = 0; i < 3; i++) {
        answers.push(await sendQuery(url, authorization, `{ account(sid: "${account}") { sid } }`))
      }
      const codes = answers.map(({ errors }) => errors?.[0]?.extensions.code)
      expect([codes[0], codes[2]]).toEqual([undefined, 'RATE_LIMITED'])
      expect(Number(await store.get(key))).toBeLessThanOrEqual(100)
      expect(await store.pttl(key)).toBeGreaterThan(0)
    },
  )
})

type Keys = Awaited<ReturnType<typeof startPair>>['keys']
