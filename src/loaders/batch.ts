import DataLoader from 'dataloader'
import type { Tracer } from '../tracer.ts'

/** Returns a value or an error for each key, in the order of the keys, as DataLoader expects. */
export async function settleAll<K, V>(keys: readonly K[], lookup: (key: K) => Promise<V>): Promise<(V | Error)[]> {
  const results = await Promise.allSettled(keys.map(lookup))
  return results.map(result => (result.status === 'fulfilled' ? result.value : toError(result.reason)))
}

function toError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason))
}

/** Creates a loader that looks up all distinct keys in parallel. A failed lookup rejects only the affected key. */
export function perKeyLoader<K, V>(
  trace: BatchTrace,
  lookup: (key: K) => Promise<V>,
  cacheKeyFn: (key: K) => string,
): DataLoader<K, V, string> {
  return new DataLoader<K, V, string>(
    tracedBatch(trace, keys => settleAll(keys, lookup)),
    { cacheKeyFn },
  )
}

interface BatchTrace {
  readonly tracer: Tracer
  /** The span name is `batch <label>`. */
  readonly label: string
}

export function tracedBatch<K, V>(
  { tracer, label }: BatchTrace,
  batch: DataLoader.BatchLoadFn<K, V>,
): DataLoader.BatchLoadFn<K, V> {
  return keys => tracer.withSpan(`batch ${label}`, { 'batch.size': keys.length }, () => batch(keys))
}
