import type { Given, Name, Settings } from './settings.ts'

/** What is wrong with the settings that say whose credentials go upstream, and who may use the gateway's own. */
export const authenticationProblems = (set: Settings, given: Given): string[] => [
  ...ownCredentials(given),
  ...clients(set, given),
  ...tokens(given),
]

const ownCredentials = (given: Given): readonly string[] => {
  const { RESTCOMM_URL: url, RESTCOMM_ACCOUNT_SID: sid, RESTCOMM_AUTH_TOKEN: token } = given
  const problems: string[] = []
  if ((sid === undefined) !== (token === undefined)) {
    const [is, isNot] = sid === undefined ? ['AUTH_TOKEN', 'ACCOUNT_SID'] : ['ACCOUNT_SID', 'AUTH_TOKEN']
    problems.push(`RESTCOMM_${is} is set and RESTCOMM_${isNot} is not; set both, or neither.`)
  }
  if ((sid !== undefined || token !== undefined) && url === undefined) {
    problems.push('RESTCOMM_URL is not set, so there is no Restcomm that the credentials could be for.')
  }
  return problems
}

/** The ways in that the gateway itself guards. */
const WAYS_IN = ['API_KEY_HASHES', 'JWT_JWKS_URL', 'JWT_JWKS_FILE'] as const satisfies readonly Name[]

const clients = (set: Settings, given: Given): readonly string[] => {
  const { RESTCOMM_URL: url, RESTCOMM_ACCOUNT_SID: sid, RESTCOMM_AUTH_TOKEN: token } = given
  const problems: string[] = []
  const way = WAYS_IN.find(name => given[name] !== undefined)
  if (sid !== undefined && way === undefined) {
    problems.push(
      'Anybody who reaches the gateway could use the credentials in RESTCOMM_ACCOUNT_SID: set API_KEY_HASHES, or ' +
        'JWT_JWKS_URL with JWT_ISSUER and JWT_AUDIENCE, or leave the credentials to the callers.',
    )
  }
  // The embedded Restcomm has credentials of its own.
  if (way !== undefined && url !== undefined && sid === undefined && token === undefined) {
    problems.push(
      `${way} is set, but no credentials for whom it lets in: set RESTCOMM_ACCOUNT_SID and RESTCOMM_AUTH_TOKEN as well.`,
    )
  }
  const hashes = (set.API_KEY_HASHES ?? []).map(({ hash }) => hash)
  if (new Set(hashes).size < hashes.length) problems.push('API_KEY_HASHES has the same hash twice.')
  return problems
}

const tokens = (given: Given): readonly string[] => {
  const problems: string[] = []
  const source = (['JWT_JWKS_URL', 'JWT_JWKS_FILE'] as const).find(name => given[name] !== undefined)
  if (given.JWT_JWKS_URL !== undefined && given.JWT_JWKS_FILE !== undefined) {
    problems.push('JWT_JWKS_URL and JWT_JWKS_FILE are both set; set one of them.')
  }
  for (const name of ['JWT_ISSUER', 'JWT_AUDIENCE'] as const) {
    if (source !== undefined && given[name] === undefined) {
      problems.push(`${name} is not set, so tokens that were made for others would count; ${source} needs it.`)
    }
  }
  const claims = (['JWT_ISSUER', 'JWT_AUDIENCE'] as const).find(name => given[name] !== undefined)
  if (source === undefined && claims !== undefined) {
    problems.push(`${claims} is set and there are no keys to check tokens with; set JWT_JWKS_URL or JWT_JWKS_FILE.`)
  }
  return problems
}
