import { readFileSync } from 'node:fs'
import { isIPv4 } from 'node:net'
import { z } from 'zod'
import { ACTIONS, type Action, SID_PATTERNS } from '../model.ts'

const MIN_SECRET_CHARS = 32

/** All settings. Each description is the end of the error message for an invalid value. */
export const settingsSchema = z.object({
  PORT: integer(0, 65_535, 4000),
  HOST: z.string().default('127.0.0.1').describe('a host name or an IP address'),
  WORKERS: z
    .union([z.literal('auto'), integerText(1, 128)])
    .default(1)
    .describe('auto or an integer from 1 to 128'),
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
  RESTCOMM_TIMEOUT_MS: integer(1, 600_000, 4_000),
  RESTCOMM_CONNECTIONS: integer(1, 10_000, 64),
  CACHE_MAX_BYTES: integer(0, 17_179_869_184, 67_108_864),
  CACHE_LIST_TTL_MS: integer(0, 3_600_000, 0),
  REDIS_URL: optionalUrl(isRedisUrl, 'a redis or rediss URL such as redis://:password@host:6379/0'),
  GATEWAY_SECRET: z
    .string()
    .transform(text => text.trim().split(/\s*,\s*/))
    .refine(secrets => secrets.every(({ length }) => length >= MIN_SECRET_CHARS))
    .optional()
    .describe(
      `a secret of at least ${MIN_SECRET_CHARS} characters, and optionally former secrets, separated by commas ` +
        '(create a secret with `openssl rand -base64 32`)',
    ),
  API_KEY_HASHES: apiKeyHashes(),
  JWT_JWKS_URL: optionalUrl(isJwksUrl, 'an https URL, or an http URL of the local host, without credentials'),
  JWT_JWKS_FILE: jwksFile(),
  JWT_ISSUER: optionalText('a string'),
  JWT_AUDIENCE: optionalText('a string'),
  JWT_ACCOUNTS_CLAIM: z.string().default('accounts').describe('the name of a claim'),
  JWT_MAX_LIFETIME_SECONDS: integer(60, 31_536_000, 86_400),
  JWT_REQUIRE_SCOPE: boolean(false),
  MAX_PAGE_SIZE: integer(1, 10_000, 500),
  MAX_SORTED_ROWS: integer(1, 1_000_000, 5_000),
  MAX_QUERY_DEPTH: integer(1, 1_000, 15),
  MAX_QUERY_COST: integer(1, 1_000_000_000, 250_000),
  MAX_BODY_BYTES: integer(1_024, 1_073_741_824, 1_048_576),
  MAX_RESPONSE_BYTES: integer(1_024, 268_435_456, 16_777_216),
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
  FEDERATION_NODE_KEY: boolean(false),
  FEDERATION_TAG: optionalText('a letter and up to 127 letters, digits, "-", "_" or "/"', /^[A-Za-z][\w/-]{0,127}$/),
  MUTATION_SETTLE_MS: integer(0, 60_000, 3_000),
  LIVE_POLL_INTERVAL_MS: integer(20, 3_600_000, 2_000),
  LIVE_MAX_WATCHES: integer(0, 1_000_000, 1_000),
  GRAPHIQL: boolean(true),
  METRICS_PORT: integerText(0, 65_535).optional().describe('an integer from 0 to 65535'),
  METRICS_HOST: optionalText('a host name or an IP address'),
})

export type SettingName = keyof typeof settingsSchema.shape
/** Parsed settings, defaults included. */
export type Settings = z.output<typeof settingsSchema>

export const SETTING_NAMES = Object.keys(settingsSchema.shape) as readonly SettingName[]

/** Error messages omit the values of these settings. URLs are listed because a mistyped URL may contain credentials. */
export const SECRET_SETTINGS: ReadonlySet<SettingName> = new Set([
  'RESTCOMM_AUTH_TOKEN',
  'GATEWAY_SECRET',
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

// The description of each type is the end of the error message: `PORT is "abc": expected <description>.`

function integer(min: number, max: number, fallback: number) {
  return integerText(min, max).default(fallback).describe(`an integer from ${min} to ${max}`)
}

function integerText(min: number, max: number) {
  const isInRange = (value: number) => value >= min && value <= max
  return z.string().regex(/^\d+$/).transform(Number).refine(isInRange)
}

function oneOf<const T extends readonly [string, ...string[]]>(values: T, fallback: T[number]) {
  const description = `one of ${values.join(', ')}`
  return z.enum(values).default(fallback).describe(description)
}

function boolean(fallback: boolean) {
  const isTrue = z.enum(['true', 'false']).transform(text => text === 'true')
  return isTrue.default(fallback).describe('true or false')
}

function optionalText(description: string, pattern: RegExp = /^/) {
  return z.string().regex(pattern).optional().describe(description)
}

function optionalUrl(isAccepted: (url: URL) => boolean, description: string) {
  return z
    .string()
    .refine(text => URL.canParse(text) && isAccepted(new URL(text)))
    .optional()
    .describe(description)
}

/** The path of a JSON Web Key Set (RFC 7517). The value of the setting is the content of the file. */
function jwksFile() {
  // Excludes private keys, which have a member `d`, because a reader of the file could sign tokens.
  const publicKey = z.looseObject({ kty: z.enum(['RSA', 'EC', 'OKP']) }).refine(key => !('d' in key))
  return z
    .string()
    .transform(readJson)
    .pipe(z.object({ keys: z.array(publicKey).min(1) }))
    .optional()
    .describe('the path of a JSON Web Key Set with public keys')
}

/** If the file is missing or not JSON, returns undefined, which is not a key set. */
function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'))
}

function apiKeyHashes() {
  // Omits the anchors `^` and `$` of the source, because the pattern becomes part of a longer pattern.
  const account = SID_PATTERNS.account.source.slice(1, -1)
  const accounts = `${account}(?:\\s*\\+\\s*${account})*`
  const action = `(?:${ACTIONS.join('|')})`
  // Not `;`, which would end a shell command: the key would have all rights.
  const rights = `/\\s*(?:read|${action}(?:\\s*\\+\\s*${action})*)`
  const entry = `(?:[\\w.-]{1,64}\\s*:\\s*)?[0-9A-Fa-f]{64}(?:\\s*=\\s*${accounts})?(?:\\s*${rights})?`
  return z
    .string()
    .regex(new RegExp(`^${entry}(?:\\s*,\\s*${entry})*$`))
    .transform(text => text.split(/\s*,\s*/).map(parseApiKey))
    .optional()
    .describe(
      'SHA-256 hashes in hexadecimal, separated by commas, each with an optional client name, accounts and rights ' +
        '(name:hash=AC…+AC…/read, /mute, /hangup or /mute+hangup)',
    )
}

/**
 * Returns the client name for the log, null if unnamed; the hash in lower case; and the accounts the client may read, the
 * default account first. Null permits all accounts of the credentials. Without a suffix, all actions are permitted.
 */
function parseApiKey(text: string) {
  const [scope = '', rights] = text.split(/\s*\/\s*/)
  const [key = '', accounts] = scope.split(/\s*=\s*/)
  const [hash = '', name = null] = key.split(/\s*:\s*/).reverse()
  const actions: readonly Action[] = ACTIONS.filter(action => rights?.includes(action) ?? true)
  return { name, hash: hash.toLowerCase(), accounts: accounts?.split(/\s*\+\s*/) ?? null, actions }
}
