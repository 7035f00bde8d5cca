import { type Logger, pino } from 'pino'
import { afterEach, describe, expect, it } from 'vitest'
import { logOptions } from '../../../src/observability/logger.ts'
import { accountOf, basic, conferenceOf, startGateway, type TestGateway } from '../../support/gateway.ts'

// biome-ignore lint/suspicious/noExplicitAny: a line has whatever was logged, and a test says what that is.
type Line = any

let gateway: TestGateway | null = null
afterEach(async () => {
  await gateway?.close()
  gateway = null
})

const start = async (env: Record<string, string> = {}): Promise<TestGateway> => {
  gateway = await startGateway({ env })
  return gateway
}
const lines = ({ logged }: TestGateway, msg?: string): Line[] =>
  logged.map(text => JSON.parse(text)).filter(line => msg === undefined || line.msg === msg)

const sid = conferenceOf('conf1/000')
const SECRET = 'QWxhZGRpbjpvcGVuIHNlc2FtZQ=='

describe('an operation', () => {
  it('has one line at debug: what it was, how it ended, how long it took, what it cost upstream', async () => {
    const one = await start({ LOG_LEVEL: 'debug' })
    await one.query(`query Mine { viewer { sid } conference(sid: "${sid}") { sid } }`, {
      as: 'conf1',
      headers: { 'x-request-id': 'mine-1' },
    })
    expect(lines(one, 'operation')).toEqual([
      expect.objectContaining({
        level: 20,
        requestId: 'mine-1',
        operation: 'Mine',
        type: 'query',
        outcome: 'ok',
        milliseconds: expect.any(Number),
        upstreamRequests: one.sandbox.requests.length,
      }),
    ])
    expect(lines(one, 'upstream request')).toEqual([])
  })

  it('has the codes of what went wrong in it, also where it was refused before it began', async () => {
    const one = await start({ LOG_LEVEL: 'debug' })
    await one.query('query Bad { nope }')
    await one.query(`query Half { conferences(after: "x") { totalCount } viewer { sid } }`)
    expect(lines(one, 'operation').map(({ type, outcome, codes }) => [type, outcome, codes])).toEqual([
      ['unknown', 'refused', ['GRAPHQL_VALIDATION_FAILED']],
      ['query', 'refused', ['BAD_USER_INPUT']],
    ])
  })

  it('has no line at info, unless it is slow', async () => {
    const one = await start({ LOG_LEVEL: 'info', SLOW_OPERATION_MS: '150' })
    await one.query('query Quick { __typename }')
    one.sandbox.intercept(() => new Promise(resolve => setTimeout(resolve, 200, undefined)))
    await one.query('query Slow { viewer { sid } }')
    expect(lines(one)).toEqual([
      expect.objectContaining({
        level: 40,
        msg: 'slow operation (SLOW_OPERATION_MS)',
        operation: 'Slow',
        outcome: 'ok',
        upstreamRequests: 1,
      }),
    ])
    expect(lines(one)[0].milliseconds).toBeGreaterThanOrEqual(150)
  })
})

describe('a request upstream', () => {
  it('has one line at trace, with the id that it carried', async () => {
    const one = await start()
    const ids: unknown[] = []
    one.sandbox.intercept(({ headers }) => {
      ids.push(headers['x-request-id'])
      return undefined
    })
    await one.query('{ viewer { sid } conferences(first: 1) { totalCount } }', {
      headers: { 'x-request-id': 'mine-2' },
    })
    const requests = lines(one, 'upstream request')
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

  it('that fails says so, and not with what it was sent', async () => {
    const one = await start()
    one.sandbox.intercept(() => 'reset')
    await one.query('{ viewer { sid } }', { as: 'conf1' })
    const [line] = lines(one, 'upstream request')
    expect(line.err).toMatchObject({ type: 'RestcommError', failure: 'unavailable' })
    expect(line.err.cause).toMatchObject({ type: expect.any(String), code: expect.any(String) })
    for (const secret of [basic('conf1').slice(6), accountOf('conf1').password]) {
      expect(one.logged.join('')).not.toContain(secret)
    }
  })
})

describe('what is logged', () => {
  const logged = (log: (logger: Logger) => void): string => {
    const written: string[] = []
    log(pino(logOptions('trace'), { write: line => written.push(line) }))
    return written.join('')
  }
  const request = { headers: { authorization: `Basic ${SECRET}` }, authorization: `Basic ${SECRET}` }
  const laden = (message = 'it failed') =>
    Object.assign(new Error(message), { request, headers: request.headers, options: { opts: request } })

  it.each([
    ['on an error', { err: laden() }],
    ['on the cause of an error', { err: new Error('outer', { cause: laden() }) }],
    ['on a cause by itself', { cause: laden() }],
    ['on one of several errors', { err: new AggregateError([laden(), laden()], 'all of them') }],
    ['in the message of an error', { err: laden(`sent authorization: Basic ${SECRET}`) }],
    ['in the message of a cause', { err: new Error('outer', { cause: laden(`Bearer ${SECRET}`) }) }],
    ['in a text', { note: `Authorization: Basic ${SECRET}` }],
    ['deep in an object', { a: { b: { c: { d: `basic ${SECRET}` } } } }],
    ['as a header', { headers: request.headers, req: request }],
    ['on something that is thrown and no error', { err: { request } }],
  ])('has no credentials that are %s', (_where, what) => {
    const text = logged(log => log.error(what, 'something happened'))
    expect(text).not.toContain(SECRET)
    expect(JSON.parse(text)).toMatchObject({ level: 50, msg: 'something happened' })
  })

  it('has of an error what it says, where it was made, and what it comes of', () => {
    const cause = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
    const line = JSON.parse(logged(log => log.error({ err: new TypeError('outer', { cause }) }, 'it')))
    expect(line.err).toMatchObject({
      type: 'TypeError',
      message: 'outer',
      stack: expect.stringContaining('log.test.ts'),
      cause: { type: 'Error', code: 'ECONNREFUSED', message: 'connect ECONNREFUSED' },
    })
  })

  it('ends with errors that are their own cause', () => {
    const error = new Error('round')
    error.cause = error
    expect(JSON.parse(logged(log => log.error({ err: error }, 'it'))).err.cause.message).toBe('round')
  })

  it('keeps sentences that only speak of credentials', () => {
    const sentence = 'send `Authorization: Basic` or basic authentication, or a bearer token'
    expect(JSON.parse(logged(log => log.info(sentence))).msg).toBe(sentence)
  })

  it('has neither texts of queries nor variables, credentials least of all', async () => {
    const one = await start()
    await one.query('query Find($name: String) { conferences(filter: { friendlyName: $name }) { totalCount } }', {
      as: 'conf1',
      variables: { name: '%in-a-variable%' },
    })
    await one.query('{ conferences(filter: { friendlyName: "%in-a-text%" }) { totalCount } }', { as: 'conf1' })
    await one.query('{ viewer { sid } }', { as: { user: accountOf('conf1').sid, password: 'a-wrong-password' } })
    const text = one.logged.join('')
    expect(text).toContain('Find')
    for (const secret of ['in-a-variable', 'in-a-text', 'a-wrong-password', basic('conf1').slice(6)]) {
      expect(text).not.toContain(secret)
    }
  })
})
