import { randomUUID } from 'node:crypto'
import type { IncomingHttpHeaders, RequestListener, ServerResponse } from 'node:http'
import { isAsyncIterable } from '@graphql-tools/utils'
import { type AuthMode, challengeFor } from '../auth/authenticator.ts'
import { asGraphQLError, clientDisconnected, type HttpExtension, toClientError } from '../errorMapping.ts'
import { acceptHeaderForYoga, negotiate, type SingleResultType } from '../graphql/contentNegotiation.ts'
import { EVENT_LOOP_OVERLOADED, overloadedError } from '../graphql/limits/operationLimits.ts'
import {
  type ErrorReportingOptions,
  logError,
  reportRequestErrors,
  type SerializedResult,
} from '../graphql/plugins/useErrorReporting.ts'
import type { GraphQLParams, ServerContext } from '../graphql/requestContext.ts'
import type { GraphQLServer } from '../graphql/yoga.ts'
import type { OperationRecorder, Result } from '../observability/operationRecorder.ts'
import { CancellationToken } from '../restcomm/cancellationToken.ts'
import { quote, userInputError } from '../userInputError.ts'
import type { GraphiqlHandler } from './graphiql.ts'
import { crossOriginError, handleCors, normalizeRequestTarget } from './hostAndOrigin.ts'
import { attachParsedBody, checkUrlParameters, readBody } from './readBody.ts'
import { sendError, sendJson } from './respond.ts'
import type { UnsentBytes } from './unsentBytes.ts'

interface HttpHandlerOptions {
  readonly graphql: GraphQLServer
  readonly errorReporting: ErrorReportingOptions
  readonly authMode: AuthMode
  /** Serve the paths which are not `/graphql`. */
  readonly routes: ReadonlyMap<string, RequestListener>
  /** Serves GraphiQL to browsers at `/graphql`; null if turned off. */
  readonly graphiql: GraphiqlHandler | null
  readonly trustedOrigins: ReadonlySet<string>
  readonly maxBodyBytes: number
  readonly unsentBytes: UnsentBytes
  /** Whether new operations are refused. */
  readonly isOverloaded: () => boolean
  readonly startOperation: (requestId: string, headers: IncomingHttpHeaders) => OperationRecorder
  readonly onResponse: (status: number) => void
  /** Called with the error code of each request which fails outside GraphQL processing. */
  readonly onRejected: (code: string) => void
}

/** The `x-request-id` of a client is replaced by a new id unless the value is safe for logs. */
const SAFE_REQUEST_ID = /^[\w.:-]{1,128}$/

export function createHttpHandler(options: HttpHandlerOptions): RequestListener {
  return (request, response) => {
    const receivedId = request.headers['x-request-id']
    const requestId = typeof receivedId === 'string' && SAFE_REQUEST_ID.test(receivedId) ? receivedId : randomUUID()
    response.setHeader('x-request-id', requestId)
    response.setHeader('x-content-type-options', 'nosniff')
    const error = normalizeRequestTarget(request) ?? crossOriginError(request, options.trustedOrigins)
    const path = request.url?.split('?', 1)[0] ?? ''
    const routeHandler = options.routes.get(path)
    if (error !== null) {
      options.onRejected(String(error.extensions.code))
      sendError(response, error)
    } else if (path === '/graphql') {
      if (handleCors(response, options.trustedOrigins)) return
      handleGraphQL(options, response).catch(error => respondToError(options, response, error))
    } else if (routeHandler !== undefined) {
      routeHandler(request, response)
    } else if (path === '/' && request.method === 'GET') {
      response.writeHead(302, { location: '/graphql' }).end()
    } else {
      sendJson(response, 404, '{"error":"Unknown path. The GraphQL endpoint is /graphql."}\n')
    }
  }
}

async function handleGraphQL(options: HttpHandlerOptions, response: ServerResponse): Promise<void> {
  const { req: request } = response
  const { method, url = '', headers } = request
  const requestId = String(response.getHeader('x-request-id'))
  const cancellation = new CancellationToken()
  let operation: OperationRecorder | null = null
  response.once('close', () => {
    if (response.headersSent) options.onResponse(response.statusCode)
    if (!response.writableFinished) cancellation.cancel(clientDisconnected())
    operation?.close()
  })
  const acceptedTypes = negotiate(headers.accept)
  if (options.graphiql !== null && method === 'GET' && acceptedTypes.prefersHtml) {
    await options.graphiql(response).catch(err => {
      options.errorReporting.log.error({ requestId, err }, 'GraphiQL failed to load')
      sendJson(response, 500, '{"error":"GraphiQL failed to load: see the log of the gateway."}\n')
    })
    return
  }
  if (method !== 'GET' && method !== 'POST') {
    const http: HttpExtension = { status: 405, headers: { allow: 'GET, POST' } }
    throw userInputError('BAD_REQUEST', `${method} is not allowed: expected GET or POST.`, { http })
  }
  if (options.isOverloaded()) throw overloadedError(EVENT_LOOP_OVERLOADED)
  if (url.includes('?')) checkUrlParameters(url)
  const params = method === 'POST' ? await readBody(request, options.maxBodyBytes) : null
  const { singleResult, incremental } = acceptedTypes
  if (singleResult === null && incremental === null) {
    const message =
      `The \`Accept\` header ${quote(headers.accept)} contains no supported type: expected ` +
      '`application/graphql-response+json` or `application/json`.'
    throw userInputError('NOT_ACCEPTABLE', message)
  }
  operation = options.startOperation(requestId, headers)
  const authorization = headers.authorization ?? null
  const wantsCost = headers['x-graphql-cost'] === 'true'
  const context = { requestId, authorization, wantsCost, cancellation, operation }
  try {
    if (singleResult !== null && isSingleResultRequest(params)) {
      await respondFast(options, params, singleResult, { ...context, acceptedTypes: null }, response)
      if (response.writableLength > 0) options.unsentBytes.add(response, { socket: request.socket, operation })
      return
    }
    options.unsentBytes.add(response, { socket: request.socket, operation })
    if (method === 'POST') attachParsedBody(request, params)
    headers.accept = acceptHeaderForYoga(acceptedTypes)
    await options.graphql(request, response, { ...context, acceptedTypes })
  } catch (error) {
    cancellation.cancel(error)
    operation.close()
    throw error
  }
}

/** Ends the response of a request which was rejected, or which failed through a bug of the gateway. */
function respondToError({ errorReporting, onRejected }: HttpHandlerOptions, response: ServerResponse, cause: unknown) {
  const { suggestions } = errorReporting
  const requestId = String(response.getHeader('x-request-id'))
  const details = { requestId, suggestions, hasData: false, defaultCode: 'BAD_REQUEST' } as const
  const error = toClientError(asGraphQLError(cause), details)
  logError(errorReporting, requestId, null, error)
  onRejected(String(error.extensions.code))
  if (!response.headersSent) sendError(response, error)
  else if (!response.writableEnded) response.destroy()
}

/**
 * Finds queries which may have several results. A false positive, such as a field named `stream`, only loses the fast
 * path. The pattern omits the `@`, because GraphQL allows white space and comments between `@` and the name.
 */
const INCREMENTAL_KEYWORDS = /\b(?:subscription|defer|stream)\b/

/** Plugins receive this constant instead of the real request on the fast path, because plugins read only the method. */
const POST = new Request('http://gateway/graphql', { method: 'POST' })

/** Returns false if the request must pass through the HTTP layer of Yoga. */
export function isSingleResultRequest(params: unknown): params is GraphQLParams {
  if (typeof params !== 'object' || params === null || !('query' in params)) return false
  const { query } = params
  // A document id may refer to a subscription, so the fast path requires the text of the query.
  return typeof query === 'string' && query !== '' && !INCREMENTAL_KEYWORDS.test(query)
}

/**
 * Runs the request through all plugins of Yoga without Yoga's HTTP layer, which creates a web `Request`, a `Response`
 * and streams for each request, and takes several times as long as a typical query.
 */
async function respondFast(
  { graphql, errorReporting, authMode }: HttpHandlerOptions,
  params: GraphQLParams,
  mediaType: SingleResultType,
  context: ServerContext,
  response: ServerResponse,
): Promise<void> {
  let executed: Result & Partial<SerializedResult>
  try {
    const single = await graphql.getResultForParams({ params, request: POST }, context)
    if (single === undefined || isAsyncIterable(single)) {
      throw new Error('A fast path request returned an incremental result: expected a single result.')
    }
    executed = single
  } catch (error) {
    // If an error occurs before parsing, Yoga throws the error instead of returning a result.
    executed = { errors: [asGraphQLError(error)] }
  }
  const result = reportRequestErrors(errorReporting, context.operation, executed)
  const headers: Record<string, string> = { 'content-type': `${mediaType}; charset=utf-8` }
  let status = 0
  for (const { extensions } of result.errors ?? []) {
    const http = extensions.http as HttpExtension | undefined
    Object.assign(headers, http?.headers)
    if (mediaType !== 'application/json' || !http?.spec) status = Math.max(status, http?.status ?? 0)
  }
  const challenge = status === 401 ? challengeFor(authMode, name => response.req.headers[name] !== undefined) : null
  if (challenge !== null) headers['www-authenticate'] = challenge
  if (executed.slices !== undefined) return sendSlices(response, status || 200, headers, executed.slices)
  const body = JSON.stringify(result)
  // Node sends a string together with the head. For ASCII text, `latin1` equals UTF-8 and is faster.
  const bytes = Buffer.byteLength(body)
  response
    .writeHead(status || 200, { ...headers, 'content-length': bytes })
    .end(body, bytes === body.length ? 'latin1' : 'utf8')
}

/** Passes all slices to the socket at once, so that the socket counts all unsent bytes of the client. */
function sendSlices(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>>,
  slices: readonly Buffer[],
): void {
  const bytes = slices.reduce((total, { length }) => total + length, 0)
  response.writeHead(status, { ...headers, 'content-length': bytes })
  for (const slice of slices) response.write(slice)
  response.end()
}
