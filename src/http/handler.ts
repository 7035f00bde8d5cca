import { randomUUID } from 'node:crypto'
import type { IncomingHttpHeaders, IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { Cancellation } from '../restcomm/cancellation.ts'
import { clientGone, toGraphQLError } from '../errorCodes.ts'
import { isAnswerable } from '../graphql/plugins/useIncrementalFallback.ts'
import type { HtmlPage } from './graphiql.ts'
import { type BodyProblem, leaveBody, readBody } from './readBody.ts'
import { allowOrigin, answerPreflight, isPreflight } from './cors.ts'
import { isFromElsewhere } from './csrf.ts'
import type { Operation } from '../observability/operationRecorder.ts'
import { answerPlain, type PlainDoor, plainRequest } from './fastPath.ts'
import { answer, answerError, CROSS_ORIGIN } from './respond.ts'
import { record } from '../graphql/plugins/useErrorReporting.ts'
import { BAD_HOST, settleTarget } from './requestTarget.ts'
import { badParameter } from './queryString.ts'
import { prefersPage, withoutWeights } from './acceptHeader.ts'

/** Answers one path beside the graph. */
export type Page = (request: IncomingMessage, response: ServerResponse) => void

interface HttpDoorOptions extends PlainDoor {
  /** By path. */
  readonly pages: ReadonlyMap<string, Page>
  /** For browsers, at the path of the graph; null where there is none. */
  readonly graphiql: HtmlPage | null
  /** Other origins whose pages may ask. */
  readonly origins: ReadonlySet<string>
  /** The largest body that is read. */
  readonly maximumBodyBytes: number
  readonly beginOperation: (requestId: string, headers: IncomingHttpHeaders) => Operation
  /** Told the status of each answer of the graph. */
  readonly onResponse: (status: number) => void
  /** Told the code of what is refused here, and so never reaches the graph. */
  readonly onRefusal: (code: string) => void
}

/** Every HTTP request comes in here: those to the graph, and those beside it. */
export const httpDoor =
  (options: HttpDoorOptions): RequestListener =>
  (request, response) => {
    const { pages, origins } = options
    const requestId = requestIdOf(request)
    response.setHeader('x-request-id', requestId)
    response.setHeader('x-content-type-options', 'nosniff')
    const isSettled = settleTarget(request)
    const path = request.url?.split('?', 1)[0] ?? ''
    const page = pages.get(path)
    if (!isSettled) {
      options.onRefusal(BAD_HOST.code)
      answerError(response, BAD_HOST.code, BAD_HOST.message)
    } else if (isFromElsewhere(request, origins)) {
      options.onRefusal(CROSS_ORIGIN.code)
      answerError(response, CROSS_ORIGIN.code, CROSS_ORIGIN.message)
    } else if (path === '/graphql') {
      allowOrigin(request, response, origins)
      if (isPreflight(request, origins)) answerPreflight(response)
      else askGraph(options, request, response, requestId).catch(error => fail(options, response, requestId, error))
    } else if (page !== undefined) {
      page(request, response)
    } else if (path === '/' && request.method === 'GET') {
      response.writeHead(302, { location: '/graphql' }).end()
    } else {
      answer(response, 404, '{"error":"There is nothing here. The graph is at /graphql."}\n')
    }
  }

const askGraph = async (
  options: HttpDoorOptions,
  request: IncomingMessage,
  response: ServerResponse,
  requestId: string,
): Promise<void> => {
  const { graph, graphiql, maximumBodyBytes, beginOperation, onResponse, onRefusal, reports } = options
  response.once('close', () => {
    // Who has gone before was sent nothing.
    if (response.headersSent) onResponse(response.statusCode)
  })
  if (graphiql !== null && request.method === 'GET' && prefersPage(request.headers.accept)) {
    await graphiql(response).catch(err => {
      reports.log.error({ requestId, err }, 'GraphiQL cannot be loaded')
      answer(response, 500, '{"error":"GraphiQL cannot be loaded."}\n')
    })
    return
  }
  const refuse = (code: string, message: string, status?: number) => {
    onRefusal(code)
    answerError(response, code, message, status)
  }
  if (request.method !== 'GET' && request.method !== 'POST') {
    response.setHeader('allow', 'GET, POST')
    refuse('BAD_REQUEST', 'The graph is asked by GET or POST.', 405)
    return
  }
  const bad = badParameter(request.url ?? '')
  if (bad !== null) {
    refuse('BAD_REQUEST', `\`${bad}\` is not JSON.`)
    return
  }
  const body = request.method === 'POST' ? await readBody(request, maximumBodyBytes) : null
  if (typeof body === 'string') {
    // The rest of a body that is too large is not read, so nothing else can come on this connection.
    if (body === 'size') response.setHeader('connection', 'close')
    if (body === 'encoding') response.setHeader('accept-encoding', 'identity')
    refuse(...bodyRefusal(body, maximumBodyBytes))
    return
  }
  const accept = withoutWeights(request.headers.accept)
  const plain = body === null ? null : plainRequest(body.value, accept)
  if (plain === null && !isAnswerable(accept)) {
    refuse('NOT_ACCEPTABLE', 'Accept `application/graphql-response+json`, or `application/json`.')
    return
  }
  const operation = beginOperation(requestId, request.headers)
  const cancellation = new Cancellation()
  response.once('close', () => {
    if (response.writableFinished) return
    cancellation.cancel(clientGone())
    operation.leave()
  })
  const authorization = request.headers.authorization ?? null
  const asksForCost = request.headers['x-graphql-cost'] === 'true'
  const context = { requestId, authorization, asksForCost, cancellation, operation }
  try {
    if (plain !== null) {
      await answerPlain(options, plain, context, response)
      return
    }
    if (body !== null) leaveBody(request, body)
    if (accept !== undefined) request.headers.accept = accept
    await graph(request, response, context)
  } catch (error) {
    cancellation.cancel(error)
    operation.leave()
    throw error
  }
}

/** A mistake of the door itself, for which nobody else would end the response. */
const fail = (
  { reports, onRefusal }: HttpDoorOptions,
  response: ServerResponse,
  requestId: string,
  cause: unknown,
): void => {
  const error = toGraphQLError(cause)
  const code = String(error.extensions.code)
  record(reports.log, requestId, error)
  onRefusal(code)
  if (!response.headersSent) answerError(response, code, error.message)
  else if (!response.writableEnded) response.destroy()
}

/** Its code, and its message. */
const bodyRefusal = (problem: BodyProblem, maximum: number): [string, string] => {
  if (problem === 'type') return ['UNSUPPORTED_MEDIA_TYPE', 'Ask with `content-type: application/json`.']
  if (problem === 'encoding') {
    return ['UNSUPPORTED_MEDIA_TYPE', 'Send the body as it is, without a `content-encoding`.']
  }
  if (problem === 'size') return ['BODY_TOO_LARGE', `The body is larger than ${maximum} bytes (MAX_BODY_BYTES).`]
  return ['BAD_REQUEST', 'The body is not JSON.']
}

/** The client's own id, so that it can follow its request; a new one where it has none, or one that does not belong in a log. */
const requestIdOf = (request: IncomingMessage): string => {
  const given = request.headers['x-request-id']
  return typeof given === 'string' && /^[\w.:-]{1,128}$/.test(given) ? given : randomUUID()
}
