import { Counter, Registry } from 'prom-client'

/** What is counted, for Prometheus. */
export interface Metrics {
  /** A cursor's row was found at another position than the cursor has. */
  anchorMoved(): void
  /** A cursor's row was not found, and paging went on from its position. */
  anchorLost(): void
  /** The text that Prometheus reads. */
  exposition(): Promise<string>
  readonly contentType: string
}

export const createMetrics = (): Metrics => {
  const registry = new Registry()
  const anchors = new Counter({
    name: 'restcomm_graphql_cursor_anchors_total',
    help: 'Cursors whose row no longer stood at their position: found elsewhere (moved), or not found (lost).',
    labelNames: ['outcome'],
    registers: [registry],
  })
  anchors.inc({ outcome: 'moved' }, 0)
  anchors.inc({ outcome: 'lost' }, 0)
  return {
    anchorMoved: () => anchors.inc({ outcome: 'moved' }),
    anchorLost: () => anchors.inc({ outcome: 'lost' }),
    exposition: () => registry.metrics(),
    contentType: registry.contentType,
  }
}
