import { z } from 'zod'
import { SID_PATTERNS } from '../model.ts'
import { apiKeyHashes } from './apiKeyHashes.ts'
import {
  boolean,
  integer,
  integerOrAuto,
  isLoopback,
  jwksFile,
  oneOf,
  optionalInteger,
  optionalText,
  optionalUrl,
} from './settingTypes.ts'

/** All settings. Each description is the end of the error message for an invalid value. */
export const settingsSchema = z.object({
  PORT: integer(0, 65_535, 4000),
  HOST: z.string().default('127.0.0.1').describe('a host name or an IP address'),
  WORKERS: integerOrAuto(128, 1),
  KEEP_ALIVE_TIMEOUT_MS: integer(1, 3_600_000, 72_000),
  SHUTDOWN_DELAY_MS: integer(0, 600_000, 5_000),
  SHUTDOWN_TIMEOUT_MS: integer(1, 3_600_000, 25_000),
  LOG_LEVEL: oneOf(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], 'info'),
  REQUEST_TIMEOUT_MS: integer(1, 600_000, 10_000),
  RESTCOMM_URL: optionalUrl(
    isRestcommUrl,
    'an http or https URL up to and including /restcomm, without credentials or a query',
  ),
  RESTCOMM_ACCOUNT_SID: optionalText('"AC" followed by 32 letters or digits', SID_PATTERNS.account),
  RESTCOMM_AUTH_TOKEN: optionalText('a string'),
  RESTCOMM_DIALECT: oneOf(['auto', 'connect', 'cloud'], 'auto'),
  RESTCOMM_TIMEOUT_MS: integer(1, 600_000, 10_000),
  RESTCOMM_CONNECTIONS: integer(1, 10_000, 64),
  CACHE_MAX_BYTES: integer(0, 17_179_869_184, 67_108_864),
  CACHE_LIST_TTL_MS: integer(0, 3_600_000, 0),
  REDIS_URL: optionalUrl(isRedisUrl, 'a redis or rediss URL such as redis://:password@host:6379/0'),
  API_KEY_HASHES: apiKeyHashes(),
  JWT_JWKS_URL: optionalUrl(isJwksUrl, 'an https URL, or an http URL of the local host, without credentials'),
  JWT_JWKS_FILE: jwksFile(),
  JWT_ISSUER: optionalText('a string'),
  JWT_AUDIENCE: optionalText('a string'),
  JWT_ACCOUNTS_CLAIM: z.string().default('accounts').describe('the name of a claim'),
  MAX_PAGE_SIZE: integer(1, 10_000, 500),
  MAX_SORTED_ROWS: integer(1, 1_000_000, 10_000),
  MAX_QUERY_DEPTH: integer(1, 1_000, 15),
  MAX_QUERY_COST: integer(1, 1_000_000_000, 500_000),
  MAX_BODY_BYTES: integer(1_024, 1_073_741_824, 1_048_576),
  RATE_LIMIT_COST: integer(0, 1_000_000_000, 0),
  RATE_LIMIT_WINDOW_MS: integer(1_000, 86_400_000, 60_000),
  INTROSPECTION: boolean(true),
  TRUSTED_DOCUMENTS: optionalText('the path of a JSON file or of a folder with .graphql files'),
  CORS_ORIGINS: z
    .string()
    .transform(text => text.split(/\s*,\s*/))
    .refine(origins => origins.every(isOrigin))
    .optional()
    .describe('origins such as https://app.example.com, in lower case and separated by commas'),
  FEDERATION_NODE: oneOf(['own', 'shared', 'off'], 'own'),
  MUTATION_SETTLE_MS: integer(0, 60_000, 3_000),
  LIVE_POLL_INTERVAL_MS: integer(20, 3_600_000, 2_000),
  LIVE_MAX_WATCHES: integer(0, 1_000_000, 1_000),
  GRAPHIQL: boolean(true),
  METRICS_PORT: optionalInteger(0, 65_535),
  METRICS_HOST: optionalText('a host name or an IP address'),
})

export type SettingName = keyof typeof settingsSchema.shape
/** Settings as given in the environment; unset and empty settings are absent. */
export type RawSettings = Readonly<Partial<Record<SettingName, string>>>
/** Parsed settings, defaults included. */
export type Settings = z.output<typeof settingsSchema>

export const SETTING_NAMES = Object.keys(settingsSchema.shape) as readonly SettingName[]

/** Error messages omit the values of these settings. URLs are listed because a mistyped URL may contain credentials. */
export const SECRET_SETTINGS: ReadonlySet<SettingName> = new Set([
  'RESTCOMM_AUTH_TOKEN',
  'API_KEY_HASHES',
  'RESTCOMM_URL',
  'REDIS_URL',
  'JWT_JWKS_URL',
])

function isRestcommUrl({ protocol, username, password, search, hash, pathname }: URL): boolean {
  const isBare = username === '' && password === '' && search === '' && hash === ''
  return isBare && ['http:', 'https:'].includes(protocol) && !pathname.includes('/2012-04-24')
}

function isRedisUrl({ protocol, hostname, pathname }: URL): boolean {
  return ['redis:', 'rediss:'].includes(protocol) && hostname !== '' && /^(\/\d{0,3})?$/.test(pathname)
}

function isJwksUrl({ protocol, username, password, hostname }: URL): boolean {
  const isSecure = protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname.replace(/^\[|\]$/g, '')))
  return isSecure && username === '' && password === ''
}

/** Accepts only the exact form of a browser's `Origin` header, so that origins can be compared as strings. */
function isOrigin(text: string): boolean {
  return URL.canParse(text) && /^https?:/.test(text) && new URL(text).origin === text
}
