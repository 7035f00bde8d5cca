import { accountOf, basic, basicOf, conferenceOf } from '../../support/gateway.ts'
import { nodeIdOf } from '../../support/nodeId.ts'
import type { Prng } from '../../support/prng.ts'

export interface FuzzRequest {
  /** The first bytes, for the failure report. */
  readonly description: string
  /** Written one after the other. */
  readonly chunks: readonly Buffer[]
  /** True for valid HTTP requests, which the gateway must answer. */
  readonly expectsResponse: boolean
}

const conf1 = conferenceOf('conf1/000')
const { sid: account } = accountOf('conf1')
const id = nodeIdOf('Conference', account, conf1)

const QUERIES = [
  `{ viewer { sid friendlyName status dateCreated } }`,
  `{ conference(sid: "${conf1}") { sid status participants(first: 3) { nodes { callSid muted } } } }`,
  `query ($first: Int, $after: String) { conferences(first: $first, after: $after) { totalCount edges { cursor node { sid } } pageInfo { hasNextPage endCursor } } }`,
  `{ conferences(first: 2, filter: { status: COMPLETED, friendlyName: "Room%", createdOnOrAfter: "2019-01-01" }, orderBy: { field: DATE_CREATED, direction: DESC }) { nodes { sid } } }`,
  `query Q($ids: [ID!]!) { nodes(ids: $ids) { id __typename ... on Conference { sid } } }`,
  `{ node(id: "${id}") { id ...F } } fragment F on Conference { friendlyName account { sid } }`,
  `query ($r: [_Any!]!) { _entities(representations: $r) { __typename ... on Conference { status } } }`,
  `mutation ($id: ID!) { muteParticipant(input: { participantId: $id }) { participant { muted } userErrors { code } } }`,
  `mutation { endConference(input: { conferenceId: "nonsense" }) { hungUp { sid } userErrors { message } } }`,
  `{ __schema { types { name fields { name } } } }`,
  `{ __typename @include(if: true) @skip(if: false) }`,
  `query A { a: __typename } query B { b: __typename }`,
  `{ viewer { conferences(last: 1, before: "x") { nodes { calls(first: 1) { nodes { recordings { sid } } } } } } }`,
] as const

const VARIABLES: Readonly<Record<string, unknown>> = {
  first: 2,
  after: null,
  ids: [id],
  r: [{ __typename: 'Conference', id }],
  id,
}

const CONTENT_TYPES = [
  'text/plain',
  'application/graphql',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'multipart/form-data',
  'application/json; charset=utf-16',
  'application/json; charset="',
  'application/xml',
  'APPLICATION/JSON',
  'json',
  ';',
  'a'.repeat(2_000),
]

const ACCEPTS = [
  '*/*',
  'application/json',
  'application/graphql-response+json',
  'application/graphql-response+json; charset=utf-8, application/json; q=0.9',
  'text/event-stream',
  'multipart/mixed',
  'text/html',
  'image/png',
  ';;q=,',
]

const randomAuthorization = (prng: Prng): string =>
  prng.pick([
    basic('conf1'),
    basic('conf1'),
    basic('conf1'),
    basicOf(account, 'a wrong password'),
    'Basic',
    'Basic !!!!',
    `Basic ${Buffer.from('nocolon').toString('base64')}`,
    `Basic ${Buffer.from('::::').toString('base64')}`,
    `Basic ${Buffer.from([0xff, 0xfe, 0x3a, 0x00]).toString('base64')}`,
    `basic ${Buffer.from(`${account}:`).toString('base64')}`,
    'Bearer',
    'Bearer a.b.c',
    `Bearer ${'x'.repeat(4_000)}`,
    'Digest username="x"',
  ])

function deepQuery(prng: Prng): string {
  const depth = 10 + prng.integerBelow(5_000)
  return prng.oneIn(2)
    ? `{ ${'viewer { conferences { nodes { account { '.repeat(depth >> 4)}sid`
    : `${'{ a '.repeat(depth)}${'}'.repeat(depth)}`
}

function randomQuery(prng: Prng): unknown {
  switch (prng.integerBelow(10)) {
    case 0:
      return prng.json()
    case 1:
      return deepQuery(prng)
    case 2:
      return `{ ${Array.from({ length: 200 }, (_, i) => `a${i}: __typename`).join(' ')} }`
    case 3:
      return prng.bytes(1 + prng.integerBelow(200)).toString('latin1')
    case 4:
      return prng.pick(QUERIES)
    default:
      return prng.corruptText(prng.pick(QUERIES))
  }
}

function randomParameters(prng: Prng): unknown {
  const sometimesReplaced = (valid: unknown): unknown => (prng.oneIn(3) ? prng.json() : valid)
  const variables = prng.oneIn(2)
    ? VARIABLES
    : Object.fromEntries(Object.keys(VARIABLES).map(name => [name, prng.json()]))
  return {
    query: randomQuery(prng),
    ...(prng.oneIn(2) && { variables: sometimesReplaced(variables) }),
    ...(prng.oneIn(4) && { operationName: sometimesReplaced(prng.pick(['A', 'B', 'Q', '', 'nobody'])) }),
    ...(prng.oneIn(5) && {
      extensions: sometimesReplaced({ persistedQuery: { version: prng.json(), sha256Hash: prng.json() } }),
    }),
    ...(prng.oneIn(12) && { [prng.pick(['extra', '__proto__', 'id', ''])]: prng.json() }),
  }
}

function randomBody(prng: Prng): Buffer {
  switch (prng.integerBelow(12)) {
    case 0:
      return Buffer.from(prng.corruptText(JSON.stringify(randomParameters(prng))))
    case 1:
      return Buffer.from(JSON.stringify(prng.json()))
    case 2:
      return Buffer.from(JSON.stringify(Array.from({ length: prng.integerBelow(4) }, () => randomParameters(prng))))
    case 3:
      return Buffer.concat([Buffer.from('{"query":"'), prng.bytes(30), Buffer.from('"}')])
    case 4:
      return Buffer.from(`${'['.repeat(1 + prng.integerBelow(20_000))}`)
    case 5:
      return prng.pick([Buffer.alloc(0), Buffer.from('\ufeff{}'), Buffer.from('{"query":"{__typename}"}', 'utf16le')])
    case 6:
      return Buffer.from(`{"query":"{ __typename }","variables":{"a":${'9'.repeat(1 + prng.integerBelow(400))}}}`)
    default:
      return Buffer.from(JSON.stringify(randomParameters(prng)))
  }
}

function randomUrl(prng: Prng): string {
  const encode = (value: unknown) =>
    encodeURIComponent(
      typeof value === 'string' ? value.replace(/[\ud800-\udfff]/g, '') : (JSON.stringify(value) ?? ''),
    )
  const pairs = Object.entries(randomParameters(prng) as Record<string, unknown>).map(
    ([name, value]) => `${encode(name)}=${encode(value)}`,
  )
  const url = `/graphql?${pairs.join('&')}`.slice(0, 12_000)
  return prng.oneIn(6) ? `${url}%${prng.pick(['', 'zz', 'ff', 'c3%28'])}` : url
}

const printable = (text: string): string => text.replace(/[^\x20-\x7e]/g, '')

/** A valid HTTP request to `/graphql` with a random GraphQL request and random headers. */
export function graphqlRequest(prng: Prng): FuzzRequest {
  const isGet = prng.oneIn(4)
  const content = isGet ? Buffer.alloc(0) : randomBody(prng)
  const head = [
    isGet
      ? `GET ${randomUrl(prng)} HTTP/1.1`
      : `${prng.oneIn(20) ? prng.pick(['PUT', 'PATCH', 'DELETE', 'OPTIONS', 'QUERY']) : 'POST'} /graphql HTTP/1.1`,
    'Host: gateway.example.com',
    'Connection: close',
    `Accept: ${prng.pick(ACCEPTS)}`,
    ...(isGet ? [] : [`Content-Length: ${content.length}`]),
    ...(isGet && prng.oneIn(2)
      ? []
      : [`Content-Type: ${prng.oneIn(5) ? prng.pick(CONTENT_TYPES) : 'application/json'}`]),
    ...(prng.oneIn(5) ? [] : [`Authorization: ${randomAuthorization(prng)}`]),
    ...(prng.oneIn(8) ? [`x-request-id: ${printable(prng.corruptText('my-request'))}`] : []),
    ...(prng.oneIn(10)
      ? [`Origin: ${prng.pick(['null', 'https://evil.example.com', 'x', 'http://gateway.example.com'])}`]
      : []),
    ...(prng.oneIn(10) ? [`Content-Encoding: ${prng.pick(['gzip', 'br', 'identity', 'x'])}`] : []),
  ]
  const bytes = Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1'), content])
  return {
    description: bytes.subarray(0, 600).toString('latin1'),
    chunks: splitIntoChunks(prng, bytes),
    expectsResponse: true,
  }
}

/** Splits one request in six at random positions. */
export function splitIntoChunks(prng: Prng, bytes: Buffer): readonly Buffer[] {
  if (!prng.oneIn(6) || bytes.length < 4) return [bytes]
  const cuts = Array.from({ length: 1 + prng.integerBelow(4) }, () => prng.integerBelow(bytes.length)).toSorted(
    (a, b) => a - b,
  )
  return [...cuts, bytes.length]
    .map((cut, i, all) => bytes.subarray(all[i - 1] ?? 0, cut))
    .filter(({ length }) => length > 0)
}
