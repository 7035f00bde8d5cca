import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Logger } from 'pino'
import { authModeOf, createAuthenticator, type ServiceCredentials } from './auth/authenticator.ts'
import type { Caller } from './callerShares.ts'
import type { MutationEvent } from './commands/conferenceCommands.ts'
import type { Config } from './config.ts'
import { createContext } from './context.ts'
import { httpStatusOf } from './errorMapping.ts'
import { createDocumentAnalyzer } from './graphql/analyzeDocument.ts'
import { OperationLimits } from './graphql/limits/operationLimits.ts'
import { createRateLimit } from './graphql/limits/rateLimit.ts'
import { readTrustedDocuments } from './graphql/plugins/useTrustedDocuments.ts'
import { createSchema } from './graphql/schema.ts'
import { createGraphQLServer } from './graphql/yoga.ts'
import { EventLoopLag } from './http/eventLoopLag.ts'
import { createGraphiqlHandler } from './http/graphiql.ts'
import { createHttpHandler } from './http/handler.ts'
import { crossOriginError, normalizeRequestTarget } from './http/hostAndOrigin.ts'
import { respondAndClose } from './http/respond.ts'
import { createAdminHandler, createMetricsHandler, createReadiness, respondAlive } from './http/routes.ts'
import { UnsentBytes } from './http/unsentBytes.ts'
import type { WatchObserver } from './live/sharedWatch.ts'
import { WatchRegistry } from './live/watchRegistry.ts'
import { ACTIONS } from './model.ts'
import { createAuditLog } from './observability/auditLog.ts'
import type { ClusterMetrics } from './observability/metrics/clusterMetrics.ts'
import { createMetricsRegistry } from './observability/metrics/registry.ts'
import { type OperationObservers, OperationRecorder } from './observability/operationRecorder.ts'
import { OutageLog } from './observability/outageLog.ts'
import { RepeatedEvents } from './observability/repeatedEvents.ts'
import { startTracing } from './observability/startTracing.ts'
import { TopClients } from './observability/topClients.ts'
import type { ReplicaServices } from './redis/replicaServices.ts'
import { HealthProbe } from './restcomm/http/healthProbe.ts'
import type { BreakerChange } from './restcomm/http/upstreamObserver.ts'
import { RecentCallers } from './restcomm/recentCallers.ts'
import { UpstreamState } from './restcomm/upstreamState.ts'
import { createWebSocketServer } from './websocket/server.ts'

export interface GatewayOptions {
  /** Base URL of Restcomm, up to and including `/restcomm`. */
  readonly restcommUrl: string
  /** Used for clients without Restcomm credentials. */
  readonly serviceCredentials: ServiceCredentials
  readonly config: Omit<Config, 'serviceCredentials'>
  readonly log: Logger
  /** Services which use Redis; null for a single replica. The caller must close the services. */
  readonly replicaServices?: ReplicaServices | null
  readonly clusterMetrics?: ClusterMetrics | null
  /** Whether new operations are refused. Default: by the lag of the event loop. */
  readonly isOverloaded?: () => boolean
}

export type Gateway = ReturnType<typeof createGateway>

const UNSENT_CHECK_INTERVAL_MS = 1_000

/**
 * Starts tracing and connects to Redis, if configured, and creates the gateway. `close` also closes tracing and Redis.
 * An unreachable Redis does not delay the start, because the connection is opened in the background.
 */
export async function startGateway(options: Omit<GatewayOptions, 'replicaServices'>): Promise<Gateway> {
  const { config, restcommUrl, log } = options
  const stopTracing = config.isTraced ? await startTracing(log) : null
  const { url } = config.redis
  const [secret = ''] = config.secrets
  const replicaServices =
    url === null ? null : (await import('./redis/replicaServices.ts')).connectShared(url, restcommUrl, secret, log)
  const gateway = createGateway({ ...options, replicaServices })
  return {
    ...gateway,
    close: async () => {
      await gateway.close()
      replicaServices?.close()
      await stopTracing?.()
    },
  }
}

export function createGateway(options: GatewayOptions) {
  const { restcommUrl, serviceCredentials, config, log, replicaServices = null, clusterMetrics = null } = options
  const metrics = createMetricsRegistry(() => ({
    ...watches.stats,
    ...upstream.http.stats,
    cache: upstream.cache.stats,
  }))
  const events = new RepeatedEvents(log)
  const topClients = new TopClients(log)
  const observers: OperationObservers = {
    log,
    events,
    topClients,
    metrics: metrics.operations,
    isTraced: config.isTraced,
    slowMs: config.log.slowOperationMs,
  }
  const upstream = new UpstreamState({
    ...config.restcomm,
    ...config.limits,
    url: restcommUrl,
    probe: () => probe.check(),
    observer: {
      ...metrics.upstream,
      breakerChanged: change => {
        metrics.upstream.breakerChanged(change)
        logBreakerChange(log, events, change)
      },
      paused: (account, seconds) =>
        events.write('warn', `${account}`, { account: account ?? undefined, seconds }, 'Restcomm asked to wait'),
    },
    cache: config.cache,
    sharedCache: replicaServices?.rows ?? null,
    isShared: replicaServices !== null || clusterMetrics !== null,
  })
  // Must be registered before the listener of the watches, so that polls after an invalidation read no cached lists.
  replicaServices?.exchange.on('change', () => upstream.invalidate())
  const callers = {
    isVerified: (caller: Caller) => upstream.acceptedCredentials.has(caller),
    recentCallers: new RecentCallers(),
  }
  const watches = new WatchRegistry(
    { ...config.live, observe: resource => observeWatch(events, resource) },
    callers.isVerified,
    replicaServices?.exchange,
  )
  const outage = new OutageLog(log, { started: 'Restcomm unreachable', ended: 'Restcomm reachable again' })
  const probe = new HealthProbe({ ...config.restcomm, url: restcommUrl }, error => {
    if (error === null) outage.end()
    else outage.start({ err: error })
  })
  const readiness = createReadiness(upstream.http, probe)

  const schema = createSchema(config.federation)
  const { suggestions } = config.queries
  const errorReporting = { log, events, suggestions, maxResponseBytes: config.http.maxResponseBytes }
  const analyzeDocument = createDocumentAnalyzer(schema, config.limits)
  const trustedDocuments = readTrustedDocuments(config.queries, schema, analyzeDocument)
  const authMode = authModeOf(serviceCredentials, config.authentication)
  const authenticate = createAuthenticator(serviceCredentials, config.authentication, { log, events })

  const rateLimit = createRateLimit(config.rateLimit, replicaServices?.connection)
  const operationLimits = new OperationLimits(config.operations, callers)
  const services = {
    upstream,
    watches,
    limits: config.limits,
    settleTimeoutMs: config.mutations.settleTimeoutMs,
    audit: createAuditLog(log),
    eventTimeoutMs: config.http.timeoutMs,
    chargeCost: rateLimit,
    /** Later reads of all clients and the polls of all replicas see the state after the event. */
    publishMutation: ({ conference }: MutationEvent) => {
      upstream.invalidate()
      watches.invalidate(conference)
    },
  }
  const graphql = createGraphQLServer({
    schema,
    analyzeDocument,
    config,
    errorReporting,
    authMode,
    trustedDocuments,
    clientLimits: { rateLimit, operationLimits },
    buildContext: async request => {
      const identity = await authenticate(request.authorization)
      const { document } = request.operation
      // Fails the request instead of each field, so that the response has the status 401.
      if (identity instanceof Error && document && analyzeDocument(document).needsCredentials) throw identity
      const credentials = identity instanceof Error ? { ...ANONYMOUS, authError: identity } : identity
      request.operation.client = credentials
      return createContext(services, credentials, request)
    },
  })

  const unsentBytes = new UnsentBytes(config.operations.maxUnsentBytes, callers.recentCallers, connections =>
    events.write('warn', '', { connections }, 'connections of slow readers closed'),
  )
  const unsentCheck = setInterval(() => unsentBytes.check(), UNSENT_CHECK_INTERVAL_MS).unref()
  const eventLoopLag = new EventLoopLag(isOverloaded => {
    if (isOverloaded) events.write('warn', '', {}, 'event loop overloaded: new operations are refused')
    else events.write('info', '', {}, 'event loop recovered')
  })
  const { isOverloaded = () => eventLoopLag.isOverloaded } = options
  const { maxBodyBytes } = config.http
  const trustedOrigins = new Set(config.http.corsOrigins)
  const webSocket = createWebSocketServer({
    graphql,
    ...errorReporting,
    trustedDocuments,
    unsentBytes,
    isOverloaded,
    maxMessageBytes: maxBodyBytes,
    ...config.live,
    startOperation: requestId => new OperationRecorder(requestId, observers),
  })
  const routes = new Map([
    ['/health', respondAlive],
    ['/ready', readiness.handle],
  ])
  clusterMetrics?.register(metrics.snapshot)
  const metricsHandler = createMetricsHandler(clusterMetrics ?? metrics, metrics.contentType)
  const routesWithMetrics = new Map([...routes, ['/metrics', metricsHandler]])

  /** Turns readiness off and rejects new subscriptions. Queries and mutations continue. */
  const startDraining = () => {
    readiness.startDraining()
    watches.startDraining()
  }
  return {
    /** Serves `/graphql`, `/health`, `/ready` and, without a separate metrics port, `/metrics`. */
    handle: createHttpHandler({
      graphql,
      routes: config.metrics.port === null ? routesWithMetrics : routes,
      graphiql: config.http.graphiql ? createGraphiqlHandler(authMode) : null,
      trustedOrigins,
      maxBodyBytes,
      errorReporting,
      authMode,
      unsentBytes,
      isOverloaded,
      startOperation: (requestId, headers) => new OperationRecorder(requestId, observers, headers),
      onResponse: metrics.operations.countResponse,
      onRejected: metrics.operations.countError,
    }),
    handleAdmin: createAdminHandler(routesWithMetrics),
    upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
      const error = normalizeRequestTarget(request) ?? crossOriginError(request, trustedOrigins)
      if (error !== null) respondAndClose(socket, httpStatusOf(error), error)
      else if (request.url?.split('?', 1)[0] === '/graphql') webSocket.upgrade(request, socket, head)
      else respondAndClose(socket, 404)
    },
    startDraining,
    /** Completes all subscriptions. Resolves when the WebSockets are closed. */
    drain: () => {
      startDraining()
      watches.close()
      return webSocket.drain()
    },
    onUnhandledRejection: (reason: unknown): void => {
      metrics.countUnhandledRejection()
      log.error({ err: reason }, 'unhandled promise rejection')
    },
    close: async () => {
      clearInterval(unsentCheck)
      eventLoopLag.close()
      await Promise.all([upstream.http.close(), probe.close()])
      events.close()
      topClients.close()
    },
  }
}

/** Many accounts can fail at once, so only changes of the server's breaker always have a line of their own. */
function logBreakerChange(log: Logger, events: RepeatedEvents, change: BreakerChange): void {
  const { state, scope, account, cause, openMs } = change
  const seconds = openMs === null ? undefined : Math.round(openMs / 100) / 10
  const fields = { scope, account: account ?? undefined, cause: cause ?? undefined, seconds }
  const [level, message] =
    state === 'open' ? (['warn', 'circuit breaker opened'] as const) : (['info', 'circuit breaker closed'] as const)
  if (scope === 'server') log[level](fields, message)
  else events.write(level, `${account}`, fields, message)
}

/** During an outage many watches fail, so their entries are summed up for each account. */
function observeWatch(events: RepeatedEvents, resource: string): WatchObserver {
  const [account = '', conference] = resource.split('/')
  const write = (level: 'warn' | 'info', fields: object, message: string) =>
    events.write(level, account, { account, conference, ...fields }, message)
  return {
    failing: ({ message }) => write('warn', { cause: message }, 'watch failing'),
    recovered: milliseconds => write('info', { seconds: Math.round(milliseconds / 100) / 10 }, 'watch recovered'),
    ended: ({ message }) => write('warn', { cause: message }, 'watch ended'),
  }
}

/** Credentials of a request without valid credentials, so that every read fails with `authError`. */
const ANONYMOUS = {
  account: null,
  authorization: null,
  isServiceAccount: false,
  credentialHash: '',
  accounts: null,
  clientId: '',
  clientName: null,
  actions: ACTIONS,
  expiresAt: null,
}
