import { SpanStatusCode, trace } from '@opentelemetry/api'
import DataLoader from 'dataloader'
import { asError } from '../restcomm/errors.ts'

/**
 * Loads rows by key, in batches, and remembers the rows. The cache of DataLoader is off, because a remembered row would
 * wait there for the rest of its batch.
 */
export class RowLoader<K, V> {
  readonly #batches: DataLoader<K, V>
  readonly #idOf: (key: K) => string
  readonly #rows = new Map<string, V | Promise<V>>()

  /** The span of a batch is named `batch <label>`. */
  constructor(label: string, idOf: (key: K) => string, loadBatch: DataLoader.BatchLoadFn<K, V>) {
    this.#batches = new DataLoader(
      keys => (trace.getActiveSpan() === undefined ? loadBatch(keys) : traceBatch(label, keys, loadBatch)),
      { cache: false },
    )
    this.#idOf = idOf
  }

  load(key: K): Promise<V> {
    const id = this.#idOf(key)
    let row = this.#rows.get(id)
    if (row === undefined) {
      row = this.#batches.load(key)
      this.#rows.set(id, row)
    }
    return Promise.resolve(row)
  }

  /** Adds a row that was read elsewhere. A row already loaded stays. */
  prime(key: K, row: V): void {
    const id = this.#idOf(key)
    if (!this.#rows.has(id)) this.#rows.set(id, row)
  }

  clear(): void {
    this.#rows.clear()
  }
}

/** Records the batch of a traced operation as a span, the parent of the batch's upstream requests. */
function traceBatch<K, V>(label: string, keys: readonly K[], loadBatch: DataLoader.BatchLoadFn<K, V>) {
  const attributes = { 'batch.size': keys.length }
  return trace.getTracer('restcomm-graphql').startActiveSpan(`batch ${label}`, { attributes }, async span => {
    try {
      return await loadBatch(keys)
    } catch (error) {
      span.setAttribute('error.type', error instanceof Error ? error.name : 'unknown')
      span.setStatus({ code: SpanStatusCode.ERROR })
      throw error
    } finally {
      span.end()
    }
  })
}

/** Returns a row or an error for each key, in the order of the keys. A failed lookup affects only its key. */
export async function loadEach<K, V>(keys: readonly K[], lookup: (key: K) => Promise<V>): Promise<(V | Error)[]> {
  const results = await Promise.allSettled(keys.map(lookup))
  return results.map(result => (result.status === 'fulfilled' ? result.value : asError(result.reason)))
}
