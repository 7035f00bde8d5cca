import { pino } from 'pino'
import { readConfig } from '../../src/config.ts'
import { parseRows, type Rows, type Sandbox, type SandboxOptions, startSandbox } from '../../src/sandbox/index.ts'
import { createGateway, type GatewayOptions } from '../../src/gateway.ts'
import { listen } from '../../src/http/listen.ts'
import { logOptions } from '../../src/observability/logger.ts'
import { startTracing } from '../../src/observability/tracing/startTracing.ts'
import { fixture } from './fixtures.ts'
import { keepWritten, secretHeader, secretSettings } from './secretScan.ts'

export interface Answer {
  // biome-ignore lint/suspicious/noExplicitAny: an answer has whatever was asked for, and a test says what that is.
  readonly data: any
  readonly errors?: readonly {
    readonly message: string
    readonly path?: readonly (string | number)[]
    readonly extensions?: { readonly code?: string; readonly requestId?: string }
  }[]
}

export interface Ask {
  readonly as?: string | { readonly user: string; readonly password: string } | null
  readonly variables?: Readonly<Record<string, unknown>>
  readonly headers?: Readonly<Record<string, string>>
}

/** A gateway in front of a sandbox, both listening, and a client of the one who can look at what the other was asked. */
export interface TestGateway {
  readonly url: string
  /** What is there for operators alone. */
  readonly operatorUrl: string
  readonly sandbox: Sandbox
  /** What was logged, a line each. */
  readonly logged: readonly string[]
  query(query: string, ask?: Ask): Promise<Answer>
  /** What the upstream was asked since the last call, without what all requests share. */
  asked(): string[]
  close(): Promise<void>
}

export interface TestGatewayOptions extends Omit<SandboxOptions, 'rows'> {
  readonly rows?: Rows
  readonly env?: Readonly<Record<string, string>>
  /** Instead of the sandbox. */
  readonly restcommUrl?: string
  /** What stands in for credentials that a request does not bring, without settings that say so: as `npm start` does it. */
  readonly ownCredentials?: GatewayOptions['ownCredentials']
  /** Other processes of the same gateway. */
  readonly colleagues?: GatewayOptions['colleagues']
}

export const startGateway = async ({
  rows,
  env,
  restcommUrl,
  ownCredentials,
  colleagues = null,
  ...options
}: TestGatewayOptions = {}): Promise<TestGateway> => {
  const sandbox = await startSandbox({ rows: rows ?? fixtureRows(), ...options })
  const config = readConfig({ RESTCOMM_URL: restcommUrl ?? sandbox.url, LOG_LEVEL: 'trace', ...env })
  secretSettings(env)
  const logged: string[] = []
  const failures: string[] = []
  const log = pino(logOptions(config.log.level), { write: line => logged.push(line) })
  const tracing = await startTracing(config.tracing, log)
  const gateway = createGateway({
    restcommUrl: restcommUrl ?? sandbox.url,
    ownCredentials: ownCredentials ?? config.service,
    config,
    log,
    tracing,
    colleagues,
  })
  const listening = await listen(gateway, { ...config.connections, host: '127.0.0.1', port: 0 })
  const operator = await listen({ handle: gateway.operate }, { ...config.connections, host: '127.0.0.1', port: 0 })
  const url = `http://127.0.0.1:${listening.port}/graphql`

  return {
    url,
    operatorUrl: `http://127.0.0.1:${operator.port}`,
    sandbox,
    logged,
    query: async (query, { as = 'conf137', variables, headers } = {}) => {
      const authorization = as === null ? null : typeof as === 'string' ? basic(as) : basicOf(as.user, as.password)
      const sent = {
        'content-type': 'application/json',
        ...(authorization !== null && { authorization }),
        ...headers,
      }
      if (sent.authorization !== undefined) secretHeader(sent.authorization)
      const response = await fetch(url, { method: 'POST', headers: sent, body: JSON.stringify({ query, variables }) })
      const answer = (await response.json()) as Answer
      if (answer.errors !== undefined) failures.push(JSON.stringify(answer))
      return answer
    },
    asked: () => {
      const asked = sandbox.requests.map(({ method, path }) => `${method} ${path.replace('/restcomm/2012-04-24/', '')}`)
      sandbox.clearRequests()
      return asked
    },
    close: async () => {
      const metrics = await fetch(`http://127.0.0.1:${operator.port}/metrics`)
      keepWritten('metrics', await metrics.text())
      await gateway.drain()
      await Promise.all([listening.stop(), operator.stop()])
      await gateway.close()
      await tracing?.close()
      await sandbox.close()
      keepWritten('log', logged.join(''))
      keepWritten('answers', failures.join('\n'))
    },
  }
}

const fixtureText = fixture('rows.json')
const fixtureRows = () => parseRows(fixtureText)

/** The invented accounts of the fixture, by what they are for. */
export const labels = (
  JSON.parse(fixtureText) as {
    labels: {
      accounts: Record<string, { sid: string; password: string }>
      conferences: Record<string, string>
      calls: Record<string, string>
    }
  }
).labels

export const accountOf = (label: string) => {
  const account = labels.accounts[label]
  if (account === undefined) throw new Error(`The fixture has no account '${label}'.`)
  return account
}

export const conferenceOf = (label: string): string => labels.conferences[label] ?? label
export const callOf = (label: string): string => labels.calls[label] ?? label

export const basicOf = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`

export const basic = (label: string): string => basicOf(accountOf(label).sid, accountOf(label).password)
