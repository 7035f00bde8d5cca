import { randomUUID } from 'node:crypto'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { useDeferStream } from '@graphql-yoga/plugin-defer-stream'
import { renderGraphiQL } from '@graphql-yoga/render-graphiql'
import { createYoga } from 'graphql-yoga'
import type { Logger } from 'pino'
import type { Config } from '../config.ts'
import { type Context, createContext, createUpstream, createWatches } from '../context.ts'
import { toGraphQLError } from '../errors.ts'
import { createSchema } from '../schema.ts'
import { authenticator } from './credentials.ts'
import { graphiqlOptions } from './graphiql.ts'
import { createMetrics, type Metrics } from './metrics.ts'
import { reportErrors } from './reportErrors.ts'
import { isFromElsewhere } from './sameOrigin.ts'
import type { ServerContext } from './serverContext.ts'
import { badParameter } from './urlParameters.ts'
import { webSocketDoor } from './webSocket.ts'

export interface GatewayOptions {
  /** The Restcomm to ask, up to and including `/restcomm`. */
  readonly restcommUrl: string
  /** What stands in for credentials that a request does not bring; null where each must bring its own. */
  readonly ownCredentials: { readonly accountSid: string; readonly authToken: string } | null
  readonly config: Pick<Config, 'restcomm' | 'limits' | 'apiKeyHashes' | 'federation' | 'http' | 'live' | 'moderation'>
  readonly log: Logger
}

export interface Gateway {
  /** Answers `/graphql`, `/health` and `/metrics`. Does not listen: give it to a server. */
  readonly handle: RequestListener
  /** Takes over connections to `/graphql` that ask to become WebSockets. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void
  /** Completes what is live, so that the rest can come to an end. Takes no more subscriptions. */
  drain(): Promise<void>
  /** Closes the connections to the upstream, once what is under way is done. */
  close(): Promise<void>
}

export const createGateway = ({ restcommUrl, ownCredentials, config, log }: GatewayOptions): Gateway => {
  const upstream = createUpstream({ ...config.restcomm, ...config.limits, url: restcommUrl })
  // Where anybody who reaches the gateway may use its credentials, a page that somebody happens to visit must not.
  const isOpen = ownCredentials !== null && config.apiKeyHashes.length === 0
  const isRefused = (request: IncomingMessage) => isOpen && isFromElsewhere(request)
  const authenticate = authenticator(ownCredentials, config.apiKeyHashes)

  const watches = createWatches(config.live)
  const metrics = createMetrics(() => watches.figures)

  const yoga = createYoga<ServerContext, Context>({
    schema: createSchema(config.federation.node),
    context: ({ requestId, authorization, signal }) => {
      const credentials = authenticate(authorization)
      return createContext({
        upstream,
        limits: config.limits,
        caller: {
          account: credentials?.account ?? null,
          authorization: credentials?.authorization ?? null,
          requestId,
          signal,
        },
        watches,
        settleMs: config.moderation.settleMs,
        onAnchor: distance => {
          if (distance === null) {
            metrics.anchorLost()
            log.warn({ requestId }, 'a cursor outlived its row: paging went on from its position')
          } else {
            metrics.anchorMoved()
            log.debug({ requestId, distance }, 'the row of a cursor was found at another position')
          }
        },
      })
    },
    graphqlEndpoint: '/graphql',
    graphiql: config.http.graphiql ? graphiqlOptions(isOpen) : false,
    renderGraphiQL,
    landingPage: false,
    cors: false,
    multipart: false,
    maskedErrors: { maskError: toGraphQLError },
    logging: yogaLogging(log),
    plugins: [useDeferStream(), reportErrors(log)],
  })

  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    const requestId = requestIdOf(request)
    response.setHeader('x-request-id', requestId)
    const path = request.url?.split('?', 1)[0]
    if (!URL.canParse(`http://${request.headers.host ?? 'none'}`)) {
      answer(response, 400, '{"error":"Bad Host header."}\n')
    } else if (isRefused(request)) {
      answer(response, 403, '{"error":"Pages of other origins may not ask here."}\n')
    } else if (path === '/graphql') {
      askGraph(request, response, requestId)
    } else if (path === '/health') {
      answer(response, 200, '{"status":"alive"}\n')
    } else if (path === '/metrics' && config.http.metrics) {
      void expose(metrics, response)
    } else if (path === '/' && request.method === 'GET') {
      response.writeHead(302, { location: '/graphql' }).end()
    } else {
      answer(response, 404, '{"error":"There is nothing here. The graph is at /graphql."}\n')
    }
  }
  const askGraph = (request: IncomingMessage, response: ServerResponse, requestId: string): void => {
    const bad = badParameter(request.url ?? '')
    if (bad !== null) {
      const errors = [{ message: `\`${bad}\` is not JSON.`, extensions: { code: 'BAD_REQUEST', requestId } }]
      answer(response, 400, JSON.stringify({ errors }))
    } else {
      const authorization = request.headers.authorization ?? null
      void yoga(request, response, { requestId, authorization, signal: goneSignal(response) })
    }
  }
  const webSocket = webSocketDoor({ yoga, log, ...config.live })
  return {
    handle,
    upgrade: (request, socket, head) => {
      if (isRefused(request)) refuse(socket, '403 Forbidden')
      else if (request.url?.split('?', 1)[0] === '/graphql') webSocket.upgrade(request, socket, head)
      else refuse(socket, '404 Not Found')
    },
    drain: () => {
      watches.close()
      return webSocket.close()
    },
    close: () => upstream.http.close(),
  }
}

/** Aborts when the client goes before it has its answer. */
const goneSignal = (response: ServerResponse): AbortSignal => {
  const controller = new AbortController()
  response.once('close', () => {
    if (!response.writableFinished) controller.abort()
  })
  return controller.signal
}

const answer = (response: ServerResponse, status: number, body: string): void => {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' }).end(body)
}

/** Does not wait for the client to close its side. */
const refuse = (socket: Duplex, status: string): void => {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`, () => socket.destroy())
}

const expose = async (metrics: Metrics, response: ServerResponse): Promise<void> => {
  const text = await metrics.exposition()
  response.writeHead(200, { 'content-type': metrics.contentType }).end(text)
}

/** The client's own id, so that it can follow its request; a new one where it has none, or one that does not belong in a log. */
const requestIdOf = (request: IncomingMessage): string => {
  const given = request.headers['x-request-id']
  return typeof given === 'string' && /^[\w.:-]{1,128}$/.test(given) ? given : randomUUID()
}

/** Errors are logged by `reportErrors`, with the request that they belong to; the rest is for whoever debugs. */
const yogaLogging = (log: Logger) => {
  const debug = (...parts: unknown[]) => log.debug({ from: 'yoga' }, parts.map(String).join(' '))
  return { debug, info: debug, warn: debug, error: debug }
}
