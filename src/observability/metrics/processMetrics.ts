import { collectDefaultMetrics, Registry } from 'prom-client'

let shared: Registry | undefined

/** Memory, garbage collection, event loop lag. Shared by all gateways in the process. */
export function processMetricsRegistry(): Registry {
  if (shared === undefined) {
    shared = new Registry()
    collectDefaultMetrics({ register: shared })
  }
  return shared
}
