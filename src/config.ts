import { isIPv4 } from 'node:net'
import { z } from 'zod'

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

const whole = (minimum: number, maximum: number, fallback: number) =>
  z
    .string()
    .regex(/^\d+$/)
    .transform(Number)
    .refine(value => value >= minimum && value <= maximum)
    .default(fallback)
    .describe(`a whole number from ${minimum} to ${maximum}`)

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const
const DIALECTS = ['auto', 'connect', 'cloud'] as const
const NODE_LOOK_UPS = ['own', 'shared', 'off'] as const
const oneOf = <const T extends readonly [string, ...string[]]>(values: T, fallback: T[number]) =>
  z
    .enum(values)
    .default(fallback)
    .describe(`one of ${values.join(', ')}`)

const isRestcommUrl = (text: string): boolean => {
  if (!URL.canParse(text)) return false
  const { protocol, username, password, search, hash, pathname } = new URL(text)
  const plain = username === '' && password === '' && search === '' && hash === ''
  return plain && ['http:', 'https:'].includes(protocol) && !pathname.includes('/2012-04-24')
}

const flag = (fallback: boolean) =>
  z
    .enum(['true', 'false'])
    .transform(text => text === 'true')
    .default(fallback)
    .describe('true or false')

/** Each setting, with what it must be: the description ends the sentence that refuses another value. */
const settings = z.object({
  PORT: whole(0, 65_535, 4000),
  HOST: z.string().default('127.0.0.1').describe('a host name or an address to listen on'),
  LOG_LEVEL: oneOf(LOG_LEVELS, 'info'),
  RESTCOMM_URL: z
    .string()
    .refine(isRestcommUrl)
    .transform(url => url.replace(/\/+$/, ''))
    .optional()
    .describe('an http or https address up to and including /restcomm, without credentials or a query'),
  RESTCOMM_ACCOUNT_SID: z
    .string()
    .regex(/^AC[A-Za-z0-9]{32}$/)
    .optional()
    .describe('`AC` and 32 letters or digits'),
  RESTCOMM_AUTH_TOKEN: z.string().optional().describe('a text'),
  RESTCOMM_DIALECT: oneOf(DIALECTS, 'auto'),
  RESTCOMM_TIMEOUT_MS: whole(1, 600_000, 10_000),
  RESTCOMM_CONNECTIONS: whole(1, 10_000, 64),
  RESTCOMM_MAX_BODY_BYTES: whole(1_024, 1_073_741_824, 16_777_216),
  API_KEY_HASHES: z
    .string()
    .regex(/^[0-9a-f]{64}(\s*,\s*[0-9a-f]{64})*$/i)
    .transform(text => text.toLowerCase().split(/\s*,\s*/))
    .optional()
    .describe('SHA-256 hashes of API keys, in hexadecimal, with commas between them'),
  DEFAULT_PAGE_SIZE: whole(1, 1_000, 50),
  MAX_PAGE_SIZE: whole(1, 10_000, 500),
  MAX_SORTED_ROWS: whole(1, 1_000_000, 10_000),
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
  SANDBOX_SEED: whole(0, 2_147_483_647, 1),
  SANDBOX_SPEED: z
    .string()
    .regex(/^\d+(\.\d+)?$/)
    .transform(Number)
    .default(1)
    .describe('a number: how many times as fast as life callers come and go, 0 for not at all'),
})

type Name = keyof typeof settings.shape
type Given = Readonly<Partial<Record<Name, string>>>

/** The name of each setting. */
export const SETTING_NAMES = Object.keys(settings.shape) as readonly Name[]

/** Their values are not repeated in messages. An address may have credentials in it. */
const SECRET: ReadonlySet<Name> = new Set(['RESTCOMM_AUTH_TOKEN', 'API_KEY_HASHES', 'RESTCOMM_URL'])

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
  return frozen({
    http: { host: set.HOST, port: set.PORT, graphiql: set.GRAPHIQL, metrics: set.METRICS },
    log: { level: set.LOG_LEVEL },
    restcomm: {
      /** Null: the embedded sandbox. */
      url: set.RESTCOMM_URL ?? null,
      dialect: set.RESTCOMM_DIALECT === 'auto' ? null : set.RESTCOMM_DIALECT,
      timeoutMs: set.RESTCOMM_TIMEOUT_MS,
      connections: set.RESTCOMM_CONNECTIONS,
      maximumBodyBytes: set.RESTCOMM_MAX_BODY_BYTES,
    },
    /** The gateway's own credentials, for requests that come without; null where each brings its own. */
    service,
    apiKeyHashes: set.API_KEY_HASHES ?? [],
    limits: {
      defaultSize: set.DEFAULT_PAGE_SIZE,
      maximumSize: set.MAX_PAGE_SIZE,
      maximumSortedRows: set.MAX_SORTED_ROWS,
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

const frozen = <T extends object>(config: T): Readonly<T> => {
  for (const part of Object.values(config)) Object.freeze(part)
  return Object.freeze(config)
}

const refusal = (name: Name, value: string | undefined): string => {
  const { description } = settings.shape[name]
  return `${name} must be ${description}${SECRET.has(name) ? '' : `, and not ${JSON.stringify(value)}`}.`
}

/** Whether only this machine can reach what listens there. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'))

/** What is wrong with settings that are right one by one. Of those in `wrong`, `set` has the defaults. */
const contradictions = (set: z.output<typeof settings>, given: Given, wrong: readonly Name[]): string[] => {
  const problems: string[] = []
  const { RESTCOMM_URL: url, RESTCOMM_ACCOUNT_SID: sid, RESTCOMM_AUTH_TOKEN: token } = given
  if ((sid === undefined) !== (token === undefined)) {
    const [is, isNot] = sid === undefined ? ['AUTH_TOKEN', 'ACCOUNT_SID'] : ['ACCOUNT_SID', 'AUTH_TOKEN']
    problems.push(`RESTCOMM_${is} is set and RESTCOMM_${isNot} is not; set both, or neither.`)
  }
  if ((sid !== undefined || token !== undefined) && url === undefined) {
    problems.push('RESTCOMM_URL is not set, so there is no Restcomm that the credentials could be for.')
  }
  if (sid !== undefined && !isLoopback(set.HOST) && given.API_KEY_HASHES === undefined) {
    problems.push(
      `HOST=${set.HOST} would let anybody use the credentials in RESTCOMM_ACCOUNT_SID: set API_KEY_HASHES as well, ` +
        'listen on 127.0.0.1, or leave the credentials to the callers.',
    )
  }
  const sizesAreRight = !wrong.includes('DEFAULT_PAGE_SIZE') && !wrong.includes('MAX_PAGE_SIZE')
  if (sizesAreRight && set.DEFAULT_PAGE_SIZE > set.MAX_PAGE_SIZE) {
    problems.push(`DEFAULT_PAGE_SIZE (${set.DEFAULT_PAGE_SIZE}) is more than MAX_PAGE_SIZE (${set.MAX_PAGE_SIZE}).`)
  }
  return problems
}
