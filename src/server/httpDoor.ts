import { randomUUID } from 'node:crypto'
import type { IncomingHttpHeaders, IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { clientGone } from '../errors.ts'
import type { Graph } from './graph.ts'
import type { Operation } from './operation.ts'
import { answer } from './reply.ts'
import { badParameter } from './urlParameters.ts'

/** Answers one path beside the graph. */
export type Page = (request: IncomingMessage, response: ServerResponse) => void

export interface HttpDoorOptions {
  readonly graph: Graph
  /** By path. */
  readonly pages: ReadonlyMap<string, Page>
  /** Whether a page of another origin made this request, and may not. */
  readonly isRefused: (request: IncomingMessage) => boolean
  readonly beginOperation: (requestId: string, headers: IncomingHttpHeaders) => Operation
  /** Told the status of each answer of the graph. */
  readonly onResponse: (status: number) => void
}

/** Every HTTP request comes in here: those to the graph, and those beside it. */
export const httpDoor =
  (options: HttpDoorOptions): RequestListener =>
  (request, response) => {
    const { pages, isRefused } = options
    const requestId = requestIdOf(request)
    response.setHeader('x-request-id', requestId)
    const path = request.url?.split('?', 1)[0] ?? ''
    const page = pages.get(path)
    if (!URL.canParse(`http://${request.headers.host ?? 'none'}`)) {
      answer(response, 400, '{"error":"Bad Host header."}\n')
    } else if (isRefused(request)) {
      answer(response, 403, '{"error":"Pages of other origins may not ask here."}\n')
    } else if (path === '/graphql') {
      askGraph(options, request, response, requestId)
    } else if (page !== undefined) {
      page(request, response)
    } else if (path === '/' && request.method === 'GET') {
      response.writeHead(302, { location: '/graphql' }).end()
    } else {
      answer(response, 404, '{"error":"There is nothing here. The graph is at /graphql."}\n')
    }
  }

const askGraph = (
  { graph, beginOperation, onResponse }: HttpDoorOptions,
  request: IncomingMessage,
  response: ServerResponse,
  requestId: string,
): void => {
  const bad = badParameter(request.url ?? '')
  if (bad !== null) {
    const errors = [{ message: `\`${bad}\` is not JSON.`, extensions: { code: 'BAD_REQUEST', requestId } }]
    answer(response, 400, JSON.stringify({ errors }))
  } else {
    const operation = beginOperation(requestId, request.headers)
    const abort = new AbortController()
    response.once('close', () => {
      onResponse(response.statusCode)
      if (response.writableFinished) return
      abort.abort(clientGone())
      operation.leave()
    })
    const authorization = request.headers.authorization ?? null
    void graph(request, response, { requestId, authorization, abort, operation })
  }
}

/** The client's own id, so that it can follow its request; a new one where it has none, or one that does not belong in a log. */
const requestIdOf = (request: IncomingMessage): string => {
  const given = request.headers['x-request-id']
  return typeof given === 'string' && /^[\w.:-]{1,128}$/.test(given) ? given : randomUUID()
}
