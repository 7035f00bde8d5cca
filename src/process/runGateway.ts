import type { Worker } from 'node:cluster'
import { configSummary, graphqlUrl } from '../config/configSummary.ts'
import type { Config } from '../config.ts'
import { type Gateway, startGateway } from '../gateway.ts'
import { ListenError, startHttpServer } from '../http/httpServer.ts'
import { createLogger } from '../observability/logger.ts'
import { WorkerMetrics } from '../observability/metrics/clusterMetrics.ts'
import { connectToPrimary } from './connectToPrimary.ts'
import { startSandboxServer } from './sandboxServer.ts'
import { exitWithError, registerShutdown } from './shutdown.ts'

/** Runs the gateway until shutdown. If the process is not a worker, `worker` is null. */
export async function runGateway(config: Config, version: string, worker: Worker | null): Promise<void> {
  const clusterMetrics = worker === null ? null : new WorkerMetrics(worker)
  const log = createLogger(config.log.level)
  const sandbox = config.restcomm.url === null ? await startSandboxServer() : null
  const gateway = await startGateway({
    restcommUrl: config.restcomm.url ?? sandbox?.url ?? '',
    serviceCredentials: config.serviceCredentials ?? sandbox?.credentials ?? null,
    config,
    log,
    clusterMetrics,
  })
  // Without a listener, Node exits on an unhandled rejection and ends the requests of all clients.
  process.on('unhandledRejection', reason => gateway.onUnhandledRejection(reason))
  const { server, admin } = await listen(config, gateway)
  const shutDown = registerShutdown({
    ...config.shutdown,
    onStart: reason => {
      if (reason === 'replaced') {
        // The readiness check still succeeds, and open connections may still start subscriptions, because a new worker
        // already accepts connections, and clients must not notice the replacement.
        server.stopAccepting()
        admin?.stopAccepting()
      } else {
        gateway.startDraining()
        server.startDraining()
      }
    },
    drain: async () => {
      await server.close(() => gateway.drain())
      await admin?.close()
      await Promise.all([gateway.close(), sandbox?.close()])
      await clusterMetrics?.report()
    },
    log,
  })
  const { host } = config.http
  log.info({ version, host, port: server.port, metricsPort: admin?.port, isTraced: config.isTraced }, 'serving')
  // Of several workers, only the first worker prints the start-up lines.
  if (worker === null || worker.id === 1) {
    process.stdout.write(`restcomm-graphql ${version}\n${configSummary(config, sandbox?.url ?? null)}`)
    process.stdout.write(`  GraphQL      ${graphqlUrl(config, server.port)}\n`)
  }
  if (worker !== null) connectToPrimary(worker, shutDown)
  await clusterMetrics?.report()
}

/** Exits with code 1 if a port is not available. `admin` is null if metrics are served at the GraphQL port. */
async function listen({ http, connections, metrics: { host, port } }: Config, gateway: Gateway) {
  try {
    const handlers = { handle: gateway.handleAdmin }
    const admin =
      port === null ? null : await startHttpServer(handlers, { ...connections, host, port, settingPrefix: 'METRICS_' })
    return { server: await startHttpServer(gateway, { ...connections, ...http }), admin }
  } catch (error) {
    if (!(error instanceof ListenError)) throw error
    exitWithError(error.message)
    process.exit()
  }
}
