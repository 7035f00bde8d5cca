import { accountOf, basic, basicOf, conferenceOf } from '../../support/gateway.ts'
import { idOf } from '../../support/nodeId.ts'
import type { Dice } from '../../support/prng.ts'

/** Bytes for a connection, and whether they are HTTP to which an answer must come. */
export interface Attempt {
  readonly what: string
  readonly pieces: readonly Buffer[]
  readonly isWhole: boolean
}

const conf1 = conferenceOf('conf1/000')
const { sid: account } = accountOf('conf1')
const id = idOf('Conference', account, conf1)

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

const authorization = (dice: Dice): string =>
  dice.pick([
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

const deep = (dice: Dice): string => {
  const depth = 10 + dice.below(5_000)
  return dice.oneIn(2)
    ? `{ ${'viewer { conferences { nodes { account { '.repeat(depth >> 4)}sid`
    : `${'{ a '.repeat(depth)}${'}'.repeat(depth)}`
}

const query = (dice: Dice): unknown => {
  switch (dice.below(10)) {
    case 0:
      return dice.json()
    case 1:
      return deep(dice)
    case 2:
      return `{ ${Array.from({ length: 200 }, (_, i) => `a${i}: __typename`).join(' ')} }`
    case 3:
      return dice.bytes(1 + dice.below(200)).toString('latin1')
    case 4:
      return dice.pick(QUERIES)
    default:
      return dice.broken(dice.pick(QUERIES))
  }
}

const parameters = (dice: Dice): unknown => {
  const odd = (given: unknown): unknown => (dice.oneIn(3) ? dice.json() : given)
  const variables = dice.oneIn(2)
    ? VARIABLES
    : Object.fromEntries(Object.keys(VARIABLES).map(name => [name, dice.json()]))
  return {
    query: query(dice),
    ...(dice.oneIn(2) && { variables: odd(variables) }),
    ...(dice.oneIn(4) && { operationName: odd(dice.pick(['A', 'B', 'Q', '', 'nobody'])) }),
    ...(dice.oneIn(5) && {
      extensions: odd({ persistedQuery: { version: dice.json(), sha256Hash: dice.json() } }),
    }),
    ...(dice.oneIn(12) && { [dice.pick(['extra', '__proto__', 'id', ''])]: dice.json() }),
  }
}

const body = (dice: Dice): Buffer => {
  switch (dice.below(12)) {
    case 0:
      return Buffer.from(dice.broken(JSON.stringify(parameters(dice))))
    case 1:
      return Buffer.from(JSON.stringify(dice.json()))
    case 2:
      return Buffer.from(JSON.stringify(Array.from({ length: dice.below(4) }, () => parameters(dice))))
    case 3:
      return Buffer.concat([Buffer.from('{"query":"'), dice.bytes(30), Buffer.from('"}')])
    case 4:
      return Buffer.from(`${'['.repeat(1 + dice.below(20_000))}`)
    case 5:
      return dice.pick([Buffer.alloc(0), Buffer.from('\ufeff{}'), Buffer.from('{"query":"{__typename}"}', 'utf16le')])
    case 6:
      return Buffer.from(`{"query":"{ __typename }","variables":{"a":${'9'.repeat(1 + dice.below(400))}}}`)
    default:
      return Buffer.from(JSON.stringify(parameters(dice)))
  }
}

const inUrl = (dice: Dice): string => {
  const raw = (value: unknown) =>
    encodeURIComponent(
      typeof value === 'string' ? value.replace(/[\ud800-\udfff]/g, '') : (JSON.stringify(value) ?? ''),
    )
  const pairs = Object.entries(parameters(dice) as Record<string, unknown>).map(
    ([name, value]) => `${raw(name)}=${raw(value)}`,
  )
  const url = `/graphql?${pairs.join('&')}`.slice(0, 12_000)
  return dice.oneIn(6) ? `${url}%${dice.pick(['', 'zz', 'ff', 'c3%28'])}` : url
}

const acceptable = (text: string): string => text.replace(/[^\x20-\x7e]/g, '')

/** A request whose HTTP is right, to the graph, that may be wrong in any other way. */
export const graphqlAttempt = (dice: Dice): Attempt => {
  const isGet = dice.oneIn(4)
  const content = isGet ? Buffer.alloc(0) : body(dice)
  const head = [
    isGet
      ? `GET ${inUrl(dice)} HTTP/1.1`
      : `${dice.oneIn(20) ? dice.pick(['PUT', 'PATCH', 'DELETE', 'OPTIONS', 'QUERY']) : 'POST'} /graphql HTTP/1.1`,
    'Host: gateway.example.com',
    'Connection: close',
    `Accept: ${dice.pick(ACCEPTS)}`,
    ...(isGet ? [] : [`Content-Length: ${content.length}`]),
    ...(isGet && dice.oneIn(2)
      ? []
      : [`Content-Type: ${dice.oneIn(5) ? dice.pick(CONTENT_TYPES) : 'application/json'}`]),
    ...(dice.oneIn(5) ? [] : [`Authorization: ${authorization(dice)}`]),
    ...(dice.oneIn(8) ? [`x-request-id: ${acceptable(dice.broken('my-request'))}`] : []),
    ...(dice.oneIn(10)
      ? [`Origin: ${dice.pick(['null', 'https://evil.example.com', 'x', 'http://gateway.example.com'])}`]
      : []),
    ...(dice.oneIn(10) ? [`Content-Encoding: ${dice.pick(['gzip', 'br', 'identity', 'x'])}`] : []),
  ]
  const bytes = Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1'), content])
  return { what: bytes.subarray(0, 600).toString('latin1'), pieces: split(dice, bytes), isWhole: true }
}

/** The bytes in pieces that arrive one after the other, now and then. */
export const split = (dice: Dice, bytes: Buffer): readonly Buffer[] => {
  if (!dice.oneIn(6) || bytes.length < 4) return [bytes]
  const cuts = Array.from({ length: 1 + dice.below(4) }, () => dice.below(bytes.length)).toSorted((a, b) => a - b)
  return [...cuts, bytes.length]
    .map((cut, i, all) => bytes.subarray(all[i - 1] ?? 0, cut))
    .filter(({ length }) => length > 0)
}
