import { once } from 'node:events'
import { connect } from 'node:net'
import { createClient as sseClient } from 'graphql-sse'
import { createClient as wsClient } from 'graphql-ws'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import WebSocket from 'ws'
import { accountOf, basic, basicOf, startGateway, type TestGateway } from '../../support/gateway.ts'
import { idOf } from '../../support/nodeId.ts'

const INTERVAL = 40
let gateway: TestGateway
beforeEach(async () => {
  gateway = await startGateway({ env: { LIVE_POLL_INTERVAL_MS: String(INTERVAL), LIVE_GRACE_MS: '300' } })
})
afterEach(() => gateway.close())

const account = accountOf('part').sid
const open = (callers = 0) => {
  const { rows } = gateway.sandbox
  const { sid } = rows.addConference({ account_sid: account, status: 'RUNNING_MODERATOR_PRESENT' })
  const call = () => rows.addCall({ account_sid: account, conference_sid: sid }).sid
  const calls = Array.from({ length: callers }, call)
  return { sid, id: idOf('Conference', account, sid), calls, join: call }
}
type Room = ReturnType<typeof open>

const EVENTS = `subscription ($id: ID!) {
  conferenceEvents(conferenceId: $id) {
    __typename
    ... on ConferenceSnapshot { conference { status participants(first: 500) { nodes { callSid muted hold } } } }
    ... on ConferenceStatusChanged { conference { status } previous }
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
  data?: { conferenceEvents?: Event; conferencesChanged?: { sid: string; status: string } } | null
  errors?: readonly { extensions?: { code?: string } }[]
}

/** What a client knows that does what the stream tells it. */
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

const truth = ({ sid }: Room) => ({
  status: gateway.sandbox.rows.conference(sid)?.status,
  callers: gateway.sandbox.rows
    .callsIn(sid)
    .filter(row => row.status === 'in-progress')
    .map(row => ({ callSid: row.sid, muted: row.muted, hold: row.on_hold }))
    .toSorted((a, b) => (a.callSid < b.callSid ? -1 : 1)),
})

const until = async (holds: () => boolean, what: string, within = 8_000) => {
  const deadline = performance.now() + within
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`It did not come about that ${what}.`)
    await new Promise(resolve => setTimeout(resolve, 5))
  }
}

type Stream = { results: Result[]; isOver: () => boolean; error: () => unknown; stop: () => void }
const collect = (iterator: AsyncIterable<Result> & { return?: unknown }, stop: () => void): Stream => {
  const results: Result[] = []
  let over = false
  let failure: unknown = null
  void (async () => {
    try {
      for await (const result of iterator) results.push(result)
    } catch (error) {
      failure = error
    }
    over = true
  })()
  return { results, isOver: () => over, error: () => failure, stop }
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
const figures = async ({ url } = gateway) => {
  const text = await (await fetch(url.replace('/graphql', '/metrics'))).text()
  const of = (name: string) => Number(new RegExp(`^restcomm_graphql_${name} (\\d+)`, 'm').exec(text)?.[1])
  return { watches: of('watches'), subscribers: of('subscribers') }
}
const polls = ({ sid }: Room) =>
  gateway.sandbox.requests.filter(({ path }) => path.endsWith(`/Conferences/${sid}`)).length

describe.each([
  { way: 'SSE', subscribe: bySse },
  { way: 'WebSocket', subscribe: byWebSocket },
])('conferenceEvents by $way', ({ subscribe }) => {
  it('begins with a snapshot, replays to the truth, and completes with the conference', async () => {
    const room = open(3)
    const { rows } = gateway.sandbox
    const stream = subscribe(EVENTS, { id: room.id })
    await until(() => events(stream).length > 0, 'the stream begins')
    expect(events(stream)[0]?.__typename).toBe('ConferenceSnapshot')
    expect(replayed(stream)).toEqual(truth(room))

    const steps = [
      () => room.join(),
      () => rows.updateCall(room.calls[0] ?? '', { muted: true }),
      () => rows.updateCall(room.calls[1] ?? '', { on_hold: true, muted: true }),
      () => rows.finishCall(room.calls[2] ?? ''),
      () => rows.updateConference(room.sid, { status: 'RUNNING_MODERATOR_ABSENT' }),
      () => {
        room.join()
        rows.finishCall(room.calls[0] ?? '')
      },
    ]
    for (const step of steps) {
      step()
      await until(
        () => JSON.stringify(replayed(stream)) === JSON.stringify(truth(room)),
        'the events replay to the truth',
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

    for (const call of rows.callsIn(room.sid)) rows.finishCall(call.sid)
    rows.updateConference(room.sid, { status: 'COMPLETED' })
    await until(stream.isOver, 'the stream completes')
    expect(stream.error()).toBeNull()
    expect(events(stream).at(-1)).toMatchObject({
      __typename: 'ConferenceStatusChanged',
      conference: { status: 'COMPLETED' },
    })
    expect(replayed(stream)).toEqual({ status: 'COMPLETED', callers: [] })
    await expect.poll(() => figures()).toEqual({ watches: 0, subscribers: 0 })
  })

  it('of a conference that is over is a snapshot, and completes', async () => {
    const room = open()
    gateway.sandbox.rows.updateConference(room.sid, { status: 'FAILED' })
    const stream = subscribe(EVENTS, { id: room.id })
    await until(stream.isOver, 'the stream completes')
    expect(events(stream)).toMatchObject([{ __typename: 'ConferenceSnapshot', conference: { status: 'FAILED' } }])
  })

  it.each([
    {
      what: 'that does not exist',
      id: () => idOf('Conference', account, `CF${'0'.repeat(32)}`),
      as: 'part',
      code: 'BAD_USER_INPUT',
    },
    { what: 'named by garbage', id: () => 'garbage', as: 'part', code: 'BAD_USER_INPUT' },
    { what: 'of another account', id: () => open().id, as: 'conf1', code: 'FORBIDDEN' },
    { what: 'with wrong credentials', id: () => open().id, as: null, code: 'UNAUTHENTICATED' },
  ])('of a conference $what is $code, and leaves nothing behind', async ({ id, as, code }) => {
    const stream = subscribe(EVENTS, { id: id() }, as === null ? basicOf(account, 'wrong') : basic(as))
    await until(stream.isOver, 'the stream completes')
    const told = JSON.stringify([stream.results, stream.error()])
    expect(told).toContain(code)
    expect(await figures()).toEqual({ watches: 0, subscribers: 0 })
  })
})

describe('a watch', () => {
  it('is one poll loop for a thousand subscribers, and costs as much as for one', async () => {
    const room = open(2)
    const one = bySse(EVENTS, { id: room.id })
    await until(() => events(one).length === 1, 'the stream begins')
    // Ten sockets with a hundred subscriptions each, as many as one may carry.
    const clients = Array.from({ length: 10 }, () =>
      wsClient({
        url: gateway.url.replace('http', 'ws'),
        webSocketImpl: WebSocket,
        retryAttempts: 0,
        connectionParams: { authorization: basic('part') },
      }),
    )
    const many = clients.flatMap(client =>
      Array.from({ length: 100 }, () => {
        const iterator = client.iterate({ query: EVENTS, variables: { id: room.id } }) as AsyncIterableIterator<Result>
        return collect(iterator, () => void iterator.return?.())
      }),
    )
    await until(() => many.every(stream => events(stream).length === 1), 'all streams begin', 15_000)
    expect(await figures()).toEqual({ watches: 1, subscribers: 1_001 })
    gateway.sandbox.clearRequests()
    await new Promise(resolve => setTimeout(resolve, 10 * INTERVAL))
    expect(polls(room)).toBeLessThanOrEqual(12)
    // What the snapshot holds is not read again for each of those who get it.
    expect(gateway.sandbox.requests.filter(({ path }) => path.includes('Participants')).length).toBeLessThanOrEqual(12)
    room.join()
    await until(() => many.every(stream => events(stream).length === 2), 'all are told', 15_000)
    for (const stream of [one, ...many]) stream.stop()
    for (const client of clients) void client.dispose()
    await until(() => one.isOver() && many.every(stream => stream.isOver()), 'all streams end', 15_000)
    await expect.poll(() => figures()).toEqual({ watches: 0, subscribers: 0 })
    // The look that was under way may still ask its second question.
    await new Promise(resolve => setTimeout(resolve, 500))
    gateway.sandbox.clearRequests()
    await new Promise(resolve => setTimeout(resolve, 10 * INTERVAL))
    expect(gateway.sandbox.requests).toHaveLength(0)
  })

  it('carries no more subscriptions a socket than the limit', async () => {
    const room = open(1)
    const client = wsClient({
      url: gateway.url.replace('http', 'ws'),
      webSocketImpl: WebSocket,
      retryAttempts: 0,
      connectionParams: { authorization: basic('part') },
    })
    const streams = Array.from({ length: 101 }, () =>
      collect(
        client.iterate({ query: EVENTS, variables: { id: room.id } }) as AsyncIterableIterator<Result>,
        () => undefined,
      ),
    )
    await until(() => streams.some(stream => stream.isOver()), 'one is refused')
    const refused = streams.filter(stream => stream.isOver())
    expect(refused).toHaveLength(1)
    expect(JSON.stringify([refused[0]?.results, refused[0]?.error()])).toContain(
      'LIVE_MAX_SUBSCRIPTIONS_PER_CONNECTION',
    )
    await client.dispose()
    await expect.poll(() => figures()).toEqual({ watches: 0, subscribers: 0 })
  })

  it('ends when the socket of its last subscriber dies', async () => {
    const room = open(1)
    const stream = byWebSocket(EVENTS, { id: room.id })
    await until(() => events(stream).length === 1, 'the stream begins')
    expect(await figures()).toEqual({ watches: 1, subscribers: 1 })
    sockets.at(-1)?.terminate()
    await expect.poll(() => figures()).toEqual({ watches: 0, subscribers: 0 })
  })

  it.each([
    { way: 'SSE', subscribe: bySse },
    { way: 'WebSocket', subscribe: byWebSocket },
  ])('ends when its only subscriber, by $way, goes before it has begun', async ({ subscribe }) => {
    const room = open(1)
    gateway.sandbox.intercept(async () => {
      await new Promise(resolve => setTimeout(resolve, 300))
      return undefined
    })
    const stream = subscribe(EVENTS, { id: room.id })
    await expect.poll(() => figures()).toEqual({ watches: 1, subscribers: 1 })
    stream.stop()
    await new Promise(resolve => setTimeout(resolve, 1_000))
    expect(await figures()).toEqual({ watches: 0, subscribers: 0 })
  })

  it('greets a newcomer with how things are, not with how they were at the last look', async () => {
    const slow = await startGateway({ env: { LIVE_POLL_INTERVAL_MS: '300' } })
    const { rows } = slow.sandbox
    const { sid } = rows.addConference({ account_sid: account, status: 'RUNNING_MODERATOR_PRESENT' })
    const subscribe = () => {
      const client = sseClient({ url: slow.url, headers: { authorization: basic('part') }, retryAttempts: 0 })
      const variables = { id: idOf('Conference', account, sid) }
      return collect(client.iterate({ query: EVENTS, variables }) as AsyncIterableIterator<Result>, () =>
        client.dispose(),
      )
    }
    const first = subscribe()
    await until(() => events(first).length === 1, 'the stream begins')
    for (let callers = 1; callers <= 3; callers++) {
      // The watch becomes quiet, and waits longer than an interval.
      await new Promise(resolve => setTimeout(resolve, 1_000))
      rows.addCall({ account_sid: account, conference_sid: sid })
      await new Promise(resolve => setTimeout(resolve, 320))
      const newcomer = subscribe()
      await until(() => events(newcomer).length > 0, 'the newcomer is greeted')
      const [greeting] = events(newcomer)
      expect(greeting?.conference?.participants?.nodes.length).toBe(callers)
      newcomer.stop()
    }
    first.stop()
    await slow.close()
  })

  it('reads who the callers are once for all who ask', async () => {
    const room = open(5)
    const WHO = `subscription ($id: ID!) { conferenceEvents(conferenceId: $id) { ... on ConferenceSnapshot {
      conference { participants(first: 500) { nodes { call { from } } } } } } }`
    gateway.sandbox.clearRequests()
    const streams = Array.from({ length: 20 }, () => bySse(WHO, { id: room.id }))
    await until(() => streams.every(stream => events(stream).length > 0), 'all streams begin')
    const looks = gateway.sandbox.requests.filter(({ path }) =>
      path.includes(`/Conferences/${room.sid}/Participants`),
    ).length
    const asked = gateway.sandbox.requests.filter(({ path }) => path.includes('/Calls')).length
    expect(asked).toBeGreaterThan(0)
    expect(asked).toBeLessThanOrEqual(looks)
    for (const stream of streams) stream.stop()
  })

  it('is apart for other credentials', async () => {
    const room = open(1)
    const streams = [bySse(EVENTS, { id: room.id }), bySse(EVENTS, { id: room.id }, basic('admin'))]
    await until(() => streams.every(stream => events(stream).length === 1), 'both streams begin')
    expect(await figures()).toEqual({ watches: 2, subscribers: 2 })
    for (const stream of streams) stream.stop()
  })

  it('looks at once after a mutation that went through this gateway', async () => {
    const slow = await startGateway({ env: { LIVE_POLL_INTERVAL_MS: '600000' } })
    const { rows } = slow.sandbox
    const { sid } = rows.addConference({ account_sid: account, status: 'RUNNING_MODERATOR_PRESENT' })
    const call = rows.addCall({ account_sid: account, conference_sid: sid })
    const client = sseClient({ url: slow.url, headers: { authorization: basic('part') }, retryAttempts: 0 })
    const iterator = client.iterate({ query: EVENTS, variables: { id: idOf('Conference', account, sid) } })
    const stream = collect(iterator as AsyncIterableIterator<Result>, () => client.dispose())
    await until(() => events(stream).length === 1, 'the stream begins')
    const participantId = idOf('Participant', account, sid, call.sid)
    await slow.query(
      `mutation { muteParticipant(input: { participantId: "${participantId}" }) { userErrors { code } } }`,
      { as: 'part' },
    )
    await until(() => events(stream).length === 2, 'the change is told')
    expect(events(stream)[1]).toMatchObject({ __typename: 'ParticipantChanged', participant: { muted: true } })
    stream.stop()
    await slow.close()
  })

  it('tells nobody of a short failure, tells of a long one once, and recovers by itself', async () => {
    const room = open(1)
    const stream = bySse(EVENTS, { id: room.id })
    await until(() => events(stream).length === 1, 'the stream begins')
    gateway.sandbox.intercept(() => ({ status: 503 }))
    await new Promise(resolve => setTimeout(resolve, 100))
    gateway.sandbox.intercept(null)
    room.join()
    await until(() => events(stream).length === 2, 'the change is told')
    expect(stream.results.every(({ errors }) => errors === undefined)).toBe(true)

    gateway.sandbox.intercept(() => 'reset')
    await until(() => stream.results.some(({ errors }) => errors), 'the failure is told')
    room.join()
    await new Promise(resolve => setTimeout(resolve, 400))
    gateway.sandbox.intercept(null)
    await until(() => JSON.stringify(replayed(stream)) === JSON.stringify(truth(room)), 'the watch recovers')
    const failures = stream.results.filter(({ errors }) => errors)
    expect(failures).toHaveLength(1)
    expect(failures[0]?.errors).toMatchObject([
      { extensions: { code: 'UPSTREAM_UNAVAILABLE', requestId: expect.any(String) } },
    ])
    expect(stream.isOver()).toBe(false)
    stream.stop()
  })

  it('is refused past its limits, by the name of the setting', async () => {
    const limited = await startGateway({ env: { LIVE_MAX_WATCHES: '2', LIVE_MAX_WATCHES_PER_CREDENTIAL: '1' } })
    const subscribe = (sid: string, as: string) => {
      const client = sseClient({ url: limited.url, headers: { authorization: basic(as) }, retryAttempts: 0 })
      const variables = { id: idOf('Conference', accountOf(as).sid, sid) }
      return collect(client.iterate({ query: EVENTS, variables }) as AsyncIterableIterator<Result>, () =>
        client.dispose(),
      )
    }
    const sidOf = (as: string) => {
      const account_sid = accountOf(as).sid
      return limited.sandbox.rows.addConference({ account_sid, status: 'RUNNING_MODERATOR_PRESENT' }).sid
    }
    const first = subscribe(sidOf('part'), 'part')
    await until(() => events(first).length === 1, 'the first stream begins')
    const second = subscribe(sidOf('part'), 'part')
    await until(second.isOver, 'the second is refused')
    expect(JSON.stringify([second.results, second.error()])).toContain('LIVE_MAX_WATCHES_PER_CREDENTIAL')
    const third = subscribe(sidOf('conf1'), 'conf1')
    await until(() => events(third).length === 1, 'one with other credentials begins')
    const fourth = subscribe(sidOf('conf50'), 'conf50')
    await until(fourth.isOver, 'the fourth is refused')
    expect(JSON.stringify([fourth.results, fourth.error()])).toMatch(/TOO_MANY_WATCHES.*|LIVE_MAX_WATCHES\)/)
    first.stop()
    await expect.poll(() => figures(limited)).toEqual({ watches: 1, subscribers: 1 })
    const fifth = subscribe(sidOf('part'), 'part')
    await until(() => events(fifth).length === 1, 'one begins in the place of the first')
    third.stop()
    fifth.stop()
    await limited.close()
  })
})

describe('conferencesChanged', () => {
  const CHANGED = 'subscription { conferencesChanged { sid status friendlyName } }'
  const changes = ({ results }: Stream) => results.flatMap(({ data }) => data?.conferencesChanged ?? [])

  it('tells of each conference that starts, changes its status or ends, and of nothing else', async () => {
    const { rows } = gateway.sandbox
    const before = open(1)
    const stream = bySse(CHANGED)
    await expect.poll(() => figures()).toEqual({ watches: 1, subscribers: 1 })
    await until(() => gateway.sandbox.requests.some(({ path }) => path.includes('Status=STOPPING')), 'the watch begins')
    await new Promise(resolve => setTimeout(resolve, 3 * INTERVAL))
    const room = open(1)
    await until(() => changes(stream).length === 1, 'the start is told')
    rows.updateConference(room.sid, { status: 'STOPPING' })
    await until(() => changes(stream).length === 2, 'the change is told')
    rows.updateConference(room.sid, { status: 'COMPLETED' })
    rows.updateConference(before.sid, { status: 'FAILED' })
    await until(() => changes(stream).length === 4, 'the ends are told')
    expect(changes(stream).slice(0, 3)).toMatchObject([
      { sid: room.sid, status: 'RUNNING_MODERATOR_PRESENT' },
      { sid: room.sid, status: 'STOPPING' },
      expect.objectContaining({ status: expect.stringMatching(/COMPLETED|FAILED/) }),
    ])
    stream.stop()
    await expect.poll(() => figures()).toEqual({ watches: 0, subscribers: 0 })
  })
})

it('goes on when Restcomm is not there for a moment, as when it is restarted', async () => {
  const stream = bySse('subscription { conferencesChanged { sid status } }')
  await until(() => gateway.sandbox.requests.some(({ path }) => path.includes('Status=STOPPING')), 'the watch begins')
  let refused = 0
  gateway.sandbox.intercept(() => {
    refused++
    return { status: 404 }
  })
  await until(() => refused > 2, 'looks fail')
  gateway.sandbox.intercept(() => undefined)
  const room = open(1)
  const told = () => stream.results.flatMap(({ data }) => data?.conferencesChanged?.sid ?? [])
  await until(() => told().includes(room.sid), 'what begins is told again')
  stream.stop()
})

describe('a connection that asks to become something else', () => {
  const raw = async (path: string, headers: string, body = '') => {
    const { port } = new URL(gateway.url)
    const socket = connect(Number(port), '127.0.0.1')
    socket.on('error', () => undefined)
    socket.write(
      `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\n${headers}Content-Length: ${body.length}\r\n\r\n${body}`,
    )
    return socket
  }

  it('and resets does no harm', async () => {
    for (let i = 0; i < 20; i++) (await raw('/elsewhere', 'Upgrade: websocket\r\n')).resetAndDestroy()
    await new Promise(resolve => setTimeout(resolve, 200))
    expect((await gateway.query('{ __typename }')).data).toEqual({ __typename: 'Query' })
  })

  it('by offering HTTP/2, as Java does, is answered in HTTP/1.1', async () => {
    const headers = 'Upgrade: h2c\r\nContent-Type: application/json\r\n'
    const socket = await raw('/graphql', headers, '{"query":"{ __typename }"}')
    const [answer] = await once(socket, 'data')
    expect(String(answer)).toContain('HTTP/1.1 200')
    socket.destroy()
  })
})

describe('a WebSocket', () => {
  it('takes credentials from the upgrade as well', async () => {
    const room = open(1)
    const stream = byWebSocket(EVENTS, { id: room.id }, basic('part'), true)
    await until(() => events(stream).length === 1, 'the stream begins')
    stream.stop()
  })

  it('answers queries too, with errors that are masked and can be followed', async () => {
    const stream = byWebSocket('{ viewer { sid } missing: conference(sid: "CF1") { sid } }')
    await until(stream.isOver, 'the answer comes')
    expect(JSON.stringify([stream.results, stream.error()])).toContain('BAD_USER_INPUT')
    gateway.sandbox.intercept(() => ({ status: 503 }))
    const failing = byWebSocket('{ viewer { sid } }')
    await until(failing.isOver, 'the answer comes')
    expect(failing.results[0]?.errors).toMatchObject([
      { extensions: { code: 'UPSTREAM_UNAVAILABLE', requestId: expect.any(String) } },
    ])
    expect(JSON.stringify(failing.results)).not.toContain('http')
  })
})

describe('@defer and @stream', () => {
  it('paint the list at once, and let what takes longer follow, its errors masked', async () => {
    const query = `{ conferences(first: 10) { nodes { sid ... @defer { participants { totalCount } } } } }`
    gateway.sandbox.intercept(async ({ path }) => {
      if (!path.includes('Participants')) return undefined
      await new Promise(resolve => setTimeout(resolve, 150))
      return path.includes(open().sid) ? undefined : { status: 200, body: '<html>' }
    })
    const response = await fetch(gateway.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'multipart/mixed', authorization: basic('part') },
      body: JSON.stringify({ query }),
    })
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
    const started = performance.now()
    let first = ''
    let rest = ''
    let firstAfter = 0
    for (;;) {
      const { done, value } = (await reader?.read()) ?? { done: true, value: '' }
      if (done) break
      if (first.includes('"nodes"')) rest += value
      else {
        first += value
        firstAfter = performance.now() - started
      }
    }
    expect(first).toContain('"nodes"')
    expect(first).not.toContain('totalCount')
    expect(firstAfter).toBeLessThan(140)
    expect(rest).toContain('totalCount')
    expect(rest).toContain('UPSTREAM_MALFORMED')
    expect(rest).not.toContain('<html>')
  })

  it('stream a list row by row', async () => {
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
