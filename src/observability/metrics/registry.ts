import { Counter, Registry } from 'prom-client'
import type { UpstreamObserver } from '../../restcomm/http/observer.ts'
import type { Snapshot } from './aggregate.ts'
import { type Figures, readFigures } from './gauges.ts'
import { type OperationMetrics, operationMetrics } from './operationMetrics.ts'
import { processMetrics } from './processMetrics.ts'
import { upstreamMetrics } from './upstreamMetrics.ts'

/** What is counted, for Prometheus. Each has a line in docs/operations.md. */
export interface Metrics {
  readonly operations: OperationMetrics
  readonly upstream: UpstreamObserver
  /** A cursor's row was found at another position than the cursor has. */
  anchorMoved(): void
  /** A cursor's row was not found, and paging went on from its position. */
  anchorLost(): void
  /** A promise was rejected, and nobody waited for it. */
  unhandledRejection(): void
  /** The text that Prometheus reads. */
  exposition(): Promise<string>
  /** The same, to be put together with that of other processes. What there is no figure of is left out. */
  snapshot(): Promise<Snapshot>
  readonly contentType: string
}

export const createMetrics = (figures: () => Figures): Metrics => {
  const registry = new Registry()
  const own = processMetrics()
  readFigures(registry, figures)
  const anchors = new Counter({
    name: 'restcomm_graphql_cursor_anchors_total',
    help: 'Cursors whose row no longer stood at their position: found elsewhere (moved), or not found (lost).',
    labelNames: ['outcome'],
    registers: [registry],
  })
  anchors.inc({ outcome: 'moved' }, 0)
  anchors.inc({ outcome: 'lost' }, 0)
  const rejections = new Counter({
    name: 'restcomm_graphql_unhandled_rejections_total',
    help: 'Promises that were rejected and that nobody waited for: each is a mistake in the gateway.',
    registers: [registry],
  })
  return {
    operations: operationMetrics(registry),
    upstream: upstreamMetrics(registry),
    anchorMoved: () => anchors.inc({ outcome: 'moved' }),
    anchorLost: () => anchors.inc({ outcome: 'lost' }),
    unhandledRejection: () => rejections.inc(),
    exposition: async () => {
      const texts = await Promise.all([registry.metrics(), own.metrics()])
      // Prometheus reads a `Nan` as well, as what there is no figure of is called here; its format knows `NaN` only.
      return texts.join('\n').replace(/ Nan$/gm, ' NaN')
    },
    snapshot: async () => {
      const metrics = (await Promise.all([registry, own].map(each => each.getMetricsAsJSON()))).flat()
      return metrics.map(metric => ({ ...metric, values: metric.values.filter(({ value }) => Number.isFinite(value)) }))
    },
    contentType: registry.contentType,
  }
}
