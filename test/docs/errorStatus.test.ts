import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { documentedCodes } from '../support/documentedCodes.ts'
import { basic, conferenceOf, startGateway, type TestGateway } from '../support/gateway.ts'

const ACCEPT_HEADERS = [
  'application/json',
  'application/graphql-response+json',
  'multipart/mixed',
  'text/event-stream',
] as const

const PAGE = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8')
/** Rows of the table "error × Accept" in docs/errors.md: the first cell, then the statuses in the order of the headers. */
const STATUS_ROWS = PAGE.split('\n')
  .map(line => line.split('|').slice(1, -1))
  .filter(cells => cells.length === ACCEPT_HEADERS.length + 1)
  .map(([error = '', ...cells]) => ({ error, statuses: cells.map(cell => (cell.match(/\d{3}/g) ?? []).map(Number)) }))

/** `situation` selects a row if several rows have the same code. */
function documentedStatuses(code: string, situation: string): readonly (readonly number[])[] {
  const rows = STATUS_ROWS.filter(({ error }) => error.includes(`\`${code}\``) && error.includes(situation))
  expect(rows.map(({ error }) => error)).toHaveLength(1)
  return rows[0]?.statuses ?? []
}

let gateway: TestGateway
let shortTimeoutGateway: TestGateway
let strictGateway: TestGateway
beforeAll(async () => {
  gateway = await startGateway()
  shortTimeoutGateway = await startGateway({
    env: { RESTCOMM_TIMEOUT_MS: '100' },
  })
  strictGateway = await startGateway({
    env: { RATE_LIMIT_COST: '154', RATE_LIMIT_WINDOW_MS: '3600000', LIVE_MAX_WATCHES: '0', INTROSPECTION: 'false' },
  })
})
afterAll(async () => {
  await gateway.close()
  await shortTimeoutGateway.close()
  await strictGateway.close()
})

interface Case {
  readonly code: string
  readonly situation?: string
  readonly body: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly isStrict?: boolean
  readonly upstream?: 'hang' | { readonly status: number }
  readonly accept?: readonly string[]
}

const VIEWER = { query: '{ viewer { sid } }' }

const CASES: readonly Case[] = [
  { code: 'GRAPHQL_PARSE_FAILED', body: { query: '{' } },
  { code: 'GRAPHQL_VALIDATION_FAILED', body: { query: '{ nothing }' } },
  {
    code: 'QUERY_TOO_COSTLY',
    body: {
      query:
        '{ conferences(first: 500) { nodes { participants(first: 500) { nodes { call { sid } } } } } viewer { conferences(first: 500) { nodes { participants(first: 500) { totalCount nodes { muted } } } } } }',
    },
  },
  { code: 'TOO_MANY_IDS', body: { query: `{ nodes(ids: [${'"x" '.repeat(2001)}]) { id } }` } },
  { code: 'PERSISTED_QUERY_NOT_SUPPORTED', body: { extensions: { persistedQuery: { sha256Hash: 'x' } } } },
  {
    code: 'BAD_USER_INPUT',
    situation: 'errors of fields',
    body: { query: '{ conferences(first: -1) { totalCount } }' },
  },
  {
    code: 'BAD_USER_INPUT',
    situation: 'variables',
    body: { query: 'query ($n: Int!) { conferences(first: $n) { totalCount } }', variables: { n: 'x' } },
  },
  { code: 'OPERATION_RESOLUTION_FAILURE', body: { query: 'query A { __typename } query B { __typename }' } },
  { code: 'BAD_REQUEST', body: {} },
  {
    code: 'UNAUTHENTICATED',
    situation: 'missing or invalid credentials',
    body: VIEWER,
    headers: { authorization: '' },
  },
  {
    code: 'UNAUTHENTICATED',
    situation: 'Restcomm rejects the credentials',
    body: VIEWER,
    headers: { authorization: `Basic ${btoa(`AC${'0'.repeat(32)}:wrong`)}` },
  },
  { code: 'UPSTREAM_UNAVAILABLE', body: VIEWER, upstream: { status: 502 } },
  { code: 'UPSTREAM_TIMEOUT', body: VIEWER, upstream: 'hang' },
  { code: 'CROSS_ORIGIN', body: VIEWER, headers: { origin: 'https://elsewhere.example' } },
  { code: 'UNSUPPORTED_MEDIA_TYPE', body: VIEWER, headers: { 'content-type': 'text/plain' } },
  { code: 'BODY_TOO_LARGE', body: { ...VIEWER, extensions: { padding: 'x'.repeat(1_100_000) } } },
  { code: 'INTROSPECTION_DISABLED', body: { query: '{ __schema { types { name } } }' }, isStrict: true },
  {
    code: 'TOO_MANY_WATCHES',
    body: { query: 'subscription { accountEvents { __typename } }' },
    isStrict: true,
    accept: ['text/event-stream'],
  },
  { code: 'RATE_LIMITED', body: { query: '{ __typename }' }, isStrict: true },
]

const TITLED_CASES = CASES.map(test => [test.situation ? `${test.code} (${test.situation})` : test.code, test] as const)

it.each(TITLED_CASES)(
  'the error code %s has the documented HTTP status for each Accept header',
  async (_title, test) => {
    const { code, situation = '', body, headers, isStrict = false, upstream, accept = ACCEPT_HEADERS } = test
    const { url, sandbox } = isStrict ? strictGateway : upstream === 'hang' ? shortTimeoutGateway : gateway
    sandbox.intercept(() => upstream)
    const documented = documentedStatuses(code, situation)
    expect(documentedCodes().has(code)).toBe(true)
    for (const [index, header] of ACCEPT_HEADERS.entries()) {
      if (!accept.includes(header)) continue
      const { authorization = basic('conf1'), ...others } = headers ?? {}
      const response = await fetch(url, {
        method: 'POST',
        headers: {
          accept: header,
          'content-type': 'application/json',
          ...(authorization !== '' && { authorization }),
          ...others,
        },
        body: JSON.stringify(body),
      })
      expect([header, await response.text()]).toEqual([header, expect.stringContaining(`"code":"${code}"`)])
      expect([header, documented[index]]).toEqual([header, expect.arrayContaining([response.status])])
    }
  },
)

it('docs/errors.md has every error code in the table of statuses', () => {
  const missing = [...documentedCodes().keys()].filter(
    code => !STATUS_ROWS.some(({ error }) => error.includes(`\`${code}\``)),
  )
  expect(missing).toEqual([])
})

it('the first example of docs/errors.md has the data and the path of a response with a failed list', async () => {
  const example = JSON.parse(/```json\n(.*?)```/s.exec(PAGE)?.[1] ?? '')
  gateway.sandbox.intercept(({ path }) => (path.includes('/Participants') ? { status: 502 } : undefined))
  const { data, errors } = await gateway.query(
    `{ conference(sid: "${conferenceOf('part5')}") { participants { totalCount } } }`,
    { as: 'part' },
  )
  expect(data).toEqual(example.data)
  expect(errors?.map(({ path }) => path)).toEqual([example.errors[0].path])
})
