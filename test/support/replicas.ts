import { pino } from 'pino'
import { onTestFinished } from 'vitest'
import { readConfig } from '../../src/config.ts'
import { connectShared } from '../../src/redis/replicaServices.ts'
import { parseRows, type Sandbox, startSandbox } from '../../src/sandbox/index.ts'
import { createGateway } from '../../src/gateway.ts'
import { listen } from '../../src/http/listen.ts'
import { logOptions } from '../../src/observability/logger.ts'
import { fixture } from './fixtures.ts'
import { until } from './waitFor.ts'

const ROWS = parseRows(fixture('rows.json'))

/**
 * Gateways of one process before one sandbox, which know of each other by Redis alone. They are gone after the test.
 * `wayTo` is the address by which the replica of an index reaches it.
 */
export const startReplicas = async (
  count: number,
  redisUrl: string,
  env: Record<string, string> = {},
  wayTo: (sandboxUrl: string, index: number) => string | Promise<string> = sandboxUrl => sandboxUrl,
) => {
  const sandbox: Sandbox = await startSandbox({ rows: ROWS })
  onTestFinished(() => sandbox.close())
  const logged: string[] = []
  const urls: string[] = []
  for (let i = 0; i < count; i++) {
    const config = readConfig({ RESTCOMM_URL: sandbox.url, REDIS_URL: redisUrl, LOG_LEVEL: 'trace', ...env })
    const log = pino(logOptions(config.log.level), { write: line => logged.push(line) })
    const shared = connectShared(redisUrl, sandbox.url, log)
    await until(() => shared.isReady, 'a replica reaches Redis')
    const gateway = createGateway({
      restcommUrl: await wayTo(sandbox.url, i),
      ownCredentials: null,
      config,
      log,
      tracing: null,
      shared,
    })
    const listening = await listen(gateway, { ...config.connections, host: '127.0.0.1', port: 0 })
    onTestFinished(async () => {
      await gateway.drain()
      await listening.stop()
      await gateway.close()
      await shared.close()
    })
    urls.push(`http://127.0.0.1:${listening.port}/graphql`)
  }
  return { sandbox, urls, logged }
}

/** What a gateway answers. */
export const ask = async (url: string, authorization: string, query: string) => {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization },
    body: JSON.stringify({ query }),
  })
  // biome-ignore lint/suspicious/noExplicitAny: an answer has whatever was asked for.
  return (await response.json()) as any
}
