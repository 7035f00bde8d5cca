import { createClient } from 'graphql-ws'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { accountOf, basic, startGateway, type TestGateway } from '../../support/gateway.ts'
import { nodeIdOf } from '../../support/nodeId.ts'
import { queryByWebSocket } from '../../support/webSocket.ts'

const MAX_BYTES = 200_000
const account = accountOf('conf0').sid
const sid = (prefix: string, number: number) => `${prefix}${String(number).padStart(32, '0')}`
const FIELDS = 'id sid friendlyName status dateCreated dateUpdated uri account { sid }'
const LARGE = `{ conferences(first: 500) { nodes { ${FIELDS} ...A ...B ...C } } }
  fragment A on Conference { a1: uri a2: uri a3: uri a4: uri a5: uri a6: uri a7: uri a8: uri a9: uri }
  fragment B on Conference { b1: id b2: id b3: id b4: id b5: id b6: id b7: id b8: id b9: id }
  fragment C on Conference { name: friendlyName }`
const SMALL = '{ conferences(first: 2) { nodes { sid } } }'
const TOO_LARGE = {
  message:
    'The response is larger than the maximum of 200000 bytes (MAX_RESPONSE_BYTES): request smaller pages or fewer fields.',
  extensions: { code: 'RESPONSE_TOO_LARGE', requestId: expect.any(String) },
}

let limited: TestGateway
let unlimited: TestGateway
const addRows = ({ sandbox }: TestGateway) => {
  for (let number = 0; number < 500; number++) {
    const row = { sid: sid('CF', number), account_sid: account, friendly_name: `Räum "${number}" 😀` }
    sandbox.rows.addConference({ ...row, status: number === 0 ? 'RUNNING_MODERATOR_PRESENT' : 'COMPLETED' })
  }
}
beforeAll(async () => {
  limited = await startGateway({
    env: {
      MAX_RESPONSE_BYTES: String(MAX_BYTES),
      MAX_QUERY_COST: '1000000000',
      MAX_PAGE_SIZE: '500',
      LIVE_POLL_INTERVAL_MS: '20',
    },
  })
  unlimited = await startGateway({ env: { MAX_QUERY_COST: '1000000000', MAX_PAGE_SIZE: '500' } })
  addRows(limited)
  addRows(unlimited)
})
afterAll(async () => {
  await limited.close()
  await unlimited.close()
})

const send = async (gateway: TestGateway, query: string, accept = 'application/json') => {
  const response = await fetch(gateway.url, {
    method: 'POST',
    headers: { accept, 'content-type': 'application/json', authorization: basic('conf0') },
    body: JSON.stringify({ query }),
  })
  return { status: response.status, length: response.headers.get('content-length'), text: await response.text() }
}

describe('a response above MAX_RESPONSE_BYTES is replaced by an error', () => {
  it.each(['application/json', 'application/graphql-response+json'])(
    'a large response of the type %s is RESPONSE_TOO_LARGE with the status 200',
    async accept => {
      const { status, text } = await send(limited, LARGE, accept)
      expect([status, JSON.parse(text)]).toEqual([200, { data: null, errors: [TOO_LARGE] }])
      expect(JSON.parse((await send(limited, SMALL, accept)).text).data.conferences.nodes).toHaveLength(2)
    },
  )

  it('a large response through the HTTP layer of Yoga is RESPONSE_TOO_LARGE with the status 200', async () => {
    const url = `${limited.url}?query=${encodeURIComponent(LARGE)}`
    const response = await fetch(url, { headers: { authorization: basic('conf0') } })
    expect([response.status, await response.json()]).toEqual([200, { data: null, errors: [TOO_LARGE] }])
  })

  it('a large response over WebSocket is a result with RESPONSE_TOO_LARGE', async () => {
    expect(await queryByWebSocket(limited, { query: LARGE }, 'conf0')).toEqual({ data: null, errors: [TOO_LARGE] })
  })

  it('the metrics count the error, and the extensions of the response stay', async () => {
    const { errors, extensions } = JSON.parse(
      await (
        await fetch(limited.url, {
          method: 'POST',
          headers: { 'content-type': 'application/json', authorization: basic('conf0'), 'x-graphql-cost': 'true' },
          body: JSON.stringify({ query: LARGE }),
        })
      ).text(),
    )
    expect([errors, extensions]).toEqual([[TOO_LARGE], { cost: expect.anything() }])
    expect(await limited.metrics()).toMatch(/errors_total\{code="RESPONSE_TOO_LARGE"\} [1-9]/)
  })

  it.each(['multipart/mixed', 'text/event-stream'])('a large part of @defer with %s is an error', async accept => {
    const query = `{ viewer { sid } ... @defer { ${LARGE.slice(1).replace('}\n', '} }\n')}`
    const { status, text } = await send(limited, query, accept)
    expect(status).toBe(200)
    expect(text).toContain(`"viewer":{"sid":"${account}"}`)
    expect(text.match(/RESPONSE_TOO_LARGE/g)).toHaveLength(1)
    expect(text.length).toBeLessThan(2_000)
  })

  it('nothing follows a first part of @defer that is too large', async () => {
    const query = LARGE.replace('{', '{ viewer { sid ... @defer { friendlyName } }')
    for (const accept of ['multipart/mixed', 'text/event-stream']) {
      const { text } = await send(limited, query, accept)
      expect(text.match(/"(data|errors|incremental|hasNext)":/g)).toEqual(['"data":', '"errors":', '"hasNext":'])
      expect(text).toContain('"hasNext":false')
    }
  })
})

it('an event above MAX_RESPONSE_BYTES is an error, and the subscription continues', async () => {
  const aliases = Array.from({ length: 190 }, (_, number) => `a${number}: friendlyName`).join(' ')
  const { rows } = limited.sandbox
  const { sid: conference } = rows.addConference({
    account_sid: account,
    friendly_name: 'y'.repeat(2_000),
    status: 'RUNNING_MODERATOR_PRESENT',
  })
  const id = nodeIdOf('Conference', account, conference)
  const query = `subscription { conferenceEvents(conferenceId: "${id}") { __typename
    ... on ConferenceSnapshot { conference { ${aliases} } } } }`
  const client = createClient({
    url: limited.url.replace('http', 'ws'),
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    connectionParams: { authorization: basic('conf0') },
  })
  const events = client.iterate({ query })
  expect((await events.next()).value).toEqual({ data: null, errors: [TOO_LARGE] })
  rows.updateConference(conference, { status: 'COMPLETED' })
  expect((await events.next()).value).toEqual({ data: { conferenceEvents: { __typename: 'ConferenceStatusChanged' } } })
  await client.dispose()
})

describe('a large response below MAX_RESPONSE_BYTES is sent in full', () => {
  it('the response over HTTP, through Yoga and over WebSocket has the same data', async () => {
    const { status, length, text } = await send(unlimited, LARGE)
    expect([status, Number(length)]).toEqual([200, Buffer.byteLength(text)])
    expect(Buffer.byteLength(text)).toBeGreaterThan(MAX_BYTES)
    const { data } = JSON.parse(text)
    expect(text).toBe(JSON.stringify({ data }))
    expect(data.conferences.nodes).toHaveLength(500)
    expect(data.conferences.nodes[7].name).toBe('Räum "7" 😀')
    const byGet = await fetch(`${unlimited.url}?query=${encodeURIComponent(LARGE)}`, {
      headers: { authorization: basic('conf0') },
    })
    expect(await byGet.json()).toEqual({ data })
    expect(await queryByWebSocket(unlimited, { query: LARGE }, 'conf0')).toEqual({ data })
    const { text: parts } = await send(
      unlimited,
      LARGE.replace('{', '{ ... @defer { viewer { sid } }'),
      'multipart/mixed',
    )
    expect(parts).toContain(text.slice('{'.length, -'}'.length))
  })
})

it('a query of 135 bytes with two nested pages of 500 rows exceeds the default maximum', async () => {
  const query =
    '{ conferences(first: 500) { nodes { account { conferences(first: 500) { nodes { sid uri dateCreated } } } } } }'
  const { status, text } = await send(unlimited, query)
  const message = TOO_LARGE.message.replace('200000', '16777216')
  expect([status, JSON.parse(text)]).toEqual([200, { data: null, errors: [{ ...TOO_LARGE, message }] }])
})

it('an event with many more running conferences than the cost counts is RESPONSE_TOO_LARGE', async () => {
  const gateway = await startGateway({ env: { MAX_PAGE_SIZE: '500' } })
  onTestFinished(() => gateway.close())
  for (let number = 0; number < 600; number++) {
    gateway.sandbox.rows.addConference({ account_sid: account, status: 'RUNNING_MODERATOR_PRESENT' })
  }
  const query =
    'subscription { accountEvents { ... on AccountSnapshot { runningConferences { account { conferences(first: 450) { nodes { sid } } } } } } }'
  const client = createClient({
    url: gateway.url.replace('http', 'ws'),
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    connectionParams: { authorization: basic('conf0') },
  })
  const { value } = await client.iterate({ query }).next()
  const message = 'The lists of the response are too long: request smaller pages or fewer fields.'
  expect(value).toEqual({ data: null, errors: [{ ...TOO_LARGE, message }] })
  await client.dispose()
})
