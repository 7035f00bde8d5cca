import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { isSingleResultRequest } from '../../../src/http/handler.ts'
import { accountOf, basic, conferenceOf, startGateway, type TestGateway } from '../../support/gateway.ts'

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startGateway()
})
beforeEach(() => gateway.sandbox.intercept(null))
afterAll(() => gateway.close())

const sid = conferenceOf('conf1/000')

interface TestRequest {
  readonly body: Readonly<Record<string, unknown>>
  readonly accept?: string
  readonly contentType?: string
  readonly authorization?: string | null
}

/** The response without headers that differ between equal requests. */
const responseTo = async ({
  body,
  accept,
  authorization = basic('conf1'),
  contentType = 'application/json',
}: TestRequest) => {
  const response = await fetch(gateway.url, {
    method: 'POST',
    headers: {
      'content-type': contentType,
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

/** A comment with `@defer` bypasses the fast path; `@DEFER` does not, and has the same length. */
const throughYoga = (request: TestRequest): TestRequest => withComment(request, '@defer')
const throughFastPath = (request: TestRequest): TestRequest => withComment(request, '@DEFER')
const withComment = (request: TestRequest, comment: string): TestRequest => ({
  ...request,
  body: { ...request.body, query: `${request.body.query}\n# ${comment}` },
})

const CONFERENCE = `{ conference(sid: "${sid}") { sid friendlyName } }`
const QUERIES: readonly (readonly [string, Readonly<Record<string, unknown>>])[] = [
  ['a response with data', { query: CONFERENCE }],
  ['variables', { query: 'query ($sid: ConferenceSid!) { conference(sid: $sid) { sid } }', variables: { sid } }],
  [
    'an invalid variable',
    { query: 'query ($sid: ConferenceSid!) { conference(sid: $sid) { sid } }', variables: { sid: 'x' } },
  ],
  ['a missing variable', { query: 'query ($sid: ConferenceSid!) { conference(sid: $sid) { sid } }' }],
  ['a named operation', { query: 'query A { __typename } query B { viewer { sid } }', operationName: 'B' }],
  ['an unknown operation name', { query: 'query A { __typename }', operationName: 'C' }],
  ['two operations without operationName', { query: 'query A { __typename } query B { __typename }' }],
  ['a syntax error', { query: '{ conference(' }],
  ['an unknown field', { query: '{ nothing }' }],
  ['an invalid argument', { query: '{ conference(sid: "x") { sid } }' }],
  ['a partial failure', { query: `{ viewer { sid } account(sid: "${accountOf('conf50').sid}") { sid } }` }],
  ['a failure of all fields', { query: '{ conferences(first: -1) { totalCount } }' }],
  ['a mutation', { query: 'mutation { endConference(input: { conferenceId: "x" }) { userErrors { code } } }' }],
  ['unknown extensions', { query: '{ __typename }', extensions: { anything: 1 } }],
  ['onError', { query: CONFERENCE, onError: 'NULL' }],
  ['introspection', { query: '{ __schema { queryType { name } } }' }],
  ['an empty query', { query: '' }],
  ['variables of a wrong type', { query: '{ __typename }', variables: 'x' }],
  ['an unknown parameter', { query: '{ __typename }', anything: 1 }],
  ['an operationName of a wrong type', { query: '{ __typename }', operationName: 7 }],
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

describe('fast path selection', () => {
  it.each([
    [{ query: '{ __typename }' }, true],
    [{ query: '{ __typename }', variables: null }, true],
    [{ query: 'subscription { accountEvents { __typename } }' }, false],
    [{ query: '{ ... @defer { __typename } }' }, false],
    [{ query: '{ ... @ defer { __typename } }' }, false],
    [{ query: '{ ... @,\n# text\nstream { __typename } }' }, false],
    [{ query: '', documentId: 'x' }, false],
    [{ extensions: { persistedQuery: {} } }, false],
    [[{ query: '{ __typename }' }], false],
    ['query', false],
    [null, false],
  ])('a POST of %j is a request with a single result: %j', (params, isSingleResult) => {
    expect(isSingleResultRequest(params)).toBe(isSingleResult)
  })
})

describe('fast path responses equal responses of Yoga', () => {
  for (const [what, body] of QUERIES) {
    it.each(ACCEPTS)(`fast path response with ${what} and \`Accept: %j\` equals the response of Yoga`, async accept => {
      const request = { body, ...(accept !== undefined && { accept }) }
      expect(await responseTo(throughFastPath(request))).toEqual(await responseTo(throughYoga(request)))
    })
  }

  it.each(['Application/JSON', 'application/json ; charset=utf-8', 'application/json;charset=UTF-8'])(
    'the fast path accepts the content type %s',
    async contentType => {
      const answers = await Promise.all([
        responseTo(throughFastPath({ body: { query: '{ __typename }' }, contentType })),
        responseTo(throughYoga({ body: { query: '{ __typename }' }, contentType })),
      ])
      for (const answer of answers)
        expect(answer).toMatchObject({ status: 200, body: { data: { __typename: 'Query' } } })
    },
  )

  it.each([
    ['no credentials', null],
    ['malformed credentials', 'Basic x'],
    ['wrong credentials', `Basic ${Buffer.from(`${accountOf('conf1').sid}:wrong`).toString('base64')}`],
  ])('the fast path response to a request with %s equals the response of Yoga', async (_what, authorization) => {
    for (const query of [CONFERENCE, '{ viewer { sid } }']) {
      for (const accept of ['application/json', 'application/graphql-response+json']) {
        const request = { body: { query }, accept, authorization }
        expect(await responseTo(throughFastPath(request))).toEqual(await responseTo(throughYoga(request)))
      }
    }
  })

  it('the fast path response to a Restcomm failure equals the response of Yoga', async () => {
    gateway.sandbox.intercept(() => ({ status: 404 }))
    for (const accept of ['application/json', 'application/graphql-response+json']) {
      const request = { body: { query: '{ viewer { sid } }' }, accept }
      expect(await responseTo(throughFastPath(request))).toEqual(await responseTo(throughYoga(request)))
    }
  })
})
