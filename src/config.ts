import { crossCheckSettings } from './config/crossCheckSettings.ts'
import {
  type RawSettings,
  SECRET_SETTINGS,
  SETTING_NAMES,
  type SettingName,
  type Settings,
  settingsSchema,
} from './config/settings.ts'

/** Validated settings with defaults, grouped by topic and frozen. */
export type Config = ReturnType<typeof readConfig>

/** `problems` has a sentence for each invalid or contradictory setting. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(problems.join('\n'))
    this.problems = problems
  }
}

/** Reads the settings from environment variables; empty variables count as unset. Throws a `ConfigError`. */
export function readConfig(env: Readonly<Record<string, string | undefined>>) {
  const raw: RawSettings = Object.fromEntries(SETTING_NAMES.filter(name => env[name]).map(name => [name, env[name]]))
  const invalidNames = SETTING_NAMES.filter(name => !settingsSchema.shape[name].safeParse(raw[name]).success)
  const parsed = settingsSchema.parse({ ...raw, ...Object.fromEntries(invalidNames.map(name => [name, undefined])) })
  const problems = [
    ...invalidNames.map(name => invalidMessage(name, raw[name])),
    ...crossCheckSettings(parsed, raw, invalidNames),
  ]
  if (problems.length > 0) throw new ConfigError(problems)

  const serviceCredentials =
    parsed.RESTCOMM_ACCOUNT_SID === undefined || parsed.RESTCOMM_AUTH_TOKEN === undefined
      ? null
      : { accountSid: parsed.RESTCOMM_ACCOUNT_SID, authToken: parsed.RESTCOMM_AUTH_TOKEN }
  return freezeConfig({
    http: {
      host: parsed.HOST,
      port: parsed.PORT,
      graphiql: parsed.GRAPHIQL,
      timeoutMs: parsed.REQUEST_TIMEOUT_MS,
      maxBodyBytes: parsed.MAX_BODY_BYTES,
      corsOrigins: parsed.CORS_ORIGINS ?? [],
    },
    log: { level: parsed.LOG_LEVEL, slowOperationMs: parsed.SLOW_OPERATION_MS },
    metrics: {
      isServed: parsed.METRICS,
      host: parsed.METRICS_HOST ?? parsed.HOST,
      /** If null, metrics are served at the GraphQL port. */
      port: parsed.METRICS_PORT ?? null,
    },
    /** Whether the OpenTelemetry SDK starts. The SDK reads all further variables `OTEL_*` itself. */
    isTraced: isTraced(env),
    workers: {
      /** Number of worker processes; `auto` is the number of CPU cores. */
      count: parsed.WORKERS,
      startTimeoutMs: parsed.WORKER_START_TIMEOUT_MS,
    },
    connections: {
      keepAliveTimeoutMs: parsed.KEEP_ALIVE_TIMEOUT_MS,
      receiveTimeoutMs: parsed.RECEIVE_TIMEOUT_MS,
      sendTimeoutMs: parsed.SEND_TIMEOUT_MS,
      maxConnections: parsed.MAX_CONNECTIONS,
    },
    shutdown: { delayMs: parsed.SHUTDOWN_DELAY_MS, timeoutMs: parsed.SHUTDOWN_TIMEOUT_MS },
    restcomm: {
      /** If null, the gateway uses the embedded sandbox. */
      url: parsed.RESTCOMM_URL ?? null,
      dialect: parsed.RESTCOMM_DIALECT === 'auto' ? null : parsed.RESTCOMM_DIALECT,
      timeoutMs: parsed.RESTCOMM_TIMEOUT_MS,
      connections: parsed.RESTCOMM_CONNECTIONS,
      maxQueued: parsed.RESTCOMM_MAX_WAITING,
      breakerOpenMs: parsed.RESTCOMM_BREAKER_OPEN_MS,
      maxBodyBytes: parsed.RESTCOMM_MAX_BODY_BYTES,
    },
    cache: {
      maxBytes: parsed.CACHE_MAX_BYTES,
      immutableTtlMs: parsed.CACHE_FINAL_TTL_MS,
      listTtlMs: parsed.CACHE_LIST_TTL_MS,
    },
    /** The URL must not be logged, because the URL may contain a password. Null turns Redis off. */
    redis: { url: parsed.REDIS_URL ?? null },
    /** Restcomm credentials of the gateway. If null, each client sends Restcomm credentials, except to the sandbox. */
    serviceCredentials,
    authentication: { apiKeys: parsed.API_KEY_HASHES ?? [], tokens: jwtOptions(parsed) },
    limits: {
      defaultPageSize: parsed.DEFAULT_PAGE_SIZE,
      maxPageSize: parsed.MAX_PAGE_SIZE,
      maxSortedRows: parsed.MAX_SORTED_ROWS,
      maxQuerySortedRows: parsed.MAX_QUERY_SORTED_ROWS,
    },
    queries: {
      maxDepth: parsed.MAX_QUERY_DEPTH,
      maxAliases: parsed.MAX_QUERY_ALIASES,
      maxDefers: parsed.MAX_QUERY_DEFERS,
      maxTokens: parsed.MAX_QUERY_TOKENS,
      maxCost: parsed.MAX_QUERY_COST,
      maxNodeIds: parsed.MAX_NODE_IDS,
      maxReferences: parsed.MAX_QUERY_REFERENCES,
      introspection: parsed.INTROSPECTION,
      // "Did you mean" suggestions reveal schema names. The default is false in production or without introspection.
      suggestions: parsed.SUGGESTIONS ?? (parsed.INTROSPECTION && env.NODE_ENV !== 'production'),
      /** Path of the trusted documents. If null, every document is executed; otherwise only trusted documents. */
      trustedDocuments: parsed.TRUSTED_DOCUMENTS ?? null,
    },
    rateLimit: {
      /** Maximum total cost of a client's queries in `windowMs`; 0 turns the limit off. */
      maxCost: parsed.RATE_LIMIT_COST,
      windowMs: parsed.RATE_LIMIT_WINDOW_MS,
    },
    federation: { node: parsed.FEDERATION_NODE },
    mutations: { settleTimeoutMs: parsed.MUTATION_SETTLE_MS },
    live: {
      intervalMs: parsed.LIVE_POLL_INTERVAL_MS,
      graceMs: parsed.LIVE_GRACE_MS,
      maxQueuedEvents: parsed.LIVE_QUEUE_LIMIT,
      maxWatches: parsed.LIVE_MAX_WATCHES,
      maxWatchesPerCredential: parsed.LIVE_MAX_WATCHES_PER_CREDENTIAL,
      maxSubscriptionsPerConnection: parsed.LIVE_MAX_SUBSCRIPTIONS_PER_CONNECTION,
    },
    sandbox: { seed: parsed.SANDBOX_SEED, speed: parsed.SANDBOX_SPEED },
  })
}

/** If the keys, the issuer or the audience is not set, returns null. All JSON Web Tokens are then rejected. */
function jwtOptions(parsed: Settings) {
  const { JWT_JWKS_URL: url, JWT_JWKS_FILE: keySet, JWT_ISSUER: issuer, JWT_AUDIENCE: audience } = parsed
  if (issuer === undefined || audience === undefined) return null
  const keys = url ?? keySet
  return keys === undefined ? null : { keys, issuer, audience, accountsClaim: parsed.JWT_ACCOUNTS_CLAIM }
}

function isTraced(env: Readonly<Record<string, string | undefined>>): boolean {
  if (env.OTEL_SDK_DISABLED?.toLowerCase() === 'true' || env.OTEL_TRACES_EXPORTER === 'none') return false
  return Boolean(env.OTEL_EXPORTER_OTLP_ENDPOINT || env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT || env.OTEL_TRACES_EXPORTER)
}

function freezeConfig<T extends object>(config: T): Readonly<T> {
  for (const part of Object.values(config)) Object.freeze(part)
  return Object.freeze(config)
}

function invalidMessage(name: SettingName, value: string | undefined): string {
  const { description } = settingsSchema.shape[name]
  const found = SECRET_SETTINGS.has(name) ? 'invalid' : JSON.stringify(value)
  return `${name} is ${found}: expected ${description}.`
}
