import type { IncomingMessage, RequestListener } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Logger } from 'pino'
import type { Config } from './config.ts'
import { createContext, createUpstream, createUpstreamProbe, createWatches, UNOBSERVED } from './context.ts'
import type { Shared } from './redis/replicaServices.ts'
import { createSchema } from './graphql/schema.ts'
import { authenticator, entranceOf } from './auth/authenticator.ts'
import type { Identity } from './auth/credentials.ts'
import { createGraph } from './graphql/yoga.ts'
import { graphiqlPage } from './http/graphiql.ts'
import { httpDoor, type Page } from './http/handler.ts'
import { isFromElsewhere } from './http/csrf.ts'
import { createRateLimit } from './graphql/limits/rateLimit.ts'
import { readTrustedDocuments } from './graphql/limits/trustedDocuments.ts'
import type { Colleagues } from './observability/metrics/aggregate.ts'
import { createMetrics } from './observability/metrics/registry.ts'
import { exposeMetrics } from './http/metricsEndpoint.ts'
import { type Audience, Operation } from './observability/operationRecorder.ts'
import { operatorDoor } from './http/adminHandler.ts'
import { answerReadiness, createReadiness } from './http/readiness.ts'
import { answer, CROSS_ORIGIN, refuse } from './http/respond.ts'
import type { GraphContext, ServerContext } from './graphql/requestContext.ts'
import { BAD_HOST, settleTarget } from './http/requestTarget.ts'
import type { Tracing } from './observability/tracing/tracing.ts'
import { webSocketDoor } from './websocket/server.ts'

export interface GatewayOptions {
  /** The Restcomm to ask, up to and including `/restcomm`. */
  readonly restcommUrl: string
  /** What stands in for credentials that a request does not bring; null where each must bring its own. */
  readonly ownCredentials: { readonly accountSid: string; readonly authToken: string } | null
  readonly config: Omit<Config, 'service' | 'sandbox'>
  readonly log: Logger
  /** Null where nothing is traced. Whoever started it closes it, after the gateway. */
  readonly tracing: Tracing | null
  /** What this replica has in common with others; null, or not given, where it is on its own. Closed by who opened it. */
  readonly shared?: Shared | null
  /** Other processes of the same gateway, whose counts are shown with this one's; null, or not given, where it is on its own. */
  readonly colleagues?: Colleagues | null
}

export interface Gateway {
  /** Answers `/graphql`, `/health`, `/ready` and `/metrics`. Does not listen: give it to a server. */
  readonly handle: RequestListener
  /** Answers `/health`, `/ready` and `/metrics` alone, for a listener that clients do not reach. */
  readonly operate: RequestListener
  /** Takes over connections to `/graphql` that ask to become WebSockets. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void
  /** Is ready no more, and takes no more subscriptions. Everything else is answered as before. */
  retire(): void
  /** Completes what is live, so that the rest can come to an end. */
  drain(): Promise<void>
  /** Logs and counts a promise that was rejected and that nobody waited for. */
  unhandled(reason: unknown): void
  /** Closes the connections to the upstream, once what is under way is done. */
  close(): Promise<void>
}

export const createGateway = ({
  restcommUrl,
  ownCredentials,
  config,
  log,
  tracing,
  shared = null,
  colleagues = null,
}: GatewayOptions): Gateway => {
  const metrics = config.metrics.isServed
    ? createMetrics(() => ({ ...watches.figures, ...upstream.http.figures, cache: upstream.cache.figures }))
    : null
  const upstream = createUpstream({
    ...config.restcomm,
    ...config.limits,
    url: restcommUrl,
    silenceMs: Math.min(config.restcomm.timeoutMs, config.http.timeoutMs) / 2,
    observer: metrics?.upstream ?? UNOBSERVED,
    cache: config.cache,
    sharedRows: shared?.rows ?? null,
    isShared: shared !== null || colleagues !== null,
  })
  const schema = createSchema(config.federation.node)
  const { trustedDocuments, suggestions } = config.queries
  const documents = trustedDocuments === null ? null : readTrustedDocuments(trustedDocuments, schema, config.queries)
  const entrance = entranceOf(ownCredentials, config.authentication)
  const authenticate = authenticator({ own: ownCredentials, config: config.authentication, log })
  // What is done through another replica makes old what is kept or under way here as well: before the watches look anew.
  shared?.exchange.onNudge(() => upstream.somethingWasDone())
  const watches = createWatches(config.live, shared?.exchange ?? null)
  const audience: Audience = {
    log,
    metrics: metrics?.operations ?? null,
    tracing,
    slowMs: config.log.slowOperationMs,
  }
  const probe = createUpstreamProbe({ ...config.restcomm, url: restcommUrl }, error => {
    if (error === null) log.info('Restcomm can be reached again')
    else log.warn({ err: error }, 'Restcomm cannot be reached')
  })
  const readiness = createReadiness({
    isReachable: probe.isReachable,
    breakerState: () => upstream.http.figures.breaker,
  })

  const contextOf = ({ requestId, cancellation, operation }: ServerContext, identity: Identity): GraphContext => {
    if (!(identity instanceof Error)) operation.client = identity.clientName
    const context = createContext({
      upstream,
      limits: config.limits,
      caller: { ...callerOf(identity), trace: operation, requestId },
      cancellation,
      expiresAt: identity instanceof Error ? null : identity.expiresAt,
      watches,
      settleMs: config.moderation.settleMs,
      onAnchor: distance => {
        if (distance === null) {
          metrics?.anchorLost()
          log.warn({ requestId }, 'a cursor outlived its row: paging went on from its position')
        } else {
          metrics?.anchorMoved()
          log.debug({ requestId, distance }, 'the row of a cursor was found at another position')
        }
      },
    })
    return { ...context, client: identity instanceof Error ? '' : identity.client }
  }
  const graph = createGraph({
    schema,
    config,
    log,
    entrance,
    documents,
    rateLimit: createRateLimit(config.rate, shared),
    contextOf: request => {
      const identity = authenticate(request.authorization)
      return identity instanceof Promise
        ? identity.then(known => contextOf(request, known))
        : contextOf(request, identity)
    },
  })
  const pages = new Map<string, Page>([
    ['/health', (_request, response) => answer(response, 200, '{"status":"alive"}\n')],
    ['/ready', (_request, response) => void answerReadiness(readiness, response)],
  ])
  const operatorPages = new Map(pages)
  if (metrics !== null) {
    colleagues?.join(metrics.snapshot)
    const page = exposeMetrics(colleagues ?? metrics, metrics.contentType)
    operatorPages.set('/metrics', page)
    if (config.metrics.port === null) pages.set('/metrics', page)
  }
  const { maximumBodyBytes } = config.http
  const origins = new Set(config.http.corsOrigins)
  const webSocket = webSocketDoor({
    graph,
    log,
    suggestions,
    documents,
    maximumMessageBytes: maximumBodyBytes,
    ...config.live,
    beginOperation: requestId => new Operation(requestId, audience),
  })
  const retire = () => {
    readiness.retire()
    watches.retire()
  }
  return {
    handle: httpDoor({
      graph,
      pages,
      graphiql: config.http.graphiql ? graphiqlPage(entrance) : null,
      origins,
      maximumBodyBytes,
      reports: { log, suggestions },
      entrance,
      beginOperation: (requestId, headers) => new Operation(requestId, audience, headers),
      onResponse: status => metrics?.operations.responded(status),
      onRefusal: code => metrics?.operations.errorTold(code),
    }),
    operate: operatorDoor(operatorPages),
    upgrade: (request, socket, head) => {
      if (!settleTarget(request)) refuse(socket, '400 Bad Request', BAD_HOST)
      else if (isFromElsewhere(request, origins)) refuse(socket, '403 Forbidden', CROSS_ORIGIN)
      else if (request.url?.split('?', 1)[0] === '/graphql') webSocket.upgrade(request, socket, head)
      else refuse(socket, '404 Not Found')
    },
    retire,
    drain: () => {
      retire()
      watches.close()
      return webSocket.close()
    },
    unhandled: reason => {
      metrics?.unhandledRejection()
      log.error({ err: reason }, 'a promise was rejected, and nobody waited for it')
    },
    close: async () => {
      await Promise.all([upstream.http.close(), probe.close()])
    },
  }
}

/** Who asks without credentials that count: whatever would be read is refused. */
const NOBODY = { account: null, authorization: null, isStandIn: false, credential: '', accounts: null }

const callerOf = (identity: Identity) => (identity instanceof Error ? { ...NOBODY, refusal: identity } : identity)
