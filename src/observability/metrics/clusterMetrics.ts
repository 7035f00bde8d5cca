import type { Worker } from 'node:cluster'
import { once } from 'node:events'
import { MetricsAggregate } from './aggregate.ts'
import type { MetricsSnapshot } from './registry.ts'

/** Metrics of all worker processes, seen from a worker. */
export type ClusterMetrics = Pick<WorkerMetrics, 'register' | 'exposition'>

/** Message between a worker and the primary. */
export type MetricsMessage =
  | { readonly kind: 'report metrics' }
  | { readonly kind: 'metrics'; readonly snapshot: MetricsSnapshot }
  | { readonly kind: 'request cluster metrics' }
  | { readonly kind: 'cluster metrics'; readonly text: string }

/** If a worker does not report in time, the values of the previous report are used. */
const REPORT_TIMEOUT_MS = 2_000
const EXPOSITION_TIMEOUT_MS = 5_000

/** In a worker: reports metrics to the primary, and requests the metrics of all workers. */
export class WorkerMetrics {
  readonly #worker: Worker
  #snapshot: () => Promise<MetricsSnapshot> = async () => []

  constructor(worker: Worker) {
    this.#worker = worker
    // Each request in progress adds a listener.
    worker.setMaxListeners(0)
    worker.on('message', (message: MetricsMessage) => {
      if (message.kind === 'report metrics') void this.report()
      if (message.kind === 'cluster metrics') worker.emit('cluster metrics', message.text)
    })
  }

  /** Registers the metrics of the current worker process. */
  register(snapshot: () => Promise<MetricsSnapshot>): void {
    this.#snapshot = snapshot
  }

  /** The primary includes the worker from the first report on. */
  async report(): Promise<void> {
    await send(this.#worker, { kind: 'metrics', snapshot: await this.#snapshot() })
  }

  /** Text format of Prometheus, for all workers. Rejects if the primary process does not respond. */
  async exposition(): Promise<string> {
    const response = once(this.#worker, 'cluster metrics', { signal: AbortSignal.timeout(EXPOSITION_TIMEOUT_MS) })
    void send(this.#worker, { kind: 'request cluster metrics' })
    const [text] = (await response) as [string]
    return text
  }
}

/** In the primary: collects the metrics of the workers, and responds to the requests of the workers. */
export class PrimaryMetrics {
  readonly #aggregate = new MetricsAggregate()
  readonly #reporting = new Set<Worker>()
  readonly #reportTimeoutMs: number

  constructor(reportTimeoutMs: number = REPORT_TIMEOUT_MS) {
    this.#reportTimeoutMs = reportTimeoutMs
  }

  add(worker: Worker): void {
    worker.setMaxListeners(0)
    worker.on('message', (message: MetricsMessage) => {
      if (message.kind === 'metrics') {
        this.#reporting.add(worker)
        this.#aggregate.update(worker.id, message.snapshot)
        worker.emit('metrics reported')
      } else if (message.kind === 'request cluster metrics') {
        void this.#exposition().then(text => send(worker, { kind: 'cluster metrics', text }))
      }
    })
    // The last messages can arrive after the exit, but not after the disconnect.
    worker.once('disconnect', () => {
      this.#reporting.delete(worker)
      this.#aggregate.remove(worker.id)
      worker.emit('metrics reported')
    })
  }

  async #exposition(): Promise<string> {
    const reports = [...this.#reporting].map(worker => {
      void send(worker, { kind: 'report metrics' })
      const timeout = AbortSignal.timeout(this.#reportTimeoutMs)
      return once(worker, 'metrics reported', { signal: timeout }).catch(() => undefined)
    })
    await Promise.all(reports)
    return this.#aggregate.exposition()
  }
}

/** Resolves after the message is sent, or after a failure: the other process may end at any time. */
function send(worker: Worker, message: MetricsMessage): Promise<void> {
  return new Promise(resolve => {
    worker.send(message, () => resolve())
  })
}
