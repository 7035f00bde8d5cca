import { availableParallelism } from 'node:os'
import type { Config } from '../config.ts'

/** Returns lines about Restcomm, credentials and workers. If no sandbox is running, `sandboxUrl` is null. */
export function configSummary(config: Config, sandboxUrl: string | null): string {
  const sandbox = sandboxUrl === null ? 'embedded sandbox' : `embedded sandbox at ${sandboxUrl}`
  const account = config.serviceCredentials?.accountSid ?? (config.restcomm.url === null ? 'demo account' : null)
  const credentialsLine = account === null ? 'sent by each client' : `${account}, for ${clientsLabel(config)}`
  return `  Restcomm     ${config.restcomm.url ?? sandbox}\n  credentials  ${credentialsLine}\n${workersLine(config)}`
}

function workersLine({ workers: { count } }: Config): string {
  if (count === 1) return ''
  return `  workers      ${count === 'auto' ? `${availableParallelism()} (one for each CPU core)` : count}\n`
}

function clientsLabel({ authentication: { apiKeys, tokens } }: Config): string {
  const methods = [...(apiKeys.length > 0 ? ['an API key'] : []), ...(tokens === null ? [] : ['a token'])]
  return methods.length === 0 ? 'requests without credentials' : `clients with ${methods.join(' or ')}`
}

/** Returns the URL for clients on the same machine, with a hint about GraphiQL. */
export function graphqlUrl({ http }: Config, port: number): string {
  const name = ['127.0.0.1', '0.0.0.0', '::', '::1'].includes(http.host) ? 'localhost' : http.host
  return `http://${name}:${port}/graphql${http.graphiql ? ' (open in a browser for GraphiQL)' : ''}`
}
