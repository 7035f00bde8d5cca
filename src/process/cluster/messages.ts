import type { Worker } from 'node:cluster'
import type { MetricsSnapshot } from '../../observability/metrics/aggregate.ts'
import type { Signal } from '../processHost.ts'

/** What the primary tells a worker. */
export type ToWorker =
  /** To end, as the signal says that the primary got. */
  | { readonly kind: 'stop'; readonly signal: Signal | null }
  /** To end, since another has its place. */
  | { readonly kind: 'hand over' }
  /** To say what it has counted. */
  | { readonly kind: 'count'; readonly round: number }
  /** What all have counted. */
  | { readonly kind: 'exposition'; readonly question: number; readonly text: string }

/** What a worker tells the primary. */
export type ToPrimary =
  | { readonly kind: 'serving' }
  /** Without a round, they are its last. */
  | { readonly kind: 'counted'; readonly round: number | null; readonly snapshot: MetricsSnapshot }
  /** Somebody asks this worker what all have counted. */
  | { readonly kind: 'expose'; readonly question: number }

/** Resolves once it is sent, or cannot be: the other end may be gone at any time, and both sides see that otherwise. */
export const send = (worker: Worker, message: ToWorker | ToPrimary): Promise<void> =>
  new Promise(resolve => {
    worker.send(message, () => resolve())
  })
