import { once } from 'node:events'
import { connect } from 'node:net'
import { createClient as sseClient } from 'graphql-sse'
import { createClient as wsClient } from 'graphql-ws'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import WebSocket from 'ws'
import { ACCOUNT_EVENTS, type AccountStreamEvent } from '../../support/accountEvents.ts'
import { changeRows } from '../../support/changeRows.ts'
import { accountOf, basic, basicOf, startGateway, type TestGateway } from '../../support/gateway.ts'
import { holdResponses } from '../../support/holdResponses.ts'
import { nodeIdOf } from '../../support/nodeId.ts'
import { waitUntil, waitUntilEqual } from '../../support/waitUntil.ts'

const INTERVAL_MS = 40
let gateway: TestGateway
beforeEach(async () => {
  gateway = await startGateway({
    env: { LIVE_POLL_INTERVAL_MS: String(INTERVAL_MS) },
    config: { live: { graceMs: 300 } },
  })
})
afterEach(() => gateway.close())

const account = accountOf('part').sid
const openConference = (callers = 0) => {
  const { rows } = gateway.sandbox
  const { sid } = rows.addConference({ account_sid: account, status: 'RUNNING_MODERATOR_PRESENT' })
  const call = () => rows.addCall({ account_sid: account, conference_sid: sid }).sid
  const calls = Array.from({ length: callers }, call)
  return { sid, id: nodeIdOf('Conference', account, sid), calls, join: call }
}
type OpenConference = ReturnType<typeof openConference>

const EVENTS = `subscription ($id: ID!) {
  conferenceEvents(conferenceId: $id) {
    __typename
    ... on ConferenceSnapshot { conference { status participants(first: 500) { nodes { callSid muted hold } } } }
    ... on ConferenceStatusChanged { conference { status } previousStatus }
    ... on ParticipantJoined { participant { callSid muted hold } }
    ... on ParticipantLeft { participant { callSid } }
    ... on ParticipantChanged { participant { callSid muted hold } changed }
  }
}`

interface Caller {
  callSid: string
  muted: boolean | null
  hold: boolean | null
}
interface Event {
  __typename: string
  conference?: { status: string; participants?: { nodes: Caller[] } }
  participant?: Caller
}
interface Result {
  data?: { conferenceEvents?: Event; accountEvents?: AccountStreamEvent } | null
  errors?: readonly { extensions?: { code?: string } }[]
}

/** Client-side state after applying the events of a stream. */
class Replay {
  status = ''
  readonly callers = new Map<string, Caller>()

  apply(event: Event) {
    const { conference, participant } = event
    if (conference) this.status = conference.status
    if (event.__typename === 'ConferenceSnapshot') {
      this.callers.clear()
      for (const caller of conference?.participants?.nodes ?? []) this.callers.set(caller.callSid, caller)
    } else if (participant && event.__typename === 'ParticipantLeft') this.callers.delete(participant.callSid)
    else if (participant) this.callers.set(participant.callSid, participant)
  }

  get state() {
    return {
      status: this.status,
      callers: [...this.callers.values()].toSorted((a, b) => (a.callSid < b.callSid ? -1 : 1)),
    }
  }
}

const sandboxState = ({ sid }: OpenConference) => ({
  status: gateway.sandbox.rows.conference(sid)?.status,
  callers: gateway.sandbox.rows
    .callsIn(sid)
    .filter(row => row.status === 'in-progress')
    .map(row => ({ callSid: row.sid, muted: row.muted, hold: row.on_hold }))
    .toSorted((a, b) => (a.callSid < b.callSid ? -1 : 1)),
})

type Stream = { results: Result[]; isFinished: () => boolean; error: () => unknown; stop: () => void }
const collect = (iterator: AsyncIterable<Result> & { return?: unknown }, stop: () => void): Stream => {
  const results: Result[] = []
  let isFinished = false
  let failure: unknown = null
  void (async () => {
    try {
      for await (const result of iterator) results.push(result)
    } catch (error) {
      failure = error
    }
    isFinished = true
  })()
  return { results, isFinished: () => isFinished, error: () => failure, stop }
}

const bySse = (query: string, variables: Record<string, unknown> = {}, as = basic('part')): Stream => {
  const client = sseClient({ url: gateway.url, headers: { authorization: as }, retryAttempts: 0 })
  const iterator = client.iterate({ query, variables }) as AsyncIterableIterator<Result>
  return collect(iterator, () => {
    void iterator.return?.()
    client.dispose()
  })
}

const sockets: WebSocket[] = []
const byWebSocket = (
  query: string,
  variables: Record<string, unknown> = {},
  as = basic('part'),
  inHeader = false,
): Stream => {
  class Socket extends WebSocket {
    constructor(url: string, protocols: string) {
      super(url, protocols, inHeader ? { headers: { authorization: as } } : {})
      sockets.push(this)
    }
  }
  const client = wsClient({
    url: gateway.url.replace('http', 'ws'),
    webSocketImpl: Socket,
    retryAttempts: 0,
    ...(!inHeader && { connectionParams: { authorization: as } }),
  })
  const iterator = client.iterate({ query, variables }) as AsyncIterableIterator<Result>
  return collect(iterator, () => {
    void iterator.return?.()
    void client.dispose()
  })
}

const events = ({ results }: Stream) => results.flatMap(({ data }) => data?.conferenceEvents ?? [])
const replayed = (stream: Stream) => {
  const replay = new Replay()
  for (const event of events(stream)) replay.apply(event)
  return replay.state
}
const stats = async ({ url } = gateway) => {
  const text = await (await fetch(url.replace('/graphql', '/metrics'))).text()
  const gaugeOf = (name: string) => Number(new RegExp(`^restcomm_graphql_${name} (\\d+)`, 'm').exec(text)?.[1])
  return { watches: gaugeOf('watches'), subscribers: gaugeOf('subscribers') }
}
const polls = ({ sid }: OpenConference) =>
  gateway.sandbox.requests.filter(({ path }) => path.endsWith(`/Conferences/${sid}`)).length

describe.each([
  { transport: 'SSE', subscribe: bySse },
  { transport: 'WebSocket', subscribe: byWebSocket },
])('conferenceEvents over $transport', ({ transport, subscribe }) => {
  it(`conferenceEvents over ${transport} sends a snapshot, sends the changes, and completes with the conference`, async () => {
    const conference = openConference(3)
    const { rows } = gateway.sandbox
    const stream = subscribe(EVENTS, { id: conference.id })
    await waitUntil(() => events(stream).length > 0, 'the stream begins')
    expect(events(stream)[0]?.__typename).toBe('ConferenceSnapshot')
    expect(replayed(stream)).toEqual(sandboxState(conference))

    const steps = [
      () => conference.join(),
      () => rows.updateCall(conference.calls[0] ?? '', { muted: true }),
      () => rows.updateCall(conference.calls[1] ?? '', { on_hold: true, muted: true }),
      () => rows.finishCall(conference.calls[2] ?? ''),
      () => rows.updateConference(conference.sid, { status: 'RUNNING_MODERATOR_ABSENT' }),
      () => {
        conference.join()
        rows.finishCall(conference.calls[0] ?? '')
      },
    ]
    for (const step of steps) {
      step()
      await waitUntil(
        () => JSON.stringify(replayed(stream)) === JSON.stringify(sandboxState(conference)),
        'the events lead to the state of the sandbox',
      )
    }
    expect(new Set(events(stream).map(event => event.__typename))).toEqual(
      new Set([
        'ConferenceSnapshot',
        'ParticipantJoined',
        'ParticipantChanged',
        'ParticipantLeft',
        'ConferenceStatusChanged',
      ]),
    )

    for (const call of rows.callsIn(conference.sid)) rows.finishCall(call.sid)
    rows.updateConference(conference.sid, { status: 'COMPLETED' })
    await waitUntil(stream.isFinished, 'the stream completes')
    expect(stream.error()).toBeNull()
    expect(events(stream).at(-1)).toMatchObject({
      __typename: 'ConferenceStatusChanged',
      conference: { status: 'COMPLETED' },
    })
    expect(replayed(stream)).toEqual({ status: 'COMPLETED', callers: [] })
    await expect.poll(() => stats()).toEqual({ watches: 0, subscribers: 0 })
  })

  it(`conferenceEvents over ${transport} sends a snapshot of an ended conference and completes`, async () => {
    const conference = openConference()
    gateway.sandbox.rows.updateConference(conference.sid, { status: 'FAILED' })
    const stream = subscribe(EVENTS, { id: conference.id })
    await waitUntil(stream.isFinished, 'the stream completes')
    expect(events(stream)).toMatchObject([{ __typename: 'ConferenceSnapshot', conference: { status: 'FAILED' } }])
  })

  it.each([
    {
      conferenceKind: 'an unknown conference',
      id: () => nodeIdOf('Conference', account, `CF${'0'.repeat(32)}`),
      as: 'part',
      code: 'BAD_USER_INPUT',
    },
    { conferenceKind: 'an invalid ID', id: () => 'garbage', as: 'part', code: 'BAD_USER_INPUT' },
    {
      conferenceKind: 'a conference of a different account',
      id: () => openConference().id,
      as: 'conf1',
      code: 'FORBIDDEN',
    },
    { conferenceKind: 'wrong credentials', id: () => openConference().id, as: null, code: 'UNAUTHENTICATED' },
  ])(
    `conferenceEvents over ${transport} fails for $conferenceKind with $code and leaves no watch behind`,
    async ({ id, as, code }) => {
      const stream = subscribe(EVENTS, { id: id() }, as === null ? basicOf(account, 'wrong') : basic(as))
      await waitUntil(stream.isFinished, 'the stream completes')
      const received = JSON.stringify([stream.results, stream.error()])
      expect(received).toContain(code)
      expect(await stats()).toEqual({ watches: 0, subscribers: 0 })
    },
  )
})

describe('watches', () => {
  it('a watch uses one poll loop for 200 subscribers, with as many upstream requests as for one subscriber', async () => {
    const conference = openConference(2)
    const one = bySse(EVENTS, { id: conference.id })
    await waitUntil(() => events(one).length === 1, 'the stream begins')
    // Two sockets with 100 subscriptions each, the limit for a socket.
    const clients = Array.from({ length: 2 }, () =>
      wsClient({
        url: gateway.url.replace('http', 'ws'),
        webSocketImpl: WebSocket,
        retryAttempts: 0,
        connectionParams: { authorization: basic('part') },
      }),
    )
    const many = clients.flatMap(client =>
      Array.from({ length: 100 }, () => {
        const iterator = client.iterate({
          query: EVENTS,
          variables: { id: conference.id },
        }) as AsyncIterableIterator<Result>
        return collect(iterator, () => void iterator.return?.())
      }),
    )
    await waitUntil(() => many.every(stream => events(stream).length === 1), 'all streams begin')
    expect(await stats()).toEqual({ watches: 1, subscribers: 201 })
    gateway.sandbox.clearRequests()
    const startedAt = performance.now()
    await waitUntil(() => polls(conference) >= 5, 'the watch has polled five times')
    const elapsedIntervals = (performance.now() - startedAt) / INTERVAL_MS
    // The delay between polls varies by 10 %.
    expect(polls(conference)).toBeLessThanOrEqual(elapsedIntervals / 0.9 + 2)
    // Each poll sends two requests.
    expect(gateway.sandbox.requests.length).toBeLessThanOrEqual(2 * polls(conference) + 1)
    conference.join()
    await waitUntil(() => many.every(stream => events(stream).length === 2), 'every stream receives the event')
    for (const stream of [one, ...many]) stream.stop()
    for (const client of clients) void client.dispose()
    await waitUntil(() => one.isFinished() && many.every(stream => stream.isFinished()), 'all streams end')
    await expect.poll(() => stats()).toEqual({ watches: 0, subscribers: 0 })
    const otherConference = openConference()
    const other = bySse(EVENTS, { id: otherConference.id })
    // A poll of the ended watch may still be in progress.
    await waitUntil(() => polls(otherConference) >= 2, 'the watch of another conference polls')
    gateway.sandbox.clearRequests()
    await waitUntil(() => polls(otherConference) >= 3, 'the watch of another conference has polled three times')
    expect(polls(conference)).toBe(0)
    other.stop()
  })

  it('a socket with more subscriptions than the maximum gets an error for the last subscription', async () => {
    const conference = openConference(1)
    const client = wsClient({
      url: gateway.url.replace('http', 'ws'),
      webSocketImpl: WebSocket,
      retryAttempts: 0,
      connectionParams: { authorization: basic('part') },
    })
    const streams = Array.from({ length: 101 }, () =>
      collect(
        client.iterate({ query: EVENTS, variables: { id: conference.id } }) as AsyncIterableIterator<Result>,
        () => undefined,
      ),
    )
    await waitUntil(() => streams.some(stream => stream.isFinished()), 'a subscription is rejected')
    const rejected = streams.filter(stream => stream.isFinished())
    expect(rejected).toHaveLength(1)
    expect(JSON.stringify([rejected[0]?.results, rejected[0]?.error()])).toContain(
      'The connection already has 100 active operations',
    )
    await client.dispose()
    await expect.poll(() => stats()).toEqual({ watches: 0, subscribers: 0 })
  })

  it('a watch ends when the socket of the last subscriber is terminated', async () => {
    const conference = openConference(1)
    const stream = byWebSocket(EVENTS, { id: conference.id })
    await waitUntil(() => events(stream).length === 1, 'the stream begins')
    expect(await stats()).toEqual({ watches: 1, subscribers: 1 })
    sockets.at(-1)?.terminate()
    await expect.poll(() => stats()).toEqual({ watches: 0, subscribers: 0 })
  })

  it.each([
    { transport: 'SSE', subscribe: bySse },
    { transport: 'WebSocket', subscribe: byWebSocket },
  ])(
    'a watch ends when the only subscriber over $transport leaves before the first poll succeeded',
    async ({ subscribe }) => {
      const conference = openConference(1)
      holdResponses(gateway)
      const stream = subscribe(EVENTS, { id: conference.id })
      await expect.poll(() => stats()).toEqual({ watches: 1, subscribers: 1 })
      stream.stop()
      await expect.poll(() => stats()).toEqual({ watches: 0, subscribers: 0 })
    },
  )

  it('a watch sends the current state to a new subscriber, not the state of the last poll', async () => {
    const intervalMs = 100
    const slow = await startGateway({ env: { LIVE_POLL_INTERVAL_MS: String(intervalMs) } })
    const { rows } = slow.sandbox
    let polledAt = 0
    slow.sandbox.intercept(() => {
      polledAt = performance.now()
      return undefined
    })
    const { sid } = rows.addConference({ account_sid: account, status: 'RUNNING_MODERATOR_PRESENT' })
    const subscribe = () => {
      const client = sseClient({ url: slow.url, headers: { authorization: basic('part') }, retryAttempts: 0 })
      const variables = { id: nodeIdOf('Conference', account, sid) }
      return collect(client.iterate({ query: EVENTS, variables }) as AsyncIterableIterator<Result>, () =>
        client.dispose(),
      )
    }
    const first = subscribe()
    await waitUntil(() => events(first).length === 1, 'the stream begins')
    for (let callers = 1; callers <= 3; callers++) {
      // Without changes the delay between polls grows beyond the interval.
      await waitUntil(() => performance.now() - polledAt > intervalMs, 'the last poll is older than the interval')
      rows.addCall({ account_sid: account, conference_sid: sid })
      const newSubscriber = subscribe()
      await waitUntil(() => events(newSubscriber).length > 0, 'the new subscriber receives the snapshot')
      const [snapshot] = events(newSubscriber)
      expect(snapshot?.conference?.participants?.nodes.length).toBe(callers)
      newSubscriber.stop()
    }
    first.stop()
    await slow.close()
  })

  it('a watch reads the calls of the participants once for all subscribers', async () => {
    const conference = openConference(5)
    const CALLERS = `subscription ($id: ID!) { conferenceEvents(conferenceId: $id) { ... on ConferenceSnapshot {
      conference { participants(first: 500) { nodes { call { from } } } } } } }`
    gateway.sandbox.clearRequests()
    const streams = Array.from({ length: 20 }, () => bySse(CALLERS, { id: conference.id }))
    await waitUntil(() => streams.every(stream => events(stream).length > 0), 'all streams begin')
    const polls = gateway.sandbox.requests.filter(({ path }) =>
      path.includes(`/Conferences/${conference.sid}/Participants`),
    ).length
    const callRequests = gateway.sandbox.requests.filter(({ path }) => path.includes('/Calls')).length
    expect(callRequests).toBeGreaterThan(0)
    expect(callRequests).toBeLessThanOrEqual(polls)
    for (const stream of streams) stream.stop()
  })

  it('watches are separate for different credentials', async () => {
    const conference = openConference(1)
    const streams = [bySse(EVENTS, { id: conference.id }), bySse(EVENTS, { id: conference.id }, basic('admin'))]
    await waitUntil(() => streams.every(stream => events(stream).length === 1), 'both streams begin')
    expect(await stats()).toEqual({ watches: 2, subscribers: 2 })
    for (const stream of streams) stream.stop()
  })

  it('a watch polls immediately after a mutation through the same gateway', async () => {
    const slow = await startGateway({ env: { LIVE_POLL_INTERVAL_MS: '600000' } })
    const { rows } = slow.sandbox
    const { sid } = rows.addConference({ account_sid: account, status: 'RUNNING_MODERATOR_PRESENT' })
    const call = rows.addCall({ account_sid: account, conference_sid: sid })
    const client = sseClient({ url: slow.url, headers: { authorization: basic('part') }, retryAttempts: 0 })
    const iterator = client.iterate({ query: EVENTS, variables: { id: nodeIdOf('Conference', account, sid) } })
    const stream = collect(iterator as AsyncIterableIterator<Result>, () => client.dispose())
    await waitUntil(() => events(stream).length === 1, 'the stream begins')
    const participantId = nodeIdOf('Participant', account, sid, call.sid)
    await slow.query(
      `mutation { muteParticipant(input: { participantId: "${participantId}" }) { userErrors { code } } }`,
      { as: 'part' },
    )
    await waitUntil(() => events(stream).length === 2, 'the event arrives')
    expect(events(stream)[1]).toMatchObject({ __typename: 'ParticipantChanged', participant: { muted: true } })
    stream.stop()
    await slow.close()
  })

  it('a watch hides short upstream failures, reports long failures once, and recovers', async () => {
    const conference = openConference(1)
    const stream = bySse(EVENTS, { id: conference.id })
    await waitUntil(() => events(stream).length === 1, 'the stream begins')
    const { clearRequests } = gateway.sandbox
    clearRequests()
    gateway.sandbox.intercept(() => ({ status: 503 }))
    await waitUntil(() => gateway.sandbox.requests.length > 0, 'a request of a poll fails')
    gateway.sandbox.intercept(null)
    conference.join()
    await waitUntil(() => events(stream).length === 2, 'the event arrives')
    expect(stream.results.every(({ errors }) => errors === undefined)).toBe(true)

    // Malformed responses leave the circuit breaker closed, so that every poll sends requests.
    gateway.sandbox.intercept(() => ({ status: 200, body: '<html>' }))
    await waitUntil(() => stream.results.some(({ errors }) => errors), 'the error arrives')
    conference.join()
    clearRequests()
    await waitUntil(() => gateway.sandbox.requests.length > 0, 'a further poll fails')
    gateway.sandbox.intercept(null)
    await waitUntil(
      () => JSON.stringify(replayed(stream)) === JSON.stringify(sandboxState(conference)),
      'the watch recovers',
    )
    expect(events(stream).map(({ __typename }) => __typename)).toEqual([
      'ConferenceSnapshot',
      'ParticipantJoined',
      'ConferenceSnapshot',
      'ParticipantJoined',
    ])
    const failures = stream.results.filter(({ errors }) => errors)
    expect(failures).toHaveLength(1)
    expect(failures[0]?.errors).toMatchObject([
      { extensions: { code: 'UPSTREAM_MALFORMED', requestId: expect.any(String) } },
    ])
    expect(stream.isFinished()).toBe(false)
    stream.stop()
  })

  it('an unreadable flag of a participant is null with an error in the events, and the stream goes on', async () => {
    const conference = openConference(2)
    changeRows(gateway, '/Participants', ({ sid }) => (sid === conference.calls[0] ? { hold: 'yes' } : {}))
    const stream = bySse(EVENTS, { id: conference.id })
    await waitUntil(() => events(stream).length === 1, 'the stream begins')
    expect(stream.results[0]?.errors).toMatchObject([{ extensions: { code: 'UPSTREAM_MALFORMED' } }])
    const callers = [...replayed(stream).callers]
    expect(callers.find(({ callSid }) => callSid === conference.calls[0])?.hold).toBeNull()
    expect(callers.find(({ callSid }) => callSid === conference.calls[1])?.hold).toBe(false)
    gateway.sandbox.rows.updateCall(conference.calls[1] ?? '', { muted: true })
    await waitUntil(() => events(stream).length === 2, 'the event arrives')
    expect(events(stream)[1]).toMatchObject({ __typename: 'ParticipantChanged', changed: ['MUTED'] })
    expect(stream.results[1]?.errors).toBeUndefined()
    stream.stop()
  })

  it('a participant whose row became unreadable is not reported as left', async () => {
    const conference = openConference(2)
    const stream = bySse(EVENTS, { id: conference.id })
    await waitUntil(() => events(stream).length === 1, 'the stream begins')
    changeRows(gateway, '/Participants', ({ sid }) => (sid === conference.calls[0] ? { sid: 'nonsense' } : {}))
    const third = conference.join()
    await waitUntil(() => events(stream).length === 2, 'the event arrives')
    expect(events(stream)[1]).toMatchObject({ __typename: 'ParticipantJoined', participant: { callSid: third } })
    gateway.sandbox.rows.updateCall(third, { muted: true })
    await waitUntil(() => events(stream).length === 3, 'the next event arrives')
    expect(events(stream)[2]).toMatchObject({ __typename: 'ParticipantChanged', participant: { callSid: third } })
    gateway.sandbox.rows.updateCall(third, { status: 'completed' })
    gateway.sandbox.intercept(null)
    await waitUntil(() => events(stream).length === 4, 'the event after the readable list arrives')
    expect(events(stream)[3]).toMatchObject({ __typename: 'ParticipantLeft', participant: { callSid: third } })
    expect(replayed(stream)).toEqual(sandboxState(conference))
    expect(stream.results.every(({ errors }) => errors === undefined)).toBe(true)
    stream.stop()
  })

  it('a participant with an unreadable row is null with an error in the snapshot', async () => {
    const conference = openConference(2)
    changeRows(gateway, '/Participants', ({ sid }) => (sid === conference.calls[0] ? { sid: 'nonsense' } : {}))
    const stream = bySse(EVENTS, { id: conference.id })
    await waitUntil(() => stream.results.length === 1, 'the stream begins')
    expect(stream.results[0]).toMatchObject({
      data: { conferenceEvents: { conference: { participants: { nodes: [null, { callSid: conference.calls[1] }] } } } },
      errors: [
        {
          path: ['conferenceEvents', 'conference', 'participants', 'nodes', 0],
          extensions: { code: 'UPSTREAM_MALFORMED' },
        },
      ],
    })
    stream.stop()
  })

  it('watches are limited by LIVE_MAX_WATCHES and by a share per credential, and the errors name the setting', async () => {
    const limited = await startGateway({
      env: { LIVE_MAX_WATCHES: '2' },
      config: { live: { maxWatchesPerCredential: 1 } },
    })
    const subscribe = (sid: string, as: string) => {
      const client = sseClient({ url: limited.url, headers: { authorization: basic(as) }, retryAttempts: 0 })
      const variables = { id: nodeIdOf('Conference', accountOf(as).sid, sid) }
      return collect(client.iterate({ query: EVENTS, variables }) as AsyncIterableIterator<Result>, () =>
        client.dispose(),
      )
    }
    const sidOf = (as: string) => {
      const account_sid = accountOf(as).sid
      return limited.sandbox.rows.addConference({ account_sid, status: 'RUNNING_MODERATOR_PRESENT' }).sid
    }
    const first = subscribe(sidOf('part'), 'part')
    await waitUntil(() => events(first).length === 1, 'the first stream begins')
    const second = subscribe(sidOf('part'), 'part')
    await waitUntil(second.isFinished, 'the second is rejected')
    expect(JSON.stringify([second.results, second.error()])).toContain(
      'These credentials already watch 1 conferences and accounts, their share of LIVE_MAX_WATCHES',
    )
    const third = subscribe(sidOf('conf1'), 'conf1')
    await waitUntil(() => events(third).length === 1, 'a stream with different credentials begins')
    const fourth = subscribe(sidOf('conf50'), 'conf50')
    await waitUntil(fourth.isFinished, 'the fourth is rejected')
    expect(JSON.stringify([fourth.results, fourth.error()])).toMatch(
      /the maximum \(LIVE_MAX_WATCHES\).*TOO_MANY_WATCHES/,
    )
    first.stop()
    await expect.poll(() => stats(limited)).toEqual({ watches: 1, subscribers: 1 })
    const fifth = subscribe(sidOf('part'), 'part')
    await waitUntil(() => events(fifth).length === 1, 'a stream begins after the first ended')
    third.stop()
    fifth.stop()
    await limited.close()
  })
})

describe('accountEvents', () => {
  const accountEvents = ({ results }: Stream) => results.flatMap(({ data }) => data?.accountEvents ?? [])
  /** Statuses by SID after applying the events of a stream. */
  const replayedStatuses = (stream: Stream) => {
    let statuses = new Map<string, string>()
    for (const { __typename, runningConferences, conference } of accountEvents(stream)) {
      if (runningConferences) statuses = new Map(runningConferences.map(({ sid, status }) => [sid, status]))
      else if (conference && __typename === 'ConferenceEnded') statuses.delete(conference.sid)
      else if (conference) statuses.set(conference.sid, conference.status)
    }
    return Object.fromEntries(statuses)
  }
  const runningStatuses = () =>
    Object.fromEntries(
      gateway.sandbox.rows
        .conferencesOf(account)
        .filter(({ status }) => status !== 'COMPLETED' && status !== 'FAILED')
        .map(({ sid, status }) => [sid, status]),
    )
  const isUpToDate = (...streams: Stream[]) =>
    waitUntilEqual(
      () => streams.map(replayedStatuses),
      () => streams.map(runningStatuses),
      'the events lead to the running conferences',
    )

  it.each([
    { transport: 'SSE', subscribe: bySse },
    { transport: 'WebSocket', subscribe: byWebSocket },
  ])(
    'accountEvents over $transport sends a snapshot, then the start, the status changes and the end of a conference',
    async ({ subscribe }) => {
      const { rows } = gateway.sandbox
      const before = openConference(1)
      const stream = subscribe(ACCOUNT_EVENTS)
      await waitUntil(() => accountEvents(stream).length === 1, 'the snapshot arrives')
      expect(accountEvents(stream)[0]?.__typename).toBe('AccountSnapshot')
      expect(runningStatuses()).toHaveProperty(before.sid)
      expect(replayedStatuses(stream)).toEqual(runningStatuses())
      const { sid } = openConference(1)
      await isUpToDate(stream)
      rows.updateConference(sid, { status: 'STOPPING' })
      await isUpToDate(stream)
      rows.updateConference(sid, { status: 'FAILED' })
      await isUpToDate(stream)
      expect(accountEvents(stream).slice(1)).toEqual([
        { __typename: 'ConferenceStarted', conference: { sid, status: 'RUNNING_MODERATOR_PRESENT' } },
        { __typename: 'ConferenceChanged', conference: { sid, status: 'STOPPING' } },
        { __typename: 'ConferenceEnded', conference: { sid, status: 'FAILED' } },
      ])
      stream.stop()
      await expect.poll(() => stats()).toEqual({ watches: 0, subscribers: 0 })
    },
  )

  it('accountEvents reports the previous status of a conference', async () => {
    const { sid } = openConference()
    const stream = bySse(`subscription { accountEvents {
      __typename ... on ConferenceChanged { conference { sid status isRunning } previousStatus }
    } }`)
    await waitUntil(() => accountEvents(stream).length === 1, 'the snapshot arrives')
    gateway.sandbox.rows.updateConference(sid, { status: 'RUNNING_MODERATOR_ABSENT' })
    await waitUntil(() => accountEvents(stream).length === 2, 'the change arrives')
    expect(accountEvents(stream)[1]).toEqual({
      __typename: 'ConferenceChanged',
      conference: { sid, status: 'RUNNING_MODERATOR_ABSENT', isRunning: true },
      previousStatus: 'RUNNING_MODERATOR_PRESENT',
    })
    stream.stop()
  })

  it('accountEvents reports both the end of a conference and the start of another between two polls', async () => {
    const ended = openConference()
    const stream = bySse(ACCOUNT_EVENTS)
    await waitUntil(() => accountEvents(stream).length === 1, 'the snapshot arrives')
    gateway.sandbox.rows.updateConference(ended.sid, { status: 'COMPLETED' })
    const started = openConference()
    await isUpToDate(stream)
    const received = accountEvents(stream).slice(1)
    expect(received.map(event => [event.__typename, event.conference?.sid]).toSorted()).toEqual([
      ['ConferenceEnded', ended.sid],
      ['ConferenceStarted', started.sid],
    ])
    stream.stop()
  })

  it('accountEvents shows in the snapshot after a reconnect everything that happened while disconnected', async () => {
    const { rows } = gateway.sandbox
    const [ending, changing] = [openConference(), openConference()]
    const first = bySse(ACCOUNT_EVENTS)
    await waitUntil(() => accountEvents(first).length === 1, 'the first snapshot arrives')
    expect(replayedStatuses(first)).toMatchObject({ [ending.sid]: 'RUNNING_MODERATOR_PRESENT' })
    first.stop()
    await waitUntil(first.isFinished, 'the first stream ends')
    rows.updateConference(ending.sid, { status: 'COMPLETED' })
    rows.updateConference(changing.sid, { status: 'STOPPING' })
    const started = openConference()
    const second = bySse(ACCOUNT_EVENTS)
    await waitUntil(() => accountEvents(second).length === 1, 'the second snapshot arrives')
    expect(replayedStatuses(second)).toEqual(runningStatuses())
    expect(replayedStatuses(second)).toMatchObject({ [changing.sid]: 'STOPPING', [started.sid]: expect.any(String) })
    expect(replayedStatuses(second)).not.toHaveProperty(ending.sid)
    second.stop()
  })

  it('accountEvents sends the present snapshot to a later subscriber of the same watch, then the same events to both', async () => {
    const { sid } = openConference()
    const early = bySse(ACCOUNT_EVENTS)
    await waitUntil(() => accountEvents(early).length === 1, 'the snapshot arrives')
    gateway.sandbox.rows.updateConference(sid, { status: 'STOPPING' })
    await isUpToDate(early)
    const late = byWebSocket(ACCOUNT_EVENTS)
    await waitUntil(() => accountEvents(late).length === 1, 'the snapshot arrives at the later subscriber')
    expect(await stats()).toEqual({ watches: 1, subscribers: 2 })
    expect(accountEvents(late)[0]?.__typename).toBe('AccountSnapshot')
    expect(replayedStatuses(late)).toEqual(runningStatuses())
    openConference()
    gateway.sandbox.rows.updateConference(sid, { status: 'COMPLETED' })
    await isUpToDate(early, late)
    expect(accountEvents(late).slice(1)).toEqual(accountEvents(early).slice(2))
    for (const stream of [early, late]) stream.stop()
  })

  it('accountEvents sends hundreds of running conferences in one snapshot, and reports the end of all', async () => {
    const { rows } = gateway.sandbox
    const sids = Array.from({ length: 700 }, () => openConference().sid)
    const stream = bySse(ACCOUNT_EVENTS)
    await waitUntil(() => accountEvents(stream).length === 1, 'the snapshot arrives')
    expect(replayedStatuses(stream)).toEqual(runningStatuses())
    for (const sid of sids) rows.updateConference(sid, { status: 'COMPLETED' })
    await isUpToDate(stream)
    stream.stop()
  })

  it('accountEvents shows a conference with an unreadable row as null with an error in the snapshot', async () => {
    const [bad, good] = [openConference(), openConference()]
    changeRows(gateway, '/Conferences?', ({ sid }) => (sid === bad.sid ? { sid: 'nonsense' } : {}))
    const stream = bySse(ACCOUNT_EVENTS)
    await waitUntil(() => stream.results.length === 1, 'the snapshot arrives')
    const rows: readonly unknown[] = accountEvents(stream)[0]?.runningConferences ?? []
    expect(rows).toContain(null)
    expect(rows).toContainEqual({ sid: good.sid, status: 'RUNNING_MODERATOR_PRESENT' })
    expect(stream.results[0]?.errors).toMatchObject([
      { path: ['accountEvents', 'runningConferences', rows.indexOf(null)], extensions: { code: 'UPSTREAM_MALFORMED' } },
    ])
    const { sid } = openConference()
    await waitUntil(() => accountEvents(stream).length === 2, 'the event arrives')
    expect(accountEvents(stream)[1]).toMatchObject({ __typename: 'ConferenceStarted', conference: { sid } })
    stream.stop()
  })

  it('accountEvents reports the end of a conference whose final row is unreadable, with an error for the status', async () => {
    const { sid } = openConference()
    const stream = bySse(ACCOUNT_EVENTS)
    await waitUntil(() => accountEvents(stream).length === 1, 'the snapshot arrives')
    changeRows(gateway, `/Conferences/${sid}`, () => ({ sid: 'nonsense' }))
    gateway.sandbox.rows.updateConference(sid, { status: 'COMPLETED' })
    await waitUntil(() => stream.results.length === 2, 'the end arrives')
    expect(stream.results[1]).toMatchObject({
      data: { accountEvents: { __typename: 'ConferenceEnded', conference: { sid, status: null } } },
      errors: [{ path: ['accountEvents', 'conference', 'status'], extensions: { code: 'UPSTREAM_MALFORMED' } }],
    })
    stream.stop()
  })

  it('accountEvents survives a restart of Restcomm', async () => {
    const stream = bySse(ACCOUNT_EVENTS)
    await waitUntil(() => accountEvents(stream).length === 1, 'the snapshot arrives')
    let failedRequests = 0
    gateway.sandbox.intercept(() => {
      failedRequests++
      return { status: 404 }
    })
    await waitUntil(() => failedRequests > 2, 'polls fail')
    gateway.sandbox.intercept(() => undefined)
    openConference(1)
    await isUpToDate(stream)
    stream.stop()
  })
})

describe('HTTP upgrade requests', () => {
  const raw = async (path: string, headers: string, body = '') => {
    const { port } = new URL(gateway.url)
    const socket = connect(Number(port), '127.0.0.1')
    socket.on('error', () => undefined)
    socket.write(
      `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\n${headers}Content-Length: ${body.length}\r\n\r\n${body}`,
    )
    return socket
  }

  it('HTTP upgrade requests that are reset do not affect the gateway', async () => {
    for (let i = 0; i < 20; i++) (await raw('/elsewhere', 'Upgrade: websocket\r\n')).resetAndDestroy()
    expect((await gateway.query('{ __typename }')).data).toEqual({ __typename: 'Query' })
  })

  it('an HTTP upgrade request to h2c, as sent by the Java HTTP client, is answered over HTTP/1.1', async () => {
    const headers = 'Upgrade: h2c\r\nContent-Type: application/json\r\n'
    const socket = await raw('/graphql', headers, '{"query":"{ __typename }"}')
    const [response] = await once(socket, 'data')
    expect(String(response)).toContain('HTTP/1.1 200')
    socket.destroy()
  })
})

describe('WebSocket connections', () => {
  it('a WebSocket connection accepts credentials in the headers of the upgrade request', async () => {
    const conference = openConference(1)
    const stream = byWebSocket(EVENTS, { id: conference.id }, basic('part'), true)
    await waitUntil(() => events(stream).length === 1, 'the stream begins')
    stream.stop()
  })

  it('a WebSocket connection answers queries, with masked errors that carry a request ID', async () => {
    const stream = byWebSocket('{ viewer { sid } missing: conference(sid: "CF1") { sid } }')
    await waitUntil(stream.isFinished, 'the response arrives')
    expect(JSON.stringify([stream.results, stream.error()])).toContain('BAD_USER_INPUT')
    gateway.sandbox.intercept(() => ({ status: 503 }))
    const failing = byWebSocket('{ viewer { sid } }')
    await waitUntil(failing.isFinished, 'the response arrives')
    expect(failing.results[0]?.errors).toMatchObject([
      { extensions: { code: 'UPSTREAM_UNAVAILABLE', requestId: expect.any(String) } },
    ])
    expect(JSON.stringify(failing.results)).not.toContain('http')
  })
})

describe('@defer and @stream', () => {
  it('@defer sends the list first and deferred fields later, with masked errors', async () => {
    const query = `{ conferences(first: 10) { nodes { sid ... @defer { participants { totalCount } } } } }`
    const { promise: released, resolve: release } = Promise.withResolvers<void>()
    gateway.sandbox.intercept(({ path }) =>
      path.includes('Participants') ? released.then(() => ({ status: 200, body: '<html>' })) : undefined,
    )
    const response = await fetch(gateway.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'multipart/mixed', authorization: basic('part') },
      body: JSON.stringify({ query }),
    })
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
    let first = ''
    let rest = ''
    for (;;) {
      const { done, value } = (await reader?.read()) ?? { done: true, value: '' }
      if (done) break
      if (first.includes('"nodes"')) rest += value
      else first += value
      // The gateway has sent the list before Restcomm answers the requests of the deferred fields.
      if (first.includes('"nodes"')) release()
    }
    expect(first).toContain('"nodes"')
    expect(first).not.toContain('totalCount')
    expect(rest).toContain('totalCount')
    expect(rest).toContain('UPSTREAM_MALFORMED')
    expect(rest).not.toContain('<html>')
  })

  it('@stream sends the items of a list in later parts', async () => {
    const response = await fetch(gateway.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'multipart/mixed', authorization: basic('part') },
      body: JSON.stringify({ query: '{ conferences(first: 5) { nodes @stream(initialCount: 2) { sid } } }' }),
    })
    const parts = (await response.text())
      .split(/\r\n---(?:--)?\r\n|---\r\n/)
      .flatMap(part => /\{.*\}/s.exec(part)?.[0] ?? [])
      .map(part => JSON.parse(part))
    expect(parts[0].data.conferences.nodes).toHaveLength(2)
    const later = parts.slice(1).flatMap(({ incremental }) => incremental ?? [])
    expect(later.flatMap(({ items }: { items: object[] }) => items)).toHaveLength(3)
  })
})
