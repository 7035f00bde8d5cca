import { z } from 'zod'
import { ACCOUNT_SID } from './accountSid.ts'
import { apiKeys } from './apiKeyHashes.ts'
import { keySetFile, keySetUrl } from './jwksFile.ts'
import { flag, flagOrUnset, oneOf, optionalWhole, whole, wholeOrAuto } from './settingTypes.ts'
import { isCollectorUrl, isHeaderList, parseHeaders, SAMPLERS } from './tracingSettings.ts'

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const
const DIALECTS = ['auto', 'connect', 'cloud'] as const
const NODE_LOOK_UPS = ['own', 'shared', 'off'] as const

const isRestcommUrl = (text: string): boolean => {
  if (!URL.canParse(text)) return false
  const { protocol, username, password, search, hash, pathname } = new URL(text)
  const plain = username === '' && password === '' && search === '' && hash === ''
  return plain && ['http:', 'https:'].includes(protocol) && !pathname.includes('/2012-04-24')
}

/** As a browser writes them in its `Origin` header, so that they are compared as they are. */
const isOrigin = (text: string): boolean => URL.canParse(text) && /^https?:/.test(text) && new URL(text).origin === text

const isRedisUrl = (text: string): boolean => {
  if (!URL.canParse(text)) return false
  const { protocol, hostname, pathname } = new URL(text)
  return ['redis:', 'rediss:'].includes(protocol) && hostname !== '' && /^(\/\d{0,3})?$/.test(pathname)
}

/** Each setting, with what it must be: the description ends the sentence that refuses another value. */
export const settings = z.object({
  PORT: whole(0, 65_535, 4000),
  HOST: z.string().default('127.0.0.1').describe('a host name or an address to listen on'),
  WORKERS: wholeOrAuto(128, 1),
  WORKER_START_TIMEOUT_MS: whole(100, 3_600_000, 30_000),
  KEEP_ALIVE_TIMEOUT_MS: whole(1, 3_600_000, 72_000),
  RECEIVE_TIMEOUT_MS: whole(100, 3_600_000, 30_000),
  SEND_TIMEOUT_MS: whole(100, 3_600_000, 30_000),
  MAX_CONNECTIONS: whole(1, 1_000_000, 20_000),
  SHUTDOWN_DELAY_MS: whole(0, 600_000, 5_000),
  SHUTDOWN_TIMEOUT_MS: whole(1, 3_600_000, 25_000),
  LOG_LEVEL: oneOf(LOG_LEVELS, 'info'),
  SLOW_OPERATION_MS: whole(1, 3_600_000, 5_000),
  REQUEST_TIMEOUT_MS: whole(1, 600_000, 10_000),
  RESTCOMM_URL: z
    .string()
    .refine(isRestcommUrl)
    .transform(url => url.replace(/\/+$/, ''))
    .optional()
    .describe('an http or https address up to and including /restcomm, without credentials or a query'),
  RESTCOMM_ACCOUNT_SID: z
    .string()
    .regex(new RegExp(`^${ACCOUNT_SID}$`))
    .optional()
    .describe('`AC` and 32 letters or digits'),
  RESTCOMM_AUTH_TOKEN: z.string().optional().describe('a text'),
  RESTCOMM_DIALECT: oneOf(DIALECTS, 'auto'),
  RESTCOMM_TIMEOUT_MS: whole(1, 600_000, 10_000),
  RESTCOMM_CONNECTIONS: whole(1, 10_000, 64),
  RESTCOMM_MAX_WAITING: whole(0, 1_000_000, 10_000),
  RESTCOMM_BREAKER_OPEN_MS: whole(1, 600_000, 3_000),
  RESTCOMM_MAX_BODY_BYTES: whole(1_024, 1_073_741_824, 16_777_216),
  CACHE_MAX_BYTES: whole(0, 17_179_869_184, 67_108_864),
  CACHE_FINAL_TTL_MS: whole(1, 86_400_000, 3_600_000),
  CACHE_LIST_TTL_MS: whole(0, 3_600_000, 0),
  REDIS_URL: z
    .string()
    .refine(isRedisUrl)
    .optional()
    .describe('a redis or rediss address, as redis://:password@host:6379/0'),
  API_KEY_HASHES: apiKeys(),
  JWT_JWKS_URL: keySetUrl(),
  JWT_JWKS_FILE: keySetFile(),
  JWT_ISSUER: z.string().optional().describe('a text'),
  JWT_AUDIENCE: z.string().optional().describe('a text'),
  JWT_ACCOUNTS_CLAIM: z.string().default('accounts').describe('the name of a claim'),
  DEFAULT_PAGE_SIZE: whole(1, 1_000, 50),
  MAX_PAGE_SIZE: whole(1, 10_000, 500),
  MAX_SORTED_ROWS: whole(1, 1_000_000, 10_000),
  MAX_QUERY_SORTED_ROWS: whole(1, 1_000_000_000, 50_000),
  MAX_QUERY_DEPTH: whole(1, 1_000, 15),
  MAX_QUERY_ALIASES: whole(0, 100_000, 200),
  MAX_QUERY_DEFERS: whole(0, 10_000, 50),
  MAX_QUERY_TOKENS: whole(1, 1_000_000, 5_000),
  MAX_QUERY_COST: whole(1, 1_000_000_000, 500_000),
  MAX_NODE_IDS: whole(1, 100, 100),
  MAX_QUERY_REFERENCES: whole(1, 100_000, 2_000),
  MAX_BODY_BYTES: whole(1_024, 1_073_741_824, 1_048_576),
  RATE_LIMIT_COST: whole(0, 1_000_000_000, 0),
  RATE_LIMIT_WINDOW_MS: whole(1_000, 86_400_000, 60_000),
  INTROSPECTION: flag(true),
  SUGGESTIONS: flagOrUnset(),
  TRUSTED_DOCUMENTS: z.string().optional().describe('the path of a JSON file, or of a folder of .graphql files'),
  CORS_ORIGINS: z
    .string()
    .transform(text => text.split(/\s*,\s*/))
    .refine(origins => origins.every(isOrigin))
    .optional()
    .describe('exact origins such as https://app.example.com, in lower case, with commas between them'),
  FEDERATION_NODE: oneOf(NODE_LOOK_UPS, 'own'),
  MUTATION_SETTLE_MS: whole(0, 60_000, 3_000),
  LIVE_POLL_INTERVAL_MS: whole(20, 3_600_000, 2_000),
  LIVE_GRACE_MS: whole(0, 3_600_000, 10_000),
  LIVE_QUEUE_LIMIT: whole(1, 100_000, 100),
  LIVE_MAX_WATCHES: whole(0, 1_000_000, 1_000),
  LIVE_MAX_WATCHES_PER_CREDENTIAL: whole(0, 1_000_000, 100),
  LIVE_MAX_SUBSCRIPTIONS_PER_CONNECTION: whole(0, 100_000, 100),
  GRAPHIQL: flag(true),
  METRICS: flag(true),
  METRICS_PORT: optionalWhole(0, 65_535),
  METRICS_HOST: z.string().optional().describe('a host name or an address to listen on'),
  OTEL_EXPORTER_OTLP_ENDPOINT: z
    .string()
    .refine(isCollectorUrl)
    .optional()
    .describe('an http or https address without credentials, below which /v1/traces is'),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: z
    .string()
    .refine(isCollectorUrl)
    .optional()
    .describe('an http or https address without credentials'),
  OTEL_EXPORTER_OTLP_HEADERS: z
    .string()
    .refine(isHeaderList)
    .transform(parseHeaders)
    .optional()
    .describe('name=value, with commas between several, and the values percent-encoded'),
  OTEL_SERVICE_NAME: z.string().default('restcomm-graphql').describe('a text'),
  OTEL_TRACES_SAMPLER: oneOf(SAMPLERS, 'parentbased_always_on'),
  OTEL_TRACES_SAMPLER_ARG: z
    .string()
    .regex(/^(0(\.\d+)?|1(\.0+)?)$/)
    .transform(Number)
    .default(1)
    .describe('a number from 0 to 1'),
  SANDBOX_SEED: whole(0, 2_147_483_647, 1),
  SANDBOX_SPEED: z
    .string()
    .regex(/^\d+(\.\d+)?$/)
    .transform(Number)
    .default(1)
    .describe('a number: how many times as fast as life callers come and go, 0 for not at all'),
})

export type Name = keyof typeof settings.shape
/** What was set, as text. */
export type Given = Readonly<Partial<Record<Name, string>>>
/** What is in force. */
export type Settings = z.output<typeof settings>

/** The name of each setting. */
export const SETTING_NAMES = Object.keys(settings.shape) as readonly Name[]

/** Their values are not repeated in messages. An address may have credentials in it. */
export const SECRET: ReadonlySet<Name> = new Set([
  'RESTCOMM_AUTH_TOKEN',
  'API_KEY_HASHES',
  'RESTCOMM_URL',
  'REDIS_URL',
  'OTEL_EXPORTER_OTLP_ENDPOINT',
  'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
  'OTEL_EXPORTER_OTLP_HEADERS',
  'JWT_JWKS_URL',
])
