import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { plainRequest } from '../../../src/http/fastPath.ts'
import { accountOf, basic, conferenceOf, startGateway, type TestGateway } from '../../support/gateway.ts'

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startGateway()
})
beforeEach(() => gateway.sandbox.intercept(null))
afterAll(() => gateway.close())

const sid = conferenceOf('conf1/000')

interface Asked {
  readonly body: Readonly<Record<string, unknown>>
  readonly accept?: string
  /** Of the body. */
  readonly type?: string
  readonly authorization?: string | null
}

/** All of an answer that does not differ from one request to the next. */
const ask = async ({ body, accept, authorization = basic('conf1'), type = 'application/json' }: Asked) => {
  const response = await fetch(gateway.url, {
    method: 'POST',
    headers: {
      'content-type': type,
      ...(accept !== undefined && { accept }),
      ...(authorization !== null && { authorization }),
    },
    body: JSON.stringify(body),
  })
  const text = (await response.text()).replaceAll(response.headers.get('x-request-id') ?? '-', 'ID')
  const headers = Object.fromEntries(
    [...response.headers].filter(
      ([name]) => !['date', 'x-request-id', 'content-length', 'transfer-encoding'].includes(name),
    ),
  )
  return { status: response.status, headers, body: text === '' ? null : JSON.parse(text) }
}

/** What could come in parts is Yoga's to answer: the one only looks as if it could, and the other is as long. */
const byYoga = (asked: Asked): Asked => withComment(asked, '@defer')
const plainly = (asked: Asked): Asked => withComment(asked, '@DEFER')
const withComment = (asked: Asked, comment: string): Asked => ({
  ...asked,
  body: { ...asked.body, query: `${asked.body.query}\n# ${comment}` },
})

const CONFERENCE = `{ conference(sid: "${sid}") { sid friendlyName } }`
const QUERIES: readonly (readonly [string, Readonly<Record<string, unknown>>])[] = [
  ['an answer', { query: CONFERENCE }],
  ['variables', { query: 'query ($sid: ConferenceSid!) { conference(sid: $sid) { sid } }', variables: { sid } }],
  [
    'a variable that is not valid',
    { query: 'query ($sid: ConferenceSid!) { conference(sid: $sid) { sid } }', variables: { sid: 'x' } },
  ],
  ['a variable that is missing', { query: 'query ($sid: ConferenceSid!) { conference(sid: $sid) { sid } }' }],
  ['an operation by its name', { query: 'query A { __typename } query B { viewer { sid } }', operationName: 'B' }],
  ['an operation that is not there', { query: 'query A { __typename }', operationName: 'C' }],
  ['a choice that was not made', { query: 'query A { __typename } query B { __typename }' }],
  ['nothing that is GraphQL', { query: '{ conference(' }],
  ['a field that is not there', { query: '{ nothing }' }],
  ['bad input', { query: '{ conference(sid: "x") { sid } }' }],
  ['a part that fails', { query: `{ viewer { sid } account(sid: "${accountOf('conf50').sid}") { sid } }` }],
  ['a whole that fails', { query: '{ conferences(first: -1) { totalCount } }' }],
  ['a mutation', { query: 'mutation { endConference(input: { conferenceId: "x" }) { userErrors { code } } }' }],
  ['an extension', { query: '{ __typename }', extensions: { anything: 1 } }],
  ['onError', { query: CONFERENCE, onError: 'NULL' }],
  ['the schema', { query: '{ __schema { queryType { name } } }' }],
  ['a query that is empty', { query: '' }],
  ['variables that are none', { query: '{ __typename }', variables: 'x' }],
  ['a parameter that nobody knows', { query: '{ __typename }', anything: 1 }],
  ['a name that is none', { query: '{ __typename }', operationName: 7 }],
]
const ACCEPTS = [
  undefined,
  '*/*',
  'application/json',
  'application/graphql-response+json',
  'application/graphql-response+json, application/json;q=0.9',
  'application/json, application/graphql-response+json',
  'application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed',
  'multipart/mixed;deferSpec=20220824, application/graphql-response+json, application/json',
  'application/*',
  'text/html, */*;q=0.1',
  'application/json; charset=utf-8',
  'text/plain',
]

describe('a POST', () => {
  it.each([
    [{ query: '{ __typename }' }, undefined, 'application/json'],
    [
      { query: '{ __typename }', variables: null },
      'application/graphql-response+json',
      'application/graphql-response+json',
    ],
    [{ query: '{ __typename }' }, 'text/event-stream, application/json;q=0.5', 'application/json'],
    [{ query: '{ __typename }' }, 'text/event-stream', null],
    [{ query: '{ __typename }' }, 'multipart/mixed', null],
    [{ query: '{ __typename }' }, 'application/json; charset=latin1', null],
    [{ query: 'subscription { conferencesChanged { id } }' }, '*/*', null],
    [{ query: '{ ... @defer { __typename } }' }, '*/*', null],
    [{ query: '{ ... @ defer { __typename } }' }, '*/*', null],
    [{ query: '{ ... @,\n# text\nstream { __typename } }' }, '*/*', null],
    [{ query: '', documentId: 'x' }, '*/*', null],
    [{ extensions: { persistedQuery: {} } }, '*/*', null],
    [[{ query: '{ __typename }' }], '*/*', null],
    ['query', '*/*', null],
    [null, '*/*', null],
  ])('of %j that accepts %j is a plain one of %j', (params, accept, mediaType) => {
    expect(plainRequest(params, accept)?.mediaType ?? null).toBe(mediaType)
  })
})

describe('a plain POST is answered as Yoga answers it', () => {
  for (const [what, body] of QUERIES) {
    it.each(ACCEPTS)(`with ${what}, where %j is accepted`, async accept => {
      const asked = { body, ...(accept !== undefined && { accept }) }
      expect(await ask(plainly(asked))).toEqual(await ask(byYoga(asked)))
    })
  }

  it.each(['Application/JSON', 'application/json ; charset=utf-8', 'application/json;charset=UTF-8'])(
    'as %s',
    async type => {
      const answers = await Promise.all([
        ask(plainly({ body: { query: '{ __typename }' }, type })),
        ask(byYoga({ body: { query: '{ __typename }' }, type })),
      ])
      for (const answer of answers)
        expect(answer).toMatchObject({ status: 200, body: { data: { __typename: 'Query' } } })
    },
  )

  it.each([
    ['no credentials', null],
    ['credentials that are none', 'Basic x'],
    ['wrong credentials', `Basic ${Buffer.from(`${accountOf('conf1').sid}:wrong`).toString('base64')}`],
  ])('with %s', async (_what, authorization) => {
    for (const query of [CONFERENCE, '{ viewer { sid } }']) {
      for (const accept of ['application/json', 'application/graphql-response+json']) {
        const asked = { body: { query }, accept, authorization }
        expect(await ask(plainly(asked))).toEqual(await ask(byYoga(asked)))
      }
    }
  })

  it('where Restcomm fails', async () => {
    gateway.sandbox.intercept(() => ({ status: 404 }))
    for (const accept of ['application/json', 'application/graphql-response+json']) {
      const asked = { body: { query: '{ viewer { sid } }' }, accept }
      expect(await ask(plainly(asked))).toEqual(await ask(byYoga(asked)))
    }
  })
})
