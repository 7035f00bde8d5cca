import type { RequestListener } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Config } from '../config.ts'
import type { HttpServer } from '../http/httpServer.ts'
import type { ClusterMetrics } from '../observability/metrics/aggregate.ts'
import { configSummary } from './configSummary.ts'
import type { ProcessHost } from './processHost.ts'
import { startEmbeddedSandbox } from './sandboxServer.ts'
import { registerShutdown, type Shutdown, type ShutdownStep } from './shutdown.ts'

export interface PrimaryLink {
  /** Only the first worker prints the start-up lines. */
  readonly isFirst: boolean
  readonly clusterMetrics: ClusterMetrics
  /** Reports the worker as serving. If the primary requests a shutdown or ends, starts `shutdown`. */
  onServing(shutdown: Shutdown): void
  flushMetrics(): Promise<void>
  disconnect(): void
}

const SANDBOX_CLOSE_TIMEOUT_MS = 1_000

/** Runs the gateway until shutdown. If the process is not a worker, `primary` is null. */
export async function runGateway(
  config: Config,
  host: ProcessHost,
  version: string,
  primary: PrimaryLink | null,
): Promise<void> {
  const [{ startGateway }, { createLogger }, { ListenError, startHttpServer }] = await Promise.all([
    import('../gateway.ts'),
    import('../observability/logger.ts'),
    import('../http/httpServer.ts'),
  ])
  const log = createLogger(config.log.level)
  const sandbox = config.restcomm.url === null ? await startEmbeddedSandbox(config.sandbox) : null
  const restcommUrl = config.restcomm.url ?? sandbox?.url ?? ''
  const gateway = await startGateway({
    restcommUrl,
    serviceCredentials: config.serviceCredentials ?? sandbox?.credentials ?? null,
    config,
    log,
    clusterMetrics: primary?.clusterMetrics ?? null,
  })
  // Without a listener, Node exits on an unhandled rejection and ends the requests of all clients.
  host.onUnhandledRejection(reason => gateway.onUnhandledRejection(reason))
  const close = () => Promise.all([gateway.close(), Promise.race([sandbox?.close(), sleep(SANDBOX_CLOSE_TIMEOUT_MS)])])
  let admin: HttpServer | null = null
  try {
    admin = await listenForAdmin(config, gateway.handleAdmin)
    const listening = await startHttpServer(gateway, { ...config.connections, ...config.http })
    const shutdown = registerShutdown(
      host,
      {
        startDraining: () => {
          gateway.startDraining()
          listening.startDraining()
        },
        // The readiness check still succeeds, and open connections may still start subscriptions, because a new worker
        // already accepts connections, and clients must not notice the replacement.
        stopAccepting: () => {
          listening.stopAccepting()
          admin?.stopAccepting()
        },
        drain: async () => {
          await listening.close(() => gateway.drain())
          await admin?.close()
          await close()
          await primary?.flushMetrics()
        },
      },
      {
        ...config.shutdown,
        // After SIGINT, the level is debug, because the user at the terminal knows about the shutdown.
        onStep: (step, signal) => {
          const { level, event, setting } = SHUTDOWN_LOG_ENTRIES[step]
          log[signal === 'SIGINT' ? 'debug' : level]({ signal: signal ?? undefined, setting }, event)
        },
      },
    )
    host.onUncaughtException(error => {
      log.fatal({ err: error }, 'uncaught exception, shutting down')
      shutdown.startFatal()
    })
    log.info(
      {
        version,
        host: config.http.host,
        port: listening.port,
        metricsPort: admin?.port,
        isTraced: config.isTraced,
      },
      'serving',
    )
    if (primary === null || primary.isFirst) {
      host.writeStdout(`restcomm-graphql ${version}\n${configSummary(config, sandbox?.url ?? null)}`)
      host.writeStdout(`  GraphQL      ${graphqlUrl(config, listening.port)}\n`)
    }
    primary?.onServing(shutdown)
  } catch (error) {
    if (!(error instanceof ListenError)) throw error
    host.exitWithError(error.message)
    await admin?.close()
    await close()
    primary?.disconnect()
  }
}

/** Returns null if metrics are served at the GraphQL port. */
async function listenForAdmin({ metrics, connections }: Config, handle: RequestListener): Promise<HttpServer | null> {
  if (metrics.port === null) return null
  const { startHttpServer } = await import('../http/httpServer.ts')
  const settingNames = { host: 'METRICS_HOST', port: 'METRICS_PORT' }
  return startHttpServer({ handle }, { ...connections, host: metrics.host, port: metrics.port, settingNames })
}

function graphqlUrl({ http }: Config, port: number): string {
  const name = ['127.0.0.1', '0.0.0.0', '::', '::1'].includes(http.host) ? 'localhost' : http.host
  return `http://${name}:${port}/graphql${http.graphiql ? ' (open in a browser for GraphiQL)' : ''}`
}

interface ShutdownLogEntry {
  readonly level: 'info' | 'warn'
  readonly event: string
  readonly setting?: string
}

const SHUTDOWN_LOG_ENTRIES: Readonly<Record<ShutdownStep, ShutdownLogEntry>> = {
  draining: { level: 'info', event: 'shutdown started' },
  replaced: { level: 'info', event: 'worker replaced' },
  finished: { level: 'info', event: 'shutdown complete' },
  'timed-out': { level: 'warn', event: 'shutdown timed out', setting: 'SHUTDOWN_TIMEOUT_MS' },
  // A second signal forces the exit.
  forced: { level: 'warn', event: 'shutdown forced' },
}
