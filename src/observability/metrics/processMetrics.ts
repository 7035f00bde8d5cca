import { collectDefaultMetrics, Registry } from 'prom-client'

let shared: Registry | undefined

/** Returns the metrics of memory, garbage collection and event loop lag, shared by all gateways in the process. */
export function processMetricsRegistry(): Registry {
  if (shared === undefined) {
    shared = new Registry()
    collectDefaultMetrics({ register: shared })
  }
  return shared
}
