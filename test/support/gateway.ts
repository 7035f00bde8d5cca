import { pino } from 'pino'
import { createGateway, type GatewayOptions } from '../../src/gateway.ts'
import { startHttpServer } from '../../src/http/httpServer.ts'
import { loggerOptions } from '../../src/observability/logger.ts'
import { startTracing } from '../../src/observability/startTracing.ts'
import { parseRows, type Rows, type Sandbox, type SandboxOptions, startSandbox } from '../../src/sandbox/index.ts'
import { type ConfigOverrides, readTestConfig } from './config.ts'
import { fixture } from './fixtures.ts'
import { recordOutput, registerHeader, registerSettings } from './secretScan.ts'

export interface GraphQLAnswer {
  // biome-ignore lint/suspicious/noExplicitAny: the type of an answer depends on the query.
  readonly data: any
  readonly errors?: readonly {
    readonly message: string
    readonly path?: readonly (string | number)[]
    readonly extensions?: { readonly code?: string; readonly requestId?: string }
  }[]
}

export interface QueryOptions {
  /** Label of an account in the fixture, or credentials; null sends no credentials. Default: `conf137`. */
  readonly as?: string | { readonly user: string; readonly password: string } | null
  readonly variables?: Readonly<Record<string, unknown>>
  readonly headers?: Readonly<Record<string, string>>
}

export interface TestGateway {
  readonly url: string
  readonly adminUrl: string
  readonly sandbox: Sandbox
  readonly logged: readonly string[]
  query(query: string, options?: QueryOptions): Promise<GraphQLAnswer>
  /** The text of `/metrics`. */
  metrics(): Promise<string>
  /** Returns and clears the recorded requests to the sandbox. The paths omit the common prefix. */
  takeUpstreamRequests(): string[]
  close(): Promise<void>
}

export interface TestGatewayOptions extends Omit<SandboxOptions, 'rows'> {
  readonly rows?: Rows
  readonly env?: Readonly<Record<string, string>>
  readonly config?: ConfigOverrides
  readonly restcommUrl?: string
  /** The gateway's own credentials for Restcomm. Default: the credentials in `env`, if any. */
  readonly serviceCredentials?: GatewayOptions['serviceCredentials']
  readonly clusterMetrics?: GatewayOptions['clusterMetrics']
  readonly isOverloaded?: () => boolean
}

export async function startGateway({
  rows,
  env,
  config: overrides,
  restcommUrl,
  serviceCredentials,
  clusterMetrics = null,
  // The lag of the event loop depends on the load of the machine.
  isOverloaded = () => false,
  ...options
}: TestGatewayOptions = {}): Promise<TestGateway> {
  const sandbox = await startSandbox({ rows: rows ?? FIXTURE_ROWS, ...options })
  const config = readTestConfig({ RESTCOMM_URL: restcommUrl ?? sandbox.url, LOG_LEVEL: 'trace', ...env }, overrides)
  registerSettings(env)
  const logged: string[] = []
  const failures: string[] = []
  const log = pino(loggerOptions(config.log.level), { write: line => logged.push(line) })
  const stopTracing = config.isTraced ? await startTracing(log) : null
  const gateway = createGateway({
    restcommUrl: restcommUrl ?? sandbox.url,
    serviceCredentials: serviceCredentials ?? config.serviceCredentials,
    config,
    log,
    clusterMetrics,
    isOverloaded,
  })
  const listening = await startHttpServer(gateway, { ...config.connections, host: '127.0.0.1', port: 0 })
  const admin = await startHttpServer(
    { handle: gateway.handleAdmin },
    { ...config.connections, host: '127.0.0.1', port: 0 },
  )
  const url = `http://127.0.0.1:${listening.port}/graphql`
  const metrics = async () => (await fetch(`http://127.0.0.1:${admin.port}/metrics`)).text()

  return {
    url,
    adminUrl: `http://127.0.0.1:${admin.port}`,
    sandbox,
    logged,
    query: async (query, { as = 'conf137', variables, headers } = {}) => {
      const authorization = as === null ? null : typeof as === 'string' ? basic(as) : basicOf(as.user, as.password)
      const sent = {
        'content-type': 'application/json',
        ...(authorization !== null && { authorization }),
        ...headers,
      }
      if (sent.authorization !== undefined) registerHeader(sent.authorization)
      const response = await fetch(url, { method: 'POST', headers: sent, body: JSON.stringify({ query, variables }) })
      const answer = (await response.json()) as GraphQLAnswer
      if (answer.errors !== undefined) failures.push(JSON.stringify(answer))
      return answer
    },
    metrics,
    takeUpstreamRequests: () => {
      const taken = sandbox.requests.map(({ method, path }) => `${method} ${path.replace('/restcomm/2012-04-24/', '')}`)
      sandbox.clearRequests()
      return taken
    },
    close: async () => {
      recordOutput('metrics', await metrics())
      await gateway.drain()
      await Promise.all([listening.close(), admin.close()])
      await gateway.close()
      await stopTracing?.()
      await sandbox.close()
      recordOutput('log', logged.join(''))
      recordOutput('answers', failures.join('\n'))
    },
  }
}

const fixtureText = fixture('rows.json')
/** Shared, because every sandbox copies its rows. */
const FIXTURE_ROWS = parseRows(fixtureText)

export const labels = (
  JSON.parse(fixtureText) as {
    labels: {
      accounts: Record<string, { sid: string; password: string }>
      conferences: Record<string, string>
      calls: Record<string, string>
    }
  }
).labels

export function accountOf(label: string) {
  const account = labels.accounts[label]
  if (account === undefined) throw new Error(`The fixture has no account "${label}".`)
  return account
}

export function conferenceOf(label: string): string {
  return labels.conferences[label] ?? label
}
export function callOf(label: string): string {
  return labels.calls[label] ?? label
}

export function basicOf(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
}

export function basic(label: string): string {
  return basicOf(accountOf(label).sid, accountOf(label).password)
}
