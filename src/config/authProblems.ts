import type { RawSettings, SettingName, Settings } from './settings.ts'

/** Checks service credentials, API keys and tokens. Returns a message for each contradiction. */
export function authProblems(parsed: Settings, raw: RawSettings): string[] {
  return [...serviceCredentialProblems(raw), ...clientAuthProblems(parsed, raw), ...jwtProblems(raw)]
}

function serviceCredentialProblems(raw: RawSettings): readonly string[] {
  const { RESTCOMM_URL: url, RESTCOMM_ACCOUNT_SID: sid, RESTCOMM_AUTH_TOKEN: token } = raw
  const problems: string[] = []
  if ((sid === undefined) !== (token === undefined)) {
    const [given, missing] = sid === undefined ? ['AUTH_TOKEN', 'ACCOUNT_SID'] : ['ACCOUNT_SID', 'AUTH_TOKEN']
    problems.push(`RESTCOMM_${given} is set but RESTCOMM_${missing} is not: set both or neither.`)
  }
  if ((sid !== undefined || token !== undefined) && url === undefined) {
    problems.push(
      'RESTCOMM_URL is not set: expected the URL of the server for RESTCOMM_ACCOUNT_SID and RESTCOMM_AUTH_TOKEN.',
    )
  }
  return problems
}

const CLIENT_AUTH_SETTINGS = [
  'API_KEY_HASHES',
  'JWT_JWKS_URL',
  'JWT_JWKS_FILE',
] as const satisfies readonly SettingName[]

function clientAuthProblems(parsed: Settings, raw: RawSettings): readonly string[] {
  const { RESTCOMM_URL: url, RESTCOMM_ACCOUNT_SID: sid, RESTCOMM_AUTH_TOKEN: token } = raw
  const problems: string[] = []
  const clientAuth = CLIENT_AUTH_SETTINGS.find(name => raw[name] !== undefined)
  if (sid !== undefined && clientAuth === undefined) {
    problems.push(
      'RESTCOMM_ACCOUNT_SID is set without client authentication, so every client could use these credentials: set ' +
        'API_KEY_HASHES, or JWT_JWKS_URL with JWT_ISSUER and JWT_AUDIENCE, or remove RESTCOMM_ACCOUNT_SID and ' +
        'RESTCOMM_AUTH_TOKEN.',
    )
  }
  // Without RESTCOMM_URL no credentials are needed, because the gateway uses the demo account of the embedded sandbox.
  if (clientAuth !== undefined && url !== undefined && sid === undefined && token === undefined) {
    problems.push(
      `${clientAuth} is set without credentials for Restcomm: set RESTCOMM_ACCOUNT_SID and RESTCOMM_AUTH_TOKEN.`,
    )
  }
  const hashes = (parsed.API_KEY_HASHES ?? []).map(({ hash }) => hash)
  const repeated = hashes.findIndex((hash, i) => hashes.indexOf(hash) < i)
  if (repeated >= 0) {
    const first = hashes.indexOf(hashes[repeated] ?? '')
    problems.push(
      `API_KEY_HASHES has the same hash in entries ${first + 1} and ${repeated + 1}: ` +
        'expected a different hash for each client.',
    )
  }
  return problems
}

function jwtProblems(raw: RawSettings): readonly string[] {
  const problems: string[] = []
  const keySource = (['JWT_JWKS_URL', 'JWT_JWKS_FILE'] as const).find(name => raw[name] !== undefined)
  if (raw.JWT_JWKS_URL !== undefined && raw.JWT_JWKS_FILE !== undefined) {
    problems.push('JWT_JWKS_URL and JWT_JWKS_FILE are both set: set only one of them.')
  }
  for (const name of ['JWT_ISSUER', 'JWT_AUDIENCE'] as const) {
    if (keySource !== undefined && raw[name] === undefined) {
      problems.push(
        `${keySource} is set but ${name} is not: set ${name}, so that tokens for other services are rejected.`,
      )
    }
  }
  const claim = (['JWT_ISSUER', 'JWT_AUDIENCE'] as const).find(name => raw[name] !== undefined)
  if (keySource === undefined && claim !== undefined) {
    problems.push(`${claim} is set without keys to verify tokens: set JWT_JWKS_URL or JWT_JWKS_FILE.`)
  }
  return problems
}
