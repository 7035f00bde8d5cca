import { availableParallelism } from 'node:os'
import type { Config } from '../config.ts'

/** What the settings mean, a line each. `embeddedUrl` is where the embedded Restcomm listens, once it does. */
export const summary = (config: Config, embeddedUrl: string | null): string => {
  const embedded = embeddedUrl === null ? 'the embedded sandbox' : `the embedded sandbox, at ${embeddedUrl}`
  const own = config.service?.accountSid ?? (config.restcomm.url === null ? 'the demo account,' : null)
  const account =
    own === null ? "the caller's own: each request brings its credentials" : `${own} for ${clientsOf(config)}`
  return `  Restcomm  ${config.restcomm.url ?? embedded}\n  account   ${account}\n${workersOf(config)}`
}

const workersOf = ({ workers: { count } }: Config): string => {
  if (count === 1) return ''
  return `  workers   ${count === 'auto' ? `one for each core, so ${availableParallelism()}` : count}\n`
}

/** Who may use the gateway's own credentials. */
const clientsOf = ({ authentication: { apiKeys, tokens } }: Config): string => {
  const shown = [...(apiKeys.length > 0 ? ['an API key'] : []), ...(tokens === null ? [] : ['a token'])]
  return shown.length === 0 ? 'requests without credentials' : `whoever shows ${shown.join(' or ')}`
}
