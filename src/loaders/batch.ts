import { SpanStatusCode, trace } from '@opentelemetry/api'
import DataLoader from 'dataloader'

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
  label: string,
  lookup: (key: K) => Promise<V>,
  cacheKeyFn: (key: K) => string,
): DataLoader<K, V, string> {
  return new DataLoader<K, V, string>(
    tracedBatch(label, keys => settleAll(keys, lookup)),
    { cacheKeyFn },
  )
}

/** Records each batch of a traced operation as a span `batch <label>`, the parent of the batch's upstream requests. */
export function tracedBatch<K, V>(label: string, batch: DataLoader.BatchLoadFn<K, V>): DataLoader.BatchLoadFn<K, V> {
  return keys => {
    if (trace.getActiveSpan() === undefined) return batch(keys)
    const attributes = { 'batch.size': keys.length }
    return trace.getTracer('restcomm-graphql').startActiveSpan(`batch ${label}`, { attributes }, async span => {
      try {
        return await batch(keys)
      } catch (error) {
        span.setAttribute('error.type', error instanceof Error ? error.name : 'unknown')
        span.setStatus({ code: SpanStatusCode.ERROR })
        throw error
      } finally {
        span.end()
      }
    })
  }
}
