import DataLoader from 'dataloader'
import type { Trace } from '../tracer.ts'

/** What a batch function answers with: each key's value, or its own error, in the order of the keys. */
export const settledEach = async <K, V>(keys: readonly K[], lookUp: (key: K) => Promise<V>): Promise<(V | Error)[]> => {
  const results = await Promise.allSettled(keys.map(lookUp))
  return results.map(result => (result.status === 'fulfilled' ? result.value : asError(result.reason)))
}

const asError = (reason: unknown): Error => (reason instanceof Error ? reason : new Error(String(reason)))

/**
 * One look-up per distinct key and request, all of them in parallel. A key that fails rejects alone; its neighbours
 * still resolve.
 */
export const eachAlone = <K, V>(
  told: Told,
  lookUp: (key: K) => Promise<V>,
  nameOf: (key: K) => string,
): DataLoader<K, V, string> =>
  new DataLoader<K, V, string>(
    toldBatch(told, keys => settledEach(keys, lookUp)),
    { cacheKeyFn: nameOf },
  )

/** Where a loader's batches are told, and what they are of. */
interface Told {
  readonly trace: Trace
  readonly noun: string
}

/** The batch function of a loader, told as one piece of work. */
export const toldBatch =
  <K, V>({ trace, noun }: Told, batch: DataLoader.BatchLoadFn<K, V>): DataLoader.BatchLoadFn<K, V> =>
  keys =>
    trace.within(`batch ${noun}`, { 'batch.size': keys.length }, () => batch(keys))
