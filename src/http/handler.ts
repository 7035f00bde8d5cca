import { randomUUID } from 'node:crypto'
import type { IncomingHttpHeaders, IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { asGraphQLError, clientDisconnected, type HttpExtension, toClientError } from '../errorMapping.ts'
import { acceptHeaderForYoga, negotiate } from '../graphql/contentNegotiation.ts'
import { logError } from '../graphql/plugins/useErrorReporting.ts'
import type { OperationRecorder } from '../observability/operationRecorder.ts'
import { CancellationToken } from '../restcomm/cancellationToken.ts'
import { quote, userInputError } from '../userInputError.ts'
import { type FastPathOptions, isSingleResultRequest, respondFast } from './fastPath.ts'
import type { GraphiqlHandler } from './graphiql.ts'
import { crossOriginError, handleCors, normalizeRequestTarget } from './hostAndOrigin.ts'
import { attachParsedBody, checkUrlParameters, readBody } from './readBody.ts'
import { sendError, sendJson } from './respond.ts'

interface HttpHandlerOptions extends FastPathOptions {
  /** Serve the paths which are not `/graphql`. */
  readonly routes: ReadonlyMap<string, RequestListener>
  /** Serves GraphiQL to browsers at `/graphql`; null if turned off. */
  readonly graphiql: GraphiqlHandler | null
  readonly trustedOrigins: ReadonlySet<string>
  readonly maxBodyBytes: number
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
      if (handleCors(request, response, options.trustedOrigins)) return
      handleGraphQL(options, request, response, requestId).catch(error => respondToError(options, response, error))
    } else if (routeHandler !== undefined) {
      routeHandler(request, response)
    } else if (path === '/' && request.method === 'GET') {
      response.writeHead(302, { location: '/graphql' }).end()
    } else {
      sendJson(response, 404, '{"error":"Unknown path. The GraphQL endpoint is /graphql."}\n')
    }
  }
}

async function handleGraphQL(
  options: HttpHandlerOptions,
  request: IncomingMessage,
  response: ServerResponse,
  requestId: string,
): Promise<void> {
  const { method, url = '', headers } = request
  const cancellation = new CancellationToken()
  let operation: OperationRecorder | null = null
  response.once('close', () => {
    if (response.headersSent) options.onResponse(response.statusCode)
    if (response.writableFinished) return
    cancellation.cancel(clientDisconnected())
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
      return
    }
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
  const { log, suggestions } = errorReporting
  const requestId = String(response.getHeader('x-request-id'))
  const details = { requestId, suggestions, hasData: false, defaultCode: 'BAD_REQUEST' } as const
  const error = toClientError(asGraphQLError(cause), details)
  logError(log, requestId, error)
  onRejected(String(error.extensions.code))
  if (!response.headersSent) sendError(response, error)
  else if (!response.writableEnded) response.destroy()
}
