import { randomUUID } from 'node:crypto'
import type { IncomingHttpHeaders, IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { clientDisconnected, toGraphQLError } from '../errorMapping.ts'
import { acceptHeaderForYoga, negotiate } from '../graphql/contentNegotiation.ts'
import { logError } from '../graphql/plugins/useErrorReporting.ts'
import type { OperationRecorder } from '../observability/operationRecorder.ts'
import { CancellationToken } from '../restcomm/cancellationToken.ts'
import { quote } from '../userInputError.ts'
import { isPreflight, respondToPreflight, setCorsHeaders } from './cors.ts'
import { type FastPathOptions, isSingleResultRequest, respondFast } from './fastPath.ts'
import { findInvalidJsonParameter } from './findInvalidJsonParameter.ts'
import type { GraphiqlHandler } from './graphiql.ts'
import { isCrossOriginRequest } from './isCrossOriginRequest.ts'
import { INVALID_HOST, normalizeRequestTarget } from './normalizeRequestTarget.ts'
import { attachParsedBody, type BodyError, readBody } from './readBody.ts'
import { CROSS_ORIGIN, sendGraphQLError, sendJson } from './respond.ts'

/** Serves a path which is not `/graphql`. */
export type RouteHandler = (request: IncomingMessage, response: ServerResponse) => void

interface HttpHandlerOptions extends FastPathOptions {
  readonly routes: ReadonlyMap<string, RouteHandler>
  /** Serves GraphiQL to browsers at `/graphql`; null if turned off. */
  readonly graphiql: GraphiqlHandler | null
  readonly trustedOrigins: ReadonlySet<string>
  readonly maxBodyBytes: number
  readonly startOperation: (requestId: string, headers: IncomingHttpHeaders) => OperationRecorder
  readonly onResponse: (status: number) => void
  /** Called with the error code of each request which fails outside GraphQL processing. */
  readonly onRejected: (code: string) => void
}

export function createHttpHandler(options: HttpHandlerOptions): RequestListener {
  return (request, response) => {
    const { routes, trustedOrigins } = options
    const requestId = requestIdOf(request)
    response.setHeader('x-request-id', requestId)
    response.setHeader('x-content-type-options', 'nosniff')
    const isValidTarget = normalizeRequestTarget(request)
    const path = request.url?.split('?', 1)[0] ?? ''
    const routeHandler = routes.get(path)
    if (!isValidTarget) {
      options.onRejected(INVALID_HOST.code)
      sendGraphQLError(response, INVALID_HOST.code, INVALID_HOST.message)
    } else if (isCrossOriginRequest(request, trustedOrigins)) {
      options.onRejected(CROSS_ORIGIN.code)
      sendGraphQLError(response, CROSS_ORIGIN.code, CROSS_ORIGIN.message)
    } else if (path === '/graphql') {
      setCorsHeaders(request, response, trustedOrigins)
      if (isPreflight(request, trustedOrigins)) {
        respondToPreflight(response)
      } else {
        handleGraphQL(options, request, response, requestId).catch(error =>
          sendUnexpectedError(options, response, requestId, error),
        )
      }
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
  const { graphql, graphiql, maxBodyBytes, startOperation, onResponse, onRejected, errorReporting } = options
  response.once('close', () => {
    if (response.headersSent) onResponse(response.statusCode)
  })
  const acceptedTypes = negotiate(request.headers.accept)
  if (graphiql !== null && request.method === 'GET' && acceptedTypes.prefersHtml) {
    await graphiql(response).catch(err => {
      errorReporting.log.error({ requestId, err }, 'GraphiQL failed to load')
      sendJson(response, 500, '{"error":"GraphiQL failed to load: see the log of the gateway."}\n')
    })
    return
  }
  const reject = (code: string, message: string, status?: number) => {
    onRejected(code)
    sendGraphQLError(response, code, message, status)
  }
  if (request.method !== 'GET' && request.method !== 'POST') {
    response.setHeader('allow', 'GET, POST')
    reject('BAD_REQUEST', `${request.method} is not allowed: expected GET or POST.`, 405)
    return
  }
  const invalidParameter = findInvalidJsonParameter(request.url ?? '')
  if (invalidParameter !== null) {
    const message = `The query parameter \`${invalidParameter}\` is not valid JSON: expected a URL-encoded JSON object.`
    reject('BAD_REQUEST', message)
    return
  }
  const body = request.method === 'POST' ? await readBody(request, maxBodyBytes) : null
  if (typeof body === 'string') {
    // The gateway does not read the rest of the body, so the connection cannot carry a further request.
    if (body === 'size') response.setHeader('connection', 'close')
    if (body === 'encoding') response.setHeader('accept-encoding', 'identity')
    reject(...bodyErrorDetails(body, request.headers['content-type'] ?? '', maxBodyBytes))
    return
  }
  const { singleResult, incremental } = acceptedTypes
  if (singleResult === null && incremental === null) {
    reject(
      'NOT_ACCEPTABLE',
      `The \`Accept\` header ${quote(request.headers.accept)} contains no supported type: expected ` +
        '`application/graphql-response+json` or `application/json`.',
    )
    return
  }
  const operation = startOperation(requestId, request.headers)
  const cancellation = new CancellationToken()
  response.once('close', () => {
    if (response.writableFinished) return
    cancellation.cancel(clientDisconnected())
    operation.close()
  })
  const authorization = request.headers.authorization ?? null
  const wantsCost = request.headers['x-graphql-cost'] === 'true'
  const context = { requestId, authorization, wantsCost, cancellation, operation }
  try {
    if (body !== null && singleResult !== null && isSingleResultRequest(body.value)) {
      await respondFast(options, body.value, singleResult, { ...context, acceptedTypes: null }, response)
      return
    }
    if (body !== null) attachParsedBody(request, body)
    request.headers.accept = acceptHeaderForYoga(acceptedTypes)
    await graphql(request, response, { ...context, acceptedTypes })
  } catch (error) {
    cancellation.cancel(error)
    operation.close()
    throw error
  }
}

/** Ends the response after an unexpected error. An unexpected error is a bug of the gateway. */
function sendUnexpectedError(
  { errorReporting, onRejected }: HttpHandlerOptions,
  response: ServerResponse,
  requestId: string,
  cause: unknown,
): void {
  const error = toGraphQLError(cause)
  const code = String(error.extensions.code)
  logError(errorReporting.log, requestId, error)
  onRejected(code)
  if (!response.headersSent) sendGraphQLError(response, code, error.message)
  else if (!response.writableEnded) response.destroy()
}

function bodyErrorDetails(bodyError: BodyError, contentType: string, maxBodyBytes: number): [string, string] {
  if (bodyError === 'type') {
    return [
      'UNSUPPORTED_MEDIA_TYPE',
      `The \`Content-Type\` ${quote(contentType)} is not supported: expected \`application/json\`.`,
    ]
  }
  if (bodyError === 'encoding') {
    return ['UNSUPPORTED_MEDIA_TYPE', 'Compressed bodies are not supported: send the body without `content-encoding`.']
  }
  if (bodyError === 'size') return ['BODY_TOO_LARGE', `The body is larger than ${maxBodyBytes} bytes (MAX_BODY_BYTES).`]
  return ['BAD_REQUEST', 'The body is not valid JSON: expected an object with `query`.']
}

/** Returns the `x-request-id` of the client if the value is safe for logs, else a new id. */
function requestIdOf(request: IncomingMessage): string {
  const received = request.headers['x-request-id']
  return typeof received === 'string' && /^[\w.:-]{1,128}$/.test(received) ? received : randomUUID()
}
