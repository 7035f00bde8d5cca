import type { RequestListener } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Config } from '../config.ts'
import type { Colleagues } from '../observability/metrics/aggregate.ts'
import type { Listening } from '../http/listen.ts'
import { startEmbedded } from './sandboxServer.ts'
import type { Host } from './host.ts'
import { onceStopped, type Shutdown, type Step } from './shutdown.ts'
import { summary } from './startupBanner.ts'

/** The connection of a worker process to the primary process. */
export interface Primary {
  /** The first worker prints the start-up lines for all workers. */
  readonly isFirst: boolean
  readonly colleagues: Colleagues
  /** Reports readiness to the primary process, and runs `shutdown` on its order or when it is gone. */
  obey(shutdown: Shutdown): void
  /** Sends the final metrics of this process. */
  lastWords(): Promise<void>
  /** Disconnects, so that this process can exit. */
  leave(): void
}

/** How long closing what nobody uses any more may take. Milliseconds. */
const CLOSING = 1_000

/** Serves the graph until the process is told to stop: by itself, or as a worker of the primary. */
export const serve = async (config: Config, host: Host, version: string, primary: Primary | null): Promise<void> => {
  const [{ startGateway }, { createLog }, { ListenError, listen }] = await Promise.all([
    import('../gateway.ts'),
    import('../observability/logger.ts'),
    import('../http/listen.ts'),
  ])
  const log = createLog(config.log.level)
  const embedded = config.restcomm.url === null ? await startEmbedded(config.sandbox) : null
  const restcommUrl = config.restcomm.url ?? embedded?.url ?? ''
  const gateway = await startGateway({
    restcommUrl,
    ownCredentials: config.service ?? embedded?.credentials ?? null,
    config,
    log,
    colleagues: primary?.colleagues ?? null,
  })
  // A mistake in one request is no reason to end the others.
  host.onUnhandledRejection(reason => gateway.unhandled(reason))
  const close = async () => {
    await gateway.close()
    await Promise.race([embedded?.close(), sleep(CLOSING)])
  }
  let operator: Listening | null = null
  try {
    operator = await listenForOperators(config, gateway.operate)
    const listening = await listen(gateway, { ...config.connections, ...config.http })
    const shutdown = onceStopped(
      host,
      {
        retire: () => {
          gateway.retire()
          listening.retire()
        },
        // New subscriptions on connections that are still there are taken, and readiness stays: nobody should notice.
        handOver: () => {
          listening.leave()
          operator?.leave()
        },
        finish: async () => {
          await listening.stop(() => gateway.drain())
          await operator?.stop()
          await close()
          await primary?.lastWords()
        },
      },
      {
        ...config.shutdown,
        // Whoever sits at a terminal knows.
        onStep: (step, signal) => log[signal === 'SIGINT' ? 'debug' : LEVELS[step]](STEPS[step]),
      },
    )
    host.onUncaughtException(thrown => {
      log.fatal({ err: thrown }, 'something was thrown and not caught: this process cannot be trusted any more')
      shutdown.giveUp()
    })
    log.info(
      {
        version,
        host: config.http.host,
        port: listening.port,
        metricsPort: operator?.port,
        isTraced: config.tracing !== null,
      },
      'serving',
    )
    if (primary === null || primary.isFirst) {
      host.say(`restcomm-graphql ${version}\n${summary(config, embedded?.url ?? null)}`)
      host.say(`  GraphQL   ${linkTo(config, listening.port)}\n`)
    }
    primary?.obey(shutdown)
  } catch (error) {
    if (!(error instanceof ListenError)) throw error
    host.fail(error.message)
    await operator?.stop()
    await close()
    primary?.leave()
  }
}

/** Where metrics have a port of their own, that one; null where they are served beside the graph. */
const listenForOperators = async (
  { metrics, connections }: Config,
  handle: RequestListener,
): Promise<Listening | null> => {
  if (metrics.port === null) return null
  const { listen } = await import('../http/listen.ts')
  const settings = { host: 'METRICS_HOST', port: 'METRICS_PORT' }
  return listen({ handle }, { ...connections, host: metrics.host, port: metrics.port, settings })
}

const linkTo = ({ http }: Config, port: number): string => {
  const name = ['127.0.0.1', '0.0.0.0', '::', '::1'].includes(http.host) ? 'localhost' : http.host
  return `http://${name}:${port}/graphql${http.graphiql ? ' (open it in a browser to explore)' : ''}`
}

const LEVELS: Readonly<Record<Step, 'info' | 'warn'>> = {
  draining: 'info',
  'handing over': 'info',
  finished: 'info',
  'cut off': 'warn',
  'ended at once': 'warn',
}

const STEPS: Readonly<Record<Step, string>> = {
  draining: 'told to stop: not ready any more',
  'handing over': 'another worker has the place of this one: no more connections are taken',
  finished: 'everything that was under way is done',
  'cut off': 'the time to stop is up (SHUTDOWN_TIMEOUT_MS): what was still under way is cut off',
  'ended at once': 'told to stop a second time: what was still under way is cut off',
}
