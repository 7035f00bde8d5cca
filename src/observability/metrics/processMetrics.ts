import { collectDefaultMetrics, Registry } from 'prom-client'

let shared: Registry | undefined

/** Memory, garbage collection, event-loop lag and the like: those of the process, however many gateways are in it. */
export const processMetrics = (): Registry => {
  if (shared === undefined) {
    shared = new Registry()
    collectDefaultMetrics({ register: shared })
  }
  return shared
}
