import { createClient as createSseClient } from 'graphql-sse'
import { createClient as createWebSocketClient } from 'graphql-ws'
import { describe, expect, it, onTestFinished } from 'vitest'
import WebSocket from 'ws'
import type { ConfigOverrides } from '../../support/config.ts'
import { accountOf, basic, startGateway, type TestGateway } from '../../support/gateway.ts'
import { nodeIdOf } from '../../support/nodeId.ts'
import { waitUntil } from '../../support/waitUntil.ts'

const account = accountOf('part').sid
/** Enough for about fifteen events. */
const BUDGET = 10_000
const authorization = basic('part')

interface Result {
  readonly data?: { readonly conferenceEvents: Event | null } | null
  readonly errors?: readonly {
    readonly extensions?: { readonly code?: string; readonly cost?: number; retryAfter?: number }
  }[]
}
interface Event {
  readonly __typename: string
  readonly conference?: { readonly participants?: { readonly nodes: readonly { readonly callSid: string }[] } }
  readonly participant?: { readonly callSid: string }
}

/** Each event of the subscription reads the account from Restcomm. */
const EVENTS_WITH_ACCOUNT = `subscription ($id: ID!) {
  conferenceEvents(conferenceId: $id) {
    __typename
    ... on ConferenceSnapshot { conference { account { friendlyName } participants(first: 20) { nodes { callSid } } } }
    ... on ParticipantJoined { conference { account { friendlyName } } participant { callSid } }
  }
}`

type Transport = 'SSE' | 'WebSocket'

function subscribe({ url }: TestGateway, transport: Transport, query: string, id: string) {
  const client =
    transport === 'SSE'
      ? createSseClient({ url, headers: { authorization }, retryAttempts: 0 })
      : createWebSocketClient({
          url: url.replace('http', 'ws'),
          webSocketImpl: WebSocket,
          connectionParams: { authorization },
        })
  const iterator = client.iterate({ query, variables: { id } }) as AsyncIterableIterator<Result>
  onTestFinished(() => {
    void iterator.return?.()
    void client.dispose()
  })
  const results = Object.assign([] as Result[], { hasEnded: false })
  const read = async () => {
    for await (const result of iterator) results.push(result)
    results.hasEnded = true
  }
  read().catch(() => undefined)
  return results
}

const codesOf = (results: readonly Result[]) =>
  results.flatMap(({ errors = [] }) => errors.map(({ extensions }) => extensions?.code))

/** By default, an event has less time than a read. */
async function start(env: Record<string, string> = {}, config: ConfigOverrides = { http: { timeoutMs: 300 } }) {
  const gateway = await startGateway({ env: { LIVE_POLL_INTERVAL_MS: '20', ...env }, config })
  onTestFinished(() => gateway.close())
  const { rows } = gateway.sandbox
  const { sid } = rows.addConference({ account_sid: account, status: 'RUNNING_MODERATOR_PRESENT' })
  const count = (suffix: string) => gateway.sandbox.requests.filter(({ path }) => path.endsWith(suffix)).length
  return {
    gateway,
    id: nodeIdOf('Conference', account, sid),
    sid,
    join: () => rows.addCall({ account_sid: account, conference_sid: sid }).sid,
    accountReads: () => count(`/Accounts/${account}`),
    waitForPolls: async (polls: number) => {
      const end = count('/Participants') + polls
      await waitUntil(() => count('/Participants') >= end, `the gateway polls ${polls} times`)
    },
  }
}

describe.each(['SSE', 'WebSocket'] as const)('the rate limit of events over %s', transport => {
  it('each event is charged, and a subscriber without budget receives one error and no further events', async () => {
    const { gateway, id, join, accountReads, waitForPolls } = await start({ RATE_LIMIT_COST: String(BUDGET) }, {})
    const results = subscribe(gateway, transport, EVENTS_WITH_ACCOUNT, id)
    await waitUntil(() => results.length === 1, 'the subscriber receives the snapshot')
    for (let i = 0; codesOf(results).length === 0; i++) {
      const received = results.length
      join()
      await waitUntil(() => results.length > received, 'the subscriber receives the event')
      expect(i).toBeLessThan(200)
    }
    const executed = results.length - 1
    const { code, cost = 0, retryAfter = 0 } = results.at(-1)?.errors?.[0]?.extensions ?? {}
    expect([code, retryAfter > 0, retryAfter <= 60]).toEqual(['RATE_LIMITED', true, true])
    expect(executed).toBe(Math.floor(BUDGET / cost))
    for (let round = 0; round < 5; round++) {
      join()
      await waitForPolls(2)
    }
    expect(results).toHaveLength(executed + 1)
    // Each executed event reads the account once.
    expect(accountReads()).toBe(executed)
  })

  it('a subscriber without budget receives the last snapshot when the conference ends, and the stream ends', async () => {
    const env = { RATE_LIMIT_COST: String(BUDGET), RATE_LIMIT_WINDOW_MS: '3600000' }
    const { gateway, id, sid, join } = await start(env, {})
    const results = subscribe(gateway, transport, EVENTS_WITH_ACCOUNT, id)
    await waitUntil(() => results.length === 1, 'the subscriber receives the snapshot')
    while (codesOf(results).length === 0) {
      const received = results.length
      join()
      await waitUntil(() => results.length > received, 'the subscriber receives the event')
    }
    const received = results.length
    gateway.sandbox.rows.updateConference(sid, { status: 'COMPLETED' })
    await waitUntil(() => results.length > received, 'the subscriber receives the last snapshot')
    expect(results.at(-1)?.data?.conferenceEvents?.__typename).toBe('ConferenceSnapshot')
    await waitUntil(() => results.hasEnded, 'the stream ends')
    expect([codesOf(results), results.length]).toEqual([['RATE_LIMITED'], received + 1])
  })

  it('subscriptions of a client share the budget with its queries', async () => {
    const { gateway, id, sid, join } = await start({ RATE_LIMIT_COST: String(BUDGET) }, {})
    const query = `{ conference(accountSid: "${account}", sid: "${sid}") { account { friendlyName } } }`
    const streams = Array.from({ length: 3 }, () => subscribe(gateway, transport, EVENTS_WITH_ACCOUNT, id))
    await waitUntil(() => streams.every(results => results.length > 0), 'each stream begins')
    while (streams.some(results => codesOf(results).length === 0)) {
      const received = streams.map(({ length }) => length)
      join()
      const isReceived = () =>
        streams.every((results, i) => codesOf(results).length > 0 || results.length > (received[i] ?? 0))
      await waitUntil(isReceived, 'each stream receives the event or the error')
    }
    const executed = streams.flat().filter(({ errors }) => errors === undefined).length
    const cost = streams[0]?.at(-1)?.errors?.[0]?.extensions?.cost ?? 0
    expect(executed * cost).toBeLessThanOrEqual(BUDGET)
    const answers = await Promise.all(Array.from({ length: 200 }, () => gateway.query(query, { as: 'part' })))
    expect(answers.at(-1)?.errors?.[0]?.extensions?.code).toBe('RATE_LIMITED')
  })

  it('a stream without budget continues with a snapshot in the next window', async () => {
    const { gateway, id, join } = await start({ RATE_LIMIT_COST: String(BUDGET), RATE_LIMIT_WINDOW_MS: '1000' }, {})
    const results = subscribe(gateway, transport, EVENTS_WITH_ACCOUNT, id)
    const joined: string[] = []
    let received = 0
    while (!codesOf(results).includes('RATE_LIMITED')) {
      await waitUntil(() => results.length > received, 'the subscriber receives the event')
      received = results.length
      // Several at a time, so that the budget is used up within a window.
      for (let i = 0; i < 30; i++) joined.push(join())
    }
    const isLimited = ({ errors }: Result) => errors !== undefined
    const last = join()
    const eventsAfter = () => results.slice(results.findIndex(isLimited) + 1)
    await waitUntil(() => eventsAfter().length > 0, 'the stream continues')
    const [next] = eventsAfter()
    expect(next?.data?.conferenceEvents?.__typename).toBe('ConferenceSnapshot')
    // Later snapshots follow if a window is too short for all events.
    const knows = ({ data }: Result) =>
      data?.conferenceEvents?.participant?.callSid === last ||
      data?.conferenceEvents?.conference?.participants?.nodes.length === 20
    await waitUntil(() => eventsAfter().some(knows), 'the subscriber receives the latest state')
  })
})

describe.each(['SSE', 'WebSocket'] as const)('the deadline of events over %s', transport => {
  it.each([
    { field: 'an account', fields: 'account { friendlyName }', isHeld: (path: string) => path.endsWith(account) },
    {
      field: 'calls of participants',
      fields: 'participants { nodes { call { from } } }',
      isHeld: (path: string) => path.includes('/Calls'),
    },
    {
      field: 'a list of calls',
      fields: 'calls(first: 1) { nodes { from } }',
      isHeld: (path: string) => path.includes('/Calls'),
    },
  ])(
    'an event with $field from a hanging Restcomm ends with errors, and the stream goes on',
    async ({ fields, isHeld }) => {
      const { gateway, id, join } = await start()
      join()
      gateway.sandbox.intercept(({ path }) => (isHeld(path) ? 'hang' : undefined))
      const query = `subscription ($id: ID!) { conferenceEvents(conferenceId: $id) {
      __typename
      ... on ConferenceSnapshot { conference { sid ${fields} } }
      ... on ParticipantJoined { conference { sid ${fields} } } } }`
      const results = subscribe(gateway, transport, query, id)
      await waitUntil(() => results.length === 1, 'the subscriber receives the snapshot')
      expect(results[0]?.data?.conferenceEvents?.__typename).toBe('ConferenceSnapshot')
      expect(new Set(codesOf(results))).toEqual(new Set(['REQUEST_TIMEOUT']))
      gateway.sandbox.intercept(null)
      join()
      await waitUntil(() => results.length === 2, 'the subscriber receives the event')
      expect(results[1]?.data?.conferenceEvents?.__typename).toBe('ParticipantJoined')
      expect(results[1]?.errors).toBeUndefined()
    },
  )

  it('the deadline cancels the reads of the event', async () => {
    const { gateway, id } = await start()
    gateway.sandbox.intercept(({ path }) => (path.endsWith(account) ? 'hang' : undefined))
    const results = subscribe(gateway, transport, EVENTS_WITH_ACCOUNT, id)
    await waitUntil(() => results.length === 1, 'the subscriber receives the snapshot')
    const metrics = await gateway.metrics()
    // The deadline is much shorter than RESTCOMM_TIMEOUT_MS, so the read has ended by the cancellation.
    expect(metrics).toMatch(/upstream_request_duration_seconds_count\{resource="account"\} 1/)
  })
})
