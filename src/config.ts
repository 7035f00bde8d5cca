import { CONSTANTS } from './config/constants.ts'
import { type Environment, parseSettings } from './config/parseSettings.ts'
import type { Settings } from './config/settings.ts'

export { ConfigError } from './config/parseSettings.ts'

/** A query may sort this number of lists with `MAX_SORTED_ROWS` rows each. */
const SORTED_LISTS_PER_QUERY = 5
/** A page of Restcomm can have two rows of up to 4 KiB for each row of a page of the gateway. */
const MAX_BYTES_PER_PAGE_ROW = 8_192
/** Leaves watches for other credentials. */
const WATCH_SHARE_PER_CREDENTIAL = 0.1
/** Enough for the watches of several clients whose credentials Restcomm has not accepted yet. */
const UNVERIFIED_WATCH_SHARE = 0.5
/** Also with a small `LIVE_MAX_WATCHES`, a client can watch a typical number of conferences. */
const MIN_WATCHES_PER_CREDENTIAL = 100

/** A short `REQUEST_TIMEOUT_MS` also leaves time for a retry after a timeout of Restcomm. */
const DEFAULT_RESTCOMM_TIMEOUT_SHARE = 0.4

/** Validated settings with defaults, grouped by topic and frozen. */
export type Config = ReturnType<typeof readConfig>

/** Reads the settings from environment variables; empty variables count as unset. Throws a `ConfigError`. */
export function readConfig(env: Environment) {
  const parsed = parseSettings(env)
  const { RESTCOMM_ACCOUNT_SID: accountSid, RESTCOMM_AUTH_TOKEN: authToken } = parsed
  return freezeConfig({
    http: {
      host: parsed.HOST,
      port: parsed.PORT,
      graphiql: parsed.GRAPHIQL,
      timeoutMs: parsed.REQUEST_TIMEOUT_MS,
      maxBodyBytes: parsed.MAX_BODY_BYTES,
      maxResponseBytes: parsed.MAX_RESPONSE_BYTES,
      corsOrigins: parsed.CORS_ORIGINS ?? [],
    },
    log: { level: parsed.LOG_LEVEL, ...CONSTANTS.log },
    /** If `port` is null, metrics are served at the GraphQL port. */
    metrics: { host: parsed.METRICS_HOST ?? parsed.HOST, port: parsed.METRICS_PORT ?? null },
    /** Whether the OpenTelemetry SDK starts. The SDK reads all further variables `OTEL_*` itself. */
    isTraced: isTraced(env),
    /** `count` is the number of worker processes; `auto` is the number of CPU cores. */
    workers: { count: parsed.WORKERS, ...CONSTANTS.workers },
    connections: { keepAliveTimeoutMs: parsed.KEEP_ALIVE_TIMEOUT_MS, ...CONSTANTS.connections },
    shutdown: { delayMs: parsed.SHUTDOWN_DELAY_MS, timeoutMs: parsed.SHUTDOWN_TIMEOUT_MS },
    restcomm: {
      /** If null, the gateway uses the embedded sandbox. */
      url: parsed.RESTCOMM_URL?.replace(/\/+$/, '') ?? null,
      dialect: parsed.RESTCOMM_DIALECT === 'auto' ? null : parsed.RESTCOMM_DIALECT,
      timeoutMs: env.RESTCOMM_TIMEOUT_MS
        ? parsed.RESTCOMM_TIMEOUT_MS
        : Math.min(parsed.RESTCOMM_TIMEOUT_MS, parsed.REQUEST_TIMEOUT_MS * DEFAULT_RESTCOMM_TIMEOUT_SHARE),
      connections: parsed.RESTCOMM_CONNECTIONS,
      ...CONSTANTS.restcomm,
      maxBodyBytes: Math.max(CONSTANTS.restcomm.maxBodyBytes, parsed.MAX_PAGE_SIZE * MAX_BYTES_PER_PAGE_ROW),
    },
    cache: { maxBytes: parsed.CACHE_MAX_BYTES, listTtlMs: parsed.CACHE_LIST_TTL_MS, ...CONSTANTS.cache },
    /** The URL must not be logged, because the URL may contain a password. Null turns Redis off. */
    redis: { url: parsed.REDIS_URL ?? null },
    /** The first secret keys hashes. The following secrets are former secrets. Not empty if Redis is used. */
    secrets: parsed.GATEWAY_SECRET ?? [],
    /** Restcomm credentials of the gateway. If null, each client sends Restcomm credentials, except to the sandbox. */
    serviceCredentials: accountSid === undefined || authToken === undefined ? null : { accountSid, authToken },
    authentication: { apiKeys: parsed.API_KEY_HASHES ?? [], tokens: jwtOptions(parsed) },
    limits: {
      defaultPageSize: Math.min(CONSTANTS.pages.defaultPageSize, parsed.MAX_PAGE_SIZE),
      maxPageSize: parsed.MAX_PAGE_SIZE,
      maxSortedRows: parsed.MAX_SORTED_ROWS,
      maxQuerySortedRows: parsed.MAX_SORTED_ROWS * SORTED_LISTS_PER_QUERY,
    },
    queries: {
      maxDepth: parsed.MAX_QUERY_DEPTH,
      maxCost: parsed.MAX_QUERY_COST,
      introspection: parsed.INTROSPECTION,
      /** "Did you mean" suggestions reveal schema names. */
      suggestions: parsed.INTROSPECTION && env.NODE_ENV !== 'production',
      /** Path of the trusted documents. If null, every document is executed; otherwise only trusted documents. */
      trustedDocuments: parsed.TRUSTED_DOCUMENTS ?? null,
      ...CONSTANTS.queries,
    },
    /** Maximum total cost of a client's queries in `windowMs`; 0 turns the limit off. */
    rateLimit: { maxCost: parsed.RATE_LIMIT_COST, windowMs: parsed.RATE_LIMIT_WINDOW_MS },
    federation: {
      node: parsed.FEDERATION_NODE,
      nodeKey: parsed.FEDERATION_NODE_KEY,
      tag: parsed.FEDERATION_TAG ?? null,
    },
    /** Maximum numbers of concurrent operations per process, in total and of all unverified clients. */
    operations: { ...CONSTANTS.operations },
    mutations: { settleTimeoutMs: parsed.MUTATION_SETTLE_MS },
    live: {
      intervalMs: parsed.LIVE_POLL_INTERVAL_MS,
      maxWatches: parsed.LIVE_MAX_WATCHES,
      maxWatchesPerCredential: Math.max(
        MIN_WATCHES_PER_CREDENTIAL,
        Math.ceil(parsed.LIVE_MAX_WATCHES * WATCH_SHARE_PER_CREDENTIAL),
      ),
      maxUnverifiedWatches: Math.ceil(parsed.LIVE_MAX_WATCHES * UNVERIFIED_WATCH_SHARE),
      ...CONSTANTS.live,
    },
  })
}

/** If the keys, the issuer or the audience is not set, returns null. All JSON Web Tokens are then rejected. */
function jwtOptions(parsed: Settings) {
  const { JWT_JWKS_URL: url, JWT_JWKS_FILE: keySet, JWT_ISSUER: issuer, JWT_AUDIENCE: audience } = parsed
  if (issuer === undefined || audience === undefined) return null
  const keys = url ?? keySet
  const { JWT_ACCOUNTS_CLAIM: accountsClaim, JWT_MAX_LIFETIME_SECONDS: maxLifetimeSeconds } = parsed
  const { JWT_REQUIRE_SCOPE: requiresScope } = parsed
  return keys === undefined ? null : { keys, issuer, audience, accountsClaim, maxLifetimeSeconds, requiresScope }
}

function isTraced(env: Environment): boolean {
  if (env.OTEL_SDK_DISABLED?.toLowerCase() === 'true' || env.OTEL_TRACES_EXPORTER === 'none') return false
  return Boolean(env.OTEL_EXPORTER_OTLP_ENDPOINT || env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT || env.OTEL_TRACES_EXPORTER)
}

function freezeConfig<T extends object>(config: T): Readonly<T> {
  for (const part of Object.values(config)) Object.freeze(part)
  return Object.freeze(config)
}
