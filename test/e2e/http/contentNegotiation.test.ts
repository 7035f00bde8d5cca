import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { accountOf, basic, conferenceOf, startGateway, type TestGateway } from '../../support/gateway.ts'
import { nodeIdOf } from '../../support/nodeId.ts'

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startGateway({ env: { LIVE_POLL_INTERVAL_MS: '20' } })
})
afterAll(() => gateway.close())

const send = (query: string, accept: string, method = 'POST') => {
  const headers = { accept, authorization: basic('conf1'), 'content-type': 'application/json' }
  return method === 'GET'
    ? fetch(`${gateway.url}?query=${encodeURIComponent(query)}`, { headers })
    : fetch(gateway.url, { method, headers, body: JSON.stringify({ query }) })
}

const watchStats = async () => {
  const text = await (await fetch(`${gateway.adminUrl}/metrics`)).text()
  const gauge = (name: string) => Number(new RegExp(`^restcomm_graphql_${name} (\\d+)$`, 'm').exec(text)?.[1])
  return { watches: gauge('watches'), subscribers: gauge('subscribers') }
}

const ID = nodeIdOf('Conference', accountOf('conf1').sid, conferenceOf('conf1/000'))

it.each([
  'application/json',
  'application/graphql-response+json',
  'application/json, application/graphql-response+json;q=0.9',
])('a subscription with `Accept: %s` is NOT_ACCEPTABLE and starts no watch', async accept => {
  gateway.takeUpstreamRequests()
  for (const query of [
    'subscription { accountEvents { __typename } }',
    `subscription { conferenceEvents(conferenceId: "${ID}") { __typename } }`,
  ]) {
    const response = await send(query, accept)
    expect(response.status).toBe(406)
    expect((await response.json()).errors).toEqual([
      expect.objectContaining({
        message: expect.stringContaining('text/event-stream'),
        extensions: { code: 'NOT_ACCEPTABLE', requestId: response.headers.get('x-request-id') },
      }),
    ])
  }
  expect(await watchStats()).toEqual({ watches: 0, subscribers: 0 })
  expect(gateway.takeUpstreamRequests()).toEqual([])
})

it.each(['image/png', 'text/withoutDefer', 'application/json; charset=latin1', 'application/xml'])(
  'a request with `Accept: %s` is NOT_ACCEPTABLE and is not executed',
  async accept => {
    gateway.takeUpstreamRequests()
    for (const [query, method] of [
      ['{ viewer { sid } }', 'POST'],
      ['{ viewer { sid } }', 'GET'],
      [`mutation { endConference(input: { conferenceId: "${ID}" }) { userErrors { code } } }`, 'POST'],
    ] as const) {
      const response = await send(query, accept, method)
      expect([response.status, (await response.json()).errors[0].extensions.code]).toEqual([406, 'NOT_ACCEPTABLE'])
    }
    expect(gateway.takeUpstreamRequests()).toEqual([])
  },
)

it.each(['application/json', 'application/graphql-response+json'])(
  '`Accept: %s` without incremental types ignores @defer and @stream',
  async accept => {
    const withoutDefer = await send('{ viewer { sid friendlyName } conferences { nodes { sid } } }', accept)
    const deferred = await send(
      '{ viewer { sid ... @defer { friendlyName } } conferences { nodes @stream(initialCount: 0) { sid } } }',
      accept,
    )
    expect(deferred.status).toBe(200)
    expect(deferred.headers.get('content-type')).toBe(`${accept}; charset=utf-8`)
    const { data, ...rest } = await deferred.json()
    expect(data.viewer.friendlyName).toEqual(expect.any(String))
    expect({ data, ...rest }).toEqual(await withoutDefer.json())
  },
)

it.each(['@ defer', '@,defer', '@# a comment\ndefer'])('the spelling %j of @defer is recognized', async spelling => {
  for (const accept of ['application/json', 'multipart/mixed, application/json']) {
    const response = await send(`{ viewer { sid ... ${spelling} { friendlyName } } }`, accept)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toMatch(accept.split(',')[0] ?? '')
    expect(await response.text()).toContain('friendlyName')
  }
})

describe('quality values in Accept', () => {
  const JSON_TYPE = 'application/json; charset=utf-8'
  const GRAPHQL = 'application/graphql-response+json; charset=utf-8'
  const MULTIPART = 'multipart/mixed; boundary="-"'
  const EVENTS = 'text/event-stream'

  it.each([
    ['application/json;q=0.1, application/graphql-response+json', GRAPHQL],
    ['application/graphql-response+json;q=0.1, application/json', JSON_TYPE],
    ['application/json; Q=0.5, application/graphql-response+json; q=0.55', GRAPHQL],
    ['application/json;q=0.5, application/graphql-response+json;q=0.5', JSON_TYPE],
    ['application/graphql-response+json;q=0.5, application/json;q=0.5', GRAPHQL],
    ['application/*;q=0.5, application/graphql-response+json', GRAPHQL],
    ['application/graphql-response+json;q=0.2, */*;q=0.3', JSON_TYPE],
    ['application/json;q=0.2, application/*;q=0.3, */*;q=0.1', GRAPHQL],
    ['application/json;q=0, */*', GRAPHQL],
    ['*/*, application/json; q=0.000', GRAPHQL],
    ['application/json;charset=latin1, application/graphql-response+json;q=0.1', GRAPHQL],
    ['text/html, application/xml;q=0.9, */*;q=0.8', JSON_TYPE],
    ['application/json;q=high', JSON_TYPE],
    ['application/json;q=1.000', JSON_TYPE],
  ])('`Accept: %s` selects %s, on the fast path and in Yoga', async (accept, type) => {
    for (const query of ['{ __typename }', '{ __typename } # @defer']) {
      const response = await send(query, accept)
      expect([response.headers.get('content-type'), await response.json()]).toEqual([
        type,
        { data: { __typename: 'Query' } },
      ])
    }
  })

  it.each([
    'application/json;q=0',
    '*/*;q=0',
    'application/*;q=0.0, text/html',
    'application/json;q=0, text/html;q=0.5',
  ])('`Accept: %s` with quality 0 is NOT_ACCEPTABLE and is not executed', async accept => {
    gateway.takeUpstreamRequests()
    for (const query of ['{ viewer { sid } }', '{ viewer { sid } } # @defer']) {
      const response = await send(query, accept)
      expect([response.status, (await response.json()).errors[0].extensions.code]).toEqual([406, 'NOT_ACCEPTABLE'])
    }
    expect(gateway.takeUpstreamRequests()).toEqual([])
  })

  it.each([
    ['application/json, text/event-stream;q=0', JSON_TYPE],
    ['*/*, text/event-stream;q=0, multipart/*;q=0', JSON_TYPE],
    ['multipart/mixed;q=0, */*', EVENTS],
    ['text/event-stream, multipart/mixed;q=0.5', EVENTS],
    ['text/event-stream;q=0.5, multipart/mixed', MULTIPART],
    ['application/json, multipart/mixed;q=0.5', MULTIPART],
  ])('`Accept: %s` selects %s for incremental delivery', async (accept, type) => {
    const response = await send('{ viewer { sid ... @defer { friendlyName } } }', accept)
    expect([response.status, response.headers.get('content-type')]).toEqual([200, type])
    expect(await response.text()).toContain('friendlyName')
  })

  it('quality 0 for text/event-stream makes a subscription NOT_ACCEPTABLE', async () => {
    const response = await send('subscription { accountEvents { __typename } }', '*/*, text/event-stream;q=0')
    expect([response.status, (await response.json()).errors[0].extensions.code]).toEqual([406, 'NOT_ACCEPTABLE'])
  })
})
