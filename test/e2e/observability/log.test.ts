import { type Logger, pino } from 'pino'
import { afterEach, describe, expect, it } from 'vitest'
import { loggerOptions } from '../../../src/observability/logger.ts'
import type { ConfigOverrides } from '../../support/config.ts'
import { accountOf, basic, conferenceOf, startGateway, type TestGateway } from '../../support/gateway.ts'

// biome-ignore lint/suspicious/noExplicitAny: tests check the fields of a log line.
type Line = any

let gateway: TestGateway | null = null
afterEach(async () => {
  await gateway?.close()
  gateway = null
})

const start = async (env: Record<string, string> = {}, config: ConfigOverrides = {}): Promise<TestGateway> => {
  gateway = await startGateway({ env, config })
  return gateway
}
const lines = ({ logged }: TestGateway, msg?: string): Line[] =>
  logged.map(text => JSON.parse(text)).filter(line => msg === undefined || line.msg === msg)

const sid = conferenceOf('conf1/000')
const SECRET = 'QWxhZGRpbjpvcGVuIHNlc2FtZQ=='

describe('operation log', () => {
  it('an operation logs one debug line with name, type, outcome, duration and number of upstream requests', async () => {
    const testGateway = await start({ LOG_LEVEL: 'debug' })
    await testGateway.query(`query Mine { viewer { sid } conference(sid: "${sid}") { sid } }`, {
      as: 'conf1',
      headers: { 'x-request-id': 'mine-1' },
    })
    expect(lines(testGateway, 'operation')).toEqual([
      expect.objectContaining({
        level: 20,
        requestId: 'mine-1',
        operation: 'Mine',
        type: 'query',
        outcome: 'ok',
        milliseconds: expect.any(Number),
        upstreamRequests: testGateway.sandbox.requests.length,
      }),
    ])
    expect(lines(testGateway, 'upstream request')).toEqual([])
  })

  it('the operation log line lists the error codes, even of operations rejected before execution', async () => {
    const testGateway = await start({ LOG_LEVEL: 'debug' })
    await testGateway.query('query Bad { nope }')
    await testGateway.query(`query Half { conferences(after: "x") { totalCount } viewer { sid } }`)
    expect(lines(testGateway, 'operation').map(({ type, outcome, codes }) => [type, outcome, codes])).toEqual([
      ['unknown', 'refused', ['GRAPHQL_VALIDATION_FAILED']],
      ['query', 'partial', ['BAD_USER_INPUT']],
    ])
  })

  it('LOG_LEVEL=info logs slow operations only', async () => {
    const testGateway = await start({ LOG_LEVEL: 'info' }, { log: { slowOperationMs: 150 } })
    await testGateway.query('query Quick { __typename }')
    testGateway.sandbox.intercept(() => new Promise(resolve => setTimeout(resolve, 200, undefined)))
    await testGateway.query('query Slow { viewer { sid } }')
    expect(lines(testGateway)).toEqual([
      expect.objectContaining({
        level: 40,
        msg: 'slow operation',
        operation: 'Slow',
        outcome: 'ok',
        upstreamRequests: 1,
      }),
    ])
    expect(lines(testGateway)[0].milliseconds).toBeGreaterThanOrEqual(150)
  })
})

describe('upstream request log', () => {
  it('an upstream request logs one trace line with the request id sent to Restcomm', async () => {
    const testGateway = await start()
    const ids: unknown[] = []
    testGateway.sandbox.intercept(({ headers }) => {
      ids.push(headers['x-request-id'])
      return undefined
    })
    await testGateway.query('{ viewer { sid } conferences(first: 1) { totalCount } }', {
      headers: { 'x-request-id': 'mine-2' },
    })
    const requests = lines(testGateway, 'upstream request')
    expect(ids).toEqual(['mine-2', 'mine-2'])
    expect(requests.map(({ level, requestId, resource }) => `${level} ${requestId} ${resource}`).toSorted()).toEqual([
      '10 mine-2 account',
      '10 mine-2 conferences',
    ])
    for (const line of requests) {
      expect(line).toMatchObject({
        'http.request.method': 'GET',
        'http.response.status_code': 200,
        milliseconds: expect.any(Number),
      })
    }
  })

  it('a failed upstream request logs its error without the credentials of the request', async () => {
    const testGateway = await start()
    testGateway.sandbox.intercept(() => 'reset')
    await testGateway.query('{ viewer { sid } }', { as: 'conf1' })
    const [line] = lines(testGateway, 'upstream request')
    expect(line.err).toMatchObject({ type: 'RestcommError', failure: 'unavailable' })
    expect(line.err.cause).toMatchObject({ type: expect.any(String), code: expect.any(String) })
    for (const secret of [basic('conf1').slice(6), accountOf('conf1').password]) {
      expect(testGateway.logged.join('')).not.toContain(secret)
    }
  })
})

describe('log redaction', () => {
  const logged = (log: (logger: Logger) => void): string => {
    const written: string[] = []
    log(pino(loggerOptions('trace'), { write: line => written.push(line) }))
    return written.join('')
  }
  const request = { headers: { authorization: `Basic ${SECRET}` }, authorization: `Basic ${SECRET}` }
  const errorWithRequest = (message = 'it failed') =>
    Object.assign(new Error(message), { request, headers: request.headers, options: { opts: request } })

  it.each([
    ['on an error', { err: errorWithRequest() }],
    ['on the cause of an error', { err: new Error('outer', { cause: errorWithRequest() }) }],
    ['on a cause by itself', { cause: errorWithRequest() }],
    [
      'on one error of an AggregateError',
      { err: new AggregateError([errorWithRequest(), errorWithRequest()], 'all failed') },
    ],
    ['in the message of an error', { err: errorWithRequest(`sent authorization: Basic ${SECRET}`) }],
    ['in the message of a cause', { err: new Error('outer', { cause: errorWithRequest(`Bearer ${SECRET}`) }) }],
    ['in a string field', { note: `Authorization: Basic ${SECRET}` }],
    ['deep in an object', { a: { b: { c: { d: `basic ${SECRET}` } } } }],
    ['as a header', { headers: request.headers, req: request }],
    ['on a thrown object that is not an Error', { err: { request } }],
  ])('the log redacts credentials %s', (_where, what) => {
    const text = logged(log => log.error(what, 'something happened'))
    expect(text).not.toContain(SECRET)
    expect(JSON.parse(text)).toMatchObject({ level: 50, msg: 'something happened' })
  })

  it('a logged error has type, message, stack and cause', () => {
    const cause = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
    const line = JSON.parse(logged(log => log.error({ err: new TypeError('outer', { cause }) }, 'it')))
    expect(line.err).toMatchObject({
      type: 'TypeError',
      message: 'outer',
      stack: expect.stringContaining('log.test.ts'),
      cause: { type: 'Error', code: 'ECONNREFUSED', message: 'connect ECONNREFUSED' },
    })
  })

  it('a logged error which is its own cause is cut off', () => {
    const error = new Error('round')
    error.cause = error
    expect(JSON.parse(logged(log => log.error({ err: error }, 'it'))).err.cause.message).toBe('round')
  })

  it('the log keeps prose about credentials unchanged', () => {
    const sentence = 'send `Authorization: Basic` or basic authentication, or a bearer token'
    expect(JSON.parse(logged(log => log.info(sentence))).msg).toBe(sentence)
  })

  it('the log contains no query texts, variables or credentials', async () => {
    const testGateway = await start()
    await testGateway.query(
      'query Find($name: String) { conferences(filter: { friendlyName: $name }) { totalCount } }',
      {
        as: 'conf1',
        variables: { name: '%in-a-variable%' },
      },
    )
    await testGateway.query('{ conferences(filter: { friendlyName: "%in-a-text%" }) { totalCount } }', { as: 'conf1' })
    await testGateway.query('query ($sid: ConferenceSid!) { conference(sid: $sid) { sid } }', {
      as: 'conf1',
      variables: { sid: 'an-invalid-variable' },
    })
    await testGateway.query('{ node(id: "an-invalid-id") { id } }', { as: 'conf1' })
    await testGateway.query('{ viewer { sid } } an-invalid-text', { as: 'conf1' })
    await testGateway.query('{ viewer { sid } }', {
      as: { user: accountOf('conf1').sid, password: 'a-wrong-password' },
    })
    expect(lines(testGateway, 'request error').map(({ code }) => code)).toEqual(
      expect.arrayContaining(['BAD_USER_INPUT', 'GRAPHQL_PARSE_FAILED']),
    )
    const text = testGateway.logged.join('')
    expect(text).toContain('Find')
    const clientValues = ['in-a-variable', 'in-a-text', 'an-invalid-', 'a-wrong-password', basic('conf1').slice(6)]
    for (const secret of clientValues) {
      expect(text).not.toContain(secret)
    }
  })
})
