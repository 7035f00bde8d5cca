import { contradictions } from './config/crossChecks.ts'
import { tracesUrl } from './config/tracingSettings.ts'
import { type Given, type Name, SECRET, SETTING_NAMES, type Settings, settings } from './config/settings.ts'

/** What the process was told to be: frozen, and complete. */
export type Config = ReturnType<typeof readConfig>

/** Every problem that the settings have, a sentence each. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(problems.join('\n'))
    this.problems = problems
  }
}

/** Reads the settings, or throws a `ConfigError` with all that is wrong with them. An empty setting counts as unset. */
export const readConfig = (env: Readonly<Record<string, string | undefined>>) => {
  const given: Given = Object.fromEntries(SETTING_NAMES.filter(name => env[name]).map(name => [name, env[name]]))
  const wrong = SETTING_NAMES.filter(name => !settings.shape[name].safeParse(given[name]).success)
  const set = settings.parse({ ...given, ...Object.fromEntries(wrong.map(name => [name, undefined])) })
  const problems = [...wrong.map(name => refusal(name, given[name])), ...contradictions(set, given, wrong)]
  if (problems.length > 0) throw new ConfigError(problems)

  const service =
    set.RESTCOMM_ACCOUNT_SID === undefined || set.RESTCOMM_AUTH_TOKEN === undefined
      ? null
      : { accountSid: set.RESTCOMM_ACCOUNT_SID, authToken: set.RESTCOMM_AUTH_TOKEN }
  const tracesTo = tracesUrl(set.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, set.OTEL_EXPORTER_OTLP_ENDPOINT)
  return frozen({
    http: {
      host: set.HOST,
      port: set.PORT,
      graphiql: set.GRAPHIQL,
      timeoutMs: set.REQUEST_TIMEOUT_MS,
      maximumBodyBytes: set.MAX_BODY_BYTES,
      /** Other origins whose pages may ask. */
      corsOrigins: set.CORS_ORIGINS ?? [],
    },
    log: { level: set.LOG_LEVEL, slowOperationMs: set.SLOW_OPERATION_MS },
    metrics: {
      isServed: set.METRICS,
      host: set.METRICS_HOST ?? set.HOST,
      /** Null: the same as that of the graph. */
      port: set.METRICS_PORT ?? null,
    },
    /** Null where nothing is traced. */
    tracing:
      tracesTo === null
        ? null
        : {
            url: tracesTo,
            headers: set.OTEL_EXPORTER_OTLP_HEADERS ?? {},
            serviceName: set.OTEL_SERVICE_NAME,
            sampler: set.OTEL_TRACES_SAMPLER,
            ratio: set.OTEL_TRACES_SAMPLER_ARG,
          },
    workers: {
      /** How many processes serve; `auto` for one a core. */
      count: set.WORKERS,
      startMs: set.WORKER_START_TIMEOUT_MS,
    },
    connections: {
      keepAliveMs: set.KEEP_ALIVE_TIMEOUT_MS,
      receiveMs: set.RECEIVE_TIMEOUT_MS,
      sendMs: set.SEND_TIMEOUT_MS,
      maximumConnections: set.MAX_CONNECTIONS,
    },
    shutdown: { delayMs: set.SHUTDOWN_DELAY_MS, timeoutMs: set.SHUTDOWN_TIMEOUT_MS },
    restcomm: {
      /** Null: the embedded sandbox. */
      url: set.RESTCOMM_URL ?? null,
      dialect: set.RESTCOMM_DIALECT === 'auto' ? null : set.RESTCOMM_DIALECT,
      timeoutMs: set.RESTCOMM_TIMEOUT_MS,
      connections: set.RESTCOMM_CONNECTIONS,
      maximumWaiting: set.RESTCOMM_MAX_WAITING,
      breakerOpenMs: set.RESTCOMM_BREAKER_OPEN_MS,
      maximumBodyBytes: set.RESTCOMM_MAX_BODY_BYTES,
    },
    cache: { maximumBytes: set.CACHE_MAX_BYTES, finalMs: set.CACHE_FINAL_TTL_MS, listMs: set.CACHE_LIST_TTL_MS },
    /** What replicas share, by an address that may hold a password; null where each is on its own. */
    redis: { url: set.REDIS_URL ?? null },
    /** The gateway's own credentials, for requests that come without; null where each brings its own. */
    service,
    /** Who may use the gateway's own credentials. */
    authentication: { apiKeys: set.API_KEY_HASHES ?? [], tokens: tokensOf(set) },
    limits: {
      defaultSize: set.DEFAULT_PAGE_SIZE,
      maximumSize: set.MAX_PAGE_SIZE,
      maximumSortedRows: set.MAX_SORTED_ROWS,
      maximumQuerySortedRows: set.MAX_QUERY_SORTED_ROWS,
    },
    queries: {
      maximumDepth: set.MAX_QUERY_DEPTH,
      maximumAliases: set.MAX_QUERY_ALIASES,
      maximumDefers: set.MAX_QUERY_DEFERS,
      maximumTokens: set.MAX_QUERY_TOKENS,
      maximumCost: set.MAX_QUERY_COST,
      maximumNodeIds: set.MAX_NODE_IDS,
      maximumReferences: set.MAX_QUERY_REFERENCES,
      introspection: set.INTROSPECTION,
      // Suggestions tell names of the schema to whoever guesses.
      suggestions: set.SUGGESTIONS ?? (set.INTROSPECTION && env.NODE_ENV !== 'production'),
      /** Where the only documents that are run are read from; null: any is. */
      trustedDocuments: set.TRUSTED_DOCUMENTS ?? null,
    },
    rate: {
      /** What the queries of one client may cost in a window; 0 for any. */
      cost: set.RATE_LIMIT_COST,
      windowMs: set.RATE_LIMIT_WINDOW_MS,
    },
    federation: { node: set.FEDERATION_NODE },
    moderation: { settleMs: set.MUTATION_SETTLE_MS },
    live: {
      intervalMs: set.LIVE_POLL_INTERVAL_MS,
      graceMs: set.LIVE_GRACE_MS,
      queueLimit: set.LIVE_QUEUE_LIMIT,
      maximumWatches: set.LIVE_MAX_WATCHES,
      maximumWatchesPerCredential: set.LIVE_MAX_WATCHES_PER_CREDENTIAL,
      maximumSubscriptionsPerConnection: set.LIVE_MAX_SUBSCRIPTIONS_PER_CONNECTION,
    },
    sandbox: { seed: set.SANDBOX_SEED, speed: set.SANDBOX_SPEED },
  })
}

/** How JSON Web Tokens are checked; null where none count. */
const tokensOf = (set: Settings) => {
  const { JWT_JWKS_URL: url, JWT_JWKS_FILE: keySet, JWT_ISSUER: issuer, JWT_AUDIENCE: audience } = set
  if (issuer === undefined || audience === undefined) return null
  const keys = url ?? keySet
  return keys === undefined ? null : { keys, issuer, audience, accountsClaim: set.JWT_ACCOUNTS_CLAIM }
}

const frozen = <T extends object>(config: T): Readonly<T> => {
  for (const part of Object.values(config)) Object.freeze(part)
  return Object.freeze(config)
}

const refusal = (name: Name, value: string | undefined): string => {
  const { description } = settings.shape[name]
  return `${name} must be ${description}${SECRET.has(name) ? '' : `, and not ${JSON.stringify(value)}`}.`
}
