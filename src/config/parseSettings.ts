import { REMOVED_SETTINGS } from './removedSettings.ts'
import { SECRET_SETTINGS, SETTING_NAMES, type SettingName, type Settings, settingsSchema } from './settings.ts'

/** Settings as given in the environment; unset and empty settings are absent. */
type RawSettings = Readonly<Partial<Record<SettingName, string>>>
export type Environment = Readonly<Record<string, string | undefined>>

/** `problems` has a sentence for each invalid, removed or contradictory setting. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(problems.join('\n'))
    this.problems = problems
  }
}

/** Reads the settings from environment variables; empty variables count as unset. Throws a `ConfigError`. */
export function parseSettings(env: Environment): Settings {
  const raw: RawSettings = Object.fromEntries(SETTING_NAMES.filter(name => env[name]).map(name => [name, env[name]]))
  const invalidNames = SETTING_NAMES.filter(name => !settingsSchema.shape[name].safeParse(raw[name]).success)
  const parsed = settingsSchema.parse({ ...raw, ...Object.fromEntries(invalidNames.map(name => [name, undefined])) })
  const problems = [
    ...invalidNames.map(name => invalidMessage(name, raw[name])),
    ...Object.keys(REMOVED_SETTINGS)
      .filter(name => env[name])
      .map(name => `${name} was removed in release 0.2.0: ${REMOVED_SETTINGS[name]}.`),
    ...findContradictions(parsed, raw, invalidNames),
  ]
  if (problems.length > 0) throw new ConfigError(problems)
  return parsed
}

function invalidMessage(name: SettingName, value: string | undefined): string {
  const { description } = settingsSchema.shape[name]
  const found = SECRET_SETTINGS.has(name) ? 'invalid' : JSON.stringify(value)
  return `${name} is ${found}: expected ${description}.`
}

/** Yields a message for each contradiction between settings. For `invalidNames`, `parsed` has the defaults. */
function* findContradictions(parsed: Settings, raw: RawSettings, invalidNames: readonly SettingName[]) {
  const { WORKERS, PORT, METRICS_PORT, SHUTDOWN_DELAY_MS, SHUTDOWN_TIMEOUT_MS } = parsed
  const areValid = (...names: readonly SettingName[]) => !names.some(name => invalidNames.includes(name))
  yield* checkServiceCredentials(raw)
  yield* checkTokens(raw)
  const hashes = (parsed.API_KEY_HASHES ?? []).map(({ hash }) => hash)
  const repeated = hashes.findIndex((hash, i) => hashes.indexOf(hash) < i)
  if (repeated >= 0) {
    const first = hashes.indexOf(hashes[repeated] ?? '')
    yield `API_KEY_HASHES has the same hash in entries ${first + 1} and ${repeated + 1}: ` +
      'expected a different hash for each client.'
  }
  if (raw.REDIS_URL !== undefined && raw.GATEWAY_SECRET === undefined) {
    yield 'REDIS_URL is set but GATEWAY_SECRET is not: set GATEWAY_SECRET to the same value for all replicas; create a ' +
      'value with `openssl rand -base64 32`.'
  }
  if (WORKERS !== 1 && raw.RESTCOMM_URL === undefined) {
    yield `WORKERS is ${WORKERS} but RESTCOMM_URL is not set, so each worker would start a sandbox of its own: ` +
      'set RESTCOMM_URL, or set WORKERS to 1.'
  }
  if (raw.METRICS_HOST !== undefined && raw.METRICS_PORT === undefined) {
    yield `METRICS_HOST is ${JSON.stringify(raw.METRICS_HOST)} but METRICS_PORT is not set: set METRICS_PORT as well, ` +
      'or remove METRICS_HOST to serve metrics at HOST and PORT.'
  }
  if (METRICS_PORT === PORT && PORT !== 0 && areValid('PORT')) {
    yield `METRICS_PORT and PORT are both ${PORT}: remove METRICS_PORT to serve metrics at PORT.`
  }
  const { RESTCOMM_TIMEOUT_MS, REQUEST_TIMEOUT_MS } = parsed
  const isRestcommTimeoutValid = raw.RESTCOMM_TIMEOUT_MS !== undefined && areValid('RESTCOMM_TIMEOUT_MS')
  if (isRestcommTimeoutValid && RESTCOMM_TIMEOUT_MS >= REQUEST_TIMEOUT_MS && areValid('REQUEST_TIMEOUT_MS')) {
    yield `RESTCOMM_TIMEOUT_MS is ${RESTCOMM_TIMEOUT_MS}: expected less than REQUEST_TIMEOUT_MS (${REQUEST_TIMEOUT_MS}).`
  }
  if (SHUTDOWN_DELAY_MS >= SHUTDOWN_TIMEOUT_MS && areValid('SHUTDOWN_DELAY_MS', 'SHUTDOWN_TIMEOUT_MS')) {
    yield `SHUTDOWN_DELAY_MS is ${SHUTDOWN_DELAY_MS}: expected less than SHUTDOWN_TIMEOUT_MS (${SHUTDOWN_TIMEOUT_MS}).`
  }
}

const CLIENT_AUTH_SETTINGS = ['API_KEY_HASHES', 'JWT_JWKS_URL', 'JWT_JWKS_FILE'] as const

function* checkServiceCredentials(raw: RawSettings): Generator<string> {
  const { RESTCOMM_URL: url, RESTCOMM_ACCOUNT_SID: sid, RESTCOMM_AUTH_TOKEN: token } = raw
  const clientAuth = CLIENT_AUTH_SETTINGS.find(name => raw[name] !== undefined)
  const hasCredentials = sid !== undefined || token !== undefined
  if (hasCredentials && (sid === undefined || token === undefined)) {
    const [given, missing] = sid === undefined ? ['AUTH_TOKEN', 'ACCOUNT_SID'] : ['ACCOUNT_SID', 'AUTH_TOKEN']
    yield `RESTCOMM_${given} is set but RESTCOMM_${missing} is not: set both or neither.`
  }
  if (hasCredentials && url === undefined) {
    yield 'RESTCOMM_URL is not set: expected the URL of the server for RESTCOMM_ACCOUNT_SID and RESTCOMM_AUTH_TOKEN.'
  }
  if (sid !== undefined && clientAuth === undefined) {
    yield 'RESTCOMM_ACCOUNT_SID is set without client authentication, so every client could use these credentials: set ' +
      'API_KEY_HASHES, or JWT_JWKS_URL with JWT_ISSUER and JWT_AUDIENCE, or remove RESTCOMM_ACCOUNT_SID and ' +
      'RESTCOMM_AUTH_TOKEN.'
  }
  // Without RESTCOMM_URL no credentials are needed, because the gateway uses the demo account of the embedded sandbox.
  if (clientAuth !== undefined && url !== undefined && !hasCredentials) {
    yield `${clientAuth} is set without credentials for Restcomm: set RESTCOMM_ACCOUNT_SID and RESTCOMM_AUTH_TOKEN.`
  }
}

function* checkTokens(raw: RawSettings): Generator<string> {
  const keySource = (['JWT_JWKS_URL', 'JWT_JWKS_FILE'] as const).find(name => raw[name] !== undefined)
  if (raw.JWT_JWKS_URL !== undefined && raw.JWT_JWKS_FILE !== undefined) {
    yield 'JWT_JWKS_URL and JWT_JWKS_FILE are both set: set only one of them.'
  }
  const claims = ['JWT_ISSUER', 'JWT_AUDIENCE'] as const
  for (const name of keySource === undefined ? [] : claims.filter(claim => raw[claim] === undefined)) {
    yield `${keySource} is set but ${name} is not: set ${name}, so that tokens for other services are rejected.`
  }
  const claim = claims.find(name => raw[name] !== undefined)
  if (keySource === undefined && claim !== undefined) {
    yield `${claim} is set without keys to verify tokens: set JWT_JWKS_URL or JWT_JWKS_FILE.`
  }
}
