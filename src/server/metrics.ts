import { Counter, Gauge, Registry } from 'prom-client'

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

/** What is read at the moment that Prometheus asks. */
export interface Figures {
  readonly watches: number
  readonly subscribers: number
}

export const createMetrics = (figures: () => Figures): Metrics => {
  const registry = new Registry()
  for (const [name, help] of [
    ['watches', 'Conferences and accounts that are watched, each by one poll loop.'],
    ['subscribers', 'Subscriptions that are fed by watches.'],
  ] as const) {
    new Gauge({
      name: `restcomm_graphql_${name}`,
      help,
      registers: [registry],
      collect() {
        this.set(figures()[name])
      },
    })
  }
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
