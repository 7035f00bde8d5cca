import { GraphQLError } from 'graphql'
import { describe, expect, it } from 'vitest'
import { asGraphQLError, type ClientErrorOptions, toClientError } from '../../src/errorMapping.ts'
import { RestcommError } from '../../src/restcomm/errors.ts'
import { userInputError } from '../../src/userInputError.ts'

const OPTIONS: ClientErrorOptions = {
  requestId: 'r1',
  hasData: false,
  suggestions: true,
  defaultCode: 'BAD_USER_INPUT',
}
const PATH = { path: ['conference'] }
const convert = (error: unknown, options: Partial<ClientErrorOptions> = {}) =>
  toClientError(asGraphQLError(error), { ...OPTIONS, ...options })
const located = (originalError: Error) => new GraphQLError(originalError.message, { ...PATH, originalError })

describe('toClientError', () => {
  it.each([
    ['an upstream failure', located(new RestcommError('timedOut', 'Slow.')), 'UPSTREAM_TIMEOUT', 'Slow.'],
    ['an error with a code', located(userInputError('BAD_USER_INPUT', 'Bad.')), 'BAD_USER_INPUT', 'Bad.'],
    ['an error of GraphQL.js', new GraphQLError('Variable.'), 'BAD_USER_INPUT', 'Variable.'],
    [
      'an unexpected error',
      located(new TypeError('secret')),
      'INTERNAL_SERVER_ERROR',
      'Something went wrong in the gateway.',
    ],
    ['a thrown string', 'secret', 'INTERNAL_SERVER_ERROR', 'Something went wrong in the gateway.'],
    ['a thrown null', null, 'INTERNAL_SERVER_ERROR', 'Something went wrong in the gateway.'],
  ])('the client error of %s has the code and the request id', (_title, error, code, message) => {
    expect(convert(error).toJSON()).toMatchObject({ message, extensions: { code, requestId: 'r1' } })
  })

  it('the client error keeps path and original error, and the response body omits HTTP status and parser error', () => {
    const cause = new RestcommError('overloaded', 'Full.', { retryAfterSeconds: 2 })
    const error = convert(located(cause))
    expect(error).toMatchObject({ path: ['conference'], originalError: cause })
    const extensions = { code: 'OVERLOADED', retryAfter: 2, requestId: 'r1' }
    expect(JSON.parse(JSON.stringify(error))).toEqual({ message: 'Full.', path: ['conference'], extensions })
    const parserError = new GraphQLError('Bad.', { extensions: { code: 'BAD_REQUEST', originalError: 'secret' } })
    expect(JSON.stringify(convert(parserError))).not.toContain('secret')
  })

  it.each([
    ['a failed field', located(new RestcommError('timedOut', '')), { hasData: true }, { headers: {} }],
    ['a failed field of a subscription', located(new RestcommError('timedOut', '')), {}, { headers: {} }],
    [
      'a subscription above a limit',
      new GraphQLError('', { ...PATH, extensions: { code: 'TOO_MANY_WATCHES' } }),
      {},
      { status: 429, spec: true, headers: {} },
    ],
    [
      'an upstream failure outside fields',
      new RestcommError('timedOut', ''),
      {},
      { status: 504, spec: false, headers: {} },
    ],
    ['a rejected query', userInputError('QUERY_TOO_DEEP', ''), {}, { status: 400, spec: true, headers: {} }],
    [
      'an unknown document id',
      userInputError('PERSISTED_QUERY_NOT_FOUND', ''),
      {},
      { status: 404, spec: false, headers: {} },
    ],
    ['a bad request', userInputError('BAD_REQUEST', ''), {}, { status: 400, headers: {} }],
    [
      'a method which is not allowed',
      userInputError('BAD_REQUEST', '', { http: { status: 405, spec: true, headers: { allow: 'POST' } } }),
      {},
      { status: 405, headers: { allow: 'POST' } },
    ],
    [
      'a status given by the executor',
      new GraphQLError('', { extensions: { http: { status: 400 } } }),
      {},
      { status: 400, headers: {} },
    ],
    [
      'an open circuit breaker',
      new RestcommError('unavailable', '', { retryAfterSeconds: 5 }),
      {},
      { status: 503, spec: false, headers: { 'retry-after': '5' } },
    ],
    [
      'an open circuit breaker during execution',
      located(new RestcommError('unavailable', '', { retryAfterSeconds: 5 })),
      { hasData: true },
      { headers: { 'retry-after': '5' } },
    ],
  ])('the HTTP status and headers of %s depend on code, path and data', (_title, error, options, http) => {
    expect(convert(error, options).extensions.http).toEqual(http)
  })

  it('the client error omits suggestions if turned off', () => {
    const error = new GraphQLError('Cannot query field "a". Did you mean "b"?')
    expect(convert(error).message).toBe(error.message)
    expect(convert(error, { suggestions: false }).message).toBe('Cannot query field "a".')
  })
})
