import { pino } from 'pino'
import { onTestFinished } from 'vitest'
import { sha256 } from '../../src/auth/upstreamCredentials.ts'
import { createGateway } from '../../src/gateway.ts'
import { startHttpServer } from '../../src/http/httpServer.ts'
import { loggerOptions } from '../../src/observability/logger.ts'
import { redisNames } from '../../src/redis/redisConnection.ts'
import { connectShared } from '../../src/redis/replicaServices.ts'
import { parseRows, type Sandbox, startSandbox } from '../../src/sandbox/index.ts'
import { type ConfigOverrides, readTestConfig } from './config.ts'
import { fixture } from './fixtures.ts'
import { TEST_SECRET } from './gatewaySecret.ts'
import { waitUntil } from './waitUntil.ts'

const ROWS = parseRows(fixture('rows.json'))

/** Starts gateways with a common sandbox and Redis. `upstreamUrl` can put a proxy between a replica and the sandbox. */
export async function startReplicas(
  count: number,
  redisUrl: string,
  env: Record<string, string> = {},
  upstreamUrl: (sandboxUrl: string, index: number) => string | Promise<string> = sandboxUrl => sandboxUrl,
  overrides: ConfigOverrides = {},
) {
  const sandbox: Sandbox = await startSandbox({ rows: ROWS })
  onTestFinished(() => sandbox.close())
  const logged: string[] = []
  const urls: string[] = []
  for (let i = 0; i < count; i++) {
    const config = readTestConfig(
      { RESTCOMM_URL: sandbox.url, REDIS_URL: redisUrl, GATEWAY_SECRET: TEST_SECRET, LOG_LEVEL: 'trace', ...env },
      overrides,
    )
    const log = pino(loggerOptions(config.log.level), { write: line => logged.push(line) })
    const replicaServices = connectShared(redisUrl, sandbox.url, TEST_SECRET, log)
    await waitUntil(() => replicaServices.connection.isReady, 'a replica is connected to Redis')
    const gateway = createGateway({
      restcommUrl: await upstreamUrl(sandbox.url, i),
      serviceCredentials: null,
      config,
      log,
      replicaServices,
    })
    const listening = await startHttpServer(gateway, { ...config.connections, host: '127.0.0.1', port: 0 })
    onTestFinished(async () => {
      await gateway.drain()
      await listening.close()
      await gateway.close()
      await replicaServices.close()
    })
    urls.push(`http://127.0.0.1:${listening.port}/graphql`)
  }
  return { sandbox, urls, logged }
}

export async function sendQuery(url: string, authorization: string, query: string) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization },
    body: JSON.stringify({ query }),
  })
  // biome-ignore lint/suspicious/noExplicitAny: the type of an answer depends on the query.
  return (await response.json()) as any
}

/** The name of a key of a watch in Redis, for gateways started with `startReplicas`. */
export function watchKey({ url }: Sandbox, kind: 'lease' | 'state' | 'watch', authorization: string, resource: string) {
  return redisNames(TEST_SECRET, url)(kind, `${sha256(authorization)} ${resource}`)
}
