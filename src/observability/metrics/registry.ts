import { Counter, Registry } from 'prom-client'
import type { UpstreamObserver } from '../../restcomm/http/upstreamObserver.ts'
import type { MetricsSnapshot } from './aggregate.ts'
import { type GaugeValues, registerGauges } from './gauges.ts'
import { createOperationMetrics, type OperationMetrics } from './operationMetrics.ts'
import { processMetricsRegistry } from './processMetrics.ts'
import { createUpstreamMetrics } from './upstreamMetrics.ts'

/** All metrics of a gateway. `docs/operations.md` lists every metric. */
export interface MetricsRegistry {
  readonly operations: OperationMetrics
  readonly upstream: UpstreamObserver
  countUnhandledRejection(): void
  exposition(): Promise<string>
  /** Returns the metrics for aggregation across processes. Omits NaN and infinity, which JSON does not support. */
  snapshot(): Promise<MetricsSnapshot>
  readonly contentType: string
}

export function createMetricsRegistry(readGaugeValues: () => GaugeValues): MetricsRegistry {
  const registry = new Registry()
  const processRegistry = processMetricsRegistry()
  registerGauges(registry, readGaugeValues)
  const rejections = new Counter({
    name: 'restcomm_graphql_unhandled_rejections_total',
    help: 'Unhandled promise rejections. Each is a bug in the gateway.',
    registers: [registry],
  })
  return {
    operations: createOperationMetrics(registry),
    upstream: createUpstreamMetrics(registry),
    countUnhandledRejection: () => rejections.inc(),
    exposition: async () => {
      const texts = await Promise.all([registry.metrics(), processRegistry.metrics()])
      // prom-client writes `Nan` for missing values; the format defines `NaN` only.
      return texts.join('\n').replace(/ Nan$/gm, ' NaN')
    },
    snapshot: async () => {
      const metrics = (await Promise.all([registry, processRegistry].map(each => each.getMetricsAsJSON()))).flat()
      return metrics.map(metric => ({ ...metric, values: metric.values.filter(({ value }) => Number.isFinite(value)) }))
    },
    contentType: registry.contentType,
  }
}
