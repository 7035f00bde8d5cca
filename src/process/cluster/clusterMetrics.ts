import type { Worker } from 'node:cluster'
import type { MetricsAggregate } from '../../observability/metrics/aggregate.ts'
import { send, type ToPrimary } from './messages.ts'

/** How long workers may take to say what they have counted. Of one that is late, what it said last stands. Milliseconds. */
const PATIENCE = 2_000

interface Round {
  readonly missing: Set<number>
  readonly complete: () => void
}

/** What all workers have counted, in the primary. */
export class WorkerMetrics {
  readonly #combined: MetricsAggregate
  readonly #rounds = new Map<number, Round>()
  #next = 0

  constructor(combined: MetricsAggregate) {
    this.#combined = combined
  }

  /** Asks each, and puts together what they answer. */
  async exposition(workers: readonly Worker[]): Promise<string> {
    const round = this.#next++
    const { promise, resolve: complete } = Promise.withResolvers<void>()
    const late = setTimeout(complete, PATIENCE)
    this.#rounds.set(round, { missing: new Set(workers.map(({ id }) => id)), complete })
    if (workers.length === 0) complete()
    for (const worker of workers) void send(worker, { kind: 'count', round })
    await promise
    clearTimeout(late)
    this.#rounds.delete(round)
    return this.#combined.exposition()
  }

  counted({ id }: Worker, { round, snapshot }: Extract<ToPrimary, { kind: 'counted' }>): void {
    this.#combined.update(id, snapshot)
    if (round !== null) this.#answered(round, id)
  }

  /** It is gone, and whatever it said has arrived. */
  ended({ id }: Worker): void {
    this.#combined.remove(id)
    for (const round of this.#rounds.keys()) this.#answered(round, id)
  }

  #answered(number: number, id: number): void {
    const round = this.#rounds.get(number)
    round?.missing.delete(id)
    if (round?.missing.size === 0) round.complete()
  }
}
