import type { IncomingMessage, RequestListener } from 'node:http'
import type { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { Config } from './config.ts'
import { createContext } from './context.ts'
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
import { startTracing } from './observability/tracing/startTracing.ts'
import type { Tracing } from './observability/tracing/tracing.ts'
import { webSocketDoor } from './websocket/server.ts'
import type { Exchange } from './live/replication/replicaBus.ts'
import { Watches, type WatchesOptions } from './live/watchRegistry.ts'
import { RowCache, type RowCacheOptions } from './restcomm/cache/cache.ts'
import type { SharedRows } from './restcomm/cache/sharedCache.ts'
import { FAILURES, RestcommError } from './restcomm/errors.ts'
import { createProbe, type Probe, type ProbeOptions } from './restcomm/http/healthProbe.ts'
import { UNOBSERVED } from './restcomm/http/observer.ts'
import { createHttp, type HttpOptions } from './restcomm/http/pool.ts'
import { type ResilienceOptions, ResilientHttp } from './restcomm/http/resilientHttp.ts'
import { Upstream } from './restcomm/upstream.ts'

export interface GatewayOptions {
  /** The Restcomm to ask, up to and including `/restcomm`. */
  readonly restcommUrl: string
  /** What stands in for credentials that a request does not bring; null where each must bring its own. */
  readonly ownCredentials: { readonly accountSid: string; readonly authToken: string } | null
  readonly config: Omit<Config, 'service' | 'sandbox'>
  readonly log: Logger
  /** Null without tracing. Closed by its creator, after the gateway. */
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

/** The time that connections to Restcomm and Redis may take to close. */
const CLOSE_TIMEOUT_MS = 1_000

/**
 * Connects to Redis and starts tracing, if configured, and creates the gateway. `close` also ends both.
 * Redis connects in the background: an unreachable Redis does not delay the start.
 */
export const startGateway = async (options: Omit<GatewayOptions, 'tracing' | 'shared'>): Promise<Gateway> => {
  const { config, restcommUrl, log } = options
  const tracing = await startTracing(config.tracing, log)
  const shared = await connectRedis(config.redis.url, restcommUrl, log)
  const gateway = createGateway({ ...options, tracing, shared })
  return {
    ...gateway,
    close: async () => {
      const closed = gateway.close().then(() => shared?.close())
      await Promise.race([closed, sleep(CLOSE_TIMEOUT_MS)])
      await tracing?.close()
    },
  }
}

const connectRedis = async (url: string | null, restcommUrl: string, log: Logger): Promise<Shared | null> => {
  if (url === null) return null
  const { connectShared } = await import('./redis/replicaServices.ts')
  return connectShared(url, restcommUrl, log)
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

interface UpstreamOptions extends HttpOptions, ResilienceOptions {
  readonly dialect: Upstream['dialect']
  /** The largest page that clients may ask for. Rows. */
  readonly maximumSize: number
  readonly cache: RowCacheOptions
  /** Where replicas keep rows for each other; null where there are none. */
  readonly sharedRows: SharedRows | null
  /** Whether other processes of this gateway read from it as well. */
  readonly isShared: boolean
}

/** Large enough to read a list that is to be sorted in few requests. Rows. */
const LARGE_PAGE = 1_000

/**
 * The Restcomm that all requests share: its connections, and what its answers have shown of it.
 *
 * Connect sets no bound to a page. A window, with its cursor's own row and the one that tells of a next page, fits
 * into a page of less than twice its rows, wherever it begins.
 */
const createUpstream = (options: UpstreamOptions): Upstream =>
  new Upstream(
    new ResilientHttp(createHttp(options), options),
    options.dialect,
    Math.max(LARGE_PAGE, 2 * (options.maximumSize + 2)),
    new RowCache(options.cache, options.sharedRows),
    options.isShared,
  )


/** How long the probe waits, and how long its answer holds. Milliseconds. */
const PROBE_TIMEOUT = 2_000
const PROBE_FRESH = 2_000

/** By a connection of its own: however busy the others are, that says nothing of whether Restcomm can be reached. */
const createUpstreamProbe = (options: Omit<HttpOptions, 'silenceMs'>, onTurn: ProbeOptions['onTurn']): Probe => {
  const own = { connections: 1, timeoutMs: PROBE_TIMEOUT, silenceMs: PROBE_TIMEOUT }
  return createProbe(createHttp({ ...options, ...own }), { freshMs: PROBE_FRESH, onTurn })
}

/** `exchange` is where other replicas watch the same; null where there are none. */
const createWatches = (options: Omit<WatchesOptions, 'upstreamError'>, exchange: Exchange | null): Watches =>
  new Watches({ ...options, upstreamError }, exchange)

const upstreamError = (text: string, message: string): RestcommError | null => {
  const failure = FAILURES.find(known => known === text)
  return failure === undefined ? null : new RestcommError(failure, message)
}
