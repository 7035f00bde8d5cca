import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { parseRows, startSandbox } from '../../../src/sandbox/index.ts'
import { ConferenceStream, sandboxState } from '../../support/conferenceStream.ts'
import { fixture } from '../../support/fixtures.ts'
import { accountOf, basic } from '../../support/gateway.ts'
import { runMain } from '../../support/mainProcess.ts'
import { nodeIdOf } from '../../support/nodeId.ts'
import { hasRedis, type RedisServer, startRedis } from '../../support/startRedis.ts'
import { waitUntil, waitUntilEqual } from '../../support/waitUntil.ts'

const INTERVAL = 200
const ROWS = parseRows(fixture('rows.json'))
const account = accountOf('part').sid

let redis: RedisServer
beforeAll(async () => {
  if (hasRedis) redis = await startRedis()
})
afterAll(() => redis?.kill())

/** A Restcomm, and gateways before it, each a process of its own. */
const begin = async (count: number, env: Record<string, string> = {}) => {
  const sandbox = await startSandbox({ rows: ROWS })
  onTestFinished(() => sandbox.close())
  const gateways = await Promise.all(
    Array.from({ length: count }, async () => {
      const gateway = runMain([], {
        PORT: '0',
        RESTCOMM_URL: sandbox.url,
        REDIS_URL: redis.url,
        LIVE_POLL_INTERVAL_MS: String(INTERVAL),
        ...env,
      })
      const [, url = ''] = await gateway.waitForOutput(/GraphQL\s+(http:\/\/\S+\/graphql)/)
      return { ...gateway, url }
    }),
  )
  const { sid } = sandbox.rows.addConference({ account_sid: account, status: 'RUNNING_MODERATOR_PRESENT' })
  const join = () => sandbox.rows.addCall({ account_sid: account, conference_sid: sid }).sid
  const polls = () => sandbox.requests.filter(({ path }) => path.endsWith(`/Conferences/${sid}`)).length
  const watch = (url: string, as = basic('part')) => new ConferenceStream(url, as, nodeIdOf('Conference', account, sid))
  return { sandbox, gateways, sid, join, polls, watch, truth: () => sandboxState(sandbox, sid) }
}

const ask = async (url: string, query: string, as = basic('part')) => {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: as },
    body: JSON.stringify({ query }),
    signal: AbortSignal.timeout(5_000),
  })
  // biome-ignore lint/suspicious/noExplicitAny: an answer has whatever was asked for.
  return (await response.json()) as any
}

const keysOf = (store: Redis, sid: string) => store.keys(`restcomm-graphql:2:*:row:*${sid}`)

const pause = (ms: number) => new Promise(resolve => setTimeout(resolve, ms))

/** How often it is looked while this is done, and how often one loop looks at most: each interval, give or take a tenth. */
const pollsWhile = async (act: () => Promise<unknown>, polls: () => number) => {
  const before = polls()
  const began = performance.now()
  await act()
  return { looks: polls() - before, most: (performance.now() - began) / (0.9 * INTERVAL) + 2 }
}

describe.skipIf(!hasRedis)('two gateway processes with one Redis', { timeout: 150_000 }, () => {
  it('two gateways poll once for the subscribers of both, who receive the same events', async () => {
    const { gateways, polls, watch, join, truth, sandbox } = await begin(2)
    const [one, two] = gateways.map(({ url }) => watch(url))
    if (one === undefined || two === undefined) throw new Error('There are two.')
    await waitUntil(() => one.events.length > 0 && two.events.length > 0, 'both streams begin')
    await pause(2 * INTERVAL)
    const idlesAsOne = async () => {
      const { looks, most } = await pollsWhile(() => pause(4_000), polls)
      return looks > 2 && looks <= most
    }
    await waitUntil(idlesAsOne, 'one loop looks while nothing happens', 30_000)

    // Two loops that idle would look as often as that too, so something happens each time here.
    const moderate = async () => {
      for (let i = 0; i < 10; i++) {
        const caller = join()
        await waitUntil(
          () => one.joinedCallSids.includes(caller) && two.joinedCallSids.includes(caller),
          'both are told of who joins',
        )
        sandbox.rows.updateCall(caller, { muted: true })
        await waitUntilEqual(
          () => [one.replayedState, two.replayedState],
          () => [truth(), truth()],
          'both replay to the truth',
        )
      }
    }
    // On a busy machine one of them may count Redis as away for a moment, and looks by itself: two loops always would.
    const isOneLoop = async () => {
      const { looks, most } = await pollsWhile(moderate, polls)
      return looks <= most
    }
    await waitUntil(isOneLoop, 'one loop looks for both', 40_000)
    expect(new Set(one.joinedCallSids).size).toBe(one.joinedCallSids.length)
    expect(two.joinedCallSids).toEqual(one.joinedCallSids)
  })

  it('a follower takes over when the leader is killed, and no event is lost or repeated', async () => {
    const { gateways, polls, watch, join, truth, sandbox, sid } = await begin(2)
    const [first, second] = gateways
    if (first === undefined || second === undefined) throw new Error('There are two.')
    // The first to be asked is the one that looks.
    const dying = watch(first.url)
    await waitUntil(() => dying.events.length > 0, 'the first stream begins')
    const stream = watch(second.url)
    await waitUntil(() => stream.events.length > 0, 'the second stream begins')
    const callers = [join()]
    await waitUntil(() => stream.joinedCallSids.length === 1, 'it is told of the first caller')

    first.signal('SIGKILL')
    await first.exited
    const silent = polls()
    callers.push(join(), join())
    sandbox.rows.updateCall(callers[0] ?? '', { muted: true })
    await waitUntilEqual(() => stream.replayedState, truth, 'what happened meanwhile is told', 10_000)
    expect(polls()).toBeGreaterThan(silent)
    callers.push(join())
    await waitUntilEqual(() => stream.replayedState, truth, 'it goes on')
    expect(stream.joinedCallSids.toSorted()).toEqual(callers.toSorted())
    expect(stream.events.filter(({ __typename }) => __typename === 'ConferenceSnapshot')).toHaveLength(1)
    expect(stream.codes).toEqual([])

    for (const call of sandbox.rows.callsIn(sid)) sandbox.rows.finishCall(call.sid)
    sandbox.rows.updateConference(sid, { status: 'COMPLETED' })
    await waitUntil(() => stream.hasEnded, 'it ends with the conference')
    expect(stream.replayedState).toEqual({ status: 'COMPLETED', participants: [] })
  })

  it('a follower takes over when the leader is stopped', async () => {
    const { gateways, watch, join, truth } = await begin(2)
    const [first, second] = gateways
    if (first === undefined || second === undefined) throw new Error('There are two.')
    const ending = watch(first.url)
    await waitUntil(() => ending.events.length > 0, 'the first stream begins')
    const stream = watch(second.url)
    await waitUntil(() => stream.events.length > 0, 'the second stream begins')
    first.signal('SIGTERM')
    await waitUntil(() => ending.hasEnded, 'the first stream is completed')
    join()
    await waitUntilEqual(() => stream.replayedState, truth, 'the other is told of who joins')
    expect((await first.exited).code).toBe(0)
  })

  it('a mutation through either gateway makes the leader poll immediately', async () => {
    const { gateways, watch, join, truth, sid } = await begin(2, { LIVE_POLL_INTERVAL_MS: '60000' })
    const [first, second] = gateways
    if (first === undefined || second === undefined) throw new Error('There are two.')
    const caller = join()
    const one = watch(first.url)
    await waitUntil(() => one.events.length > 0, 'the first stream begins')
    const two = watch(second.url)
    await waitUntil(() => two.events.length > 0, 'the second stream begins')
    const participant = nodeIdOf('Participant', account, sid, caller)
    const mutation = `mutation { muteParticipant(input: { participantId: "${participant}" }) { participant { muted } userErrors { message } } }`
    expect((await ask(second.url, mutation)).data.muteParticipant).toEqual({
      participant: { muted: true },
      userErrors: [],
    })
    await waitUntilEqual(
      () => [one.replayedState, two.replayedState],
      () => [truth(), truth()],
      'both are told of it',
    )
    // The one that does not look does something, and the one that does; it was a minute between two looks.
    const back = mutation.replace('mute', 'unmute')
    expect((await ask(first.url, back)).data).toBeDefined()
    await waitUntilEqual(
      () => [one.replayedState, two.replayedState],
      () => [truth(), truth()],
      'both are told of it again',
    )
  })

  it('each gateway polls while Redis is unavailable, and one gateway afterwards; no query fails', async () => {
    const own = await startRedis()
    onTestFinished(() => own.kill())
    const { gateways, polls, watch, join, truth, sandbox, sid } = await begin(2, { REDIS_URL: own.url })
    const streams = gateways.map(({ url }) => watch(url))
    const both = (state: () => unknown) =>
      [() => streams.map(({ replayedState }) => replayedState), () => [state(), state()]] as const
    await waitUntil(() => streams.every(({ events }) => events.length > 0), 'both streams begin')
    const callers = [join()]
    await waitUntilEqual(...both(truth), 'both are told of the first caller')

    const over = sandbox.rows.addConference({ account_sid: account, status: 'COMPLETED' }).sid
    let asked = 0
    let isAsking = true
    const asking = (async () => {
      for (let i = 0; isAsking; i++) {
        const url = gateways[i % 2]?.url ?? ''
        const running = await ask(url, `{ conference(sid: "${sid}") { status } }`)
        const ended = await ask(url, `{ conference(sid: "${over}") { status } }`)
        expect([running.errors, ended.errors]).toEqual([undefined, undefined])
        expect(ended.data.conference).toEqual({ status: 'COMPLETED' })
        asked++
        await pause(20)
      }
    })()

    for (const disturb of [() => own.kill(), async () => own.hang()]) {
      await disturb()
      callers.push(join())
      await waitUntilEqual(...both(truth), 'both are told although Redis is away')
      await pause(3_000)
      callers.push(join())
      await waitUntilEqual(...both(truth), 'both look for themselves')
      own.resume()
      await own.kill()
      await own.start()
      callers.push(join())
      await waitUntilEqual(...both(truth), 'both are told while Redis comes back')
      await pause(5_000)
      const { looks, most } = await pollsWhile(
        () => pause(3_000),
        () => polls() - asked,
      )
      // Not told apart by the rate of looks alone: what both are told is looked for once.
      expect(looks).toBeLessThanOrEqual(most + 2)
      callers.push(join())
      await waitUntilEqual(...both(truth), 'both are told of who joins then')
    }
    isAsking = false
    await asking
    expect(asked).toBeGreaterThan(20)
    for (const stream of streams) {
      expect(stream.joinedCallSids.toSorted()).toEqual(callers.toSorted())
      expect(stream.codes).toEqual([])
    }
  })

  it('an ended conference is read once for both gateways', async () => {
    const { gateways, sandbox } = await begin(2)
    const [first, second] = gateways
    const store = new Redis(redis.url)
    onTestFinished(() => store.disconnect())
    // A run before this one may have been about the same rooms.
    await store.flushall()
    // With another room each time: on a busy machine one of them may count Redis as away for a moment, and asks by itself.
    let query = ''
    const isAskedForOnce = async () => {
      const { sid } = sandbox.rows.addConference({ account_sid: account, status: 'COMPLETED' })
      query = `{ conference(sid: "${sid}") { sid status } }`
      const want = { data: { conference: { sid, status: 'COMPLETED' } } }
      expect(await ask(first?.url ?? '', query)).toEqual(want)
      for (let i = 0; i < 200 && (await keysOf(store, sid)).length === 0; i++) await pause(10)
      const [key = '', ...others] = await keysOf(store, sid)
      expect(others).toEqual([])
      if (key === '') return false
      expect(await store.pttl(key)).toBeGreaterThan(0)
      expect(await ask(second?.url ?? '', query)).toEqual(want)
      return sandbox.requests.filter(({ path }) => path.endsWith(`/Conferences/${sid}`)).length === 1
    }
    await waitUntil(isAskedForOnce, 'one asks, and the other finds what it was told', 30_000)
    // Clients without permission cannot read the conference, so the shared row is not used.
    const others = query.replace(')', `, accountSid: "${account}")`)
    expect((await ask(second?.url ?? '', others, basic('conf1'))).errors).toMatchObject([
      { extensions: { code: 'FORBIDDEN' } },
    ])
  })

  it('a gateway starts and serves without Redis, and logs the failure without the password', async () => {
    const gone = await startRedis()
    await gone.kill()
    const address = gone.url.replace('redis://', 'redis://:a-password-that-must-not-be-seen@')
    const { gateways, sid, watch } = await begin(1, { REDIS_URL: address })
    const [gateway] = gateways
    const answer = await ask(gateway?.url ?? '', `{ conference(sid: "${sid}") { status } }`)
    expect(answer).toEqual({ data: { conference: { status: 'RUNNING_MODERATOR_PRESENT' } } })
    const stream = watch(gateway?.url ?? '')
    await waitUntil(() => stream.events.length > 0, 'the stream begins')
    await pause(500)
    gateway?.signal('SIGTERM')
    const outcome = await gateway?.exited
    expect(outcome?.code).toBe(0)
    expect(outcome?.stderr).toContain('ECONNREFUSED')
    expect(`${outcome?.stdout}${outcome?.stderr}`).not.toContain('a-password-that-must-not-be-seen')
  })
})
