import { collectDefaultMetrics, Registry } from 'prom-client'

let shared: Registry | undefined

/** Returns the metrics of the process, such as memory. All gateways in the process share the metrics. */
export function processMetricsRegistry(): Registry {
  if (shared === undefined) {
    shared = new Registry()
    collectDefaultMetrics({ register: shared })
  }
  return shared
}
